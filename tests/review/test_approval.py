from dataclasses import replace

import pytest
from sqlalchemy import update

from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.export.book_exports import ExportChoices, export_books
from ocr_pipeline.export.package import export_book
from ocr_pipeline.export.readiness import UnfinishedBookError
from ocr_pipeline.export.stored_books import load_book_data
from ocr_pipeline.processing.judgement import judge_and_store
from ocr_pipeline.registers.fields import State
from ocr_pipeline.registers.templates import load_template
from ocr_pipeline.review import approval, book_views
from ocr_pipeline.review.errors import BookClosedError, NotAllowedYetError, NotFoundError
from ocr_pipeline.review.field_decisions import Action
from ocr_pipeline.review.policies import ReviewPolicy, set_policy
from ocr_pipeline.review.queue import Lane
from ocr_pipeline.review.rights import ForbiddenError
from ocr_pipeline.store.approvals import BookState
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.states import PageKind
from tests.builders.scanned_births import give_scans

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def ready(station, tmp_path):
    """Two births with real scans, one name in doubt, no sample."""
    station.policy(sample=0.0)
    book = station.book([{"?nksHoTen": 0.5}, {"so": "63/2017"}])
    give_scans(station.ws, tmp_path)
    station.the_book = book
    return station


def rules(station):
    return [one["rule"] for one in approval.obstacles(station.ws, station.the_book.id)]


def export(station, out):
    data = replace(load_book_data(station.ws, station.the_book.id), without_approval=True)
    return export_book(data, load_template("KS"), NamingRule(), out, workers=1)


def test_a_correction_reaches_the_exported_excel(ready, tmp_path):
    from python_calamine import CalamineWorkbook

    [obstacle] = approval.obstacles(ready.ws, ready.the_book.id)
    field = ready.field(1, "nksHoTen")
    assert (obstacle["field"], obstacle["rule"]) == (field, "in_review")
    assert obstacle["record"] == ready.row(field).record and "1.jpg" in obstacle["message"].vi
    with pytest.raises(UnfinishedBookError):
        export(ready, tmp_path / "out")
    ready.decide(ready.an, field, value="Trần Thị Hoa")
    assert rules(ready) == []
    package = export(ready, tmp_path / "out")
    rows = CalamineWorkbook.from_path(package.excel).get_sheet_by_index(0).to_python()
    assert rows[1][rows[0].index("nksHoTen")] == "Trần Thị Hoa"


def test_what_waits_for_somebody_is_in_the_way(ready, tmp_path):
    field = ready.field(1, "nksHoTen")
    ready.decide(ready.an, field, Action.ASK, note="?")
    assert "senior_open" in rules(ready)
    with pytest.raises(UnfinishedBookError) as error:
        export(ready, tmp_path / "out")
    assert "senior_open" in {fault.rule for fault in error.value.obstacles}
    ready.decide(ready.chi, field, value="Trần Thị Hoa", lane=Lane.SENIOR)
    set_policy(ready.ws, ready.dung, ReviewPolicy(book=ready.the_book.id, sample=1.0))
    assert set(rules(ready)) == {"sample_open"}
    export(ready, tmp_path / "out")  # the sample is a matter of approval
    with pytest.raises(UnfinishedBookError):
        approval.approve(ready.ws, ready.dung, ready.the_book.id)


def test_pages_that_wait_and_scans_that_are_gone_are_in_the_way(ready):
    ready.decide(ready.an, ready.field(1, "nksHoTen"), value="Trần Thị Hoa")
    with ready.ws.transaction() as session:
        refused = PageRow(
            book=ready.the_book.id, name="3.jpg", ordinal=2, path="/x/3.jpg", digest="0" * 64,
            kind=PageKind.REFUSED.value, cause_vi="lệch", cause_en="off",
        )  # fmt: skip
        session.add(refused)
        session.execute(update(PageRow).where(PageRow.name == "2.jpg").values(path="/gone.jpg"))
    found = approval.obstacles(ready.ws, ready.the_book.id)
    assert {one["rule"] for one in found} == {"page_waiting", "scan_missing"}
    [page] = [one for one in found if one["rule"] == "page_waiting"]
    assert page["page"] == refused.id
    told = book_views.book(ready.ws, ready.the_book.id)
    assert told["refused"] == 1 and len(told["pages_in_order"]) == 3


def test_an_approved_book_is_closed_until_it_is_opened_again(ready, tmp_path):
    field, book = ready.field(1, "nksHoTen"), ready.the_book.id
    ready.decide(ready.an, field, value="Trần Thị Hoa")
    approval.approve(ready.ws, ready.dung, book, ready.now)
    assert approval.state(ready.ws, book) is BookState.APPROVED
    late = ready.decide(ready.binh, field, value="Trần Thị Hoài")
    assert not late.ok and "duyệt" in late.message.vi
    with pytest.raises(BookClosedError):
        ready.undo(ready.an)
    with pytest.raises(NotAllowedYetError):
        approval.approve(ready.ws, ready.dung, book)
    approval.withdraw(ready.ws, ready.dung, book)
    assert ready.decide(ready.binh, field, value="Trần Thị Hoài").ok
    with pytest.raises(NotAllowedYetError):
        approval.hand_over(ready.ws, ready.dung, book)
    approval.approve(ready.ws, ready.dung, book)
    [done] = export_books(ready.ws, [book], ExportChoices(tmp_path / "out"))
    assert done.error is None
    approval.hand_over(ready.ws, ready.dung, book)
    assert book_views.books(ready.ws)[0]["state"] == "handed_over"


def test_nobody_approves_what_he_entered(ready):
    field, book = ready.field(1, "nksHoTen"), ready.the_book.id
    ready.decide(ready.dung, field, value="Trần Thị Hoa")
    with pytest.raises(ForbiddenError, match="1 "):
        approval.approve(ready.ws, ready.dung, book)
    with pytest.raises(ForbiddenError):
        approval.approve(ready.ws, ready.chi, book)  # a reviewer may not at all
    # taken back and done by another, it is no longer his
    ready.undo(ready.dung)
    ready.decide(ready.an, field, value="Trần Thị Hoa")
    approval.approve(ready.ws, ready.dung, book)


def test_unknown_books_records_and_pages(station):
    station.book([{}])
    for look in (
        lambda: book_views.book(station.ws, "x"),
        lambda: book_views.record(station.ws, station.an, 999),
        lambda: book_views.page(station.ws, station.an, 999),
        lambda: approval.withdraw(station.ws, station.dung, "x"),
        lambda: approval.state(station.ws, "x"),
    ):
        with pytest.raises(NotFoundError):
            look()


def test_a_record_and_its_neighbours(station):
    station.book([{"so": f"{n}/2017"} for n in (61, 62, 65, 65, 69)])
    ids = [station.row(station.field(page, "so")).record for page in (1, 2, 3)]
    record = book_views.record(station.ws, station.an, ids[1])
    assert (record["previous"], record["next"]) == (ids[0], ids[2])
    assert [item.code for item in record["fields"]][:3] == ["so", "trangSo", "ngayDangKy"]
    assert record["fields"][0].state is State.ACCEPTED and record["fields"][0].siblings == ()
    told = book_views.book(station.ws, station.make_book().id)
    assert told["gaps"] == ["63–64/2017", "66–68/2017"] and told["repeats"] == ["65/2017"]
    page = book_views.page(station.ws, station.an, record["page"])
    assert page["records"] == [ids[1]] and len(page["pages"]) == 5


def test_an_approved_book_is_not_judged_or_sampled_again(ready):
    ready.decide(ready.an, ready.field(1, "nksHoTen"), value="Trần Thị Hoa")
    approval.approve(ready.ws, ready.dung, ready.the_book.id, ready.now)
    assert judge_and_store(ready.ws, ready.the_book.id) is False
    set_policy(ready.ws, ready.dung, ReviewPolicy(sample=1.0))
    assert ready.waiting(ready.chi, lane=Lane.SAMPLE)["total"] == 0
    assert ready.shown(1, "nksHoTen").value == "Trần Thị Hoa"
