"""Frame scores of lines on which a text stands, as the network would give them."""

from __future__ import annotations

import numpy as np

from ocr_pipeline.processing.field_scores import PageScores, ScoreJob
from ocr_pipeline.reading.decoding import LineScores
from ocr_pipeline.reading.language import ALPHABET
from ocr_pipeline.registers.fields import FieldKind

STANDS = "Hoàng Thị Lan"
"""What stands in every field of `page_of_one_name`."""


def written(text: str, sure: float = 0.9, others: str = "") -> np.ndarray:
    """Scores of a line on which `text` stands; `others` says what it is taken for as well."""
    rows = []
    for place, letter in enumerate(text):
        row = np.full(1 + len(ALPHABET), 1e-5)
        row[0] = 1e-3
        row[ALPHABET.index(letter) + 1] += sure
        if place < len(others) and others[place] != letter:
            row[ALPHABET.index(others[place]) + 1] += 1 - sure
        blank = np.full(1 + len(ALPHABET), 1e-5)
        blank[0] = 1.0
        rows += [row / row.sum(), blank / blank.sum()]
    return np.log(np.array(rows)).astype(np.float32)


def page_of_one_name(job: ScoreJob) -> PageScores:
    """The same name in every field that was asked for."""
    ink = LineScores(FieldKind.PERSON_NAME, (written(STANDS).astype(np.float16),))
    return PageScores(ALPHABET, {place: ink for place in job.fields})


def placed_page_of_one_name(job: ScoreJob) -> PageScores:
    """The same name in every field: its frames begin at x = 60 and are 10 pixels wide, y 80–120."""
    seen = page_of_one_name(job)
    edges = {}
    for place, ink in seen.fields.items():
        [line] = ink.lines
        x = 60.0 + 10 * np.arange(len(line) + 1)
        ends = [np.column_stack([x, np.full_like(x, y)]) for y in (80.0, 120.0)]
        edges[place] = (np.stack(ends, axis=1).astype(np.float32),)
    return PageScores(seen.alphabet, seen.fields, edges)


def page_without_ink(job: ScoreJob) -> PageScores:
    """The form fits the page no more."""
    return PageScores(ALPHABET, {})
