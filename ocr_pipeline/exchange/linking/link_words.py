"""Words of the lists that the linking writes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.registers.fields import FieldKind


class LinkSheet(Strict):
    """A sheet of the lists: its title and headings."""

    title: str
    columns: tuple[str, ...]


class LinkWordFile(Strict):
    """`link_words.yaml`.

    Attributes:
        file: name of the lists, without its ending.
        sheets: by what they tell.
        states: of links.
        reasons: why a record waits, or has no row.
        one_empty: a difference in which the row, or the page, is empty.
        kinds: what kinds of fields are called.
        persons: columns that name the person of a row.

    """

    file: str
    sheets: dict[str, LinkSheet]
    states: dict[str, str]
    reasons: dict[str, str]
    one_empty: dict[str, str]
    kinds: dict[FieldKind, str]
    persons: tuple[str, ...]


@cache
def link_words() -> LinkWordFile:
    """The words that ship with the program."""
    return load_data(Path(__file__).parent / "data" / "link_words.yaml", LinkWordFile)
