"""The truth-entering reviewer: every count here was made by hand."""

from __future__ import annotations

import json

import pytest

from ocr_pipeline.bench.review_keys.fewest_keys import fewest_keys
from ocr_pipeline.bench.review_keys.key_report import key_report
from ocr_pipeline.bench.review_keys.key_sequence import KeySequence, Way, telex_keys
from ocr_pipeline.bench.review_keys.measurement import measure_keys, true_values
from ocr_pipeline.bench.review_keys.shown_input import Pick, ShownInput
from ocr_pipeline.bench.review_keys.text_editing import edited
from ocr_pipeline.bench.review_keys.truth_reviewer import Standing, TruthReviewer
from ocr_pipeline.bench.review_keys.typed_forms import typed_forms
from ocr_pipeline.cli.app import run_program
from ocr_pipeline.errors import ExitCode, UsageError
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.review.typed_values import normalise_typed
from ocr_pipeline.store.workspace import Workspace
from tests.builders.records import BIRTH
from tests.builders.review_station import book_of_births, station

__all__ = ["station"]  # the fixture

BOOK = book_of_births()


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("an", 2),
        ("ế", 3),  # e e s
        ("Đ", 2),  # d d, the capital is a chord
        ("đường", 8),  # d d u o w f n g
        ("ơ", 2),
        ("Nguyễn", 8),  # N g u y e e x n
    ],
)
def test_a_letter_costs_its_marks(text, keys):
    assert telex_keys(text) == keys


def test_a_named_key_is_one_press():
    assert telex_keys(("Control+ArrowLeft", "ế", "Enter")) == 5


@pytest.mark.parametrize(
    ("old", "new", "presses"),
    [
        ("Trần Thị Hà", "Trần Thị Hồ", ("End", "Backspace", "ồ")),
        ("2rần Thị Hà", "Trần Thị Hà", ("Home", "T", "Delete")),
        ("Lê Thị Hoa Mai", "Lê Hoa Mai", ("Home", *["Control+ArrowRight"], "Control+Delete")),
        # a date is one word: to the start, four to the right
        ("12.05.1988", "12.06.1988", ("Home", *["ArrowRight"] * 4, "6", "Delete")),
    ],
)
def test_the_caret_goes_the_short_way(old, new, presses):
    assert edited(old, new, limit=50) == presses


def test_no_way_is_given_that_costs_more_than_is_allowed():
    assert edited("abc", "xyz", limit=3) is None


def shown(text="", enter=None, picks=(), completed=False, labels=()):
    made = tuple(Pick(press, value) for press, value in picks)
    return ShownInput(text, enter, made, completed, labels)


def cheapest(shown, value, forms=None, completions=None, **options):
    listed = completions or {}
    return fewest_keys(
        shown, value, lambda: forms or (value,), lambda text: listed.get(text, ()), **options
    )


def test_what_is_right_under_enter_is_one_key():
    found = cheapest(shown("Kinh", "Kinh", [("1", "Kinh")]), "Kinh")
    assert found == KeySequence(Way.CONFIRMED, ("Enter",))


def test_a_pick_is_its_key_and_a_chord_is_one_press():
    found = cheapest(shown("12", "12", [("Alt+1", "12"), ("Alt+2", "72")]), "72")
    assert (found, found.telex) == (KeySequence(Way.PICKED, ("Alt+2",)), 1)


def test_an_empty_field_is_one_key():
    assert cheapest(shown("x", "x"), "") == KeySequence(Way.BLANK, ("F4",))
    assert cheapest(shown("", ""), "") == KeySequence(Way.CONFIRMED, ("Enter",))


def test_a_writing_that_was_not_understood_is_not_confirmed():
    assert cheapest(shown("ba mươi hai", None), "32").presses == ("3", "2", "Enter")


def test_typing_replaces_what_stands_there():
    found = cheapest(shown("Lê", "Lê"), "Hạ", caret=False)
    assert (found.presses, found.telex, found.plain) == (("H", "ạ", "Enter"), 4, 3)


def test_a_completion_is_taken_as_soon_as_it_is_cheaper():
    offered = {"p": ("Phạm Thị Mến", "Phan"), "ph": ("Phan",)}
    found = cheapest(shown("", "", completed=True), "Phạm Thị Mến", completions=offered,
                     forms=("Phạm Thị Mến", "phạm thị mến"))  # fmt: skip
    assert found.presses == ("p", "Control+Enter")
    second = cheapest(shown("", "", completed=True), "Phan", completions=offered,
                      forms=("Phan", "phan"))  # fmt: skip
    assert second.presses == ("p", "h", "Control+Enter")  # one key less than walking


def test_the_word_in_doubt_is_typed_over():
    place = ShownInput("xã Lộc Thuan, huyện Bình Đại", None, (), True, (), word=(7, 12))
    found = cheapest(place, "xã Lộc Thuận, huyện Bình Đại")
    assert found.presses == (*"Thuận", "Enter")
    assert cheapest(place, "Bến", caret=False).presses == ("Control+a", *"Bến", "Enter")
    gone = ShownInput("xã Lộc Thuan", None, (), True, (), word=(2, 12))
    assert cheapest(gone, "xã").presses == ("Delete", "Enter")


def test_a_number_whose_year_is_a_guess_takes_a_second_enter():
    number = ShownInput("", "", (), False, (), unsure_year=True)
    assert cheapest(number, "07/2018", forms=("7", "7/18")).presses == ("7", "Enter", "Enter")
    sure = ShownInput("", "", (), False, ())
    assert cheapest(sure, "07/2018", forms=("7", "7/18")).presses == ("7", "Enter")


def test_a_completion_that_only_leads_to_the_value_is_gone_on_from():
    offered = {"d": ("Dương Quang",)}
    found = cheapest(shown("", "", completed=True), "dương quang bê",
                     completions={"d": ("dương quang",)})  # fmt: skip
    assert found.presses == ("d", "Tab", " ", "b", "ê", "Enter")
    assert found.telex == 7
    assert offered


def test_a_completion_that_says_too_much_is_cut_back():
    found = cheapest(shown("", "", completed=True), "xã Lộc Thuận",
                     completions={"x": ("xã Lộc Thuận, tỉnh Bến Tre",)})  # fmt: skip
    # x, take it, three words away, the comma and the blank
    assert found.presses[:2] == ("x", "Tab")
    assert found.telex == 2 + 3 + 2 + 1


def test_a_first_digit_that_would_pick_is_kept_from_it():
    found = cheapest(shown("", "", [("1", "7 Lê Lợi")]), "12 Na", caret=False)
    assert found.presses == ("Backspace", "1", "2", " ", "N", "a", "Enter")


def test_a_reading_near_the_value_is_walked_to_and_edited():
    found = cheapest(shown("Xyz", "Xyz", [("1", "Xyz"), ("2", "Trần Thị Bướm")]), "Trần Thị Bướn")
    assert found.presses == ("ArrowDown", "Backspace", "n", "Enter")


@pytest.mark.parametrize(
    ("kind", "value", "shortest"),
    [
        (FieldKind.DATE, "01.02.2016", "1/2/16"),
        (FieldKind.DATE, "12.11.1987", "121187"),
        (FieldKind.DATE, "05.1985", "5/1985"),
        (FieldKind.NUMBER_YEAR, "01/2017", "1/17"),
        (FieldKind.TIME, "08:30", "830"),
        (FieldKind.ETHNIC_GROUP, "Kinh", "kinh"),
    ],
)
def test_short_forms_are_those_the_station_understands(kind, value, shortest):
    forms = typed_forms(kind, value, lambda text: normalise_typed(kind, text, BOOK))
    assert forms[0] == value and shortest in forms
    assert min(map(telex_keys, forms)) == telex_keys(shortest)


def truth(station, **changed):
    """The truth of the station's records: as read, but for `page_code=value`."""
    values = {}
    for page in (1, 2):
        for code, value in [*BIRTH.items(), ("ghiChu", "")]:
            values[BOOK.id, f"{page}.jpg", 1, code] = changed.get(f"p{page}_{code}", value)
    return values


def truth_file():
    """The records as read, as a truth.json has them."""
    fields = {code: {"value": value} for code, value in BIRTH.items()}
    pages = [
        {"page": f"{page}.jpg", "kind": "record", "records": [{"position": 1, "fields": fields}]}
        for page in (1, 2)
    ]
    return {"book": BOOK.id, "pages": pages}


def two_births(station):
    unsure = {"?meHoTen": 0.5, "?chaHoTen": 0.5, "?nksDanToc": 0.5}
    note = {"ghiChu": "Chép lại", "?ghiChu": 0.5}
    station.book([{**unsure, **note}, {"so": "63/2017", **unsure}])


@pytest.mark.long
@pytest.mark.parametrize("order", ["record", "field"])
def test_a_book_is_cleared_with_the_keys_counted_by_hand(station, order):
    two_births(station)
    known = truth(
        station,
        p2_so="63/2017",
        p1_meHoTen="Nguyễn Thị Mậm",  # a letter away, a letter typed
        p1_ghiChu="Chép lại?",  # the second reading
        p1_nksDanToc="",
        p2_chaHoTen="Trần Văn Đạo",
    )
    reviewer = TruthReviewer(station.ws, known)
    done = reviewer.review(order)
    waited = {one.place[1:2] + one.place[3:]: one for one in done}
    assert {place: one.sequence.presses for place, one in waited.items()} == {
        ("1.jpg", "ghiChu"): ("2",),
        ("1.jpg", "meHoTen"): ("End", "Backspace", "m", "Enter"),
        ("1.jpg", "chaHoTen"): ("Enter",),
        ("1.jpg", "nksDanToc"): ("F4",),
        ("2.jpg", "meHoTen"): ("Enter",),
        ("2.jpg", "chaHoTen"): ("End", "ArrowLeft", "Backspace", "ạ", "Enter"),
        ("2.jpg", "nksDanToc"): ("Enter",),
    }
    assert station.waiting(station.an)["total"] == 0
    assert station.shown(2, "chaHoTen").value == "Trần Văn Đạo"
    report = key_report(order, done)
    assert (report.overall.fields, report.records, report.overall.keys) == (7, 2, 15)
    assert (report.overall.per_field, report.keys_per_record) == (2.1429, 7.5)
    assert report.preselected == 0.4286
    assert report.overall.typed_keys == round(10 / 15, 4)  # 4 and 6 (ạ is two)
    assert report.by_kind["person_name"].keys == 12
    assert report.by_column["chaHoTen"].per_field == 3.5
    assert report.standing == {"record": 0, "book": 0, "inventory": 0, "nowhere": 2}
    assert report.overall.retyped_per_field > report.overall.per_field


def test_where_a_typed_value_stood_is_told(station):
    """The volume is offered from the inventory; a note that says a place of the record is typed."""
    station.book([{"?quyenSo": 0.4, "quyenSo": "09/2017", "?ghiChu": 0.4, "ghiChu": "Sai"}])
    values = {**BIRTH, "quyenSo": BOOK.volume, "ghiChu": BIRTH["nksNoiSinh"]}
    known = {(BOOK.id, "1.jpg", 1, code): value for code, value in values.items()}
    done = {one.place[3]: one for one in TruthReviewer(station.ws, known).review("record")}
    assert done["quyenSo"].sequence.presses == ("Enter",)
    assert done["ghiChu"].sequence.way is Way.TYPED
    assert done["ghiChu"].standing is Standing.RECORD


def test_pages_without_truth_are_left_alone(station):
    two_births(station)
    known = {place: value for place, value in truth(station).items() if place[1] == "1.jpg"}
    done = TruthReviewer(station.ws, known).review("record")
    assert {one.place[1] for one in done} == {"1.jpg"}
    assert station.waiting(station.an)["total"] == 3  # those of the second page


@pytest.mark.long
def test_the_measurement_leaves_the_workspace_as_it_is_and_gives_the_same_twice(station):
    two_births(station)
    file = [truth_file()]
    assert true_values(file)[BOOK.id, "1.jpg", 1, "meHoTen"] == BIRTH["meHoTen"]
    first, second = (measure_keys(station.ws, file, "record").as_dict() for _ in range(2))
    assert json.dumps(first) == json.dumps(second)
    assert first["overall"]["fields"] == 7
    assert station.waiting(station.an)["total"] == 7 and not station.decisions()


def test_a_workspace_without_these_books_is_refused(tmp_path):
    with Workspace.open(tmp_path / "ws") as empty, pytest.raises(UsageError) as refused:
        measure_keys(empty, [{"book": "x", "pages": []}], "record")
    assert "sohoa run" in refused.value.remedy.vi


def test_the_command_tells_both_figures(station, tmp_path, capsys):
    two_births(station)
    file = tmp_path / "truth.json"
    file.write_text(json.dumps(truth_file()), encoding="utf-8")
    command = ["bench", "keys", str(file), "--workspace", station.location]
    assert run_program([*command, "--order", "field", "--json"]) == ExitCode.DONE
    told = json.loads(capsys.readouterr().out)
    # the note that is nowhere in the truth is emptied: every field is one key
    assert (told["order"], told["overall"]["keys"], told["keys_per_record"]) == ("field", 7, 3.5)
    assert run_program(command) == ExitCode.DONE
    said = capsys.readouterr().out
    assert "1.00 phím một trường nghi ngờ" in said and "7 fields, 2 records" in said
