"""How a network of an office was made, and how it reads beside the one before: `learnt.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.errors import MachineError
from ocr_pipeline.reading.network_file import LEARNING_RECORD

Count = Annotated[int, Field(ge=0)]


class ReadingFigures(Strict):
    """How one network reads the fields of books that were kept from learning.

    Attributes:
        characters: of the texts that people entered, as written; `characters_wrong`: edits between
            these and what the network alone reads.
        fields: fields that people entered; `right`: those whose value is read as entered.
        accepted: of these, as sure as the thresholds ask; `accepted_wrong`: those read wrong.

    """

    characters: Count = 0
    characters_wrong: Count = 0
    fields: Count = 0
    right: Count = 0
    accepted: Count = 0
    accepted_wrong: Count = 0


class BookSides(Strict):
    """On which side of the comparison the books stand, by id; a book keeps its side for good.

    Attributes:
        learnt: their corrections taught the network.
        held_back: kept from learning, to compare.

    """

    learnt: tuple[str, ...] = ()
    held_back: tuple[str, ...] = ()


class LearningRecordFile(Strict):
    """`learnt.json` of a network that an office made from its corrections.

    Attributes:
        base: title of the network it began from; `base_fingerprint`: SHA-256 of its weights.
        beside: name of the network that it was compared with; "" for the shipped one.
        made: when (ISO 8601, UTC); `command`: by which; `seed`: of all chance.
        lines: lines of writing that taught it; `kinds`: fields these come from, by kind.
        books: which books taught it, which did not.
        calibration: where its confidences come from; `calibrated_on`: fields of books held back on
            which they were measured.
        before, after: how the network beside it and the new one read the books held back.
        unseen: fields there that the one before accepts and nobody looked at; `unseen_changed`:
            those which the new one accepts with another value.
        faults: rules of the promotion that it does not keep; none: it is better.

    """

    base: str
    base_fingerprint: str
    beside: str = ""
    made: str
    command: str
    seed: int
    lines: Count
    kinds: dict[str, Count]
    books: BookSides
    calibration: Literal["taken over", "widened"]
    calibrated_on: Count = 0
    before: ReadingFigures
    after: ReadingFigures
    unseen: Count = 0
    unseen_changed: Count = 0
    faults: tuple[str, ...] = ()

    @property
    def better(self) -> bool:
        """It keeps all rules of the promotion."""
        return not self.faults


def load_learning_record(folder: Path) -> LearningRecordFile:
    """The record of a network in its folder.

    Raises:
        MachineError: it is missing or damaged.

    """
    return load_data(folder / LEARNING_RECORD, LearningRecordFile, MachineError)
