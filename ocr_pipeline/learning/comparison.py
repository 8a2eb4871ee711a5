"""How two networks read the same fields of books that neither has learnt from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein
from sqlalchemy.orm import Session

from ocr_pipeline.checks.acceptance import AcceptancePolicy
from ocr_pipeline.errors import ScanError
from ocr_pipeline.learning.corrections import BookCorrections
from ocr_pipeline.learning.learning_rules_schema import PromotionSettings
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
from ocr_pipeline.store.workspace import Workspace

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
    """How the network before and the new one read the books held back (see the record)."""

    before: ReadingFigures
    after: ReadingFigures
    unseen: int = 0
    unseen_changed: int = 0

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
    ws: Workspace,
    books: Sequence[BookCorrections],
    lines: Sequence[KnownLine],
    models: tuple[Model, Model],
    settings: tuple[RunSettings, RunSettings],
    read: Callable[[HeldBackPage], Readings] | None = None,
) -> NetworkComparison:
    """Read the books held back with the network before and the new one.

    Fields are compared as they are read, before the judgement of the book.

    Args:
        ws: the workspace.
        books: those held back, of which nothing has taught the new network.
        lines: known lines of these books.
        models: the network before and the new one.
        settings: the same for stages.
        read: reads a page; tests put fakes here.

    """
    before, after = (_characters(model, lines) for model in models)
    unseen = changed = 0
    for book in books:
        with ws.read_session() as session:
            policy, accepted = policy_of(session, book.book), _accepted(session, book.book)
        for job in book.jobs:
            pages = (HeldBackPage(job, book.home, own) for own in settings)
            try:
                old, new = (opened(read or read_held_back, page, job.page) for page in pages)
            except ScanError:
                continue
            before = _counted(before, job.fields, old, policy)
            after = _counted(after, job.fields, new, policy)
            for known in accepted.get(job.page, ()):
                if _is_sure(known, old, policy):
                    unseen += 1
                    other = new.get(known.place, ("", 0.0))[0] != old[known.place][0]
                    changed += other and _is_sure(known, new, policy)
    return NetworkComparison(before, after, unseen, changed)


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
        (record.position, code): (field.value, field.confidence)
        for record in records
        for code, field in record.fields.items()
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
