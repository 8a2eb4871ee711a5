"""A field that is to be keyed blind shows its value on no route, to nobody who may key it."""

import re
import time

import pytest
import xlrd

from ocr_pipeline.errors import Text
from ocr_pipeline.export.faults import fault
from ocr_pipeline.registers.fields import Box, Candidate, Doubt, Severity, State
from ocr_pipeline.review import approval
from ocr_pipeline.review.accounts import Role
from ocr_pipeline.review.hidden_values import MASK
from ocr_pipeline.store.books import save_book
from ocr_pipeline.store.models import FieldRow, PageRow, RecordRow
from ocr_pipeline.store.policies import ReviewMode, ReviewPolicy, save_policy
from ocr_pipeline.store.records import replace_records
from ocr_pipeline.store.states import Lane
from review_ui.access import access_table
from tests.builders.drawn_pages import UNSURE
from tests.builders.long_cases import long_after
from tests.builders.records import make_field, make_record
from tests.builders.review_office import BOOK, NOW

NAME, NUMBER = "Zyrqaven Thị Wuxep", "739146/2016"
PLACE = "thôn Jofwuq, xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre"
SECRETS = {"meHoTen": NAME, "so": NUMBER, "nksNoiSinh": PLACE}
#: What occurs of them nowhere else, in whatever way it is written.
TRACES = re.compile("zyrqaven|wuxep|739146|jofwuq", re.IGNORECASE)
ROUTES = sorted(name for name in access_table() if name.startswith("GET "))
SAMPLERS = [
    Role.REVIEWER,
    *(pytest.param(role, marks=pytest.mark.long) for role in (Role.APPROVER, Role.ADMIN)),
]


@pytest.fixture(params=long_after(1, [Lane.SAMPLE, Lane.SECOND]))
def lane(request):
    return request.param


@pytest.fixture
def walked(office, lane):
    """A record with three fields to be keyed blind; a doubt on another one quotes two of them."""
    quoting = Doubt(
        "quoting",
        Severity.HARD,
        Text(f"Người đi khai khác mẹ ({NAME}), số {NUMBER}", f"Not the mother ({NAME}), {NUMBER}"),
    )
    values = {
        **SECRETS,
        "ngayDangKy": "05.03.2016",
        "nksHoTen": "Trần Văn An",
        "chaHoTen": "Trần Văn Đào",
        "nycHoTen": "Lê Thị Mai",
        "nycQuanHe": "Bà",
        "nguoiKy": "Võ Quốc Khánh",
    }
    fields = [
        make_field(
            code, value, State.IN_REVIEW if code.startswith("nyc") else State.ACCEPTED,
            0.5 if code.startswith("nyc") else 0.9999,
            n_best=(Candidate(value, value, 0.9), Candidate(f"{value}x", f"{value}x", 0.1)),
            doubts={"nycHoTen": (quoting,), "nycQuanHe": (UNSURE,)}.get(code, ()),
            box=Box(60, 80 + 60 * place, 400, 40),
        )
        for place, (code, value) in enumerate(values.items())
    ]  # fmt: skip
    with office.workspace.transaction() as session:
        save_book(session, BOOK)
        mode = ReviewMode.DOUBLE if lane is Lane.SECOND else ReviewMode.SINGLE
        for kind in ("person_name", "number_year", "place"):
            save_policy(
                session, ReviewPolicy(BOOK.id, kind, mode, float(lane is Lane.SAMPLE)), "quan", NOW
            )
        page = session.query(PageRow).filter_by(kind="record").order_by(PageRow.ordinal).first()
        replace_records(session, BOOK.id, [make_record(page.name, fields)])
        session.flush()
        office.record = session.query(RecordRow).one().id
        office.fields = {row.code: row.id for row in session.query(FieldRow)}
        office.page = page.id
    if lane is Lane.SECOND:
        first = office.browser("binh", Role.OPERATOR)
        sent = [{"field": office.fields[code], "action": "confirm", "value": value, "lane": None}
                for code, value in SECRETS.items()]  # fmt: skip
        kept = first.post("/api/decide", {"decisions": sent}).json()["outcomes"]
        assert all(one["ok"] for one in kept), kept
    assert {lanes(office)[code] for code in SECRETS} == {lane.value}
    return office


def lanes(office):
    with office.workspace.read_session() as session:
        return {row.code: row.lane for row in session.query(FieldRow)}


def addresses(office, name):
    """The route with what is there, once for each field; and what people ask of it."""
    path = name.split(" ")[1]
    places = {
        "book": BOOK.id, "name": "nobody", "record": str(office.record), "page": str(office.page),
        "layout": "KS-2016", "token": "forged", "form": "draft", "run": "1",
        "batch": "0" * 32, "sketch": "0123456789ab", "revision": "0", "number": "0",
        "reconciliation": "0" * 12, "side": "after",
    }  # fmt: skip
    for field in office.fields.values() if "{field}" in path else [0]:
        own = {**places, "field": str(field)}
        yield re.sub(r"\{(\w+)\}", lambda found, own=own: own[found[1]], path)
    if path == "/api/suggest":
        for kind, typed in (("person_name", "z"), ("place", "thon j"), ("number_year", "7")):
            for more in ("", *(f"&field={field}" for field in office.fields.values())):
                yield f"{path}?kind={kind}&q={typed}&book={BOOK.id}&count=50{more}"
    if path == "/api/search":
        yield f"{path}?q=tran+an"
        yield f"{path}?q=trang+1&book={BOOK.id}"


def prepared(office, browser, lane):
    """Somebody has taken the doubts, decided one field and corrected another."""
    taken = browser.post("/api/queue/take", {"filter": {"lane": "doubt"}, "count": 50})
    blind = browser.post("/api/queue/take", {"filter": {"lane": lane.value}, "count": 50})
    held = {item["code"]: item for item in taken.json()["items"]}
    assert set(held) == {"nycHoTen", "nycQuanHe"}
    decided = browser.post("/api/decide", {"decisions": [
        {"field": held["nycQuanHe"]["field"], "action": "correct", "value": "Ông", "lane": "doubt",
         "base": held["nycQuanHe"]["base"]},
    ], "offers_for": [office.fields[code] for code in (*SECRETS, "nycHoTen")]})  # fmt: skip
    [outcome] = decided.json()["outcomes"]
    assert [one["field"] for one in decided.json()["offers"]] == [office.fields["nycHoTen"]]
    assert outcome["ok"] and outcome["record"], outcome
    assert {lanes(office)[code] for code in SECRETS} == {lane.value}, "judged again, still blind"
    checked = browser.post("/api/check", {"field": held["nycHoTen"]["field"], "value": "Lê Mai"})
    assert browser.send("POST", f"/packages/{BOOK.id}", data={"form": "draft"}).status_code == 303
    return [taken, blind, decided, checked]


def draft_of(browser):
    """Cells of the draft that was just asked for."""
    for _ in range(400):
        state = browser.get(f"/api/packages/{BOOK.id}").json()["draft"]
        if not state["making"]:
            break
        time.sleep(0.02)
    [file] = [one["name"] for one in state["kept"]["files"] if one["name"].endswith(".xls")]
    data = browser.get(f"/packages/{BOOK.id}/draft/{file}").content
    sheets = xlrd.open_workbook(file_contents=data).sheets()
    return " ".join(str(cell) for sheet in sheets for row in sheet.get_rows() for cell in row)


@pytest.mark.parametrize("role", SAMPLERS)
def test_no_route_tells_it_to_who_may_key_it(walked, lane, role):
    browser = walked.browser("xem", role)
    answers = {f"{at}": one.text for at, one in enumerate(prepared(walked, browser, lane))}
    answers["draft"] = draft_of(browser)
    assert "chưa nhập" in answers["draft"] and "05.03.2016" in answers["draft"]
    for name in ROUTES:
        for address in addresses(walked, name):
            answer = browser.get(address)
            assert answer.status_code < 500
            answers[address] = answer.text
    answers["undo"] = browser.post("/api/undo").text
    told = {
        address: found[0] for address, text in answers.items() if (found := TRACES.search(text))
    }
    assert told == {}
    assert MASK in answers[f"/api/records/{walked.record}"], "the doubt is told, without the values"
    assert len(answers) > len(ROUTES)


def test_who_keys_no_samples_sees_them_as_all_accepted_values(walked, lane):
    if lane is not Lane.SAMPLE:
        pytest.skip("what is keyed twice is hidden from everybody")
    browser = walked.browser("an", Role.OPERATOR)
    shown = browser.get(f"/api/records/{walked.record}").text
    assert all(value in shown for value in SECRETS.values())
    assert NAME in browser.get(f"/api/records/{walked.record}/history").text
    assert NUMBER in browser.get(f"/book/{BOOK.id}/pages").text
    suggest = f"/api/suggest?kind=person_name&q=zyr&book={BOOK.id}"
    assert NAME in browser.get(suggest).text
    doubt = browser.get(f"/api/fields/{walked.fields['nycHoTen']}").text
    assert NAME in doubt and MASK not in doubt


def test_it_is_shown_to_everybody_once_it_is_keyed(walked, lane):
    if lane is not Lane.SAMPLE:
        pytest.skip("a second keying may differ from the first")
    browser = walked.browser("xem", Role.REVIEWER)
    taken = browser.post("/api/queue/take", {"filter": {"lane": "sample"}, "count": 9}).json()
    item = next(one for one in taken["items"] if one["code"] == "meHoTen")
    sent = {"field": item["field"], "action": "correct", "value": NAME, "lane": "sample"}
    [outcome] = browser.post("/api/decide", {"decisions": [sent]}).json()["outcomes"]
    assert outcome["ok"]
    shown = {one["code"]: one for one in
             browser.get(f"/api/records/{walked.record}").json()["fields"]}  # fmt: skip
    assert (shown["meHoTen"]["value"], shown["meHoTen"]["blind"]) == (NAME, False)
    assert (shown["so"]["value"], shown["so"]["blind"]) == ("", True)


def test_a_file_name_in_an_obstacle_does_not_tell_a_hidden_number(walked, lane, monkeypatch):
    [place] = [f"{row['name']} (1)" for row in pages_of(walked) if row["records"]]
    same = fault("same_file_name", place, column="so", first="2.jpg (1)",
                 text="KS.2016.01.2016-03-05.739146.pdf")  # fmt: skip
    monkeypatch.setattr(approval, "_faults", lambda data, quick: [same])
    told = walked.browser("xem", Role.APPROVER).get(f"/api/books/{BOOK.id}").text
    assert MASK in told and "2.jpg (1)" in told and not TRACES.search(told)


def pages_of(office):
    book = office.browser("quan", Role.ADMIN).get(f"/api/books/{BOOK.id}").json()
    return book["pages_in_order"]
