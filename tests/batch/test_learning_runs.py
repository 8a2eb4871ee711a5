"""Books learn their hand in a run: the pages in doubt are read again, and people are told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import numpy as np
import pytest

from ocr_pipeline.batch import run as runs
from ocr_pipeline.cli.status_tables import tell_hands
from ocr_pipeline.processing.automatic_learning import AutomaticLearning
from ocr_pipeline.processing.book_hands import hand_file
from ocr_pipeline.processing.book_learning import LearningDependencies, LearningLimits
from ocr_pipeline.processing.confirmed_writing import KnownLine, KnownWriting
from ocr_pipeline.processing.hand_trial import FittedHand
from ocr_pipeline.reading.book_hand import BookHand
from ocr_pipeline.registers.fields import State
from ocr_pipeline.reports.morning_report import as_html, as_text, make_report
from ocr_pipeline.reports.status import status
from ocr_pipeline.store.entries import Entry, add_entries
from tests.builders.run_office import office

__all__ = ["office"]
BOTH = pytest.mark.databases("sqlite", "postgresql")
KS1 = "xalocthuan_hbd_tbt.KS.2016.01"


def writing(*_):
    image = np.zeros((4, 4), np.uint8)
    return KnownWriting(
        tuple(
            KnownLine(image, f"dòng {n}", 0.1, "1.png", (n, "nksHoTen"), 0, False)
            for n in range(40)
        )
    )


def fit(job):
    """A hand that reads every line held back without the three wrong characters of it."""
    hand = BookHand(np.full((2, 3), 0.25, np.float32), np.zeros(3, np.float32))
    count = len(job.tested)
    return FittedHand(hand, (3,) * count, (3,) * count, (0,) * count)


@pytest.fixture
def morning(office, monkeypatch):
    """A book was read, people have confirmed a field, and the next run begins."""
    office.book("ks1", {"1.png": "record 1", "2.png": "record 2", "3.png": "blank"})
    limits = LearningLimits(least=1, least_tested=1)
    monkeypatch.setattr(runs, "AutomaticLearning", partial(AutomaticLearning, limits=limits))
    doors = LearningDependencies(writing, fit, fingerprint=lambda _: "f1")
    office.dependencies = replace(office.dependencies, learning=doors)
    office.run()
    with office.workspace.transaction() as session:
        said = Entry("1.png", 1, "nksHoTen", "Trần Thị Mận", State.CONFIRMED, "lan",
                     time=datetime.now(UTC))  # fmt: skip
        add_entries(session, KS1, [said])
    office.calls.unlink()
    return office


@BOTH
def test_a_run_learns_the_hand_of_a_book_and_reads_its_pages_in_doubt_again(morning, capsys):
    done = morning.run()
    assert morning.called() == ["2.png"]  # on the others nobody has anything to look at
    assert hand_file(morning.workspace.folder, KS1).is_file()
    [book] = status(morning.workspace)["books"]
    assert book["hand"]["result"] == "kept" and book["hand"]["run"] == done.run
    json.dumps(book)
    tell_hands(status(morning.workspace))
    assert "its hand is learnt" in capsys.readouterr().out
    report = make_report(morning.workspace, done.run)
    assert "its hand is learnt" in as_text(report) and "đã học nét chữ" in as_html(report)
    morning.calls.unlink()
    again = morning.run()
    assert morning.called() == []
    assert "its hand is learnt" not in as_text(make_report(morning.workspace, again.run))


def test_an_office_that_wants_none_of_it_has_none(morning):
    morning.run(learn=False)
    (morning.workspace.folder / "policy.yaml").write_text("learn_hands: false\n", "utf-8")
    morning.run()
    assert morning.called() == [] and not hand_file(morning.workspace.folder, KS1).exists()


def test_a_bug_in_learning_costs_no_book(morning):
    def broken(*_):
        raise ValueError("Nguyễn Văn Tám")

    doors = replace(morning.dependencies.learning, writing=broken)
    (morning.scans / "ks1" / "4.png").write_bytes((morning.scans / "ks1" / "1.png").read_bytes())
    morning.book("kt1", {"1.png": "record 5"}, "KT")
    done = morning.run(dependencies=replace(morning.dependencies, learning=doors))
    assert len(done.books) == 2
    assert [book["records"] for book in status(morning.workspace)["books"]][1] == 1
    assert not hand_file(morning.workspace.folder, KS1).exists()
