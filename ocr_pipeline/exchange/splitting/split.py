"""A keyed file divided by registering agency: step 2 of the letter of June 2024.

Every row of the input stands in exactly one place afterwards: in the `.xls` of its agency, in that
of an agency that is not known, or in the list of what was put aside. The counts add up or it fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import ocr_pipeline
from ocr_pipeline.books.book import Agency
from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.exchange.keyed_files.findings import KeyedFault, keyed_fault
from ocr_pipeline.exchange.keyed_files.keyed_file import KeyedFiles
from ocr_pipeline.exchange.keyed_files.keyed_rows import BOOK_NUMBER, AsideRow, KeyedRow
from ocr_pipeline.exchange.keyed_files.keyed_tally import KeyedTally
from ocr_pipeline.exchange.keyed_files.passing_folder import passing_folder
from ocr_pipeline.exchange.keyed_files.result_folder import ResultFolder
from ocr_pipeline.exchange.splitting.registering_agency import (
    FoundAgency,
    StatedAgency,
    find_agencies,
    stated_agency,
)
from ocr_pipeline.exchange.splitting.sorted_rows import SortedRows, SplitRow, cells_of, split_row
from ocr_pipeline.exchange.splitting.split_words import split_words
from ocr_pipeline.export.agency_folder import folder_names
from ocr_pipeline.export.xls import MAX_ROWS, Sheet, workbook
from ocr_pipeline.registers.templates import Template
from ocr_pipeline.text.normalise import key
from ocr_pipeline.text.numbers import parse_number_year
from ocr_pipeline.text.places import Level

MANIFEST = "tach.json"
_LEVEL_NAMES: Mapping[Level, str] = {"province": "tỉnh", "district": "huyện", "commune": "xã"}
_NO_YEAR = 9999
_UNKNOWN, _ASIDE = "unknown", "aside"


@dataclass(frozen=True, slots=True)
class SplitChoices:
    """How a file is divided.

    Attributes:
        province: of rows that name none; "" takes that of most other rows.
        one_file: one `.xls` for each register type of an agency instead of one for each book.
        most_rows: rows of data of an `.xls` at most.

    """

    province: str = ""
    one_file: bool = False
    most_rows: int = MAX_ROWS - 1


@dataclass(frozen=True, slots=True)
class SplitPart:
    """One `.xls` of a split.

    Attributes:
        path: below the folder of the split.
        agency: full name of the agency; "" where it is not known.
        level: which level registers; None where the agency is not known.
        type: code of the register type.
        rows: rows of data.
        number: 1, or more where one `.xls` does not hold all rows.
        note: what people should know.

    """

    path: str
    agency: str
    level: Level | None
    type: str
    rows: int
    number: int = 1
    note: str = ""


@dataclass(slots=True)
class SplitReport:
    """What became of all rows.

    Attributes:
        tally: of the input.
        parts: the files.
        unknown: statements of an agency that is not known, with their rows; one for all years.
        aside: rows in the list of what was put aside: no record, or a double.

    """

    tally: KeyedTally
    parts: list[SplitPart] = field(default_factory=list)
    unknown: list[tuple[StatedAgency, FoundAgency, int]] = field(default_factory=list)
    aside: int = 0

    @property
    def placed(self) -> int:
        """Rows in files of agencies that are known."""
        return sum(part.rows for part in self.parts if part.agency)

    @property
    def rows_unknown(self) -> int:
        """Rows in files of agencies that are not known."""
        return sum(part.rows for part in self.parts if not part.agency)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "rows": self.tally.rows,
            "placed": self.placed,
            "unknown": self.rows_unknown,
            "aside": self.aside,
            "files": [
                {
                    "file": part.path, "agency": part.agency, "level": part.level,
                    "type": part.type, "rows": part.rows,
                }
                for part in self.parts
            ],
            "unknown_agencies": [
                {
                    "text": stated.text, "units": [unit for unit in stated.units if unit],
                    "year": stated.year or None, "rows": rows,
                    "why": {"vi": found.note.vi, "en": found.note.en} if found.note else None,
                    "nearest": list(found.nearest),
                }
                for stated, found, rows in self.unknown
            ],
            "mended": self.tally.mended.total(),
            "faults": self.tally.faults.total(),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows that go into the same file: what they say of their agency, template, book."""

    stated: StatedAgency
    type: str
    generation: str
    variant: str
    book: tuple[int, int] | None  # year opened and number


def split_keyed(
    keyed: KeyedFiles,
    out: Path,
    choices: SplitChoices,
    advance: Callable[[], None] = lambda: None,
) -> SplitReport:
    """Divide the rows of keyed files by registering agency.

    The same input gives the same bytes. A run that was cut off is taken up by the next one: files
    appear whole, and those that are there already stay untouched.

    Args:
        keyed: the opened files.
        out: folder for the result; empty, or with the result of the same input.
        choices: how to divide.
        advance: called after each row read.

    Raises:
        BadInputError: the folder holds something else, or a file in it was changed.
        MachineError: the folder cannot be written to, or the disk is full.

    """
    output = ResultFolder(out, MANIFEST, _inputs(keyed, choices))
    output.begin()
    report = SplitReport(KeyedTally())
    with passing_folder() as folder:
        sorted_rows = SortedRows(folder)
        templates: dict[_Group, Template] = {}
        aside: list[Sequence[object]] = []
        for number, row in enumerate(keyed.rows()):
            report.tally.add(row)
            advance()
            if isinstance(row, AsideRow) or row.double_of:
                aside.append(_aside_line(row))
                continue
            group = _group(row, choices)
            templates[group] = row.template
            sorted_rows.add(group, split_row(number, row))
        sorted_rows.flush()
        report.aside = len(aside)
        _write_parts(output, report, sorted_rows, templates, choices)
    _write_lists(output, report, aside)
    assert report.placed + report.rows_unknown + report.aside == report.tally.rows
    output.finish()
    return report


def _inputs(keyed: KeyedFiles, choices: SplitChoices) -> dict[str, Any]:
    return {
        "files": [[file.path.name, file.digest] for file in keyed.files],
        "province": choices.province,
        "one_file": choices.one_file,
        "most_rows": choices.most_rows,
        "version": ocr_pipeline.__version__,
    }


def _group(row: KeyedRow, choices: SplitChoices) -> _Group:
    number = parse_number_year(row.values.get(BOOK_NUMBER, ""))
    book = (number[1], number[0]) if number and number[1] and not choices.one_file else None
    template = row.template
    return _Group(
        stated_agency(row), str(template.type), template.generation, template.variant, book
    )


# --- Files


def _write_parts(
    output: ResultFolder,
    report: SplitReport,
    sorted_rows: SortedRows,
    templates: Mapping[_Group, Template],
    choices: SplitChoices,
) -> None:
    found = find_agencies({group.stated: None for group in templates}, choices.province)
    counts: Counter[StatedAgency] = Counter()
    for group in templates:
        counts[group.stated] += sorted_rows.sizes[group]
    report.unknown = _unknown(found, counts)
    folders = _Folders()
    for target, groups in _targets(templates, found, folders, choices).items():
        parts = _parts(sorted_rows.rows(groups), choices.most_rows)
        agency = found[groups[0].stated].agency
        notes = {note.vi for g in groups if (note := found[g.stated].note) and agency}
        for number, rows in enumerate(parts, 1):
            name = f"{target}.xls" if number == 1 else f"{target}.{number}.xls"
            template = templates[groups[0]]
            output.put(name, _excel(rows, template))
            report.parts.append(
                SplitPart(
                    name,
                    agency.full_name if agency else "",
                    found[groups[0].stated].level,
                    str(template.type),
                    len(rows),
                    number,
                    "; ".join(sorted(notes)),
                )
            )
            lines = list(_change_lines(rows, name.rpartition("/")[2]))
            if lines:
                columns = split_words().lists["changes"]
                output.put_list(
                    f"{name.removesuffix('.xls')}.{columns.file}", columns.columns, lines
                )


def _unknown(
    found: Mapping[StatedAgency, FoundAgency], counts: Mapping[StatedAgency, int]
) -> list[tuple[StatedAgency, FoundAgency, int]]:
    """Statements without an agency, most rows first; the year is the first in which they stand."""
    same: dict[tuple[str, tuple[str, str, str]], list[StatedAgency]] = {}
    for stated, agency in found.items():
        if agency.agency is None:
            same.setdefault((stated.text, stated.units), []).append(stated)
    listed = []
    for alike in same.values():
        first = min(alike, key=lambda one: one.year or _NO_YEAR)
        listed.append((first, found[first], sum(counts[one] for one in alike)))
    return sorted(listed, key=lambda one: (-one[2], one[0].text, one[0].units))


def _targets(
    templates: Mapping[_Group, Template],
    found: Mapping[StatedAgency, FoundAgency],
    folders: _Folders,
    choices: SplitChoices,
) -> dict[str, list[_Group]]:
    """Which groups go into which file; groups that name one agency in two ways go together."""
    targets: dict[str, list[_Group]] = {}
    naming = NamingRule()
    wanted = sorted(templates, key=lambda g: (g.type, g.generation, g.variant, g.book or (0, 0)))
    templates_of: dict[tuple[str, Agency | None], set[tuple[str, str]]] = {}
    for group in wanted:
        used_in = templates_of.setdefault((group.type, found[group.stated].agency), set())
        used_in.add((group.generation, group.variant))
    for group in sorted(wanted, key=lambda g: _order(found[g.stated].agency)):
        agency = found[group.stated].agency
        if agency is None:
            folder, stem = split_words().folders[_UNKNOWN], group.type
        else:
            folder = folders.of(agency, found[group.stated].level or "province", naming)
            stem = f"{naming.unit(agency)}.{group.type}"
            if group.book:
                stem += f".{group.book[0]}.{group.book[1]:02d}"
            elif not choices.one_file:
                stem += f".{split_words().no_book}"
        if len(templates_of[group.type, agency]) > 1:  # two templates do not fit one sheet
            name = "-".join(filter(None, (group.generation, group.variant)))
            folder += f"/{split_words().template}_{name}"
        targets.setdefault(f"{folder}/{stem}", []).append(group)
    return targets


def _order(agency: Agency | None) -> tuple[str, ...]:
    return tuple(reversed(agency.units)) if agency else ("\U0010ffff",)


class _Folders:
    """Names of folders, one for each agency, whatever its spelling in the rows."""

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}

    def of(self, agency: Agency, level: Level, naming: NamingRule) -> str:
        """The folder of an agency below that of its level."""
        own = key(agency.full_name)
        names = [f"{split_words().folders[level]}/{n}" for n in folder_names(agency, naming)]
        for name in names:
            if self._owners.setdefault(name, own) == own:
                return name
        return names[-1]


def _parts(rows: Iterator[SplitRow], most: int) -> Iterator[list[SplitRow]]:
    """Rows in lots that an `.xls` can hold."""
    while part := list(islice(rows, most)):
        yield part


def _excel(rows: Sequence[SplitRow], template: Template) -> bytes:
    cells = [cells_of(row, template, position) for position, row in enumerate(rows, 1)]
    return workbook([Sheet(template.sheet, template.headers(), cells)])


# --- Lists


def _change_lines(rows: Sequence[SplitRow], file: str) -> Iterator[Sequence[object]]:
    for excel_row, row in enumerate(rows, 2):
        for column, before, after, what in row.changes:
            yield (file, excel_row, column, before, after, what, "", *row.source)
        for column, _, what, remedy in row.faults:
            cell = row.cells.get(column, "")
            yield (file, excel_row, column, cell, cell, what, remedy, *row.source)


def _aside_line(row: KeyedRow | AsideRow) -> Sequence[object]:
    if isinstance(row, AsideRow):
        fault, cells = row.fault, " | ".join(row.cells)
    else:
        fault, cells = _double(row), " | ".join(row.cells.values())
    place = Path(row.key.file).name, row.key.sheet, row.key.row
    return (*place, fault.message.vi, fault.remedy.vi, cells)


def _double(row: KeyedRow) -> KeyedFault:
    assert row.double_of is not None
    return keyed_fault(row.key, "duplicate", other=row.double_of.shown)


def _write_lists(
    output: ResultFolder, report: SplitReport, aside: Iterable[Sequence[object]]
) -> None:
    words = split_words()
    if report.aside:
        columns = words.lists[_ASIDE]
        output.put_list(f"{words.folders[_ASIDE]}/{columns.file}", columns.columns, aside)
    if report.unknown:
        columns = words.lists[_UNKNOWN]
        lines = (
            (stated.text, ", ".join(filter(None, stated.units)), stated.year or "", rows,
             found.note.vi if found.note else "", "; ".join(found.nearest))
            for stated, found, rows in report.unknown
        )  # fmt: skip
        output.put_list(f"{words.folders[_UNKNOWN]}/{columns.file}", columns.columns, lines)
    summary = words.lists["summary"]
    output.put_list(summary.file, summary.columns, _summary_lines(report))


def _summary_lines(report: SplitReport) -> Iterator[Sequence[object]]:
    for part in report.parts:
        folder, _, file = part.path.rpartition("/")
        level = _LEVEL_NAMES[part.level] if part.level else ""
        yield (folder, part.agency, level, part.type, file, part.rows, part.note)
    words = split_words()
    aside = words.folders[_ASIDE]
    yield (aside, "", "", "", words.lists[_ASIDE].file if report.aside else "", report.aside, "")
    yield ("", "", "", "", "Tổng cộng", report.tally.rows, "")
