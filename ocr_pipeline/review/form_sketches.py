"""Sketches of forms: begun, changed by one person at a time, taken over, thrown away.

A change is kept at once under the next revision: a browser or a server that dies loses nothing. Who
has seen an older revision than the one kept is told so and overwrites nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Literal

from ocr_pipeline.errors import BadInputError, SohoaError, Text
from ocr_pipeline.layout.form_sketch import FormSketch
from ocr_pipeline.layout.schema import PageSize
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import BusyError, StaleError
from ocr_pipeline.review.open_page import page_row
from ocr_pipeline.review.rights import require
from ocr_pipeline.review.scan_inspection import inspect_scan
from ocr_pipeline.review.scan_uploads import scan_place
from ocr_pipeline.review.sketch_files import (
    MOST_SCANS,
    SketchFile,
    SketchFolder,
    SketchScan,
    new_folder,
    sketch_folders,
)
from ocr_pipeline.review.uploads import Upload
from ocr_pipeline.store import audit
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.held_files import hold, let_go
from ocr_pipeline.store.workspace import Workspace

ACTION = "layouts"
"""What a role must be allowed in order to teach forms."""

LEASE = timedelta(minutes=10)
"""Without a change for so long, somebody else may go on with a sketch unasked."""

_PATIENCE_SECONDS = 5.0
_A4 = PageSize(width=210, height=297)
Turn = Literal[0, 90, 180, 270]


@dataclass(frozen=True, slots=True)
class NewSketch:
    """What is known of a form before anything of it was marked.

    Attributes:
        type: code of the register type; may be "" when the form is that of a page of a book.
        era: the years or the circular that the form belongs to; that of the book when "".
        title: what people call it; made of type and era when "".
        page: id of a page with the form; 0 when files are sent.

    """

    type: str = ""
    era: str = ""
    title: str = ""
    page: int = 0


def begin_sketch(ws: Workspace, user: User, wanted: NewSketch, now: datetime) -> SketchFile:
    """Begin a sketch; with a page of a book the machine can look at it at once.

    Raises:
        ForbiddenError: the role may not.
        NotFoundError: there is no such page.
        BadInputError: there is no such register type.

    """
    require(user, ACTION)
    type_, era, book, scans = wanted.type, wanted.era, "", tuple[SketchScan, ...]()
    if wanted.page:
        with ws.read_session() as session:
            row = page_row(session, wanted.page)
            [own] = load_books(session, [row.book])
        type_, era, book = type_ or own.type.value, era or str(own.year_opened), own.id
        scans = (SketchScan(name=row.name, page=row.id),)
    content = FormSketch(
        type=_known_type(type_).value,
        era=era,
        title=wanted.title or f"Sổ đăng ký {RegisterType(type_).label.vi} ({era})",
        page=_A4,
    )
    folder = new_folder(ws.folder)
    sketch = SketchFile(
        id=folder.id,
        begun_by=user.name,
        holder=user.name,
        held_until=_iso(now + LEASE),
        changed=_iso(now),
        state="proposing" if scans else "waiting",
        book=book,
        scans=scans,
        content=content,
    )
    folder.store(sketch)
    note_deed(ws, user, AuditAction.SKETCH_BEGUN, sketch, now)
    return sketch


def all_sketches(ws: Workspace) -> list[SketchFile]:
    """All sketches, the one changed last first; one whose file is damaged is left out."""
    found = []
    for folder in sketch_folders(ws.folder):
        try:
            found.append(folder.load())
        except SohoaError:
            continue  # told to whoever opens it
    return sorted(found, key=lambda one: one.changed, reverse=True)


def add_scan(ws: Workspace, user: User, identity: str, upload: Upload, now: datetime) -> SketchFile:
    """Keep a file that was sent: all of its pages show the form.

    Raises:
        ForbiddenError, NotFoundError, StaleError: as `changed_sketch`.
        UploadError, ScanError: it did not come whole, or is no scan.
        BadInputError: there are too many scans already.

    """
    require(user, ACTION)
    source = upload.finish()
    name = PurePosixPath(str(scan_place(f"x/{PurePosixPath(upload.name).name}"))).name
    pages, _ = inspect_scan(source, name)
    with _alone(ws, identity) as folder:
        sketch = _held(folder.load(), user, now)
        if len(sketch.scans) + pages > MOST_SCANS:
            raise _too_many(name)
        file = folder.add_scan(source, PurePosixPath(name).suffix[:10])
        more = [
            SketchScan(name=f"{name}#{n + 1}" if pages > 1 else name, file=file, index=n)
            for n in range(pages)
        ]
        sketch = sketch.changed_to(scans=(*sketch.scans, *more))
        folder.store(sketch)
    return sketch


def changed_sketch(
    ws: Workspace,
    user: User,
    identity: str,
    revision: int,
    content: FormSketch,
    now: datetime,
) -> SketchFile:
    """Keep what a person has changed.

    Args:
        ws: the workspace.
        user: who changed it.
        identity: of the sketch.
        revision: that the person began with.
        content: the whole form as it is now.
        now: the time (UTC).

    Raises:
        ForbiddenError: the role may not.
        NotFoundError: there is no such sketch.
        StaleError: somebody else works on it, or it has changed since that revision.

    """
    require(user, ACTION)
    with _alone(ws, identity) as folder:
        before = folder.load()
        sketch = _held(before, user, now)
        if content == before.content:
            return before  # sent again after an answer that got lost
        if before.revision != revision:
            raise StaleError(
                Text(
                    "Bản phác đã được đổi ở cửa sổ hoặc máy khác",
                    "The sketch was changed in another window or on another computer",
                ),
                where=identity,
                remedy=Text("Tải lại trang để làm tiếp", "Load the page again to go on"),
            )
        sketch = sketch.changed_to(content=content, revision=revision + 1, changed=_iso(now))
        folder.store(sketch)
    return sketch


def take_sketch(ws: Workspace, user: User, identity: str, now: datetime) -> SketchFile:
    """Go on with a sketch that somebody else holds; he is told at his next change.

    Raises:
        ForbiddenError, NotFoundError: as `changed_sketch`.

    """
    require(user, ACTION)
    with _alone(ws, identity) as folder:
        before = folder.load()
        sketch = before.changed_to(holder=user.name, held_until=_iso(now + LEASE))
        folder.store(sketch)
    if before.holder != user.name:
        note_deed(ws, user, AuditAction.SKETCH_TAKEN, sketch, now, former=before.holder)
    return sketch


def look_again(
    ws: Workspace, user: User, identity: str, now: datetime, turn: Turn | None = None
) -> SketchFile:
    """Have the machine propose anew; what was marked before can be had back by undoing.

    Args:
        ws: the workspace.
        user: who wants it.
        identity: of the sketch.
        now: the time (UTC).
        turn: degrees clockwise that the picture is turned by from now on; None: as before.

    Raises:
        ForbiddenError, NotFoundError, StaleError: as `changed_sketch`.
        BadInputError: it has no scan yet.

    """
    require(user, ACTION)
    with _alone(ws, identity) as folder:
        sketch = _held(folder.load(), user, now)
        if not sketch.scans:
            raise BadInputError(
                Text("Chưa có ảnh quét nào của biểu mẫu", "There is no scan of the form yet"),
                remedy=Text("Gửi một ảnh quét trước", "Send a scan first"),
            )
        turned = sketch.turn if turn is None else turn
        sketch = sketch.changed_to(state="proposing", turn=turned, cause=None, remedy=None)
        folder.store(sketch)
    return sketch


def keep_state(ws: Workspace, identity: str, **values: object) -> SketchFile:
    """Keep what the machine found out; people's content stays unless `content` is given."""
    with _alone(ws, identity) as folder:
        sketch = folder.load()
        if "content" in values:
            values["revision"] = sketch.revision + 1
        sketch = sketch.changed_to(**values)
        folder.store(sketch)
    return sketch


def discard_sketch(ws: Workspace, user: User, identity: str, now: datetime) -> None:
    """Throw a sketch away with its scans; layouts that were saved of it stay.

    Raises:
        ForbiddenError, NotFoundError, StaleError: as `changed_sketch`.

    """
    require(user, ACTION)
    with _alone(ws, identity) as folder:
        sketch = _held(folder.load(), user, now)
        folder.remove()
    note_deed(ws, user, AuditAction.SKETCH_DISCARDED, sketch, now)


def held_sketch(ws: Workspace, user: User, identity: str, now: datetime) -> SketchFile:
    """The sketch, if the person may work on it now.

    Raises:
        ForbiddenError, NotFoundError, StaleError: as `changed_sketch`.

    """
    require(user, ACTION)
    return _held(SketchFolder(ws.folder, identity).load(), user, now)


@contextmanager
def _alone(ws: Workspace, identity: str) -> Iterator[SketchFolder]:
    """One change at a time, whoever else writes to the same workspace."""
    folder = SketchFolder(ws.folder, identity)
    folder.load()  # raises where there is none
    try:
        held = hold(folder.path / "sketch.lock", _PATIENCE_SECONDS)
    except BlockingIOError:
        raise BusyError(
            Text("Bản phác đang được ghi", "The sketch is being written"), where=identity
        ) from None
    try:
        yield folder
    finally:
        let_go(held)


def _held(sketch: SketchFile, user: User, now: datetime) -> SketchFile:
    """The sketch in the hands of this person, for ten minutes more."""
    if sketch.holder != user.name and sketch.held_to > now.astimezone(UTC):
        raise StaleError(
            Text(
                f"{sketch.holder} đang làm bản phác này",
                f"{sketch.holder} is working on this sketch",
            ),
            where=sketch.id,
            remedy=Text(
                "Chờ người đó xong, hoặc bấm “Làm tiếp” để nhận về mình",
                "Wait until they are done, or choose “Go on with it” to take it over",
            ),
        )
    return sketch.changed_to(holder=user.name, held_until=_iso(now + LEASE))


def _known_type(code: str) -> RegisterType:
    try:
        return RegisterType(code)
    except ValueError:
        known = ", ".join(RegisterType)
        raise BadInputError(
            Text("Không có loại sổ này", "There is no such register type"),
            where=code,
            remedy=Text(f"Chọn một trong: {known}", f"Choose one of: {known}"),
        ) from None


def _too_many(name: str) -> BadInputError:
    return BadInputError(
        Text(f"Quá {MOST_SCANS} trang", f"More than {MOST_SCANS} pages"),
        where=name,
        remedy=Text("Năm trang là đủ", "Five pages are enough"),
    )


def note_deed(
    ws: Workspace,
    user: User,
    action: AuditAction,
    sketch: SketchFile,
    now: datetime,
    **details: object,
) -> None:
    """Tell the audit trail of a deed about a sketch."""
    told = {"type": sketch.content.type, "revision": sketch.revision, **details}
    with ws.transaction() as session:
        audit.append(
            session, user.name, action, book=sketch.book, subject=f"sketch:{sketch.id}",
            details=told, now=now,
        )  # fmt: skip


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds")
