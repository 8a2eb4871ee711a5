"""What a keyed row says of the fields of a form, and the ways in which clerks write it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import product

from ocr_pipeline.reading.line_texts import written_forms
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.layout_codes import composites
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.text.normalise import key, place_tones
from ocr_pipeline.text.places import official_writing

_UNIT_WORDS = (
    "thị trấn", "thành phố", "thị xã", "phường", "xã", "quận", "huyện", "tỉnh", "thôn", "ấp",
)  # fmt: skip
_SMALL_WORDS = ("Thị", "Văn")
_PLACES = (FieldKind.PLACE, FieldKind.AGENCY)


def row_value(values: Mapping[str, str], type: RegisterType, code: str) -> str | None:
    """What a row says of a blank of the paper, in the form of a reading.

    Args:
        values: of the row, by column; columns that its file lacks are missing.
        type: of the register.
        code: of the field in the layout.

    Returns:
        "" where the row says nothing; None where its file has no such column.

    """
    if code in values:
        return values[code]
    composite = composites(type).get(code)
    if composite is None or not any(column in values for column in composite.into):
        return None
    parts = [values.get(column, "") for column in composite.into]
    return _JOINED[composite.split](parts)


def _id_document(parts: Sequence[str]) -> str:
    return f"{parts[0] or '8'} {parts[1]}" if parts[1] else ""


def _one_after_the_other(parts: Sequence[str]) -> str:
    return ", ".join(filter(None, parts))


_JOINED: Mapping[str, Callable[[Sequence[str]], str]] = {
    "id_document": _id_document,
    "name_and_position": _one_after_the_other,
    "time_and_date": _one_after_the_other,
    "copy": lambda parts: next(filter(None, parts), ""),
}


def means_same(kind: FieldKind, one: str, other: str) -> bool:
    """Two values of a kind say the same: neither case nor the place of a tone mark counts.

    A number without its year is that number of any year: the year is often printed, or left out.
    """
    if kind is FieldKind.NUMBER_YEAR:
        numbers = [comparable(kind, value).partition("/") for value in (one, other)]
        (first, _, year), (second, _, other_year) = numbers
        return first == second and (year == other_year or not (year and other_year))
    return comparable(kind, one) == comparable(kind, other)


@lru_cache(maxsize=65536)
def comparable(kind: FieldKind, value: str) -> str:
    """A text that is the same for values that say the same."""
    if kind in _PLACES:
        return key(official_writing(value)) if value else ""
    if kind is FieldKind.ID_DOCUMENT:  # the type is often only implied
        return value.partition(" ")[2].replace(" ", "") or value
    if kind in (FieldKind.NUMBER_YEAR, FieldKind.NUMBER):
        number, _, year = value.partition("/")
        return f"{number.lstrip('0')}/{year if year.strip('0') else ''}".rstrip("/")
    return key(value)


@lru_cache(maxsize=65536)
def texts_on_paper(kind: FieldKind, value: str) -> tuple[str, ...]:
    """The ways in which clerks write a value, the readings of the ink not among them."""
    more = _MORE.get(kind)
    forms = written_forms(kind, value, more(value) if more else [])
    return tuple(dict.fromkeys(forms))


def _names(value: str) -> list[str]:
    """Both places of tone marks; `thị` and `văn` small, as many write them."""
    small = value
    for word in _SMALL_WORDS:
        small = small.replace(f" {word} ", f" {word.lower()} ")
    both = dict.fromkeys([value, small])
    styles = (place_tones(one, "old") for one in both), (place_tones(one, "new") for one in both)
    return [*both, *styles[0], *styles[1]]


def _places(value: str) -> list[str]:
    """Without the words of units, too; with commas, dashes or neither."""
    parts = [part.strip() for part in value.split(",")]
    bare = [_without_unit_word(part) for part in parts]
    small = [part[:1].lower() + part[1:] for part in parts]
    kinds = (parts, bare, small, [_initial(part) for part in parts])
    return [sign.join(one) for one in kinds for sign in (", ", " - ", " ")]


def _without_unit_word(part: str) -> str:
    for word in _UNIT_WORDS:
        if part.lower().startswith(f"{word} "):
            rest = part[len(word) + 1 :]
            return part if rest.isdigit() else rest
    return part


def _initial(part: str) -> str:
    """`X. Phước Ngãi` for `xã Phước Ngãi`."""
    for word in _UNIT_WORDS:
        if part.lower().startswith(f"{word} "):
            short = "".join(w[0] for w in word.split()).upper()
            return f"{short}. {part[len(word) + 1 :]}"
    return part


def _words_of_dates(value: str) -> list[str]:
    """`Ngày Mười Sáu …` in the case and with the words that clerks prefer."""
    lower = value.lower()
    choices = [("nghìn", ("nghìn", "ngàn")), ("linh", ("linh", "lẻ")), ("mồng", ("mồng", "mùng"))]
    used = [(word, ways) for word, ways in choices if word in lower]
    texts = []
    for picked in product(*(ways for _, ways in used)):
        text = lower
        for (word, _), way in zip(used, picked, strict=True):
            text = text.replace(word, way)
        bare = text.removeprefix("ngày ")
        for one in (text, bare):
            texts += [one, one[:1].upper() + one[1:]]
    return texts


def _times(value: str) -> list[str]:
    hour, _, minute = value.partition(":")
    if not (hour.isdigit() and minute.isdigit()):
        return []
    texts = []
    for h, m in product({hour, hour.lstrip("0") or "0"}, {minute, minute.lstrip("0") or "0"}):
        texts += [f"{h} giờ {m} phút", f"{h}h{m}", f"{h} giờ {m}", f"{h}:{m}", f"{h} {m}"]
    if not minute.strip("0"):
        texts += [f"{hour} giờ", f"{hour.lstrip('0') or '0'} giờ"]
    return texts


def _joined_texts(value: str) -> list[str]:
    return [value.replace(", ", sign) for sign in (" - ", " ")]


_MORE: Mapping[FieldKind, Callable[[str], list[str]]] = {
    FieldKind.PERSON_NAME: _names,
    FieldKind.PLACE: _places,
    FieldKind.AGENCY: _places,
    FieldKind.DATE_WORDS: _words_of_dates,
    FieldKind.TIME: _times,
    FieldKind.FREE_TEXT: _joined_texts,
}
