"""Decisions that come back: known by row keys; late, doubled and altered rows never count."""

import dataclasses
import json
import random
import shutil

import openpyxl
import pytest

from ocr_pipeline.errors import BadInputError
from ocr_pipeline.exchange.reconciling.differences import agreement_rules
from ocr_pipeline.exchange.reconciling.listed_person import heading
from ocr_pipeline.exchange.reconciling.reconcile import ReconcileSettings
from ocr_pipeline.exchange.reconciling.returned_intake import take_in_returned
from tests.builders.reconciled import UNITS, Province, write_lists

DECISION, REASON, DETAIL = heading("decision"), heading("justification"), heading("detail")
TYPED = {DECISION: "Dân cư đúng", REASON: "Giấy khai sinh gốc"}


class Office:
    """A reconciliation whose lists are filled in and returned."""

    def __init__(self, folder, province, rules=None):
        self.folder = folder
        settings = ReconcileSettings(rules) if rules else None
        self.summary = write_lists(province, folder, settings)

    def lists(self):
        return sorted(self.folder.rglob("danh_sach.*.xlsx"))

    def filled(self, name="tra_ve.xlsx", change=None, path=None, **typed):
        """A returned copy, every row filled in; `change(sheet, columns)` spoils each sheet."""
        book = openpyxl.load_workbook(path or self.lists()[0])
        for sheet in book.worksheets[1:]:
            columns = {cell.value: cell.column for cell in sheet[1]}
            for row in range(2, sheet.max_row + 1):
                for title, text in (typed or TYPED).items():
                    sheet.cell(row, columns[title], text)
            if change:
                change(sheet, columns)
        copy = self.folder.parent / name
        book.save(copy)
        return copy

    def take_in(self, *paths, **more):
        return take_in_returned(paths, self.folder, by="lan", at="2026-11-28T09:00:00", **more)

    def log(self):
        path = self.folder / "quyet_dinh.jsonl"
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def office(tmp_path):
    def open_office(province, name="doi_chieu", **more):
        return Office(tmp_path / name, province, **more)

    return open_office


def differing(count=3):
    province = Province()
    for _ in range(count):
        province.differ("birth")
    return province


def causes(intake):
    return [fault.cause.en for fault in intake.taken.faults]


def test_decisions_are_logged_with_what_who_when_and_from_which_file(office):
    at = office(differing(1))
    intake = at.take_in(at.filled())
    [one] = at.log()
    assert (one["decision"], one["justification"]) == ("b_right", "Giấy khai sinh gốc")
    assert (one["taken_by"], one["taken_at"]) == ("lan", "2026-11-28T09:00:00")
    assert (one["file"], one["sheet"], one["row"]) == ("tra_ve.xlsx", "Khác ngày sinh", 2)
    assert len(one["file_digest"]) == 64 and one["assigned"] == ""
    assert intake.counts.waiting == 0 and not intake.taken.faults


def test_the_same_file_twice_changes_nothing(office):
    at = office(differing())
    copy = at.filled()
    at.take_in(copy)
    files = {path: path.read_bytes() for path in at.folder.rglob("*") if path.is_file()}
    again = at.take_in(copy)
    assert (len(again.taken.taken), again.taken.same, again.taken.faults) == (0, 3, [])
    assert {path: path.read_bytes() for path in at.folder.rglob("*") if path.is_file()} == files


def test_rows_are_known_after_sorting_filtering_own_columns_and_remarks_above(office):
    at = office(differing(8))
    path = at.filled()
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[1]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    random.Random(1).shuffle(rows)
    head = [cell.value for cell in sheet[1]]
    order = list(range(len(head)))
    random.Random(2).shuffle(order)
    other = openpyxl.Workbook()
    tab = other.active
    tab.append(["Danh sách của xã"])
    tab.append(["STT", *(head[place] for place in order), "Ghi chú riêng"])
    for number, row in enumerate(rows[:5], 1):
        tab.append([number, *(row[place] for place in order), "của tôi"])
    other.save(path)
    intake = at.take_in(path)
    assert len(intake.taken.taken) == 5 and not intake.taken.faults
    assert intake.counts.waiting == 3


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_a_row_without_justification_is_refused_by_row_with_remedy(office, text):
    at = office(differing(1))
    intake = at.take_in(at.filled(**{DECISION: "Hộ tịch đúng", REASON: text}))
    [fault] = intake.taken.faults
    assert (fault.row, fault.cause.en) == (2, "the justification is missing")
    assert "Căn cứ" in fault.remedy.vi
    assert not (at.folder / "quyet_dinh.jsonl").exists()
    listed = (at.folder / "chua_nhan.csv").read_text("utf-16")
    assert "thiếu căn cứ" in listed and fault.key in listed


@pytest.mark.parametrize("title", ["Ngày sinh – dân cư", "Họ tên", "Số", "Nơi đăng ký"])
def test_a_row_that_was_altered_is_refused_and_says_what_stood_there(office, title):
    def change(sheet, columns):
        sheet.cell(3, columns[title], "khác")

    at = office(differing())
    intake = at.take_in(at.filled(change=change))
    [fault] = intake.taken.faults
    assert fault.row == 3 and title in fault.cause.vi and "“khác”" in fault.cause.vi
    assert len(intake.taken.taken) == 2


def test_sorting_only_some_columns_is_found(office):
    def change(sheet, columns):
        column = columns[heading("so")]
        texts = [sheet.cell(row, column).value for row in range(2, 5)]
        for row, text in zip(range(2, 5), reversed(texts), strict=True):
            sheet.cell(row, column, text)

    at = office(differing())
    intake = at.take_in(at.filled(change=change))
    assert len(intake.taken.faults) == 2 and len(intake.taken.taken) == 1


def test_a_deleted_column_is_found(office):
    at = office(differing(1))
    path = at.filled(change=lambda sheet, columns: sheet.delete_cols(columns["Họ tên"]))
    assert "“Họ tên” was changed" in causes(at.take_in(path))[0]


def test_rows_deleted_from_a_list_still_wait(office):
    at = office(differing())
    intake = at.take_in(at.filled(change=lambda sheet, _: sheet.delete_rows(3)))
    assert (len(intake.taken.taken), intake.counts.waiting) == (2, 1)


def test_a_row_that_stands_twice_counts_once_or_not_at_all(office):
    def copy_row(decision):
        def change(sheet, columns):
            for column in columns.values():
                sheet.cell(5, column, sheet.cell(2, column).value)
            sheet.cell(5, columns[DECISION], decision)

        return change

    at = office(differing())
    same = at.take_in(at.filled("mot.xlsx", copy_row("Dân cư đúng")))
    assert (len(same.taken.taken), same.taken.same) == (3, 1)
    at = office(differing(), "hai")
    other = at.take_in(at.filled("hai.xlsx", copy_row("Hộ tịch đúng")))
    assert len(other.taken.taken) == 2
    assert sorted(fault.row for fault in other.taken.faults) == [2, 5]


def test_two_files_that_contradict_each_other_are_both_refused(office):
    at = office(differing(1))
    first = at.filled("a.xlsx")
    second = at.filled("b.xlsx", **TYPED | {DECISION: "Hộ tịch đúng"})
    intake = at.take_in(first, second)
    assert not intake.taken.taken
    assert "b.xlsx" in causes(intake)[0] and "a.xlsx" in causes(intake)[1]


def test_a_later_decision_is_refused_unless_it_is_to_replace_the_earlier_one(office):
    at = office(differing(1))
    at.take_in(at.filled("a.xlsx"))
    late = at.filled("b.xlsx", **TYPED | {DECISION: "Hộ tịch đúng"})
    intake = at.take_in(late)
    assert not intake.taken.taken and "a.xlsx" in causes(intake)[0]
    intake = at.take_in(late, again=True)
    assert [one.instead_of for one in intake.taken.taken] == ["b_right"]
    assert [one["decision"] for one in at.log()] == ["b_right", "a_right"]


def test_a_list_of_an_earlier_reconciliation_is_late(office):
    rules = agreement_rules()
    kinds = {name: one.model_copy(update={"agrees": False}) for name, one in rules.kinds.items()}
    early = office(differing())
    late = office(differing(), "moi", rules=dataclasses.replace(rules, kinds=kinds))
    intake = late.take_in(early.filled())
    [fault] = intake.taken.faults
    assert early.summary.run in fault.cause.en and late.summary.run in fault.cause.en
    assert fault.row == 0 and not intake.taken.taken


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({DECISION: "Gán số định danh", REASON: "x"}, "is not for a row of"),
        ({DECISION: "Đồng ý", REASON: "x"}, "there is no decision"),
        ({REASON: "x"}, "no decision"),
        ({DECISION: "Cả hai bên sai", REASON: "x"}, "needs a value"),
        ({heading("key"): "", DECISION: "Hộ tịch đúng", REASON: "x"}, "no row key"),
        ({heading("key"): "7", DECISION: "Hộ tịch đúng", REASON: "x"}, "is not of this"),
    ],
)
def test_what_cannot_be_taken_says_why(office, typed, told):
    at = office(differing(1))
    [cause] = causes(at.take_in(at.filled(**typed)))
    assert told in cause


@pytest.mark.parametrize(("number", "taken"), [("2", 1), (1, 1), ("3", 0), ("Lan", 0), ("", 0)])
def test_a_candidate_is_chosen_by_number(office, number, taken):
    province = Province()
    province.several()
    at = office(province)
    sheet = "Nhiều người phù hợp"

    def change(tab, columns):
        if tab.title != sheet:
            tab.delete_rows(2, 9)
        else:
            tab.cell(2, columns[DETAIL], number)

    path = at.filled(change=change, **{DECISION: "Là người số", REASON: "sổ gốc"})
    assert len(at.take_in(path).taken.taken) == taken


def test_the_id_is_noted_only_for_the_class_that_lacks_it_and_only_when_chosen(office):
    province = Province()
    yes, no, wrong = province.id_missing(), province.id_missing(), province.id_missing(sex=False)
    province.differ("birth")
    at = office(province)

    def change(sheet, columns):
        if sheet.title == "Gán số định danh":
            sheet.cell(3, columns[DECISION], "Không gán")
        else:
            sheet.cell(2, columns[DECISION], "Dân cư đúng")

    intake = at.take_in(
        at.filled(change=change, **{DECISION: "Gán số định danh", REASON: "khớp mọi trường"})
    )
    assert "contradicts sex" in causes(intake)[0]
    assigned = {one["key"]: one["assigned"] for one in at.log()}
    assert sorted(assigned.values()) == ["", "", yes.proposed.number]
    assert no.proposed.number not in str(at.log()) and wrong.proposed.number not in str(at.log())
    assert intake.counts.assigned == 1
    book = openpyxl.load_workbook(at.folder / "ket_qua.xlsx")
    row = [cell.value for cell in book["Gán số định danh"][2]]
    assert yes.proposed.number in row and "tra_ve.xlsx" in row


def test_a_log_that_was_changed_is_refused_and_half_a_line_is_dropped(office):
    at = office(differing())
    at.take_in(at.filled(change=lambda sheet, _: sheet.delete_rows(3, 2)))
    log = at.folder / "quyet_dinh.jsonl"
    whole = log.read_bytes()
    log.write_bytes(whole + b'{"key": "AB')  # what a power cut leaves
    assert len(at.take_in(at.filled("het.xlsx")).taken.taken) == 2
    assert len(at.log()) == 3
    log.write_bytes(log.read_bytes().replace(b"b_right", b"a_right", 1))
    with pytest.raises(BadInputError, match=":1"):
        at.take_in(at.filled("het.xlsx"))


def test_a_first_line_that_is_missing_is_found(office):
    at = office(differing())
    at.take_in(at.filled())
    log = at.folder / "quyet_dinh.jsonl"
    log.write_bytes(log.read_bytes().partition(b"\n")[2])
    with pytest.raises(BadInputError):
        at.take_in(at.filled())


def test_a_folder_that_is_no_reconciliation_or_was_changed_is_refused(office, tmp_path):
    at = office(differing())
    path = at.filled()
    with pytest.raises(BadInputError, match="no folder of a reconciliation"):
        take_in_returned([path], tmp_path / "khong", by="lan", at="x")
    (at.folder / "du_lieu" / "persons.parquet").write_bytes(b"x")
    with pytest.raises(BadInputError, match="altered"):
        at.take_in(path)


def test_files_that_are_no_lists_do_not_hold_up_the_others(office, tmp_path):
    at = office(differing())
    folder = tmp_path / "tra"
    folder.mkdir()
    shutil.move(at.filled(), folder / "dung.xlsx")
    (folder / "hong.xlsx").write_bytes(b"PK\x03\x04 hong")
    (folder / "~$dung.xlsx").write_bytes(b"")
    openpyxl.Workbook().save(folder / "khac.xlsx")
    intake = at.take_in(folder)
    assert len(intake.taken.taken) == 3
    assert sorted(fault.file for fault in intake.taken.faults) == ["hong.xlsx", "khac.xlsx"]


def test_every_unit_tells_how_many_rows_it_still_owes(office):
    province = Province()
    for unit in UNITS[:2]:
        province.unit = unit
        province.differ("birth")
    at = office(province)
    intake = at.take_in(at.filled(path=at.lists()[0]))
    assert sorted(intake.counts.units.values()) == [(1, 0), (1, 1)]
    intake = at.take_in(at.filled("b.xlsx", path=at.lists()[1]))
    assert intake.counts.waiting == 0


def test_a_row_not_settled_yet_still_waits(office):
    at = office(differing(1))
    intake = at.take_in(at.filled(**{DECISION: "Chưa xác minh được", REASON: "chờ công an"}))
    assert len(intake.taken.taken) == 1 and intake.counts.waiting == 1
