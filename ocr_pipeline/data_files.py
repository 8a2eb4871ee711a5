"""Reads data files (YAML, JSON) into models that refuse what they do not know.

Every data file of this project is read here, with a schema: a misspelt key is found when the file
is loaded, not when a rule silently does nothing. Nothing is cached: callers keep what they reread.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError

from ocr_pipeline.errors import MachineError, SohoaError, Text
from ocr_pipeline.os_errors import os_reason
from ocr_pipeline.plain_files import read_plain
from ocr_pipeline.strict_data import DataRefusalError, read_json, read_yaml

#: Of a data file; the largest of ours has 66 kB.
_MOST_BYTES = 2_000_000
_LONGEST_SHOWN = 58
Loaded = TypeVar("Loaded")


class ShippedDataError(MachineError):
    """A data file that belongs to this installation is missing or damaged: nothing can go on."""


class DataValueError(ValueError):
    """What a validator of a schema objects to, in both languages."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(vi, en)


class Strict(BaseModel):
    """Base of all schemas of data files: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Wording(Strict):
    """What is said in both languages, as the keys `vi` and `en`."""

    vi: str
    en: str

    @property
    def message(self) -> Text:
        """Both languages as one message."""
        return Text(self.vi, self.en)


def _of_pair(value: object) -> object:
    if not isinstance(value, list) or len(value) != 2:
        raise DataValueError("phải là [tiếng Việt, tiếng Anh]", "must be [Vietnamese, English]")
    return dict(zip(("vi", "en"), value, strict=True))


WordPair = Annotated[Text, BeforeValidator(_of_pair)]
"""A message that the file writes as `[Vietnamese, English]`."""


def load_data(
    path: Path,
    model: type[Loaded],
    error: type[SohoaError] = ShippedDataError,
    remedy: Text | None = None,
    *,
    where: str = "",
    secret: bool = False,
) -> Loaded:
    """The content of a data file, checked.

    Args:
        path: a YAML file (`strict_data`), or a JSON file (`.json`), in UTF-8, of 2 MB at most; an
            empty one has no keys.
        model: a `Strict` model, or a collection of such, e.g. `dict[str, Wording]`.
        error: raised when the file cannot be used; people's own files take a `BadInputError`.
        remedy: told with the error.
        where: names the file in errors; "": its path.
        secret: the file holds passwords, so no value is shown in errors.

    Raises:
        SohoaError: of the kind `error`. The file cannot be read, is no YAML or JSON, or does not
            follow the model: the error names the file, the line or the key, and the cause.

    """
    try:
        data = read_plain(path, _MOST_BYTES)
    except OSError as cause:
        reason = os_reason(cause)
        why = Text(f"không đọc được tệp: {reason.vi}", f"the file cannot be read: {reason.en}")
        raise error(why, where=where or str(path), remedy=remedy) from cause
    return parse_data(data, model, where or str(path), error, remedy, secret=secret)


def parse_data(
    data: bytes | str,
    model: type[Loaded],
    where: str,
    error: type[SohoaError] = ShippedDataError,
    remedy: Text | None = None,
    *,
    secret: bool = False,
) -> Loaded:
    """As `load_data`, of a content at hand.

    Args:
        data: the content.
        model: as in `load_data`.
        where: names the content in errors; ends in `.json` for JSON.
        error: as in `load_data`.
        remedy: as in `load_data`.
        secret: as in `load_data`.

    Raises:
        SohoaError: of the kind `error`, as in `load_data`.

    """
    try:
        if len(data) > _MOST_BYTES:
            raise error(_REFUSED["values"], where=where, remedy=remedy)
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
        content = read_json(text) if where.endswith(".json") else read_yaml(text)
    except (yaml.YAMLError, ValueError) as cause:
        raise error(_why_unreadable(cause), where=where + _line(cause), remedy=remedy) from cause
    try:
        return TypeAdapter(model).validate_python({} if content is None else content)
    except ValidationError as cause:
        told = error(_why_refused(cause, secret), where=where, remedy=remedy)
        raise told from (None if secret else cause)


def _why_unreadable(cause: Exception) -> Text:
    if isinstance(cause, DataRefusalError):
        return _REFUSED[cause.reason].format(it=shortened(str(cause.problem)))
    if isinstance(cause, UnicodeDecodeError):
        return Text("tệp không phải UTF-8", "the file is not in UTF-8")
    if isinstance(cause, yaml.YAMLError):
        return Text("không đúng cú pháp YAML", "not valid YAML")
    return Text("không đúng cú pháp JSON", "not valid JSON")


def shortened(value: str) -> str:
    """A value from a file of others as it stands in a message."""
    return value if len(value) <= _LONGEST_SHOWN else f"{value[: _LONGEST_SHOWN - 1]}…"


def _line(cause: Exception) -> str:
    mark = getattr(cause, "problem_mark", None)
    number = mark.line + 1 if mark else getattr(cause, "lineno", 0)
    return f":{number}" if number else ""


def _why_refused(cause: ValidationError, secret: bool) -> Text:
    """One fault by its key, and how many more there are; a misspelt key explains a missing one."""
    found = cause.errors(include_url=False)
    first = next((fault for fault in found if fault["type"] == "extra_forbidden"), found[0])
    key = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in first["loc"]).lstrip(".")
    what, more = _fault(first, secret), cause.error_count() - 1
    return Text(
        f"khóa “{key or '/'}” sai: {what.vi}" + (f" (và {more} lỗi khác)" if more else ""),
        f"key “{key or '/'}” is wrong: {what.en}" + (f" (and {more} more)" if more else ""),
    )


def _fault(found: Mapping[str, Any], secret: bool) -> Text:
    """One fault in both languages; pydantic itself only speaks English."""
    kind, context = found["type"], found.get("ctx", {})
    if kind in _FAULTS:
        return _FAULTS[kind]
    if isinstance(error := context.get("error"), DataValueError):
        return error.text
    value = "***" if secret else shortened(repr(found["input"]))
    if "expected" in context:  # enumerations and literals
        known = str(context["expected"]).replace(" or ", ", ")
        vi = f"{value} không thuộc {known}"
    elif bound := _bound(context):
        vi = f"{value} phải {bound}"
    else:
        vi = f"{value} không phải giá trị dùng được ở đây"
    return Text(vi, f"{found['msg']} (is {value})")


def _bound(context: Mapping[str, Any]) -> str:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    return "".join(f"{sign} {context[name]}" for name, sign in signs.items() if name in context)


_REFUSED: Mapping[str, Text] = {
    "key_twice": Text("khóa “{it}” có hai lần", "the key “{it}” stands there twice"),
    "tag": Text("không dùng thẻ “{it}”", "tags such as “{it}” are not used"),
    "digits": Text("số có quá nhiều chữ số", "a number with too many digits"),
    "no_number": Text("“{it}” không phải là số", "“{it}” is no number"),
    "levels": Text("quá nhiều tầng lồng nhau", "too many levels inside each other"),
    "values": Text("quá nhiều giá trị", "too many values"),
    "circle": Text("phần này chứa chính nó", "this part contains itself"),
}
_FAULTS: Mapping[str, Text] = {
    "extra_forbidden": Text("không có khóa nào tên như vậy", "there is no key of this name"),
    "missing": Text("thiếu khóa này", "this key is missing"),
}
