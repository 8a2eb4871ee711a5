"""Words of inventories: how they name their columns, register types, and their own files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.text.legacy_encodings import convert, recognise
from ocr_pipeline.text.normalise import key

_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")

ColumnName = Literal[
    "folder", "type", "commune", "district", "province", "year_opened", "number", "layout",
    "condition", "agency", "as_typed",
]  # fmt: skip


class ScanSuffixes(Strict):
    """Files that make a folder a book, or are a book by themselves (`single`)."""

    pages: tuple[str, ...]
    single: tuple[str, ...]


class InventoryNames(Strict):
    """Names without suffix, and suffixes, of files that hold inventories."""

    names: tuple[str, ...]
    suffixes: tuple[str, ...]


class InventoryWords(Strict):
    """`inventory.yaml`: how inventories name their columns and register types.

    Attributes:
        columns: spellings of each, the English and the Vietnamese one of our messages first.
        required: columns that no book can do without, beside one that names the agency.
        types: names of each register type beside its code.
        ticked: what stands in a column that is to be ticked; the first is the one of our messages.
        files: names of inventories beside the usual ones.
        scans: suffixes of files.

    """

    columns: dict[ColumnName, tuple[str, ...]]
    required: tuple[ColumnName, ...]
    types: dict[RegisterType, tuple[str, ...]]
    ticked: tuple[str, ...]
    files: InventoryNames
    scans: ScanSuffixes


def column_of(header: str) -> str:
    """Our name for a header cell; "" for columns we do not know.

    Old encodings, and what stands in brackets or behind a star, do not matter.
    """
    kind = recognise(header)
    name = (convert(header, kind) if kind else header).replace("_", " ").replace("/", " ")
    found = _headers().get(key(name, accents=False))
    return found or _headers().get(key(_ASIDE.sub(" ", name), accents=False), "")


def titles(names: list[str]) -> tuple[str, str]:
    """What messages call these columns, in Vietnamese and in English."""
    columns = column_spellings()
    return ", ".join(columns[n][1] for n in names), ", ".join(columns[n][0] for n in names)


def register_type_of(word: str) -> RegisterType | None:
    """The register type of a code or a name; None when it is none."""
    name = key(word, accents=False)
    return _types().get(name) or _types().get(name.removeprefix("so ").removeprefix("dang ky "))


def is_ticked(cell: str) -> bool:
    """Whether a cell of a column that is to be ticked says yes."""
    return key(cell) in map(key, inventory_words().ticked)


@cache
def column_spellings() -> Mapping[str, tuple[str, ...]]:
    """Our name of each column -> its spellings, the English one of messages first."""
    return {str(name): spellings for name, spellings in inventory_words().columns.items()}


@cache
def _headers() -> Mapping[str, str]:
    spellings = column_spellings().items()
    return {
        key(s.replace("_", " ").replace("/", " "), accents=False): name
        for name, all_ in spellings
        for s in all_
    }


@cache
def _types() -> Mapping[str, RegisterType]:
    found = {code.lower(): RegisterType(code) for code in RegisterType}
    for code, words in inventory_words().types.items():
        found.update({key(word, accents=False): RegisterType(code) for word in words})
    return found


@cache
def inventory_words() -> InventoryWords:
    """The words that this installation knows."""
    return load_data(Path(__file__).parent / "data" / "inventory.yaml", InventoryWords)
