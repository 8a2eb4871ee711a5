"""Words of the lists of a reconciliation, and the decisions that may be returned, as data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from ocr_pipeline.data_files import Strict, Wording, load_data
from ocr_pipeline.errors import Text
from ocr_pipeline.exchange.reconciling.outcome import OutcomeKind


class ListEntry(Strict):
    """A kind of list.

    Attributes:
        sheet: name of its sheet; `{field}` stands for the field that differs.
        kind: the class of its rows.
        side: whose rows stand in it.
        decisions: ids of the decisions that may be chosen.

    """

    sheet: str
    kind: OutcomeKind
    side: Literal["a", "b"]
    decisions: tuple[str, ...]


class DecisionEntry(Wording):
    """A decision: its wording, and what must stand beside it."""

    needs: Literal["", "text", "candidate"] = ""


class ReturnedFaultEntry(Wording):
    """Why a returned row or file is not taken in, and what to do."""

    do_vi: str
    do_en: str


class ListFolders(Strict):
    """Names of folders."""

    units: str
    no_unit: str
    tables: str


class ListFiles(Strict):
    """Names of files."""

    list: str
    summary: str
    summary_json: str
    aside: str
    decisions: str
    results: str
    refused: str


class ListWording(Strict):
    """Texts within cells; their placeholders stand in the file."""

    cause: str
    passes: str
    source: str
    number: str
    candidate: str


class TableWords(Strict):
    """Headings of a table."""

    columns: tuple[str, ...]


class SummarySheets(Strict):
    """Names of the sheets of summaries."""

    summary: str
    kinds: str
    causes: str
    units: str
    rules: str
    help: str


class SummaryWords(Strict):
    """What stands on the sheets of summaries."""

    sheets: SummarySheets
    title: str
    type: str
    total: str
    side_title: str
    input_title: str
    input: tuple[str, ...]
    matched: str
    ours: str
    not_official: str
    kind: str
    field: str
    difference: str
    cause: str
    count: str
    agrees: str
    except_in: str
    counts: str
    counts_not: str
    unit: str
    no_unit: str
    folder: str
    to_verify: str
    list_title: str
    part: str
    by_kind: str
    by_class: str
    top_units: str


class ResultWords(TableWords):
    """What stands in the file of results."""

    summary: str
    waiting: str
    listed: str
    settled: str


class ListWords(Strict):
    """`list_words.yaml`."""

    folders: ListFolders
    files: ListFiles
    sides: dict[str, str]
    lists: dict[str, ListEntry]
    decisions: dict[str, DecisionEntry]
    columns: dict[str, str]
    texts: ListWording
    roles: dict[str, str]
    sexes: dict[str, str]
    classes: dict[OutcomeKind, Wording]
    id_checks: dict[str, str]
    id_parts: dict[str, str]
    summary: SummaryWords
    help: tuple[str, ...]
    results: ResultWords
    refused: TableWords
    aside: TableWords
    faults: dict[str, ReturnedFaultEntry]


@cache
def list_words() -> ListWords:
    """The words that ship with the program."""
    return load_data(Path(__file__).parent / "data" / "list_words.yaml", ListWords)


def return_fault(name: str, **values: object) -> tuple[Text, Text]:
    """Why something returned is not taken in, and what to do, with placeholders filled in."""
    entry = list_words().faults[name]
    return entry.message.format(**values), Text(entry.do_vi, entry.do_en).format(**values)


def choices(names: tuple[str, ...]) -> str:
    """The wording of some decisions, one after the other."""
    known: Mapping[str, DecisionEntry] = list_words().decisions
    return "; ".join(known[name].vi for name in names)
