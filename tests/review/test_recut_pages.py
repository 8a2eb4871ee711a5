"""Pages that were read are cut anew: what people decided goes with the ink, never with the row."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from sqlalchemy import select

from ocr_pipeline.processing.page import PageResult
from ocr_pipeline.registers.fields import Box, Candidate, State
from ocr_pipeline.review import audit, book_views, given_corners, page_rereading
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.errors import NotAllowedYetError, StaleError
from ocr_pipeline.review.field_decisions import Action, Decision, decide, undo
from ocr_pipeline.review.offers.offer import readings
from ocr_pipeline.review.page_cutting import CutEffect
from ocr_pipeline.review.page_order import move_page, put_aside
from ocr_pipeline.review.record_dropping import drop_record
from ocr_pipeline.review.record_history import history
from ocr_pipeline.store.entries import latest_entries
from ocr_pipeline.store.models import EntryRow, FieldRow, RecordRow
from ocr_pipeline.store.records import load_records, record_of
from ocr_pipeline.store.states import PageKind
from tests.builders.books import make_book
from tests.builders.records import make_field, make_record
from tests.builders.run_office import FAKE, RunOffice

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
BOOK = "xalocthuan_hbd_tbt.KS.2016.01"
OTHER = "xalocthuan_hbd_tbt.KS.2016.02"
LAN = User("lan", Role.REVIEWER, "", True)
MINH = User("minh", Role.ADMIN, "", True)
BOTH = pytest.mark.databases("sqlite", "postgresql")
ROW = 100  # pixels; the ink of line n begins at n × ROW, the machine cuts lines 1 to 3


def rows(page, top, code="KS-2016"):
    """What a form of three rows reads that begins at `top`: the line of ink each row lies on."""
    records = []
    for position in (1, 2, 3):
        y = round(top + ROW * (position - 1))
        line = f"Người dòng {max(round(y / ROW), 0)}"
        name = make_field(
            "nksHoTen", line, confidence=0.6, n_best=(Candidate(line, line, 0.6),),
            box=Box(100, y, 300, ROW),
        )  # fmt: skip
        number = make_field("so", f"{y // ROW}/2016", confidence=0.999, box=Box(0, y, 90, ROW))
        sheet = make_field("trangSo", "31", confidence=0.999, box=Box(500, 10, 60, 60))
        record = make_record(page, [number, name, sheet], position)
        records.append(replace(record, layout=code))
    return PageResult(
        PageKind.RECORD, layout=code, records=tuple(records),
        to_original=[1.0, 0, 0, 0, 1, 0, 0, 0, 1], seconds={"read": 0.1},
    )  # fmt: skip


def work(job):
    return rows(job.ref.name, job.corners.corners[0][1] if job.corners else ROW)


class CuttingOffice(RunOffice):
    """A sheet of three rows, read by stages that see which line of ink a row lies on."""

    def __init__(self, folder, location):
        super().__init__(folder, location, replace(FAKE, work=work))
        for number, book in enumerate(("a", "b"), 1):
            pixels = np.full((900, 700, 3), 200 + number, np.uint8)
            (self.scans / book).mkdir()
            for page in (1, 2):
                pixels[0, 0] = page
                path = self.scans / book / f"{page}.png"
                path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
            self.list_book(book, make_book("KS", number, 2016))
        self.run()

    def cut(self, top, book=BOOK, name="1.png", **options):
        """Cut the page so that the form begins at this height."""
        return page_rereading.reread(
            self.workspace, LAN, self.page(book, name).id, "KS-2016", corners(top), NOW, **options
        )

    def preview(self, top=None):
        page, wanted = self.page(BOOK, "1.png").id, ("KS-2016", corners(top)) if top else ()
        return page_rereading.preview(self.workspace, LAN, page, *wanted)[1]

    def restore(self, **options):
        page = self.page(BOOK, "1.png").id
        return page_rereading.restore(self.workspace, LAN, page, NOW, **options)

    def field(self, position, code="nksHoTen", book=BOOK, name="1.png"):
        with self.workspace.read_session() as session:
            return session.scalar(
                select(FieldRow)
                .join(RecordRow, RecordRow.id == FieldRow.record)
                .where(RecordRow.book == book, RecordRow.page == name)
                .where(RecordRow.position == position, FieldRow.code == code)
            )

    def say(self, position, value, code="nksHoTen", user=LAN, action=Action.CORRECT):
        field = self.field(position, code)
        decision = Decision(field.id, action, value, base=field.entry)
        [said] = decide(self.workspace, user, [decision], NOW)
        assert said.ok, said.message
        return field

    def names(self, book=BOOK, name="1.png"):
        """What counts as the names of a page, by position, with who is behind it."""
        with self.workspace.read_session() as session:
            entries = latest_entries(session, book)
            found = [one for one in load_records(session, book) if one.page == name]
            shown = {one.position: one.fields["nksHoTen"] for one in found}
            return {
                position: (field.value, str(field.state), key in entries)
                for position, field in shown.items()
                for key in [(name, position, "nksHoTen")]
            }

    def judged(self, position):
        """The name as it was judged, without what people entered."""
        with self.workspace.read_session() as session:
            field = self.field(position)
            return record_of(session.get_one(RecordRow, field.record)).fields["nksHoTen"]

    def said(self):
        with self.workspace.read_session() as session:
            return sorted(session.scalars(select(EntryRow.value)))

    def holds(self):
        return audit.verify(self.workspace) is None


def corners(top):
    return [(20, top), (680, top), (680, top + 500), (20, top + 500)]


def read(line):
    return (f"Người dòng {line}", "in_review", False)


def given(value):
    return (value, "corrected", True)


@pytest.fixture
def office(tmp_path, monkeypatch, location):
    form = SimpleNamespace(type="KS", page=SimpleNamespace(width=210.0, height=297.0))
    layouts = {one: SimpleNamespace(layout=form) for one in ("KS-2016", "KS-2006")}
    stages = SimpleNamespace(layouts=layouts, fingerprint="f1")
    monkeypatch.setattr(page_rereading, "stages_for", lambda _: stages)
    for module in (page_rereading, given_corners):
        monkeypatch.setattr(module, "opened", lambda do, job, *_, **__: do(job))
    monkeypatch.setattr(page_rereading, "process_page", work)
    office = CuttingOffice(tmp_path, location)
    yield office
    office.workspace.close()


@BOTH
def test_a_cut_moved_a_little_keeps_every_decision_and_every_id(office):
    second, third = office.say(2, "Lê Thị Hai"), office.say(3, "3/2016", "so")
    assert office.preview(120) == CutEffect(2, 0, 0)
    assert office.cut(120).kind is PageKind.RECORD  # nobody has to agree to anything
    assert office.names() == {1: read(1), 2: given("Lê Thị Hai"), 3: read(3)}
    assert (office.field(2).id, office.field(3, "so").id) == (second.id, third.id)
    assert office.field(3, "so").state == State.CORRECTED and office.holds()
    before = office.names()
    office.run(force=True)
    assert office.names() == before and office.holds()
    [line] = [one for one in audit.recent(office.workspace) if one["action"] == "page_reread"]
    told = line["details"]
    assert (told["follow"], told["asked_again"], told["left_over"]) == (2, 0, 0)


@BOTH
def test_rows_that_shift_by_one_take_their_values_along_and_no_other_row_gets_one(office):
    office.say(1, "Lê Thị Một")
    second = office.say(2, "Lê Thị Hai")
    assert office.preview(200) == CutEffect(1, 0, 1)
    with pytest.raises(NotAllowedYetError, match="1 trường giữ"):
        office.cut(200)
    assert office.names()[1] == given("Lê Thị Một")  # nothing has changed
    office.cut(200, accepted=1)
    assert office.names() == {1: given("Lê Thị Hai"), 2: read(3), 3: read(4)}
    assert office.field(1).id == second.id and office.holds()
    [lost] = book_views.page(office.workspace, LAN, office.page(BOOK, "1.png").id)["left_over"]
    assert (lost["value"], lost["state"], lost["user"]) == ("Lê Thị Một", "corrected", "lan")
    office.say(3, "Lê Thị Bốn")
    assert office.preview() == CutEffect(1, 0, 1)
    office.restore(accepted=1)
    assert office.names() == {1: given("Lê Thị Một"), 2: given("Lê Thị Hai"), 3: read(3)}
    assert office.said() == ["Lê Thị Bốn", "Lê Thị Hai", "Lê Thị Một"] and office.holds()
    office.cut(200, accepted=1)  # the cut of before: what was said with it counts again
    assert office.names() == {1: given("Lê Thị Hai"), 2: read(3), 3: given("Lê Thị Bốn")}


@BOTH
def test_half_a_row_off_nothing_counts_and_each_value_is_offered_with_its_source(office):
    office.say(2, "Lê Thị Hai")
    before = office.field(2)
    assert office.preview(150) == CutEffect(0, 1, 0)
    office.cut(150, accepted=1)
    assert [entered for *_, entered in office.names().values()] == [False] * 3
    asked = office.judged(2)
    assert asked.state is State.IN_REVIEW and asked.doubts[0].rule == "former_cut"
    [offered] = [one for one in readings(asked) if one.value == "Lê Thị Hai"]
    assert offered.source == "former_cut"
    with office.workspace.read_session() as session:
        assert session.get(FieldRow, before.id) is None  # a decision on somebody's screen is told
    [late] = decide(
        office.workspace,
        MINH,
        [Decision(before.id, Action.CONFIRM, before.value, before.entry)],
        NOW,
    )
    assert not late.ok
    office.say(2, "Lê Thị Ba")
    assert office.names()[2] == given("Lê Thị Ba") and office.holds()


def test_what_was_decided_meanwhile_is_not_moved_unseen(office, monkeypatch):
    office.say(1, "Lê Thị Một")
    assert office.preview(200) == CutEffect(0, 0, 1)
    monkeypatch.setattr(
        page_rereading, "process_page", lambda job: office.say(1, "1/2016", "so") and work(job)
    )
    with pytest.raises(NotAllowedYetError, match="2 giá trị"):
        office.cut(201, accepted=1)
    monkeypatch.setattr(page_rereading, "process_page", lambda job: meddle() and work(job))

    def meddle():
        monkeypatch.setattr(page_rereading, "process_page", work)
        return office.cut(110)

    with pytest.raises(StaleError):
        office.cut(202, accepted=2)
    assert office.names()[1] == given("Lê Thị Một") and office.holds()


@BOTH
def test_a_question_stays_with_its_row_or_the_cut_waits_for_the_answer(office):
    office.say(2, "", action=Action.ASK)
    office.cut(110)
    assert office.field(2).lane == "senior"
    with pytest.raises(NotAllowedYetError, match="1 trường của trang đang được hỏi"):
        office.cut(200)
    office.say(2, "Lê Thị Hai", user=MINH)
    office.cut(200)
    assert office.names()[1] == given("Lê Thị Hai")
    with pytest.raises(StaleError, match="cắt lại"):  # the question would be another row's
        undo(office.workspace, MINH, NOW)
    assert office.names()[1] == given("Lê Thị Hai") and office.field(2).lane == "doubt"


def test_a_decision_is_undone_and_changed_where_it_went(office):
    office.say(2, "Lê Thị Hai")
    office.cut(200)
    assert undo(office.workspace, LAN, NOW)
    assert office.names()[1][1] == "in_review" and office.field(1).lane == "doubt"
    office.say(1, "Lê Thị Tư")
    with office.workspace.read_session() as session:
        record = session.get_one(RecordRow, office.field(1).record).id
    steps = history(office.workspace, LAN, record)["nksHoTen"].steps
    assert [one.value for one in steps if one.counts] == ["Lê Thị Tư"]
    assert "Lê Thị Hai" in [one.value for one in steps]
    office.restore()
    assert office.names() == {1: read(1), 2: given("Lê Thị Tư"), 3: read(3)}
    assert office.holds()


def test_a_page_without_records_is_cut_as_before_until_it_can_be_compared(office):
    office.say(2, "Lê Thị Hai")
    office.cut(110)
    page = office.page(BOOK, "1.png").id
    put_aside(office.workspace, LAN, page, "foreign", NOW)
    for other in (lambda: office.cut(200), office.restore, lambda: office.preview(200)):
        with pytest.raises(NotAllowedYetError, match="1 trường khi trang này còn bản ghi"):
            other()
    office.cut(110)
    assert office.names()[2] == given("Lê Thị Hai")
    office.cut(200)
    assert office.names()[1] == given("Lê Thị Hai") and office.holds()


def test_a_row_without_record_stays_the_row_without_record(office):
    with office.workspace.read_session() as session:
        record = session.get_one(RecordRow, office.field(2).record).id
    drop_record(office.workspace, LAN, record, NOW)
    office.cut(200)
    assert office.names() == {2: read(3), 3: read(4)} and office.holds()


def test_a_record_that_another_page_continues_is_not_moved_away(office):
    page, further = office.page(BOOK, "1.png").id, office.page(BOOK, "2.png").id
    move_page(office.workspace, LAN, further, NOW, continuation_of=page, position=2)
    with pytest.raises(NotAllowedYetError, match=r"2\.png nối tiếp bản ghi 2"):
        office.cut(200)
    assert office.cut(110).kind is PageKind.RECORD


def test_a_cut_page_goes_to_another_book_and_home_with_its_cut(office):
    office.say(2, "Lê Thị Hai")
    office.cut(200)
    page = office.page(BOOK, "1.png").id
    arrival, _ = page_rereading.send_and_read(office.workspace, LAN, page, OTHER, NOW)
    there = f"{BOOK}/1.png"
    assert office.names(OTHER, there) == {1: given("Lê Thị Hai"), 2: read(3), 3: read(4)}
    page_rereading.send_and_read(office.workspace, LAN, arrival.page, BOOK, NOW)
    assert office.names() == {1: given("Lê Thị Hai"), 2: read(3), 3: read(4)}
    assert office.holds()


def test_another_form_keeps_what_lies_where_it_lay(office, monkeypatch):
    office.say(2, "Lê Thị Hai")
    monkeypatch.setattr(
        page_rereading, "process_page", lambda job: rows(job.ref.name, 100, "KS-2006")
    )
    page = office.page(BOOK, "1.png").id
    page_rereading.reread(office.workspace, LAN, page, "KS-2006", corners(100), NOW)
    assert office.names()[2] == given("Lê Thị Hai") and office.holds()
