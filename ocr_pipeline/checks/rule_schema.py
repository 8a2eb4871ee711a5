"""The schema of `rules.yaml`: which checks there are, and the parameters that each one knows.

A check with parameters has a model of its own here, so a misspelt parameter is refused when the
rules are loaded; all others stand in the list of `PlainRule`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ocr_pipeline.data_files import Strict, Wording
from ocr_pipeline.registers.fields import Severity
from ocr_pipeline.registers.types import RegisterType

Sex = Literal["1", "2"]


class RuleEntry(Wording):
    """What every rule has.

    Attributes:
        severity: how bad a finding is.
        types: registers it applies to; empty: all.
        columns: what it looks at; `{p}` stands for each person of the register.

    """

    severity: Severity
    types: tuple[RegisterType, ...] = ()
    columns: tuple[str, ...] = ()


class PlainRule(RuleEntry):
    """A check without parameters."""

    check: Literal[
        # on records
        "mandatory", "date_form", "complete_date", "year_of_number", "code_known", "words_differ",
        "volume_differs", "before", "name_parts", "place_known", "recogniser_sex",
        "parents_missing", "informant", "id_sex", "id_birth_year", "id_shape", "id_province",
        # on books
        "duplicates", "gaps", "number_order", "date_order", "page_order",
        "scanned_backwards", "sides_apart",
    ]  # fmt: skip


class PatternRule(RuleEntry):
    """The value must match a regular expression as a whole."""

    check: Literal["pattern"]
    pattern: str


class LexiconRule(RuleEntry):
    """The value must stand in a list of `text.lexicons`."""

    check: Literal["in_lexicon"]
    lexicon: Literal["ethnic_groups", "nationalities"]


class LateBirthRule(RuleEntry):
    """A birth is registered late after so many days; `in_time` is the code that says it was not."""

    check: Literal["late_birth"]
    days: Annotated[int, Field(ge=0)]
    in_time: str


class YoungerRule(RuleEntry):
    """Nobody may be under so many years at a date."""

    check: Literal["younger_than"]
    years: Annotated[int, Field(ge=0, le=120)]


class AgeBetweenRule(RuleEntry):
    """A parent is at least and at most so many years older."""

    check: Literal["age_between"]
    least: Annotated[int, Field(ge=0, le=120)]
    most: Annotated[int, Field(ge=0, le=120)]


class SurnameRule(RuleEntry):
    """A child has the surname of a parent; `exempt`: values by column for which it need not."""

    check: Literal["surname"]
    exempt: dict[str, tuple[str, ...]]


class NameSexRule(RuleEntry):
    """A name fits `sex`, or the sex in the second column when it is left out."""

    check: Literal["name_unlike_sex"]
    sex: Sex | None = None


class PaperAgeRule(RuleEntry):
    """A paper of these kinds is not issued before so many years."""

    check: Literal["id_age"]
    years: Annotated[int, Field(ge=0, le=120)]
    papers: tuple[str, ...]


AnyRule = Annotated[
    PlainRule | PatternRule | LexiconRule | LateBirthRule | YoungerRule | AgeBetweenRule
    | SurnameRule | NameSexRule | PaperAgeRule,
    Field(discriminator="check"),
]  # fmt: skip


class PersonRole(Strict):
    """A person of a register, with the sex that the role implies."""

    sex: Sex | Literal[""] = ""


class RuleFile(Strict):
    """`rules.yaml`.

    Attributes:
        persons: by register type, then by prefix of columns.
        record: rules on one record, by id.
        book: rules between the records of a book, by id.

    """

    persons: dict[RegisterType, dict[str, PersonRole]]
    record: dict[str, AnyRule]
    book: dict[str, AnyRule]
