"""A small workspace with invented people, and browsers that are signed in to its station."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi.testclient import TestClient

from ocr_pipeline.books.book import Book
from ocr_pipeline.review import accounts
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.store.codec import record_to_json
from ocr_pipeline.store.ledger import LedgerKey, record_outcome
from ocr_pipeline.store.workspace import Workspace
from review_ui.app import create_app
from review_ui.settings import Settings
from tests.builders.books import make_book
from tests.builders.drawn_pages import fill_book
from tests.builders.kept_workers import kept_workers

BOOK = make_book(year=2016, path=Path("/scans/ks-2016-01"))
PASSWORD = "một mật khẩu dài"
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Browser:
    """A browser with somebody (or nobody) signed in."""

    client: TestClient
    csrf: str = ""

    def get(self, address: str, **options):
        return self.client.get(address, follow_redirects=False, **options)

    def send(self, method: str, address: str, json=None, data=None, headers=None):
        """What a page of the station sends."""
        own = {"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1"}
        if data is None:
            own["x-csrf"] = self.csrf
        else:
            data = {"csrf": self.csrf, **data}
        return self.client.request(
            method,
            address,
            json=json,
            data=data,
            headers={**own, **(headers or {})},
            follow_redirects=False,
        )

    def post(self, address: str, json=None, **options):
        return self.send("POST", address, json={} if json is None else json, **options)

    def form(self, address: str, **data):
        return self.send("POST", address, data=data)


class ReviewOffice:
    """A workspace with one small book, people of every role, and the web application."""

    def __init__(self, folder: Path, settings: Settings | None = None) -> None:
        self.workspace = Workspace.open(folder / "ws")
        fill(self.workspace, folder / "scans")
        self.clock = Clock()
        self.settings = replace(settings or Settings(), prepare=False)
        with kept_workers():
            self.app = create_app(self.workspace, self.settings, self.clock)
        self.people: dict[str, User] = {}

    def person(self, name: str, role: Role) -> User:
        if name not in self.people:
            self.people[name] = accounts.create_user(
                self.workspace, name, role, PASSWORD, now=self.clock()
            )
        return self.people[name]

    def browser(self, name: str = "", role: Role = Role.ADMIN) -> Browser:
        """A browser of its own; nobody is signed in when there is no name."""
        client = TestClient(self.app, base_url="http://127.0.0.1")
        if not name:
            return Browser(client)
        token = accounts.open_session(self.workspace, self.person(name, role), self.clock())
        client.cookies.set(self.settings.cookie, token, domain="127.0.0.1")
        return Browser(client, self.app.state.station.signer.form_token(token))

    def crashes(self) -> list[str]:
        return [path.read_text() for path in self.workspace.logs.glob("sohoa-crash-*")]

    def close(self) -> None:
        self.app.state.station.sketches.close()
        self.app.state.station.prints.close()
        self.app.state.station.packages.close()
        self.app.state.station.keyed.close()
        self.app.state.station.links.close()
        self.app.state.station.reconciling.close()
        self.app.state.station.pictures.close()
        self.workspace.close()


def fill(workspace: Workspace, scans: Path, records: int = 3, book: Book = BOOK) -> None:
    """A book of `records` pages that were read, with what the ledger knows, and a refused one."""
    read = fill_book(workspace, book, scans, records)
    with workspace.transaction() as session:
        for row, found in read:
            key = LedgerKey.of_page(row.digest, row.fingerprint)
            record_outcome(session, key, row.kind, 0.5, {"records": [record_to_json(found)]})
