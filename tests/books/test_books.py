from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_pipeline.books.book import Agency, Book
from ocr_pipeline.books.inventory import find_books
from ocr_pipeline.books.naming import NamingRule, parse_record_pdf, parse_stem
from ocr_pipeline.errors import BadInputError
from ocr_pipeline.registers.types import RegisterType
from tests.builders.books import LOC_THUAN, PHUOC_NGAI, make_book


def book(type="CMC", agency=LOC_THUAN, year=2006, number=1) -> Book:
    return make_book(type, number, year, agency)


def test_names_seen_in_real_packages():
    rule = NamingRule()
    assert rule.stem(book()) == "xalocthuan_hbd_tbt.CMC.2006.01"
    hai_chau = Agency("phường Hải Châu 2", "quận Hải Châu", "thành phố Đà Nẵng")
    assert rule.stem(book("KH", hai_chau, 2008, 2)) == "phuonghaichau2_qhc_tpdn.KH.2008.02"
    assert (
        rule.record_pdf(book("CMC", year=2011), "27.06.2008", "6/2008")
        == "CMC.2011.01.2008-06-27.006.pdf"
    )
    plain = NamingRule(number_padding=1)
    assert plain.record_pdf(book("KS", year=2017), "05.07.2017", 62) == (
        "KS.2017.01.2017-07-05.62.pdf"
    )
    assert NamingRule(with_date=False).record_pdf(book(), "", 6) == "CMC.2006.01.006.pdf"


def test_units_without_a_district():
    new = Agency("xã Lộc Thuận", "", "tỉnh Vĩnh Long")
    assert NamingRule().unit(new) == "xalocthuan_tvl"
    assert NamingRule(with_district=False).unit(LOC_THUAN) == "xalocthuan_tbt"
    assert NamingRule().unit(Agency("phường 5", "quận 10", "thành phố Hồ Chí Minh")) == (
        "phuong5_q10_tphcm"
    )
    assert NamingRule().unit(Agency("", "huyện Bình Đại", "tỉnh Bến Tre")) == "huyenbinhdai_tbt"


@given(
    st.sampled_from(list(RegisterType)),
    st.integers(1900, 2030),
    st.integers(1, 99),
    st.dates(),
    st.integers(1, 99999),
    st.integers(1, 5),
)
def test_names_of_records_round_trip(type, year, number, date, own, padding):
    if not 1800 <= date.year <= 2099:
        return
    rule = NamingRule(number_padding=padding)
    parsed = parse_record_pdf(rule.record_pdf(book(type, year=year, number=number), date, own))
    assert parsed is not None and parsed.date is not None
    assert (parsed.type, parsed.year_opened, parsed.book, parsed.number) == (
        type,
        year,
        number,
        own,
    )
    assert parsed.date.earliest() == date


@given(st.sampled_from(list(RegisterType)), st.integers(1900, 2030), st.integers(1, 99))
def test_stems_round_trip(type, year, number):
    parsed = parse_stem(NamingRule().stem(book(type, year=year, number=number)))
    assert parsed is not None
    assert (parsed.unit, parsed.type, parsed.year_opened, parsed.book) == (
        "xalocthuan_hbd_tbt",
        type,
        year,
        number,
    )


@pytest.mark.parametrize(("date", "number"), [("07.2017", 1), ("", 1), ("05.07.2017", "6a")])
def test_records_without_an_official_name_are_held(date, number):
    with pytest.raises(BadInputError) as error:
        NamingRule().record_pdf(book(), date, number)
    assert error.value.remedy


@pytest.mark.parametrize("name", ["KS.2017.01.2017-02-30.62.pdf", "xx.pdf", "KS.2017.01.62.jpg"])
def test_foreign_names_are_not_taken(name):
    assert parse_record_pdf(name) is None


def test_older_names_without_date_are_understood():
    parsed = parse_record_pdf("KS.2017.01.62.pdf")
    assert parsed is not None and parsed.date is None and parsed.number == 62


def test_who_registers():
    assert LOC_THUAN.full_name == "Ủy ban nhân dân xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre"
    assert Agency("", "", "Tỉnh Bến Tre").full_name == "Sở Tư pháp tỉnh Bến Tre"


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "001.jpg").touch()
    (tmp_path / "d.pdf").touch()
    return tmp_path


HEADER = "Thư mục;Loại sổ;Xã;Huyện;Tỉnh;Năm mở sổ;Quyển số\n"


def test_csv_with_vietnamese_headers(scans):
    (scans / "books.csv").write_text(
        HEADER
        + "a;Khai sinh;xã Lộc Thuận;huyện Bình Đại;tỉnh Bến Tre;2006;1\n"
        + "b;KT;xã Lộc Thuận;huyện Bình Đại;tỉnh Bến Tre;;02/2007\n",
        encoding="utf-8-sig",
    )
    books, errors = find_books(scans)
    assert [b.id for b in books] == [
        "xalocthuan_hbd_tbt.KS.2006.01",
        "xalocthuan_hbd_tbt.KT.2007.02",
    ]
    assert {error.where for error in errors} == {"c", "d.pdf"}
    assert all("books.csv" in str(error.remedy) for error in errors)


def test_xlsx_with_english_headers(scans):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append(
        [
            "folder",
            "type",
            "commune",
            "district",
            "province",
            "year opened",
            "book number",
            "layout",
        ]
    )
    sheet.append(["a", "KS", "xã Phước Ngãi", "huyện Ba Tri", "tỉnh Bến Tre", 2016, 3.0, "KS-2016"])
    workbook.save(scans / "books.xlsx")
    [found] = find_books(scans)[0]
    assert (found.number, found.layout, found.agency) == (3, "KS-2016", PHUOC_NGAI)


def test_a_book_yaml_goes_before_the_inventory(scans):
    (scans / "books.csv").write_text(HEADER + "a;KS;xã A;;tỉnh B;2000;1\n", encoding="utf-8")
    (scans / "a" / "book.yaml").write_text(
        "type: KH\nagency:\n  commune: xã Lộc Thuận\n  district: huyện Bình Đại\n"
        "  province: tỉnh Bến Tre\nyear: 2008\nnumber: 2\n",
        encoding="utf-8",
    )
    [found] = find_books(scans)[0]
    assert (found.type, found.agency) == (RegisterType.KH, LOC_THUAN)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("a;KS;xã A;;;2006;1", "tỉnh"),
        ("a;??;xã A;;tỉnh B;2006;1", "loại"),
        ("a;KS;xã A;;tỉnh B;20x6;1", "năm mở"),
        ("a;KS;xã A;;tỉnh B;2006;x", "số quyển"),
        ("zz;KS;xã A;;tỉnh B;2006;1", "zz"),
        ("../a;KS;xã A;;tỉnh B;2006;1", "../a"),
    ],
)
def test_faults_name_the_line_and_what_is_missing(scans, line, named):
    (scans / "books.csv").write_text(HEADER + line + "\n", encoding="utf-8")
    books, errors = find_books(scans)
    [error] = [e for e in errors if e.where.startswith("books.csv")]
    assert not books
    assert error.where == "books.csv:2" and error.remedy
    assert named in error.cause.vi


def test_the_line_to_add_keeps_what_is_known(scans):
    (scans / "books.csv").write_text(HEADER + "a;KS;xã A;;;2006;1\n", encoding="utf-8")
    [error] = [e for e in find_books(scans)[1] if e.where == "books.csv:2"]
    assert error.remedy is not None and error.remedy.vi.endswith(": a,KS,xã A,,?,2006,1")


def test_missing_columns_and_damaged_files_are_named(scans):
    (scans / "books.csv").write_text("thư mục;loại\na;KS\n", encoding="utf-8")
    (scans / "books.xlsx").write_bytes(b"not a workbook")
    (scans / "b" / "book.yaml").write_text("type: [", encoding="utf-8")
    places = {error.where for error in find_books(scans)[1]}
    assert {"books.csv", "books.xlsx", "b/book.yaml:2"} <= places


def test_a_misspelt_key_of_a_book_yaml_is_named_with_those_that_exist(scans):
    (scans / "a" / "book.yaml").write_text(
        "type: KH\nagency: {comune: xã C, province: tỉnh E}\nyear: 2008\nnumber: 2\n",
        encoding="utf-8",
    )
    books, errors = find_books(scans)
    [error] = [e for e in errors if e.where == "a/book.yaml"]
    assert "“comune”" in error.cause.vi and "“comune”" in error.cause.en
    assert "commune" in error.remedy.en and "xã" in error.remedy.vi
    assert not [book for book in books if book.path == scans / "a"]


def test_a_folder_listed_twice_is_an_error(scans):
    line = "a;KS;xã Phước Ngãi;huyện Ba Tri;tỉnh Bến Tre;2006;1\n"
    (scans / "books.csv").write_text(HEADER + line + line, encoding="utf-8")
    books, errors = find_books(scans)
    assert len(books) == 1 and "books.csv:3" in {e.where for e in errors}
