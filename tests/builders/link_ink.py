"""Records as the linking sees them: the scores of a network that reads each letter as written."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ocr_pipeline.exchange.linking.ink_fit import ComparedInk, RecordInk
from ocr_pipeline.processing.book_links import LinkRow
from ocr_pipeline.reading.decoding import LineScores
from ocr_pipeline.registers.fields import Candidate, Field, FieldKind, Script
from ocr_pipeline.registers.values import normalise_value

_SMALL = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"
LETTERS = "".join(sorted({*_SMALL, *_SMALL.upper(), *"0123456789/.,- "}))
KINDS = {
    "so": FieldKind.NUMBER_YEAR,
    "ngayDangKy": FieldKind.DATE,
    "nksHoTen": FieldKind.PERSON_NAME,
    "nksNgaySinh": FieldKind.DATE,
    "nksGioiTinh": FieldKind.SEX,
    "nksDanToc": FieldKind.ETHNIC_GROUP,
    "meHoTen": FieldKind.PERSON_NAME,
    "chaHoTen": FieldKind.PERSON_NAME,
}


def line_of(text: str, sure: float = 0.97) -> np.ndarray:
    """Frame scores of a line: letter, blank, letter …"""
    scores = np.full((2 * len(text) + 1, 1 + len(LETTERS)), (1 - sure) / len(LETTERS))
    scores[::2, 0] = sure
    for place, letter in enumerate(text):
        scores[2 * place + 1, 1 + LETTERS.index(letter)] = sure
    return np.log(scores).astype(np.float32)


def ink_of(code: str, text: str, value: str | None = None) -> ComparedInk:
    """A field on which `text` is written."""
    kind = KINDS[code]
    if not text:
        field = Field(code, kind, confidence=0.99, script=Script.BLANK)
        return ComparedInk(field, LineScores(kind, ()), LETTERS)
    read = normalise_value(kind, text) if value is None else value
    candidates = (Candidate(text, read, 0.998),)
    field = Field(code, kind, text, read, 0.998, n_best=candidates)
    return ComparedInk(field, LineScores(kind, (line_of(text),)), LETTERS)


def record_of(page: str, texts: Mapping[str, str], position: int = 1) -> RecordInk:
    """A record with these writings."""
    return RecordInk(page, position, "KS-2016", {c: ink_of(c, t) for c, t in texts.items()})


def row_of(number: int, values: Mapping[str, str]) -> LinkRow:
    """A keyed row."""
    return LinkRow(f"row{number}", "tep.xlsx", "", number + 2, "1437", "", dict(values))
