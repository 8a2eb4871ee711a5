"""What was entered for a scan that is no longer there: offered to people, never counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from ocr_pipeline.checks.book_judgement import with_doubts
from ocr_pipeline.checks.doubts import doubt
from ocr_pipeline.registers.fields import Candidate, Field, Record, State
from ocr_pipeline.store.entries import Entry, FieldEntries, Key
from ocr_pipeline.store.lanes import former_questions

_NO_VALUE = {State.BLANK: "(ô trống / blank)", State.UNREADABLE: "(không đọc được / unreadable)"}


@dataclass(frozen=True, slots=True)
class FormerValues:
    """What people said about fields of a book when their pages were other scans; can be pickled.

    Attributes:
        other_scan: entries about the scan that a page had before.
        other_form: entries about a page as it was read with another form.
        other_cut: entries about a page as it was cut before a person moved its corners.
        questions: fields with a keying or a question on the former scan.

    """

    other_scan: Mapping[Key, Entry] = field(default_factory=dict)
    other_form: Mapping[Key, Entry] = field(default_factory=dict)
    other_cut: Mapping[Key, Entry] = field(default_factory=dict)
    questions: AbstractSet[Key] = frozenset()

    @classmethod
    def of(
        cls,
        session: Session,
        book_id: str,
        entries: FieldEntries,
        page: str | None = None,
        position: int | None = None,
    ) -> FormerValues:
        """Of a book, or of one of its records; fields that people have decided since are left."""
        decided = {key for key, one in entries.counting.items() if one.state is not State.READ}
        asked = former_questions(session, book_id, page, position) - decided
        return cls(entries.other_scan, entries.other_form, entries.other_cut, asked)

    @property
    def identity(self) -> str:
        """A text that differs whenever something else is offered; "" for nothing."""
        entries = sorted({**self.other_cut, **self.other_form, **self.other_scan}.items())
        parts = [f"{key} {one.value} {one.state} {one.user}" for key, one in entries]
        return "\n".join([*parts, *map(str, sorted(self.questions))])

    def offer(self, records: Sequence[Record]) -> list[Record]:
        """The judged records with these values offered: their fields wait, with the reason."""
        keys = {*self.other_scan, *self.other_form, *self.other_cut, *self.questions}
        pages = {(page, position) for page, position, _ in keys}
        return [
            replace(record, fields={c: self._offered(record, c) for c in record.fields})
            if (record.page, record.position) in pages
            else record
            for record in records
        ]

    def _offered(self, record: Record, code: str) -> Field:
        key, own = (record.page, record.position, code), record.fields[code]
        former = {
            "former_scan": self.other_scan,
            "former_form": self.other_form,
            "former_cut": self.other_cut,
        }
        for rule, entries in former.items():
            if (entry := entries.get(key)) is not None:
                value = _NO_VALUE.get(entry.state, entry.value)
                reason = doubt(rule, user=entry.user, value=value)
                offered = replace(own, n_best=_with_candidate(own, entry))
                return with_doubts(offered, (reason, *own.doubts))
        if key in self.questions:
            return with_doubts(own, (doubt("former_question"), *own.doubts))
        return own


def _with_candidate(own: Field, entry: Entry) -> tuple[Candidate, ...]:
    """The readings of a field, behind the first one what was entered for another scan."""
    if not entry.value or entry.value in {own.value, *(one.value for one in own.n_best)}:
        return own.n_best
    first, rest = own.n_best[:1], own.n_best[1:]
    offered = Candidate(entry.as_written or entry.value, entry.value, 0.0)
    return (*first, offered, *rest)
