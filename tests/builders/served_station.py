"""The real station in a process of its own, and people who work in it over HTTP."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.builders.review_office import PASSWORD

SERVE = [sys.executable, "-c", "from ocr_pipeline.cli import main; main()", "serve"]


@contextmanager
def serving(location, **environment: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of a running server, and its process (killed at the end)."""
    command = [*SERVE, "--workspace", str(location), "--port", "0"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ | environment,
    )
    try:
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line + process.stderr.read()
        yield found[0], process
    finally:
        process.kill()
        process.communicate()


class PersonOnline:
    """Somebody who signs in and works."""

    def __init__(self, address: str, name: str) -> None:
        self.client = httpx.Client(base_url=address, timeout=30)
        answer = self.client.post("/login", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        page = self.client.get("/").text
        self.client.headers["X-CSRF"] = re.search('name="csrf" content="(\\w+)"', page)[1]

    def take(self, count: int, **wishes: Any) -> list[dict[str, Any]]:
        answer = self.client.post("/api/queue/take", json={"count": count, **wishes})
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    def send(self, item: dict[str, Any], value: str) -> httpx.Response:
        said = {"field": item["field"], "action": "correct", "value": value, "base": item["base"]}
        return self.client.post("/api/decide", json={"decisions": [said]})

    def edit(self, field: int, value: str, base: int | None) -> httpx.Response:
        """Enter a value on the screen of its record, whether or not anything is in doubt."""
        said = {"field": field, "action": "correct", "value": value, "base": base, "lane": None}
        return self.client.post("/api/decide", json={"decisions": [said]})

    def correct(self, item: dict[str, Any], value: str) -> bool:
        answer = self.send(item, value)
        assert answer.status_code == 200, answer.text
        return answer.json()["outcomes"][0]["ok"]
