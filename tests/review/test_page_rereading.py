import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from sqlalchemy import select

from ocr_pipeline.batch.run import RunDependencies
from ocr_pipeline.errors import BadInputError, UsageError
from ocr_pipeline.export.stored_books import load_book_data
from ocr_pipeline.registers.fields import State
from ocr_pipeline.review import audit, layout_choice, page_rereading, upright_page
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.decision import Decision
from ocr_pipeline.review.errors import NotAllowedYetError
from ocr_pipeline.review.field_decisions import Action, decide, undo
from ocr_pipeline.review.page_sources import page_sources
from ocr_pipeline.review.rights import ForbiddenError
from ocr_pipeline.store.ledger import LedgerKey, result
from ocr_pipeline.store.models import FieldRow, RecordRow
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.states import PageKind
from tests.builders import askew_page, real_stages
from tests.builders.books import PHUOC_NGAI, make_book
from tests.builders.run_office import REAL, RunOffice

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
BOOK = "xaphuocngai_hbt_tbt.KS.2018.01"
TRUTH = json.loads((askew_page.SAMPLES / "ks-2018" / "truth.json").read_text(encoding="utf-8"))


class RereadingOffice(RunOffice):
    """A book of a straight page and photographs that the machine refuses."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, dependencies=REAL)
        self.person = User("lan", Role.REVIEWER, "", True)
        book = self.scans / "so"
        askew_page.photograph(book / "2 nghieng.jpg")
        (book / "1.jpg").write_bytes(askew_page.PAGE.read_bytes())
        askew_page.sideways(book / "3 nghieng.jpg", book / "2 nghieng.jpg")
        self.list_book("so", make_book(agency=PHUOC_NGAI, layout="KS-2016"))

    def row(self, name):
        return self.page(BOOK, name)

    def records(self, name):
        with self.workspace.read_session() as session:
            return [r for r in load_records(session, BOOK) if r.page == name]

    def waiting(self):
        return {name for name, _ in load_book_data(self.workspace, BOOK).waiting}

    def reread(self, name, corners=askew_page.ASKEW, layout="KS-2016", **options):
        page = self.row(name).id
        return page_rereading.reread(
            self.workspace, self.person, page, layout, corners, NOW, **options
        )

    def picture(self, name):
        """The page as people see it, which boxes refer to."""
        page = self.row(name).id
        return upright_page.page(page_sources(self.workspace, [page])[page].source)

    def ensure_read(self):
        if self.row("2 nghieng.jpg").kind != PageKind.RECORD:
            self.reread("2 nghieng.jpg")


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    office = RereadingOffice(tmp_path_factory.mktemp("rereading"))
    office.run()
    yield office
    office.workspace.close()


def truth():
    [page] = [page for page in TRUTH["pages"] if page["page"] == askew_page.PAGE.name]
    return {code: field["value"] for code, field in page["records"][0]["fields"].items()}


def right(records):
    values, [record] = truth(), records
    return sum(record.fields[code].value == value for code, value in values.items())


def boxes(office, name):
    """Middles of the fields of an upright page, in pixels of its scan."""
    row = office.row(name)
    assert row.turn == 0
    with office.workspace.read_session() as session:
        data = result(session, LedgerKey.of_page(row.digest, row.fingerprint))
    matrix = np.array(data["to_original"]).reshape(3, 3)
    picture = office.picture(name)
    height, width = picture.shape[:2]
    found = {}
    for code, field in data["records"][0]["fields"].items():
        x, y, w, h = field["box"]
        assert 0 <= x < x + w <= width and 0 <= y < y + h <= height
        middle = np.array([x + w / 2, y + h / 2, 1])
        end = matrix @ middle
        found[code] = end[:2] / end[2]
    return found


@pytest.mark.long
def test_what_the_machine_refuses_is_read_between_the_corners_a_person_gives(office):
    assert office.row("2 nghieng.jpg").kind == PageKind.REFUSED
    assert "2 nghieng.jpg" in office.waiting()
    outcome = office.reread("2 nghieng.jpg")
    assert (outcome.kind, outcome.records, outcome.cause) == (PageKind.RECORD, 1, None)
    assert outcome.residual_mm < 0.5
    assert "2 nghieng.jpg" not in office.waiting()
    straight, askew = right(office.records("1.jpg")), right(office.records("2 nghieng.jpg"))
    assert askew >= straight - 4  # the photograph has a third fewer pixels
    [line] = [row for row in audit.recent(office.workspace, book=BOOK) if "reread" in row["action"]]
    assert line["user"] == "lan" and line["subject"] == "page:2 nghieng.jpg"
    assert line["details"]["layout"] == "KS-2016" and line["details"]["trust"] is False
    assert audit.verify(office.workspace) is None


@pytest.mark.long
def test_boxes_of_a_page_read_by_hand_lie_where_the_fields_are(office):
    office.ensure_read()
    matrix = askew_page.to_scene()
    straight, askew = boxes(office, "1.jpg"), boxes(office, "2 nghieng.jpg")
    for code, point in straight.items():
        there = matrix @ np.array([*point, 1])
        assert np.hypot(*(there[:2] / there[2] - askew[code])) < 12, code


@pytest.mark.long
def test_corners_say_which_way_a_page_lies(office):
    width = askew_page.SIZE[1]  # of the photograph turned a quarter clockwise
    turned = [(width - 1 - y, x) for x, y in askew_page.ASKEW]
    assert office.row("3 nghieng.jpg").turn == 0
    outcome = office.reread("3 nghieng.jpg", turned)
    assert outcome.kind is PageKind.RECORD
    assert office.row("3 nghieng.jpg").turn == 270
    picture = office.picture("3 nghieng.jpg")
    assert picture.shape[0] > picture.shape[1]
    assert right(office.records("3 nghieng.jpg")) >= right(office.records("1.jpg")) - 4


@pytest.mark.long
def test_the_wrong_form_is_refused_and_a_person_may_insist(office):
    wrong = office.reread("3 nghieng.jpg", _shown(office), layout="KS-2006")
    assert wrong.kind is PageKind.REFUSED and wrong.cause is not None and wrong.remedy is not None
    insisted = office.reread("3 nghieng.jpg", _shown(office), layout="KS-2006", trust=True)
    assert insisted.kind is PageKind.RECORD
    [record] = office.records("3 nghieng.jpg")
    assert {field.state for field in record.fields.values()} == {State.IN_REVIEW}
    assert all(
        "corners_by_hand" in {doubt.rule for doubt in field.doubts}
        for field in record.fields.values()
    )


def test_what_a_person_said_can_be_taken_back(office):
    page, before = office.row("1.jpg").id, office.records("1.jpg")
    page_rereading.put_aside(
        office.workspace, office.person, page, "foreign", NOW, note="sổ năm 2017"
    )
    assert office.row("1.jpg").kind == PageKind.ASIDE and office.records("1.jpg") == []
    back = page_rereading.restore(office.workspace, office.person, page, NOW)
    assert back.kind is PageKind.RECORD and office.records("1.jpg") == before
    kinds = [
        decision["kind"] for decision in page_rereading.decisions_of_page(office.workspace, page)
    ]
    assert kinds == ["restore", "aside"]


def _shown(office):
    """Corners as shown, whatever the page's turn is by now."""
    if office.row("3 nghieng.jpg").turn:
        return askew_page.ASKEW
    return [(askew_page.SIZE[1] - 1 - y, x) for x, y in askew_page.ASKEW]


def test_a_page_that_was_read_keeps_its_records_when_the_new_corners_do_not_fit(office):
    page, before = office.row("1.jpg").id, office.records("1.jpg")
    decided = page_rereading.decisions_of_page(office.workspace, page)
    corners = [(100, 100), (700, 100), (700, 900), (100, 900)]
    outcome = office.reread("1.jpg", corners)
    assert outcome.kind is PageKind.REFUSED
    assert office.records("1.jpg") == before and office.row("1.jpg").kind == PageKind.RECORD
    assert page_rereading.decisions_of_page(office.workspace, page) == decided


@pytest.mark.parametrize(
    "corners",
    [
        askew_page.ASKEW[::-1],  # against the clock
        [
            askew_page.ASKEW[0],
            askew_page.ASKEW[2],
            askew_page.ASKEW[1],
            askew_page.ASKEW[3],
        ],  # crossed
        [(5, 5), (20, 5), (20, 30), (5, 30)],  # tiny
        [(0, 0), (1e5, 0), (1e5, 1e5), (0, 1e5)],
        [(0, 0), (float("nan"), 0), (900, 900), (0, 900)],
        [(0, 0), (900, 0), (900, 900)],
    ],
)
def test_corners_that_are_none(office, corners):
    with pytest.raises(BadInputError):
        office.reread("2 nghieng.jpg", corners)


def test_only_forms_of_the_register_and_only_people_who_may(office):
    with pytest.raises(BadInputError):
        office.reread("2 nghieng.jpg", layout="KT-2016")
    with pytest.raises(BadInputError):
        office.reread("2 nghieng.jpg", layout="KS-1500")
    operator = SimpleNamespace(name="tam", role="operator", active=True)
    page = office.row("2 nghieng.jpg").id
    with pytest.raises(ForbiddenError):
        page_rereading.reread(office.workspace, operator, page, "KS-2016", askew_page.ASKEW, NOW)
    with pytest.raises(ForbiddenError):
        page_rereading.put_aside(office.workspace, operator, page, "cover", NOW)
    with pytest.raises(UsageError):
        page_rereading.put_aside(office.workspace, office.person, page, "ugly", NOW)


def test_forms_to_choose_from(office):
    ids = [layout["id"] for layout in layout_choice.layouts(office.workspace, "KS")]
    assert "KS-2016" in ids and not any(id_.startswith("KT") for id_ in ids)
    [sizes] = [
        layout["page"]
        for layout in layout_choice.layouts(office.workspace)
        if layout["id"] == "KS-2016"
    ]
    assert sizes == {"width": 210.0, "height": 297.0}


@pytest.mark.long
def test_a_run_keeps_to_the_corners(office):
    office.ensure_read()
    before = office.records("2 nghieng.jpg")
    assert office.run().read == 0
    assert office.records("2 nghieng.jpg") == before
    office.run(dependencies=RunDependencies(work=real_stages.only_given), force=True)
    assert office.row("2 nghieng.jpg").kind == PageKind.RECORD
    [was], [now] = before, office.records("2 nghieng.jpg")
    assert {code: field.box for code, field in now.fields.items()} == {
        code: field.box for code, field in was.fields.items()
    }


def test_a_page_put_aside_with_decided_fields_is_read_along_its_former_corners_first(office):
    """Without records nothing says where the fields lay of which something was said."""
    office.ensure_read()
    page, name = office.row("2 nghieng.jpg").id, "2 nghieng.jpg"
    with office.workspace.read_session() as session:
        field = session.scalars(
            select(FieldRow)
            .join(RecordRow, RecordRow.id == FieldRow.record)
            .where(RecordRow.page == name, FieldRow.code == "nksHoTen")
        ).one()
    decision = Decision(field.id, Action.CORRECT, "Lê Thị Thử", base=field.entry)
    [said] = decide(office.workspace, office.person, [decision], NOW)
    assert said.ok
    lower = [(x, y + 4) for x, y in askew_page.ASKEW]
    page_rereading.put_aside(office.workspace, office.person, page, "foreign", NOW)
    back = office.workspace, office.person, page, NOW
    for other in (lambda: office.reread(name, lower), lambda: page_rereading.restore(*back)):
        with pytest.raises(NotAllowedYetError, match="1 trường"):
            other()
    assert office.reread(name).kind is PageKind.RECORD  # the same corners move nothing
    assert office.reread(name, lower).kind is PageKind.RECORD
    [record] = office.records(name)
    assert record.fields["nksHoTen"].value == "Lê Thị Thử"
    assert undo(office.workspace, office.person, NOW)
