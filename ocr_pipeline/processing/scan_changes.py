"""What became of the scans of a book since the last run, and of what people decided on them.

A scan is known by its content. One that has another name takes its decisions along; one that came
under the name of a scan that is gone has them offered; decisions on a scan that is nowhere in the
book any more are kept, and the page is named until it is back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from ocr_pipeline.errors import Text
from ocr_pipeline.scans.file_order import natural_key
from ocr_pipeline.scans.pages import part_digest
from ocr_pipeline.scans.scan_part import ScanPart
from ocr_pipeline.store import audit
from ocr_pipeline.store.approvals import ApprovalStep, add_step, is_closed
from ocr_pipeline.store.audit import SYSTEM
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import book_pages, lock_book, replace_pages
from ocr_pipeline.store.codec import message_columns
from ocr_pipeline.store.models import PageRow, ScanRow
from ocr_pipeline.store.page_parts import divide_page
from ocr_pipeline.store.scans import (
    decisions_by_scan,
    pages_elsewhere,
    scans_of,
)
from ocr_pipeline.store.states import PageKind

GONE = "gone"
"""Instead of size and time of the file of a page whose scan is gone."""

NO_PICTURE = "-"
"""Instead of the hash of a page's picture: it has none of its own, or none that is had cheaply."""

_NEW_SCAN = "ảnh quét mới hoặc được thay / new or replaced scan"
_NEW_FORM = "thêm một biểu mẫu trên ảnh quét / one more form on a scan"
_BACK = Text(
    "Trả ảnh về thư mục của sổ rồi chạy lại; nếu bỏ có chủ ý, mở trang này và chọn “Ảnh quét đã "
    "được bỏ có chủ ý”",
    "Put the scan back into the folder of the book and run again; if it was taken out on purpose, "
    "open the page and choose “The scan was taken out on purpose”",
)


@dataclass(frozen=True, slots=True)
class ScanMatches:
    """Scans that are no page of the book any more, each with what stands for it; all by digest.

    Attributes:
        arrived: scans that are pages now and were not before, in the order of the book.
        pictured: the page that shows the same picture, in a file with other bytes.
        replaced: another scan, which has come under the name.
        gone: nothing stands for these.

    """

    arrived: tuple[str, ...] = ()
    pictured: Mapping[str, str] = field(default_factory=dict)
    replaced: Mapping[str, str] = field(default_factory=dict)
    gone: tuple[str, ...] = ()


def match_scans(
    shown: Mapping[str, str],
    before: Iterable[str],
    known: Mapping[str, ScanRow],
    pictures: Mapping[str, str],
) -> ScanMatches:
    """Find what stands for the scans that are no page of the book any more.

    Args:
        shown: page name by digest of the scans that are pages now, in the order of the book.
        before: digests of the scans that were pages before.
        known: all scans that ever were pages.
        pictures: hash of the page's own picture by digest, where it has one.

    """
    present = set(before)
    arrived = tuple(digest for digest in shown if digest not in present)
    stand_ins = set(stand_ins_of(known, present | shown.keys()).values())
    lost = [digest for digest in stand_ins if digest not in shown]
    lost.sort(key=lambda digest: (natural_key(known[digest].page), digest))
    pictured: dict[str, str] = {}
    for digest in arrived:
        picture = pictures.get(digest, "")
        same = (one for one in lost if known[one].picture == picture and one not in pictured)
        if picture not in ("", NO_PICTURE) and (found := next(same, None)):
            pictured[found] = digest
    new = {shown[digest]: digest for digest in arrived if digest not in pictured.values()}
    rest = [digest for digest in lost if digest not in pictured]
    replaced = {one: new[known[one].page] for one in rest if known[one].page in new}
    gone = tuple(digest for digest in rest if digest not in replaced)
    return ScanMatches(arrived, pictured, replaced, gone)


def stand_ins_of(known: Mapping[str, ScanRow], last: AbstractSet[str]) -> dict[str, str]:
    """By digest of each scan that ever was a page, the one that stood for it in the end.

    Args:
        known: these scans.
        last: scans that are pages now or were when the book was last looked at: nothing stands for
            them.

    """
    found: dict[str, str] = {}
    for digest in known:
        end, seen = digest, {digest}
        while end not in last and (
            (follower := known[end].follower) in known and follower not in seen
        ):
            end = follower
            seen.add(end)
        found[digest] = end
    return found


def follow_scans(
    session: Session, book_id: str, rows: list[PageRow], pictures: Mapping[str, str]
) -> None:
    """Make `rows` the pages of a book, and have what people decided follow its scans.

    Pages that show a scan that was there before keep their ids and their records, whatever their
    names. Records of scans that were replaced go at once, so that nothing said about the former
    scan can reach them. An approved book with a new scan in it is open again.

    Args:
        session: an open transaction.
        book_id: the book.
        rows: its pages in order; pages of scans that are gone are added.
        pictures: hash of the page's own picture by digest, of pages whose hash was taken now.

    """
    lock_book(session, book_id)
    change = _Change(session, book_id, rows, pictures)
    change.note_scans()
    change.add_pages_that_are_gone()
    claims = change.claims()
    replace_pages(session, book_id, rows, claims)
    change.withdraw_approval(claims)
    change.tell()


class _Change:
    """A book between two looks at its folder."""

    def __init__(
        self,
        session: Session,
        book_id: str,
        rows: list[PageRow],
        pictures: Mapping[str, str],
    ) -> None:
        self._session, self._book, self._rows = session, book_id, rows
        self._pictures = pictures
        self._before = book_pages(session, book_id)
        self._by_digest: dict[str, PageRow] = {}
        for row in self._before:
            if row.digest and not row.duplicate_of:
                self._by_digest.setdefault(row.digest, row)
        self._known = scans_of(session, book_id)
        self._shown = {row.digest: row.name for row in rows if row.digest and not row.duplicate_of}
        self._names_before = {digest: row.page for digest, row in self._known.items()}
        self._gone_before = {d for d, row in self._by_digest.items() if row.stamp == GONE}
        there = self._by_digest.keys() - self._gone_before
        self._matches = match_scans(self._shown, there, self._known, pictures)
        self._closed = is_closed(session, book_id)
        moved = any(self._known[d].page != n for d, n in self._shown.items() if d in self._known)
        lost = self._matches.pictured or self._matches.replaced or self._matches.gone
        self._decided: Counter[str] = Counter()
        if moved or lost:
            ends = stand_ins_of(self._known, there | self._shown.keys())
            for digest, number in decisions_by_scan(session, book_id).items():
                self._decided[ends.get(digest, digest)] += number

    def note_scans(self) -> None:
        """Note what is there now, and what stands for the scans that are not."""
        for digest, page in self._shown.items():
            row = self._known.get(digest)
            if row is None:
                row = ScanRow(book=self._book, digest=digest, page=page, picture="", follower="")
                self._session.add(row)
            row.page = page
            row.picture = self._pictures.get(digest, "") or row.picture
        for found, same in ((self._matches.pictured, True), (self._matches.replaced, False)):
            for digest, follower in found.items():
                self._known[digest].follower = follower
                self._known[digest].same_picture = same
        self._session.flush()

    def add_pages_that_are_gone(self) -> None:
        """Add a page for each scan that people decided something on and that is nowhere."""
        taken = {row.name for row in self._rows}
        unreadable = {row.name for row in self._rows if not row.digest}
        gone = [
            digest
            for digest in self._matches.gone
            if self._known[digest].page not in unreadable
            and (self._decided[digest] or (self._closed and digest in self._by_digest))
        ]
        elsewhere = pages_elsewhere(self._session, self._book, gone)
        for digest in gone:
            row = self._gone(digest, elsewhere.get(digest), taken)
            taken.add(row.name)
            self._rows.append(row)
        waiting = pages_elsewhere(
            self._session, self._book, self._matches.arrived, PageKind.GONE.value
        )
        for digest, row in waiting.items():  # a page that has come here from another book
            cause = _moved_away(Text(row.cause_vi, row.cause_en), self._book, self._shown[digest])
            remedy = move_remedy(row.book, self._book)
            for name, text in message_columns(cause, remedy).items():
                setattr(row, name, text)

    def _gone(self, digest: str, elsewhere: PageRow | None, taken: set[str]) -> PageRow:
        name, before = self._known[digest].page, self._by_digest.get(digest)
        while name in taken:
            name += " !"
        cause, remedy = gone_cause(self._decided[digest]), _BACK
        if elsewhere is not None and elsewhere.stamp != GONE:
            cause = _moved_away(cause, elsewhere.book, elsewhere.name)
            remedy = move_remedy(self._book, elsewhere.book)
        return PageRow(
            book=self._book,
            name=name,
            ordinal=len(self._rows),
            path=before.path if before else "",
            index=before.index if before else 0,
            stamp=GONE,
            digest=digest,
            kind=PageKind.GONE.value,
            fingerprint="",
            duplicate_of="",
            layout=before.layout if before else "",
            turn=before.turn if before else 0,
            **message_columns(cause, remedy),
        )

    def claims(self) -> dict[str, PageRow]:
        """By name of a page now, the page of before that it is."""
        pictured = {now: digest for digest, now in self._matches.pictured.items()}
        found: dict[str, PageRow] = {}
        free = {row.name: row for row in self._before}
        for row in self._rows:
            if not row.digest or row.duplicate_of:
                continue
            own = self._by_digest.get(row.digest) or self._by_digest.get(
                pictured.get(row.digest, "")
            )
            if own is not None and own.name in free:
                found[row.name] = free.pop(own.name)
        replacing = set(self._matches.replaced.values())
        for row in self._rows:
            own = free.get(row.name)
            if row.name in found or own is None or row.digest in replacing:
                continue
            if own.digest == row.digest or not (own.digest and row.digest):
                found[row.name] = free.pop(row.name)
        return found

    def withdraw_approval(self, claims: Mapping[str, PageRow]) -> None:
        """Open an approved book again that has a scan which nobody has approved."""
        pictured = set(self._matches.pictured.values())
        new = [
            self._shown[digest]
            for digest in self._matches.arrived
            if digest not in pictured
            and digest not in self._by_digest
            and not (digest in self._known and self._shown[digest] in claims)
        ]
        if self._closed and new:
            _open_again(self._session, self._book, new, _NEW_SCAN)

    def tell(self) -> None:
        """Tell the audit trail what became of decisions."""
        for row in self._rows:
            gone = row.stamp == GONE
            if row.digest and gone != (row.digest in self._gone_before) and not row.duplicate_of:
                action = AuditAction.SCAN_GONE if gone else AuditAction.SCAN_BACK
                self._tell(action, row.name, row.digest)
        for digest, page in self._shown.items():
            before = self._names_before.get(digest, page)
            if before != page and self._decided[digest]:
                self._tell(AuditAction.SCAN_MOVED, page, digest, before=before)
        for action, found in (
            (AuditAction.SCAN_MOVED, self._matches.pictured),
            (AuditAction.SCAN_REPLACED, self._matches.replaced),
        ):
            for digest, follower in found.items():
                if self._decided[digest]:
                    before = self._names_before[digest]
                    self._tell(action, self._shown[follower], digest, before=before)

    def _tell(self, action: AuditAction, page: str, digest: str, **details: object) -> None:
        details = {"scan": digest, "decisions": self._decided[digest], **details}
        audit.append(
            self._session, SYSTEM, action, book=self._book, subject=f"page:{page}", details=details
        )


def divide_scan(session: Session, scan: PageRow, parts: Sequence[ScanPart]) -> list[PageRow]:
    """Give each form of a scan its page (`divide_page`); an approved book with a new one is open.

    Args:
        session: an open transaction.
        scan: the page of the scan; it becomes the first of the forms.
        parts: in order; none makes it the whole scan again.

    Returns:
        The pages of the forms behind the first.

    """
    new = [
        part.name(scan.name)
        for part in parts[1:]
        if session.get(ScanRow, (scan.book, part_digest(scan.digest, part.number))) is None
    ]
    rows = divide_page(session, scan, parts)
    if new and is_closed(session, scan.book):
        _open_again(session, scan.book, new, _NEW_FORM)
    return rows


def _open_again(session: Session, book_id: str, pages: Sequence[str], note: str) -> None:
    now = datetime.now(UTC)
    details = {"pages": list(pages[:20]), "number": len(pages)}
    add_step(session, book_id, ApprovalStep.WITHDRAW, SYSTEM, now, note, details)


def gone_cause(decisions: int) -> Text:
    """Why a page is `gone`."""
    return Text(
        f"Không còn ảnh quét này trong sổ; {decisions} quyết định của người rà soát gắn với ảnh",
        f"This scan is nowhere in the book any more; people made {decisions} decisions on it",
    )


def move_remedy(book: str, to: str) -> Text:
    """What to do where the scans of a book are in another one now."""
    return Text(
        f"Nếu ảnh thuộc sổ {to}: `sohoa book move {book} --to {to}` chuyển các quyết định sang đó; "
        "nếu không, trả ảnh về thư mục của sổ rồi chạy lại",
        f"If the scan belongs to {to}: `sohoa book move {book} --to {to}` takes the decisions "
        "there; if not, put the scan back into the folder of the book and run again",
    )


def _moved_away(cause: Text, book: str, page: str) -> Text:
    told = Text(
        f"; ảnh này nay ở sổ {book}, trang {page}", f"; it is now in book {book}, page {page}"
    )
    if told.vi in cause.vi:
        return cause
    return Text(cause.vi + told.vi, cause.en + told.en)
