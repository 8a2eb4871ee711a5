"""The weekly report: counts of a workspace, what people type, comparison, forecast, roll-up."""

import datetime
import io
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from ocr_pipeline.errors import BadInputError, UsageError
from ocr_pipeline.exchange import reporting
from ocr_pipeline.exchange.reporting.forecast import forecast_lines
from ocr_pipeline.exchange.reporting.report_file import read_report
from ocr_pipeline.exchange.reporting.report_form import report_form, shipped_form
from ocr_pipeline.exchange.reporting.report_page import report_page
from ocr_pipeline.exchange.reporting.report_words import report_words
from ocr_pipeline.exchange.reporting.report_workbook import report_bytes
from ocr_pipeline.exchange.reporting.roll_up import roll_up, unit_list
from ocr_pipeline.exchange.reporting.unit_report import ReportChoices, commune_report
from ocr_pipeline.exchange.reporting.weekly_report import (
    PastWeek,
    ReportFigure,
    ReportLine,
    WeeklyReport,
    report_from_json,
    report_to_json,
)
from ocr_pipeline.exchange.reporting.workspace_figures import WorkspaceFigures, workspace_figures
from ocr_pipeline.registers.fields import State
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.store.approvals import ApprovalStep, add_step
from ocr_pipeline.store.entries import Entry, add_entries
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.review_models import DecisionRow
from ocr_pipeline.store.workspace import Workspace
from tests.builders.books import LOC_THUAN, PHUOC_NGAI, make_book
from tests.builders.drawn_pages import fill_book
from tests.builders.linked_books import link_drawn_book

FRIDAY = datetime.date(2026, 11, 27)
IN_TIME = datetime.datetime(2026, 11, 27, 10, 30)
WEDNESDAY = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.UTC)
HOME = "xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre"
OTHER = "xã Phước Ngãi, huyện Ba Tri, tỉnh Bến Tre"
PROVINCE = "tỉnh Bến Tre"
KS, KH = RegisterType.KS, RegisterType.KH
OUTSIDE, TEXTS = "Làm ngoài phần mềm", "Nội dung"
FORM = shipped_form()
FORM_FILE = Path(reporting.__file__).parent / "data" / "form.yaml"


def choices(**own):
    return ReportChoices(**{"form": FORM, "made": IN_TIME, **own})


def report(unit=HOME, read=30, **own):
    """A report of one line of births."""
    line = ReportLine(unit, KS, {"books_counted": 3, "records_read": read})
    values = {"lines": (line,), "week": FRIDAY, "made": IN_TIME, **own}
    return WeeklyReport(FORM.id, FORM.names, values.pop("level", "commune"), unit, **values)


def saved(tmp_path, one, name="bc.xlsx", **typed):
    """The Excel file of a report, with cells typed into it: `{sheet: {cell: value}}`."""
    path = tmp_path / name
    path.write_bytes(report_bytes(one, FORM))
    if typed:
        book = openpyxl.load_workbook(path)
        for sheet, cells in typed.items():
            for cell, value in cells.items():
                book[sheet][cell] = value
        book.save(path)
    return path


def column(name):
    return openpyxl.utils.get_column_letter(FORM.names.index(name) + 3)


LINKED, COUNTED, READ = column("records_linked"), column("records_counted"), column("records_read")


def decided(user, time):
    """That somebody has decided a field."""
    return DecisionRow(
        field=1, book="b", page="p", position=1, code="so", kind="number", user=user, time=time,
        lane="doubt", action="confirm", state="confirmed", value="", was="", was_state="in_review",
        confidence=0.5,
    )  # fmt: skip


@pytest.fixture
def workspace(location):
    with Workspace.open(location, create=True) as opened:
        yield opened


@pytest.mark.databases("sqlite", "postgresql")
def test_a_workspace_is_counted_by_unit_and_type(workspace, tmp_path):
    first, second = make_book(number=1), make_book(number=2)
    other = make_book(type="KH", agency=PHUOC_NGAI)
    for book, records in ((first, 3), (second, 2), (other, 1)):
        fill_book(workspace, book, tmp_path / book.id, records)
    with workspace.transaction() as session:
        add_step(
            session, first.id, ApprovalStep.APPROVE, "hoa", datetime.datetime.now(datetime.UTC)
        )
        now = datetime.datetime.now(datetime.UTC)
        add_step(session, second.id, ApprovalStep.APPROVE, "hoa", now)
        add_step(session, second.id, ApprovalStep.HAND_OVER, "hoa", now)
    with workspace.transaction() as session:
        [record, *_] = load_records(session, other.id)
        own = [code for code, one in record.fields.items() if one.state is State.IN_REVIEW]
        entries = [
            Entry(record.page, record.position, code, "", State.BLANK, "lan", time=WEDNESDAY)
            for code in own
        ]
        add_entries(session, other.id, entries)
        before = WEDNESDAY - datetime.timedelta(days=5)
        session.add_all(
            [decided("lan", WEDNESDAY), decided("lan", WEDNESDAY), decided("hoa", before)]
        )
    link_drawn_book(workspace, second.id)
    figures = workspace_figures(workspace, FORM, IN_TIME)
    births, marriages = figures.lines
    assert (births.unit, births.type, marriages.unit, marriages.type) == (HOME, KS, OTHER, KH)
    assert births.program == {
        "books_counted": 2, "books_scanned": 2, "pages_scanned": 7, "records_read": 5,
        "fields_reviewed": 0, "records_reviewed": 0, "books_approved": 2, "records_approved": 5,
        "books_handed_over": 1, "records_handed_over": 2, "records_linked": 1,
    }  # fmt: skip
    assert marriages.program["books_approved"] == 0
    assert "records_linked" not in marriages.program, "others may have linked it elsewhere"
    assert own and marriages.program["fields_reviewed"] == len(own)
    assert marriages.program["records_reviewed"] == 1
    assert "3 trang" in figures.facts["difficulties"]  # one refused page of each book
    assert "1 người đã rà soát trong tuần" in figures.facts["staff"]
    with pytest.raises(UsageError, match=f"--unit “{HOME}"):
        commune_report(figures, choices())
    assert commune_report(figures, choices(unit=HOME))[0].unit == HOME


def test_what_the_program_cannot_know_is_an_empty_cell_with_a_note_and_never_0(tmp_path):
    one = report()
    assert one.total("records_counted") == ReportFigure(None)
    sheet = openpyxl.load_workbook(saved(tmp_path, one)).worksheets[0]
    cell = sheet[f"{COUNTED}8"]
    assert cell.value is None and OUTSIDE in cell.comment.text
    assert sheet[f"{READ}8"].value == 30


def test_the_report_is_printed_on_a4_with_its_headings_on_each_leaf(tmp_path):
    book = openpyxl.load_workbook(saved(tmp_path, report()))
    sheet = book.worksheets[0]
    assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
    assert sheet.print_title_rows == "$7:$7" and sheet.protection.sheet
    texts = [cell.value for row in sheet.iter_rows() for cell in row if cell.value]
    assert "NGƯỜI LẬP BIỂU" in texts and "TM. ỦY BAN NHÂN DÂN" in texts
    assert book["_sohoa"].sheet_state == "veryHidden"


def test_the_same_report_has_the_same_bytes_and_comes_back_whole(tmp_path):
    one = report(history=(PastWeek(FRIDAY, {"records_read": 1}),), notes=("=ghi chú",))
    assert report_bytes(one, FORM) == report_bytes(report_from_json(report_to_json(one)), FORM)
    read = read_report(saved(tmp_path, one), FORM)
    assert read.report == one and not read.altered and not read.faults


def test_figures_and_texts_typed_elsewhere_go_into_the_next_report_and_stand_apart(tmp_path):
    typed = {
        OUTSIDE: {
            f"{READ}5": 12, f"{LINKED}5": "1.200",
            "A6": "xã phước ngãi, huyện ba tri, tỉnh bến tre", "B6": "kết hôn", f"{COUNTED}6": 40,
        },
        TEXTS: {"C5": "Đã ban hành kế hoạch"},
    }  # fmt: skip
    path = saved(tmp_path, report(), **typed)
    figures = WorkspaceFigures(report(read=35).lines, {})
    made, files = commune_report(figures, choices(outside=path))
    assert not files[0].faults
    births, marriages = made.lines
    assert (
        births.figure("records_read") == ReportFigure(47) and births.program["records_read"] == 35
    )
    assert births.figure("records_linked").value == 1200
    assert (marriages.unit, marriages.type, marriages.outside) == (
        OTHER,
        KH,
        {"records_counted": 40},
    )
    assert made.text_of(HOME, "planning") == "Đã ban hành kế hoạch"
    assert made.typed_total("records_read") == 12
    page = report_page(made, FORM)
    assert report_words().outside_share in page and "Đã ban hành kế hoạch" in page


@pytest.mark.parametrize(
    ("cells", "place", "said"),
    [
        ({f"{READ}5": "mười"}, f"{READ}5", "mười"),
        ({f"{READ}5": -3}, f"{READ}5", "âm"),
        ({f"{READ}5": 1.5}, f"{READ}5", "1.5"),
        ({"A6": "xã Không Có, tỉnh Bến Tre", "B6": "KS", f"{READ}6": 1}, "A6", "Không Có"),
        ({"A6": HOME, "B6": "ly hôn", f"{READ}6": 1}, "B6", "ly hôn"),
        ({f"{READ}5": 1, "A6": HOME, "B6": "KS", f"{READ}6": 2}, "A6", "hai dòng"),
        ({f"{READ}4": "Số khác"}, f"{READ}4", "Số khác"),
    ],
)
def test_a_typed_cell_that_cannot_be_taken_is_named_with_its_remedy(tmp_path, cells, place, said):
    found = read_report(saved(tmp_path, report(), **{OUTSIDE: cells}), FORM)
    fault = next(one for one in found.faults if one.place == f"{OUTSIDE}!{place}")
    assert said in fault.cause.vi and fault.remedy.vi and fault.remedy.en


def test_figures_changed_by_hand_are_named_and_the_hidden_part_is_sealed(tmp_path):
    path = saved(tmp_path, report(), **{"Báo cáo": {f"{READ}8": 300}})
    found = read_report(path, FORM)
    assert found.altered == (f"Báo cáo!{READ}8",) and found.report.total("records_read").value == 30
    book = openpyxl.load_workbook(path)
    book["_sohoa"]["A2"] = book["_sohoa"]["A2"].value.replace(
        '"records_read":30', '"records_read":99'
    )
    book.save(path)
    with pytest.raises(BadInputError, match="trang ẩn"):
        read_report(path, FORM)


def workbook_of_others():
    held = io.BytesIO()
    openpyxl.Workbook().save(held)
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "rỗng"),
        (b"\xd0\xcf\x11\xe0 rest", "mật khẩu"),
        (b"<html>", ".xlsx"),
        (b"PK\x03\x04 cut off", ".xlsx"),
        (workbook_of_others(), "sohoa report"),
    ],
)
def test_files_that_are_no_report_are_refused_with_cause_and_remedy(tmp_path, content, said):
    path = tmp_path / "la.xlsx"
    path.write_bytes(content)
    with pytest.raises(BadInputError) as caught:
        read_report(path, FORM)
    assert said in caught.value.cause.vi and caught.value.remedy and caught.value.where == str(path)


def test_the_week_before_is_compared_and_what_fell_is_named(tmp_path):
    week = FRIDAY - datetime.timedelta(7)
    last = report(read=40, week=week, history=(PastWeek(week - datetime.timedelta(7), {}),))
    last = replace(last, lines=(replace(last.lines[0], outside={"records_linked": 5}),))
    path = saved(tmp_path, last)
    made, _ = commune_report(WorkspaceFigures(report(read=30).lines, {}), choices(last=path))
    assert made.last == last.as_past_week() and len(made.history) == 2
    assert (HOME, "KS", "records_read", 40, 30) in made.fallen
    assert made.total("records_linked").value == 5 and report_words().carried in made.notes
    assert "giảm từ 40 xuống 30" in report_page(made, FORM)
    with pytest.raises(BadInputError, match="không trước tuần này"):
        commune_report(WorkspaceFigures((), {}), choices(unit=HOME, last=saved(tmp_path, made)))
    with pytest.raises(BadInputError, match="đơn vị khác"):
        commune_report(WorkspaceFigures((), {}), choices(unit=OTHER, last=path))


def told(read, weeks_ago, finish_by, counted=1000):
    """The forecast of records read."""
    past = tuple(
        PastWeek(FRIDAY - datetime.timedelta(7 * weeks), {"records_read": value})
        for weeks, value in weeks_ago
    )
    one = report(read=read, history=past, finish_by=finish_by)
    typed = {"records_counted": counted} if counted is not None else {}
    one = replace(one, lines=(replace(one.lines[0], outside=typed),))
    return forecast_lines(one, FORM)[0]


def test_the_forecast_follows_the_mean_of_the_last_weeks():
    end = FRIDAY + datetime.timedelta(70)
    weeks = [(6, 0), (4, 200), (1, 480)]  # 400 in 4 weeks; the older one is not looked at
    assert "mỗi tuần 100" in told(600, weeks, end) and "25.12.2026" in told(600, weeks, end)
    late = told(600, weeks, FRIDAY + datetime.timedelta(14))
    assert "được 800 trên" in late and "Cần mỗi tuần 200" in late
    assert "không tăng" in told(200, weeks, end)
    assert "đã đủ" in told(1000, weeks, end)


def test_there_is_no_forecast_from_too_little():
    end = FRIDAY + datetime.timedelta(70)
    assert "mới có số liệu của 1 tuần" in told(600, [(1, 480)], end)
    assert "chưa có số “Trường hợp đã thống kê”" in told(600, [(4, 200)], end, counted=None)
    assert "chưa đặt ngày hết đợt" in told(600, [(4, 200)], None)
    assert "đã hết" in told(600, [(4, 200)], FRIDAY)


def test_days_hours_and_levels_are_data(tmp_path):
    commune, district, province = FORM.levels
    assert commune.due(FRIDAY) == datetime.datetime(2026, 11, 27, 11)
    assert province.due(datetime.date(2026, 11, 23)) == datetime.datetime(2026, 11, 27, 16)
    assert FORM.level_above("commune", FRIDAY) == province
    assert FORM.level_above("commune", datetime.date(2025, 6, 27)) == district
    assert report(made=IN_TIME.replace(hour=11, minute=1)).late(FORM)
    assert not report(made=IN_TIME.replace(hour=11, minute=0)).late(FORM)
    shipped = (FORM_FILE).read_text(encoding="utf-8")
    own = tmp_path / "bieu.yaml"
    own.write_text(shipped.replace('friday, hour: "11:00"', 'thursday, hour: "15:30"'), "utf-8")
    assert report_form(own).levels[0].due(FRIDAY) == datetime.datetime(2026, 11, 26, 15, 30)
    own.write_text(shipped.replace('hour: "11:00"', 'hour: "25:00"'), "utf-8")
    with pytest.raises(BadInputError, match="11:00"):
        report_form(own)
    own.write_text(shipped.replace("name: records_linked, ", "name: records_x, ").replace(
        "quét, by: people", "quét, by: program"), "utf-8")  # fmt: skip
    with pytest.raises(BadInputError, match="records_x"):
        report_form(own)


# --- Roll-up


THIRD, FOURTH = "xã Bảo Thạnh, tỉnh Bến Tre", "xã Tân Xuân, tỉnh Bến Tre"


def rolled(paths, units, **own):
    return roll_up(paths, units, choices(unit=PROVINCE, **own))


def test_reports_are_added_up_and_missing_late_doubled_and_altered_ones_are_named(tmp_path):
    late = report(OTHER, 10, made=IN_TIME.replace(hour=13))
    paths = [
        saved(tmp_path, report(HOME, 30), "a.xlsx", **{OUTSIDE: {f"{READ}5": 5}}),
        saved(tmp_path, late, "b.xlsx"),
        saved(tmp_path, late, "b ban sao.xlsx"),
        saved(tmp_path, report(THIRD, 1), "c.xlsx"),
        saved(tmp_path, report(THIRD, 2), "c2.xlsx"),
        saved(tmp_path, report(FOURTH, 7), "d.xlsx", **{"Báo cáo": {f"{READ}8": 700}}),
        saved(tmp_path, report("xã Lạ, tỉnh Bến Tre", 9), "e.xlsx"),
        saved(tmp_path, report(HOME, 3, week=FRIDAY - datetime.timedelta(7)), "f.xlsx"),
        tmp_path / "khong co.xlsx",
    ]
    units = (HOME, OTHER, THIRD, FOURTH, "xã Vắng, tỉnh Bến Tre")
    done = rolled(paths, units)
    one = done.report
    assert (one.level, one.unit, one.week) == ("province", PROVINCE, FRIDAY)
    assert [unit.state for unit in one.units] == [
        "in_time",
        "late",
        "refused",
        "refused",
        "missing",
    ]
    assert [(line.unit, line.figure("records_read").value) for line in one.lines] == [
        (HOME, 35), (OTHER, 10),
    ]  # fmt: skip
    assert one.typed_total("records_read") == 5
    assert one.total("records_read") == ReportFigure(45, 3)  # three units are not in it
    assert [path.name for path in done.copies] == ["b ban sao.xlsx"]
    refused = {one.path.name: one.cause.vi for one in done.refused}
    assert set(refused) == {"c.xlsx", "c2.xlsx", "d.xlsx", "e.xlsx", "f.xlsx", "khong co.xlsx"}
    assert f"{READ}8" in refused["d.xlsx"] and "20.11.2026" in refused["f.xlsx"]
    page = report_page(one, FORM)
    assert "xã Vắng" in page and "45*" in page and "GIÁM ĐỐC SỞ TƯ PHÁP" in page


def test_a_typed_cell_with_a_fault_keeps_the_report_out_of_the_sum(tmp_path):
    path = saved(tmp_path, report(HOME), **{OUTSIDE: {f"{READ}5": "vài"}})
    done = rolled([path], (HOME,))
    assert done.report.units[0].state == "refused" and f"{READ}5" in done.refused[0].cause.vi


def test_difficulties_are_collected_by_unit(tmp_path):
    typed = {TEXTS: {"C9": "Thiếu máy quét"}}
    one = replace(report(HOME), facts={"difficulties": "3 trang chờ"})
    done = rolled([saved(tmp_path, one, **typed)], (HOME,))
    assert [(text.unit, text.part, text.text) for text in done.report.texts] == [
        (HOME, "difficulties", "Thiếu máy quét"), (HOME, "difficulties", "3 trang chờ"),
    ]  # fmt: skip


def test_a_sum_can_be_added_up_again(tmp_path):
    week = datetime.date(2025, 6, 27)
    made = datetime.datetime(2025, 6, 27, 9)
    own = {"week": week, "made": made}
    paths = [saved(tmp_path, report(unit, 10, **own), f"{unit}.xlsx") for unit in (HOME, THIRD)]
    district = roll_up(paths, (HOME, THIRD, OTHER), choices(unit="huyện Ba Tri", **own)).report
    assert district.level == "district"
    done = rolled([saved(tmp_path, district, "huyen.xlsx")], ("huyện Ba Tri",), **own)
    [line] = done.report.lines
    assert done.report.level == "province" and not done.refused
    assert line.figure("records_read") == ReportFigure(20, 1)  # a commune is not in it
    assert OTHER in done.report.units[0].note


def test_what_was_typed_for_an_absent_unit_is_not_added_once_its_report_comes(tmp_path):
    week = FRIDAY - datetime.timedelta(7)
    before = rolled(
        [saved(tmp_path, report(HOME, week=week), "a.xlsx")],
        (HOME, OTHER), week=week, last=None,
    ).report  # fmt: skip
    typed = {OUTSIDE: {"A6": OTHER, "B6": "KS", f"{READ}6": 8}}
    last = saved(tmp_path, before, "tinh.xlsx", **typed)
    both = [saved(tmp_path, report(unit, 9), f"{unit}.xlsx") for unit in (HOME, OTHER)]
    came = rolled(both, (HOME, OTHER), last=last).report
    assert came.total("records_read") == ReportFigure(18)
    absent = rolled(both[:1], (HOME, OTHER), last=last).report
    assert absent.total("records_read") == ReportFigure(17, 1)
    twice = rolled(both, (HOME, OTHER), outside=last).report
    assert any("tính hai lần" in note and OTHER in note for note in twice.notes)


def test_a_folder_stands_for_the_reports_in_it(tmp_path):
    folder = tmp_path / "xa"
    folder.mkdir()
    with pytest.raises(BadInputError, match="xlsx"):
        rolled([folder], (HOME,))
    saved(folder, report(HOME))
    (folder / "~$bc.xlsx").write_bytes(b"open")
    (folder / "ghi chú.txt").write_bytes(b"")
    done = rolled([folder], (HOME,))
    assert [unit.state for unit in done.report.units] == ["in_time"] and not done.refused


def test_the_list_of_units(tmp_path):
    path = tmp_path / "dv.txt"
    path.write_text(f"# phải nộp\n{HOME}\n\n  {OTHER} \n{HOME}\n", "utf-8-sig")
    assert unit_list(path) == (HOME, OTHER)
    for content in (b"", "# không\n".encode(), b"\xff\xfe\xff"):
        path.write_bytes(content)
        with pytest.raises(BadInputError) as caught:
            unit_list(path)
        assert caught.value.where == str(path)
    assert LOC_THUAN.full_name.endswith(HOME)
