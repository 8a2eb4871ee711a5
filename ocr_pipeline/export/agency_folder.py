"""The folder that takes the packages of one agency, and of no other.

File names have no marks, so two communes can have the same: Hoằng Phú and Hoằng Phụ of one district
are both `xahoangphu_hhh_tth`. The official names of the files stay; the folders are told apart.
"""

from __future__ import annotations

import io
import json
from functools import cache
from pathlib import Path

import xlrd

from ocr_pipeline.books.book import Agency, Book
from ocr_pipeline.books.naming import NamingRule, unit_word
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.export.rule_faults import AGENCY
from ocr_pipeline.plain_files import open_plain
from ocr_pipeline.registers.templates import header_key
from ocr_pipeline.text.normalise import key
from ocr_pipeline.text.places import Gazetteer, Unit, units_above

_LONGEST_LINE_BYTES = 1 << 20


def agency_folder(out_dir: Path, book: Book, naming: NamingRule) -> Path:
    """The folder below `out_dir` for the packages of the book's agency.

    It is called by the naming rule. Where that name stands for other agencies, too, or where
    packages of another agency lie in the folder already, the units follow in full.

    Raises:
        BadInputError: packages of another agency lie in both.

    """
    own = {key(book.agency.full_name)}
    folders = [out_dir / name for name in folder_names(book.agency, naming)]
    for folder in folders:
        if not (found := _agencies_in(folder)) or found & own:
            return folder
    raise BadInputError(
        Text(
            f"Thư mục đang chứa gói của cơ quan khác có cùng tên tệp với {book.agency.full_name}",
            "The folder holds packages of another agency that has the same file name as "
            f"{book.agency.full_name}",
        ),
        where=str(folders[-1]),
        remedy=Text("Xuất vào thư mục khác (--out)", "Export into another folder (--out)"),
    )


def folder_names(agency: Agency, naming: NamingRule) -> list[str]:
    """Names of the agency's folder, best first; the last one has the units in full."""
    plain = naming.unit(agency)
    full = f"{plain} - {', '.join(agency.units)}"
    return [full] if shares_its_name(agency, naming) else [plain, full]


def shares_its_name(agency: Agency, naming: NamingRule) -> bool:
    """Another unit of the same province and time has the same official file name.

    24 pairs of communes do in the list of March 2025. Spellings that changed from one list to the
    next (Mộ Lao, Mỗ Lao) are one commune.
    """
    word, name = unit_word(agency.units[0]) if agency.units else "", naming.unit(agency)
    province = key(agency.province)
    namesakes: dict[int, set[str]] = {}
    for unit in _units_by_word().get(word, ()):
        if _name(unit, naming) == name and key(_chain(unit)[-1].short) in province:
            for year in unit.seen:
                namesakes.setdefault(year, set()).add(key(unit.name))
    return any(len(names) > 1 for names in namesakes.values())


def _name(unit: Unit, naming: NamingRule) -> str:
    by_level = {one.level: one.name for one in _chain(unit)}
    commune, district = by_level.get("commune", ""), by_level.get("district", "")
    return naming.unit(Agency(commune, district, by_level.get("province", "")))


def _chain(unit: Unit) -> list[Unit]:
    return [unit, *units_above(unit)]


@cache
def _units_by_word() -> dict[str, tuple[Unit, ...]]:
    found: dict[str, tuple[Unit, ...]] = {}
    for unit in Gazetteer.load().units:
        word = unit_word(unit.name)
        found[word] = (*found.get(word, ()), unit)
    return found


def _agencies_in(folder: Path) -> set[str]:
    """Comparison keys of the agencies in the first file that names any; empty when none does."""
    if not folder.is_dir():
        return set()
    for path in sorted(folder.iterdir()):
        if path.suffix == ".xls" and (found := _agencies_of_excel(path)):
            return found
        if path.suffix == ".jsonl" and (found := _agencies_of_lines(path)):
            return found
    return set()


def _agencies_of_excel(path: Path) -> set[str]:
    try:
        book = xlrd.open_workbook(path, logfile=io.StringIO(), ragged_rows=True)
        sheet = book.sheet_by_index(0)
        titles = [header_key(str(title)) for title in sheet.row_values(0)]
        place = titles.index(AGENCY.casefold())
        texts = [sheet.row_values(row, place, place + 1) for row in range(1, sheet.nrows)]
    except Exception:  # no such column, or whatever a damaged file makes xlrd raise
        return set()
    return {key(str(text)) for row in texts for text in row if text}


def _agencies_of_lines(path: Path) -> set[str]:
    try:
        with open_plain(path) as file:
            line = file.readline(_LONGEST_LINE_BYTES).decode("utf-8")
        name = json.loads(line)["columns"][AGENCY]
        return {key(name)} if name else set()
    except Exception:  # no such column, or no lines of ours at all
        return set()
