"""In a run books learn by themselves: when they are due, within a bound, and nothing by halves."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.processing import automatic_learning, book_learning, book_rereading
from ocr_pipeline.processing.automatic_learning import AutomaticLearning, LearningRun
from ocr_pipeline.processing.book_hands import facts_of, hand_file, reading_of
from ocr_pipeline.processing.book_learning import LearningLimits, forget_book
from ocr_pipeline.processing.hand_trials import LearningResult, trials
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.reading.models import network_fingerprint
from ocr_pipeline.registers.fields import State
from ocr_pipeline.store import audit
from ocr_pipeline.store.workspace import Workspace
from tests.builders.learning_office import STAGE, LearningOffice

BOTH = pytest.mark.databases("sqlite", "postgresql")
LEAST = LearningLimits(least=2, least_tested=1)
SETTINGS = RunSettings()


@pytest.fixture
def office(location, tmp_path, monkeypatch):
    """Of its book people have confirmed two fields."""
    monkeypatch.setattr(book_rereading, "opened", lambda work, job, _: work(job))
    with Workspace.open(location, create=True) as ws:
        office = LearningOffice(ws, tmp_path / "scans")
        office.refused = office.waiting()  # the page that was refused waits all along
        confirm(office, "nksHoTen", *office.pages[:2])
        yield office


def confirm(office, code, *pages):
    for page in pages:
        office.decide(page, code, "Trần Thị Hóa", State.CONFIRMED)
    book_rereading.judge_and_store(office.ws, office.book.id)


def learn(office, number=7, settings=SETTINGS, **options):
    run = LearningRun(number, settings, STAGE)
    learning = AutomaticLearning(office.ws, run, LEAST, office.doors(**options))
    try:
        return learning.learn(office.book.id)
    finally:
        learning.stop()


def told(office):
    with office.ws.read_session() as session:
        return [row.action for row in audit.lines(session) if row.action == "hand_learnt"]


@BOTH
def test_a_book_that_is_due_gets_its_hand_and_the_run_reads_the_pages_in_doubt(office):
    trial = learn(office)
    assert trial.result is LearningResult.KEPT
    assert (trial.run, trial.confirmed) == (7, 2)
    assert trial.wrong_after < trial.wrong_before
    assert not office.asked  # the run reads them, as it reads all others
    assert office.waiting() == sorted({*office.pages[:2], *office.refused})
    assert told(office) == ["hand_learnt"]
    with office.ws.read_session() as session:
        kept = trials(session)
    assert kept == {office.book.id: trial}


def test_no_further_trial_before_half_as_much_again_is_confirmed(office):
    assert learn(office, after=3).result is LearningResult.WORSE
    assert learn(office) is None
    confirm(office, "meHoTen", office.pages[0])
    assert learn(office).result is LearningResult.KEPT
    assert learn(office) is None


def test_a_book_with_too_little_or_approved_is_left_alone(office, monkeypatch):
    def never(*_):
        raise AssertionError("its writing was looked at")

    few = AutomaticLearning(
        office.ws, LearningRun(1, SETTINGS, STAGE), replace(LEAST, least=3),
        replace(office.doors(), writing=never),
    )  # fmt: skip
    assert few.learn(office.book.id) is None
    few.stop()
    monkeypatch.setattr(automatic_learning, "is_closed", lambda *_: True)
    assert learn(office) is None


@BOTH
def test_killed_after_the_hand_was_written_the_next_run_finds_and_tells_it(office, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(book_learning, "note_trial", killed)
        learn(office)
    assert told(office) == []
    assert hand_file(office.ws.folder, office.book.id).is_file()
    assert learn(office).result is LearningResult.KNOWN
    assert told(office) == ["hand_learnt"]
    assert learn(office) is None
    assert told(office) == ["hand_learnt"]


def test_a_trial_that_takes_too_long_is_noted_and_not_made_every_night(office):
    def slow(*_):
        raise MachineError(Text("lâu quá", "too slow"))

    doors = replace(office.doors(), writing=slow)
    learning = AutomaticLearning(office.ws, LearningRun(1, SETTINGS, STAGE), LEAST, doors)
    assert learning.learn(office.book.id).result is LearningResult.FAILED
    assert learning.learn(office.book.id) is None
    learning.stop()
    assert office.waiting() == office.refused


def test_a_trial_that_is_stopped_ends_at_once_and_the_next_run_makes_it(office):
    begun = threading.Event()

    def writing(_ws, _book, _settings, _most, go_on, _calls):
        begun.set()
        while go_on():
            threading.Event().wait(0.01)
        raise MachineError(Text("dừng", "stopped"))

    doors = replace(office.doors(), writing=writing)
    learning = AutomaticLearning(office.ws, LearningRun(1, SETTINGS, STAGE), LEAST, doors)
    found = []
    thread = threading.Thread(target=lambda: found.append(learning.learn(office.book.id)))
    thread.start()
    assert begun.wait(20)
    learning.stop()
    thread.join(20)
    assert found == [None]
    assert learn(office).result is LearningResult.KEPT


@BOTH
def test_the_hand_of_another_network_is_never_used_and_a_new_one_is_learnt(office, monkeypatch):
    learn(office)
    folder, book = office.ws.folder, office.book.id
    first = hand_file(folder, book).read_bytes()
    networks = {"htr": "one", "other": "two"}
    for module in ("automatic_learning", "book_learning", "book_hands"):
        monkeypatch.setattr(
            f"ocr_pipeline.processing.{module}.network_fingerprint",
            lambda name: networks.get(name, network_fingerprint("htr")),
        )
    monkeypatch.setattr(automatic_learning, "network_folder", lambda _: folder)
    other = replace(SETTINGS, model="other")
    assert facts_of(folder, book, other) is None
    assert reading_of(folder, book, other, STAGE).of("any") == (other, STAGE)
    assert learn(office, settings=other).result is LearningResult.KEPT
    assert facts_of(folder, book, other).base == "two"
    assert hand_file(folder, book).read_bytes() != first
    assert facts_of(folder, book, SETTINGS) is None  # after a roll back it is not used either
    assert learn(office, settings=other) is None


def test_a_hand_that_a_person_took_away_stays_away_until_much_more_is_confirmed(office):
    learn(office)
    forget_book(office.ws, office.book.id, office.doors())
    assert learn(office) is None
    assert facts_of(office.ws.folder, office.book.id, SETTINGS) is None
