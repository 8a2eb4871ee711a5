"""A form taught over HTTP: begun by a page or a file, kept, undone, taken over, tried, saved."""

import pytest

from ocr_pipeline.layout.form_sketch import FormSketch
from ocr_pipeline.processing.office_layouts import office_layouts
from ocr_pipeline.review import audit
from ocr_pipeline.review.accounts import Role
from ocr_pipeline.review.sketch_files import SketchFolder
from tests.builders.drawn_pages import drawn
from tests.builders.prepared_sketches import prepared_once
from tests.builders.review_office import BOOK

FORM = drawn("mẫu lạ")
FIELD = {"key": "f1", "code": "nksHoTen", "kind": "person_name", "lines": [[40, 50, 90, 8]]}
CAPTION = {"key": "c1", "text": "Họ và tên:", "box": [15, 52, 22, 5]}


@pytest.fixture
def chi(office):
    office.app.state.station.uploads._free = lambda _: 10**15
    office.app.state.station.sketches._prepare = prepared_once
    return office.browser("chi", Role.OPERATOR)


def page_id(browser, kind="refused"):
    pages = browser.get(f"/api/books/{BOOK.id}").json()["pages_in_order"]
    return next(one["page"] for one in pages if one["kind"] == kind)


def begun(office, browser, **wanted):
    """A sketch whose picture is there."""
    answer = browser.post("/api/sketches", {"page": page_id(office.browser("kế")), **wanted})
    assert answer.status_code == 200, answer.text
    office.app.state.station.sketches.wait()
    return answer.json()["id"]


def shown(browser, sketch):
    return browser.get(f"/api/sketches/{sketch}").json()


def put(browser, sketch, revision, **values):
    content = {**shown(browser, sketch)["content"], **values}
    body = {"revision": revision, "content": content}
    return browser.send("PUT", f"/api/sketches/{sketch}", json=body)


def changed(browser, sketch, **values):
    """The revision after a change of what is kept."""
    return put(browser, sketch, shown(browser, sketch)["revision"], **values).json()["revision"]


def save(browser, sketch, revision):
    return browser.post(f"/api/sketches/{sketch}/save", {"revision": revision})


def send(browser, sketch, data=FORM, name="tờ.jpg"):
    headers = {"x-csrf": browser.csrf, "content-type": "application/octet-stream"}
    return browser.client.put(
        f"/api/uploads/form/{sketch}?name={name}", content=data, headers=headers
    )


@pytest.mark.long
def test_a_page_of_a_book_begins_a_sketch_with_its_picture(office, chi):
    sketch = begun(office, chi)
    found = shown(chi, sketch)
    assert found["state"] == "ready" and found["mine"], found
    assert (found["content"]["type"], found["book"]) == ("KS", BOOK.id)
    assert chi.get(found["picture"]).content.startswith(b"\xff\xd8")
    [row] = chi.get("/api/sketches").json()["sketches"]
    assert (row["id"], row["begun_by"], row["version"]) == (sketch, "chi", 0)
    assert "sketch_begun" in {line["action"] for line in audit.recent(office.workspace)}


@pytest.mark.long
def test_files_that_are_sent_begin_one_and_what_is_no_scan_does_not(office, chi):
    new = {"type": "KT", "era": "1976", "title": "Sổ tử cũ"}
    sketch = chi.post("/api/sketches", new).json()["id"]
    assert shown(chi, sketch)["state"] == "waiting"
    assert chi.post(f"/api/sketches/{sketch}/look").status_code == 400, "there is no scan"
    assert send(chi, sketch, bytes(500)).status_code == 400
    assert send(chi, sketch, FORM[:3000]).status_code == 400
    assert shown(chi, sketch)["scans"] == []
    assert (
        send(chi, sketch).status_code == 200 and send(chi, sketch, name="b.jpg").status_code == 200
    )
    assert shown(chi, sketch)["scans"] == ["tờ.jpg", "b.jpg"]
    chi.post(f"/api/sketches/{sketch}/look", {"turn": 90})
    office.app.state.station.sketches.wait()
    found = shown(chi, sketch)
    assert (found["state"], found["turn"]) == ("ready", 90) and found["picture"]
    assert found["content"]["page"]["width"] > found["content"]["page"]["height"]


def test_a_change_is_kept_at_once_and_an_older_one_overwrites_nothing(office, chi):
    sketch = begun(office, chi)
    first = shown(chi, sketch)["revision"]
    kept = put(chi, sketch, first, fields=[FIELD])
    assert kept.json() == {"revision": first + 1}
    assert put(chi, sketch, first, fields=[FIELD]).json() == kept.json(), "an answer got lost"
    stale = put(chi, sketch, first, fields=[])
    assert stale.status_code == 409 and "Tải lại" in stale.json()["remedy"]["vi"]
    assert shown(chi, sketch)["content"]["fields"][0]["code"] == "nksHoTen"
    former = chi.get(f"/api/sketches/{sketch}/revisions/{first}").json()
    assert former["fields"] != shown(chi, sketch)["content"]["fields"]
    assert chi.get(f"/api/sketches/{sketch}/revisions/{first + 9}").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"fields": [{**FIELD, "code": "x; DROP"}]},
        {"fields": [{**FIELD, "lines": [[1, 2, 3]]}]},
        {"fields": [{**FIELD, "lines": [[float("1e9"), 2, 3, 4]]}]},
        {"captions": [{**CAPTION, "key": "../x"}]},
        {"page": {"width": 0, "height": 10}},
        {"offsets": []},
        {"fields": [FIELD] * 601},
    ],
)
def test_what_breaks_the_shape_of_a_sketch_is_refused(office, chi, wrong):
    sketch = begun(office, chi)
    before = shown(chi, sketch)
    assert put(chi, sketch, before["revision"], **wrong).status_code == 422
    assert shown(chi, sketch)["revision"] == before["revision"]


def test_one_person_at_a_time_until_ten_minutes_or_somebody_takes_it(office, chi):
    sketch = begun(office, chi)
    hoa = office.browser("hoa", Role.REVIEWER)
    revision = shown(hoa, sketch)["revision"]
    assert not shown(hoa, sketch)["mine"]
    refused = put(hoa, sketch, revision, fields=[FIELD])
    assert refused.status_code == 409 and "chi" in refused.json()["error"]["vi"]
    assert hoa.post(f"/api/sketches/{sketch}/discard").status_code == 409
    assert hoa.post(f"/api/sketches/{sketch}/take").json()["mine"]
    assert put(hoa, sketch, revision, fields=[FIELD]).status_code == 200
    assert put(chi, sketch, revision + 1, fields=[]).status_code == 409
    office.clock.forward(minutes=11)
    assert put(chi, sketch, revision + 1, fields=[]).status_code == 200
    taken = [one for one in audit.recent(office.workspace) if one["action"] == "sketch_taken"]
    assert [one["user"] for one in taken] == ["hoa"]


@pytest.mark.long
def test_what_the_machine_was_doing_goes_on_after_the_station_was_killed(office, chi):
    sketch = begun(office, chi)
    folder = SketchFolder(office.workspace.folder, sketch)
    folder.store(folder.load().changed_to(state="proposing"))
    folder.picture.unlink()
    assert shown(chi, sketch)["state"] == "proposing"
    office.app.state.station.sketches.wait()
    assert shown(chi, sketch)["state"] == "ready" and folder.picture.is_file()


def test_a_scan_that_is_gone_is_told_and_the_sketch_can_be_thrown_away(office, chi):
    scan = next((office.workspace.folder.parent / "scans").glob("*4.jpg"))
    data = scan.read_bytes()
    scan.unlink()
    sketch = begun(office, chi)
    found = shown(chi, sketch)
    assert found["state"] == "failed" and found["cause"]["vi"]
    assert chi.post(f"/api/sketches/{sketch}/trial").status_code == 409
    scan.write_bytes(data)
    assert chi.post(f"/api/sketches/{sketch}/discard").status_code == 204
    assert shown(chi, sketch)["error"]["vi"]
    assert not SketchFolder(office.workspace.folder, sketch).path.exists()


def test_the_checklist_leads_to_its_places(office, chi):
    sketch = begun(office, chi)
    twin = {**FIELD, "key": "f2", "lines": [[41, 50, 90, 8]]}
    bare = {**FIELD, "key": "f3", "code": "", "kind": None, "lines": [[40, 90, 50, 8]]}
    over = {**FIELD, "key": "f4", "code": "nksDanToc", "kind": "ethnic_group"}
    things = [FIELD, twin, bare, over]
    changed(chi, sketch, fields=things, captions=[{**CAPTION, "text": ""}], rules=[])
    told = chi.get(f"/api/sketches/{sketch}/checklist").json()["remarks"]
    by_rule = {one["rule"]: one for one in reversed(told)}
    assert by_rule["twice"]["keys"] == ["f1", "f2"] and by_rule["overlap"]["place"] == [40, 50]
    assert by_rule["incomplete"]["keys"] == ["f3"] and by_rule["no_words"]["keys"] == ["c1"]
    assert by_rule["anchors"]["serious"]
    assert "ngayDangKy" in by_rule["column"]["codes"]
    assert "nksHoTen" not in by_rule["column"]["codes"]
    assert [one["serious"] for one in told] == sorted(
        (one["serious"] for one in told), reverse=True
    )


def test_a_sketch_is_saved_as_a_layout_with_versions_and_a_line_in_the_trail(office, chi):
    sketch = begun(office, chi, era="1976 Hà Bắc")
    revision = shown(chi, sketch)["revision"]
    empty = save(chi, sketch, revision)
    assert empty.status_code == 400 and "trường" in empty.json()["error"]["vi"]
    bare = {"key": "f9", "lines": [[40, 90, 50, 8]]}
    revision = changed(chi, sketch, fields=[FIELD, bare], captions=[CAPTION])
    assert save(chi, sketch, 0).status_code == 409
    saved = save(chi, sketch, revision).json()
    assert saved == {"layout": "KS-1976-Ha-Bac", "version": 1, "left_out": 1}
    assert shown(chi, sketch)["is_saved"]
    revision = changed(chi, sketch, fields=[FIELD])
    assert not shown(chi, sketch)["is_saved"]
    saved = save(chi, sketch, revision).json()
    assert (saved["layout"], saved["version"]) == ("KS-1976-Ha-Bac", 2)
    assert [one.id for one in office_layouts(office.workspace.folder)] == ["KS-1976-Ha-Bac"] * 2
    offered = office.browser("kế").get("/api/layouts?type=KS").json()["layouts"]
    assert "KS-1976-Ha-Bac" in {one["id"] for one in offered}
    lines = [one for one in audit.recent(office.workspace) if one["action"] == "layout_saved"]
    assert len(lines) == 2 and {one["user"] for one in lines} == {"chi"}
    own = {"id": "KS-1976-Ha-Bac", "versions": 2, "is_retired": False, "pages": 0}
    assert chi.get("/api/sketches").json()["layouts"] == [own]
    for deed, is_retired in (("retire", True), ("restore", False)):
        address = f"/layouts/{own['id']}/{deed}"
        assert chi.form(address).status_code == 303
        assert chi.get("/api/sketches").json()["layouts"] == [{**own, "is_retired": is_retired}]
        assert chi.form(address).status_code == 404, "it is done already"
        assert ("/retire" in chi.get("/layouts").text) is not is_retired
        [line] = [
            one for one in audit.recent(office.workspace) if one["action"] == f"layout_{deed}d"
        ]
        assert line["subject"] == f"layout:{own['id']}"


def test_another_form_of_the_same_era_gets_another_id(office, chi):
    ids = []
    for _ in range(2):
        sketch = begun(office, chi, era="1990")
        revision = put(chi, sketch, shown(chi, sketch)["revision"], fields=[FIELD]).json()[
            "revision"
        ]
        ids.append(save(chi, sketch, revision).json()["layout"])
    assert ids == ["KS-1990", "KS-1990-2"]


def test_a_column_of_another_register_is_told_when_it_is_saved(office, chi):
    sketch = begun(office, chi)
    wrong = {**FIELD, "code": "nktHoTen"}
    revision = changed(chi, sketch, fields=[wrong])
    answer = save(chi, sketch, revision)
    assert answer.status_code == 400 and "nktHoTen" in answer.json()["error"]["vi"]
    assert office_layouts(office.workspace.folder) == ()


def test_columns_are_named_for_people(chi):
    found = {one["code"]: one for one in chi.get("/api/sketches/columns?type=KS").json()}
    assert found["nksHoTen"]["kind"] == "person_name" and "Họ" in found["nksHoTen"]["name"]["vi"]
    assert found["loaiDangKy"]["values"]
    FormSketch.model_validate(
        {"type": "KS", "page": {"width": 210, "height": 297}, "fields": [FIELD]}
    )
