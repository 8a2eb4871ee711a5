"""A book's print learned over HTTP: begun, shown, thrown away, confirmed, taken back."""

import pytest

from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.layout.adaptation_check import CheckedField
from ocr_pipeline.processing.book_adaptation import LearntPrint
from ocr_pipeline.processing.book_print import book_print
from ocr_pipeline.processing.page import PageResult
from ocr_pipeline.resources import shipped
from ocr_pipeline.review import audit
from ocr_pipeline.review.accounts import Role
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.states import PageKind
from tests.builders.review_office import BOOK

ADDRESS = f"/api/books/{BOOK.id}/print"
FIELDS = (
    CheckedField("nksHoTen", 4.2, 0.0, 0.3, True),
    CheckedField("ghiChu", 1.0, 0.0, 0.0, False),
)


class Machine:
    """Stands in for the processes that learn and read; fails when told so."""

    def __init__(self):
        self.jobs, self.read = [], []
        self.fault = None

    def learn(self, job):
        self.jobs.append(job)
        if self.fault:
            raise self.fault
        folder = shipped("layouts") / "KS" / "2016"
        text, picture = (
            (folder / "layout.yaml").read_text("utf-8"),
            (folder / "reference.png").read_bytes(),
        )
        return LearntPrint(
            "KS-2016", text, picture, b"\xff\xd8before", b"\xff\xd8after", 8, 1, 8, 7, True, FIELDS,
            ("Ghi chú:",), ("Họ và tên:",),
        )  # fmt: skip

    def read_page(self, job):
        self.read.append(job)
        return PageResult(PageKind.REFUSED, layout="KS-2016", cause=Text("khác", "other"))


@pytest.fixture
def machine(office):
    prints, machine = office.app.state.station.prints, Machine()
    prints._learn, prints._read = machine.learn, machine.read_page
    prints._work.calls = Here()
    return machine


class Here:
    """Calls in this process."""

    def do(self, work, job, *_):
        return work(job)

    def close(self):
        pass


def shown(browser):
    return browser.get(ADDRESS).json()


def learn(office, browser):
    assert browser.post(f"{ADDRESS}/learn").status_code == 200
    office.app.state.station.prints.wait()
    return shown(browser)["draft"]


def test_a_print_is_shown_thrown_away_confirmed_and_taken_back(office, machine):
    chi = office.browser("chi", Role.OPERATOR)
    workspace = office.workspace.folder
    assert chi.get(f"/book/{BOOK.id}/print").status_code == 200
    assert shown(chi)["draft"] is None and shown(chi)["version"] == 0
    draft = learn(office, chi)
    assert (draft["state"], draft["accepted"], draft["checked"]) == ("ready", 7, 8)
    assert [(one["code"], one["moved_mm"]) for one in draft["fields"]][0] == ("nksHoTen", 4.2)
    assert chi.get(f"{ADDRESS}/picture/after").content.endswith(b"after")
    assert machine.jobs[0].type == "KS" and machine.jobs[0].refs
    assert book_print(workspace, BOOK.id) is None, "nothing counts before it is confirmed"
    assert chi.post(f"{ADDRESS}/discard").json()["draft"] is None
    assert chi.get(f"{ADDRESS}/picture/after").status_code == 404
    assert chi.post(f"{ADDRESS}/keep").status_code == 409
    learn(office, chi)
    assert chi.post(f"{ADDRESS}/keep").json()["version"] == 1
    office.app.state.station.prints.wait()
    assert book_print(workspace, BOOK.id).version == 1
    rereading = shown(chi)["rereading"]
    assert rereading["is_finished"] and not rereading["failed"]
    assert rereading["done"] == rereading["pages"] == len(machine.read) > 0
    assert all(job.book_print.version == 1 for job in machine.read)
    assert chi.post(f"{ADDRESS}/forget").json()["version"] == 0
    office.app.state.station.prints.wait()
    assert book_print(workspace, BOOK.id) is None
    assert chi.post(f"{ADDRESS}/forget").status_code == 400
    trail = [one["action"] for one in audit.recent(office.workspace)]
    assert trail.count("print_learnt") == trail.count("print_forgotten") == 1


def test_what_cannot_be_learned_is_told_and_a_killed_station_goes_on(office, machine):
    chi = office.browser("chi", Role.OPERATOR)
    remedy = Text("chọn thêm trang", "choose more pages")
    machine.fault = BadInputError(Text("ít trang quá", "too few pages"), remedy=remedy)
    draft = learn(office, chi)
    assert draft["state"] == "failed" and draft["remedy"]["en"] == "choose more pages"
    machine.fault = None
    prints = office.app.state.station.prints
    work = prints._work
    work.begin, begin = (lambda *_: None), work.begin
    chi.post(f"{ADDRESS}/learn")  # the station is killed here
    work.begin = begin
    assert shown(chi)["draft"]["state"] == "learning"
    prints.wait()
    assert shown(chi)["draft"]["state"] == "ready"


def test_the_screen_of_forms_leads_to_the_books_that_were_refused_alike(office):
    chi = office.browser("chi", Role.OPERATOR)
    link = f'href="/book/{BOOK.id}/print"'
    assert link not in chi.get("/layouts").text, "one refused page says nothing"
    with office.workspace.transaction() as session:
        for page in book_pages(session, BOOK.id):
            page.kind, page.layout = PageKind.REFUSED.value, "KS-2016"
    shown = chi.get("/layouts").text
    assert link in shown and "KS-2016" in shown
