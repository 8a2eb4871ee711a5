"""Headings under which columns are known, and files with headings of their own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.export.preimport.header import all_templates
from ocr_pipeline.registers.templates import Template, header_key, load_template
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.review.captions import caption
from ocr_pipeline.text.normalise import key
from ocr_pipeline.text.places import Level

UNIT_PREFIX = "unit."
"""`unit.commune`, `unit.district`, `unit.province`: columns with the unit that keyed the row."""
NOT_TAKEN = "-"
"""Stands in a mapping file for a column that is known and not taken."""


class HeaderFile(Strict):
    """`headers.yaml`.

    Attributes:
        units: headings of the columns with the unit that keyed the row.
        spellings: other headings by column of a template.

    """

    units: dict[Level, tuple[str, ...]]
    spellings: dict[str, tuple[str, ...]]


class MappingFile(Strict):
    """A file of the user that says which heading of a keyed file is which column.

    Attributes:
        type: register type of the rows.
        generation: of the template that the columns belong to.
        variant: of that template; "" for the usual one.
        columns: heading -> column of the template, `unit.commune` and the like, or `-`.

    """

    type: RegisterType
    generation: str = "1437"
    variant: str = ""
    columns: dict[str, str]


class ColumnNames:
    """Which headings mean which columns of one template.

    Args:
        template: the template.
        mapped: headings of a mapping file; all others are unknown then. None: those known to us.

    """

    def __init__(self, template: Template, mapped: Mapping[str, str] | None = None) -> None:
        self.template, self.mapped = template, mapped is not None
        self._exact: dict[str, str] = {}
        self._loose: dict[str, str] = {}
        if mapped is not None:
            self._loose = {loose_heading(title): name for title, name in mapped.items()}
            return
        for column in template.columns:
            self._exact[column.name.casefold()] = column.name
        for level, titles in _known().units.items():
            self._exact |= {title.casefold(): UNIT_PREFIX + level for title in titles}
            self._loose |= {loose_heading(title): UNIT_PREFIX + level for title in titles}
        for column in template.columns:
            titles = (caption(column.name).vi, *_known().spellings.get(column.name, ()))
            for title in titles:
                self._loose.setdefault(loose_heading(title), column.name)

    def find(self, heading: str) -> str:
        """The column that a heading means; "" for one that means none."""
        found = self._exact.get(header_key(heading)) if heading.strip() else None
        tight = "".join(heading.split()).casefold()
        return found or self._exact.get(tight) or self._loose.get(loose_heading(heading), "")

    @property
    def size(self) -> int:
        """How many columns the template, or the mapping file, has."""
        return len(self._loose) if self.mapped else len(self.template.columns)


def loose_heading(text: str) -> str:
    """A heading without case, marks, blanks and what stands in brackets."""
    return key(text.partition("(")[0] or text, accents=False).replace(" ", "")


@cache
def known_columns() -> tuple[ColumnNames, ...]:
    """The headings of all templates; the police export of births has those of KS 158."""
    return tuple(ColumnNames(template) for template in all_templates())


def mapped_columns(path: Path) -> ColumnNames:
    """The headings of a mapping file.

    Raises:
        BadInputError: it cannot be read, does not follow the schema, or names unknown columns.

    """
    remedy = Text("Sửa tệp ánh xạ cột", "Correct the mapping file")
    mapping = load_data(path, MappingFile, BadInputError, remedy)
    template = load_template(mapping.type, mapping.generation, mapping.variant)
    called = f"{mapping.type} {mapping.generation}"
    units = {UNIT_PREFIX + level for level in ("commune", "district", "province")}
    for title, name in mapping.columns.items():
        if name not in template.by_name and name not in units and name != NOT_TAKEN:
            raise BadInputError(
                Text(
                    f"“{title}”: mẫu Excel {called} không có cột “{name}”",
                    f"“{title}”: the template {called} has no column “{name}”",
                ),
                where=str(path),
                remedy=remedy,
            )  # fmt: skip
    return ColumnNames(template, mapping.columns)


@cache
def _known() -> HeaderFile:
    return load_data(Path(__file__).parent / "data" / "headers.yaml", HeaderFile)
