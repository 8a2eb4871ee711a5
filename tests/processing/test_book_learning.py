"""A book's hand is kept only when it reads better; what people decided stays; all can be undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from ocr_pipeline.batch.book_plan import plan_book
from ocr_pipeline.batch.task_machine import RetryRules
from ocr_pipeline.processing import book_learning
from ocr_pipeline.processing.book_hands import facts_of, hand_file, reading_of
from ocr_pipeline.processing.book_learning import (
    LearningDependencies,
    LearningLimits,
    LearningResult,
    forget_book,
    learn_book,
)
from ocr_pipeline.processing.confirmed_writing import KnownLine, KnownWriting
from ocr_pipeline.processing.hand_trial import FittedHand, divided_lines
from ocr_pipeline.processing.judgement import judge_and_store
from ocr_pipeline.processing.page import PageResult
from ocr_pipeline.processing.page_job import page_job
from ocr_pipeline.processing.page_outcome import packed
from ocr_pipeline.processing.page_rows import FinishedPage, store_pages
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.reading.book_hand import BookHand
from ocr_pipeline.registers.fields import Script, State
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.entries import Entry, add_entries
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace
from tests.builders.books import make_book
from tests.builders.drawn_pages import fill_book
from tests.builders.records import BIRTH, make_field, make_record

BOTH = pytest.mark.databases("sqlite", "postgresql")
STAGE = "stage"
NAME = "Trần Thị Hòa"
LIMITS = LearningLimits(least=10, least_tested=1)


def born(page, number, name, sure, mother=0.6):
    """A birth that the checks find nothing wrong with; the mother is in doubt unless said."""
    values = {**BIRTH, "so": f"{number:02}/2016", "trangSo": f"{number:02}", "nksHoTen": name}
    values |= {"ngayDangKy": "05.07.2016", "nksNgaySinh": "28.06.2016"}
    fields = [
        make_field(code, value, confidence={"nksHoTen": sure, "meHoTen": mother}.get(code, 0.999))
        for code, value in values.items()
    ]
    empty = ("ghiChu",)
    fields += [make_field(c, "", script=Script.BLANK, confidence=0.999) for c in empty]
    return make_record(page, fields)


class Office:
    """A book of three pages: the first two in doubt, the third without a doubt."""

    def __init__(self, ws, folder):
        self.ws, self.asked = ws, []
        self.book = make_book(year=2016, path=folder)
        fill_book(ws, self.book, folder, 3)
        with ws.transaction() as session:
            rows = [r for r in book_pages(session, self.book.id) if r.kind == PageKind.RECORD]
            self.pages = [row.name for row in rows]
            for number, row in enumerate(rows, start=1):
                key, _ = page_job(self.book, row, RunSettings(), STAGE)
                record = born(row.name, number, "Trần Thị Hóa", 0.6 if number < 3 else 0.999,
                              0.6 if number < 3 else 0.999)  # fmt: skip
                result = PageResult(PageKind.RECORD, "KS-2016", records=(record,))
                store_pages(session, [FinishedPage(key, [(row.book, row.name)], packed(result))])
        judge_and_store(ws, self.book.id)

    def lines(self, count=40):
        image = np.zeros((4, 4), np.uint8)
        return KnownWriting(
            tuple(
                KnownLine(image, f"dòng {n}", 0.1, self.pages[0], (n, "nksHoTen"), 0, False)
                for n in range(count)
            ),
            {},
        )

    def doors(self, after=1, read=None, count=40):
        """What learning works with; the new hand reads `after` of 3 characters of a line wrong."""

        def fit(job):
            hand = BookHand(np.full((2, 3), 0.25, np.float32), np.zeros(3, np.float32))
            tested = len(job.tested)
            return FittedHand(hand, (3,) * tested, (3,) * tested, (after,) * tested)

        def again(job):
            self.asked.append((job.ref.name, bool(job.settings.hand)))
            record = born(job.ref.name, 1 + self.pages.index(job.ref.name), NAME, 0.999)
            return PageResult(PageKind.RECORD, "KS-2016", records=(record,))

        return LearningDependencies(
            lambda *_: self.lines(count), fit, read or again, lambda _: STAGE
        )

    def learn(self, **options):
        return learn_book(self.ws, self.book.id, limits=LIMITS, dependencies=self.doors(**options))

    def values(self, code="nksHoTen"):
        with self.ws.read_session() as session:
            found = {r.page: r.fields[code] for r in load_records(session, self.book.id)}
        return [(found[page].value, found[page].state) for page in self.pages]

    def waiting(self):
        """Pages that the next run would read."""
        with self.ws.transaction() as session:
            plan = plan_book(
                session, self.book.id, RunSettings(), STAGE, rules=RetryRules(), force=False
            )
            session.rollback()  # it was only asked
        return sorted(name for names in plan.waiting.values() for name in names)

    def decide(self, page, code, value, state):
        with self.ws.transaction() as session:
            entry = Entry(page, 1, code, value, state, "lan", time=datetime.now(UTC))
            add_entries(session, self.book.id, [entry])


@pytest.fixture
def office(location, tmp_path, monkeypatch):
    monkeypatch.setattr(book_learning, "opened", lambda work, job, _: work(job))
    with Workspace.open(location, create=True) as ws:
        office = Office(ws, tmp_path / "scans")
        office.refused = office.waiting()  # the page that was refused waits all along
        yield office


@BOTH
def test_a_hand_that_reads_better_is_kept_and_doubtful_pages_are_read_again(office):
    [first, second, third] = office.pages
    told = office.learn()
    assert told.result is LearningResult.KEPT
    assert told.wrong_after < told.wrong_before
    assert (told.pages, told.unread) == (2, 0)
    assert office.asked == [(first, True), (second, True)]
    assert [value for value, _ in office.values()] == [NAME, NAME, "Trần Thị Hóa"]
    assert told.doubts_after < told.doubts_before
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
    assert told.pages == 2
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
