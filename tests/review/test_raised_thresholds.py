"""Wrong samples raise the threshold of their kind: never lowered, told, bounded, the same twice."""

from __future__ import annotations

import pytest

from ocr_pipeline.cli.status_tables import tell_raised
from ocr_pipeline.processing.judgement import judge_and_store, policy_of
from ocr_pipeline.processing.raised_thresholds import raise_thresholds, threshold_within
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.reports.status import status
from ocr_pipeline.review.policies import list_policies
from ocr_pipeline.review.queue import Lane
from ocr_pipeline.store import approvals
from ocr_pipeline.store.audit_check import verify
from ocr_pipeline.store.error_bound import lower_bound
from ocr_pipeline.store.lane_changes import draw_sample
from ocr_pipeline.store.sample_evidence import SampledField
from tests.builders.review_station import book_of_births

databases = pytest.mark.databases("sqlite", "postgresql")

KIND = "ethnic_group"
SURE = 0.965


def sampled(*shown: tuple[float, bool]) -> list[SampledField]:
    return [SampledField(n, "b", KIND, 0.0, wrong, sure) for n, (sure, wrong) in enumerate(shown)]


@pytest.mark.parametrize(
    ("wrong", "checked", "bound"),
    [(0, 20, 0.0), (1, 10, 1 - 0.95**0.1), (20, 20, 0.05 ** (1 / 20))],
)
def test_the_lower_end_of_the_exact_interval(wrong, checked, bound):
    assert lower_bound(wrong, checked) == pytest.approx(bound)


def test_the_threshold_rises_above_the_wrong_ones_and_no_further_than_needed():
    right = [(0.999, False)] * 100
    assert threshold_within(sampled(*right), 0.005) == 0.0
    assert threshold_within(sampled(*right, (0.96, True)), 0.005) == 0.0  # one in 101: by chance
    low = (0.96, True), (0.9701, True), (0.998, True)
    assert threshold_within(sampled(*right, *low), 0.005) == 0.961  # two of 102 are within it
    few = [(0.999, False)] * 8
    assert threshold_within(sampled(*few, *low), 0.005) == 0.999  # one of nine is not
    assert threshold_within(sampled(*[(0.9999, True)] * 9), 0.005) == 1.0  # and no higher


class Book:
    """24 births whose ethnic group is read with SURE; some of the samples of it are keyed."""

    def __init__(self, station, number: int = 1) -> None:
        self.station = station
        rows = [{"so": f"{62 + i}/2017", "?nksDanToc": SURE} for i in range(24)]
        self.id = station.book(rows, book_of_births(number)).id
        judge_and_store(station.ws, self.id)
        station.policy(book=self.id, kind=KIND, sample=1.0)
        with station.ws.transaction() as session:
            draw_sample(session, self.id)

    def key(self, count: int, wrong: int) -> None:
        items = self.station.take(
            self.station.chi, lane=Lane.SAMPLE, kind=KIND, book=self.id, count=count
        )
        assert len(items) == count
        for number, item in enumerate(items):
            value = "Hoa" if number < wrong else "Kinh"
            assert self.station.say(self.station.chi, item, value=value).ok

    def raise_and_judge(self) -> bool:
        with self.station.ws.transaction() as session:
            raise_thresholds(session, self.station.now)
        return judge_and_store(self.station.ws, self.id)

    def threshold(self) -> float:
        with self.station.ws.read_session() as session:
            return policy_of(session, self.id).needed(FieldKind.ETHNIC_GROUP)

    def doubtful(self) -> int:
        found = self.station.waiting(self.station.an, lane=Lane.DOUBT, kind=KIND, book=self.id)
        return found["total"]


@databases
def test_wrong_samples_send_the_fields_of_their_kind_back_to_people(station, capsys):
    book = Book(station)
    book.key(12, wrong=3)
    assert (book.threshold(), book.doubtful()) == (0.95, 0)
    assert book.raise_and_judge()
    assert book.threshold() > SURE
    assert book.doubtful() == 12  # all that nobody had decided
    [told] = status(station.ws)["raised"]
    assert (told["book"], told["checked"], told["wrong"]) == (book.id, 12, 3)
    tell_raised(status(station.ws))
    assert "3 of 12 samples were wrong" in " ".join(capsys.readouterr().out.split())
    lines = trail_lines(station)
    assert not book.raise_and_judge()  # once is enough
    assert trail_lines(station) == lines
    assert all(not policy.kind.startswith("raised") for policy in list_policies(station.ws))
    with station.ws.read_session() as session:
        assert verify(session) is None


def trail_lines(station) -> int:
    return status(station.ws)["trail"]["lines"]


@pytest.mark.parametrize(
    ("count", "wrong"),
    [
        (12, 0),  # clean
        (24, 1),  # one wrong sample is no measurement
        (9, 3),  # too few were keyed
    ],
)
def test_clean_or_few_samples_change_nothing(station, count, wrong):
    book = Book(station)
    book.key(count, wrong)
    lines = trail_lines(station)
    book.raise_and_judge()
    assert trail_lines(station) == lines
    assert (book.threshold(), book.doubtful()) == (0.95, 0)
    assert status(station.ws)["raised"] == []


def test_it_goes_when_the_wrong_samples_are_taken_back_and_is_never_below_what_is_set(station):
    book = Book(station)
    station.policy(book=book.id, kind=KIND, sample=1.0, threshold=0.96)
    book.key(10, wrong=0)
    book.key(2, wrong=2)
    assert book.raise_and_judge() and book.threshold() > SURE
    for _ in range(2):
        assert station.undo(station.chi)
    assert book.raise_and_judge() and book.threshold() == 0.96
    station.policy(book=book.id, kind=KIND, sample=1.0, threshold=1.0)
    assert book.threshold() == 1.0


def test_an_approved_book_is_only_told(station):
    book = Book(station)
    book.key(12, wrong=3)
    with station.ws.transaction() as session:
        approvals.add_step(session, book.id, approvals.ApprovalStep.APPROVE, "dung", station.now)
    assert not book.raise_and_judge()
    assert book.threshold() == 0.95
    [told] = status(station.ws)["raised"]
    assert told["counts"] is False and "does not change" in told["words"]["en"]


def test_books_that_say_too_little_alone_speak_together_and_a_bad_one_for_itself(station):
    bad, first, second = Book(station, 1), Book(station, 2), Book(station, 3)
    bad.key(12, wrong=4)
    first.key(8, wrong=0)
    second.key(8, wrong=0)
    bad.raise_and_judge()
    assert bad.threshold() > SURE and first.threshold() == second.threshold() == 0.95
    first.key(8, wrong=1)
    second.key(8, wrong=1)
    first.raise_and_judge()
    told = {one["book"]: one["wrong"] for one in status(station.ws)["raised"]}
    assert told[bad.id] == 4 and "" in told
    assert first.threshold() == second.threshold() > SURE
