import pytest

from ocr_pipeline.export.faults import FaultLevel
from ocr_pipeline.registers.fields import State
from ocr_pipeline.review import approval, book_views
from ocr_pipeline.review.errors import StaleError
from ocr_pipeline.review.field_decisions import Action
from ocr_pipeline.review.queue import Lane
from ocr_pipeline.store.policies import ReviewMode

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ONE = [{"?nksHoTen": 0.5}]


def key(station, user, value, lane=Lane.DOUBT):
    [item] = station.take(user, lane)
    return station.say(user, item, value=value)


def test_two_who_agree_settle_it(double):
    double.book(ONE)
    assert key(double, double.an, "Trần Thị Hoa").entry is None
    assert double.entries() == [] and double.shown(1, "nksHoTen").state is State.IN_REVIEW
    outcome = key(double, double.binh, "trần thị hoa", Lane.SECOND)
    assert outcome.entry
    assert double.shown(1, "nksHoTen").value == "Trần Thị Hoa"
    assert {decision.entry for decision in double.decisions()} == {outcome.entry}


def test_the_second_sees_nothing_of_the_first_or_the_machine(double):
    double.book(ONE)
    field = double.field(1, "nksHoTen")
    key(double, double.an, "Trần Thị Hoa")
    [item] = double.take(double.binh, Lane.SECOND)
    assert item.blind and (item.value, item.as_written, item.n_best, item.doubts) == (
        "", "", (), (),
    )  # fmt: skip
    for word in ("Hoa", "Hòa"):
        assert word not in repr(item)
        record = book_views.record(double.ws, double.binh, double.row(field).record)
        assert word not in repr(record)
        others = book_views.record(double.ws, double.binh, double.row(field).record)["fields"]
        assert word not in repr(others)


def test_nobody_keys_a_field_twice(double):
    double.book(ONE)
    key(double, double.an, "Trần Thị Hoa")
    assert double.take(double.an, Lane.SECOND) == []
    assert double.waiting(double.an, lane=Lane.SECOND)["total"] == 0
    assert double.waiting(double.binh, lane=Lane.SECOND)["total"] == 1
    field = double.field(1, "nksHoTen")
    for lane in (Lane.SECOND, Lane.DOUBT, None):
        assert not double.decide(double.an, field, value="Trần Thị Hoài", lane=lane).ok
    assert len(double.decisions()) == 1


def test_the_blind_pass_cannot_be_avoided(double):
    double.book(ONE)
    [shown] = double.take(double.binh)
    double.decide(double.an, shown.field, value="Trần Thị Hoa")
    late = double.say(double.binh, shown, value="Trần Thị Hoa")  # he has seen the machine's value
    assert not late.ok and late.conflict is None and "lần hai" in late.message.vi
    assert double.entries() == []


def test_a_third_decides_where_two_differ(double):
    double.book(ONE)
    key(double, double.chi, "Trần Thị Hoa")
    assert key(double, double.binh, "Trần Thị Hoài", Lane.SECOND).entry is None
    assert double.take(double.chi, Lane.ARBITRATION) == []
    own = double.decide(
        double.chi, double.field(1, "nksHoTen"), value="Trần Thị Hoa", lane=Lane.ARBITRATION
    )
    assert not own.ok and "người thứ ba" in own.message.vi
    [item] = double.take(double.dung, Lane.ARBITRATION)
    assert [(k.user, k.value) for k in item.keyed] == [
        ("chi", "Trần Thị Hoa"),
        ("binh", "Trần Thị Hoài"),
    ]
    assert double.say(double.dung, item, value="Trần Thị Hoài").ok
    assert double.shown(1, "nksHoTen").value == "Trần Thị Hoài"


def test_operators_do_not_arbitrate(double):
    double.book(ONE)
    key(double, double.chi, "Trần Thị Hoa")
    key(double, double.binh, "Trần Thị Hoài", Lane.SECOND)
    outcome = double.decide(
        double.an, double.field(1, "nksHoTen"), value="x", lane=Lane.ARBITRATION
    )
    assert not outcome.ok and double.entries() == []


@pytest.mark.parametrize("lane", [Lane.SECOND, Lane.ARBITRATION])
def test_export_and_approval_wait(double, lane):
    book = double.book(ONE)
    key(double, double.an, "Trần Thị Hoa")
    if lane is Lane.ARBITRATION:
        key(double, double.binh, "Trần Thị Hoài", Lane.SECOND)
    rules = [one["rule"] for one in approval.obstacles(double.ws, book.id, quick=True)]
    assert f"{lane}_open" in rules
    assert FaultLevel.ERROR


def test_undo_opens_the_keying_again(double):
    double.book(ONE)
    field = double.field(1, "nksHoTen")
    key(double, double.an, "Trần Thị Hoa")
    key(double, double.binh, "Trần Thị Hoa", Lane.SECOND)
    with pytest.raises(StaleError):
        double.undo(double.an)
    assert double.undo(double.binh).lane is Lane.SECOND
    assert double.shown(1, "nksHoTen").state is State.IN_REVIEW
    assert double.undo(double.an).lane is Lane.DOUBT
    assert double.row(field).lane == Lane.DOUBT and double.row(field).state == "in_review"


def test_undo_of_an_arbitration_leaves_two_keyings(double):
    double.book(ONE)
    key(double, double.an, "Trần Thị Hoa")
    key(double, double.binh, "Trần Thị Hoài", Lane.SECOND)
    key(double, double.chi, "Trần Thị Hoa", Lane.ARBITRATION)
    item = double.undo(double.chi)
    assert item.lane is Lane.ARBITRATION and len(item.keyed) == 2


def test_a_settled_field_changes_only_by_two_again(double):
    double.book(ONE)
    field = double.field(1, "nksHoTen")
    key(double, double.an, "Trần Thị Hoa")
    key(double, double.binh, "Trần Thị Hoa", Lane.SECOND)
    assert double.decide(double.chi, field, value="Trần Thị Hoài", lane=None).entry is None
    assert double.shown(1, "nksHoTen").value == "Trần Thị Hoa"  # until another agrees
    key(double, double.an, "Trần Thị Hoài", Lane.SECOND)
    assert double.shown(1, "nksHoTen").value == "Trần Thị Hoài"


def test_blank_and_unreadable_are_not_alike(double):
    double.book(ONE)
    [item] = double.take(double.an)
    double.say(double.an, item, Action.BLANK)
    [item] = double.take(double.binh, Lane.SECOND)
    assert double.say(double.binh, item, Action.UNREADABLE).entry is None
    assert double.row(item.field).lane == Lane.ARBITRATION


def test_a_book_can_have_its_own_mode(double):
    book = double.book(ONE)
    double.policy(book=book.id, mode=ReviewMode.SINGLE)
    assert key(double, double.an, "Trần Thị Hoa").entry
