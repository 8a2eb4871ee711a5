"""One line of a first inventory: what names, cover and pages say, put together, doubts listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ocr_pipeline.books.book import Agency
from ocr_pipeline.books.book_ids import same_agency
from ocr_pipeline.errors import Text
from ocr_pipeline.exchange.inventorying.book_survey import BookSurvey
from ocr_pipeline.exchange.inventorying.name_facts import NameFacts, read_names
from ocr_pipeline.exchange.inventorying.scanned_books import ScannedBook
from ocr_pipeline.exchange.inventorying.work_order import CONDITIONS, OrderPlan, rank
from ocr_pipeline.reading.cover import Cover, CoverName
from ocr_pipeline.registers.types import RegisterType

Source = Literal["name", "cover", "pages", "option"]
SOURCES: Mapping[Source, Text] = {
    "name": Text("tên thư mục, tệp", "name of the folder or file"),
    "cover": Text("bìa", "cover"),
    "pages": Text("các trang", "pages"),
    "option": Text("lệnh", "command"),
}
_LEAST_PAGES = 2  # that must have one form, for the register type to be known by it


@dataclass(frozen=True, slots=True)
class CellDoubt:
    """Why a cell is to be looked at.

    Attributes:
        column: name of the column (`books.inventory_words`); `folder` for the whole line.
        taken: what stands in the cell; "" for nothing.
        said: what each source says.
        why: in words.

    """

    column: str
    taken: str
    said: Mapping[Source, str]
    why: Text


@dataclass(slots=True)
class BookLine:
    """One book on its way into the inventory.

    Attributes:
        folder: path from the folder of scans.
        cells: by column; "" where nothing is known.
        doubts: cells to look at.
        survey: what was seen of the book.
        order: place among the books to be worked on, from 1.

    """

    folder: str
    cells: dict[str, str]
    doubts: list[CellDoubt]
    survey: BookSurvey
    order: int = 0


@dataclass(slots=True)
class _Statement:
    """What one source says of a cell, and whether it is sure; `others`: what it may be as well."""

    value: str
    sure: bool
    others: tuple[str, ...] = field(default=())


_ONE_SOURCE = Text("chỉ một nguồn, chưa chắc", "one source only, and not sure")
_DIFFER = Text("các nguồn ghi khác nhau", "the sources differ")
_NOTHING = Text(
    "không nguồn nào ghi; hãy điền, nếu không sổ chưa được đọc",
    "no source says it; fill it in, or the book is not read",
)


def inventory_line(
    book: ScannedBook, folder: str, survey: BookSurvey, agency: Agency | None, plan: OrderPlan
) -> BookLine:
    """The line of one book.

    Args:
        book: what was found.
        folder: its path from the folder of scans.
        survey: what was seen of it.
        agency: what the operator says of all books; None for nothing.
        plan: the order of work.

    """
    names = read_names(Path(book.path), survey.first_file)
    line = BookLine(folder, {"folder": folder, "layout": survey.layout}, [], survey)
    if book.doubt is not None:
        line.doubts.append(CellDoubt("folder", folder, {}, book.doubt))
    if not survey.pages:
        none = Text("không có trang nào đọc được", "no page can be read")
        line.doubts.append(CellDoubt("folder", folder, {}, none))
    _settle(line, "type", _types(survey, names))
    cover = survey.cover
    _settle(line, "number", _said(cover, "number", names.number))
    _settle(line, "year_opened", _said(cover, "year", names.year))
    _settle_agency(line, cover, agency)
    line.cells["condition"] = (
        CONDITIONS[survey.condition].vi if survey.condition in CONDITIONS else ""
    )
    year = line.cells["year_opened"]
    line.order = rank(plan, line.cells["type"], survey.condition, int(year) if year else None)
    return line


def _types(survey: BookSurvey, names: NameFacts) -> dict[Source, _Statement]:
    said = _said(survey.cover, "type", names.type)
    if survey.type:
        said["pages"] = _Statement(survey.type, survey.fitting >= _LEAST_PAGES)
    return said


def _said(cover: Cover | None, name: CoverName, named: str) -> dict[Source, _Statement]:
    said: dict[Source, _Statement] = {}
    if cover is not None and cover.value(name):
        field = cover.fields[name]
        said["cover"] = _Statement(field.value, field.sure, field.others)
    if named:
        said["name"] = _Statement(named, sure=False)
    return said


def _settle(line: BookLine, column: str, said: Mapping[Source, _Statement]) -> None:
    """Fill a cell: a sure source alone, or two that agree; everything else is a doubt, too."""
    told = {source: one.value for source, one in said.items()}
    if not said:
        line.cells[column] = ""
        line.doubts.append(CellDoubt(column, "", {}, _NOTHING))
        return
    best = max(said.values(), key=lambda one: (one.sure, len(_agreeing(one.value, said))))
    if not best.sure and "name" in said:
        best = said["name"]
    line.cells[column] = best.value
    agreeing = _agreeing(best.value, said)
    if len(agreeing) < len(said):
        line.doubts.append(CellDoubt(column, best.value, told, _DIFFER))
    elif not best.sure and len(agreeing) < 2:
        line.doubts.append(CellDoubt(column, best.value, told, _ONE_SOURCE))


def _agreeing(value: str, said: Mapping[Source, _Statement]) -> Sequence[Source]:
    """Sources that say the value, or read it as one of the values that a writing may have."""
    return [
        source
        for source, one in said.items()
        if one.value == value or (not one.sure and value in one.others)
    ]


def _settle_agency(line: BookLine, cover: Cover | None, given: Agency | None) -> None:
    read = cover.agency if cover is not None else None
    taken = given or read
    units = (taken.commune, taken.district, taken.province) if taken else ("", "", "")
    line.cells |= dict(zip(("commune", "district", "province"), units, strict=True))
    text = ", ".join(filter(None, units))
    told: dict[Source, str] = {}
    if cover is not None and "agency" in cover.fields:
        told["cover"] = cover.value("agency") or cover.fields["agency"].as_written
    if given is not None:
        told["option"] = text
    if taken is None:
        line.doubts.append(CellDoubt("agency", "", told, _NOTHING))
    elif given is not None and read is not None and not same_agency(given, read):
        line.doubts.append(CellDoubt("agency", text, told, _DIFFER))
    elif given is None and cover is not None and not cover.sure("agency"):
        line.doubts.append(CellDoubt("agency", text, told, _ONE_SOURCE))


def type_label(code: str) -> str:
    """`khai sinh (KS)`; "" for none."""
    known = RegisterType.__members__.get(code)
    return f"{known.label.vi} ({code})" if known else code
