"""A first inventory: what names, covers and pages say together, and every doubt listed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from ocr_pipeline.books.book import Agency
from ocr_pipeline.books.inventory import read_inventory
from ocr_pipeline.errors import BadInputError, UsageError
from ocr_pipeline.exchange.inventorying import first_inventory
from ocr_pipeline.exchange.inventorying.book_survey import BookSurvey
from ocr_pipeline.exchange.inventorying.first_inventory import (
    InventoryChoices,
    inventory_file,
    make_inventory,
)
from ocr_pipeline.exchange.inventorying.name_facts import NameFacts, read_names
from ocr_pipeline.exchange.inventorying.scanned_books import find_scanned_books
from ocr_pipeline.exchange.inventorying.work_order import rank, work_order
from ocr_pipeline.reading.cover import Cover, CoverField

AGENCY = Agency("xã Lộc Thuận", "huyện Bình Đại", "tỉnh Bến Tre")
SURE = {"type": "KS", "number": "2", "year": "2006", "agency": ", ".join(AGENCY.units)}


def cover(sure: bool = True, **values: str) -> Cover:
    said = {**SURE, **values}
    return Cover({n: CoverField(v, v, sure) for n, v in said.items() if v}, AGENCY)  # type: ignore[misc]


def survey(one: Cover | None) -> BookSurvey:
    return BookSurvey(
        9, (), "001.jpg", one, "001.jpg", one is not None, "KS-2006", "KS", 8, 8, 0.0, 0.9, "good"
    )


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    for name in ("KS.2006.02", "b", "c"):
        (folder / name).mkdir(parents=True)
        (folder / name / "001.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    return folder


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, BookSurvey]:
    """What the look at each book gives, by folder; nothing is read."""
    surveys: dict[str, BookSurvey] = {}
    calls: list[str] = []

    def look(path: Path, *_: object) -> BookSurvey:
        calls.append(path.name)
        if path.name not in surveys:
            raise KeyboardInterrupt
        return surveys[path.name]

    monkeypatch.setattr(first_inventory, "survey_book", look)
    monkeypatch.setattr(
        first_inventory, "stages_for", lambda _: type("S", (), {"fingerprint": "f"})
    )
    surveys["calls"] = calls  # type: ignore[assignment]
    return surveys


def made(scans: Path, seen: dict[str, BookSurvey], **surveys: BookSurvey) -> dict[str, list[str]]:
    """By folder: which columns are doubtful."""
    seen.update({"b": survey(cover(number="3")), "c": survey(cover(number="4"))})
    seen.update({name.replace("_", "."): one for name, one in surveys.items()})
    lines = make_inventory(scans, scans / "books.xlsx", work_order(), InventoryChoices())
    return {line.folder: [doubt.column for doubt in line.doubts] for line in lines}


def test_a_run_accepts_the_inventory_and_finds_each_book(
    scans: Path, seen: dict[str, BookSurvey]
) -> None:
    assert made(scans, seen, KS_2006_02=survey(cover())) == {"KS.2006.02": [], "b": [], "c": []}
    found = read_inventory(scans)
    assert not found.problems
    assert {book.path.name: book.volume for book in found.books} == {
        "KS.2006.02": "02/2006", "b": "03/2006", "c": "04/2006",
    }  # fmt: skip
    assert {book.agency for book in found.books} == {AGENCY}
    assert {(book.layout, book.condition) for book in found.books} == {("KS-2006", "rõ")}


def test_a_name_that_says_otherwise_than_the_cover_is_shown_with_both(
    scans: Path, seen: dict[str, BookSurvey]
) -> None:
    doubts = made(scans, seen, KS_2006_02=survey(cover(number="7", year="2008")))
    assert doubts["KS.2006.02"] == ["number", "year_opened"]
    sheet = openpyxl.load_workbook(scans / "books.xlsx")["Nghi ngờ"]
    rows = [[cell or "" for cell in row] for row in sheet.iter_rows(min_row=2, values_only=True)]
    [row] = [row for row in rows if row[2] == "số quyển"]
    assert row[1] == "KS.2006.02" and (row[3], row[4], row[5]) == ("7", "7", "2")
    assert row[-1] == "001.jpg", "the picture to look at is named"


def test_an_unsure_cover_that_the_name_bears_out_is_no_doubt(
    scans: Path, seen: dict[str, BookSurvey]
) -> None:
    unsure = cover()
    fields = {**unsure.fields, "number": CoverField("7", "7", False, ("2",))}
    doubts = made(scans, seen, KS_2006_02=survey(replace(unsure, fields=fields)))
    assert doubts["KS.2006.02"] == []
    assert {b.number for b in read_inventory(scans).books} == {2, 3, 4}


def test_an_unsure_cover_alone_is_marked(scans: Path, seen: dict[str, BookSurvey]) -> None:
    doubts = made(scans, seen, KS_2006_02=survey(cover()), b=survey(cover(sure=False, number="3")))
    assert doubts["b"] == ["number", "year_opened", "agency"]
    sheet = openpyxl.load_workbook(scans / "books.xlsx")["Danh mục sổ"]
    marked = [
        cell.column_letter for row in sheet.iter_rows(min_row=2) for cell in row
        if cell.fill.fgColor.rgb == "00FFF2B3"
    ]  # fmt: skip
    assert marked == ["C", "D", "E", "F", "G"]


def test_what_no_source_says_stays_empty_and_the_run_names_it(
    scans: Path, seen: dict[str, BookSurvey]
) -> None:
    doubts = made(scans, seen, KS_2006_02=survey(cover()), b=survey(None))
    assert doubts["b"] == ["number", "year_opened", "agency"]
    found = read_inventory(scans)
    assert len(found.books) == 2 and len(found.problems) == 1
    assert "tỉnh" in found.problems[0].cause.vi


def test_two_folders_of_one_book_are_told(scans: Path, seen: dict[str, BookSurvey]) -> None:
    doubts = made(scans, seen, KS_2006_02=survey(cover()), b=survey(cover(number="4")))
    assert doubts == {"KS.2006.02": [], "b": ["number"], "c": ["number"]}


def test_an_inventory_is_never_written_over(scans: Path, seen: dict[str, BookSurvey]) -> None:
    (scans / "books.xlsx").write_bytes(b"mine")
    with pytest.raises(UsageError, match="không ghi đè"):
        inventory_file(scans, None)
    assert (scans / "books.xlsx").read_bytes() == b"mine"
    assert inventory_file(scans, scans / "other.xlsx") == scans / "other.xlsx"


def test_what_was_looked_at_before_a_stop_is_not_looked_at_again(
    scans: Path, seen: dict[str, BookSurvey]
) -> None:
    seen["KS.2006.02"] = survey(cover())
    with pytest.raises(KeyboardInterrupt):
        make_inventory(scans, scans / "books.xlsx", work_order())
    calls: list[str] = seen["calls"]  # type: ignore[assignment]
    calls.clear()
    assert made(scans, seen) == {"KS.2006.02": [], "b": [], "c": []}
    assert calls == ["b", "c"]
    assert sorted(p.name for p in scans.iterdir()) == ["KS.2006.02", "b", "books.xlsx", "c"]


def test_the_agency_of_the_operator_is_held_against_the_cover(
    scans: Path, seen: dict[str, BookSurvey]
) -> None:
    seen |= {name: survey(cover()) for name in ("KS.2006.02", "b")}
    seen["c"] = survey(None)
    choices = InventoryChoices("xã Thới Lai, huyện Bình Đại, tỉnh Bến Tre")
    lines = make_inventory(scans, scans / "books.xlsx", work_order(), choices)
    told = {line.folder: [doubt.column for doubt in line.doubts] for line in lines}
    assert "agency" in told["b"] and "agency" not in told["c"]
    assert {line.cells["commune"] for line in lines} == {"xã Thới Lai"}
    with pytest.raises(UsageError, match="Không xác định được đơn vị"):
        make_inventory(scans, scans / "x.xlsx", work_order(), InventoryChoices("xã Không Có"))


def test_a_folder_without_scans_is_bad_input(tmp_path: Path, seen: dict[str, BookSurvey]) -> None:
    with pytest.raises(BadInputError, match="Không thấy ảnh quét"):
        make_inventory(tmp_path, tmp_path / "books.xlsx", work_order())


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("KS.2017.01", NameFacts("KS", "2017", "1")),
        ("xalocthuan_hbd_tbt.CMC.2006.01", NameFacts("CMC", "2006", "1")),
        ("Sổ khai sinh 2018 quyển 2", NameFacts("KS", "2018", "2")),
        ("Kết hôn năm 1994 - Q.03", NameFacts("KH", "1994", "3")),
        ("khai sinh, khai tử 1999-2001", NameFacts()),
        ("scan0001.pdf", NameFacts()),
        ("DSC2018", NameFacts()),
        ("ks2018q4", NameFacts("KS", "2018", "4")),
    ],
)
def test_names_say_what_they_say_and_no_more(name: str, wanted: NameFacts) -> None:
    assert read_names(Path(name)) == wanted


def test_a_pdf_named_by_the_rule_tells_its_book() -> None:
    found = read_names(Path("b"), "KS.2017.01.2017-07-05.62.pdf")
    assert found == NameFacts("KS", "2017", "1")


def test_books_are_folders_of_pictures_and_files_of_many_pages(tmp_path: Path) -> None:
    for name in (
        "xa A/2018/1.jpg", "xa A/2019/1.jpg", "xa B/ks.pdf", "xa B/kt.pdf", "goi/KS.2017.01.5.pdf",
        "goi/KS.2017.01.6.pdf", "mot/so.tif", "long/1.jpg", "long/tiep/2.jpg", "khac/ghi chu.txt",
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = {b.path.relative_to(tmp_path).as_posix(): b.doubt for b in find_scanned_books(tmp_path)}
    assert list(found) == [
        "goi",
        "long",
        "mot",
        "xa A/2018",
        "xa A/2019",
        "xa B/ks.pdf",
        "xa B/kt.pdf",
    ]
    assert [name for name, doubt in found.items() if doubt] == [
        "long",
        "xa B/ks.pdf",
        "xa B/kt.pdf",
    ]


def test_plans_order_books_as_the_programmes_say() -> None:
    order = work_order()
    plan = order.plan("2025")
    assert rank(plan, "KS", "good", 1990) < rank(plan, "KS", "poor", 1990)
    assert (
        rank(plan, "KS", "poor", 1990)
        < rank(plan, "KS", "good", 2018)
        < rank(plan, "KT", "good", 1990)
    )
    clear_first = order.plan("2019")
    assert rank(clear_first, "KH", "good", 1990) < rank(clear_first, "KS", "good", 1990)
    assert rank(clear_first, "KT", "good", 1990) < rank(clear_first, "KH", "poor", 1990)
    with pytest.raises(UsageError):
        order.plan("2030")
