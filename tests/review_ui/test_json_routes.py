"""The way of a field through the JSON routes, with its pictures; nobody writes over anybody."""

import html
import io
import re
from dataclasses import replace

import pytest
from PIL import Image

from ocr_pipeline.errors import WorkspaceGoneError
from ocr_pipeline.review.accounts import Role
from ocr_pipeline.review.page_sources import waiting_pages
from ocr_pipeline.review.policies import learning_consent
from ocr_pipeline.store.audit_check import trail_faults
from ocr_pipeline.store.books import save_book
from ocr_pipeline.store.records import load_records
from tests.builders.drawn_pages import SIZE
from tests.builders.review_office import BOOK


def take(browser, **wanted):
    answer = browser.post("/api/queue/take", wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def decide(browser, item, action="correct", **said):
    said = {"value": "", "base": item["base"], **said}
    answer = browser.post(
        "/api/decide", {"decisions": [{"field": item["field"], "action": action, **said}]}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["outcomes"][0]


def shown(browser, picture):
    answer = browser.get(picture["url"])
    assert answer.status_code == 200 and answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"
    return Image.open(io.BytesIO(answer.content))


def test_a_field_comes_with_pictures_that_agree_with_its_box(office):
    browser = office.browser("an", Role.OPERATOR)
    [item] = take(browser, count=1)
    assert item["state"] == "in_review" and item["doubts"][0]["message"]["vi"]
    assert item["caption"]["vi"] and item["siblings"]
    page = shown(browser, item["page_picture"])
    assert page.size == (item["page_picture"]["width"], item["page_picture"]["height"]) == SIZE
    x, y, width, height = item["box"]
    for name in ("crop", "context"):
        picture = shown(browser, item[name])
        assert picture.size == (item[name]["width"], item[name]["height"])
    crop, context = shown(browser, item["crop"]), shown(browser, item["context"])
    assert crop.size[0] >= width and crop.size[1] >= height
    cx, cy, cw, ch = item["crop_box"]
    assert 0 <= cx and cx + cw <= context.size[0] and 0 <= cy and cy + ch <= context.size[1]
    assert shown(browser, {"url": item["page_picture"]["url"] + "?w=300"}).size[0] == 300


def test_pictures_are_for_one_person_and_for_some_hours(office, monkeypatch):
    browser, other = office.browser("an", Role.OPERATOR), office.browser("bình", Role.OPERATOR)
    [item] = take(browser, count=1)
    url = item["crop"]["url"]
    assert browser.get(url).status_code == 200
    assert other.get(url).status_code == 404
    assert office.browser().get(url).status_code == 401
    assert browser.get(url[:-2] + "xx").status_code == 404
    import itsdangerous.timed

    later = itsdangerous.timed.time.time() + 13 * 3600
    monkeypatch.setattr(itsdangerous.timed.time, "time", lambda: later)
    assert browser.get(url).status_code == 404


def test_a_picture_whose_scan_was_replaced_is_not_shown(office):
    browser = office.browser("an", Role.OPERATOR)
    for path in (office.workspace.folder.parent / "scans").iterdir():
        path.write_bytes(path.read_bytes() + b"\0")
    [item] = take(browser, count=1)
    assert item["crop"] is None and item["page_picture"] is None  # the field can still be keyed


def test_decisions_are_kept_and_taken_back(office):
    browser = office.browser("an", Role.OPERATOR)
    items = take(browser, filter={"kind": "person_name"}, count=50)
    assert len(items) == 6 and {item["kind"] for item in items} == {"person_name"}
    name = next(item for item in items if item["code"] == "nksHoTen")
    outcome = decide(browser, name, value="Nguyễn Văn Ánh", seconds=2.5, keys=9)
    assert outcome["ok"] and outcome["entry"]
    with office.workspace.read_session() as session:
        fields = {r.page: r.fields["nksHoTen"] for r in load_records(session, BOOK.id)}
    assert fields[name["page_name"]].value == "Nguyễn Văn Ánh"
    again = browser.post("/api/undo").json()["item"]
    assert again["field"] == name["field"]
    assert browser.post("/api/undo").json()["item"] is None


def test_nobody_gets_what_another_holds_and_nobody_is_written_over(office):
    an, binh = office.browser("an", Role.OPERATOR), office.browser("bình", Role.OPERATOR)
    mine, theirs = take(an, count=4), take(binh, count=50)
    assert not {item["field"] for item in mine} & {item["field"] for item in theirs}
    waiting = binh.get("/api/queue/waiting").json()
    assert waiting["leased"] == 4 and sum(waiting["by_book"].values()) == waiting["total"]
    item = mine[0]
    assert decide(an, item, "correct", value="Lý Thị Một")["ok"]
    refused = decide(binh, item, "correct", value="Lý Thị Hai")
    assert not refused["ok"]
    assert refused["conflict"]["user"] == "an" and refused["conflict"]["value"] == "Lý Thị Một"
    answered = {**item, "base": refused["conflict"]["entry"]}
    assert decide(binh, answered, "correct", value="Lý Thị Hai")["ok"]


def test_leases_end_and_can_be_renewed_and_given_back(office):
    an, binh = office.browser("an", Role.OPERATOR), office.browser("bình", Role.OPERATOR)
    fields = [item["field"] for item in take(an, count=100)]
    assert fields and not take(binh, count=5)
    office.clock.forward(minutes=8)
    assert an.post("/api/queue/renew", {"fields": fields}).status_code == 204
    assert not take(binh, count=5)
    office.clock.forward(minutes=8)
    assert not take(binh, count=5)
    assert an.post("/api/queue/release", {"fields": fields[:2]}).status_code == 204
    assert {item["field"] for item in take(binh, count=5)} == set(fields[:2])
    office.clock.forward(minutes=11)
    assert len(take(binh, count=100)) == len(fields)


def test_groups_hold_fields_read_alike(office):
    browser = office.browser("an", Role.OPERATOR)
    groups = browser.get("/api/groups?kind=person_name").json()["groups"]
    assert groups[0]["value"] == "Võ Quốc Khánh" and groups[0]["count"] == 3
    taken = browser.post(
        "/api/groups/take", {"kind": "person_name", "value": "Võ Quốc Khánh"}
    ).json()["items"]
    assert {item["code"] for item in taken} == {"nguoiKy"}
    decisions = [
        {"field": item["field"], "action": "confirm", "value": item["value"], "base": item["base"]}
        for item in taken
    ]
    outcomes = browser.post("/api/decide", {"decisions": decisions}).json()["outcomes"]
    assert all(outcome["ok"] for outcome in outcomes)
    assert not browser.get("/api/groups?kind=person_name").json()["groups"]


def test_values_are_checked_while_they_are_typed_and_nothing_is_kept(office):
    browser = office.browser("an", Role.OPERATOR)
    item = take(browser, filter={"kind": "date"}, count=1)[0]
    told = browser.post("/api/check", {"field": item["field"], "value": "12022016"}).json()
    assert told["value"] == "12.02.2016"
    names = browser.get("/api/suggest?kind=person_name&q=nguyen&book=" + BOOK.id).json()
    assert names["suggestions"][0]["value"].startswith("Nguyễn")
    assert browser.get(f"/api/fields/{item['field']}").json()["value"] == item["value"]


def test_a_record_is_shown_whole_and_the_view_is_logged(office):
    browser, admin = office.browser("an", Role.OPERATOR), office.browser("quản-trị")
    record = browser.get("/api/records/1").json()
    codes = [field["code"] for field in record["fields"]]
    assert codes[0] == "so" and len(codes) == 7
    assert shown(browser, record["picture"]).size == SIZE
    assert shown(browser, record["fields"][3]["crop"])
    assert record["previous"] is None
    after = browser.get(f"/api/records/{record['next']}").json()
    assert after["previous"] == record["record"]
    trail = admin.get("/people/an/trail")
    assert trail.headers["content-type"].startswith("application/x-ndjson")
    assert "viewed" in trail.text and "attachment" in trail.headers["content-disposition"]


def test_a_refused_page_is_shown_as_it_was_scanned(office):
    browser = office.browser("chi", Role.REVIEWER)
    pages = browser.get("/api/pages/1").json()["pages"]
    refused = next(page["page"] for page in pages if page["kind"] == "refused")
    page = browser.get(f"/api/pages/{refused}").json()
    assert page["cause"]["vi"] == "Không biểu mẫu nào khớp" and page["records"] == []
    assert shown(browser, page["scan"]).size == SIZE
    aside = browser.post(f"/api/pages/{refused}/aside", {"reason": "cover"})
    assert aside.status_code == 200 and aside.json()["kind"] == "aside"
    assert aside.json()["decisions"][0]["user"] == "chi"
    operator = office.browser("an", Role.OPERATOR)
    assert operator.post(f"/api/pages/{refused}/restore").status_code == 403


def test_pages_without_a_record_are_seen_at_a_glance_and_called_back(office):
    browser, operator = office.browser("chi", Role.REVIEWER), office.browser("an", Role.OPERATOR)
    sheet = f"/book/{BOOK.id}/no-record"
    assert "không có trang nào như vậy" in operator.get(sheet).text
    pages = browser.get("/api/pages/1").json()["pages"]
    refused = next(page for page in pages if page["kind"] == "refused")
    address = f"/api/pages/{refused['page']}"
    assert browser.post(f"{address}/call-back").status_code == 400  # it waits already
    browser.post(f"{address}/aside", {"reason": "blank"})
    assert sheet in browser.get(f"/book/{BOOK.id}").text
    seen = operator.get(sheet).text
    assert refused["name"] in seen and f'href="/page/{refused["page"]}"' in seen
    [picture] = re.findall(r'<img src="(/pictures/[^"]+)"', seen)
    assert shown(operator, {"url": html.unescape(picture)}).size[0] == 320
    assert operator.post(f"{address}/call-back").status_code == 403
    back = browser.post(f"{address}/call-back").json()
    assert back["kind"] == "refused" and back["decisions"][0]["kind"] == "record"
    assert refused["name"] not in operator.get(sheet).text
    assert operator.get("/book/none/no-record").status_code == 404


def test_forms_are_listed_with_their_outlines(office):
    browser = office.browser("chi", Role.REVIEWER)
    told = browser.get("/api/layouts?type=KS").json()
    assert {form["type"] for form in told["layouts"]} == {"KS"} and told["reasons"]
    outline = browser.get(told["layouts"][0]["outline"])
    assert Image.open(io.BytesIO(outline.content)).format == "PNG"
    assert browser.get("/api/layouts/none/outline").status_code == 404


def test_learning_from_corrections_is_off_until_somebody_allows_it(office):
    admin, reviewer = office.browser("quan"), office.browser("binh", Role.REVIEWER)
    assert "Không cho phép." in admin.get("/policies").text
    assert reviewer.form("/policies/learning", given="true").status_code == 403
    assert not learning_consent(office.workspace).given
    assert admin.form("/policies/learning", given="true").status_code == 303
    page = admin.get("/policies").text
    assert "Đang cho phép." in page and "Người đặt: quan, " in page
    assert learning_consent(office.workspace).user == "quan"
    assert admin.get("/api/policies").json()["policies"] == []  # it is no policy of review
    assert admin.form("/policies/learning", given="true").status_code == 303  # twice is once
    assert admin.form("/policies/learning", given="false").status_code == 303
    trail = admin.get("/audit").text
    assert trail.count("Cho phép học từ các giá trị đã sửa") == 1
    assert not learning_consent(office.workspace).given
    with office.workspace.read_session() as session:
        assert list(trail_faults(session)) == []


def test_policies_and_figures(office):
    admin, an = office.browser("quản-trị"), office.browser("an", Role.OPERATOR)
    policy = {"book": BOOK.id, "kind": "person_name", "mode": "double", "sample": 0.5}
    told = admin.send("PUT", "/api/policies", json={"policies": [policy]})
    assert told.status_code == 200, told.text
    assert told.json()["policies"][0]["mode"] == "double"
    assert admin.form("/policies", mode="single", sample="5", kind="date").status_code == 303
    assert admin.form("/policies", mode="single", sample="5", threshold="x").status_code == 400
    assert "5" in admin.get("/policies").text
    item = take(an, filter={"kind": "sex"}, count=1)[0]
    assert decide(an, item, "confirm", value=item["value"], seconds=2.0, keys=1)["ok"]
    day = office.clock.now.date()
    figures = admin.get(f"/api/dashboard?since={day}&until={day}").json()
    assert figures["people"][0] == {
        "user": "an",
        "decisions": 1,
        "seconds_median": 2.0,
        "per_hour": 1800.0,
    }
    assert figures["effort"][0] == {
        "kind": "", "needless": 1, "corrected": 0, "keys": 1, "seconds": 2.0,
    }  # fmt: skip
    assert figures["evidence"]["needed"] == 598 and figures["accuracy"] == []
    page = admin.get("/dashboard").text
    assert page.count("<svg") >= 3 and "an" in page
    assert ">2,0 – 2,0</text>" in page and '<td class="number">1,0</td>' in page
    assert not re.search(
        r"[> ]\d+\.\d+( –| %|</td>)", page
    )  # a Vietnamese reader's comma everywhere
    admin.client.cookies.set("lang", "en", domain="127.0.0.1")
    assert ">2.0 – 2.0</text>" in admin.get("/dashboard").text
    admin.client.cookies.delete("lang")
    assert "598 trường mẫu" in page and "Xác nhận không cần thiết" in page
    assert "598 trường mẫu" in admin.get(f"/book/{BOOK.id}").text
    before = admin.get("/api/dashboard?since=2020-01-01&until=2020-01-02").json()
    assert before["people"] == []


def test_a_long_id_goes_on_in_the_next_line_between_its_parts(office):
    an = office.browser("an", Role.ADMIN)
    for path in ("/", "/order", "/dashboard"):
        page = an.get(path).text
        assert ">xalocthuan_<wbr>hbd_<wbr>tbt<wbr>.KS.2016.01</a>" in page, path


def test_a_book_is_approved_by_somebody_else_when_nothing_is_open(office):
    an, approver = office.browser("an", Role.OPERATOR), office.browser("dung", Role.APPROVER)
    open_book = approver.get(f"/api/books/{BOOK.id}").json()
    assert open_book["state"] == "open" and open_book["obstacles"] and open_book["refused"] == 1
    refused = approver.post(f"/api/books/{BOOK.id}/approve")
    assert refused.status_code in (400, 409) and refused.json()["error"]["vi"]
    page = approver.get(f"/book/{BOOK.id}").text
    assert open_book["obstacles"][0]["message"]["vi"].split(":")[0] in page
    assert an.post(f"/api/books/{BOOK.id}/approve").status_code == 403
    assert approver.get("/api/books/none").status_code == 404


@pytest.mark.parametrize("address", ["/", "/review", "/record/1", f"/book/{BOOK.id}"])
def test_pages_for_people_are_served(office, address):
    answer = office.browser("an", Role.OPERATOR).get(address)
    assert answer.status_code == 200 and "<main" in answer.text


def test_the_parts_of_a_book_are_served_and_not_read_from_its_id(office):
    with office.workspace.transaction() as session:
        save_book(session, replace(BOOK, year_opened=1985))  # its id goes on saying 2016
    browser = office.browser("an", Role.OPERATOR)
    fields = browser.get("/api/records/1").json()["fields"]
    years = {field["kind"]: field["years"] for field in fields}
    assert years["date"] == {"first": 1800, "last": 2099, "newest": 1988}
    assert years["person_name"] is None
    page = browser.get("/api/pages/1").json()
    assert (page["book"], page["type"]) == (BOOK.id, "KS")


def test_a_workspace_that_vanished_is_told_and_nothing_is_written_back(office):
    browser = office.browser("an", Role.OPERATOR)
    [item] = take(browser, count=1)
    [waiting, *_] = waiting_pages(office.workspace)
    folder = office.workspace.folder
    away = folder.rename(folder.with_name("elsewhere"))
    said = {"field": item["field"], "action": "correct", "value": "x", "base": item["base"]}
    for answer in (
        browser.post("/api/decide", {"decisions": [said]}),
        browser.post("/api/queue/take", {"count": 1}),
        browser.get(item["crop"]["url"]),
        browser.get("/"),
    ):
        assert answer.status_code == 503 and "không còn ở chỗ cũ" in html.unescape(answer.text)
    pictures = office.app.state.station.pictures
    with pytest.raises(WorkspaceGoneError):
        pictures.page(waiting)
    assert not folder.exists()
    away.rename(folder)
    outcome = decide(browser, item, action="confirm", value=item["value"])
    assert outcome["ok"], outcome
    assert shown(browser, item["crop"])


def test_the_sheet_of_all_pages_has_deeds_for_those_who_may_and_only_then(office):
    chi, an = office.browser("chi", Role.REVIEWER), office.browser("an", Role.OPERATOR)
    pages = [one["page"] for one in chi.get("/api/pages/1").json()["pages"]]
    text = chi.get(f"/book/{BOOK.id}/pages").text
    assert all(f'data-page="{page}"' in text for page in pages)
    assert text.count("data-src=") == len(pages) and 'id="deeds"' in text
    assert 'id="deeds"' not in an.get(f"/book/{BOOK.id}/pages").text
    before = chi.get(f"/api/books/{BOOK.id}").json()["pages_in_order"]
    assert chi.post(f"/api/books/{BOOK.id}/order", {"order": "reversed"}).status_code == 204
    after = chi.get(f"/api/books/{BOOK.id}").json()["pages_in_order"]
    assert [one["page"] for one in after] == [one["page"] for one in reversed(before)]
    assert chi.post(f"/api/books/{BOOK.id}/order", {"order": "sideways"}).status_code == 422
    answer = chi.post("/api/pages/place", {"pages": pages[1:3], "after": 0})
    assert answer.status_code == 204, answer.text
    first = chi.get(f"/api/books/{BOOK.id}").json()["pages_in_order"]
    assert [one["page"] for one in first][:2] == pages[1:3]
    aside = {"pages": pages[:1], "reason": "cover"}
    assert chi.post("/api/pages/aside", aside).status_code == 204
    assert chi.get(f"/api/pages/{pages[0]}").json()["kind"] == "aside"
    assert chi.post("/api/pages/aside", {**aside, "pages": list(range(1, 502))}).status_code == 422
