"""A workspace of several small books in which people have entered values, and fakes that learn."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ocr_pipeline.learning.comparison import NetworkComparison
from ocr_pipeline.learning.learning_rules_schema import LearningRulesFile, learning_rules
from ocr_pipeline.learning.network_learning import LearningParts, Lesson
from ocr_pipeline.processing.confirmed_writing import KnownLine, KnownWriting
from ocr_pipeline.processing.learning_record_schema import ReadingFigures
from ocr_pipeline.registers.fields import State
from ocr_pipeline.store.entries import Entry, add_entries
from ocr_pipeline.store.learning_consent import set_learning_consent
from ocr_pipeline.store.workspace import Workspace
from tests.builders.books import make_book
from tests.builders.drawn_pages import fill_book

BEFORE = ReadingFigures(
    characters=1000, characters_wrong=80, fields=100, right=60, accepted=20, accepted_wrong=1
)
BETTER = BEFORE.model_copy(update={"characters_wrong": 50, "right": 70})
WORSE = BEFORE.model_copy(update={"characters_wrong": 90})


def corrected_books(ws: Workspace, scans: Path, first: int = 1, last: int = 4) -> list[str]:
    """Books of one page each with two values that people entered; gives their ids."""
    ids = []
    for number in range(first, last + 1):
        book = make_book("KS", number, 2016, path=scans / f"so-{number}")
        [(row, _)] = fill_book(ws, book, scans / f"so-{number}", 1)
        said = [("nksHoTen", "Nguyễn Văn An"), ("nguoiKy", "Vũ Quốc Khánh")]
        with ws.transaction() as session:
            entries = [
                Entry(row.name, 1, code, value, State.CORRECTED, "lan", time=datetime.now(UTC))
                for code, value in said
            ]
            add_entries(session, book.id, entries)
        ids.append(book.id)
    return sorted(ids)


def allow(ws: Workspace, given: bool = True) -> None:
    """Give or withdraw the consent."""
    with ws.transaction() as session:
        set_learning_consent(session, given, "quan")


def small_rules(**least: int) -> LearningRulesFile:
    """The shipped rules, for books with two corrected fields each."""
    rules = learning_rules()
    wanted = {"books": 3, "lines": 6, "held_back_fields": 2, **least}
    return rules.model_copy(update={"least": rules.least.model_copy(update=wanted)})


def two_lines(ws: Workspace, book: str, settings: object) -> KnownWriting:
    """Two lines of a book, each with a picture of its own."""
    lines = [
        KnownLine(np.full((40, 90), number, np.uint8), f"An {book[-1]}", 0.1, "p", (1, code), 0,
                  sure=False)
        for number, code in enumerate(("nksHoTen", "nguoiKy"))
    ]  # fmt: skip
    return KnownWriting(tuple(lines))


def copy_of_base(lesson: Lesson) -> bool:
    """Learns nothing: the new network is the shipped one under another version."""
    lesson.told(1, 1)
    shutil.copytree(lesson.base, lesson.made)
    return True


def parts(after: ReadingFigures = BETTER, **other: object) -> LearningParts:
    """Parts without PyTorch and pictures; the new network reads with these figures."""
    made = LearningParts(
        two_lines, copy_of_base, lambda *_: NetworkComparison(BEFORE, after, 40, 0)
    )
    return replace(made, **other)  # type: ignore[arg-type]
