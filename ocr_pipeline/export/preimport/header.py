"""Which template a header row belongs to, and how it differs from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache

from ocr_pipeline.export.faults import PackageFault, fault
from ocr_pipeline.export.preimport.cells import Cell, RawSheet
from ocr_pipeline.registers.templates import Template, generations, header_key, load_template
from ocr_pipeline.registers.types import RegisterType

_ROWS_TO_SEARCH = 10
_ENOUGH_SHARE = 0.6  # share of a template's columns that must be there


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """A sheet that follows a template, more or less.

    Attributes:
        template: the one that fits best, of all types, generations and variants.
        sheet: number of the sheet, from 0.
        row: index of the header row, from 0.
        columns: column name -> index in the rows.

    """

    template: Template
    sheet: int
    row: int
    columns: dict[str, int]


def all_templates() -> list[Template]:
    """Every shipped template in every variant."""
    return [
        load_template(type_, generation, variant)
        for type_ in RegisterType
        for generation in generations(type_)
        for variant in load_template(type_, generation).variants or ("",)
    ]


def recognise(sheets: Sequence[RawSheet]) -> HeaderMatch | None:
    """The best fit among the first rows of all sheets; None when nothing fits well enough."""
    best: tuple[int, HeaderMatch] | None = None
    for number, sheet in enumerate(sheets):
        for row, cells in enumerate(sheet.rows[:_ROWS_TO_SEARCH]):
            keys = [_key(cell.text) for cell in cells]
            for template in all_templates():
                names = _names(template)
                known = {names[k]: i for i, k in reversed(list(enumerate(keys))) if k in names}
                surplus = sum(bool(key) for key in keys) - len(known)
                score = 2 * len(known) - surplus - len(names)
                if len(known) < _ENOUGH_SHARE * len(names) or (best and score <= best[0]):
                    continue
                best = score, HeaderMatch(template, number, row, known)
    return best[1] if best else None


def header_faults(
    match: HeaderMatch, sheets: Sequence[RawSheet], file: str
) -> Iterator[PackageFault]:
    """Differences of the header from its template, serious ones first by place."""
    sheet, template = sheets[match.sheet], match.template
    names = _names(template)
    if match.sheet:
        yield fault("first_sheet", file, found=sheet.name)
    elif sheet.name.strip() != template.sheet:
        yield fault("other_sheet", file, found=sheet.name, expected=template.sheet)
    if match.row:
        yield fault("header_row", file, row=match.row + 1, found=match.row + 1)
    row = match.row + 1
    found: list[str] = []
    for cell in sheet.rows[match.row]:
        name = names.get(_key(cell.text))
        if name is None and cell.text.strip():
            yield fault("header_surplus", file, row=row, column=_shown(cell), name=_shown(cell))
        elif name in found:
            yield fault("header_twice", file, row=row, column=str(name), name=name)
        elif name:
            found.append(name)
            title = template.by_name[name].title
            if cell.text != title:
                yield fault(
                    "header_spelling",
                    file,
                    row=row,
                    column=name,
                    found=_visible(cell.text),
                    expected=_visible(title),
                )
    order = [column.name for column in template.columns]
    for name in order:
        if name not in found:
            yield fault(
                "header_missing", file, row=row, column=name, name=name,
                position=order.index(name) + 1,
            )  # fmt: skip
    for name in _moved(found, [name for name in order if name in found]):
        yield fault(
            "header_order", file, row=row, column=name, name=name, position=order.index(name) + 1
        )


def _moved(found: list[str], expected: list[str]) -> list[str]:
    blocks = SequenceMatcher(None, found, expected, autojunk=False).get_matching_blocks()
    in_place = {name for block in blocks for name in found[block.a : block.a + block.size]}
    return [name for name in found if name not in in_place]


@cache
def _names(template: Template) -> dict[str, str]:
    return {column.name.casefold(): column.name for column in template.columns}


@cache
def _every_key() -> frozenset[str]:
    return frozenset(key for template in all_templates() for key in _names(template))


@cache
def _key(text: str) -> str:
    key = header_key(text)
    tight = "".join(text.split()).casefold()
    return tight if key not in _every_key() and tight in _every_key() else key


def _shown(cell: Cell) -> str:
    return " ".join(cell.text.split())[:40]


def _visible(text: str) -> str:
    return text.replace("\n", "\\n")
