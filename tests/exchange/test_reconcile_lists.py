"""Lists and summary of a reconciliation: every person once, counts that add up, same bytes."""

import json

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from ocr_pipeline.errors import BadInputError
from ocr_pipeline.exchange.reconciling.list_words import list_words
from ocr_pipeline.exchange.reconciling.listed_person import heading, number_of
from ocr_pipeline.exchange.reconciling.outcome import OutcomeKind
from tests.builders.reconciled import UNITS, Province, write_lists

KEY = heading("key")


@pytest.fixture
def write(tmp_path):
    """Write the lists of a province; what the summary says, and the folder."""

    compared = []

    def lists(province, out="doi_chieu"):
        summary = write_lists(province, tmp_path / out, compared=compared)
        return summary, tmp_path / out

    lists.compared = compared
    return lists


def everything():
    province = Province()
    province.agree()
    province.id_missing()
    province.differ("birth")
    province.differ("birth", "name")
    first = province.several()
    province.double(first.a)
    province.several(side="b")
    return province


def list_rows(folder):
    """Every row of every list, as an independent reader sees it: file, sheet, cells by heading."""
    found = []
    for path in sorted(folder.rglob("danh_sach.*.xlsx")):
        book = CalamineWorkbook.from_path(path)
        for sheet in book.sheet_names[1:]:
            head, *rows = book.get_sheet_by_name(sheet).to_python()
            found += [
                (path.relative_to(folder).as_posix(), sheet, dict(zip(head, row, strict=True)))
                for row in rows
            ]
    return found


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".parquet"
    }  # fmt: skip


def test_each_kind_has_its_sheet_and_what_agrees_has_none(write):
    summary, folder = write(everything())
    sheets = {sheet for _, sheet, _ in list_rows(folder)}
    assert sheets == {
        "Gán số định danh", "Khác ngày sinh", "Khác nhiều trường", "Nhiều người phù hợp",
        "Lặp trong hộ tịch", "Không thấy ở dân cư", "Không thấy ở hộ tịch",
        "Dân cư - nhiều người phù hợp",
    }  # fmt: skip
    assert summary.count("a", OutcomeKind.AGREE) == 1


def test_a_difference_shows_both_values_side_by_side_with_its_likely_cause(write):
    province = Province()
    province.differ("birth")
    _, folder = write(province)
    [(_, _, row)] = list_rows(folder)
    assert row["Ngày sinh – hộ tịch"] == "01.03.2005"
    assert row["Ngày sinh – dân cư"] == "03.01.2005"
    assert "ngày và tháng đổi chỗ; có thể do nhập theo thứ tự tháng, ngày" in row[heading("cause")]
    assert "tên mẹ coi là khớp" in row[heading("reason")]


def test_the_sheet_offers_the_decisions_of_its_kind_and_marks_what_people_fill_in(write):
    province = Province()
    province.id_missing()
    _, folder = write(province)
    [path] = folder.rglob("danh_sach.KS.xlsx")
    sheet = openpyxl.load_workbook(path)["Gán số định danh"]
    [choice] = sheet.data_validations.dataValidation
    assert choice.formula1 == '"Gán số định danh,Không gán,Chưa xác minh được"'
    titles = [cell.value for cell in sheet[1]]
    decision = sheet.cell(2, titles.index(heading("decision")) + 1)
    assert str(choice.sqref) == decision.coordinate
    assert decision.value is None and decision.number_format == "@"
    assert len(sheet.conditional_formatting) == 1


def test_rows_stand_in_the_order_of_books_and_numbers(write):
    province = Province()
    made = [province.differ("birth") for _ in range(12)]
    assert made[0].a.so == "01/2005"
    province.outcomes.reverse()
    _, folder = write(province)
    assert [row[heading("so")] for *_, row in list_rows(folder)] == [
        f"{number:02d}/2005" for number in range(1, 13)
    ]


def test_units_that_share_a_file_name_have_folders_of_their_own(write):
    province = Province()
    for unit in UNITS:
        province.unit = unit
        province.differ("birth")
    summary, folder = write(province)
    assert len(set(summary.folders.values())) == len(UNITS) == len(list_rows(folder))
    assert summary.folders[""] == "khong_ro_xa"
    assert all((folder / name).is_dir() for name in summary.folders.values())


@pytest.mark.parametrize("name", ["=1+1", "+84", "@x", "#N/A", "a\x00b\ud800", "TRUE"])
def test_no_value_becomes_a_formula_or_breaks_the_file(write, name):
    province = Province()
    province.differ("birth", name=name.replace("\ud800", ""))
    _, folder = write(province)
    [(_, _, row)] = list_rows(folder)
    assert row[heading("name")] == name.replace("\x00", "").replace("\ud800", "")


def test_the_same_input_gives_the_same_bytes_and_touches_nothing(write):
    province = everything()
    _, folder = write(province)
    before = files(folder)
    stamps = {path: path.stat().st_mtime_ns for path in folder.rglob("*.xlsx")}
    write(province)
    assert files(folder) == before
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.xlsx")} == stamps


def test_a_list_that_somebody_filled_in_is_not_overwritten(write):
    province = everything()
    _, folder = write(province)
    path = next(folder.rglob("danh_sach.KS.xlsx"))
    path.write_bytes(b"x")
    with pytest.raises(BadInputError, match="sửa"):
        write(province)
    assert path.read_bytes() == b"x"


def test_an_unfinished_run_is_taken_up_without_comparing_the_sides_again(write):
    province = everything()
    _, folder = write(province)
    next(folder.rglob("danh_sach.KS.xlsx")).unlink()
    (folder / "tong_hop.xlsx").unlink()
    left = files(folder)
    write(province)
    assert len(write.compared) == 1
    assert files(folder).items() > left.items() and (folder / "tong_hop.xlsx").is_file()


def test_tables_that_were_changed_are_made_again(write):
    province = everything()
    _, folder = write(province)
    (folder / "du_lieu" / "candidates.parquet").write_bytes(b"")
    write(province)
    assert len(write.compared) == 2


def test_counts_that_do_not_add_up_hand_nothing_over(write):
    province = everything()
    province.outcomes.pop()
    with pytest.raises(ArithmeticError):
        write(province)


def test_the_summary_says_the_same_to_people_and_to_programs(write):
    summary, folder = write(everything())
    said = json.loads((folder / "tong_hop.json").read_text("utf-8"))
    book = CalamineWorkbook.from_path(folder / "tong_hop.xlsx")
    kinds = book.get_sheet_by_name("Loại sai khác").to_python()
    assert kinds[-1][-1] == sum(one["rows"] for one in said["lists"]) == len(list_rows(folder))
    units = book.get_sheet_by_name("Theo xã").to_python()
    assert units[-1][0] == "Tổng cộng" and units[-1][1] == len(list_rows(folder))
    assert said["sides"]["a"]["persons"] == summary.persons["a"]
    sheets = openpyxl.load_workbook(folder / "tong_hop.xlsx")
    assert len(sheets["Tổng hợp"]._charts) == 2 and len(sheets["Loại sai khác"]._charts) == 1
    texts = [cell for row in book.get_sheet_by_name("Tổng hợp").to_python() for cell in row]
    assert list_words().summary.ours in texts


KINDS = st.lists(
    st.tuples(
        st.sampled_from(["agree", "id", "one", "two", "several", "several_b", "a", "b", "double"]),
        st.sampled_from(UNITS), st.sampled_from(["KS", "KT"]),
    ),
    max_size=30,
)  # fmt: skip


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(made=KINDS)
def test_every_person_of_both_sides_stands_in_exactly_one_place(write, tmp_path_factory, made):
    province = Province()
    makers = {
        "agree": province.agree, "id": province.id_missing,
        "one": lambda **v: province.differ("birth", **v),
        "two": lambda **v: province.differ("birth", "home_town", **v),
        "several": province.several, "several_b": lambda **v: province.several("b", **v),
        "a": province.not_found, "b": lambda **v: province.not_found(side="b", **v),
        "double": lambda **v: province.double(province.person("b"), **v),
    }  # fmt: skip
    extra = 0
    for kind, unit, type in made:
        province.unit = unit
        makers[kind](type=type)
        extra += kind == "double"  # the row that is repeated stands in no outcome here
    if extra:
        named = {id(o.a) for o in province.outcomes} | {id(o.b) for o in province.outcomes}
        for person in [p for p in province.persons if id(p) not in named]:
            province.not_found(person)
    summary, folder = write(province, tmp_path_factory.mktemp("doi") / "chieu")
    rows = list_rows(folder)
    keys = [number_of(row[KEY]) for *_, row in rows]
    assert len(set(keys)) == len(keys) and None not in keys
    agreeing = sum(one.kind is OutcomeKind.AGREE for one in province.outcomes)
    assert len(rows) + agreeing == len(province.outcomes)
    for side in ("a", "b"):
        assert summary.count(side) == sum(one.side == side for one in province.persons)
