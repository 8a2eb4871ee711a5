"""What stands otherwise after decisions: their records, judged again, and what follows them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from ocr_pipeline.books.book import Book
from ocr_pipeline.checks.book_judgement import book_rule_codes
from ocr_pipeline.registers.fields import FieldKind, State
from ocr_pipeline.review.decision import ChangedField, DecisionOutcome, FieldState
from ocr_pipeline.review.hidden_values import hidden_values, masked_doubts
from ocr_pipeline.review.recheck import follow, recheck_book, recheck_record
from ocr_pipeline.store.keyings import FieldNow, fields_of_records
from ocr_pipeline.store.models import FieldRow, RecordRow
from ocr_pipeline.store.states import Lane


@dataclass(slots=True)
class DecisionEffects:
    """What decisions of one transaction change beside their own fields.

    Attributes:
        session: of the transaction, which holds the locks of the books.
        rows: the decided fields by id; `books`: theirs, by id.
        before: the fields of their records as they stood, by id; grows by those that followed.
        above: record of a decision by the record below or beside it in which a field followed.

    """

    session: Session
    rows: Mapping[int, FieldRow]
    books: Mapping[str, Book]
    before: dict[int, FieldNow]
    above: dict[int, int] = field(default_factory=dict)

    def judge_again(self, outcomes: Sequence[DecisionOutcome]) -> list[DecisionOutcome]:
        """The outcomes with the other fields of their records, which are judged again."""
        kept = [self.rows[outcome.field] for outcome in outcomes if outcome.ok]
        entered = {outcome.field for outcome in outcomes if outcome.ok and outcome.entry}
        # First the values, then the rules about them: a record below may be decided, too.
        for record in sorted({row.record for row in kept if row.id in entered}):
            self._follow(record, {r.code for r in kept if r.record == record and r.id in entered})
        ruled = {row.book for row in kept if row.code in book_rule_codes(self.books[row.book].type)}
        for book in sorted(ruled):
            recheck_book(self.session, self.books[book])
        records: dict[int, dict[str, FieldState]] = {}
        for record, book in sorted({row.record: row.book for row in kept}.items()):
            place = self.session.get_one(RecordRow, record)
            records[record] = recheck_record(self.session, place, self.books[book])
        return [
            replace(one, record=records[self.rows[one.field].record]) if one.ok else one
            for one in outcomes
        ]

    def _follow(self, record: int, codes: Collection[str]) -> None:
        """Let what is the same writing, and ditto marks below it, follow what was entered."""
        place = self.session.get_one(RecordRow, record)
        stood = follow(self.session, place, codes, self.books[place.book])
        self.before = stood | self.before
        self.above |= {now.record: record for now in stood.values()}

    def told(
        self, outcomes: Sequence[DecisionOutcome], hidden: Collection[str]
    ) -> list[DecisionOutcome]:
        """The outcomes with the fields that stand otherwise than before, by their record.

        What the person may not see is told neither as a value nor in the words of a doubt.
        """
        record_of = {number: row.record for number, row in self.rows.items()}
        last = {record_of[one.field]: at for at, one in enumerate(outcomes) if one.ok}
        last |= {below: last[record] for below, record in self.above.items() if below not in last}
        changed: dict[int, list[ChangedField]] = {}
        by_record: dict[int, list[FieldNow]] = {}
        for number, now in fields_of_records(self.session, set(last)).items():
            by_record.setdefault(now.record, []).append(now)
            was = self.before.get(number)
            if was is not None and was != now:
                changed.setdefault(last[now.record], []).append(_changed(was, now, hidden))
        return [
            replace(
                one,
                changed=tuple(changed.get(at, ())),
                record=_seen(one.record, by_record[record_of[one.field]], hidden) if one.ok else {},
            )
            for at, one in enumerate(outcomes)
        ]


def _seen(
    states: Mapping[str, FieldState], fields: Sequence[FieldNow], hidden: Collection[str]
) -> dict[str, FieldState]:
    """How the fields of a record stand, as far as the person may see them."""
    unseen = {now.code for now in fields if now.lane in hidden}
    unquoted = hidden_values(fields, hidden)
    return {
        code: replace(own, doubts=masked_doubts(own.doubts, unquoted))
        for code, own in states.items()
        if code not in unseen
    }


def _changed(was: FieldNow, now: FieldNow, hidden: Collection[str]) -> ChangedField:
    unseen = now.lane in hidden
    return ChangedField(
        field=now.id,
        code=now.code,
        kind=FieldKind(now.kind),
        book=now.book,
        value="" if unseen else now.value,
        state=State.IN_REVIEW if unseen else State(now.state),
        lane_before=Lane(was.lane) if was.lane else None,
        lane=Lane(now.lane) if now.lane else None,
    )
