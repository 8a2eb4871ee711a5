"""A book's hand is kept only when it reads better; what people decided stays; all can be undone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ocr_pipeline.processing import book_learning, book_rereading
from ocr_pipeline.processing.book_hands import facts_of, hand_file, reading_of, with_hand
from ocr_pipeline.processing.book_learning import LearningResult, forget_book
from ocr_pipeline.processing.hand_trial import FittedHand, divided_lines
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.reading.book_hand import BookHand
from ocr_pipeline.registers.fields import State
from ocr_pipeline.store.workspace import Workspace
from tests.builders.learning_office import NAME, STAGE, LearningOffice

BOTH = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def office(location, tmp_path, monkeypatch):
    monkeypatch.setattr(book_rereading, "opened", lambda work, job, _: work(job))
    with Workspace.open(location, create=True) as ws:
        office = LearningOffice(ws, tmp_path / "scans")
        office.refused = office.waiting()  # the page that was refused waits all along
        yield office


@BOTH
def test_a_hand_that_reads_better_is_kept_and_doubtful_pages_are_read_again(office):
    [first, second, third] = office.pages
    told = office.learn()
    assert told.result is LearningResult.KEPT
    assert told.wrong_after < told.wrong_before
    assert (told.reread.pages, told.reread.unread) == (2, 0)
    assert office.asked == [(first, True), (second, True)]
    assert [value for value, _ in office.values()] == [NAME, NAME, "Trần Thị Hóa"]
    assert told.reread.doubts_after < told.reread.doubts_before
    assert office.waiting() == office.refused  # a run has nothing to do again


@BOTH
def test_what_people_decided_is_never_touched(office):
    [first, second, _] = office.pages
    office.decide(first, "nksHoTen", "Trần Thị Hoa", State.CORRECTED)
    office.decide(second, "nksHoTen", "Trần Thị Hóa", State.CONFIRMED)
    office.learn()
    assert office.asked  # read again, for the sake of the mother
    assert office.values()[:2] == [
        ("Trần Thị Hoa", State.CORRECTED), ("Trần Thị Hóa", State.CONFIRMED),
    ]  # fmt: skip


@BOTH
@pytest.mark.parametrize("after", [3, 4])
def test_a_hand_that_reads_no_better_is_not_kept(office, after):
    before = office.values()
    told = office.learn(after=after)
    assert told.result is LearningResult.WORSE
    assert not office.asked
    assert office.values() == before
    assert not hand_file(office.ws.folder, office.book.id).exists()
    assert office.waiting() == office.refused


def test_of_too_few_fields_nothing_is_learnt(office):
    assert office.learn(count=5).result is LearningResult.FEW
    assert facts_of(office.ws.folder, office.book.id, RunSettings()) is None


@BOTH
def test_a_call_that_was_killed_is_finished_by_the_next(office):
    [first, second, _] = office.pages

    def killed(job):
        if job.ref.name == second:
            raise KeyboardInterrupt
        return office.doors().read(job)

    with pytest.raises(KeyboardInterrupt):
        office.learn(read=killed)
    assert office.waiting() == sorted([second, *office.refused])  # a run would finish it, too
    office.asked.clear()
    told = office.learn()
    assert told.result is LearningResult.KNOWN
    assert office.asked == [(second, True)]
    assert [value for value, _ in office.values()][:2] == [NAME, NAME]


@BOTH
def test_a_call_killed_before_the_hand_is_kept_leaves_everything_as_it_was(office, monkeypatch):
    before = office.values()

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(book_learning, "keep_hand", killed)
    with pytest.raises(KeyboardInterrupt):
        office.learn()
    assert office.values() == before
    assert not office.asked
    assert office.waiting() == office.refused


@BOTH
def test_a_forgotten_hand_leaves_the_reading_before_it_and_nothing_to_read(office):
    before = office.values()
    office.learn()
    office.asked.clear()
    told = forget_book(office.ws, office.book.id, office.doors())
    assert told is not None
    assert told.reread.pages == 2
    assert not office.asked  # the ledger knows what the network read
    assert office.values() == before
    assert office.waiting() == office.refused
    assert forget_book(office.ws, office.book.id, office.doors()) is None


def test_the_same_writing_gives_the_same_file(office):
    office.learn()
    file = hand_file(office.ws.folder, office.book.id)
    first = file.read_bytes()
    forget_book(office.ws, office.book.id, office.doors())
    office.learn()
    assert file.read_bytes() == first


def test_the_present_hand_stays_when_the_next_reads_worse(office):
    office.learn()
    file = hand_file(office.ws.folder, office.book.id)
    first = file.read_bytes()
    assert office.learn(count=60, after=3).result is LearningResult.WORSE
    assert file.read_bytes() == first


def test_a_damaged_or_foreign_hand_counts_for_nothing(office):
    office.learn()
    folder, book = office.ws.folder, office.book.id
    with_hand, fingerprint = reading_of(folder, book, RunSettings(), STAGE).of("x")
    assert with_hand.hand
    assert fingerprint != STAGE
    file = hand_file(folder, book)
    file.write_bytes(file.read_bytes()[:-1])
    assert reading_of(folder, book, RunSettings(), STAGE).of("x") == (RunSettings(), STAGE)


def test_words_are_looked_for_with_the_hand_that_read_the_page(office):
    folder, book = office.ws.folder, office.book.id
    assert with_hand(folder, book, RunSettings(), "x") == RunSettings()
    office.learn()
    facts = facts_of(folder, book, RunSettings())
    assert facts.left
    assert with_hand(folder, book, RunSettings(), facts.left[0]) == RunSettings()
    read = reading_of(folder, book, RunSettings(), STAGE).of("x")[0]
    assert with_hand(folder, book, RunSettings(), "x") == read
    assert read.hand


def test_the_gate_wants_more_lines_better_than_worse():
    hand = BookHand(np.zeros((1, 1), np.float32), np.zeros(1, np.float32))
    assert FittedHand(hand, (3, 3, 3), (3, 3, 3), (2, 2, 3)).is_better
    assert not FittedHand(hand, (9, 3, 3), (9, 3, 3), (0, 4, 4)).is_better  # by one line alone
    assert not FittedHand(hand, (3, 3, 3), (1, 1, 1), (2, 2, 2)).is_better  # the present is better
    assert not FittedHand(hand, (), (), ()).is_better


def test_the_fields_held_back_stay_the_same_when_more_are_confirmed(office):
    few, many = office.lines(40).lines, office.lines(80).lines
    held = {line.place for line in divided_lines(few)[1]}
    assert held
    assert held == {line.place for line in divided_lines(many)[1]} & {line.place for line in few}
    sure = [replace(line, sure=True) for line in few]
    assert not divided_lines(sure)[1]
