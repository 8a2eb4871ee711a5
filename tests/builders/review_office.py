"""A small workspace with invented people, and browsers that are signed in to its station."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi.testclient import TestClient
from PIL import Image, ImageDraw

from ocr_pipeline.books.book import Agency, Book
from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import (
    Box,
    Candidate,
    Doubt,
    Field,
    FieldKind,
    Record,
    Severity,
    State,
)
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.review import accounts
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.scans.pages import PageRef, digest
from ocr_pipeline.store.books import replace_pages, save_book
from ocr_pipeline.store.codec import record_to_json
from ocr_pipeline.store.ledger import PAGE_STAGE, LedgerKey, record_outcome
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.records import replace_records
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace
from review_ui.app import create_app
from review_ui.settings import Settings

BOOK = Book(
    id="xalocthuan_hbd_tbt.KS.2016.01",
    path=Path("/scans/ks-2016-01"),
    type=RegisterType.KS,
    agency=Agency("xã Lộc Thuận", "huyện Bình Đại", "tỉnh Bến Tre"),
    year_opened=2016,
    number=1,
)
PASSWORD = "một mật khẩu dài"
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SIZE = (620, 880)  # pixels of the drawn pages
UNSURE = Doubt("unsure", Severity.CONFIDENCE, Text("Máy chưa chắc", "The machine is not sure"))


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


class Office:
    """A workspace with one small book, people of every role, and the web application."""

    def __init__(self, folder: Path, settings: Settings | None = None) -> None:
        self.workspace = Workspace.open(folder / "ws")
        fill(self.workspace, folder / "scans")
        self.clock = Clock()
        self.settings = replace(settings or Settings(), prepare=False)
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
        self.app.state.station.pictures.close()
        self.workspace.close()


def fill(workspace: Workspace, scans: Path, records: int = 3) -> None:
    """A book of `records` pages that were read, and one that was refused."""
    scans.mkdir(parents=True)
    kinds = [PageKind.RECORD] * records + [PageKind.REFUSED]
    pages = [page_row(scans, number, kind) for number, kind in enumerate(kinds)]
    with workspace.transaction() as session:
        save_book(session, BOOK)
        replace_pages(session, BOOK.id, pages)
        read = [record(row.name, number) for number, row in enumerate(pages[:records])]
        replace_records(session, BOOK.id, read)
        for row, found in zip(pages, read, strict=False):
            key = LedgerKey(PAGE_STAGE, row.digest, row.fingerprint)
            record_outcome(session, key, row.kind, 0.5, {"records": [record_to_json(found)]})


def page_row(scans: Path, number: int, kind: PageKind) -> PageRow:
    path = scans / f"tờ {number + 1}.jpg"
    path.write_bytes(drawn(f"trang {number + 1}"))
    refused = kind is PageKind.REFUSED
    return PageRow(
        book=BOOK.id,
        name=path.name,
        ordinal=number,
        path=str(path),
        digest=digest(PageRef(path, 0, path.name)),
        kind=kind.value,
        fingerprint="f1",
        layout="" if refused else "KS-2016",
        cause_vi="Không biểu mẫu nào khớp" if refused else "",
        cause_en="No form fits" if refused else "",
    )


def record(page: str, number: int) -> Record:
    name = ("Nguyễn Văn An", "Trần Thị Bình", "Lê Minh Châu", "Phạm Gia Dũng")[number % 4]
    values = [
        ("so", FieldKind.NUMBER_YEAR, f"{number + 1:02}/2016", State.ACCEPTED),
        ("ngayDangKy", FieldKind.DATE, "05.03.2016", State.ACCEPTED),
        ("nguoiKy", FieldKind.PERSON_NAME, "Võ Quốc Khánh", State.IN_REVIEW),
        ("nksHoTen", FieldKind.PERSON_NAME, name, State.IN_REVIEW),
        ("nksNgaySinh", FieldKind.DATE, f"{number + 10}.02.2016", State.IN_REVIEW),
        ("nksGioiTinh", FieldKind.SEX, "1", State.IN_REVIEW),
        ("nksNoiSinh", FieldKind.PLACE, "xã Lộc Thuận", State.ACCEPTED),
    ]
    fields = {
        code: Field(
            code=code,
            kind=kind,
            as_written=value,
            value=value,
            confidence=0.99 if state is State.ACCEPTED else 0.6,
            state=state,
            n_best=(Candidate(value, value, 0.6), Candidate(value + "h", value + "h", 0.2)),
            doubts=() if state is State.ACCEPTED else (UNSURE,),
            box=Box(60, 80 + 90 * place, 400, 40),
        )
        for place, (code, kind, value, state) in enumerate(values)
    }
    return Record(page, 1, "KS-2016", fields)


def drawn(words: str) -> bytes:
    """A page with some lines of ink as JPEG."""
    picture = Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(picture)
    for y in range(60, SIZE[1] - 60, 45):
        pen.line((60, y + 28, SIZE[0] - 60, y + 28), fill="gray")
        pen.text((80, y + 10), f"{words} dong {y}", fill="black")
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90)
    return file.getvalue()
