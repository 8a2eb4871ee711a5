"""A decision's answer says what the next fields are offered since it is kept."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from sqlalchemy import event

from ocr_pipeline.review import fresh_offers
from ocr_pipeline.review.accounts import Role
from ocr_pipeline.store.models import FieldRow, PageRow
from ocr_pipeline.store.records import replace_records
from tests.builders.drawn_pages import unsure_record
from tests.builders.review_office import BOOK

#: As it was read, by code: all of it waits for a person.
READ = {
    "so": "4/2016",
    "trangSo": "9",
    "nksHoTen": "Trần Văn An",
    "nksNoiSinh": "xa Loc Thuan",
    "meHoTen": "Vo Thi Man",
    "chaHoTen": "Trần Văn Đào",
    "nycHoTen": "Vo Thi Mon",
    "nguoiKy": "Le Van Tam",
}
PLACE = "Trạm y tế xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre"


@pytest.fixture
def fields(office):
    """Ids by record and code of two records that follow each other."""
    with office.workspace.transaction() as session:
        pages = session.query(PageRow).filter_by(kind="record").order_by(PageRow.ordinal)
        records = [unsure_record(page.name, READ) for page in list(pages)[:2]]
        replace_records(session, BOOK.id, records)
        session.flush()
        rows = session.query(FieldRow).order_by(FieldRow.record)
        places = {number: at for at, number in enumerate(sorted({row.record for row in rows}))}
        return {(places[row.record], row.code): row.id for row in rows}


@pytest.fixture
def browser(office, fields):
    browser = office.browser("an", Role.OPERATOR)
    taken = browser.post("/api/queue/take", {"count": 50}).json()["items"]
    assert {item["field"] for item in taken} == set(fields.values())
    return browser


def decide(browser, field, value, offers_for):
    said = {"field": field, "action": "correct", "value": value}
    answer = browser.post("/api/decide", {"decisions": [said], "offers_for": offers_for})
    assert answer.status_code == 200, answer.text
    [outcome] = answer.json()["outcomes"]
    assert outcome["ok"], outcome
    return {one["field"]: one for one in answer.json()["offers"]}


@pytest.mark.parametrize(("decided", "value", "asked", "known"), [
    ((0, "meHoTen"), "Võ Thị Mận", (0, "nycHoTen"), "Võ Thị Mận"),
    ((0, "so"), "17/2016", (1, "so"), "18/2016"),
    ((0, "nksNoiSinh"), PLACE, (1, "nksNoiSinh"), PLACE),
    ((0, "nguoiKy"), "Lê Văn Tám", (1, "nguoiKy"), "Lê Văn Tám"),
    ((0, "chaHoTen"), "Đặng Văn Đào", (0, "nksHoTen"), "Đặng Văn An"),
])  # fmt: skip
def test_what_a_decision_made_known_is_offered_at_once(
    browser, fields, decided, value, asked, known
):
    before = browser.get(f"/api/fields/{fields[asked]}").json()
    assert known not in [one["value"] for one in before["offers"]]
    fresh = decide(browser, fields[decided], value, [fields[asked]])
    assert list(fresh) == [fields[asked]]
    offers = fresh[fields[asked]]
    assert known in [one["value"] for one in offers["offers"]]
    item = browser.get(f"/api/fields/{fields[asked]}").json()
    assert offers == {name: item[name] for name in ("field", "offers", "preselected")}


def test_what_was_taken_back_is_offered_no_more(browser, fields):
    mother, informant = fields[0, "meHoTen"], fields[0, "nycHoTen"]
    before = browser.get(f"/api/fields/{informant}").json()["offers"]
    assert decide(browser, mother, "Võ Thị Mận", [informant])[informant]["offers"] != before
    undone = browser.post("/api/undo", {"offers_for": [informant]}).json()
    assert undone["item"]["field"] == mother
    assert [(one["field"], one["offers"]) for one in undone["offers"]] == [(informant, before)]


def test_only_fields_that_the_person_holds_and_that_are_undecided_are_told_of(
    office, browser, fields
):
    other = office.browser("bình", Role.OPERATOR)
    mine, released, done = (fields[0, code] for code in ("nycHoTen", "nksHoTen", "so"))
    browser.post("/api/queue/release", {"fields": [released]})
    asked = [mine, released, done, 999_999]
    assert list(decide(browser, done, "17/2016", asked)) == [mine]
    assert decide(other, fields[1, "so"], "18/2016", asked) == {}, "another holds it"
    office.clock.forward(minutes=11)
    assert decide(browser, fields[0, "trangSo"], "8", asked) == {}, "its time is over"


def test_more_than_eight_are_refused_and_nothing_is_kept(browser, fields):
    field = fields[0, "meHoTen"]
    said = {"decisions": [{"field": field, "action": "correct", "value": "Võ Thị Mận"}]}
    answer = browser.post("/api/decide", {**said, "offers_for": sorted(fields.values())[:9]})
    assert answer.status_code == 422 and "offers_for" in answer.json()["where"]
    assert browser.get(f"/api/fields/{field}").json()["state"] == "in_review"


def test_the_decision_is_on_the_disk_before_anything_is_gathered(
    office, browser, fields, monkeypatch
):
    states = []

    def look(session, found, rows, hidden):
        with office.workspace.read_session() as another:
            states.append(another.get(FieldRow, fields[0, "so"]).state)
        return {}

    monkeypatch.setattr(fresh_offers, "known_offers", look)
    decide(browser, fields[0, "so"], "17/2016", [fields[1, "so"]])
    assert states == ["corrected"]


def test_eight_fields_take_as_many_statements_as_one(office, browser, fields):
    ours = [field for (record, _), field in fields.items() if record == 1]
    user = office.person("an", Role.OPERATOR)
    counts = []
    for asked in ([], ours[:1], ours):
        with statements(office.workspace.engine) as said:
            found = fresh_offers.fresh_offers(office.workspace, user, asked, office.clock())
        assert len(found) == len(asked)
        counts.append(len(said))
    assert counts[0] == 0, "who does not ask waits for nothing"
    assert counts[1] == counts[2] <= 12, counts


@contextmanager
def statements(engine):
    """What is asked of the database meanwhile."""
    said = []

    def note(connection, cursor, statement, *more):
        said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)
