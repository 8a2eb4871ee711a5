"""One person of a reconciliation as a row of a list: which list, which key, what its cells say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ocr_pipeline.exchange.reconciling.compared_fields import compared_fields
from ocr_pipeline.exchange.reconciling.differences import reasons, shipped_differences
from ocr_pipeline.exchange.reconciling.list_words import ListEntry, list_words
from ocr_pipeline.exchange.reconciling.outcome import (
    ComparedPerson,
    FieldComparison,
    FieldVerdict,
    OutcomeKind,
    PersonOutcome,
    ProposedNumber,
)
from ocr_pipeline.text.dates import parse_date
from ocr_pipeline.text.normalise import key
from ocr_pipeline.text.numbers import parse_number_year

#: Columns that people fill in; all others are the program's.
TYPED = ("decision", "detail", "justification", "decided_by")
#: Columns whose wording belongs to the version of the program, so that they are not compared.
_EXPLAINING = frozenset({"cause", "id_checks", "reason", "probability"})
_FRONT = ("key", "quyen_so", "so", "registered", "name", "birth", "role")
_BEHIND = (
    "personal_id", "id_checks", "sex", "father", "mother", "spouse", "home_town", "agency",
    "reason", "probability", "source_a", "source_b",
)  # fmt: skip
_FROM_PERSON = ("name", "birth", "father", "mother", "spouse", "home_town")
_NO_BOOK = 99_999
_SEVERAL_FIELDS, _DIFFER = "several_fields", "differ"


@dataclass(frozen=True, slots=True)
class ListName:
    """Which list a person stands in.

    Attributes:
        entry: id in `list_words.yaml`.
        field: the field that differs, of the lists of a single field; "" for others.

    """

    entry: str
    field: str = ""

    @property
    def words(self) -> ListEntry:
        """What the list is called, and which decisions it takes."""
        return list_words().lists[self.entry]

    @property
    def sheet(self) -> str:
        """Name of its sheet."""
        return self.words.sheet.format(field=caption(self.field) if self.field else "")

    @property
    def order(self) -> tuple[int, int]:
        """Its place among the lists."""
        fields = list(compared_fields())
        place = fields.index(self.field) if self.field else 0
        return list(list_words().lists).index(self.entry), place


def caption(field: str) -> str:
    """What a compared field is called in the middle of a heading."""
    return compared_fields()[field].vi


def title(field: str) -> str:
    """What a compared field is called at the beginning of a heading."""
    return caption(field)[:1].upper() + caption(field)[1:]


def list_of(outcome: PersonOutcome) -> ListName | None:
    """The list that a person stands in; None for one that agrees: nobody has to do anything."""
    if outcome.kind is OutcomeKind.AGREE:
        return None
    if outcome.kind is OutcomeKind.DIFFER:
        fields = dict.fromkeys(one.field for one in outcome.differing)
        return ListName(_DIFFER, next(iter(fields))) if len(fields) == 1 else _several_fields()
    if outcome.kind is OutcomeKind.AGREE_ID_MISSING:
        return ListName(outcome.kind.value)
    return ListName(f"{outcome.kind.value}_{'a' if outcome.a else 'b'}")


def _several_fields() -> ListName:
    return ListName(_SEVERAL_FIELDS)


def row_key(run: str, outcome: PersonOutcome) -> str:
    """What a row is known by, wherever it is sorted or copied to: `7F3A91-0000012`."""
    return f"{run}-{outcome.number:07d}"


def number_of(found: str) -> tuple[str, int] | None:
    """The reconciliation and the outcome of a row key; None for no key."""
    run, _, number = found.strip().upper().partition("-")
    if len(run) == 6 and number.isascii() and number.isdecimal() and len(number) == 7:
        return run, int(number)
    return None


def columns_of_list(list: ListName, filled: Iterable[str]) -> tuple[str, ...]:
    """The columns of a list, in order.

    Args:
        list: the list.
        filled: columns in which any of its rows holds anything.

    """
    said = set(filled)
    differing = {column.split(":")[1] for column in said if column.startswith("value:")}
    pairs = [
        f"value:{field}:{side}"
        for field in compared_fields()
        if field in differing
        for side in ("a", "b")
    ]
    middle = {
        OutcomeKind.DIFFER: [*pairs, "cause"],
        OutcomeKind.SEVERAL: ["candidates"],
        OutcomeKind.DOUBLE: ["double_of"],
    }.get(list.words.kind, [])
    return (*_FRONT, *middle, *TYPED, *(name for name in _BEHIND if name in said))


def heading(column: str) -> str:
    """What stands above a column."""
    words = list_words()
    if not column.startswith("value:"):
        return words.columns[column]
    _, field, side = column.split(":")
    return words.columns["value"].format(field=title(field), side=words.sides[side])


def column_by_heading() -> Mapping[str, str]:
    """All columns of all lists by comparison key of their headings."""
    columns = [name for name in list_words().columns if name != "value"]
    columns += [f"value:{field}:{side}" for field in compared_fields() for side in ("a", "b")]
    return {key(heading(column)): column for column in columns}


def must_stay(column: str) -> bool:
    """Whether a column of a returned row has to be as it was written."""
    return column not in TYPED and column not in _EXPLAINING


def cells_of(run: str, outcome: PersonOutcome) -> dict[str, str]:
    """What stands in the row of a person, by column; columns that people fill in are left out."""
    person = outcome.a or outcome.b
    assert person is not None
    cells = {
        "key": row_key(run, outcome),
        "quyen_so": person.quyen_so,
        "so": person.so,
        "registered": person.registered,
        "role": list_words().roles.get(person.role, person.role),
        "sex": _shown("sex", person.values.get("sex", "")),
        "agency": person.agency,
        "reason": "; ".join(_reasons(outcome)),
        "probability": _percent(outcome.probability) if outcome.probability else "",
        "source_a": _source(outcome.a),
        "source_b": _source(outcome.b),
        "personal_id": outcome.b.values.get("personal_id", "") if outcome.b else "",
    }
    cells |= {name: person.values.get(name, "") for name in _FROM_PERSON}
    for one in outcome.differing:
        cells[f"value:{one.field}:a"] = _shown(one.field, one.value_a)
        cells[f"value:{one.field}:b"] = _shown(one.field, one.value_b)
    cells["cause"] = "\n".join(map(_cause, outcome.differing))
    cells["candidates"] = "\n".join(_candidates(outcome))
    if outcome.double_of:
        cells["double_of"] = _described(outcome.double_of)
    if outcome.proposed:
        cells["personal_id"] = outcome.proposed.number
        cells["id_checks"] = "; ".join(_id_checks(outcome.proposed))
    return {name: text for name, text in cells.items() if text}


def work_order(outcome: PersonOutcome) -> tuple[object, ...]:
    """By book and number, as the books are opened one after the other."""
    person = outcome.a or outcome.b
    assert person is not None
    book, number = parse_number_year(person.quyen_so), parse_number_year(person.so)
    date = parse_date(person.registered)
    book_place = (book[1] or _NO_BOOK, book[0]) if book else (_NO_BOOK, _NO_BOOK)
    number_place = (number[1] or _NO_BOOK, number[0]) if number else (_NO_BOOK, _NO_BOOK)
    day = (date.year, date.month or 0, date.day or 0) if date else (_NO_BOOK, 0, 0)
    return (*book_place, *number_place, day, key(person.values.get("name", "")), outcome.number)


def _shown(field: str, value: str) -> str:
    return list_words().sexes.get(value, value) if field == "sex" else value


def _cause(one: FieldComparison) -> str:
    entry = shipped_differences()[one.kind]
    return list_words().texts.cause.format(
        field=title(one.field), difference=entry.vi, cause=entry.cause_vi
    )


def _reasons(outcome: PersonOutcome) -> Iterator[str]:
    told = reasons().get(outcome.reason)
    yield told.vi if told else outcome.reason
    for one in outcome.comparisons:
        if one.verdict is FieldVerdict.COUNTS_AS_EQUAL:
            difference = shipped_differences()[one.kind].vi
            yield list_words().texts.passes.format(field=caption(one.field), difference=difference)


def _candidates(outcome: PersonOutcome) -> Iterator[str]:
    for place, one in enumerate(outcome.candidates, 1):
        yield list_words().texts.candidate.format(
            place=place, person=_described(one.person), percent=_percent(one.probability)
        )


def _described(person: ComparedPerson) -> str:
    """A person in one line: who, born when and to whom, which ID, where the row stands."""
    values = person.values
    parts = [values.get("name", ""), values.get("birth", "")]
    parts += [
        f"{caption(field)} {values[field]}"
        for field in ("father", "mother", "spouse", "personal_id")
        if values.get(field)
    ]
    if person.so:
        parts.append(list_words().texts.number.format(so=person.so))
    return " · ".join(filter(None, [*parts, _source(person)]))


def _id_checks(proposed: ProposedNumber) -> Iterator[str]:
    words = list_words()
    for part, what in words.id_parts.items():
        state = {True: "true", False: "false", None: "none"}[getattr(proposed, part)]
        yield words.id_checks[state].format(what=what)


def _percent(probability: float) -> str:
    # never rounded up to certainty
    return f"{min(int(probability * 1000) / 10, 99.9):.1f} %".replace(".", ",")


def _source(person: ComparedPerson | None) -> str:
    if person is None:
        return ""
    sheet = f" ({person.key.sheet})" if person.key.sheet else ""
    file = f"{Path(person.key.file).name}{sheet}"
    return list_words().texts.source.format(file=file, row=person.key.row)
