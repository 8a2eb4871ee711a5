"""The cut of one page for the other pages of its book, over HTTP."""

from ocr_pipeline.review import shared_cut
from ocr_pipeline.review.accounts import Role
from ocr_pipeline.review.page_rereading import PageOutcome
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.states import PageKind
from tests.builders.review_office import BOOK


def test_the_pages_are_told_before_and_each_answers_with_what_came_of_it(office, monkeypatch):
    with office.workspace.read_session() as session:
        rows = book_pages(session, BOOK.id)
        [refused] = [row.id for row in rows if row.kind == PageKind.REFUSED]
        read = next(row.id for row in rows if row.kind == PageKind.RECORD)
    nothing = {"refused": [], "ill_fitting": [], "read": []}
    lan, address = office.browser("lan", Role.REVIEWER), f"/api/pages/{read}/shared-cut"
    assert lan.get(address).json() == nothing, "the machine found this page by itself"
    tried = f"/api/pages/{refused}/read-like"
    late = lan.post(tried, {"like": read})
    assert late.status_code == 409 and late.json()["error"]["vi"]
    assert lan.post(tried, {"like": 0}).status_code == 422
    assert lan.get("/api/pages/99999/shared-cut").status_code == 404
    chi = office.browser("chi", Role.OPERATOR)
    assert chi.get(address).status_code == chi.post(tried, {"like": read}).status_code == 403
    asked = []

    def read_it(ws, user, page, like, now):
        asked.append((user.name, page, like))
        return PageOutcome(PageKind.RECORD, "KS-2016", records=1, residual_mm=0.1)

    monkeypatch.setattr(shared_cut, "read_like", read_it)
    answer = lan.post(tried, {"like": read}).json()
    assert (answer["kind"], answer["records"], answer["kept"]) == ("record", 1, True)
    assert asked == [("lan", refused, read)]
