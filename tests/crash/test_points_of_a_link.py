"""Killed at any point of a linking, the next one ends as if nobody had been killed."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import asdict, replace

import pytest

from ocr_pipeline.export.stored_books import book_ids
from ocr_pipeline.processing.book_links import load_links
from ocr_pipeline.registers.templates import load_template
from tests.builders.books import make_book
from tests.builders.keyed_files import table, text_file
from tests.crash import stages
from tests.crash.conftest import FIRST, SECOND
from tests.crash.office import DisturbedOffice
from tests.crash.where import LINK


def rows_of(number, pages):
    """The births of a book as another program exports them."""
    book = make_book(number=number, year=2017)
    own = {"quyenSo": f"{number:02d}/2017", "noiDangKy": book.agency.full_name}
    for words in pages:
        kind, record, *_ = words.split()
        if kind == "record":
            fields = stages.birth("", record).fields
            yield own | {code: field.value for code, field in fields.items()}


@pytest.fixture(scope="module")
def keyed(tmp_path_factory):
    rows = [*rows_of(1, FIRST), *rows_of(2, SECOND)]
    path = tmp_path_factory.mktemp("keyed") / "ks.csv"
    return str(text_file(path, table(rows, load_template("KS").headers())))


@pytest.fixture(scope="module")
def read(driver, scans, tmp_path_factory):
    """A workspace whose books have been read."""
    folder = tmp_path_factory.mktemp("read")
    office = DisturbedOffice(driver, scans, folder, str(folder / "ws"))
    office.finish("run")
    return folder / "ws"


def new_office(driver, scans, read, folder):
    shutil.copytree(read, folder / "ws")
    return DisturbedOffice(driver, scans, folder, str(folder / "ws"))


def links_of(office):
    with office.workspace() as workspace, workspace.read_session() as session:
        return {book: asdict(load_links(session, book)) for book in book_ids(workspace)}


@pytest.fixture(scope="module")
def linked(driver, scans, read, keyed, tmp_path_factory):
    """Links, and all that an undisturbed linking leaves."""
    office = new_office(driver, scans, read, tmp_path_factory.mktemp("linked"))
    office.finish("link", keyed=keyed)
    links = links_of(office)
    accepted = [[one["accepted"] for one in book["links"]] for book in links.values()]
    assert accepted == [[True] * 4, [True] * 3]
    assert len({one["row"] for book in links.values() for one in book["links"]}) == 7
    assert len(office.packages()) == 2 * 2 + 2  # pairs and lists
    return links, outcome_of(office)


def outcome_of(office):
    """Results, ledger, packages and lists; the lists name the folder that they lie in."""
    outcome = office.outcome()
    here = str(office.out).encode()
    files = {name: data.replace(here, b"out") for name, data in outcome.packages.items()}
    return replace(outcome, packages=files)


def looked_into(office):
    """How often the network has looked into each page."""
    lines = office.calls.read_text().splitlines()
    return Counter(line.split()[1] for line in lines if line.startswith("score"))


@pytest.mark.long
@pytest.mark.parametrize("point", LINK, ids=lambda point: point.name)
def test_a_linking_killed_at_a_point(driver, scans, read, keyed, linked, tmp_path, point):
    office = new_office(driver, scans, read, tmp_path)
    for nth in (1, LINK[point]):
        office.killed_at(point.value, nth, "link", keyed=keyed)
    office.finish("link", keyed=keyed)
    assert links_of(office) == linked[0]
    again = sum(looked_into(office).values()) - 7
    office.finish("link", keyed=keyed)  # and once more: nothing is doubled, no page looked into
    assert links_of(office) == linked[0]
    assert outcome_of(office) == linked[1]
    assert sum(looked_into(office).values()) - 7 == again <= 8
    with office.workspace() as workspace:
        assert office.leftovers(workspace.folder) == []
