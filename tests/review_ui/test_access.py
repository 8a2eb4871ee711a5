"""Every route × every role: who may not, cannot, by address either."""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import APIRouter, FastAPI

from ocr_pipeline.review.accounts import Role
from ocr_pipeline.review.print_learning import PrintLearning
from ocr_pipeline.review.rights import may
from review_ui.access import (
    OPEN,
    SIGNED_IN,
    GuardedRoute,
    access_table,
    check_table,
    names_of,
)
from review_ui.openapi import document
from review_ui.routes import ROUTERS
from tests.builders import fake_stages
from tests.builders.review_office import BOOK, ReviewOffice

ROUTES = sorted(access_table().items())
CHANGES = [(n, action) for n, action in ROUTES if not n.startswith("GET") and action != OPEN]
DOCS = (Path(__file__).parents[2] / "docs" / "review-api.md").read_text(encoding="utf-8")
PLACES = {
    "book": BOOK.id,
    "name": "nobody-of-this-name",
    "record": "1",
    "field": "1",
    "page": "1",
    "layout": "KS-2016",
    "token": "forged",
    "form": "draft",
    "run": "1",
    "sketch": "0123456789ab",
    "revision": "0",
    "number": "0",
    "side": "before",
    "batch": "0" * 32,
    "reconciliation": "0" * 12,
}


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    office = ReviewOffice(tmp_path_factory.mktemp("office"))
    prints = PrintLearning(office.workspace, learn=fake_stages.no_print)
    office.app.state.station = replace(office.app.state.station, prints=prints)
    yield office
    assert not office.crashes()
    office.close()


def called(browser, name):
    """Call a route with nothing but its address; pages that would be read again do not exist."""
    method, path = name.split(" ")
    places = {**PLACES, "page": "999"} if method != "GET" else PLACES
    address = re.sub(r"\{(\w+)\}", lambda found: places[found[1]], path)
    if method == "GET":
        return browser.get(address)
    if path.startswith("/api/"):
        return browser.send(method, address, json={})
    return browser.send(method, address, data={})


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("name", "action"), ROUTES)
def test_a_route_answers_those_who_may_and_nobody_else(office, name, action, role):
    browser = office.browser(f"người-{role}", role)
    answer = called(browser, name)
    assert answer.status_code < 500, answer.text
    allowed = action in (OPEN, SIGNED_IN) or may(office.people[f"người-{role}"], action)
    assert (answer.status_code == 403) == (not allowed), answer.text
    assert answer.status_code != 401 or name == "POST /account"


@pytest.mark.parametrize(("name", "action"), ROUTES)
def test_without_signing_in_only_the_entrance_is_open(office, name, action):
    answer = called(office.browser(), name)
    if action == OPEN:
        assert answer.status_code in (200, 303, 422)
    elif name.startswith("GET") and not name.startswith(("GET /api", "GET /pictures")):
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login?next=/")
    else:
        assert answer.status_code == 401
    assert BOOK.id not in answer.text


@pytest.mark.parametrize(("name", "action"), CHANGES)
def test_a_session_without_the_form_token_changes_nothing(office, name, action):
    browser = office.browser("an", Role.ADMIN)
    for token in ("", "forged", office.browser("an").csrf):
        browser.csrf = token
        assert called(browser, name).status_code == 403


def test_only_the_entrance_is_open():
    assert {name for name, action in ROUTES if action == OPEN} == {
        "GET /login",
        "POST /login",
        "POST /language",
        "POST /api/session",
    }


def test_every_action_of_the_table_is_one_of_the_rights():
    administrator = SimpleNamespace(role=Role.ADMIN, active=True)
    for _, action in ROUTES:
        if action not in (OPEN, SIGNED_IN):
            may(administrator, action)  # raises ValueError where no role has it


def test_the_server_does_not_start_with_a_route_outside_the_table():
    routes = [route for router in ROUTERS for route in router.routes]
    check_table(routes, access_table())
    guarded = APIRouter(route_class=GuardedRoute)
    guarded.add_api_route("/new", lambda: None)
    with pytest.raises(RuntimeError, match="/new"):
        check_table([*routes, *guarded.routes], access_table())
    with pytest.raises(RuntimeError, match="/old"):
        check_table(routes, {**access_table(), "GET /old": "books"})


def test_the_server_does_not_start_with_a_route_that_has_no_guard():
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.add_api_route("/api/books", lambda: None)
    with pytest.raises(RuntimeError, match="no guard"):
        check_table(app.routes, access_table())


def test_every_json_route_is_documented(office):
    schema = document(office.app)
    listed = {
        f"{method.upper()} {path}"
        for path, methods in schema["paths"].items()
        for method in methods
    }
    served = {
        name
        for router in ROUTERS
        for route in router.routes
        for name in names_of(route)
        if route.include_in_schema
    }
    assert listed == served
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], path
            assert f"`{method.upper()} {path}`" in DOCS, (
                f"{method} {path} is not in docs/review-api.md"
            )
            for status in ("401", "403"):
                assert status in operation["responses"], path
    for name, shape in schema["components"]["schemas"].items():
        assert shape.get("description") or "enum" in shape, name


def test_the_document_and_its_page_are_served(office):
    browser = office.browser("operator-1", Role.OPERATOR)
    assert browser.get("/api/openapi.json").json()["paths"]
    page = browser.get("/help/api").text
    for router in ROUTERS:
        for route in router.routes:
            if route.include_in_schema:
                assert route.path_format in page
