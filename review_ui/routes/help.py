"""The JSON routes explained: the OpenAPI document, and the same as a page."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from review_ui.access import GuardedRoute
from review_ui.html_pages import render
from review_ui.openapi import document
from review_ui.station import At

router = APIRouter(route_class=GuardedRoute, include_in_schema=False)


@router.get("/api/openapi.json")
def openapi(request: Request) -> Response:
    """The OpenAPI document."""
    return JSONResponse(document(request.app))


@router.get("/help/api")
def api_page(request: Request, at: At) -> Response:
    """The OpenAPI document for people."""
    schema = document(request.app)
    routes = [
        _described(method.upper(), path, operation, at)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]
    values = {
        "routes": routes,
        "schemas": schema["components"]["schemas"],
        "about": schema["info"]["description"].split("\n\n"),
        "type_of": _type,
    }
    return render(request, "api.html", values)


def _described(method: str, path: str, operation: dict[str, Any], at: At) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    good = next(code for code in operation["responses"] if code.startswith("2"))
    answer = operation["responses"][good].get("content", {})
    return {
        "method": method,
        "path": path,
        "does": operation.get("description") or operation["summary"],
        "parameters": operation.get("parameters", []),
        "body": _name(body.get("schema", {})),
        "answer": _name(answer.get("application/json", {}).get("schema", {}))
        or ", ".join(answer)
        or good,
        "action": at.access[f"{method} {path}"],
    }


def _name(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rsplit("/", 1)[-1]


def _type(schema: dict[str, Any]) -> str:
    """A type in a few letters: `Id?`, `Item[]`, `string`."""
    if "anyOf" in schema:
        parts = [_type(part) for part in schema["anyOf"]]
        known = [part for part in parts if part != "null"]
        return " | ".join(dict.fromkeys(known)) + ("?" if "null" in parts else "")
    if "$ref" in schema:
        return _name(schema)
    if schema.get("type") == "array":
        return f"{_type(schema.get('items', {}))}[]"
    if "const" in schema or "enum" in schema:
        return " | ".join(repr(value) for value in schema.get("enum", [schema.get("const")]))
    return str(schema.get("format") or schema.get("type", "any"))
