"""Excel import templates as data: one YAML file per register type and generation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path

from ocr_pipeline.data_files import Strict, WordPair, load_data
from ocr_pipeline.errors import TemplateError, Text
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.usual_options import USUAL

DATA = Path(__file__).parent / "data"
GENERATIONS = (USUAL.generation, "158")


class Column(Strict):
    """One Excel column.

    Attributes:
        name: column name without marks, e.g. `ngayDangKy`.
        header: literal text of the header cell (trailing blanks and line breaks included).
        kind: what it holds.
        codes: name of its list in `codes.yaml`; "" when it takes free values.
        mandatory: a record without it needs a person.
        variants: variants of the template that have it; empty means all.

    """

    name: str
    header: str = ""
    kind: FieldKind
    codes: str = ""
    mandatory: bool = False
    variants: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What stands in row 1."""
        return self.header or self.name


class Template(Strict):
    """One import template: sheet name and columns in order.

    Attributes:
        variants: names of the known variants, the default first; empty when there is only one.
        variant: the one chosen.
        provisional: no official template is known; columns may change.

    """

    type: RegisterType
    generation: str
    sheet: str
    provisional: bool = False
    variants: tuple[str, ...] = ()
    variant: str = ""
    columns: tuple[Column, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Columns by name."""
        return {column.name: column for column in self.columns}

    def headers(self) -> list[str]:
        """Row 1."""
        return [column.title for column in self.columns]


class CodeLists(Strict):
    """`codes.yaml`: what the codes of Excel columns mean.

    Attributes:
        lists: code -> meaning, in order, by the name of the list.
        provisional: lists, and entries `list/code`, for which no source is known.

    """

    lists: dict[str, dict[str, WordPair]]
    provisional: tuple[str, ...] = ()


def generations(type: RegisterType | str) -> tuple[str, ...]:
    """Generations known for a register type, oldest first."""
    return tuple(g for g in GENERATIONS if (DATA / "templates" / f"{type}-{g}.yaml").is_file())


@cache
def load_template(
    type: RegisterType | str,
    generation: str = USUAL.generation,
    variant: str = "",
    folder: Path | None = None,
) -> Template:
    """The template of a register type.

    Args:
        type: register type or its code.
        generation: "1437" (letter of 2019) or "158" (with personal identifiers; births only).
        variant: number of columns of a known variant, e.g. "52" for CMC; "" takes the default.
        folder: where newer templates lie (`<TYPE>-<generation>.yaml`); None: those shipped.

    Raises:
        TemplateError: no such template or variant, or its file does not follow the schema.

    """
    path = (folder or DATA / "templates") / f"{type}-{generation}.yaml"
    if not path.is_file():
        known = ", ".join(generations(type)) or "–"
        raise TemplateError(
            Text(
                f"Không có mẫu Excel {generation} cho sổ {type}",
                f"There is no Excel template {generation} for register {type}",
            ),
            where=path.name,
            remedy=Text(f"Chọn một trong: {known}", f"Choose one of: {known}"),
        )
    return _with_variant(load_data(path, Template, TemplateError), variant, path.name)


def _with_variant(template: Template, variant: str, where: str) -> Template:
    if not variant and not template.variants:
        return template
    chosen = variant or template.variants[0]
    if chosen not in template.variants:
        known = ", ".join(template.variants) or "–"
        raise TemplateError(
            Text(f"Mẫu Excel không có biến thể {chosen}", f"The template has no variant {chosen}"),
            where=where,
            remedy=Text(f"Các biến thể: {known}", f"The variants: {known}"),
        )
    columns = tuple(c for c in template.columns if not c.variants or chosen in c.variants)
    return template.model_copy(update={"columns": columns, "variant": chosen})


@cache
def code_list(name: str) -> Mapping[str, Text]:
    """Codes of a list of `codes.yaml`, in order: code -> meaning; empty for an unknown list."""
    return _codes().lists.get(name, {})


@cache
def _codes() -> CodeLists:
    return load_data(DATA / "codes.yaml", CodeLists)


def header_key(text: str) -> str:
    """Tolerant key of a header cell: case, blanks, line breaks, `i=[…]` and suffixes dropped."""
    words = re.split(r"[\s\[(=]", text.strip(), maxsplit=1)
    return words[0].casefold()
