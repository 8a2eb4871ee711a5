import random
import sys
from dataclasses import replace

import pytest

from ocr_pipeline.checks.acceptance import AcceptancePolicy
from ocr_pipeline.checks.book_judgement import judge_book
from ocr_pipeline.registers.fields import Field, FieldKind, Severity, Special, State
from tests.builders.books import make_book
from tests.builders.rows import CLEAN, noisy, numbered, read, sure_record


def rules_of(field) -> set[str]:
    return {doubt.rule for doubt in field.doubts}


def test_a_clear_record_needs_nobody():
    judged = judge_book(make_book(), [sure_record(CLEAN["KS"], ghiChu=read("ghiChu"))])
    states = {code: field.state for code, field in judged[0].fields.items()}
    assert states.pop("ghiChu") is State.BLANK
    assert set(states.values()) == {State.ACCEPTED}


def test_an_unsure_field_goes_to_a_person_with_the_reason():
    one = sure_record(CLEAN["KS"], nksHoTen=read("nksHoTen", ("Nguyễn Văn An", 0.7)))
    field = judge_book(make_book(), [one])[0].fields["nksHoTen"]
    assert field.state is State.IN_REVIEW and field.value == "Nguyễn Văn An"
    [doubt] = field.doubts
    assert doubt.severity is Severity.CONFIDENCE and "70 %" in doubt.message.vi


def test_thresholds_by_kind():
    one = sure_record(CLEAN["KS"], nksHoTen=read("nksHoTen", ("Nguyễn Văn An", 0.9)))
    policy = AcceptancePolicy(thresholds={FieldKind.PERSON_NAME: 0.8}, error_budget=0.1)
    assert judge_book(make_book(), [one], policy)[0].fields["nksHoTen"].state is State.ACCEPTED


def test_contradictions_reach_every_field_concerned_and_change_none():
    values = {**CLEAN["KS"], "nksNgaySinh": "02.07.2018"}
    judged = judge_book(make_book(), [sure_record(values)])[0].fields
    for code in ("nksNgaySinh", "nksNgaySinhBangChu"):
        assert "birth_date_words_differ" in rules_of(judged[code])
        assert judged[code].state is State.IN_REVIEW
        assert judged[code].value == values[code]


def test_doubts_on_columns_reach_the_composite_blank():
    values = {**CLEAN["KS"]}
    del values["meSoGiayToTuyThan"], values["meLoaiGiayToTuyThan"]
    one = sure_record(values, meGiayTo=read("meGiayTo", ("4 083091001234", 0.9999)))
    judged = judge_book(make_book(), [one])[0].fields
    assert {"id_sex_differs", "id_birth_year_differs"} <= rules_of(judged["meGiayTo"])


def test_blank_mandatory_struck_out_and_strange_writings_are_doubts():
    one = sure_record(
        CLEAN["KS"],
        nksGioiTinh=read("nksGioiTinh"),
        meHoTen=read("meHoTen"),
        ghiChu=read("ghiChu", ("", 0.5)),
        trangSo=replace(read("trangSo", ("12", 0.9999)), special=Special.STRUCK_OUT),
        nycQuanHe=replace(read("nycQuanHe"), as_written="~#~ab", script="handwritten"),
        loaiDangKy=replace(read("loaiDangKy"), as_written="1, 4", kind=FieldKind.TICK),
    )
    judged = judge_book(make_book(), [one])[0].fields
    assert "mandatory" in rules_of(judged["nksGioiTinh"])
    assert "expected" in rules_of(judged["meHoTen"])
    assert "unsure_blank" in rules_of(judged["ghiChu"])
    assert rules_of(judged["trangSo"]) == {"struck_out"}
    assert "not_understood" in rules_of(judged["nycQuanHe"])
    assert "several_ticks" in rules_of(judged["loaiDangKy"])
    doubtful = [f for f in judged.values() if f.doubts]
    assert len(doubtful) >= 6 and all(f.state is State.IN_REVIEW for f in doubtful)


def test_a_box_that_stands_for_two_codes_is_decided_by_the_sex_or_by_a_person():
    boxes = read("loaiXacNhan", ("1/2", 0.9999), type="CMC")
    known = judge_book(make_book("CMC"), [sure_record(CLEAN["CMC"], "CMC", loaiXacNhan=boxes)])[0]
    assert known.fields["loaiXacNhan"].state is State.ACCEPTED
    values = {**CLEAN["CMC"], "cmGioiTinh": ""}
    open_ = judge_book(make_book("CMC"), [sure_record(values, "CMC", loaiXacNhan=boxes)])[0]
    assert "choose_code" in rules_of(open_.fields["loaiXacNhan"])


def test_a_blank_below_writing_on_a_table_may_be_an_overlooked_ditto_mark():
    empty = replace(read("meNoiCuTru"), as_written="", value="", script="blank", confidence=0.98)
    first = sure_record(CLEAN["KS"], page="p1")
    second = replace(sure_record(CLEAN["KS"], page="p1", meNoiCuTru=empty), position=2)
    on_table = judge_book(make_book(), [first, second])[1].fields["meNoiCuTru"]
    assert "blank_below_writing" in rules_of(on_table) and on_table.state is State.IN_REVIEW

    alone = replace(second, page="p2", position=1)
    assert "blank_below_writing" not in rules_of(
        judge_book(make_book(), [first, alone])[1].fields["meNoiCuTru"]
    )

    without_ink = replace(second, fields={**second.fields, "meNoiCuTru": _empty("meNoiCuTru")})
    below = judge_book(make_book(), [first, without_ink])[1].fields["meNoiCuTru"]
    assert not below.doubts and below.state is State.BLANK


def _empty(code: str, confidence: float = 0.998):
    return replace(read(code), as_written="", value="", script="blank", confidence=confidence)


@pytest.mark.parametrize(
    ("boxes", "missed"),
    [
        ({}, False),
        ({"chaNgaySinh": read("chaNgaySinh", ("1988", 0.9999))}, True),
        ({"chaDanToc": _empty("chaDanToc", 0.93)}, True),  # some ink was found in it
        ({"chaHoTen": _empty("chaHoTen", 0.96)}, True),
    ],
)
def test_a_father_is_missed_unless_all_his_boxes_are_empty(boxes, missed):
    codes = ("chaHoTen", "chaNgaySinh", "chaDanToc", "chaQuocTich", "chaNoiCuTru")
    fields = {code: _empty(code) for code in codes} | boxes
    judged = judge_book(make_book(), [sure_record(CLEAN["KS"], **fields)])[0].fields["chaHoTen"]
    assert ("expected" in rules_of(judged)) == missed


def test_a_mother_is_missed_although_all_her_boxes_are_empty():
    codes = ("meHoTen", "meNgaySinh", "meDanToc", "meQuocTich", "meNoiCuTru")
    fields = {code: _empty(code) for code in codes}
    judged = judge_book(make_book(), [sure_record(CLEAN["KS"], **fields)])[0].fields["meHoTen"]
    assert "expected" in rules_of(judged)


def test_ditto_marks_propose_the_value_above_and_stay_a_doubt():
    ditto = replace(read("meNoiCuTru"), as_written='"', special=Special.DITTO, script="handwritten")
    records = [
        sure_record(CLEAN["KS"], page="p1"),
        sure_record(CLEAN["KS"], page="p2", meNoiCuTru=ditto),
    ]
    field = judge_book(make_book(), records)[1].fields["meNoiCuTru"]
    assert field.value == CLEAN["KS"]["meNoiCuTru"] and field.as_written == '"'
    assert "ditto" in rules_of(field) and field.state is State.IN_REVIEW
    alone = judge_book(make_book(), [sure_record(CLEAN["KS"], meNoiCuTru=ditto)])[0].fields[
        "meNoiCuTru"
    ]
    assert alone.value == "" and "ditto_without_above" in rules_of(alone)


def _ditto(code: str, written: str = '"') -> Field:
    return replace(
        read(code), as_written=written, value="", special=Special.DITTO, script="handwritten"
    )


def _below(above: Field, mark: Field) -> Field:
    """The mark as judged below a field of the same code."""
    first = sure_record(CLEAN["KS"], page="p1", **{above.code: above})
    second = sure_record(CLEAN["KS"], page="p2", **{above.code: mark})
    return judge_book(make_book(), [first, second])[1].fields[above.code]


def test_a_clear_ditto_mark_is_as_sure_as_the_value_above():
    sure = _below(read("meDanToc", ("Kinh", 0.999)), _ditto("meDanToc"))
    assert (sure.value, sure.state, sure.doubts) == ("Kinh", State.ACCEPTED, ())
    assert 0.99 < sure.confidence < 0.999
    unsure = _below(read("meDanToc", ("Kinh", 0.7)), _ditto("meDanToc"))
    assert unsure.state is State.IN_REVIEW and unsure.confidence < 0.7
    misread = _below(read("meDanToc", ("Kinh", 0.999)), _ditto("meDanToc", "n-7"))
    assert misread.state is State.IN_REVIEW


def test_a_ditto_mark_waits_with_the_value_above():
    """That one waits for another reason than its confidence."""
    struck = replace(read("meDanToc", ("Kinh", 0.999)), special=Special.STRUCK_OUT)
    assert rules_of(_below(struck, _ditto("meDanToc"))) == {"ditto"}


def test_a_ditto_mark_below_what_a_person_entered_is_accepted():
    entered = read("meDanToc", ("Tày", 1.0), state=State.CORRECTED)
    below = _below(entered, _ditto("meDanToc"))
    assert (below.value, below.state) == ("Tày", State.ACCEPTED)


@pytest.mark.parametrize(
    ("code", "value", "twice"),
    [
        ("chaHoTen", "Nguyễn Nguyễn Văn Bình", True),
        ("chaHoTen", "Nguyễn Văn Văn", False),
        ("chaNoiCuTru", "Lộc Thuận Lộc Thuận, Bình Đại, Bến Tre", True),
        ("chaNoiCuTru", "Bến Tre, Bến Tre", False),  # the town and the province
        ("chaNoiCuTru", "Phường 5, Bến Tre, Bến Tre", False),
        ("ghiChu", "đã đã cải chính", False),
    ],
)
def test_what_begins_with_the_same_words_twice_is_shown_to_a_person(code, value, twice):
    own = read(code, (value, 0.999))
    [record] = judge_book(make_book(), [sure_record(CLEAN["KS"], **{code: own})])
    assert ("words_twice" in rules_of(record.fields[code])) is twice


def test_people_have_the_last_word():
    values = {**CLEAN["KS"], "nksNgaySinh": "02.07.2018"}
    decided = read("nksNgaySinh", ("02.07.2018", 1.0), state=State.CONFIRMED)
    judged = judge_book(make_book(), [sure_record(values, nksNgaySinh=decided)])[0].fields
    assert judged["nksNgaySinh"] == decided
    assert judged["nksNgaySinhBangChu"].state is State.IN_REVIEW


def test_records_are_judged_against_each_other():
    judged = judge_book(
        make_book(), [sure_record(CLEAN["KS"], page="a"), sure_record(CLEAN["KS"], page="b")]
    )
    assert "duplicate_number" in rules_of(judged[1].fields["so"])


def test_judging_twice_says_the_same():
    records = numbered(5, nksHoTen=[read("nksHoTen", ("Nguyễn Văn An", 0.7))] * 5)
    once = judge_book(make_book(), records)
    assert judge_book(make_book(), records) == once
    again = judge_book(make_book(), once)
    assert [rules_of(f) for r in again for f in r.fields.values()] == [
        rules_of(f) for r in once for f in r.fields.values()
    ]


def test_one_record_by_itself():
    one = sure_record({**CLEAN["KS"], "loaiDangKy": "9"})
    assert "code_unknown" in rules_of(judge_book(make_book(), [one])[0].fields["loaiDangKy"])


def test_a_book_keeps_its_error_budget():
    rng = random.Random(3)
    names = [noisy(rng, "nksHoTen", "Nguyễn Văn An", "Nguyễn Văn Ân") for _ in range(400)]
    policy = AcceptancePolicy(threshold=0.5, error_budget=0.002)
    judged = judge_book(make_book(), numbered(400, nksHoTen=names), policy)
    every = [f for r in judged for f in r.fields.values()]
    accepted = [f.confidence for f in every if f.state in (State.ACCEPTED, State.BLANK)]
    assert sum(1 - c for c in accepted) <= 0.002 * len(accepted)
    assert any("budget" in rules_of(f) for f in every)


def lines_run(function, *arguments) -> int:
    """How many lines of Python a call runs: what it costs, whatever else the machine does."""
    count = 0

    def trace(*_):
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(*arguments)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.long
def test_judging_costs_each_record_of_a_large_book_the_same():
    rng = random.Random(1)
    names = [noisy(rng, "nguoiKy", "Lê Văn Tám", "Lê Văn Tâm") for _ in range(240)]
    records = numbered(240, nguoiKy=names)
    judge_book(make_book(), records[:10])
    few, many = (lines_run(judge_book, make_book(), records[:n]) for n in (60, 240))
    assert many < 6 * few  # four times as many records; pairs of them would be sixteen times
