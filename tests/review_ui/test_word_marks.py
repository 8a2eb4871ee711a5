"""Where the words of a field stand on its picture: for whom, of which fields, in which pixels."""

from dataclasses import replace

import pytest

from ocr_pipeline.review import word_marks
from ocr_pipeline.review.accounts import Role
from ocr_pipeline.review.written_fields import WrittenFields
from ocr_pipeline.store.models import FieldRow
from ocr_pipeline.store.states import Lane
from tests.builders.written_ink import STANDS, page_without_ink, placed_page_of_one_name


@pytest.fixture(scope="module")
def eyes():
    """The processes of all tests here: they take seconds to start."""
    made = WrittenFields(placed_page_of_one_name)
    yield made
    made.close()


@pytest.fixture
def waiting(eyes, monkeypatch):
    """Answers wait for the page to be looked at."""
    found = eyes.words
    monkeypatch.setattr(
        eyes, "words", lambda ws, field, value, texts: found(ws, field, value, texts, None)
    )
    monkeypatch.setattr(word_marks, "written_fields", lambda: eyes)


@pytest.fixture
def name(office):
    """A name that waits for a person, as an item."""
    browser = office.browser("an", Role.OPERATOR)
    items = browser.post("/api/queue/take", {"count": 20}).json()["items"]
    return next(one for one in items if one["code"] == "nksHoTen")


def words(browser, field):
    answer = browser.get(f"/api/fields/{field}/words")
    assert answer.status_code == 200, answer.text
    return answer.json()["words"]


def read_as(monkeypatch, value):
    """The field is read as this."""
    make = word_marks.make_items
    monkeypatch.setattr(
        word_marks, "make_items",
        lambda *of, **how: [_with_value(one, value) for one in make(*of, **how)],
    )  # fmt: skip


def _with_value(item, value):
    return replace(item, value=value, n_best=())


@pytest.mark.long
def test_words_lie_on_the_picture_where_they_are_written(office, waiting, name, monkeypatch):
    read_as(monkeypatch, STANDS)
    found = words(office.browser("an"), name["field"])
    assert [STANDS[one["start"] : one["end"]] for one in found] == STANDS.split()
    x, y, width, height = name["box"]
    margin = (name["crop"]["width"] - width) // 2
    for one in found:
        [[left, top, wide, high]] = one["boxes"]
        # `written` gives each letter two frames, of 10 pixels of the page each, from x = 60 on.
        assert left + x - margin <= 60 + 20 * one["start"]
        assert left + x - margin + wide >= 60 + 20 * one["end"] - 10
        assert (top + y - margin, high) == (80, 40)


@pytest.mark.parametrize("lane", [Lane.SECOND, Lane.SAMPLE, Lane.ARBITRATION])
def test_blind_fields_have_no_words(office, waiting, name, lane):
    with office.workspace.transaction() as session:
        session.get_one(FieldRow, name["field"]).lane = lane.value
    assert words(office.browser("an"), name["field"]) == []


def test_a_page_that_the_form_fits_no_more_is_looked_at_once(
    office, waiting, name, eyes, monkeypatch
):
    monkeypatch.setattr(eyes, "_work", page_without_ink)
    assert words(office.browser("an"), name["field"]) == []
    monkeypatch.setattr(eyes, "_work", placed_page_of_one_name)
    assert words(office.browser("an"), name["field"]) == []


def test_nobody_waits_while_a_page_is_looked_at(office, name, eyes, monkeypatch):
    found = eyes.words
    monkeypatch.setattr(
        eyes, "words", lambda ws, field, value, texts: found(ws, field, value, texts, 0.0)
    )
    monkeypatch.setattr(word_marks, "written_fields", lambda: eyes)
    assert words(office.browser("an"), name["field"]) is None


def test_a_field_that_is_not_there_is_told(office):
    assert office.browser("an").get("/api/fields/999999/words").status_code == 404


def test_who_may_not_review_is_refused(office, name):
    assert office.browser().get(f"/api/fields/{name['field']}/words").status_code == 401
