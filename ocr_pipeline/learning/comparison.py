"""How two networks read the same fields of books that neither has learnt from.

The new network is judged with widened confidences, those of each page with a table that the other
pages gave: no page praises the table that it made itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from rapidfuzz.distance import Levenshtein
from sqlalchemy.orm import Session

from ocr_pipeline.checks.acceptance import AcceptancePolicy
from ocr_pipeline.errors import ScanError
from ocr_pipeline.learning.corrections import BookCorrections
from ocr_pipeline.learning.learning_rules_schema import PromotionSettings
from ocr_pipeline.learning.widened_confidence import WidenedConfidence, widened
from ocr_pipeline.processing.confirmed_writing import KnownField, KnownLine, WritingJob
from ocr_pipeline.processing.field_scores import FieldPlace, records_on
from ocr_pipeline.processing.judgement import policy_of
from ocr_pipeline.processing.learning_record_schema import ReadingFigures
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.processing.stages import stages_for
from ocr_pipeline.reading.ctc import greedy
from ocr_pipeline.reading.models import Model
from ocr_pipeline.registers.fields import State
from ocr_pipeline.scans.limited_pages import opened
from ocr_pipeline.store.records import load_records

Readings = Mapping[FieldPlace, tuple[str, float]]
"""What one network reads in the fields of a page: the value, and how sure it is (0–1)."""


@dataclass(frozen=True, slots=True)
class HeldBackPage:
    """A page of a book held back, to be read by one network; small and picklable.

    Attributes:
        job: the page, with the fields that people entered.
        home: units of the book's agency, smallest first.
        settings: of the network that reads.

    """

    job: WritingJob
    home: tuple[str, ...]
    settings: RunSettings


@dataclass(frozen=True, slots=True)
class NetworkComparison:
    """How the network before and the new one read the books held back (see the record).

    `widening` is the table that all of these pages give for the confidences of the new one.
    """

    before: ReadingFigures
    after: ReadingFigures
    unseen: int = 0
    unseen_changed: int = 0
    widening: WidenedConfidence = field(default_factory=lambda: widened((), ()))

    def faults(self, rules: PromotionSettings) -> tuple[str, ...]:
        """Rules of the promotion that the new network does not keep; none: it is better."""
        before, after = self.before, self.after
        goal = (1 - rules.fewer_characters_wrong) * before.characters_wrong
        broken = {
            "characters_wrong": after.characters_wrong > goal
            or after.characters_wrong >= before.characters_wrong,
            "fields_right": after.right < before.right,
            "accepted_wrong": _share_wrong(after) > _share_wrong(before),
            "unseen_changed": self.unseen_changed > rules.most_unseen_changed * self.unseen,
        }
        return tuple(name for name, is_broken in broken.items() if is_broken)


def compare(
    books: Sequence[BookCorrections],
    lines: Sequence[KnownLine],
    models: tuple[Model, Model],
    names: tuple[str, str],
    read: Callable[[HeldBackPage], Readings] | None = None,
) -> NetworkComparison:
    """Read the books held back with the network before and the new one.

    Fields are compared as they are read, before the judgement of the book.

    Args:
        books: those held back, of which nothing has taught the new network.
        lines: known lines of these books.
        models: the network before and the new one.
        names: their names or folders, for the stages.
        read: reads a page; tests put fakes here.

    """
    before, after = (_characters(model, lines) for model in models)
    pages = _read(books, names, read or read_held_back)
    unseen = changed = 0
    tables = [_table([one for one in pages if one.side != side]) for side in range(_SIDES)]
    for page in pages:
        table = tables[page.side]
        new = {
            place: (value, table.of(sure) if value else sure)
            for place, (value, sure) in page.after.items()
        }
        before = _counted(before, page.known, page.before, page.policy)
        after = _counted(after, page.known, new, page.policy)
        for known in page.accepted:
            if _is_sure(known, page.before, page.policy):
                unseen += 1
                other = new.get(known.place, ("", 0.0))[0] != page.before[known.place][0]
                changed += other and _is_sure(known, new, page.policy)
    return NetworkComparison(before, after, unseen, changed, _table(pages))


_SIDES = 2


@dataclass(frozen=True, slots=True)
class _ReadPage:
    """A page held back as both networks read it, and what people said of it.

    `side` is the part of the pages that it belongs to, by a hash of its name.
    """

    side: int
    known: Sequence[KnownField]
    accepted: Sequence[KnownField]
    before: Readings
    after: Readings
    policy: AcceptancePolicy


def _read(
    books: Sequence[BookCorrections],
    names: tuple[str, str],
    read: Callable[[HeldBackPage], Readings],
) -> list[_ReadPage]:
    out = []
    for book in books:
        with book.ws.read_session() as session:
            policy, accepted = policy_of(session, book.book), _accepted(session, book.book)
        for job in book.jobs:
            own = (replace(book.settings, model=name) for name in names)
            pages = (HeldBackPage(job, book.home, settings) for settings in own)
            try:
                old, new = (opened(read, page, job.page) for page in pages)
            except ScanError:
                continue
            side = sha256(f"{book.book}\0{job.page}".encode()).digest()[0] % _SIDES
            here = accepted.get(job.page, ())
            out.append(_ReadPage(side, job.fields, here, old, new, policy))
    return out


def _table(pages: Sequence[_ReadPage]) -> WidenedConfidence:
    """What the fields that people entered on these pages say of the new network's confidences."""
    seen = [
        (sure, value == known.value)
        for page in pages
        for known in page.known
        for value, sure in [page.after.get(known.place, ("", 0.0))]
        if value
    ]
    return widened([sure for sure, _ in seen], [right for _, right in seen])


def read_held_back(page: HeldBackPage) -> Readings:
    """All fields of a page as one network reads them; what a limited process does.

    Raises:
        ScanError: the scan cannot be opened.
        MachineError: the model or the layouts are missing.

    """
    stages = stages_for(page.settings)
    where = replace(page.job.where, settings=page.settings)
    records = stages.read(records_on(where, stages), page.job.page, where.layout, page.home)
    return {
        (record.position, code): (one.value, one.confidence)
        for record in records
        for code, one in record.fields.items()
    }


def _characters(model: Model, lines: Sequence[KnownLine]) -> ReadingFigures:
    """Characters of lines, and how many edits the network alone is away from them."""
    scores = model.recogniser.scores([line.image for line in lines])
    read = [greedy(one, model.recogniser.alphabet).strip() for one in scores]
    wrong = (Levenshtein.distance(one, line.text) for one, line in zip(read, lines, strict=True))
    return ReadingFigures(
        characters=sum(len(line.text) for line in lines), characters_wrong=sum(wrong)
    )


def _counted(
    figures: ReadingFigures, fields: Sequence[KnownField], read: Readings, policy: AcceptancePolicy
) -> ReadingFigures:
    known = [one for one in fields if one.place in read]
    right = {one.place for one in known if read[one.place][0] == one.value}
    accepted = [one for one in known if _is_sure(one, read, policy)]
    return figures.model_copy(
        update={
            "fields": figures.fields + len(known),
            "right": figures.right + len(right),
            "accepted": figures.accepted + len(accepted),
            "accepted_wrong": figures.accepted_wrong
            + sum(one.place not in right for one in accepted),
        }
    )


def _is_sure(known: KnownField, read: Readings, policy: AcceptancePolicy) -> bool:
    value, confidence = read.get(known.place, ("", 0.0))
    return bool(value) and confidence >= policy.needed(known.kind)


def _share_wrong(figures: ReadingFigures) -> float:
    return figures.accepted_wrong / figures.accepted if figures.accepted else 0.0


def _accepted(session: Session, book_id: str) -> dict[str, list[KnownField]]:
    """Fields that the machine accepted and nobody looked at, by page."""
    out: dict[str, list[KnownField]] = {}
    for record in load_records(session, book_id):
        for code, one in record.fields.items():
            if one.state is State.ACCEPTED and one.value:
                known = KnownField((record.position, code), one.kind, one.value, ())
                out.setdefault(record.page, []).append(known)
    return out
