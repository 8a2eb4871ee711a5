"""What the reconciliation says of one person: class, fields that differ, ID that is proposed.

Side `a` is the civil-status database, side `b` the population database. A row of births tells of
one person, a row of marriages of two: the role says which (`nks`, `nkt`, `chong`, `vo`, `cm`, `nc`,
`nxn`: the beginnings of the columns).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ocr_pipeline.exchange.keyed_files.findings import RowKey


class OutcomeKind(StrEnum):
    """The class of a person; the value stands in `outcomes.parquet`.

    AGREE, AGREE_ID_MISSING, DIFFER and NOT_FOUND are those of process 1050; SEVERAL and DOUBLE are
    ours.
    """

    AGREE = "agree"  # all fields agree, and side a has the ID; or neither side has one
    AGREE_ID_MISSING = "agree_id_missing"  # all fields agree, and side a lacks the ID of side b
    DIFFER = "differ"  # the same person, and at least one field differs
    SEVERAL = "several"  # two or more rows of the other side may be this person
    NOT_FOUND = "not_found"  # no row of the other side is this person
    DOUBLE = "double"  # another row of the same side is the same registration


class FieldVerdict(StrEnum):
    """How two values that are not letter by letter equal stand to each other."""

    COUNTS_AS_EQUAL = "counts_as_equal"  # they differ in a way that the office lets pass
    DIFFERS = "differs"  # they differ in a way that makes the record differ


@dataclass(frozen=True, slots=True)
class FieldComparison:
    """One field whose values on both sides are not letter by letter equal.

    Attributes:
        field: id in `compared_fields.yaml`: `name`, `sex`, `birth`, `birth_place`, `home_town`,
            `ethnic_group`, `nationality`, `father`, `mother`, `spouse`, `personal_id`.
        value_a: as it stands in the row of side a (form of the template); "" for nothing.
        value_b: the same of side b.
        verdict: whether the office lets the difference pass.
        kind: id in `differences.yaml`, e.g. `tone_place`, with wording and likely cause.

    """

    field: str
    value_a: str
    value_b: str
    verdict: FieldVerdict
    kind: str


@dataclass(frozen=True, slots=True)
class ComparedPerson:
    """One person as a row of one side tells of them.

    Attributes:
        side: `a` or `b`.
        number: from 0 in the order of the files; what the tables join on.
        key: file, sheet and row that it stands in.
        role: which person of the row: the beginning of its columns.
        type: code of the register type: `KS`, `KT`, `KH` …
        digest: 16 hexadecimal digits of what stands in the row: tells a row that was altered.
        agency: the registering agency as written; "" for none.
        unit: the unit for lists, by the names of the row's time: the commune of the agency or,
            without one, that of the keying unit or of the residence; "" when not known.
        registered: registration date, `dd.mm.yyyy`, or "".
        so: number of the record, e.g. `12/2018`; "" for none.
        quyen_so: number of the book; "" for none.
        values: by id of the field (see `FieldComparison`), the value of the row.

    """

    side: str
    number: int
    key: RowKey
    role: str
    type: str
    digest: str
    agency: str
    unit: str
    registered: str
    so: str
    quyen_so: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ProposedNumber:
    """The ID that a record lacks, from the population side; it is only ever proposed.

    Each check is True (agrees), False (contradicts) or None (cannot be told).

    Attributes:
        number: 12 digits.
        sex: the sex coded in it is that of side a.
        year: the birth year coded in it is that of side a.
        province: the province coded in it is that of the registration or birth on side a.

    """

    number: str
    sex: bool | None
    year: bool | None
    province: bool | None


@dataclass(frozen=True, slots=True)
class OutcomeCandidate:
    """Another row that may be the person, of the other side.

    Attributes:
        person: that row's person.
        probability: that it is the same person by the fields alone, 0–1.

    """

    person: ComparedPerson
    probability: float


@dataclass(frozen=True, slots=True)
class PersonOutcome:
    """What became of one person, or of a pair of both sides.

    Attributes:
        number: from 0; the outcomes are sorted by type, unit, registration date.
        kind: the class.
        type: code of the register type of the row of side a, of side b where there is none in a.
        unit: see `ComparedPerson.unit`; of side a, of side b where there is none in a.
        a: the person on side a; None for a row of side b that nobody of a has.
        b: the person on side b; None for a row of side a alone. Both stand in AGREE,
            AGREE_ID_MISSING and DIFFER, just one of them in the other kinds.
        probability: that both are the same person, 0–1, after the one-to-one choice; for SEVERAL
            the largest of the candidates; 0 for NOT_FOUND and DOUBLE.
        reason: id in `reasons.yaml`: why this class and not the next one, in words for people.
        comparisons: the fields that are not letter by letter equal; others are equal, or nothing
            stands on both sides, or one side has no such column.
        proposed: the ID to assign; only with AGREE_ID_MISSING.
        double_of: the row of the same side that this one repeats; only with DOUBLE.
        candidates: rows of the other side, most probable first; only with SEVERAL.

    """

    number: int
    kind: OutcomeKind
    type: str
    unit: str
    a: ComparedPerson | None
    b: ComparedPerson | None
    probability: float
    reason: str
    comparisons: tuple[FieldComparison, ...] = ()
    proposed: ProposedNumber | None = None
    double_of: ComparedPerson | None = None
    candidates: tuple[OutcomeCandidate, ...] = field(default=())

    @property
    def differing(self) -> tuple[FieldComparison, ...]:
        """The fields that make the record differ."""
        return tuple(one for one in self.comparisons if one.verdict is FieldVerdict.DIFFERS)
