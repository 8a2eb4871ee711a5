"""Fields of one record that support each other: two writings of a date, names that occur twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ocr_pipeline.checks.beliefs import DECIDED, LEAST_OTHER, Belief, belief, revised
from ocr_pipeline.checks.context_settings import ContextSettings, Link, PersonalNumberOdds
from ocr_pipeline.checks.findings import persons
from ocr_pipeline.checks.identity import PERSONAL, PersonalNumber, has_shape, is_shaped
from ocr_pipeline.registers.fields import Field, FieldKind
from ocr_pipeline.registers.values import read_as_date, says_nothing
from ocr_pipeline.text.date_words import date_to_words
from ocr_pipeline.text.dates import PartialDate
from ocr_pipeline.text.names import split_name
from ocr_pipeline.text.normalise import key

_UNEVEN = re.compile(r"(?<!\d)[1-9]\s*[./-]\s*0[1-9]\s*[./-]?\s*(?:\d\d)?\d\d(?!\d)")
"""A day of one figure before a month with a zero."""

Seen = PartialDate | str
"""What two fields have in common: a date, or the key of a name or surname."""


@dataclass(frozen=True, slots=True)
class _Side:
    """A field's belief, and by common thing the values that say it."""

    field: Field
    own: Belief
    mass: Mapping[Seen, float]
    by_value: Mapping[str, Seen]


def join_links(own: dict[str, Field], type: str, settings: ContextSettings) -> None:
    """Let the linked fields of a record (see `links` in context.yaml) support each other."""
    for link in settings.links:
        one, two = link.fields
        if (link.types and type not in link.types) or one not in own or two not in own:
            continue
        decided = own[one].state in DECIDED or own[two].state in DECIDED
        if link.read_together and not decided:
            continue
        look = _LOOKS[link.same]
        first, second = _side(own[one], look), _side(own[two], look)
        if first.mass and second.mass:
            ceiling = settings.ceiling if link.ceiling is None else link.ceiling
            own[one] = _joined(first, second, link, ceiling)
            own[two] = _joined(second, first, link, ceiling)


def _side(field: Field, look: Callable[[str], Seen | None]) -> _Side:
    own = belief(field)
    mass: dict[Seen, float] = {}
    by_value = {}
    for value, weight in own.values.items():
        seen = look(value)
        if seen is not None:
            by_value[value] = seen
            mass[seen] = mass.get(seen, 0.0) + weight
    return _Side(field, own, mass, by_value)


def _joined(one: _Side, two: _Side, link: Link, ceiling: float) -> Field:
    """A field's belief given the other.

    Both say the same with probability 1 − differ; an agreement is worth `many` times as much as
    no agreement. Where disagreement counts, the truth may also be what only the other field says.
    """
    differ, many, other = link.differ, link.many, two.own.other
    factors = {
        seen: (1 - differ) * (two.mass[seen] * many if seen in two.mass else other) + differ
        for seen in one.mass
    }
    weights = {value: one.own.values[value] * factors[s] for value, s in one.by_value.items()}
    only = {seen: mass for seen, mass in two.mass.items() if seen not in one.mass}
    hidden = sum(only.values()) if link.contradicts else 0.0
    unread = max(factors.values()) if link.part else (1 - differ) * (hidden + other) + differ
    rest = one.own.other * unread
    suggestion = ""
    if link.contradicts and only:
        suggestion = _written(one.field.kind, max(only, key=lambda seen: only[seen]))
    return revised(one.field, Belief(weights, rest), "same", ceiling, suggestion)


def _written(kind: FieldKind, seen: Seen) -> str:
    if isinstance(seen, str):
        return seen
    return date_to_words(seen) if kind is FieldKind.DATE_WORDS else seen.dotted()


def bound_dates(own: dict[str, Field], settings: ContextSettings) -> None:
    """Dates after the registration, or lifetimes before it, are unlikely readings."""
    registered = own.get("ngayDangKy")
    at = read_as_date(registered.value) if registered and registered.value else None
    if registered is None or at is None or registered.confidence < 0.5:
        return
    outside, oldest = settings.bounds.outside, settings.bounds.oldest
    for code, field in own.items():
        if field.kind not in (FieldKind.DATE, FieldKind.DATE_WORDS) or field is registered:
            continue
        if field.state in DECIDED:
            continue
        b = belief(field)
        dates = {value: read_as_date(value) for value in b.values}
        odd = {
            value
            for value, date in dates.items()
            if date and (date.earliest() > at.latest() or date.year < at.year - oldest)
        }
        if odd:
            weights = {v: p * (outside if v in odd else 1.0) for v, p in b.values.items()}
            posterior = Belief(weights, b.other)
            own[code] = revised(field, posterior, "bounds", settings.ceiling)


def even_dates(own: dict[str, Field], settings: ContextSettings) -> None:
    """Dates such as `3/04/1990` are misread: whoever writes `04` writes `03`.

    What is missing before the `3` is mostly a narrow `1`. (`03/4/1990` is usual: the rules of
    official letters ask for it.)
    """
    for code, field in own.items():
        if field.kind is not FieldKind.DATE or field.state in DECIDED:
            continue
        b = belief(field)
        written: dict[str, str] = {}
        for one in field.n_best:
            written.setdefault(one.value, one.text)
        weights = {
            value: p * (settings.uneven_dates if _UNEVEN.search(written.get(value, "")) else 1.0)
            for value, p in b.values.items()
        }
        if weights != b.values:
            own[code] = revised(field, Belief(weights, b.other), "zeros", settings.ceiling)


def fit_identity_numbers(own: dict[str, Field], type: str, settings: ContextSettings) -> None:
    """Numbers of identity papers that cannot be right give way to those that can.

    A digit left out or read twice gives a number of no paper's shape: of 824 numbers in drawn books
    61 were read so, and none of these was right. Personal numbers of provinces that do not exist,
    of another sex or another birth year are as unlikely.
    """
    odds = settings.identity
    for person, role_sex in persons(type).items():
        sex = _sure_value(own.get(f"{person}GioiTinh"), odds.sure) or role_sex
        born = _sure_value(own.get(f"{person}NgaySinh"), odds.sure)
        birth = read_as_date(born) if born else None
        bearer = _Bearer(sex, birth.year if birth else None)
        kind = own.get(f"{person}LoaiGiayToTuyThan")
        papers = {
            "SoDinhDanh": PERSONAL,
            "SoDinhDanhCaNhan": PERSONAL,
            "SoGiayToTuyThan": kind.value if kind is not None else "",
            "GiayTo": "",
        }
        for suffix, paper in papers.items():
            field = own.get(person + suffix)
            if field is not None and field.state not in DECIDED:
                own[field.code] = _fitted(field, paper, bearer, odds)


@dataclass(frozen=True, slots=True)
class _Bearer:
    """What is known of whom a paper belongs to."""

    sex: str
    birth_year: int | None


def _fitted(field: Field, paper: str, bearer: _Bearer, odds: PersonalNumberOdds) -> Field:
    if not field.value and all(says_nothing(one.text) for one in field.n_best[:1]):
        return field
    b = belief(field)
    weights = {value: p * _fit(value, paper, bearer, odds) for value, p in b.values.items()}
    other = b.other
    if field.kind is FieldKind.ID_DOCUMENT:
        # A writing without a value is a number of no paper's shape.
        shapeless = sum(c.probability for c in field.n_best if c.text and not c.value)
        least = LEAST_OTHER * (1 - max(b.values.values(), default=0.0))
        other = max(b.other - shapeless * (1 - odds.shape), least)
    if any(is_shaped(_paper_of(value, paper)) for value in b.values):
        other *= odds.pass_anyway
    if weights == b.values and other == b.other:
        return field
    return revised(field, Belief(weights, other), "identity", odds.ceiling)


def _paper_of(value: str, otherwise: str) -> str:
    """Code of the paper that a number belongs to; `otherwise` where its blank does not name it."""
    return value.rpartition(" ")[0] or otherwise


def _sure_value(field: Field | None, sure: float) -> str:
    return field.value if field is not None and field.confidence >= sure else ""


def _fit(value: str, paper: str, bearer: _Bearer, odds: PersonalNumberOdds) -> float:
    """Likelihood of a number (after the code of its paper, if written in one blank with it)."""
    digits = value.rpartition(" ")[2]
    if not has_shape(_paper_of(value, paper), digits):
        return odds.shape
    if not re.fullmatch(r"\d{12}", digits):
        return 1.0
    number, factor = PersonalNumber(digits), 1.0
    if not number.province_exists:
        factor *= odds.province
    if bearer.sex in ("1", "2") and number.sex != bearer.sex:
        factor *= odds.sex
    if bearer.birth_year is not None and number.birth_year != bearer.birth_year:
        factor *= odds.birth_year
    return factor


def _name(value: str) -> str | None:
    return key(value) or None


def _surname(value: str) -> str | None:
    return key(split_name(value).surname) or None


_LOOKS: Mapping[str, Callable[[str], Seen | None]] = {
    "date": read_as_date,
    "name": _name,
    "surname": _surname,
}
