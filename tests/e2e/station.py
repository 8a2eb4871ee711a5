"""A review station on a workspace of its own, and people who work at it in a real browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from ocr_pipeline.registers.fields import Field
from ocr_pipeline.resources import shipped
from ocr_pipeline.review import accounts
from ocr_pipeline.review.accounts import Role
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.workspace import Workspace

COMMAND = [sys.executable, "-c", "from ocr_pipeline.cli import main; main()"]
PASSWORD = "cây đa bến nước"
SCREEN = {"width": 1366, "height": 768}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
WAIT_S = 60  # for the server to come up on a busy machine


def sohoa(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False
    )


@dataclass
class Station:
    """`sohoa serve` as a process, on the same port when it is started again."""

    workspace: Path
    port: int = 0
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.process = subprocess.Popen(
            [*COMMAND, "serve", "--workspace", str(self.workspace), "--port", str(self.port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
                break
        else:
            raise AssertionError(f"the server did not start:\n{said}")
        with urlopen(f"{self.address}/login", timeout=WAIT_S) as answer:
            assert answer.status == 200

    def kill(self) -> None:
        """As by a power cut."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def person(self, name: str, role: Role) -> None:
        """An account."""
        with Workspace.open(self.workspace) as ws:
            accounts.create_user(ws, name, role, PASSWORD, f"{name.title()} (thử)")

    def fields(self, book: str) -> list[dict[str, Field]]:
        """Fields by code of each record of a book, as the store has them."""
        with Workspace.open(self.workspace) as ws, ws.read_session() as session:
            return [dict(record.fields) for record in load_records(session, book)]


@dataclass
class Seat:
    """Somebody signed in, in a browser of his own."""

    station: Station
    name: str
    page: Any
    faults: list[str] = field(default_factory=list)

    @classmethod
    def take(cls, station: Station, browser: Any, name: str) -> Seat:
        context = browser.new_context(viewport=SCREEN, locale="vi-VN")
        context.set_default_timeout(20_000)
        seat = cls(station, name, context.new_page())
        seat.page.on("pageerror", lambda error: seat.faults.append(str(error)))
        seat.page.goto(f"{station.address}/login")
        seat.page.fill("[name=name]", name)
        seat.page.fill("[name=password]", PASSWORD)
        with seat.page.expect_navigation():
            seat.page.keyboard.press("Enter")
        return seat

    def open(self, path: str) -> Any:
        self.page.goto(self.station.address + path)
        return self.page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def until(self, condition: str, argument: object = None) -> None:
        """Wait for a JavaScript condition."""
        self.page.wait_for_function(condition, arg=argument)

    def one_held(self, held: list[Any]) -> Any:
        """The request that a `route` put into `held`, once the browser has told of it."""
        end = time.monotonic() + WAIT_S
        while not held and time.monotonic() < end:
            self.page.wait_for_timeout(20)
        assert len(held) == 1, held
        return held.pop()

    def shown(self) -> dict[str, str] | None:
        """The field on the screen, once there is one; None when the queue is empty."""
        self.until(
            "() => (document.querySelector('#screen').dataset.state === 'idle'"
            " || (document.querySelector('#screen').dataset.state === 'item'"
            " && ['seen', 'failed', 'acknowledged']"
            ".includes(document.querySelector('#screen').dataset.sight)))"
            " && !document.querySelector('#idle:not([hidden])')?.textContent.includes('Đang lấy')"
        )
        return self.page.evaluate(
            "() => { const s = document.querySelector('#screen').dataset;"
            " return s.state === 'item' ? {field: s.field, lane: s.lane, code: s.code,"
            " record: s.record, page: s.page, position: s.position,"
            " value: document.querySelector('#value').value} : null; }"
        )

    def tiles_seen(self, count: int) -> None:
        """Wait until this many crops of a group have been on the screen."""
        self.until(
            "(n) => document.querySelector('#confirm-group').textContent"
            ".startsWith(`Xác nhận ${n} `)",
            count,
        )

    def row_seen(self) -> None:
        """Wait until the row of a record has been on the screen with its scan."""
        self.until("() => document.querySelector('#record').dataset.sight === 'seen'")

    def decide(self, action: Callable[[], None]) -> None:
        """Do what decides the field shown, and wait for the next one (or the end)."""
        before = self.page.evaluate("() => document.querySelector('#screen').dataset.turn")
        action()
        self.until("(turn) => document.querySelector('#screen').dataset.turn !== turn", before)

    def saved(self) -> None:
        """Wait until the server has everything."""
        self.until("() => document.querySelector('#save-state').dataset.state === 'saved'")

    def api(self, method: str, path: str, body: object = None) -> Any:
        """Call a JSON route as the page itself does."""
        return self.page.evaluate(
            """async ([method, path, body]) => {
              const api = await import("/static/js/api.js");
              return method === "GET" ? api.get(path) : api[method.toLowerCase()](path, body);
            }""",
            [method, path, body],
        )


def truth(book: str) -> dict[tuple[str, int, str], str]:
    """True values of a sample book by page, position and code; unreadable ones are left out."""
    data = json.loads((shipped("sample_scans") / book / "truth.json").read_text("utf-8"))
    return {
        (page["page"], record["position"], code): own["value"]
        for page in data["pages"]
        for record in page["records"]
        for code, own in record["fields"].items()
    }
