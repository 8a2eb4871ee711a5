"""Checks on one record: the rules of `rules.yaml` with the functions they name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ocr_pipeline.books.book import Book
from ocr_pipeline.checks import form_rules, person_rules
from ocr_pipeline.checks.findings import CheckRule, Finding, rules_for
from ocr_pipeline.checks.record_row import Row
from ocr_pipeline.registers.types import RegisterType

Check = Callable[[Row, CheckRule], Iterator[Finding]]


def check_record(
    values: Mapping[str, str], type: RegisterType | str, book: Book | None = None
) -> list[Finding]:
    """What is wrong or questionable within one record.

    Args:
        values: text by Excel column (a composed row); paper-only codes may be among them.
        type: register type.
        book: the book, to compare with the inventory; None when only the row is known.

    Returns:
        Findings in the order of `rules.yaml`.

    """
    row = Row(RegisterType(type), values, book)
    found: list[Finding] = []
    for rule in rules_for(row.type):
        found += _CHECKS[rule.check](row, rule)
    return found


_CHECKS: Mapping[str, Check] = {
    "mandatory": form_rules.mandatory,
    "pattern": form_rules.pattern,
    "date_form": form_rules.date_form,
    "complete_date": form_rules.complete_date,
    "year_of_number": form_rules.year_of_number,
    "code_known": form_rules.code_known,
    "words_differ": form_rules.words_differ,
    "volume_differs": form_rules.volume_differs,
    "before": form_rules.before,
    "in_lexicon": form_rules.in_lexicon,
    "name_parts": form_rules.name_parts,
    "place_known": form_rules.place_known,
    "late_birth": person_rules.late_birth,
    "younger_than": person_rules.younger_than,
    "age_between": person_rules.age_between,
    "surname": person_rules.surname,
    "name_unlike_sex": person_rules.name_unlike_sex,
    "recogniser_sex": person_rules.recogniser_sex,
    "parents_missing": person_rules.parents_missing,
    "informant": person_rules.informant,
    "id_age": person_rules.id_age,
    "id_sex": person_rules.id_sex,
    "id_birth_year": person_rules.id_birth_year,
    "id_shape": person_rules.id_shape,
    "id_province": person_rules.id_province,
}
