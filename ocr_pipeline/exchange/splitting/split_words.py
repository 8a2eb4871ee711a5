"""What folders and lists of a split are called."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ocr_pipeline.data_files import Strict, Wording, load_data
from ocr_pipeline.errors import Text


class SplitList(Strict):
    """A list beside the files: its name and its headings."""

    file: str
    columns: tuple[str, ...]


class SplitFile(Strict):
    """`split.yaml`.

    Attributes:
        folders: names by level, and of what belongs to no agency.
        lists: the lists by what they tell.
        template: part of a folder's name where rows follow several templates.
        no_book: part of a file's name whose rows name no book.
        reasons: why an agency is not known, and notes on one that is.

    """

    folders: dict[str, str]
    lists: dict[str, SplitList]
    template: str
    no_book: str
    reasons: dict[str, Wording]


@cache
def split_words() -> SplitFile:
    """The words that ship with the program."""
    return load_data(Path(__file__).parent / "data" / "split.yaml", SplitFile)


def reason(name: str, **values: object) -> Text:
    """A reason with its placeholders filled in."""
    return split_words().reasons[name].message.format(**values)
