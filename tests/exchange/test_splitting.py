"""A province's file divided by agency: every row in one place, the same bytes each time."""

import errno

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocr_pipeline.errors import BadInputError, DiskFullError
from ocr_pipeline.exchange.keyed_files import result_folder
from ocr_pipeline.exchange.keyed_files.keyed_file import open_keyed
from ocr_pipeline.exchange.splitting.registering_agency import StatedAgency, find_agencies
from ocr_pipeline.exchange.splitting.split import SplitChoices, split_keyed
from ocr_pipeline.export.faults import FaultLevel
from ocr_pipeline.export.preimport import check_paths
from ocr_pipeline.export.preimport.sheets import read_sheets
from ocr_pipeline.registers.templates import load_template
from tests.builders.keyed_files import HEADER, births, police_births, table, text_file, xlsx_file

OFFICES = [
    "UBND xã Phước Ngãi, huyện Ba Tri, tỉnh Bến Tre",
    "ỦY BAN NHÂN DÂN XÃ PHƯỚC NGÃI, HUYỆN BA TRI, TỈNH BẾN TRE",
    "Phòng Tư pháp huyện Ba Tri, tỉnh Bến Tre",
    "Sở Tư pháp tỉnh Bến Tre",
    "UBND xã Không Có, huyện Ba Tri, tỉnh Bến Tre",
    "",
]


@pytest.fixture
def split(tmp_path):
    """Divide rows of the police export; what the report says, and the folder."""

    def divide(rows, out="tach", header=None, **choices):
        path = tmp_path / "tinh.csv"
        text_file(path, table(rows, header) if header else table(rows))
        with open_keyed([path]) as keyed:
            return split_keyed(keyed, tmp_path / out, SplitChoices(**choices)), tmp_path / out

    return divide


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*")) if path.is_file()
    }  # fmt: skip


def rows_of(path):
    [sheet] = read_sheets(path)
    return [[cell.text for cell in row] for row in sheet.rows[1:]]


def offices(*names):
    return [
        birth | {"NOIDANGKY": name, "DC_DVNHAPXA": "", "DC_DVNHAPHUYEN": ""}
        for name, birth in zip(names, police_births(len(names)), strict=True)
    ]


def test_each_agency_has_a_folder_by_its_level_and_all_rows_are_somewhere(split):
    report, out = split(offices(*OFFICES))
    assert (report.tally.rows, report.placed, report.rows_unknown, report.aside) == (6, 4, 2, 0)
    found = files(out)
    commune = "cap_xa/xaphuocngai_hbt_tbt/xaphuocngai_hbt_tbt.KS.2005.01.xls"
    assert {name for name in found if name.endswith(".xls")} == {
        commune,
        "cap_huyen/huyenbatri_tbt/huyenbatri_tbt.KS.2005.01.xls",
        "cap_tinh/tinhbentre/tinhbentre.KS.2005.01.xls",
        "khong_ro_don_vi/KS.xls",
    }
    names = [column.name for column in load_template("KS", "158").columns]
    rows = rows_of(out / commune)
    assert [row[names.index("so")] for row in rows] == ["01/2005", "02/2005"]
    assert [row[0] for row in rows] == ["1", "2"]
    assert rows[0][names.index("nksHoTen")] == "Nguyễn Văn An"
    listed = found["khong_ro_don_vi/danh_sach_don_vi.csv"].decode("utf-16").splitlines()
    assert len(listed) == 3 and "xã Không Có" in listed[2] + listed[1]
    changed = found[commune.replace(".xls", ".sua_va_loi.csv")].decode("utf-16")
    assert "NGUYỄN VĂN AN\tNguyễn Văn An" in changed
    total = found["tong_hop.csv"].decode("utf-16").splitlines()[-1]
    assert total.split("\t")[4:6] == ["Tổng cộng", "6"]


def test_the_check_before_the_import_misses_nothing_but_the_scans(split):
    _, out = split(offices(*OFFICES[:3]))
    reports = check_paths([out])
    errors = {f.rule for r in reports for f in r.faults if f.level is FaultLevel.ERROR}
    assert errors == {"no_zip"} and [r.rows for r in reports] == [1, 2]


def test_doubles_and_rows_that_are_no_record_are_listed_with_their_content(split):
    rows = offices(*OFFICES[:1] * 3)
    rows[2] = rows[0]
    report, out = split([*rows, {"DC_DVNHAPHUYEN": "Tổng cộng", "SO": "3"}])
    assert (report.tally.rows, report.placed, report.aside) == (4, 2, 2)
    listed = files(out)["de_rieng/dong_de_rieng.csv"].decode("utf-16")
    assert "Lặp lại nguyên dòng" in listed and "Tổng cộng | " in listed


def test_the_unit_that_keyed_a_row_counts_only_where_no_agency_is_named(split):
    rows = police_births(2)
    rows[0]["NOIDANGKY"] = ""
    rows[1]["NOIDANGKY"] = "Phòng Tư pháp huyện Ba Tri, tỉnh Bến Tre"
    report, _ = split(rows)
    assert {part.level: part.note for part in report.parts} == {
        "commune": "Nơi đăng ký để trống: lấy đơn vị nhập", "district": "",
    }  # fmt: skip


def test_a_file_too_long_for_xls_goes_on_in_another(split):
    report, out = split(police_births(5), one_file=True, most_rows=2)
    assert [part.rows for part in report.parts] == [2, 2, 1]
    names = sorted(path.name for path in out.rglob("*.xls"))
    assert names == [f"xaphuocngai_hbt_tbt.KS{n}.xls" for n in (".2", ".3", "")]


def test_rows_of_two_templates_of_one_agency_do_not_share_a_sheet(tmp_path):
    first = text_file(tmp_path / "a.csv", table(police_births(1)))
    second = xlsx_file(tmp_path / "b.xlsx", table(births(1, nksHoTen="Lê Văn Bốn"), HEADER))
    with open_keyed([first, second]) as keyed:
        report = split_keyed(keyed, tmp_path / "tach", SplitChoices())
    folders = {part.path.split("/")[2] for part in report.parts}
    assert folders == {"mau_excel_1437", "mau_excel_158"} and report.placed == 2


def test_a_value_that_is_not_understood_goes_out_as_it_was_written(split):
    rows = police_births(1, NKSNGAYSINH="31/02/2005", QUYENSO="ba")
    report, out = split(rows)
    [path] = out.rglob("*.xls")
    assert path.name.endswith("khong-ro-quyen.xls")
    assert {"31/02/2005", "ba"} <= set(rows_of(path)[0])
    listed = files(out)[report.parts[0].path.replace(".xls", ".sua_va_loi.csv")].decode("utf-16")
    assert "Không hiểu ngày" in listed


# --- Units by their time


@pytest.mark.parametrize(
    ("text", "year", "level", "agency"),
    [
        ("UBND phường Sài Gòn, thành phố Hồ Chí Minh", 2026, "commune", "phường Sài Gòn"),
        ("UBND xã Phước Ngãi, huyện Ba Tri, tỉnh Bến Tre", 2005, "commune", "xã Phước Ngãi"),
        ("Phòng Tư pháp huyện Ba Tri, tỉnh Bến Tre", 2018, "district", "huyện Ba Tri"),
        ("Sở Tư pháp tỉnh Bến Tre", 2003, "province", "tỉnh Bến Tre"),
        ("x· Ph­íc Ng·i, huyÖn Ba Tri, tØnh BÕn Tre", 2005, "commune", "xã Phước Ngãi"),
    ],
)
def test_units_are_known_by_the_time_of_the_registration(text, year, level, agency):
    stated = StatedAgency(text, ("", "", ""), year)
    found = find_agencies([stated])[stated]
    assert found.level == level and found.agency.units[0] == agency and found.note is None


def test_a_name_of_another_time_is_taken_and_noted():
    stated = StatedAgency("UBND phường Sài Gòn, thành phố Hồ Chí Minh", ("", "", ""), 2005)
    found = find_agencies([stated])[stated]
    assert found.agency and "thời kỳ khác" in found.note.vi


def test_rows_without_a_province_take_that_of_the_others_or_the_given_one():
    whole = StatedAgency(OFFICES[0], ("", "", ""), 2005)
    bare = StatedAgency("UBND xã An Đức, huyện Ba Tri", ("", "", ""), 2005)
    assert find_agencies([bare])[bare].agency is None
    assert find_agencies([whole, bare])[bare].agency.province == "tỉnh Bến Tre"
    assert find_agencies([bare], "Bến Tre")[bare].agency.province == "tỉnh Bến Tre"


# --- The folder


def test_the_same_input_gives_the_same_bytes_and_a_second_run_touches_nothing(split):
    _, first = split(offices(*OFFICES), out="mot")
    _, second = split(offices(*OFFICES), out="hai")
    assert files(first) == files(second)
    times = {path: path.stat().st_mtime_ns for path in first.rglob("*.xls")}
    split(offices(*OFFICES), out="mot")
    assert times == {path: path.stat().st_mtime_ns for path in first.rglob("*.xls")}


def test_a_run_cut_off_by_a_full_disk_is_taken_up_by_the_next(split, monkeypatch):
    write, left = result_folder.write_bytes, [4]

    def full(path, data):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write(path, data)

    monkeypatch.setattr(result_folder, "write_bytes", full)
    with pytest.raises(DiskFullError) as caught:
        split(offices(*OFFICES))
    assert "đầy" in caught.value.cause.vi and "chạy lại" in caught.value.remedy.vi
    monkeypatch.setattr(result_folder, "write_bytes", write)
    report, out = split(offices(*OFFICES))
    assert report.placed == 4
    assert files(out) == files(split(offices(*OFFICES), out="lien")[1])


def test_nothing_of_others_and_nothing_changed_is_overwritten(split, tmp_path):
    (tmp_path / "tach").mkdir()
    (tmp_path / "tach" / "thu.txt").write_text("của người khác", encoding="utf-8")
    with pytest.raises(BadInputError, match="other files"):
        split(offices(*OFFICES))
    _, out = split(offices(*OFFICES), out="moi")
    [path] = (out / "cap_huyen").rglob("*.xls")
    path.write_bytes(b"sua tay")
    with pytest.raises(BadInputError) as caught:
        split(offices(*OFFICES), out="moi")
    assert caught.value.where.endswith(path.name) and path.read_bytes() == b"sua tay"
    with pytest.raises(BadInputError, match="other options"):
        split(offices(*OFFICES), out="moi", one_file=True)


def test_a_cell_that_looks_like_a_formula_is_none_in_the_lists(split):
    rows = offices("=HYPERLINK(1)", OFFICES[0])
    _, out = split(rows)
    assert "'=hyperlink" in files(out)["khong_ro_don_vi/danh_sach_don_vi.csv"].decode("utf-16")


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.sampled_from(OFFICES), st.sampled_from(["01/2005", "2/2010", "", "x"])),
        min_size=1, max_size=8,
    )
)  # fmt: skip
def test_counts_always_add_up(split, tmp_path, picks):
    rows = [row | {"QUYENSO": book} for row, (_, book) in zip(
        offices(*(name for name, _ in picks)), picks, strict=True)]  # fmt: skip
    out = f"ngau_nhien_{abs(hash(tuple(picks)))}"
    report, folder = split(rows, out=out)
    written = sum(len(rows_of(path)) for path in folder.rglob("*.xls"))
    assert written + report.aside == report.tally.rows == len(rows)
    assert written == report.placed + report.rows_unknown
