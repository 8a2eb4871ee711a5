"""The routes of looking back: own decisions only, histories, finds; pictures of a record alone."""

from ocr_pipeline.review.accounts import Role


def decided(browser, code="nksHoTen", value="Lê Thị Mai"):
    """Correct a field of the first record; returns what the server says of it."""
    record = browser.get("/api/records/1").json()
    field = next(one for one in record["fields"] if one["code"] == code)
    decision = {"field": field["field"], "action": "correct", "value": value, "lane": "doubt"}
    [outcome] = browser.post("/api/decide", {"decisions": [decision]}).json()["outcomes"]
    assert outcome["ok"], outcome
    return outcome


def test_the_answer_of_a_decision_tells_what_it_changed(office):
    [changed] = [
        one for one in decided(office.browser("lan"))["changed"] if one["code"] == "nksHoTen"
    ]
    assert (changed["value"], changed["state"]) == ("Lê Thị Mai", "corrected")
    assert (changed["lane_before"], changed["lane"]) == ("doubt", None)


def test_own_decisions_come_with_their_pictures_and_nobody_elses(office):
    lan, hoa = office.browser("lan", Role.OPERATOR), office.browser("hoa", Role.OPERATOR)
    decided(lan)
    [past] = lan.get("/api/decisions/recent").json()["decisions"]
    assert past["value"] == "Lê Thị Mai" and past["counts"]
    assert lan.get(past["crop"]["url"]).status_code == 200
    assert hoa.get("/api/decisions/recent").json() == {"decisions": []}
    assert hoa.get(past["crop"]["url"]).status_code == 404
    assert lan.get("/api/decisions/recent?count=51").status_code == 422


def test_done_today_moves_with_a_decision(office):
    lan = office.browser("lan", Role.OPERATOR)
    before = lan.get("/api/queue/waiting").json()
    decided(lan)
    after = lan.get("/api/queue/waiting").json()
    assert (after["done_today"], before["done_today"]) == (1, 0)
    office.clock.forward(days=1, hours=1)
    assert office.browser("lan").get("/api/queue/waiting").json()["done_today"] == 0


def test_a_history_names_who_decided(office):
    lan = office.browser("lan", Role.OPERATOR)
    decided(lan)
    own = lan.get("/api/records/1/history").json()["fields"]["nksHoTen"]
    assert own["read"] and [(s["user"], s["action"]) for s in own["steps"]] == [("lan", "correct")]
    assert lan.get("/api/records/999/history").status_code == 404


def test_a_search_gives_records_and_takes_no_endless_text(office):
    lan = office.browser("lan", Role.OPERATOR)
    decided(lan)
    found = lan.get("/api/search", params={"q": "mai le"}).json()
    assert [one["record"] for one in found["records"]] == [1]
    assert {"value": "Lê Thị Mai", "caption": found["records"][0]["names"][0]["caption"]} in (
        found["records"][0]["names"]
    )
    for odd in ("%", "_", "'", "\\", "🙂", "a" * 200, "…"):
        assert lan.get("/api/search", params={"q": odd}).json()["records"] == [], odd
    assert lan.get("/api/search", params={"q": "a" * 201}).status_code == 422
    assert lan.get("/api/search").status_code == 422


def test_a_record_comes_as_a_picture_of_its_own(office):
    lan = office.browser("lan", Role.OPERATOR)
    record = lan.get("/api/records/1").json()
    x, y, width, height = record["cut_box"]
    assert [record["cut"]["width"], record["cut"]["height"]] == [width, height]
    assert x + width <= record["picture"]["width"] and y + height <= record["picture"]["height"]
    assert lan.get(record["cut"]["url"]).status_code == 200
