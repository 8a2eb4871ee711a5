"""A scan with two forms gives two pages, and they stay two whatever happens to the file."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ocr_pipeline.export.results import results
from ocr_pipeline.export.stored_books import load_book_data
from ocr_pipeline.registers.fields import State
from ocr_pipeline.reports.status import status
from ocr_pipeline.review.upright_page import PageSource
from ocr_pipeline.scans.scan_part import ScanPart
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.entries import Entry, add_entries
from ocr_pipeline.store.page_decisions import DecisionKind, PageDecision, add_decision
from tests.builders import fake_stages

KS1 = "xalocthuan_hbd_tbt.KS.2016.01"
both = pytest.mark.databases("sqlite", "postgresql")


def numbers(office):
    lines = list(results(office.workspace, KS1))
    return [(line["page"], line["fields"]["so"]["value"]) for line in lines]


def one_form(job):
    return replace(fake_stages.work(job), parts=(), further=())


def rows(office):
    with office.workspace.read_session() as session:
        return book_pages(session, KS1)


@pytest.fixture
def spreads(office):
    office.book("ks1", {"1.png": "forms 1 2", "2.png": "forms 3 4 5", "3.png": "record 6"})
    office.run()
    return office


ALL = [
    ("1.png", "1/2016"), ("1.png (2)", "2/2016"),
    ("2.png", "3/2016"), ("2.png (2)", "4/2016"), ("2.png (3)", "5/2016"),
    ("3.png", "6/2016"),
]  # fmt: skip


@both
def test_every_form_is_a_page_of_its_own_in_the_order_of_the_scan(spreads):
    assert numbers(spreads) == ALL
    [book] = status(spreads.workspace)["books"]
    assert (book["pages"], book["records"]) == (6, 6)


@both
def test_what_is_known_is_not_read_again_and_a_new_model_reads_each_scan_once(spreads):
    assert (spreads.run().read, numbers(spreads)) == (0, ALL)
    assert spreads.run(dependencies=spreads.with_fingerprint("f2")).read == 3
    assert numbers(spreads) == ALL
    assert spreads.run().read == 0  # what the former model read is known as well
    assert spreads.run(force=True).read == 3
    assert numbers(spreads) == ALL
    assert [row.ordinal for row in rows(spreads)] == list(range(6))


def test_the_pages_go_along_with_the_file(spreads):
    ids = [row.id for row in rows(spreads) if row.name.startswith("3")]
    folder = spreads.scans / "ks1"
    (folder / "2.png").rename(folder / "0.png")
    assert spreads.run().read == 0
    first = [("0.png", "3/2016"), ("0.png (2)", "4/2016"), ("0.png (3)", "5/2016")]
    assert numbers(spreads) == [*first, *ALL[:2], ALL[5]]
    (folder / "0.png").unlink()
    spreads.run()
    assert numbers(spreads) == [*ALL[:2], ALL[5]]
    fake_stages.write_page(folder / "0.png", "forms 3 4 5")  # it comes back
    assert spreads.run().read == 0
    assert numbers(spreads) == [*first, *ALL[:2], ALL[5]]
    assert [row.id for row in rows(spreads) if row.name.startswith("3")] == ids


def test_another_scan_under_the_name_may_have_another_number_of_forms(spreads):
    fake_stages.write_page(spreads.scans / "ks1" / "1.png", "record 12")
    fake_stages.write_page(spreads.scans / "ks1" / "3.png", "forms 6 7")
    spreads.run()
    six = [("3.png", "6/2016"), ("3.png (2)", "7/2016")]
    assert numbers(spreads) == [("1.png", "12/2016"), *ALL[2:5], *six]


def test_forms_that_are_found_no_more_lose_their_page(spreads):
    changed = replace(spreads.with_fingerprint("f2"), work=one_form)
    spreads.run(dependencies=changed)
    assert numbers(spreads) == [ALL[0], ALL[2], ALL[5]]


def test_a_file_with_the_name_of_a_form_keeps_it(spreads):
    fake_stages.write_page(spreads.scans / "ks1" / "1.png (2)", "record 9")
    spreads.run()
    assert numbers(spreads)[:3] == [ALL[0], ("1.png (2) !", "2/2016"), ("1.png (2)", "9/2016")]


def test_what_a_person_said_of_a_form_outlasts_another_reading_of_its_scan(spreads):
    with spreads.workspace.transaction() as session:
        row = next(row for row in book_pages(session, KS1) if row.name == "1.png (2)")
        details = {"reason": "cover", "note": ""}
        time = datetime(2024, 1, 1, tzinfo=UTC)
        decision = PageDecision(row.name, row.digest, DecisionKind.ASIDE, details, "an", time)
        add_decision(session, KS1, decision)
    spreads.run(dependencies=spreads.with_fingerprint("f2"))
    assert numbers(spreads) == [ALL[0], *ALL[2:]]
    assert next(row for row in rows(spreads) if row.name == "1.png (2)").kind == "aside"


def test_evidence_and_pictures_show_the_form_alone(spreads):
    data = load_book_data(spreads.workspace, KS1)
    assert data.pages["1.png (2)"].part == ScanPart(2, 20, 0, 10, 20)
    assert data.pages["1.png"].part == ScanPart(1, 10, 0, 10, 20)
    assert data.pages["3.png"].part is None
    sources = [PageSource.of(row) for row in rows(spreads)]
    assert len({source.stem for source in sources}) == len(sources)


def entered(office, page):
    with office.workspace.transaction() as session:
        entry = Entry(page, 1, "nksHoTen", "Trần Thị Bưởi", State.CONFIRMED, "an")
        add_entries(session, KS1, [entry])


def states(office):
    lines = list(results(office.workspace, KS1))
    return {line["page"]: line["fields"]["nksHoTen"]["state"] for line in lines}


@both
def test_what_was_entered_on_a_form_stays_with_it(spreads):
    entered(spreads, "1.png (2)")
    folder = spreads.scans / "ks1"
    spreads.run()
    assert states(spreads)["1.png (2)"] == "confirmed"
    (folder / "1.png").rename(folder / "9.png")
    spreads.run()
    assert [page for page, state in states(spreads).items() if state == "confirmed"] == [
        "9.png (2)"
    ]
    (folder / "9.png").unlink()
    spreads.run()
    [page] = [row for row in rows(spreads) if row.kind == "gone"]
    assert page.name == "9.png (2)" and "1 " in page.cause_en
    fake_stages.write_page(folder / "4.png", "forms 1 2")
    spreads.run()
    assert states(spreads)["4.png (2)"] == "confirmed"
    assert not [row for row in rows(spreads) if row.kind == "gone"]


def test_what_was_entered_on_a_form_of_a_former_scan_does_not_count_for_the_new_one(spreads):
    entered(spreads, "1.png (2)")
    fake_stages.write_page(spreads.scans / "ks1" / "1.png", "forms 11 12")
    for _ in range(2):
        spreads.run()
        assert numbers(spreads)[:2] == [("1.png", "11/2016"), ("1.png (2)", "12/2016")]
        assert set(states(spreads).values()) == {"in_review"}
        assert not [row for row in rows(spreads) if row.kind == "gone"]
