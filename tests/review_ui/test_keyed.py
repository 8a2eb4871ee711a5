"""A keyed file sent by a browser is gone through and divided, and seen by nobody else."""

import io
import json
import os
import secrets
import time
import zipfile

import pytest
from sqlalchemy import select

from ocr_pipeline.exchange.keyed_desk import ARCHIVE, KeyedDesk
from ocr_pipeline.review.accounts import Role
from ocr_pipeline.store.review_models import AuditRow
from tests.builders.keyed_files import police_births, table, text_of

FOUR = text_of(table([*police_births(3), police_births(1)[0]])).encode()


@pytest.fixture
def browser(office):
    return office.browser("an", Role.REVIEWER)


@pytest.fixture
def batch():
    return secrets.token_hex(16)


def send(browser, batch, name, data=FOUR):
    address = f"/api/uploads/keyed?batch={batch}&name={name}"
    headers = {
        "x-csrf": browser.csrf, "content-type": "application/octet-stream",
        "sec-fetch-site": "same-origin", "origin": "http://127.0.0.1",
    }  # fmt: skip
    return browser.client.put(address, content=data, headers=headers)


def finished(browser, batch, **wanted):
    answer = browser.post("/api/keyed/start", {"batch": batch, **wanted})
    until = time.monotonic() + 60
    while answer.status_code == 200 and not answer.json()["done"] and time.monotonic() < until:
        time.sleep(0.05)
        answer = browser.client.get(f"/api/keyed/{batch}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def noted(office, action):
    with office.workspace.read_session() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action == action))
        return [(row.user, json.loads(row.details)) for row in rows]


def test_a_keyed_file_is_told_and_a_bad_one_beside_it_is_named(office, browser, batch):
    assert send(browser, batch, "tinh.csv").status_code == 204
    assert send(browser, batch, "hong.xlsx", b"no table").status_code == 204
    found = finished(browser, batch)["found"]
    [file], [refused] = found["files"], found["refused"]
    assert (file["name"], file["rows"], refused["name"]) == ("tinh.csv", 4, "hong.xlsx")
    assert (found["rows"], found["records"], found["doubles"], found["split"]) == (4, 4, 1, None)
    assert {one["rule"] for one in found["mended"]} >= {"capitals"}
    assert not any(str(office.workspace.folder) in str(part) for part in found.values())


def test_a_keyed_file_is_divided_and_the_archive_holds_all_rows(office, browser, batch):
    send(browser, batch, "tinh.csv")
    assert browser.client.get(f"/keyed/{batch}/archive").status_code == 404
    divided = finished(browser, batch, split=True)["found"]["split"]
    assert (divided["agencies"], divided["placed"], divided["unknown"]) == (1, 3, 0)
    answer = browser.client.get(f"/keyed/{batch}/archive")
    assert ARCHIVE in answer.headers["content-disposition"]
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert any(name.startswith("cap_xa/") and name.endswith(".xls") for name in names)
    assert "tong_hop.csv" in names
    assert noted(office, "keyed_file_split") == [("an", {"files": 1, "rows": 4})]


def test_only_whoever_sent_a_file_sees_it(office, browser, batch):
    send(browser, batch, "tinh.csv")
    finished(browser, batch)
    other = office.browser("binh", Role.REVIEWER)
    assert other.client.get(f"/api/keyed/{batch}").status_code == 404
    keyer = office.browser("chi", Role.OPERATOR)
    assert keyer.client.get(f"/api/keyed/{batch}").status_code == 403
    assert send(keyer, batch, "tinh.csv").status_code == 403


@pytest.mark.parametrize("name", ["a.exe", "..%2Fa.csv", "a.pdf"])
def test_what_is_no_keyed_file_is_refused_in_words(browser, batch, name):
    answer = send(browser, batch, name)
    assert answer.status_code == 400 and answer.json()["remedy"]["vi"]


def test_a_file_in_which_nothing_can_be_read_is_told_not_lost(browser, batch):
    send(browser, batch, "hong.xls", b"\0\1\2")
    job = finished(browser, batch, split=True)
    assert job["error"] is None and job["found"]["files"] == []
    assert [one["name"] for one in job["found"]["refused"]] == ["hong.xls"]


def test_files_go_when_nobody_looks_or_the_station_starts_anew(office, browser, batch):
    send(browser, batch, "tinh.csv")
    [old] = (office.workspace.folder / "incoming").iterdir()
    os.utime(old, (time.time() - 7200,) * 2)
    send(browser, secrets.token_hex(16), "tinh.csv")
    assert not old.exists()
    KeyedDesk(office.workspace, office.clock).close()
    assert not list((office.workspace.folder / "incoming").iterdir())
