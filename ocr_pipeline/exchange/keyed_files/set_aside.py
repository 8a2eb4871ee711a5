"""Rows of a keyed sheet that are no registration case: totals, closing lines and the like."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr_pipeline.exchange.keyed_files.cells import UnpackedRow
from ocr_pipeline.exchange.keyed_files.keyed_header import KeyedHeader
from ocr_pipeline.exchange.keyed_files.row_words import row_words
from ocr_pipeline.text.normalise import key

_NUMBER = re.compile(r"^[(\[]?\d{1,3}[)\].]?$")
_MOST_FILLED = 6  # cells of a row of totals or of a closing line; the narrowest record has more
_HEADING_SHARE = 0.6  # of the cells of a repeated header are headings
_DATE_LINE = re.compile(r"^[^\d]{0,40}ngày\s*[\d.…]*\s*tháng", re.IGNORECASE)


def why_aside(row: UnpackedRow, header: KeyedHeader) -> str:
    """The rule by which a row below the header is no record; "" for a record.

    A row that is set aside never has its name: who is in doubt is a record, with faults.
    """
    texts = [text.strip() for text in row.texts]
    filled = [text for text in texts if text]
    if len(filled) > 2 and all(_NUMBER.match(text) for text in filled):
        numbers = [int(re.sub(r"\D", "", text)) for text in filled]
        if all(b - a == 1 for a, b in zip(numbers, numbers[1:], strict=False)):
            return "column_numbers"
    if _is_heading(texts, header):
        return "header_again"
    if len(filled) > _MOST_FILLED:
        return ""
    named = {header.columns[at] for at, text in enumerate(texts) if text and at in header.columns}
    if named <= {"STT"} and len(filled) == 1 and filled[0].rstrip(".").isdecimal():
        return "only_numbered"
    first = key(filled[0])
    if any(first == word or first.startswith(f"{word} ") for word in row_words().totals):
        return "totals_row"
    if not any(name.endswith("HoTen") for name in named) or len(filled) <= 2:
        starts = any(first.startswith(word) for word in row_words().closing)
        if starts or _DATE_LINE.match(filled[0]):
            return "closing_row"
    return ""


def _is_heading(texts: Sequence[str], header: KeyedHeader) -> bool:
    """Most cells are the headings of the columns that they stand in."""
    if texts[: len(header.titles)] == list(header.titles):
        return True
    if any(map(str.isdigit, "".join(texts))):  # a record has a date, a heading has no digits
        return False
    pairs = [(text, header.columns.get(at)) for at, text in enumerate(texts) if text]
    same = sum(header.names.find(text) == name for text, name in pairs if name)
    return len(pairs) > 2 and same >= len(pairs) * _HEADING_SHARE
