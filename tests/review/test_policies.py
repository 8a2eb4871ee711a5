import pytest

from ocr_pipeline.errors import UsageError
from ocr_pipeline.processing.judgement import policy_of
from ocr_pipeline.registers.fields import FieldKind, State
from ocr_pipeline.review import policies
from ocr_pipeline.review.errors import NotFoundError
from ocr_pipeline.review.field_decisions import Action
from ocr_pipeline.review.policies import ReviewMode, ReviewPolicy
from ocr_pipeline.review.queue import Lane
from ocr_pipeline.review.review_figures import dashboard, wilson
from ocr_pipeline.review.rights import ForbiddenError
from ocr_pipeline.store.models import FieldRow

pytestmark = pytest.mark.databases("sqlite", "postgresql")

BIRTHS = [{"so": f"{62 + i}/2017"} for i in range(12)]


def test_what_is_said_of_a_book_goes_before_what_is_said_of_a_kind(station):
    book = station.book(BIRTHS[:1])
    assert policies.effective(station.ws, book.id, FieldKind.DATE) == ReviewPolicy()
    for policy in (
        ReviewPolicy(sample=0.1),
        ReviewPolicy(kind="date", mode=ReviewMode.DOUBLE),
        ReviewPolicy(book=book.id, sample=0.3),
        ReviewPolicy(book=book.id, kind="date", sample=0.4),
    ):
        policies.set_policy(station.ws, station.dung, policy, station.now)
    samples = [policies.effective(station.ws, book.id, kind).sample for kind in ("date", "place")]
    assert samples == [0.4, 0.3]
    assert policies.effective(station.ws, "other", "date").mode is ReviewMode.DOUBLE
    assert policies.effective(station.ws, "other", "place").sample == 0.1
    policies.unset_policy(station.ws, station.dung, book.id, "date")
    assert policies.effective(station.ws, book.id, "date").sample == 0.3


def test_the_sample_grows_and_shrinks_with_its_rate_and_keeps_its_members(station):
    book = station.book(BIRTHS)
    drawn = []
    for rate in (0.0, 0.1, 0.5, 1.0, 0.1):
        policies.set_policy(station.ws, station.dung, ReviewPolicy(sample=rate), station.now)
        items = station.take(station.chi, Lane.SAMPLE, count=200)
        assert all(item.blind and not item.value and not item.n_best for item in items)
        with station.ws.read_session() as session:
            rows = [session.get_one(FieldRow, item.field) for item in items]
        assert all(row.state in (State.ACCEPTED, State.BLANK) for row in rows)
        drawn.append({item.field for item in items})
    assert drawn[0] == set() and len(drawn[3]) == len(BIRTHS) * 16
    assert drawn[1] < drawn[2] < drawn[3] and drawn[4] == drawn[1]
    assert 0.35 < len(drawn[2]) / len(drawn[3]) < 0.65
    assert station.waiting(station.chi, lane=Lane.SAMPLE, book=book.id)["total"] == len(drawn[1])


def test_the_error_of_accepted_fields_is_measured(station):
    book = station.book(BIRTHS)
    policies.set_policy(station.ws, station.dung, ReviewPolicy(kind="ethnic_group", sample=1.0))
    items = station.take(station.chi, Lane.SAMPLE, kind="ethnic_group", count=100)
    assert len(items) == 12
    for number, item in enumerate(items):
        if number < 3:
            assert station.say(station.chi, item, Action.CORRECT, "Hoa", seconds=4).ok
        else:
            assert station.say(station.chi, item, Action.CORRECT, "Kinh", seconds=1).ok
    assert station.waiting(station.chi, lane=Lane.SAMPLE, kind="ethnic_group")["total"] == 0
    figures = dashboard(station.ws, station.now, station.later(seconds=1))
    rows = {(row["book"], row["kind"]): row for row in figures["samples"]}
    row = rows[book.id, "ethnic_group"]
    assert (row["checked"], row["wrong"], row["error"]) == (12, 3, 0.25)
    assert row["low"] < 0.25 < row["high"]
    assert rows["", ""] == row | {"book": "", "kind": ""}
    seconds = {(s["kind"], s["action"]): s for s in figures["seconds"]}
    assert seconds["ethnic_group", "correct"]["median"] == 1
    assert seconds["ethnic_group", "correct"]["p90"] == 4
    assert figures["people"] == [
        {"user": "chi", "decisions": 12, "seconds_median": 1.0, "per_hour": 2057.1}
    ]
    [hour] = figures["throughput"]
    assert (hour["day"], hour["hour"], hour["decisions"]) == ("2026-03-02", 8, 12)


def test_a_field_corrected_in_passing_counts_for_the_sample(station):
    """It was drawn before anybody looked: leaving it out would make the machine look better."""
    book = station.book(BIRTHS[:1])
    policies.set_policy(station.ws, station.dung, ReviewPolicy(book=book.id, sample=1.0))
    station.decide(station.an, station.field(1, "nksDanToc"), value="Hoa", lane=None)
    figures = dashboard(station.ws, station.now, station.later(seconds=1))
    assert figures["samples"][0]["wrong"] == 1


def test_what_was_taken_back_counts_for_nothing(station):
    station.book([{"?nksHoTen": 0.5}])
    station.decide(station.an, station.field(1, "nksHoTen"), value="Trần Thị Hoa")
    station.undo(station.an)
    figures = dashboard(station.ws, station.now, station.later(seconds=1))
    assert figures["people"] == figures["corrections"] == figures["throughput"] == []


def test_agreement_of_those_who_key_the_same(double):
    double.book([{"so": f"{62 + i}/2017", "?nksHoTen": 0.5} for i in range(4)])
    for item in double.take(double.an):
        double.say(double.an, item, value="Trần Thị Hoa")
    items = double.take(double.binh, Lane.SECOND)
    for number, item in enumerate(items):
        value = "Trần Thị Hoài" if number == 0 else "Trần Thị Hoa"
        double.say(double.binh, item, value=value)
    [odd] = double.take(double.chi, Lane.ARBITRATION)
    double.say(double.chi, odd, value="Trần Thị Hoài")
    figures = dashboard(double.ws, double.now, double.later(seconds=1))
    both = {tuple(row["users"]): row for row in figures["agreement"]}
    assert set(both) == {("an", "binh"), ("", "")}
    assert (both["an", "binh"]["both"], both["an", "binh"]["alike"]) == (4, 3)


def test_a_threshold_is_what_the_machine_is_judged_with(station):
    book = station.book(BIRTHS[:1])
    station.policy(book=book.id, kind="date", threshold=0.9995)
    with station.ws.read_session() as session:
        judged_with = policy_of(session, book.id)
    assert judged_with.needed(FieldKind.DATE) == 0.9995
    assert judged_with.needed(FieldKind.PLACE) == 0.95


def test_policies_that_make_no_sense_are_refused(station):
    for policy in (
        ReviewPolicy(sample=1.5),
        ReviewPolicy(kind="nonsense"),
        ReviewPolicy(threshold=-1.0),
        ReviewPolicy(threshold=0.5),  # what the machine marks as unknown is as sure as this
    ):
        with pytest.raises(UsageError):
            policies.set_policy(station.ws, station.dung, policy)
    with pytest.raises(NotFoundError):
        policies.set_policy(station.ws, station.dung, ReviewPolicy(book="nowhere"))
    with pytest.raises(ForbiddenError):
        policies.set_policy(station.ws, station.chi, ReviewPolicy())
    assert policies.list_policies(station.ws) == []


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [(0, 0, 0, 1), (0, 100, 0, 0.0370), (5, 100, 0.0215, 0.1118), (50, 100, 0.4038, 0.5962)],
)
def test_intervals(hits, count, low, high):
    """Newcombe (1998) gives these for the Wilson score."""
    assert wilson(hits, count) == pytest.approx((low, high), abs=2e-4)
