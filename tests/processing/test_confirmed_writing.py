"""What people confirmed becomes lines with texts: which fields, on which pages, and refusals."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from ocr_pipeline.processing.confirmed_writing import known_writing, writing_jobs, written
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.reading.decoding import LineScores
from ocr_pipeline.reading.language import ALPHABET
from ocr_pipeline.reading.line_texts import WritingRefusal
from ocr_pipeline.reading.reader import FieldInk
from ocr_pipeline.registers.fields import State
from ocr_pipeline.store.entries import Entry, add_entries, latest_entries
from ocr_pipeline.store.workspace import Workspace
from tests.builders.books import make_book
from tests.builders.drawn_pages import fill_book
from tests.builders.written_ink import written as ink

BOTH = pytest.mark.databases("sqlite", "postgresql")
SETTINGS = RunSettings()


@pytest.fixture
def office(location, tmp_path):
    """A book of two pages that were read: a workspace and the names of its pages."""
    with Workspace.open(location, create=True) as ws:
        book = make_book(year=2016, path=tmp_path / "scans")
        pages = [row.name for row, _ in fill_book(ws, book, tmp_path / "scans", 2)]
        yield ws, book.id, pages


def say(ws, book, *said):
    with ws.transaction() as session:
        known = latest_entries(session, book)
        for page, code, value, state, as_written in said:
            before = known.get((page, 1, code))
            entry = Entry(page, 1, code, value, state, "lan", as_written,
                          base=before.id if before else None, time=datetime.now(UTC))  # fmt: skip
            add_entries(session, book, [entry])


def jobs_of(ws, book, **options):
    with ws.read_session() as session:
        return writing_jobs(session, book, SETTINGS, **options)


@BOTH
def test_fields_that_people_confirmed_or_corrected_are_known(office):
    ws, book, [first, second] = office
    say(
        ws, book,
        (first, "nksHoTen", "Nguyễn Văn An", State.CONFIRMED, ""),
        (second, "nguoiKy", "Vũ Quốc Khánh", State.CORRECTED, "Vũ Q. Khánh"),
        (second, "nksGioiTinh", "", State.BLANK, ""),
        (second, "nksHoTen", "", State.UNREADABLE, ""),
    )  # fmt: skip
    one, other = jobs_of(ws, book)
    assert (one.page, one.where.layout) == (first, "KS-2016")
    assert [(f.place, f.value, f.only, f.sure) for f in one.fields] == [
        ((1, "nksHoTen"), "Nguyễn Văn An", False, False)
    ]
    [corrected] = other.fields
    assert (corrected.texts, corrected.only) == (("Vũ Q. Khánh",), True)


@BOTH
def test_sure_readings_come_only_when_asked_for_and_after_what_people_said(office):
    ws, book, [first, second] = office
    say(ws, book, (second, "nksHoTen", "Trần Thị Bình", State.CONFIRMED, ""))
    assert [len(job.fields) for job in jobs_of(ws, book)] == [1]
    sure = [f for job in jobs_of(ws, book, sure=True) for f in job.fields if f.sure]
    assert not sure  # accepted, at 0.99: not sure enough to learn from
    with ws.transaction() as session:
        from ocr_pipeline.store.records import load_records, replace_records

        records = [
            replace(r, fields={c: replace(f, confidence=0.999) for c, f in r.fields.items()})
            for r in load_records(session, book)
        ]
        replace_records(session, book, records)
    found = jobs_of(ws, book, sure=True)
    places = [(job.page, f.place[1]) for job in found for f in job.fields if f.sure]
    assert (first, "nksNoiSinh") in places
    assert (second, "nksNoiSinh") in places
    [kept] = jobs_of(ws, book, sure=True, most=1)
    assert [(f.place[1], f.sure) for f in kept.fields] == [("nksHoTen", False)]


def fields_of(job, **lines):
    """What the ink of fields says, by code."""
    return {
        one.place: FieldInk(
            one.place[1],
            LineScores(one.kind, tuple(ink(line) for line in lines[one.place[1]])),
            tuple(np.full((9, 9), n, np.uint8) for n, _ in enumerate(lines[one.place[1]])),
            struck=one.place[1] == "nksGioiTinh",
        )
        for one in job.fields
        if one.place[1] in lines
    }


def test_lines_carry_their_pictures_and_refusals_are_counted(office, monkeypatch):
    ws, book, [first, _] = office
    say(
        ws, book,
        (first, "nksHoTen", "Nguyễn Văn An", State.CONFIRMED, ""),
        (first, "nguoiKy", "Võ Quốc Khánh", State.CONFIRMED, ""),
        (first, "nksGioiTinh", "1", State.CONFIRMED, ""),
        (first, "nksNgaySinh", "10.02.2016", State.CONFIRMED, ""),
    )  # fmt: skip
    seen = {"nksHoTen": ["NGUYỄN", "VĂN AN"], "nguoiKy": ["chữ khác hẳn"], "nksGioiTinh": ["Nam"]}

    def look(job):
        def inked(where, _):
            assert where == job.where
            return fields_of(job, **seen)

        monkeypatch.setattr("ocr_pipeline.processing.confirmed_writing.inked_fields", inked)

        class Stages:
            alphabet = ALPHABET

        return written(job, Stages)

    monkeypatch.setattr(
        "ocr_pipeline.processing.confirmed_writing.opened", lambda work, job, _, calls: work(job)
    )
    found = known_writing(ws, book, SETTINGS, work=look)
    assert [(line.text, line.line, int(line.image[0, 0])) for line in found.lines] == [
        ("NGUYỄN", 0, 0), ("VĂN AN", 1, 1),
    ]  # fmt: skip
    assert found.fields == 1
    assert found.refused == {
        WritingRefusal.UNLIKELY: 1, WritingRefusal.STRUCK: 1, WritingRefusal.NO_INK: 1,
    }  # fmt: skip
