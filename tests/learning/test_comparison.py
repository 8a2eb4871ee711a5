"""Two networks beside each other on books held back: what is counted, and what is not."""

from __future__ import annotations

import numpy as np
import pytest

from ocr_pipeline.learning import comparison
from ocr_pipeline.learning.comparison import compare
from ocr_pipeline.learning.corrections import gather
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.reading.language import ALPHABET
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.workspace import Workspace
from tests.builders.corrected_office import allow, corrected_books, two_lines
from tests.builders.written_ink import written

OLD = RunSettings(model="old")


class Says:
    """A model that reads the same in every line."""

    def __init__(self, text):
        self.recogniser, self.text, self.alphabet = self, text, ALPHABET

    def scores(self, lines):
        return [np.log(np.exp(written(self.text))) for _ in lines]


@pytest.fixture
def office(tmp_path, monkeypatch):
    monkeypatch.setattr(comparison, "opened", lambda work, page, _: work(page))
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        corrected_books(ws, tmp_path / "scans", last=1)
        allow(ws)
        yield ws


def test_characters_values_and_accepted_ones_are_counted_for_both(office):
    [book] = gather([office], "old", 100)
    assert book.fields == 2 and book.kinds == {"person_name": 2}
    name, signer = (1, "nksHoTen"), (1, "nguoiKy")
    read = {
        "old": {name: ("Nguyễn Văn Ân", 0.999), signer: ("Vũ Quốc Khánh", 0.2)},
        "new": {name: ("Nguyễn Văn An", 0.3), signer: ("Vũ Quốc Khánh", 0.999)},
    }
    lines = two_lines(office, "so-1", OLD).lines
    found = compare(
        [book], lines, (Says("An 2"), Says("An 1")), ("old", "new"),
        lambda page: read[page.settings.model],
    )  # fmt: skip
    assert found.before.model_dump() == {
        "characters": 8, "characters_wrong": 2, "fields": 2, "right": 1,
        "accepted": 1, "accepted_wrong": 1,
    }  # fmt: skip
    assert found.after.model_dump() == {
        "characters": 8, "characters_wrong": 0, "fields": 2, "right": 2,
        "accepted": 1, "accepted_wrong": 0,
    }  # fmt: skip
    assert (found.unseen, found.unseen_changed) == (0, 0)


def test_accepted_fields_that_nobody_looked_at_tell_what_a_new_network_spoils(office):
    [book] = gather([office], "old", 100)
    with office.read_session() as session:
        [record] = load_records(session, book.book)
    fields = record.fields.values()
    places = [(1, one.code) for one in fields if one.state == "accepted" and one.value]
    sure = {place: ("1", 1.0) for place in places}
    unsure = {**sure, places[0]: ("1", 0.0)}
    other = {**sure, places[1]: ("2", 1.0), places[2]: ("2", 0.1)}

    def counted(old, new):
        read = {"old": old, "new": new}
        says = Says("An 1")
        found = compare([book], two_lines(office, "so-1", OLD).lines, (says, says),
                        ("old", "new"), lambda page: read[page.settings.model])  # fmt: skip
        return found.unseen, found.unseen_changed

    assert counted(sure, sure) == (len(places), 0)
    assert counted(unsure, sure) == (len(places) - 1, 0)  # nothing is known of the unsure one
    assert counted(sure, other) == (len(places), 1)  # the unsure change goes to people
