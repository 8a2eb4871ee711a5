"""A correction made everywhere in its book: what is shown first, and what is refused."""

import pytest

from ocr_pipeline.registers.fields import State
from ocr_pipeline.review import audit
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.book_correction import book_correction
from ocr_pipeline.review.errors import BookClosedError, NotAllowedYetError, NotFoundError
from ocr_pipeline.review.field_decisions import Action, Decision, decide, undo
from ocr_pipeline.review.rights import ForbiddenError
from ocr_pipeline.store.approvals import ApprovalStep, add_step

pytestmark = pytest.mark.databases("sqlite", "postgresql")

WRONG, RIGHT = "Lê Văn Tám", "Lê Văn Tâm"


def births(count, **more):
    return [{"so": f"{62 + i}/2017", "nguoiKy": WRONG, **more} for i in range(count)]


@pytest.fixture
def corrected(station):
    """Of five births one signer was in doubt and was corrected; the others are accepted."""
    first, *others = births(5)
    station.book([{**first, "?nguoiKy": 0.5}, {**others[0], "nycHoTen": WRONG}, *others[1:]])
    station.book(births(2), station.make_book(2))
    station.decide(station.an, station.field(1, "nguoiKy"), value=RIGHT)
    return station


def preview(station, user=None):
    return book_correction(station.ws, user or station.an, station.field(1, "nguoiKy"))


def everywhere(station, items, **more):
    said = [
        Decision(item.field, Action.CORRECT, RIGHT, base=item.base, lane=None, deed="d-9", **more)
        for item in items
    ]
    return decide(station.ws, station.an, said, station.now)


def test_accepted_fields_are_shown_and_corrected_in_one_deed(corrected):
    found = preview(corrected)
    assert (found.was, found.value, found.more, found.waiting) == ((WRONG,), RIGHT, 0, 0)
    shown = [(item.code, item.page_name, item.value) for item in found.items]
    own = [("nguoiKy", f"{page}.jpg", WRONG) for page in range(2, 6)]
    assert shown == [*own, ("nycHoTen", "2.jpg", WRONG)]  # a sibling column comes after
    assert found.decided == ()
    assert all(outcome.ok for outcome in everywhere(corrected, found.items[:4]))
    assert {corrected.shown(p, "nguoiKy").value for p in range(1, 6)} == {RIGHT}
    assert corrected.shown(2, "nycHoTen").value == WRONG  # left out
    assert len(corrected.entries()) == 5 and audit.verify(corrected.ws) is None
    assert len(undo(corrected.ws, corrected.an, corrected.now)) == 4
    assert corrected.shown(2, "nguoiKy").value == WRONG
    assert corrected.shown(2, "nguoiKy").state is State.ACCEPTED
    assert corrected.shown(1, "nguoiKy").value == RIGHT  # another deed


def test_what_people_decided_is_told_apart(corrected):
    corrected.decide(
        corrected.binh, corrected.field(3, "nguoiKy"), Action.CONFIRM, WRONG, lane=None
    )
    found = preview(corrected)
    assert [item.page_name for item in found.decided] == ["3.jpg"]
    assert "3.jpg" not in {item.page_name for item in found.items}
    # somebody goes on with it meanwhile: nothing is written over that
    corrected.decide(corrected.binh, corrected.field(3, "nguoiKy"), value="Lê Văn Tấn", lane=None)
    [refused] = everywhere(corrected, found.decided)
    assert not refused.ok and refused.conflict.value == "Lê Văn Tấn"


def test_what_waits_for_another_person_is_counted_only(corrected):
    corrected.decide(corrected.binh, corrected.field(4, "nguoiKy"), Action.ASK, note="?", lane=None)
    found = preview(corrected)
    assert found.waiting == 1
    assert "4.jpg" not in {item.page_name for item in found.items if item.code == "nguoiKy"}


def test_all_that_it_was_is_looked_for(corrected):
    """Corrected twice: what the machine read stands elsewhere, not what he typed first."""
    corrected.decide(corrected.an, corrected.field(1, "nguoiKy"), value="Lê Văn Tấm")
    found = preview(corrected)
    assert found.was == (WRONG, RIGHT) and len(found.items) == 5


def test_refused_before_a_correction_and_of_codes_and_blanks(station):
    station.book([{"?nguoiKy": 0.5, "?nksGioiTinh": 0.5, "meHoTen": "", "?meHoTen": 0.5}])
    for code, value in (("nguoiKy", ""), ("nksGioiTinh", "2"), ("meHoTen", "Nguyễn Thị Mơ")):
        field = station.field(1, code)
        if value:
            assert station.decide(station.an, field, value=value).ok
        with pytest.raises(NotAllowedYetError):
            book_correction(station.ws, station.an, field)
    with pytest.raises(NotFoundError):
        book_correction(station.ws, station.an, 10**6)


def test_refused_in_an_approved_book_and_to_who_may_not_review(corrected):
    nobody = User("ha", Role.OPERATOR, active=False)
    with pytest.raises(ForbiddenError):
        preview(corrected, nobody)
    book = preview(corrected).book
    with corrected.ws.transaction() as session:
        add_step(session, book, ApprovalStep.APPROVE, corrected.dung.name, corrected.now)
    with pytest.raises(BookClosedError):
        preview(corrected)
