"""What fields are called on the screen, and what their codes mean."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ocr_pipeline.data_files import Strict, WordPair, load_data
from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.layout_codes import paper_codes
from ocr_pipeline.registers.templates import code_list, generations, load_template
from ocr_pipeline.registers.types import RegisterType

_BY_KIND = {FieldKind.SEX: "sex", FieldKind.ID_TYPE: "id_type", FieldKind.ID_DOCUMENT: "id_type"}


class CaptionFile(Strict):
    """`captions.yaml`: fields with a name of their own, and persons with columns for the others."""

    codes: dict[str, WordPair]
    persons: dict[str, WordPair]
    columns: dict[str, WordPair]


@cache
def caption(code: str) -> Text:
    """What a field is called: `chaHoTen` -> `Họ tên cha`; a code nobody has named stays itself."""
    data = _data()
    if code in data.codes:
        return data.codes[code]
    for person in sorted(data.persons, key=len, reverse=True):
        column = code.removeprefix(person)
        if code.startswith(person) and column in data.columns:
            what, who = data.columns[column], data.persons[person]
            return Text(f"{what.vi} {who.vi}", f"{who.en}: {what.en}")
    return Text(code, code)


@cache
def captions() -> Mapping[str, Text]:
    """What every column of every template and every code on paper is called, by code."""
    codes: set[str] = set()
    for type in RegisterType:
        codes |= paper_codes(type)
        for generation in generations(type):
            for variant in ("", *load_template(type, generation).variants):
                codes |= load_template(type, generation, variant).by_name.keys()
    return {code: caption(code) for code in sorted(codes)}


@cache
def options(type: RegisterType | str, code: str, kind: FieldKind) -> Mapping[str, Text]:
    """The codes a field may hold and what they mean, in order; empty for free values."""
    name = _BY_KIND.get(kind, "")
    if not name and kind is FieldKind.TICK:
        name = _list_name(type, code)
    return code_list(name) if name else {}


def _list_name(type: RegisterType | str, code: str) -> str:
    for generation in generations(type):
        column = load_template(type, generation).by_name.get(code)
        if column is not None and column.codes:
            return column.codes
    return ""


@cache
def _data() -> CaptionFile:
    return load_data(Path(__file__).with_name("captions.yaml"), CaptionFile)
