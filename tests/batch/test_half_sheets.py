"""A3 sheets scanned as two pictures: a run joins the halves and reads the sheets."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete

from ocr_pipeline.errors import MachineError, ScanError, Text
from ocr_pipeline.export.results import results
from ocr_pipeline.layout.half_forms import SheetHalf
from ocr_pipeline.layout.picture_fault import JOIN_HALVES
from ocr_pipeline.processing.half_pair import SCAN_OTHER_HALF, TWO_SHEETS
from ocr_pipeline.processing.joined_scans import FOLDER
from ocr_pipeline.registers.fields import State
from ocr_pipeline.reports.morning_report.assembly import make_report
from ocr_pipeline.reports.status import status
from ocr_pipeline.review.book_changes import rename_book
from ocr_pipeline.store.approvals import ApprovalStep, add_step
from ocr_pipeline.store.audit_check import trail_faults
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.entries import Entry, add_entries
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.page_decisions import DecisionKind, PageDecision, add_decision
from ocr_pipeline.store.runs import latest_run
from tests.builders import fake_stages
from tests.builders.books import make_book
from tests.builders.half_scans import half_scan, scanned
from tests.builders.run_office import REAL, RunOffice

KS1 = "xalocthuan_hbd_tbt.KS.2016.01"
NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
both = pytest.mark.databases("sqlite", "postgresql")


def pages(office):
    """Name and kind of the pages, halves left out."""
    with office.workspace.read_session() as session:
        rows = book_pages(session, KS1)
        return [(row.name, row.kind) for row in rows if row.kind != "half"]


def halves(office):
    """Of each half that a sheet shows, the name and that of the sheet's page."""
    with office.workspace.read_session() as session:
        rows = book_pages(session, KS1)
        return {row.name: row.duplicate_of for row in rows if row.kind == "half"}


def numbers(office):
    lines = list(results(office.workspace, KS1))
    return [(line["page"], line["fields"]["so"]["value"]) for line in lines]


def scan(office, name, words):
    fake_stages.write_page(office.scans / "ks1" / name, words)


def kept(office):
    """The pictures of joined sheets."""
    return sorted((office.workspace.folder / FOLDER).rglob("*.jpg"))


def correct(office, page):
    said = Entry(page, 1, "nksHoTen", "Lê Văn Sen", State.CORRECTED, "hoa")
    with office.workspace.transaction() as session:
        add_entries(session, KS1, [said])


@pytest.fixture
def sheets(office):
    """Two sheets in halves after a cover."""
    office.book(
        "ks1",
        {
            "0.png": "cover KS 1 2016",
            "1.png": "half left 7", "2.png": "half right 7",
            "3.png": "half left 8", "4.png": "half right 8",
        },
    )  # fmt: skip
    office.run()
    return office


JOINED = [("1.png + 2.png", "7/2016"), ("3.png + 4.png", "8/2016")]


@both
def test_halves_become_sheets_in_the_same_run_and_are_read_in_their_place(sheets):
    assert numbers(sheets) == JOINED
    assert pages(sheets) == [
        ("0.png", "cover"), ("1.png + 2.png", "record"), ("3.png + 4.png", "record")
    ]  # fmt: skip
    assert halves(sheets) == {
        "1.png": "1.png + 2.png", "2.png": "1.png + 2.png",
        "3.png": "3.png + 4.png", "4.png": "3.png + 4.png",
    }  # fmt: skip
    [book] = status(sheets.workspace)["books"]
    assert (book["pages"], book["records"], book["failures"], book["notices"]) == (3, 2, [], [])
    report = make_report(sheets.workspace)
    assert (report.faults, report.remarks) == ((), ())
    with sheets.workspace.read_session() as session:
        row = latest_run(session)
    assert (row.books, row.books_done, row.pages, row.done, row.failed) == (1, 1, 7, 7, 0)


@both
def test_a_second_run_has_nothing_to_do(sheets):
    assert (sheets.run().read, numbers(sheets)) == (0, JOINED)


def test_scans_are_left_as_they_are(sheets):
    names = sorted(path.name for path in (sheets.scans / "ks1").iterdir())
    assert names == ["0.png", "1.png", "2.png", "3.png", "4.png"]


def test_decisions_stay_with_the_sheet_when_its_scans_get_other_names(sheets):
    correct(sheets, "3.png + 4.png")
    for name, other in (("3.png", "5.png"), ("4.png", "6.png")):
        (sheets.scans / "ks1" / name).rename(sheets.scans / "ks1" / other)
    sheets.run()
    [_, last] = results(sheets.workspace, KS1)
    assert last["page"] == "5.png + 6.png"
    assert last["fields"]["nksHoTen"]["value"] == "Lê Văn Sen"


def test_a_book_that_gets_another_number_keeps_its_sheets(sheets):
    correct(sheets, "1.png + 2.png")
    meant = make_book("KS", 7, 2016)
    other = rename_book(sheets.workspace, KS1, meant, judge=sheets.dependencies.judge).book
    assert Path(sheets.page(other, "1.png + 2.png").path).is_file()
    sheets.list_book("ks1", meant)
    assert sheets.run().read == 0
    [first, _] = results(sheets.workspace, other)
    assert first["page"] == "1.png + 2.png"
    assert first["fields"]["nksHoTen"]["value"] == "Lê Văn Sen"


def test_a_lost_picture_is_made_again_and_keeps_what_people_said(sheets):
    correct(sheets, "1.png + 2.png")
    for path in kept(sheets):
        path.unlink()
    sheets.run()
    assert numbers(sheets) == JOINED
    [first, _] = results(sheets.workspace, KS1)
    assert first["fields"]["nksHoTen"]["value"] == "Lê Văn Sen"


def test_a_half_that_comes_later_is_joined_then(office):
    office.book("ks1", {"1.png": "half left 7", "3.png": "half left 8", "4.png": "half right 8"})
    office.run()
    assert pages(office) == [("1.png", "refused"), ("3.png + 4.png", "record")]
    alone = office.page(KS1, "1.png")
    assert "; no other half" in alone.cause_en and alone.remedy_vi == SCAN_OTHER_HALF.vi
    assert office.run().read == 0
    scan(office, "2.png", "half right 7")
    office.run()
    assert numbers(office) == JOINED


def test_the_remedy_leads_to_a_book_without_open_ends(office):
    """The half that lacks its other half is put aside by a person: nothing is left to do."""
    office.book("ks1", {"1.png": "half left 7"})
    office.run()
    digest = office.page(KS1, "1.png").digest
    with office.workspace.transaction() as session:
        said = PageDecision("1.png", digest, DecisionKind.ASIDE, {"reason": "cover"}, "hoa", NOW)
        add_decision(session, KS1, said)
    scan(office, "2.png", "half right 7")
    office.run()
    assert pages(office) == [("1.png", "aside"), ("2.png", "refused")]


def test_halves_of_two_sheets_are_never_joined(office):
    office.book("ks1", {"1.png": "half left 7", "2.png": "half right 8"})
    office.run()
    assert pages(office) == [("1.png", "refused"), ("2.png", "refused")]
    assert TWO_SHEETS.en in office.page(KS1, "1.png").cause_en
    assert not kept(office)


def test_a_missing_half_does_not_shift_the_sheets_behind_it(office):
    """Right halves come first, that of the first sheet is missing: neighbours are of two sheets."""
    office.book(
        "ks1",
        {
            "1.png": "half left 6", "2.png": "half right 7", "3.png": "half left 7",
            "4.png": "half right 8", "5.png": "half left 8",
        },
    )  # fmt: skip
    office.run()
    assert numbers(office) == [("2.png + 3.png", "7/2016"), ("4.png + 5.png", "8/2016")]
    assert pages(office)[0] == ("1.png", "refused")


def test_a_page_between_two_halves_keeps_them_apart_but_a_twin_does_not(office):
    office.book(
        "ks1",
        {
            "1.png": "half left 7", "2.png": "blank", "3.png": "half right 7",
            "4.png": "half left 8", "5.png": "half left 8", "6.png": "half right 8",
        },
    )  # fmt: skip
    office.run()
    assert numbers(office) == [("4.png + 6.png", "8/2016")]


def test_where_nothing_can_be_compared_the_order_of_the_book_decides_and_that_is_told(office):
    office.book(
        "ks1",
        {
            "1.png": "half right 7", "2.png": "half left 7",
            "3.png": "half right ?", "4.png": "half left ?", "5.png": "half right 9",
        },
    )  # fmt: skip
    office.run()
    assert pages(office) == [
        ("1.png + 2.png", "record"), ("3.png + 4.png", "record"), ("5.png", "refused")
    ]  # fmt: skip
    [told] = make_report(office.workspace).remarks
    assert (told.kind, told.pages) == ("half", 2)
    assert "order of the scans" in told.cause.en
    assert sum(path.stem.endswith("-order") for path in kept(office)) == 1


def test_scans_put_in_another_order_part_what_their_order_had_joined(office):
    office.book("ks1", {"1.png": "half left ?", "3.png": "half right ?"})
    office.run()
    assert pages(office) == [("1.png + 3.png", "record")]
    scan(office, "2.png", "record 9")
    office.run()
    assert pages(office) == [("1.png", "refused"), ("2.png", "record"), ("3.png", "refused")]


def test_compared_halves_stay_joined_whatever_comes_between_them(sheets):
    scan(sheets, "1b.png", "record 9")
    sheets.run()
    assert numbers(sheets) == [("1b.png", "9/2016"), *JOINED]


def test_an_approved_book_stays_as_it_was_approved(office):
    office.book("ks1", {"1.png": "half left 7"})
    office.run()
    scan(office, "2.png", "half right 7")
    with office.workspace.transaction() as session:
        add_step(session, KS1, ApprovalStep.APPROVE, "dung", NOW)
    office.run(dependencies=replace(office.dependencies, join=_never))
    assert not kept(office)


def test_a_fault_of_the_joining_leaves_the_book_as_it_is_and_the_next_run_tries_again(office):
    office.book("ks1", {"1.png": "half left 7", "2.png": "half right 7", "3.png": "record 9"})
    office.run(dependencies=replace(office.dependencies, join=_lacking))
    assert pages(office) == [("1.png", "refused"), ("2.png", "refused"), ("3.png", "record")]
    assert office.page(KS1, "1.png").remedy_vi == JOIN_HALVES.vi
    office.run()
    assert numbers(office) == [("1.png + 2.png", "7/2016"), ("3.png", "9/2016")]


def test_a_scan_that_cannot_be_opened_is_told(office):
    office.book("ks1", {"1.png": "half left 7", "2.png": "half right 7"})
    office.run(dependencies=replace(office.dependencies, join=_damaged))
    assert "it is cut off" in office.page(KS1, "2.png").cause_en


def test_the_trail_is_whole_only_while_the_sheet_is_there(sheets):
    with sheets.workspace.transaction() as session:
        assert not list(trail_faults(session))
        session.execute(delete(PageRow).where(PageRow.name == "1.png + 2.png"))
        named = {fault.where for fault in trail_faults(session)}
    assert {f"{KS1} 1.png", f"{KS1} 2.png"} <= named


@pytest.mark.long
def test_real_scans_of_halves_are_read_as_sheets(tmp_path):
    office = RunOffice(tmp_path, dependencies=REAL)
    form = fake_stages.wide_form().layout
    left, right = SheetHalf.LEFT, SheetHalf.RIGHT
    lying = half_scan(form, right, sheet=2, angle=2.0)
    scanned(office.scans / "ks1", half_scan(form, left), half_scan(form, right),
            half_scan(form, left, sheet=2), lying)  # fmt: skip
    office.list_book("ks1", make_book("KS", 1, 2016))
    office.run()
    assert pages(office) == [("001.png + 002.png", "record"), ("003.png + 004.png", "record")]
    assert len(numbers(office)) == 8  # four records a sheet
    office.workspace.close()


def _lacking(pair):
    raise MachineError(Text("thiếu poppler", "poppler is missing"))


def _never(pair):
    raise RuntimeError("not to be called")


def _damaged(pair):
    raise ScanError(Text("bị cắt cụt", "it is cut off"), where=pair.first.name)
