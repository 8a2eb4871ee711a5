"""Words of the user interface: YAML files in `i18n/`, Vietnamese first, English second."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from pydantic import RootModel

from ocr_pipeline.data_files import load_data
from ocr_pipeline.errors import Text

LANGUAGES = ("vi", "en")
_PLACE = re.compile(r"\{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?\}")
FOLDER = Path(__file__).resolve().parent / "i18n"


class WordTree(RootModel[dict[str, "str | WordTree"]]):
    """`vi.yaml` and `en.yaml`: words by key, at any depth."""


@lru_cache
def words(language: str) -> Mapping[str, Any]:
    """The tree of words of a language (`vi` or `en`)."""
    tree: dict[str, Any] = load_data(FOLDER / f"{language}.yaml", WordTree).model_dump()
    return tree


def translate(language: str, key: str, **values: object) -> str:
    """The words under a dotted key; the Vietnamese ones, then the key itself, where missing.

    Args:
        language: `vi` or `en`.
        key: for instance `login.title`.
        values: fill `{name}`; `{name|one|more}` is the first word where the value is 1, else the
            second.

    Raises:
        KeyError: values are given, but not all that the words ask for.

    """
    for tree in (words(language), words("vi")):
        found = _look_up(tree, key)
        if found is not None:
            return _PLACE.sub(partial(_filled, values), found) if values else found
    return key


def _filled(values: Mapping[str, object], place: re.Match[str]) -> str:
    name, one, more = place.groups()
    if one is None:
        return str(values[name])
    return one if str(values[name]) == "1" else more


def in_language(text: Text | Mapping[str, str] | None, language: str) -> str:
    """A message in one language; "" for none."""
    if text is None:
        return ""
    return str(text[language] if isinstance(text, Mapping) else getattr(text, language))


def _look_up(tree: Any, key: str) -> str | None:
    for part in key.split("."):
        if not isinstance(tree, Mapping) or part not in tree:
            return None
        tree = tree[part]
    return None if isinstance(tree, Mapping) else str(tree)
