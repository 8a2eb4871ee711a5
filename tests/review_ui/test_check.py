"""A package sent by a browser is checked, and the server keeps nothing of it."""

import secrets

from ocr_pipeline.review.accounts import Role

EXCEL = "xalocthuan_hbd_tbt.KS.2016.01.xls"


def sent(browser, batch, name, data):
    address = f"/api/uploads/package?batch={batch}&name={name}"
    headers = {
        "x-csrf": browser.csrf, "content-type": "application/octet-stream",
        "sec-fetch-site": "same-origin", "origin": "http://127.0.0.1",
    }  # fmt: skip
    return browser.client.put(address, content=data, headers=headers)


def test_a_package_is_sent_and_checked(office):
    browser, batch = office.browser("chi", Role.REVIEWER), secrets.token_hex(16)
    assert sent(browser, batch, EXCEL, b"no table").status_code == 204
    [report] = browser.post("/api/check-packages", {"batch": batch}).json()["packages"]
    assert (report["excel"], report["acceptable"]) == (EXCEL, False)
    assert {"no_zip", "not_xls"} <= {fault["rule"] for fault in report["faults"]}
    assert all(fault["remedy"]["vi"] and fault["message"]["en"] for fault in report["faults"])
    assert browser.post("/api/check-packages", {"batch": batch}).status_code == 404
    assert not list((office.workspace.folder / "incoming").iterdir())


def test_what_is_no_package_is_refused_in_words(office):
    browser, batch = office.browser("chi", Role.REVIEWER), secrets.token_hex(16)
    for name in ("a.exe", "..%2Fa.xls", "x" * 301):
        answer = sent(browser, batch, name, b"x")
        assert answer.status_code in (400, 422), answer.text
    assert sent(browser, "../x", EXCEL, b"x").status_code == 422
    operator = office.browser("an", Role.OPERATOR)
    assert sent(operator, batch, EXCEL, b"x").status_code == 403
