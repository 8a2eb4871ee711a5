"""Scans and inventories sent to the station over HTTP: limits, refusals, nothing half-done."""

import asyncio
import errno
import json
from dataclasses import replace

import pytest

from ocr_pipeline.review import audit
from ocr_pipeline.review.accounts import Role
from ocr_pipeline.review.uploads import Upload, UploadDesk, UploadLimits
from review_ui.settings import Settings
from tests.builders.drawn_pages import drawn
from tests.builders.review_office import ReviewOffice

PAGE = drawn("trang 1")
PLAIN = "application/octet-stream"
CSV = "folder,type,commune,district,province,year,number\n"
LOC_THUAN = "Lộc Thuận,Bình Đại,Bến Tre"


@pytest.fixture
def chi(office):
    office.app.state.station.uploads._free = lambda _: 10**15
    return office.browser("chi", Role.REVIEWER)


def put(browser, address, data=PAGE, kind=PLAIN, **headers):
    told = {"x-csrf": browser.csrf, "content-type": kind, "sec-fetch-site": "same-origin"}
    return browser.client.put(address, content=data, headers={**told, **headers})


def scans_of(office):
    folder = office.workspace.folder / "scans"
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def nothing_under_way(office):
    return not [p for p in (office.workspace.folder / "incoming").rglob("*") if p.is_file()]


def test_a_folder_of_scans_becomes_a_book(office, chi):
    files = [{"place": f"ks 2018/{n}.jpg", "size": len(PAGE)} for n in (1, 2)]
    odd = [{"place": "ks 2018/Thumbs.db", "size": 9}, {"place": "../x.jpg", "size": 9}]
    plan = chi.post("/api/import/plan", {"files": files + odd}).json()["files"]
    assert [one["state"] for one in plan] == ["new", "new", "refused", "refused"]
    assert all(one["cause"]["vi"] and one["remedy"]["vi"] for one in plan[2:])
    for number in (1, 2):
        answer = put(chi, f"/api/uploads/scan?place=ks 2018/{number}.jpg", drawn(f"{number}"))
        assert answer.status_code == 200, answer.text
        assert (answer.json()["state"], answer.json()["pages"]) == ("kept", 1)
    assert put(chi, "/api/uploads/scan?place=ks 2018/1.jpg", drawn("1")).json()["state"] == "there"
    found = chi.get("/api/import").json()
    assert [(one["name"], one["files"], one["book"]) for one in found["folders"]] == [
        ("ks 2018", 2, None)
    ]
    said = {"type": "KS", "year_opened": "2018", "number": "1", "commune": "Lộc Thuận"}
    answer = chi.post("/api/import/book", {"folder": "ks 2018", **said})
    assert answer.status_code == 400 and "tỉnh" in answer.json()["error"]["vi"]
    said |= {"district": "Bình Đại", "province": "Bến Tre"}
    answer = chi.post("/api/import/book", {"folder": "ks 2018", **said})
    assert answer.json()["book"]["id"] == "xalocthuan_hbd_tbt.KS.2018.01", answer.text
    assert "được hiểu là" in answer.json()["notices"][0]["vi"]
    again = chi.post("/api/import/book", {"folder": "other", **said})
    assert again.status_code == 400 and "Đã có sổ" in again.json()["error"]["vi"]
    [folder] = chi.get("/api/import").json()["folders"]
    assert folder["book"]["number"] == 1 and folder["own"]
    actions = {line["action"] for line in audit.recent(office.workspace)}
    assert {"scan_imported", "inventory_imported"} <= actions


def test_an_inventory_is_looked_over_before_it_counts(office, chi):
    put(chi, "/api/uploads/scan?place=a/1.jpg")
    lines = CSV + f"a,KS,{LOC_THUAN},2018,1\na,KS,{LOC_THUAN},2018,2\nb,KS,{LOC_THUAN},,3\n"
    shown = put(chi, "/api/uploads/inventory?name=so.csv", lines.encode()).json()
    assert [one["where"] for one in shown["lines"]] == ["books.csv:2", "books.csv:3", "books.csv:4"]
    good, twice, lost = shown["lines"]
    assert good["book"]["id"] == "xalocthuan_hbd_tbt.KS.2018.01" and good["folder"] == "a"
    assert "hai lần" in twice["cause"]["vi"] and "Không có thư mục" in lost["cause"]["vi"]
    assert scans_of(office) == ["a/1.jpg"] and nothing_under_way(office)
    taken = put(chi, "/api/uploads/inventory?name=so.csv&accept=true", lines.encode())
    assert taken.json()["accepted"] and scans_of(office) == ["a/1.jpg", "books.csv"]
    assert chi.get("/api/import").json()["folders"][0]["book"]["number"] == 1
    other = (CSV + f"a,KS,{LOC_THUAN},2018,7\n").encode()
    put(chi, "/api/uploads/inventory?name=x.csv&accept=true", other)
    former = [name for name in scans_of(office) if name.startswith(".former/")]
    folder = office.workspace.folder / "scans"
    assert len(former) == 1 and (folder / former[0]).read_bytes() == lines.encode()
    assert (folder / "books.csv").read_bytes() == other and nothing_under_way(office)


def test_a_table_goes_before_what_was_described_in_the_form(office, chi):
    put(chi, "/api/uploads/scan?place=a/1.jpg")
    units = {"commune": "Lộc Thuận", "district": "Bình Đại", "province": "Bến Tre"}
    said = {"folder": "a", "type": "KS", "year_opened": "2018", "number": "1", **units}
    assert chi.post("/api/import/book", said).status_code == 200
    table = (CSV + f"a,KS,{LOC_THUAN},2018,7\n").encode()
    shown = put(chi, "/api/uploads/inventory?name=books.csv", table).json()
    assert shown["lines"][0]["book"]["number"] == 7
    assert put(chi, "/api/uploads/inventory?name=books.csv&accept=true", table).status_code == 200
    [folder] = chi.get("/api/import").json()["folders"]
    assert (folder["book"]["number"], folder["line"]) == (7, "books.csv:2")
    refused = chi.post("/api/import/book", said)
    assert refused.status_code == 400 and refused.json()["where"] == "books.csv:2"


def test_a_book_that_somebody_described_by_hand_stays(office, chi):
    folder = office.workspace.folder / "scans" / "a"
    folder.mkdir(parents=True)
    units = "commune: Lộc Thuận\ndistrict: Bình Đại\nprovince: Bến Tre\n"
    own = f"type: KS\nyear: 2018\nnumber: 4\n{units}"
    (folder / "book.yaml").write_text(own, encoding="utf-8")
    (folder / "1.jpg").write_bytes(PAGE)
    said = {
        "folder": "a",
        "type": "KS",
        "year_opened": "2018",
        "number": "1",
        "province": "Bến Tre",
    }
    assert chi.post("/api/import/book", said).status_code == 400
    table = (CSV + f"a,KS,{LOC_THUAN},2018,7\n").encode()
    put(chi, "/api/uploads/inventory?name=books.csv&accept=true", table)
    assert (folder / "book.yaml").read_text(encoding="utf-8") == own
    assert chi.get("/api/import").json()["folders"][0]["book"]["number"] == 4


@pytest.mark.parametrize(
    ("address", "data", "status"),
    [
        ("/api/uploads/scan?place=../../x.jpg", PAGE, 400),
        ("/api/uploads/scan?place=a/" + "x" * 2000 + ".jpg", PAGE, 422),
        ("/api/uploads/scan?place=a/book.yaml", PAGE, 400),
        ("/api/uploads/scan?place=a/1.jpg", b"", 400),
        ("/api/uploads/scan?place=a/1.jpg", b"GIF89a" + bytes(99), 400),
        ("/api/uploads/scan?place=a/1.pdf", b"%PDF-1.4\n" + bytes(99), 400),
        ("/api/uploads/scan", PAGE, 422),
        ("/api/uploads/inventory?name=x.exe", b"MZ", 400),
        ("/api/uploads/inventory?name=x.xlsx", b"PK\x03\x04" + bytes(99), 200),
        ("/api/uploads/inventory?name=x.xlsx&accept=true", b"PK\x03\x04" + bytes(99), 400),
        ("/api/uploads/inventory?name=x.csv&accept=true", b"a,b,c\n1,2,3\n", 400),
    ],
)
def test_what_is_no_scan_and_no_inventory_is_refused(office, chi, address, data, status):
    answer = put(chi, address, data)
    assert answer.status_code == status, answer.text
    if status == 400:
        assert answer.json()["error"]["vi"] and answer.json()["remedy"]["vi"]
    if status == 200:
        assert answer.json()["lines"][0]["cause"]["vi"]
    assert scans_of(office) == [] and nothing_under_way(office)


def test_a_name_of_300_letters_is_kept_under_a_shorter_one(office, chi):
    answer = put(chi, f"/api/uploads/scan?place=a/{'y' * 300}.jpg")
    assert answer.status_code == 200 and len(answer.json()["place"]) < 210
    assert scans_of(office) == [answer.json()["place"]]


@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data; boundary=x", "text/plain"]
)
def test_only_plain_bytes_may_be_many(office, chi, kind):
    assert put(chi, "/api/uploads/scan?place=a/1.jpg", kind=kind).status_code == 415
    many = bytes(1_100_000)
    assert put(chi, "/api/uploads/scan?place=a/1.jpg", many, kind=kind).status_code == 413
    assert put(chi, "/api/policies", many).status_code == 413
    assert chi.client.post("/api/uploads/scan", content=many).status_code == 413


def test_limits_of_the_station_hold(tmp_path):
    office = ReviewOffice(tmp_path, replace(Settings(), max_upload=1_500_000))
    office.app.state.station.uploads._free = lambda _: 10**15
    chi = office.browser("chi", Role.REVIEWER)
    assert put(chi, "/api/uploads/scan?place=a/1.jpg", bytes(1_600_000)).status_code == 413
    answer = put(chi, "/api/uploads/scan?place=a/1.jpg", bytes(1_400_000))
    assert answer.status_code == 400  # it came in, and is no picture
    office.app.state.station.uploads._free = lambda _: 10**6
    answer = put(chi, "/api/uploads/scan?place=a/1.jpg")
    assert answer.status_code == 507 and answer.json()["remedy"]["vi"]
    wanted = {"files": [{"place": "a/1.jpg", "size": 10**6}]}
    assert chi.post("/api/import/plan", wanted).status_code == 507
    assert scans_of(office) == [] and nothing_under_way(office)
    office.close()


@pytest.mark.parametrize("role", [Role.OPERATOR, None])
def test_who_may_not_import_leaves_nothing(office, role):
    browser = office.browser("an", role) if role else office.browser()
    assert put(browser, "/api/uploads/scan?place=a/1.jpg").status_code == (403 if role else 401)
    assert scans_of(office) == [] and nothing_under_way(office)


def test_a_page_elsewhere_cannot_send_a_file(office, chi):
    for header in ({"x-csrf": "forged"}, {"origin": "https://evil.example"}):
        assert put(chi, "/api/uploads/scan?place=a/1.jpg", **header).status_code == 403
    assert scans_of(office) == []


def test_a_connection_that_is_cut_in_the_middle_leaves_nothing(office, chi):
    """The body ends with a disconnection after half of the bytes."""
    half = [
        {"type": "http.request", "body": PAGE[: len(PAGE) // 2], "more_body": True},
        {"type": "http.disconnect"},
    ]
    cookie = f"{office.settings.cookie}={chi.client.cookies[office.settings.cookie]}"
    headers = {
        "host": "127.0.0.1", "content-type": PLAIN, "content-length": str(len(PAGE)),
        "x-csrf": chi.csrf, "cookie": cookie,
    }  # fmt: skip
    scope = {
        "type": "http", "method": "PUT", "path": "/api/uploads/scan", "root_path": "",
        "query_string": b"place=a/1.jpg", "http_version": "1.1", "scheme": "http",
        "headers": [(n.encode(), v.encode()) for n, v in headers.items()],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "app": office.app,
    }  # fmt: skip
    told = []

    async def receive():
        return half.pop(0) if half else {"type": "http.disconnect"}

    async def send(message):
        told.append(message)

    asyncio.run(office.app(scope, receive, send))
    assert told[0]["status"] == 400
    assert "ngắt" in json.loads(told[1]["body"])["error"]["vi"]
    assert scans_of(office) == [] and nothing_under_way(office) and not office.crashes()


def test_a_disk_that_fills_up_is_told_with_507(office, chi, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(Upload, "write", full)
    answer = put(chi, "/api/uploads/scan?place=a/1.jpg", bytes(1_200_000))
    assert answer.status_code == 507 and "đầy" in answer.json()["error"]["vi"]
    assert scans_of(office) == [] and nothing_under_way(office)


def test_several_files_at_once_are_bounded(office, chi):
    station = office.app.state.station
    limits = UploadLimits(at_once=1, keep_free_bytes=0)
    desk = UploadDesk(office.workspace, office.workspace.folder / "scans", limits)
    office.app.state.station = replace(station, uploads=desk)
    with desk.receive("x.jpg", 5):
        answer = put(chi, "/api/uploads/scan?place=a/1.jpg")
        assert answer.status_code == 503 and answer.headers["retry-after"]
    assert put(chi, "/api/uploads/scan?place=a/1.jpg").status_code == 200
