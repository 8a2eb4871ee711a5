"""The judgement of a book: re-ranked readings, doubts with their reasons, states. Pure functions.

A field without doubt goes out without a person; every doubt says why in plain words. A rule never
changes a value: it adds a doubt to the fields its columns come from.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cache

from ocr_pipeline.books.book import Book
from ocr_pipeline.checks.acceptance import AcceptancePolicy
from ocr_pipeline.checks.beliefs import DECIDED
from ocr_pipeline.checks.book_context import rerank
from ocr_pipeline.checks.book_rules import check_book
from ocr_pipeline.checks.doubts import absent_people, doubt, doubt_messages, is_expected
from ocr_pipeline.checks.findings import Finding, rules
from ocr_pipeline.checks.record_rules import check_record
from ocr_pipeline.checks.short_years import (
    fill_short_years,
    leaves_out_digits,
    possible_values,
    source_of,
)
from ocr_pipeline.errors import Text
from ocr_pipeline.registers.blank_fields import holds_no_ink, is_blank
from ocr_pipeline.registers.ditto_marks import fill_dittos, is_sure_mark
from ocr_pipeline.registers.fields import (
    Doubt,
    Field,
    FieldKind,
    Record,
    Special,
    State,
)
from ocr_pipeline.registers.rows import column_sources, compose_row, paper_columns, with_year
from ocr_pipeline.registers.templates import load_template
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.registers.values import says_nothing
from ocr_pipeline.written_numbers import short_number

_NAMED = frozenset({FieldKind.PERSON_NAME, FieldKind.POSITION, FieldKind.PLACE, FieldKind.AGENCY})
_MOST_WORDS_TWICE = 3

_SETTLED = frozenset({State.ACCEPTED, State.CONFIRMED, State.CORRECTED})
"""States in which a value stands for those below it, too."""


def judge_book(
    book: Book, records: Sequence[Record], policy: AcceptancePolicy | None = None
) -> list[Record]:
    """Judge all records of a book.

    Args:
        book: the book.
        records: in the order of its pages; fields that people decided count as certain.
        policy: how sure the machine must be.

    Returns:
        As many records: n-best re-ranked, ditto marks filled with a proposal, doubts, and the
        states accepted, in review or blank. Fields that people decided are left as they are.

    """
    policy = policy or AcceptancePolicy()
    dated = [replace(r, fields=fill_short_years(r.fields, book.type, book)) for r in records]
    resolved = _with_dittos(rerank(dated, book))
    rows = [record_row(record, book) for record in resolved]
    found: list[list[Finding]] = [check_record(row, book.type, book) for row in rows]
    for finding in check_book(rows, [record.page for record in resolved]):
        found[finding.row or 0].append(finding)
    judged: list[Record] = []
    for record, row, findings, dittos in zip(
        resolved, rows, found, _possible_dittos(resolved), strict=True
    ):
        above = judged[-1].fields if judged else {}
        own = _judged(record, row, findings, book.type, policy, dittos)
        judged.append(replace(own, fields=_as_sure_as_above(own.fields, above)))
    return _within_budget(judged, policy)


def judge_again(
    record: Record,
    book: Book,
    policy: AcceptancePolicy,
    decided: AbstractSet[str] = frozenset(),
    above: Mapping[str, Field] | None = None,
) -> Record:
    """Judge one record again after an edit: the rules within it anew, all other doubts stay.

    What the book as a whole says (repeated numbers, order, error budget, ditto marks) and how sure
    the machine is of each field does not change by an edit of the same record.

    Args:
        record: with what people entered.
        book: the book.
        policy: how sure the machine must be; counts for fields in the state `read`.
        decided: codes of fields that people decided, besides those whose state says so.
        above: fields of the record above that ditto marks of this one stand for, where they
            changed; None: they did not.

    """
    row = record_row(record, book)
    new = _rule_doubts(record, row, check_record(row, book.type, book), book.type)
    renewed = _record_rules()
    fields: dict[str, Field] = {}
    for code, own in record.fields.items():
        if code in decided or own.state in DECIDED:
            fields[code] = own
            continue
        fresh = own.state is State.READ
        kept = judge_field(own, book.type, policy) if fresh else own.doubts
        kept = tuple(doubt for doubt in kept if doubt.rule not in renewed)
        fields[code] = with_doubts(own, (*kept, *new.get(code, ())))
    return replace(record, fields=_as_sure_as_above(fields, above or {}))


def with_doubts(own: Field, doubts: Sequence[Doubt]) -> Field:
    """The field with these doubts (one a rule) and the state that follows from them."""
    by_rule = tuple({doubt.rule: doubt for doubt in doubts}.values())
    if by_rule:
        state = State.IN_REVIEW
    else:
        state = State.BLANK if is_blank(own) else State.ACCEPTED
    if by_rule == own.doubts and state is own.state:
        return own
    return replace(own, doubts=by_rule, state=state)


def book_row(values: Mapping[str, str], book: Book) -> dict[str, str]:
    """What the rules between records look at, from the fields its columns come from.

    Args:
        values: value by paper code, of the codes in `book_rule_codes`.
        book: the book.

    """
    cells = paper_columns(book.type, values)
    number, date = cells.get("so", ""), cells.get("ngayDangKy", "")
    cells["so"] = with_year(number, date) if date else with_year(number, str(book.year_opened))
    return cells


@cache
def book_rule_codes(type: RegisterType) -> tuple[str, ...]:
    """Paper codes that the rules between records depend on."""
    columns = {"ngayDangKy": None}  # gives numbers their year
    columns |= {column: None for rule in rules("book") for column in rule.columns}
    codes = [code for column in columns for code in column_sources(type, column)]
    return tuple(dict.fromkeys(codes))


def judge_field(field: Field, type: RegisterType, policy: AcceptancePolicy) -> tuple[Doubt, ...]:
    """Doubts about one field by itself: how sure its reading is, what is odd about its writing."""
    if field.state in DECIDED:
        return ()
    percent = _percent(field.confidence)
    unsure = field.confidence < policy.needed(field.kind)
    if field.special is Special.STRUCK_OUT:
        return (doubt("struck_out"),)
    if field.special is Special.DITTO and not field.value:
        return (doubt("ditto_without_above"),)
    if field.special is Special.DITTO:
        return () if is_sure_mark(field) and not unsure else (doubt("ditto"),)
    if field.special is Special.PART_UNREAD:
        return (doubt("part_unread", written=field.as_written),)
    if field.special is Special.OVER_ROWS:
        return (doubt("over_rows"),)
    if is_blank(field):
        blank = [doubt("unsure_blank")] if unsure else []
        expected = [doubt("expected")] if is_expected(field.code, type) else []
        return (*blank, *expected)
    if not field.value and not says_nothing(field.as_written):
        return (_not_understood(field),)
    if leaves_out_digits(field):
        return (doubt("partial_date", written=field.as_written),)
    source = source_of(field)
    if source == "age":
        return (doubt("by_age", written=field.as_written),)
    rule = "short_year" if source else "unsure"
    odd = (doubt("words_twice", words=words),) if (words := _words_twice(field)) else ()
    return (*odd, doubt(rule, percent=percent, written=field.as_written)) if unsure else odd


def _words_twice(field: Field) -> str:
    """The words that a name, position or place begins with twice; else "".

    Of 19 such readings of one word in drawn books one was right: a word struck out before the same
    one written anew reads so, or one that fills the blank.
    """
    if field.kind not in _NAMED:
        return ""
    words = field.value.partition(",")[0].split()
    small = [word.lower() for word in words]
    for count in range(1, _MOST_WORDS_TWICE + 1):
        if len(words) >= 2 * count and small[:count] == small[count : 2 * count]:
            return " ".join(words[:count])
    return ""


def _not_understood(field: Field) -> Doubt:
    """The doubt about a writing without a value."""
    if values := possible_values(field):
        return doubt("several_years", written=field.as_written, values=", ".join(values))
    rule = "several_ticks" if field.kind is FieldKind.TICK else "not_understood"
    return doubt(rule, written=field.as_written)


def _absent(record: Record, type: RegisterType) -> set[str]:
    """Names that the record does without: nothing at all stands in any box of that person."""
    return {
        name
        for name, person in absent_people(type).items()
        if all(holds_no_ink(own) for code, own in record.fields.items() if code.startswith(person))
    }


def record_row(record: Record, book: Book) -> dict[str, str]:
    """The record as the checks see it: its Excel row, its paper-only codes, quyenSo as written."""
    values = {code: f.value for code, f in record.fields.items()}
    unreadable = [c for c, f in record.fields.items() if f.state is State.UNREADABLE]
    cells = paper_columns(book.type, values)
    row = compose_row(load_template(book.type), values, book, unreadable=unreadable)
    row = {**cells, **row}
    opened = str(book.year_opened)
    if cells.get("quyenSo"):
        row["quyenSo"] = with_year(cells["quyenSo"], opened)
    if row["so"] and not row["ngayDangKy"]:
        row["so"] = with_year(row["so"], opened)  # the missing date is doubt enough
    return row


def _with_dittos(records: Sequence[Record]) -> list[Record]:
    """Ditto marks take the value above as a proposal; the doubt stays."""
    out: list[Record] = []
    for record in records:
        above: Mapping[str, Field] = out[-1].fields if out else {}
        out.append(replace(record, fields=fill_dittos(record.fields, above, DECIDED)))
    return out


def _as_sure_as_above(fields: Mapping[str, Field], above: Mapping[str, Field]) -> dict[str, Field]:
    """Ditto marks below a value that waits for a person wait, too, whatever the reason there."""
    return {
        code: with_doubts(own, (*own.doubts, doubt("ditto")))
        if own.special is Special.DITTO
        and own.state is State.ACCEPTED
        and code in above
        and above[code].state not in _SETTLED
        else own
        for code, own in fields.items()
    }


def _possible_dittos(records: Sequence[Record]) -> list[set[str]]:
    """Codes of each record that look empty right below a filled field of the same table.

    Clerks fill tables with ditto marks of one or two dots, easily taken for dirt; of 429 of them on
    drawn books none was without ink, so a box without any holds none. A place of the table that is
    empty as a whole is just not used.
    """
    sheets = {record.page for record in records if record.position > 1}
    found: list[set[str]] = []
    for above, record in zip([None, *records], records, strict=False):
        empty = {code for code, own in record.fields.items() if is_blank(own)}
        if above is None or record.page not in sheets or len(empty) == len(record.fields):
            found.append(set())
            continue
        filled = {code for code, own in above.fields.items() if not is_blank(own)}
        found.append({code for code in empty & filled if not holds_no_ink(record.fields[code])})
    return found


def _judged(
    record: Record,
    row: Mapping[str, str],
    findings: Sequence[Finding],
    type: RegisterType,
    policy: AcceptancePolicy,
    dittos: AbstractSet[str] = frozenset(),
) -> Record:
    doubts = _rule_doubts(record, row, findings, type)
    for code in dittos:
        doubts.setdefault(code, []).insert(0, doubt("blank_below_writing"))
    fields: dict[str, Field] = {}
    absent = _absent(record, type)
    for code, own in record.fields.items():
        if own.state in DECIDED:
            fields[code] = own
            continue
        alone = judge_field(own, type, policy)
        if code in absent:
            alone = tuple(doubt for doubt in alone if doubt.rule != "expected")
        fields[code] = _settled(own, (*alone, *doubts.get(code, ())))
    return replace(record, fields=fields)


def _rule_doubts(
    record: Record, row: Mapping[str, str], findings: Sequence[Finding], type: RegisterType
) -> dict[str, list[Doubt]]:
    """Doubts by paper code: boxes that stand for several codes, and what the rules found."""
    doubts: dict[str, list[Doubt]] = {}
    for code, own in record.fields.items():
        if own.kind is FieldKind.TICK and "/" in own.value and not row.get(code):
            doubts.setdefault(code, []).append(doubt("choose_code", codes=own.value))
    for finding in findings:
        for code in codes_of(finding, type, record.fields):
            doubts.setdefault(code, []).append(doubt_of(finding))
    return doubts


def doubt_of(finding: Finding) -> Doubt:
    """The doubt that a finding raises about the fields its columns come from."""
    return Doubt(finding.rule, finding.severity, finding.message)


def codes_of(finding: Finding, type: RegisterType, fields: Container[str]) -> dict[str, None]:
    """Paper codes behind a finding's columns, as far as the record has such fields."""
    return {
        code: None
        for column in finding.columns
        for code in column_sources(type, column)
        if code in fields
    }


def _settled(own: Field, new: Sequence[Doubt]) -> Field:
    ours = _our_rules()
    kept = [doubt for doubt in own.doubts if doubt.rule not in ours]
    return with_doubts(own, (*kept, *new))


def _within_budget(records: list[Record], policy: AcceptancePolicy) -> list[Record]:
    """Send the least sure accepted fields to a person until the expected error is in budget."""
    accepted = sorted(
        f.confidence
        for record in records
        for f in record.fields.values()
        if f.state in (State.ACCEPTED, State.BLANK) and f.confidence < 1.0
    )
    errors, count, needed = sum(1 - c for c in accepted), len(accepted), 0.0
    for confidence in accepted:
        if errors <= policy.error_budget * count:
            break
        errors, count, needed = errors - (1 - confidence), count - 1, confidence
    if not needed:
        return records
    return [
        replace(r, fields={code: _cut(f, needed) for code, f in r.fields.items()}) for r in records
    ]


def _cut(own: Field, needed: float) -> Field:
    if own.state not in (State.ACCEPTED, State.BLANK) or own.confidence > needed:
        return own
    rule = "unsure_blank" if own.state is State.BLANK else "budget"
    unsure = doubt(rule, percent=_percent(own.confidence))
    return replace(own, doubts=(*own.doubts, unsure), state=State.IN_REVIEW)


def _percent(confidence: float) -> Text:
    percent = round(min(confidence * 100, 99.9), 1)
    return Text(short_number(percent, "vi"), short_number(percent, "en"))


@cache
def _our_rules() -> frozenset[str]:
    ids = [rule.id for scope in ("record", "book") for rule in rules(scope)]
    return frozenset([*ids, *doubt_messages()])


@cache
def _record_rules() -> frozenset[str]:
    """Rules whose doubts depend on the other fields of the same record."""
    return frozenset(["choose_code", *(rule.id for rule in rules("record"))])
