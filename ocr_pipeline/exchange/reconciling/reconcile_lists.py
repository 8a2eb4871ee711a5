"""A reconciliation written for people: lists by unit, register type and kind, and the summary.

Every person of both sides stands in exactly one place: agreeing, or on one list. Rows that are no
record stand in a list of their own. The counts add up, or nothing is handed over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import ocr_pipeline
from ocr_pipeline.books.naming import unit_word
from ocr_pipeline.exchange.keyed_files.keyed_file import KeyedFiles
from ocr_pipeline.exchange.keyed_files.keyed_rows import AsideRow
from ocr_pipeline.exchange.keyed_files.result_folder import ResultFolder
from ocr_pipeline.exchange.reconciling.list_words import list_words
from ocr_pipeline.exchange.reconciling.list_workbook import Cells, list_bytes_of
from ocr_pipeline.exchange.reconciling.listed_person import (
    ListName,
    cells_of,
    list_of,
    work_order,
)
from ocr_pipeline.exchange.reconciling.outcome import PersonOutcome
from ocr_pipeline.exchange.reconciling.reconcile import ReconcileSettings, reconcile
from ocr_pipeline.exchange.reconciling.reconcile_summary import (
    SIDES,
    InputCounts,
    ReconcileSummary,
    input_counts,
    summary_of,
    unit_caption,
)
from ocr_pipeline.exchange.reconciling.reconciliation import TABLES, Reconciliation
from ocr_pipeline.exchange.reconciling.summary_workbook import summary_bytes
from ocr_pipeline.registers.types import RegisterType

MANIFEST = "doi_chieu.json"
_MOST_ROWS = 30_000  # of one Excel file: 60 MB of memory, and Excel still sorts it at once
_RUN_DIGITS = 6


def reconcile_into(
    side_a: KeyedFiles,
    side_b: KeyedFiles,
    out: Path,
    settings: ReconcileSettings,
    advance: Callable[[], None] = lambda: None,
    listed: Callable[[], None] = lambda: None,
) -> ReconcileSummary:
    """Reconcile two sides, and write lists and summary into a folder.

    The same input gives the same bytes. A run that was cut off is taken up by the next one: tables
    that are complete are not made again, and files that are there stay untouched.

    Args:
        side_a: the opened files of the civil-status database.
        side_b: those of the population database.
        out: folder for the result; empty, or with the result of the same input.
        settings: how they are compared.
        advance: called after each row read.
        listed: called after each row put on a list.

    Raises:
        BadInputError: the folder holds something else, a file in it was changed, or a side tells of
            nobody.
        MachineError: parts are not installed, or the folder cannot be written to.

    """
    inputs = _inputs(side_a, side_b, settings)
    output = ResultFolder(out, MANIFEST, inputs)
    output.begin()
    tables = out / list_words().folders.tables
    if not _whole(tables, output.facts):
        result = reconcile(side_a, side_b, tables, settings, advance)
        output.facts = {
            "counts": {
                side: list(_numbers(input_counts(tally)))
                for side, tally in (("a", result.tally_a), ("b", result.tally_b))
            },
            "aside": [
                [side, *_aside(row)]
                for side, rows in (("a", result.aside_a), ("b", result.aside_b))
                for row in rows
            ],
            "tables": table_digests(tables),
        }
        output.note()
    return _write(output, Reconciliation(tables), run_of(inputs), settings, listed)


def run_of(inputs: Mapping[str, Any]) -> str:
    """The code of a reconciliation: the same input has the same one."""
    text = json.dumps(inputs, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_RUN_DIGITS].upper()


def table_digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each table; of one that is not there ""."""
    found = {}
    for name in TABLES:
        path = folder / f"{name}.parquet"
        found[name] = ""
        if path.is_file():
            with path.open("rb") as file:
                found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def _inputs(
    side_a: KeyedFiles, side_b: KeyedFiles, settings: ReconcileSettings
) -> dict[str, Any]:  # fmt: skip
    sides = {"a": side_a, "b": side_b}
    return {
        **{
            side: [[file.path.name, file.digest] for file in files.files]
            for side, files in sides.items()
        },
        "rules": {
            name: [entry.agrees, dict(entry.agrees_in)]
            for name, entry in settings.rules.kinds.items()
        },
        "version": ocr_pipeline.__version__,
    }


def _whole(tables: Path, facts: Mapping[str, Any]) -> bool:
    digests = facts.get("tables")
    return bool(digests) and digests == table_digests(tables) and "" not in digests.values()


def _numbers(counts: InputCounts) -> tuple[int, int, int]:
    return counts.rows, counts.aside, counts.to_mend


def _aside(row: AsideRow) -> Sequence[object]:
    place = Path(row.key.file).name, row.key.sheet, row.key.row
    return (*place, row.fault.message.vi, row.fault.remedy.vi, " | ".join(row.cells))


# --- Files


def _write(
    output: ResultFolder,
    result: Reconciliation,
    run: str,
    settings: ReconcileSettings,
    listed: Callable[[], None],
) -> ReconcileSummary:
    words = list_words()
    counts = output.facts["counts"]
    summary = summary_of(run, result, {side: InputCounts(*counts[side]) for side in SIDES})
    folders = _Folders()
    outcomes = result.outcomes("kind <> 'agree'")
    for (type, unit), group in groupby(outcomes, key=lambda one: (one.type, one.unit)):
        folder = summary.folders.setdefault(unit, folders.of(unit))
        for number, part in enumerate(_parts(group), 1):
            lists = _lists(run, part)
            for name, rows in lists.items():
                summary.listed[type, unit, name] += len(rows)
                for _ in rows:
                    listed()
            shown = words.summary.list_title.format(
                type=RegisterType(type).label.vi, unit=unit_caption(unit)
            )
            file = words.files.list.format(type=type if number == 1 else f"{type}.{number}")
            remark = words.summary.part.format(number=number) if number > 1 else ""
            output.put(f"{folder}/{file}", list_bytes_of(shown, lists, remark=remark))
    summary.must_add_up()
    aside = output.facts["aside"]
    sides = words.sides
    output.put_list(
        words.files.aside, words.aside.columns, [(sides[side], *row) for side, *row in aside]
    )
    output.put(words.files.summary, summary_bytes(summary, settings.rules))
    text = json.dumps(summary.as_dict(), ensure_ascii=False, indent=1) + "\n"
    output.put(words.files.summary_json, text.encode())
    output.finish()
    return summary


def _parts(outcomes: Iterable[PersonOutcome]) -> Iterator[list[PersonOutcome]]:
    held = iter(outcomes)
    while part := list(islice(held, _MOST_ROWS)):
        yield part


def _lists(run: str, outcomes: Sequence[PersonOutcome]) -> dict[ListName, list[Cells]]:
    lists: dict[ListName, list[Cells]] = {}
    for outcome in sorted(outcomes, key=work_order):
        name = list_of(outcome)
        assert name is not None
        lists.setdefault(name, []).append(cells_of(run, outcome))
    return lists


class _Folders:
    """Names of folders, one for each unit; file names have no marks, so two units may share one."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, unit: str) -> str:
        """The folder of a unit that has none yet."""
        words = list_words().folders
        own = "_".join(filter(None, map(unit_word, unit.split(",")))) or words.no_unit
        name = f"{words.units}/{own}" if unit else own
        if name in self._taken:
            name += f" - {unit.replace('/', '-')}"
        self._taken.add(name)
        return name
