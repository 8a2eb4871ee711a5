"""An office whose book learns a hand: what is read, learnt and tested is made up."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from ocr_pipeline.batch.book_plan import plan_book
from ocr_pipeline.batch.task_machine import RetryRules
from ocr_pipeline.processing.book_learning import (
    LearningDependencies,
    LearningLimits,
    learn_book,
)
from ocr_pipeline.processing.confirmed_writing import KnownLine, KnownWriting
from ocr_pipeline.processing.hand_trial import FittedHand
from ocr_pipeline.processing.judgement import judge_and_store
from ocr_pipeline.processing.page import PageResult
from ocr_pipeline.processing.page_job import page_job
from ocr_pipeline.processing.page_outcome import packed
from ocr_pipeline.processing.page_rows import FinishedPage, store_pages
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.reading.book_hand import BookHand
from ocr_pipeline.registers.fields import Script
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.entries import Entry, add_entries
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.states import PageKind
from tests.builders.books import make_book
from tests.builders.drawn_pages import fill_book
from tests.builders.records import BIRTH, make_field, make_record

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


class LearningOffice:
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
