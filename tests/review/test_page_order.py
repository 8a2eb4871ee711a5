"""Pages put aside, moved and joined, on a book read by fake stages."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.checks.findings import rules
from ocr_pipeline.errors import UsageError
from ocr_pipeline.export.cases import make_cases
from ocr_pipeline.export.stored_books import load_book_data
from ocr_pipeline.registers.templates import load_template
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.reports.status import status
from ocr_pipeline.review import audit, book_views
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.errors import BookClosedError, NotFoundError
from ocr_pipeline.review.page_order import (
    BookOrder,
    call_back,
    in_order,
    move_page,
    order_book,
    place_together,
    put_aside,
    put_aside_together,
    reasons,
    turn_book,
)
from ocr_pipeline.review.rights import ForbiddenError
from ocr_pipeline.store.books import book_pages, find_page
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.review_models import ApprovalRow
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace
from tests.builders import fake_stages
from tests.builders.run_office import FAKE, RunOffice

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
BOOK = "xalocthuan_hbd_tbt.KS.2016.01"
BOOK_RULES = {rule.id for rule in rules("book")}


class PlacingOffice(RunOffice):
    """A book of five pages, the second of which was refused, and who puts them in order."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.person = User("lan", Role.REVIEWER, "", True)
        words = ("record 1", "refused", "record 3", "record 4", "record 5")
        self.book("so", {f"{number}.png": said for number, said in enumerate(words, start=1)})
        self.run()

    def write(self, name, words):
        fake_stages.write_page(self.scans / "so" / name, words)

    def row(self, name):
        return self.page(BOOK, name)

    def order(self):
        with self.workspace.read_session() as session:
            return [row.name.removesuffix(".png") for row in book_pages(session, BOOK)]

    def read(self):
        with self.workspace.read_session() as session:
            return [record.page.removesuffix(".png") for record in load_records(session, BOOK)]

    def aside(self, name, reason="foreign", **options):
        put_aside(self.workspace, self.person, self.row(name).id, reason, NOW, **options)

    def place(self, name, **options):
        for key in ("after", "continuation_of"):
            if options.get(key):
                options[key] = self.row(options[key]).id
        move_page(self.workspace, self.person, self.row(name).id, NOW, **options)

    def material(self):
        return load_book_data(self.workspace, BOOK)


@pytest.fixture
def office(tmp_path, monkeypatch):
    monkeypatch.setenv(fake_stages.CALLS, str(tmp_path / "calls"))
    office = PlacingOffice(tmp_path)
    yield office
    office.workspace.close()


@pytest.mark.parametrize("again", [{}, {"force": True}])
def test_a_page_put_aside_holds_nothing_up_also_after_another_run(office, again):
    assert [name for name, _ in office.material().waiting] == ["2.png"]
    office.aside("2.png", "cover", note="bìa sau")
    assert office.material().waiting == []
    office.run(**again)
    assert office.row("2.png").kind == PageKind.ASIDE and office.material().waiting == []
    [book] = status(office.workspace)["books"]
    assert book["failures"] == [] and book["page_kinds"]["aside"] == 1
    [notice] = book["notices"]
    assert notice["page"] == "2.png" and "bìa sau" in notice["cause"]["vi"]
    [line] = [row for row in audit.recent(office.workspace) if row["action"] == "page_aside"]
    assert (line["user"], line["book"]) == ("lan", BOOK)
    assert line["details"]["reason"] == "cover" and audit.verify(office.workspace) is None


LOCATION = "SOHOA_TEST_WORKSPACE"


def read_while_decided(job):
    """The result of a page that somebody puts aside while a worker has it."""
    result = fake_stages.work(job)
    if job.ref.name == "3.png":
        with Workspace.open(os.environ[LOCATION]) as workspace, workspace.read_session() as session:
            page = find_page(session, BOOK, "3.png").id
            put_aside(workspace, User("lan", Role.REVIEWER, "", True), page, "foreign", NOW)
    return result


@pytest.mark.parametrize("words", ["record 3", "refused anew", "forms 3 33"])
def test_a_page_put_aside_while_a_run_reads_it_stays_aside(office, monkeypatch, words):
    monkeypatch.setenv(LOCATION, office.location)
    office.write("3.png", words)
    office.run(force=True, dependencies=replace(FAKE, work=read_while_decided))
    assert office.row("3.png").kind == PageKind.ASIDE
    assert office.read() == ["1", "4", "5"] and [n for n, _ in office.material().waiting] == [
        "2.png"
    ]


def replace_while_read(job):
    """The result of a page whose scan is another one when it comes."""
    result = fake_stages.work(job)
    if job.ref.name == "3.png":
        with Workspace.open(os.environ[LOCATION]) as workspace, workspace.transaction() as session:
            find_page(session, BOOK, "3.png").digest = "f" * 64
    return result


def test_the_result_of_a_scan_is_not_shown_for_another_scan(office, monkeypatch):
    monkeypatch.setenv(LOCATION, office.location)
    office.run(force=True, dependencies=replace(FAKE, work=replace_while_read))
    assert office.row("3.png").kind == PageKind.PENDING and office.read() == ["1", "4", "5"]


def test_another_scan_under_the_name_is_another_page(office):
    office.aside("2.png")
    office.write("2.png", "record 2")
    office.run()
    assert office.read() == ["1", "2", "3", "4", "5"]


def test_records_of_a_page_put_aside_leave_the_book(office):
    office.aside("3.png", "repeated")
    assert office.read() == ["1", "4", "5"]


@pytest.mark.parametrize(
    ("name", "after", "order"),
    [
        ("5.png", "1.png", ["1", "5", "2", "3", "4"]),
        ("1.png", "5.png", ["2", "3", "4", "5", "1"]),
        ("4.png", 0, ["4", "1", "2", "3", "5"]),
    ],
)
def test_a_page_is_moved_and_stays_there(office, name, after, order):
    office.place(name, after=after)
    records = [page for page in order if page != "2"]
    assert office.order() == order and office.read() == records
    office.run(force=True)
    assert office.order() == order and office.read() == records


def test_moves_add_up(office):
    office.place("5.png", after="1.png")
    office.place("4.png", after="5.png")
    office.place("1.png", after="3.png")
    assert office.order() == ["5", "4", "2", "3", "1"]
    office.write("6.png", "record 6")
    office.run()
    assert office.order() == ["5", "4", "2", "3", "1", "6"]


def test_two_pages_are_one_record(office):
    office.place("2.png", continuation_of="1.png")
    office.place("3.png", continuation_of="2.png")  # a third page of it
    material = office.material()
    assert material.waiting == [] and office.read() == ["1", "4", "5"]
    template = load_template(RegisterType.KS, "1437")
    cases = make_cases(
        material.book, material.records, template, NamingRule(), material.continuations
    )
    assert [case.pages for case in cases] == [
        ("1.png", "2.png", "3.png"), ("4.png",), ("5.png",)
    ]  # fmt: skip
    office.run(force=True)
    assert office.material().continuations == material.continuations


def test_a_continuation_of_what_is_gone_holds_the_book_up(office):
    office.place("2.png", continuation_of="1.png")
    office.aside("1.png")
    [(name, why)] = office.material().waiting
    assert name == "2.png" and "1.png" in why.vi


def test_what_cannot_be(office):
    with pytest.raises(UsageError):
        office.place("1.png", continuation_of="2.png")  # it has no record
    with pytest.raises(UsageError):
        office.place("1.png", continuation_of="1.png")
    with pytest.raises(UsageError):
        office.place("1.png")
    with pytest.raises(UsageError):
        office.place("1.png", after="2.png", continuation_of="3.png")
    with pytest.raises(NotFoundError):
        put_aside(office.workspace, office.person, 999, "cover", NOW)
    assert office.order() == ["1", "2", "3", "4", "5"]


def test_an_approved_book_is_left_alone(office):
    with office.workspace.transaction() as session:
        session.add(ApprovalRow(book=BOOK, action="approve", user="minh", time=NOW))
    with pytest.raises(BookClosedError):
        office.aside("2.png")
    with pytest.raises(BookClosedError):
        office.place("2.png", after="1.png")
    with office.workspace.transaction() as session:
        session.add(ApprovalRow(book=BOOK, action="withdraw", user="minh", time=NOW))
    office.aside("2.png")
    assert office.row("2.png").kind == PageKind.ASIDE


def test_reasons_are_told_in_both_languages():
    assert [reason["id"] for reason in reasons()] == [
        "cover",
        "blank",
        "foreign",
        "repeated",
        "removed",
    ]
    assert all(reason["vi"] and reason["en"] for reason in reasons())


def test_a_book_scanned_backwards_is_turned_by_one_action_and_stays_so(tmp_path, monkeypatch):
    office = RunOffice(tmp_path, dependencies=replace(FAKE, judge=None))
    monkeypatch.setenv(fake_stages.CALLS, str(office.calls))
    words = {f"{n}.png": f"record {9 - n}" for n in range(1, 7)}
    office.book("so", {**words, "7.png": "blank"})
    (office.scans / "so" / "ghi.txt").write_text("x")
    office.run()
    person = User("lan", Role.REVIEWER, "", True)

    def said():
        [book] = status(office.workspace)["books"]
        return [one["kind"] for one in book["notices"] if one["kind"] == "reversed"]

    def doubts():
        with office.workspace.read_session() as session:
            records = load_records(session, BOOK)
            names = [record.page.removesuffix(".png") for record in records]
            fields = [field for record in records for field in record.fields.values()]
        return names, sorted(
            doubt.rule for field in fields for doubt in field.doubts if doubt.rule in BOOK_RULES
        )

    assert doubts() == (["1", "2", "3", "4", "5", "6"], ["scanned_backwards"])
    assert said() == ["reversed"]
    assert book_views.book(office.workspace, BOOK)["reversed"]
    with pytest.raises(ForbiddenError):
        turn_book(office.workspace, User("mai", Role.OPERATOR, "", True), BOOK, NOW)
    turn_book(office.workspace, person, BOOK, NOW)
    assert doubts() == (["6", "5", "4", "3", "2", "1"], [])
    assert said() == []
    office.run()
    assert doubts() == (["6", "5", "4", "3", "2", "1"], [])
    with office.workspace.read_session() as session:
        assert [row.name for row in book_pages(session, BOOK)][0] == "7.png"
    with pytest.raises(NotFoundError):
        turn_book(office.workspace, person, "none", NOW)


@pytest.fixture
def blank(office):
    """The second page has a record, but the machine took it for a blank page."""
    office.write("2.png", "blank")
    office.run()
    assert office.row("2.png").kind == PageKind.BLANK
    return office


def test_a_page_taken_for_blank_is_called_back_and_waits_for_a_person(blank):
    page = blank.row("2.png").id
    call_back(blank.workspace, blank.person, page, NOW)
    blank.run()  # the machine still sees nothing there
    [book] = status(blank.workspace)["books"]
    [failure] = book["failures"]
    assert failure["page"] == "2.png" and failure["kind"] == PageKind.REFUSED
    assert "a person says that there is one" in failure["cause"]["en"] and failure["remedy"]["en"]
    assert book["no_record"] == []


def test_only_what_has_no_record_is_called_back_and_the_last_word_counts(blank):
    for name in ("1.png", "2.png"):
        if name == "2.png":
            call_back(blank.workspace, blank.person, blank.row(name).id, NOW)
        with pytest.raises(UsageError, match="has been read, or waits"):
            call_back(blank.workspace, blank.person, blank.row(name).id, NOW)
    assert blank.row("1.png").kind == PageKind.RECORD
    blank.aside("2.png", reason="blank")
    assert blank.row("2.png").kind == PageKind.ASIDE
    call_back(blank.workspace, blank.person, blank.row("2.png").id, NOW)
    assert blank.row("2.png").kind == PageKind.REFUSED


def test_fronts_scanned_before_backs_are_one_notice(tmp_path, monkeypatch):
    office = RunOffice(tmp_path, dependencies=replace(FAKE, judge=None))
    monkeypatch.setenv(fake_stages.CALLS, str(office.calls))
    order = [1, 3, 5, 7, 6, 4, 2]
    office.book("so", {f"{n}.png": f"record {number}" for n, number in enumerate(order)})
    office.run()
    [book] = status(office.workspace)["books"]
    assert [one["kind"] for one in book["notices"]] == ["sides_apart"]


@pytest.mark.parametrize(
    ("order", "scanned", "wanted"),
    [
        (BookOrder.REVERSED, "54321", "12345"),
        (BookOrder.BACKS_REVERSED, "135642", "123456"),
        (BookOrder.BACKS_REVERSED, "13542", "12345"),  # the last sheet has no back
        (BookOrder.BACKS, "135246", "123456"),
        (BookOrder.BACKS, "13524", "12345"),
        (BookOrder.FILES, "41325", "12345"),
    ],
)
def test_orders_that_a_whole_book_is_put_in(order, scanned, wanted):
    assert "".join(in_order(scanned, order, key=str)) == wanted


def test_a_book_in_another_order_stays_so_and_the_order_of_the_files_comes_back(office):
    order_book(office.workspace, office.person, BOOK, BookOrder.BACKS_REVERSED, NOW)
    for again in ({}, {"force": True}):
        assert office.order() == ["1", "5", "2", "4", "3"]
        office.run(**again)
    assert office.order() == ["1", "5", "2", "4", "3"]
    order_book(office.workspace, office.person, BOOK, BookOrder.FILES, NOW)
    office.run()
    assert office.order() == ["1", "2", "3", "4", "5"]


def test_several_pages_are_put_aside_or_placed_in_one_deed_or_none_is(office):
    def ids(*names):
        return [office.row(f"{name}.png").id for name in names]

    place_together(office.workspace, office.person, ids(5, 3), ids(1)[0], NOW)
    assert office.order() == ["1", "5", "3", "2", "4"]
    place_together(office.workspace, office.person, ids(4, 2), 0, NOW)
    office.run(force=True)
    assert office.order() == ["4", "2", "1", "5", "3"]
    with pytest.raises(UsageError):
        place_together(office.workspace, office.person, ids(1, 2), ids(2)[0], NOW)
    assert office.order() == ["4", "2", "1", "5", "3"]
    with pytest.raises(NotFoundError):
        put_aside_together(office.workspace, office.person, [*ids(1), 999], "cover", NOW)
    assert office.row("1.png").kind == PageKind.RECORD
    put_aside_together(office.workspace, office.person, ids(1, 3, 1), "cover", NOW)
    office.run()
    assert office.read() == ["4", "5"]
    lines = [row["subject"] for row in audit.recent(office.workspace)
             if row["action"] == "page_aside"]  # fmt: skip
    assert sorted(lines) == ["page:1.png", "page:3.png"]


def test_the_sheet_tells_state_records_and_numbers_of_each_page(office):
    office.aside("3.png")
    sheet = book_views.page_sheet(office.workspace, office.person, BOOK)
    told = [(page["name"], page["kind"], len(page["records"]), page["numbers"])
            for page in sheet["pages"]]  # fmt: skip
    assert told[0] == ("1.png", "record", 1, ["1/2016"])
    assert told[1][1] == "refused" and told[2] == ("3.png", "aside", 0, [])
    assert sheet["state"] == "open"
    with pytest.raises(NotFoundError):
        book_views.page_sheet(office.workspace, office.person, "none")
