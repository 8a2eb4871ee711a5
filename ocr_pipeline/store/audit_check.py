"""The audit trail checked both ways: each line against its rows, each row against its line.

The trail is walked once, in pieces. Rows that are only ever added come in the order of their lines,
so a piece of lines and the rows between its first and last id are laid side by side.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr_pipeline.errors import Text
from ocr_pipeline.store.audit import FIRST, entry_hash, line_hash, line_seal
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.audit_adoption import ADDED, digests_of, rows_of
from ocr_pipeline.store.models import BookRow, EntryRow, TableBase
from ocr_pipeline.store.present_check import present_faults
from ocr_pipeline.store.review_models import AuditRow, DecisionRow, DeletionRow, PolicyRow, UserRow
from ocr_pipeline.store.sealed_rows import STATES, content, key_of, table_of, told_columns
from ocr_pipeline.store.trail_fault import TrailFault
from ocr_pipeline.store.trail_key import KEY_FILE, kept_key, keyed_digest

_CHUNK = 1000

_NOUNS: Mapping[str, Text] = {
    "entries": Text("Giá trị đã nhập", "An entry"),
    "decisions": Text("Thao tác trên trường", "A decision about a field"),
    "page_decisions": Text("Quyết định về trang", "A decision about a page"),
    "approvals": Text("Bước duyệt sổ", "A step of approval"),
    "users": Text("Tài khoản", "An account"),
    "policies": Text("Quy định", "A policy"),
    "deletions": Text("Việc xóa dữ liệu của sổ", "A deletion of a book"),
}


@dataclass(slots=True)
class _Told:
    """What the lines looked at so far tell of one row.

    Attributes:
        line: number of the newest line about it.
        digest: what the row says by that line; "" when it is gone.
        book: the book of the line.

    """

    line: int
    digest: str
    book: str = ""


@dataclass(slots=True)
class TrailCheck:
    """One walk over the trail of a workspace.

    Attributes:
        session: only looks.
        key: of the trail; None when the file is gone.
        deleted: books whose data were deleted, as lines say.
        states: by table, what lines say of rows that change.
        added: by table, rows told of in the piece at hand.
        reached: by table, the last id that has been laid beside its line.
        withdrawn: decisions that lines say were taken back, with the line.

    """

    session: Session
    key: bytes | None
    deleted: set[str]
    adoption: int = 0
    states: dict[str, dict[str, _Told]] = field(default_factory=dict)
    added: dict[str, dict[int, _Told]] = field(default_factory=dict)
    reached: dict[str, int] = field(default_factory=dict)
    withdrawn: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session) -> TrailCheck:
        """A walk that has not begun."""
        folder: Path = session.info["folder"]
        adopted = AuditRow.action == AuditAction.ADOPTED.value
        newest = select(AuditRow.id).where(adopted).order_by(AuditRow.id.desc()).limit(1)
        deleted = set(session.scalars(select(DeletionRow.book)))
        return cls(session, kept_key(folder), deleted, session.scalar(newest) or 0)

    def faults(self) -> Iterator[TrailFault]:
        """All that is wrong, in the order of the trail; rows without a line after each piece."""
        if self.key is None and self._holds_anything():
            yield _key_gone(self.session.info["folder"] / KEY_FILE)
        previous, expected = FIRST, 1
        for lines in self._pieces():
            found: list[TrailFault] = []
            entries = self._entries_of(lines)
            for line in lines:
                found += self._chain(line, previous, expected)
                found += self._old_entry(line, entries)
                found += self._read(line)
                previous, expected = line.hash, line.id + 1
            for table in ADDED:
                found += self._lay_beside(table, self._end_of_piece(table))
            yield from sorted(found, key=lambda fault: (not fault.line, fault.line))
            self.session.expunge_all()
        for table in ADDED:
            yield from self._lay_beside(table, None)
        for table in STATES:
            yield from self._states(table)
        yield from self._withdrawn()

    def _holds_anything(self) -> bool:
        """Whether anything has been written that the key was made for."""
        return any(
            self.session.execute(select(table_of(table)).limit(1)).first() is not None
            for table in (AuditRow, BookRow)
        )

    def _pieces(self) -> Iterator[list[AuditRow]]:
        last = 0
        while True:
            query = select(AuditRow).where(AuditRow.id > last).order_by(AuditRow.id).limit(_CHUNK)
            rows = list(self.session.scalars(query))
            if not rows:
                return
            last = rows[-1].id
            yield rows

    def _chain(self, line: AuditRow, previous: str, expected: int) -> Iterator[TrailFault]:
        """Whether a line stands where it was written, as it was written, by who has the key."""
        if line.id != expected:
            yield TrailFault(line.id, _MISSING)
        if line.previous != previous:
            yield TrailFault(line.id, _NOT_FOLLOWING)
        if line.hash != line_hash(line):
            yield TrailFault(line.id, _ALTERED)
        elif self.key is not None and line.id >= self.adoption:
            if not hmac.compare_digest(line.seal, line_seal(self.key, line.hash)):
                yield TrailFault(line.id, _WITHOUT_KEY)

    def _entries_of(self, lines: list[AuditRow]) -> dict[int, EntryRow]:
        """The entries that lines of earlier versions tell of."""
        wanted = [int(told["entry"]) for one in lines if "content" in (told := _details(one))]
        query = select(EntryRow).where(EntryRow.id.in_(wanted))
        return {entry.id: entry for entry in self.session.scalars(query)} if wanted else {}

    def _old_entry(self, line: AuditRow, entries: Mapping[int, EntryRow]) -> Iterator[TrailFault]:
        """Whether the entry that a line of an earlier version tells of is what it was."""
        told = _details(line)
        if "content" not in told:
            return
        entry = entries.get(int(told["entry"]))
        if entry is None and line.book in self.deleted:
            return
        scan = told.get("scan")
        if (
            entry is None
            or entry_hash(entry) != told["content"]
            or scan not in (None, entry.digest)
        ):
            yield TrailFault(line.id, _changed("entries"), f"{line.book} {line.subject}")

    def _read(self, line: AuditRow) -> Iterator[TrailFault]:
        """Note what a line tells of."""
        told = _details(line)
        if line.id == self.adoption:
            yield from self._adopted(line, told)
        if line.action == AuditAction.UNDONE and isinstance(told.get("decision"), int):
            self.withdrawn[told["decision"]] = line.id
        for name, rows in dict(told.get("rows", {})).items():
            for key, digest in rows.items():
                yield from self._note(name, key, _Told(line.id, digest, line.book))
        for name, keys in dict(told.get("gone", {})).items():
            for key in keys:
                self.states.setdefault(name, {})[key] = _Told(line.id, "", line.book)

    def _note(self, name: str, key: str, told: _Told) -> Iterator[TrailFault]:
        if name not in {table.__tablename__ for table in ADDED}:
            self.states.setdefault(name, {})[key] = told
            return
        number, rows = int(key), self.added.setdefault(name, {})
        again = number in rows or number <= self.reached.get(name, 0)
        if again and told.book not in self.deleted:
            yield TrailFault(told.line, _TWICE, f"{told.book} {name} {number}".strip())
        rows[number] = told

    def _adopted(self, line: AuditRow, told: Mapping[str, Any]) -> Iterator[TrailFault]:
        """Whether what an earlier version left is as it was when it was taken over."""
        if self.key is None:
            return
        for table in ADDED:
            name = table.__tablename__
            last = int(told["last"][name])
            self.reached[name] = last
            self.added.pop(name, None)  # covered by the digests
            before: dict[str, list[Any]] = told["adopted"][name]
            now = digests_of(self.session.connection(), self.key, table, last)
            for book in sorted({*before, *now} - self.deleted):
                if now.get(book) != before.get(book):
                    yield TrailFault(line.id, _adopted_changed(name), book)

    def _end_of_piece(self, table: type[TableBase]) -> int:
        """The highest id of a table's rows that has been told of."""
        name = table.__tablename__
        return max([*self.added.get(name, {}), self.reached.get(name, 0)])

    def _lay_beside(self, table: type[TableBase], end: int | None) -> Iterator[TrailFault]:
        """The rows up to the id `end` (all others when None) beside what lines say of them."""
        name = table.__tablename__
        told, after = self.added.pop(name, {}), self.reached.get(name, 0)
        for row in rows_of(self.session.connection(), table, after=after, last=end):
            said = told.pop(row["id"], None)
            if said is None:
                yield TrailFault(0, _without_line(name), _where(table, row))
            elif not self._same(table, row, said.digest):
                yield TrailFault(said.line, _changed(name), _where(table, row))
        for number, said in told.items():
            if said.book not in self.deleted:
                yield TrailFault(said.line, _gone(name), f"{said.book} {number}".strip())
        self.reached[name] = max(after, end or 0)

    def _same(self, table: type[TableBase], row: Mapping[str, Any], digest: str) -> bool:
        if self.key is None:  # said once, for all of them
            return True
        return hmac.compare_digest(digest, keyed_digest(self.key, *content(table, row)))

    def _states(self, table: type[TableBase]) -> Iterator[TrailFault]:
        """Rows that change, as they are now, beside the newest line about each."""
        name = table.__tablename__
        told = dict(self.states.get(name, {}))
        for one in self.session.connection().execute(select(*told_columns(table))).mappings():
            row = dict(one)
            said = told.pop(key_of(table, row), None)
            if said is None or not said.digest:
                yield TrailFault(said.line if said else 0, _without_line(name), _where(table, row))
            elif not self._same(table, row, said.digest):
                yield TrailFault(said.line, _changed(name), _where(table, row))
        for key, said in told.items():
            if said.digest:
                yield TrailFault(said.line, _gone(name), key.replace("|", " ").strip())

    def _withdrawn(self) -> Iterator[TrailFault]:
        """Decisions are taken back where a line says so, and nowhere else."""
        place = [getattr(DecisionRow, one) for one in ("id", "book", "page", "position", "code")]
        taken_back = select(*place, DecisionRow.user).where(DecisionRow.withdrawn.is_(True))
        left = dict(self.withdrawn)
        for number, *names, user in self.session.execute(taken_back.order_by(DecisionRow.id)):
            if left.pop(number, None) is None:
                yield TrailFault(0, _TAKEN_BACK, _label(*names, f"({user})"))
        numbers = sorted(left)
        for start in range(0, len(numbers), _CHUNK):
            part = numbers[start : start + _CHUNK]
            query = select(*place, DecisionRow.user).where(DecisionRow.id.in_(part))
            for number, *names, user in self.session.execute(query.order_by(DecisionRow.id)):
                yield TrailFault(left[number], _BACK_AGAIN, _label(*names, f"({user})"))


def trail_faults(session: Session) -> Iterator[TrailFault]:
    """All places where the trail does not hold or is not the whole truth; none when all is well.

    Lines cut off at the end together with what they told of leave nothing to see here: for that the
    head is printed into packages and reports.
    """
    check = TrailCheck.of(session)
    yield from check.faults()
    if check.key is not None:
        yield from present_faults(session, check.key, check.deleted)


def verify(session: Session) -> TrailFault | None:
    """The first of `trail_faults`; None when all holds."""
    return next(trail_faults(session), None)


def _details(line: AuditRow) -> dict[str, Any]:
    """The details of a line; empty where somebody has spoilt them (its hash tells)."""
    try:
        found = json.loads(line.details)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _where(table: type[TableBase], row: Mapping[str, Any]) -> str:
    if table is UserRow:
        return str(row["name"])
    field = "kind" if table is PolicyRow else "code"
    names = [row.get(name, "") for name in ("book", "page", "position", field)]
    user = row.get("user_name")
    return _label(*names, f"({user})" if user else "")


def _label(*parts: object) -> str:
    return " ".join(str(part) for part in parts if part != "")


def _key_gone(path: Path) -> TrailFault:
    return TrailFault(
        0,
        Text(
            "Thiếu khóa của nhật ký thao tác nên không kiểm tra được các giá trị; khôi phục tệp "
            "này từ bản sao lưu",
            "The key of the audit trail is missing, so values cannot be checked; bring this file "
            "back from the back-up",
        ),
        str(path),
    )


_MISSING = Text("Thiếu các dòng đứng trước dòng này", "Lines before this one are missing")
_NOT_FOLLOWING = Text(
    "Dòng này không nối tiếp dòng trước", "This line does not follow the line before it"
)
_ALTERED = Text("Dòng này đã bị sửa", "This line has been altered")
_WITHOUT_KEY = Text(
    "Dòng này không do chương trình ghi: dấu xác thực sai",
    "This line was not written by the program: its seal is wrong",
)
_TWICE = Text(
    "Dòng này kể lại điều đã có dòng khác, hoặc sai thứ tự",
    "This line tells of something told of before, or out of order",
)
_TAKEN_BACK = Text(
    "Thao tác bị hoàn tác mà không có dòng nào trong nhật ký thao tác",
    "A decision is taken back and no line tells of it",
)
_BACK_AGAIN = Text(
    "Thao tác đã hoàn tác theo nhật ký thao tác nhưng lại được tính",
    "A decision counts again that was taken back by this line",
)


def _without_line(name: str) -> Text:
    noun = _NOUNS[name]
    return Text(
        f"{noun.vi} không có dòng nào trong nhật ký thao tác",
        f"{noun.en} that no line of the audit trail tells of",
    )


def _changed(name: str) -> Text:
    noun = _NOUNS[name]
    return Text(f"{noun.vi} đã bị sửa hoặc xóa", f"{noun.en} has been altered or deleted")


def _gone(name: str) -> Text:
    noun = _NOUNS[name]
    return Text(f"{noun.vi} mà dòng này ghi không còn", f"{noun.en} of this line is gone")


def _adopted_changed(name: str) -> Text:
    noun = _NOUNS[name]
    return Text(
        f"{noun.vi} của phiên bản trước đã bị sửa, thêm hoặc xóa sau khi tiếp nhận",
        f"{noun.en} of an earlier version was altered, added or deleted since it was taken over",
    )
