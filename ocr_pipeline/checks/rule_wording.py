"""What rules and doubts say in general: their messages without the values of any record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from ocr_pipeline.checks.doubts import doubt_messages
from ocr_pipeline.checks.findings import rules
from ocr_pipeline.errors import Text

_VALUES = re.compile(r"(?:“?\{[^}]*\}”?)+")  # several side by side are told as one


def wording(rule: str) -> Text:
    """The message of a rule or doubt with dots where values would stand; an unknown one's id."""
    return _all().get(rule, Text(rule, rule))


@cache
def _all() -> Mapping[str, Text]:
    messages = {rule.id: rule.message for scope in ("record", "book") for rule in rules(scope)}
    messages |= doubt_messages()
    return {
        id: Text(_VALUES.sub("…", message.vi), _VALUES.sub("…", message.en))
        for id, message in messages.items()
    }
