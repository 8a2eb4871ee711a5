"""The same with pages that are really read: a page comes in between, then all files are renamed."""

import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from ocr_pipeline.batch.run import RunDependencies
from ocr_pipeline.export.results import results
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.field_decisions import Action, Decision, decide
from ocr_pipeline.store.models import FieldRow
from ocr_pipeline.store.states import Lane
from tests.builders.books import make_book
from tests.builders.run_office import RunOffice
from tests.builders.same_process import SameProcess

pytestmark = pytest.mark.long

SAMPLES = Path(__file__).resolve().parents[2] / "sample_scans" / "ks-2018"
BOOK = make_book("KS", 1, 2018)
PEOPLE = {"2": "Lê Văn Hai", "4": "Lê Văn Bốn", "5": "Lê Văn Năm"}


def put(office, names):
    """Make these files (by name, the number of a sample) the scans of the book."""
    folder = office.scans / "so"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, number in names.items():
        shutil.copy(SAMPLES / f"Trang {number}.jpg", folder / name)


def names_and_states(office):
    fields = {line["page"]: line["fields"] for line in results(office.workspace, BOOK.id)}
    return {
        page: (own["nksHoTen"]["value"], Counter(field["state"] for field in own.values()))
        for page, own in fields.items()
    }


def decide_everything(office, names):
    """Correct the name of each page, confirm all else that waits."""
    with office.workspace.read_session() as session:
        rows = list(session.scalars(select(FieldRow).where(FieldRow.book == BOOK.id)))
    pages = dict(zip(sorted({row.record for row in rows}), names.values(), strict=True))
    decisions = []
    for row in rows:
        if row.code == "nksHoTen":
            said = (Action.CORRECT, PEOPLE[pages[row.record]])
        elif row.lane == Lane.DOUBT:
            said = (Action.CONFIRM, row.value) if row.value else (Action.BLANK, "")
        else:
            continue
        decisions.append(Decision(row.id, *said, base=row.entry, lane=None))
    who = User("an", Role.REVIEWER)
    outcomes = decide(office.workspace, who, decisions, datetime(2026, 3, 2, tzinfo=UTC))
    assert all(outcome.ok for outcome in outcomes)


def test_what_was_decided_stays_with_the_page_that_people_looked_at(tmp_path):
    office = RunOffice(tmp_path, dependencies=RunDependencies(executor=lambda *_: SameProcess()))
    names = {"001.jpg": "2", "002.jpg": "4", "003.jpg": "5"}
    put(office, names)
    office.list_book("so", BOOK)
    assert office.run().read == 3
    decide_everything(office, names)
    before = names_and_states(office)
    assert [name for name, _ in before.values()] == list(PEOPLE.values())
    put(office, {"001.jpg": "2", "002.jpg": "3", "003.jpg": "4", "004.jpg": "5"})
    assert office.run().read == 1
    after = names_and_states(office)
    assert after["002.jpg"][0] not in PEOPLE.values() and after["002.jpg"][1]["in_review"]
    assert not {"confirmed", "corrected"} & set(after["002.jpg"][1])
    for old, new in (("001", "001"), ("002", "003"), ("003", "004")):
        assert after[f"{new}.jpg"][0] == before[f"{old}.jpg"][0]
        for state in ("confirmed", "corrected"):
            assert after[f"{new}.jpg"][1][state] == before[f"{old}.jpg"][1][state]
    put(office, {"trang 1.jpg": "2", "trang 2.jpg": "4", "trang 3.jpg": "5"})
    assert office.run().read == 0
    renamed = names_and_states(office)
    assert [name for name, _ in renamed.values()] == list(PEOPLE.values())
    office.workspace.close()
