"""Requests made up from the OpenAPI document itself: whatever comes, the server has an answer."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings, strategies
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from review_ui.access import names_of
from review_ui.openapi import document
from review_ui.routes import ROUTERS
from tests.builders.review_office import ReviewOffice

JSON_ROUTES = [
    name
    for router in ROUTERS
    for route in router.routes
    if route.include_in_schema
    for name in names_of(route)
]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def station(tmp_path_factory):
    office = ReviewOffice(tmp_path_factory.mktemp("office"))
    browser = office.browser("an")
    browser.client.get("/api/layouts")  # loads the model, once
    schema = schemathesis.openapi.from_dict(document(office.app))
    schema.app = office.app
    schema.config.base_url = "http://127.0.0.1"
    office.csrf, office.client = browser.csrf, browser.client
    office.schema = schema
    yield office
    office.close()


@pytest.mark.long
@pytest.mark.parametrize("name", JSON_ROUTES)
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=strategies.data())
def test_whatever_comes_has_an_answer(name, station, data):
    method, path = name.split(" ")
    case = data.draw(station.schema[path][method].as_strategy())
    sent = case.as_transport_kwargs(headers={"X-CSRF": station.csrf})
    sent.pop("cookies", None)  # made up, too: the browser has its own
    if isinstance(sent.get("data"), bytes):  # a file: the client wants it under another name
        sent["content"] = sent.pop("data")
    response = station.client.request(**sent)
    case.validate_response(response, checks=CHECKS)
    assert not station.crashes()
    assert response.status_code not in (401, 403)
    if response.status_code >= 400:
        told = response.json()
        assert told["error"]["vi"] and told["error"]["en"]
