"""How right people are and what a review costs them, counted by hand."""

import pytest

from ocr_pipeline.review.field_decisions import Action
from ocr_pipeline.review.human_effort import spent_on
from ocr_pipeline.review.policies import set_policy
from ocr_pipeline.review.queue import Lane
from ocr_pipeline.review.review_figures import dashboard, wilson
from ocr_pipeline.store.policies import ReviewPolicy

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def figures(station, viewer=None):
    return dashboard(station.ws, station.now, station.later(seconds=1), viewer)


def keyed_twice(double):
    """An keys four names as Hoa; Binh one as Hoài, which Chi says is right."""
    double.book([{"so": f"{62 + i}/2017", "?nksHoTen": 0.5} for i in range(4)])
    for item in double.take(double.an):
        double.say(double.an, item, value="Trần Thị Hoa")
    for number, item in enumerate(double.take(double.binh, Lane.SECOND)):
        value = "Trần Thị Hoài" if number == 0 else "Trần Thị Hoa"
        double.say(double.binh, item, value=value)
    [odd] = double.take(double.chi, Lane.ARBITRATION)
    double.say(double.chi, odd, value="Trần Thị Hoài")


def test_double_keyings_tell_how_right_each_person_is(double):
    keyed_twice(double)
    rows = {row["user"]: row for row in figures(double)["accuracy"]}
    assert set(rows) == {"an", "binh"}
    assert (rows["an"]["checked"], rows["an"]["right"], rows["an"]["share"]) == (4, 3, 0.75)
    assert (rows["binh"]["checked"], rows["binh"]["right"]) == (4, 4)
    low, high = wilson(3, 4)
    assert (rows["an"]["low"], rows["an"]["high"]) == (round(low, 6), round(high, 6))


def test_a_person_sees_himself_and_an_approver_sees_all(double):
    keyed_twice(double)
    begin = double.now
    seen = {
        viewer.name: [
            row["user"]
            for row in dashboard(double.ws, begin, double.later(seconds=1), viewer)["accuracy"]
        ]
        for viewer in (double.an, double.chi, double.dung, double.admin)
    }
    assert seen == {"an": ["an"], "chi": [], "dung": ["an", "binh"], "quan": ["an", "binh"]}


def test_a_sample_counts_for_whoever_keyed_it_once_it_is_known_who_is_right(station):
    book = station.book([{"so": f"{62 + i}/2017"} for i in range(3)])
    set_policy(station.ws, station.dung, ReviewPolicy(kind="ethnic_group", sample=1.0))
    same, odd, open_ = sorted(station.take(station.chi, lane=Lane.SAMPLE), key=lambda i: i.record)
    station.say(station.chi, same, Action.CORRECT, "Kinh")
    station.say(station.chi, odd, Action.CORRECT, "Hoa")
    station.say(station.chi, open_, Action.CORRECT, "Tày")  # his word against the machine's
    station.decide(station.dung, odd.field, value="Kinh", lane=None)
    [chi] = figures(station)["accuracy"]
    assert (chi["user"], chi["checked"], chi["right"]) == ("chi", 2, 1)
    assert book.id


def test_effort_is_what_was_confirmed_for_nothing_and_what_was_put_right(station):
    book = station.book(
        [{"so": f"{62 + i}/2017", "?nksHoTen": 0.5, "?nksDanToc": 0.5} for i in range(2)]
    )
    one, other = (station.field(page, "nksHoTen") for page in (1, 2))
    station.decide(station.an, one, Action.CONFIRM, "Trần Thị Hòa", keys=1, seconds=2)
    station.decide(station.an, other, value="Trần Thị Hoa", keys=6, seconds=9)
    tribe = station.field(1, "nksDanToc")
    station.decide(station.an, tribe, Action.UNREADABLE, keys=1, seconds=400)  # over a break
    rows = {row["kind"]: row for row in figures(station)["effort"]}
    names = rows["person_name"]
    assert (names["needless"], names["corrected"], names["keys"], names["seconds"]) == (1, 1, 7, 11)
    assert (rows[""]["needless"], rows[""]["corrected"], rows[""]["keys"]) == (1, 2, 8)
    assert spent_on(station.ws, [book.id]) == (8, 11)
    assert spent_on(station.ws, ["another"]) is None
