"""How many sampled fields show the error budget; more are drawn when that is within reach."""

import pytest

from ocr_pipeline.review.field_decisions import Action
from ocr_pipeline.review.policies import list_policies, set_policy
from ocr_pipeline.review.queue import Lane
from ocr_pipeline.review.review_figures import evidence
from ocr_pipeline.store import sample_draw
from ocr_pipeline.store.error_bound import needed_sample, upper_bound
from ocr_pipeline.store.policies import ReviewPolicy, least_sample
from ocr_pipeline.store.sample_draw import raise_draw

databases = pytest.mark.databases("sqlite", "postgresql")

CODES = 12  # fields of a birth that can be drawn


@pytest.mark.parametrize(
    ("wrong", "budget", "needed"),
    [
        (0, 0.005, 598),  # 0.995 to the 597th is 0.0501, to the 598th 0.0499
        (0, 0.05, 59),  # 0.95 to the 58th is 0.0510, to the 59th 0.0485
        (0, 0.5, 5),  # one half to the fourth is 0.0625, to the fifth 0.03125
        (1, 0.5, 8),  # (1 + 7) / 128 = 0.0625, (1 + 8) / 256 = 0.0352
    ],
)
def test_the_sample_that_shows_a_budget(wrong, budget, needed):
    assert needed_sample(wrong, budget) == needed
    assert upper_bound(wrong, needed) <= budget < upper_bound(wrong, needed - 1)


@pytest.mark.parametrize(
    ("wrong", "checked", "bound"),
    [
        (0, 1, 0.95),  # 1 − 0.05
        (0, 2, 1 - 0.05**0.5),
        (0, 598, 1 - 0.05 ** (1 / 598)),
        (1, 2, 0.95**0.5),  # 1 − p² = 0.05
        (0, 0, 1.0),
        (3, 3, 1.0),
    ],
)
def test_the_exact_bound(wrong, checked, bound):
    assert upper_bound(wrong, checked) == pytest.approx(bound)


def births(count):
    return [{"so": f"{62 + i}/2017"} for i in range(count)]


@databases
def test_the_figures_say_how_many_are_needed_still(station):
    book = station.book(births(2))
    set_policy(station.ws, station.dung, ReviewPolicy(kind="ethnic_group", sample=1.0))
    first, second = station.take(station.chi, lane=Lane.SAMPLE)
    before = evidence(station.ws)
    assert (before["checked"], before["needed"], before["at_most"]) == (0, 598, 1.0)
    assert before["waiting"] == 2 and not before["reachable"]
    station.say(station.chi, first, Action.CORRECT, "Kinh")
    after = evidence(station.ws, book.id)
    assert (after["checked"], after["wrong"], after["needed"]) == (1, 0, 597)
    assert after["at_most"] == pytest.approx(0.95)
    assert after["pool"] == before["pool"] - 1
    station.say(station.chi, second, Action.CORRECT, "Hoa")
    wrong = evidence(station.ws)
    assert (wrong["checked"], wrong["wrong"]) == (2, 1)
    assert wrong["needed"] == needed_sample(1) - 2


@databases
def test_more_are_drawn_where_the_budget_is_within_reach(station, monkeypatch):
    """With a budget of 20 % 14 clean fields show it; of 8 births a tenth would be too few."""
    monkeypatch.setattr(sample_draw, "needed_sample", lambda wrong: needed_sample(wrong, 0.2))
    monkeypatch.setattr(sample_draw, "MOST_DRAWN", 0.5)
    station.policy(kind="person_name", sample=0.0)
    book = station.book(births(8))
    with station.ws.transaction() as session:
        rate = raise_draw(session, station.now)
        assert least_sample(session) == rate
    found = evidence(station.ws, book.id)
    assert rate == pytest.approx(14 / found["pool"])
    waiting = station.waiting(station.chi, lane=Lane.SAMPLE)
    assert waiting["total"] == found["waiting"] > 0
    assert "person_name" not in waiting["by_kind"]  # people want no sample of names
    assert list_policies(station.ws) == [ReviewPolicy(kind="person_name", sample=0.0)]
    with station.ws.transaction() as session:
        assert raise_draw(session, station.now) == 0.0  # what is drawn stays drawn


@databases
def test_a_wrong_one_draws_more(station, monkeypatch):
    monkeypatch.setattr(sample_draw, "needed_sample", lambda wrong: needed_sample(wrong, 0.2))
    monkeypatch.setattr(sample_draw, "MOST_DRAWN", 0.5)
    station.book(births(8))
    with station.ws.transaction() as session:
        before = raise_draw(session, station.now)
    item = next(
        one for one in station.take(station.chi, lane=Lane.SAMPLE, count=50)
        if one.kind == "person_name"
    )  # fmt: skip
    assert station.say(station.chi, item, Action.CORRECT, "Ai Khác").ok
    with station.ws.read_session() as session:
        assert least_sample(session) > before


@databases
def test_a_small_job_is_not_keyed_whole(station):
    """Of 2 births 598 fields cannot be drawn: the usual share stays."""
    station.book(births(2))
    with station.ws.transaction() as session:
        assert raise_draw(session, station.now) == 0.0
        assert least_sample(session) == 0.0
