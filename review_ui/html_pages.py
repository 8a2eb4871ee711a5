"""HTML pages: templates with the words of the reader's language, and what every page knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.review.captions import captions
from ocr_pipeline.review.rights import may
from ocr_pipeline.written_numbers import number, short_number
from review_ui.shortcuts import shortcuts
from review_ui.station import the_station
from review_ui.translations import LANGUAGES, in_language, translate, words

LANGUAGE_COOKIE = "lang"

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).resolve().parent / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.policies["json.dumps_kwargs"] = {
    "sort_keys": False
}  # lists keep the order of their file


def language_of(request: Request) -> str:
    """`vi` unless the reader chose `en`."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def render(
    request: Request, template: str, values: Mapping[str, Any] | None = None, status: int = 200
) -> HTMLResponse:
    """A page for whoever made the request.

    Args:
        request: the request; `request.state.user` is set by the guard.
        template: file in `templates/`.
        values: what this page shows besides what every page knows.
        status: HTTP status.

    """
    language = language_of(request)
    user = getattr(request.state, "user", None)
    session = getattr(request.state, "session", "")
    known = {
        "user": user,
        "lang": language,
        "number": partial(number, language=language),
        "short_number": partial(short_number, language=language),
        "csrf": the_station(request).signer.form_token(session) if session else "",
        "t": partial(translate, language),
        "say": partial(_in_language, language),
        "may": lambda action: user is not None and may(user, action),
        "words": _script_words(language),
        "shortcuts": shortcuts().served(),
        "here": request.url.path,
        "moment": _moment,
        "breakable": _breakable,
        "type_label": lambda code: RegisterType(code).label,
        "lock_seconds": int(the_station(request).settings.lock_after.total_seconds()),
    }
    page = _TEMPLATES.get_template(template).render({**known, **(values or {})})
    return HTMLResponse(page, status)


def _breakable(name: str) -> Markup:
    """An id or a file's name that may go on in the next line between its parts, within no word."""
    parts = re.sub(r"_(?=[^_])", "_<wbr>", str(escape(name)))
    return Markup(re.sub(r"(?=\.[A-Z]+\.)", "<wbr>", parts))


def _moment(time: datetime | str) -> str:
    """A time (UTC where it does not say) as it is written here: `24.11.2026 06:00:05`."""
    known = datetime.fromisoformat(time) if isinstance(time, str) else time
    return (
        f"{(known if known.tzinfo else known.replace(tzinfo=UTC)).astimezone():%d.%m.%Y %H:%M:%S}"
    )


@cache
def _script_words(language: str) -> Mapping[str, Any]:
    """The words of the scripts, with what every field is called."""
    named = {code: in_language(text, language) for code, text in captions().items()}
    return {**words(language).get("js", {}), "caption": named}


def _in_language(language: str, text: Any) -> str:
    return in_language(text, language)
