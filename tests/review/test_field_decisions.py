import pytest

from ocr_pipeline.registers.fields import State
from ocr_pipeline.review.errors import StaleError
from ocr_pipeline.review.field_decisions import Action, Decision, check, decide
from ocr_pipeline.review.queue import Lane

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ONE = {"?nksHoTen": 0.5}


def test_a_correction_changes_everything_at_once(station):
    station.book([ONE])
    field = station.field(1, "nksHoTen")
    outcome = station.decide(station.an, field, value="trần thị  hoa", seconds=2.5, keys=7)
    assert outcome.ok and outcome.entry
    assert outcome.value == "Trần Thị Hoa", "the screen shows this in place of what was typed"
    shown = station.shown(1, "nksHoTen")
    assert (shown.value, shown.state) == ("Trần Thị Hoa", State.CORRECTED)
    assert station.waiting(station.an)["total"] == 0
    [entry], [done] = station.entries(), station.decisions()
    assert (entry.user, entry.value, entry.base) == ("an", "Trần Thị Hoa", None)
    assert (done.was, done.seconds, done.keys, done.entry) == ("Trần Thị Hòa", 2.5, 7, entry.id)


@pytest.mark.parametrize(
    ("action", "value", "state", "kept"),
    [
        (Action.CONFIRM, "Trần Thị Hòa", State.CONFIRMED, "Trần Thị Hòa"),
        (Action.CORRECT, "Trần Thị Hòa", State.CONFIRMED, "Trần Thị Hòa"),
        (Action.BLANK, "", State.BLANK, ""),
        (Action.UNREADABLE, "", State.UNREADABLE, ""),
    ],
)
def test_states(station, action, value, state, kept):
    station.book([ONE])
    outcome = station.decide(station.an, station.field(1, "nksHoTen"), action, value)
    assert outcome.ok
    shown = station.shown(1, "nksHoTen")
    assert (shown.state, shown.value) == (state, kept)
    assert station.row(outcome.field).lane == ""


def test_a_stale_save_is_refused_and_told(station):
    station.book([ONE])
    field = station.field(1, "nksHoTen")
    first = station.decide(station.an, field, value="Trần Thị Hoa", base=None)
    second = station.decide(station.binh, field, value="Trần Thị Hoà", base=None)
    assert first.ok and not second.ok
    assert (second.conflict.user, second.conflict.value) == ("an", "Trần Thị Hoa")
    assert second.value == "Trần Thị Hoà"
    assert station.shown(1, "nksHoTen").value == "Trần Thị Hoa"
    third = station.decide(station.binh, field, value="Trần Thị Hoà", base=second.conflict.entry)
    assert third.ok and station.shown(1, "nksHoTen").value == "Trần Thị Hoà"
    assert [e.value for e in station.entries()] == ["Trần Thị Hoa", "Trần Thị Hoà"]


def test_a_decision_sent_twice_is_kept_once(station):
    station.book([ONE])
    field = station.field(1, "nksHoTen")
    again = [station.decide(station.an, field, value="trần thị hoa", base=None) for _ in range(3)]
    assert len({outcome.entry for outcome in again}) == 1 and all(o.ok for o in again)
    assert len(station.entries()) == len(station.decisions()) == 1


def test_confirming_what_was_not_shown_is_refused(station):
    station.book([ONE])
    outcome = station.decide(station.an, station.field(1, "nksHoTen"), Action.CONFIRM, "")
    assert not outcome.ok and station.entries() == []


def test_what_cannot_be_understood_is_not_kept(station):
    station.book([{"?nksNgaySinh": 0.5}])
    field = station.field(1, "nksNgaySinh")
    for typed in ("31.02.2017", "abc", " "):
        outcome = station.decide(station.an, field, value=typed)
        assert not outcome.ok and outcome.message.vi and not outcome.conflict
    assert station.decide(station.an, field, value="28617").ok is False
    assert station.decide(station.an, field, value="280617").ok
    assert station.shown(1, "nksNgaySinh").value == "28.06.2017"


def test_other_fields_of_the_record_are_judged_again(station):
    station.book([{"nksNgaySinh": "28.06.2018", "nksNgaySinhBangChu": WORDS}])
    words, digits = station.field(1, "nksNgaySinhBangChu"), station.field(1, "nksNgaySinh")
    assert "birth_date_words_differ" in station.row(words).rules
    outcome = station.decide(station.an, digits, value="28.06.2017")
    assert outcome.record["nksNgaySinhBangChu"].state is State.ACCEPTED
    assert station.row(words).rules == "" and station.row(words).lane == ""
    assert station.shown(1, "nksNgaySinhBangChu").doubts == ()
    registered = outcome.record["ngayDangKy"]
    assert registered.doubts == () and registered.state is State.ACCEPTED


WORDS = "Ngày Hai Mươi Tám Tháng Sáu Năm Hai Nghìn Không Trăm Mười Bảy"


def test_a_correction_can_raise_doubts_about_others(station):
    station.book([{"?nksNgaySinh": 0.5}])
    outcome = station.decide(station.an, station.field(1, "nksNgaySinh"), value="28.06.1970")
    raised = {code for code, field in outcome.record.items() if field.doubts}
    assert {"meNgaySinh", "chaNgaySinh"} <= raised
    assert station.row(station.field(1, "meNgaySinh")).lane == Lane.DOUBT
    assert station.shown(1, "meNgaySinh").state is State.IN_REVIEW


def test_doubts_of_the_book_survive_corrections_and_go_when_resolved(station):
    station.book([{"so": "62/2017"}, {"so": "62/2017", "?nksHoTen": 0.5}, {"so": "63/2017"}])
    second = station.field(2, "so")
    assert "duplicate_number" in station.row(second).rules
    station.decide(station.an, station.field(2, "nksHoTen"), value="Trần Thị Hoa")
    assert "duplicate_number" in station.row(second).rules
    assert any(d.rule == "duplicate_number" for d in station.shown(2, "so").doubts)
    # correcting the first one resolves the doubt about the second
    station.decide(station.an, station.field(1, "so"), value="61/2017")
    assert "duplicate_number" not in station.row(second).rules
    assert station.shown(2, "so").state is State.ACCEPTED


def test_a_correction_can_make_a_gap_in_the_book(station):
    station.book([{"so": f"{n}/2017"} for n in (61, 62, 63)])
    station.decide(station.an, station.field(2, "so"), value="66/2017")
    assert station.row(station.field(3, "so")).lane == Lane.DOUBT


def test_check_keeps_nothing_and_tells_all(station):
    station.book([{"so": "62/2017"}, {"so": "63/2017", "?nksNgaySinh": 0.5}])
    field = station.field(2, "nksNgaySinh")
    found = check(station.ws, station.an, field, "28/6/70")
    assert found["value"] == "28.06.1970"
    assert set(found["others"]) >= {"meNgaySinh"}
    assert {d.rule for d in found["doubts"]} >= {"mother_age"}
    nothing = check(station.ws, station.an, field, "không rõ gì")
    assert nothing["value"] == "" and [d.rule for d in nothing["doubts"]][0] == "not_understood"
    again = check(station.ws, station.an, station.field(2, "so"), "62/2017")
    assert "duplicate_number" in {d.rule for d in again["doubts"]}
    assert check(station.ws, station.an, field, "280617")["doubts"] == []
    assert station.entries() == [] and station.row(field).state == "in_review"


def test_undo_brings_back_what_was_before(station):
    station.book([{"?nksHoTen": 0.5}, {"so": "63/2017"}])
    field = station.field(1, "nksHoTen")
    before = station.shown(1, "nksHoTen")
    station.decide(station.an, field, value="Trần Thị Hoa")
    item = station.undo(station.an)
    assert item.field == field and item.value == "Trần Thị Hòa" and item.lane is Lane.DOUBT
    assert station.shown(1, "nksHoTen") == before
    assert len(station.entries()) == 2  # nothing is deleted
    # it is on his screen again, and can be decided anew
    assert station.take(station.binh) == []
    assert station.say(station.an, item, Action.CONFIRM, "Trần Thị Hòa").ok
    assert station.shown(1, "nksHoTen").state is State.CONFIRMED


def test_undo_goes_back_further_and_to_earlier_entries(station):
    station.book([ONE])
    field = station.field(1, "nksHoTen")
    station.decide(station.an, field, value="Trần Thị Hoa")
    station.decide(station.an, field, value="Trần Thị Hoài")
    assert station.undo(station.an).value == "Trần Thị Hoa"
    assert station.shown(1, "nksHoTen").state is State.CORRECTED
    assert station.undo(station.an).value == "Trần Thị Hòa"
    assert station.shown(1, "nksHoTen").state is State.IN_REVIEW
    assert station.undo(station.an) is None


def test_nobody_undoes_what_another_has_gone_on_with(station):
    station.book([ONE])
    field = station.field(1, "nksHoTen")
    station.decide(station.an, field, value="Trần Thị Hoa")
    station.decide(station.binh, field, value="Trần Thị Hoài")
    with pytest.raises(StaleError):
        station.undo(station.an)
    assert station.shown(1, "nksHoTen").value == "Trần Thị Hoài"


def test_one_bad_decision_does_not_hold_up_the_others(station):
    station.book([{"?nksHoTen": 0.5, "?meHoTen": 0.5}])
    name, mother = station.field(1, "nksHoTen"), station.field(1, "meHoTen")
    outcomes = decide(
        station.ws,
        station.an,
        [
            Decision(name, Action.CORRECT, "Trần Thị Hoa", base=999),
            Decision(10**6, Action.CORRECT, "x"),
            Decision(mother, Action.CORRECT, "Nguyễn Thị Mơ"),
        ],
        station.now,
    )
    assert [outcome.ok for outcome in outcomes] == [False, False, True]
    assert station.shown(1, "meHoTen").value == "Nguyễn Thị Mơ"


def test_a_question_waits_for_a_senior(station):
    station.book([ONE])
    [item] = station.take(station.an)
    assert station.say(station.an, item, Action.ASK, note="Hòa hay Hoà?").ok
    assert station.take(station.an) == [] and station.take(station.binh) == []
    assert not station.decide(station.binh, item.field, value="Trần Thị Hoa").ok
    [asked] = station.take(station.chi, Lane.SENIOR)
    assert asked.question == "Hòa hay Hoà?"
    assert station.say(station.chi, asked, value="Trần Thị Hoà").ok
    assert station.take(station.chi, Lane.SENIOR) == []
    assert station.shown(1, "nksHoTen").state is State.CORRECTED
    assert all(decision.entry for decision in station.decisions())


def test_nobody_answers_his_own_question(station):
    station.book([ONE])
    [item] = station.take(station.chi)
    station.say(station.chi, item, Action.ASK, note="?")
    assert station.take(station.chi, Lane.SENIOR) == []
    outcome = station.decide(station.chi, item.field, value="Trần Thị Hoa", lane=Lane.SENIOR)
    assert not outcome.ok and "hỏi" in outcome.message.vi
    assert station.undo(station.chi).lane is Lane.DOUBT


def test_a_human_blank_stays_blank_when_the_book_is_judged_again(station):
    from ocr_pipeline.checks.book_judgement import judge_book
    from ocr_pipeline.store.entries import apply_entries, latest_entries

    book = station.book([ONE])
    station.decide(station.an, station.field(1, "nksHoTen"), Action.BLANK)
    with station.ws.read_session() as session:
        from ocr_pipeline.store.records import load_records

        records = load_records(session, book.id)
        entries = latest_entries(session, book.id)
    [judged] = apply_entries(judge_book(book, records), entries)
    assert judged.fields["nksHoTen"].value == ""
    assert judged.fields["nksHoTen"].state is State.BLANK
