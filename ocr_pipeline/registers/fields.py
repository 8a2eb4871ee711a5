"""What a register holds once it has been read: fields and records, with their states and doubts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ocr_pipeline.errors import Text


class FieldKind(StrEnum):
    """What a field holds; decides grammar, lexicon, checks and the review queue it goes to."""

    PERSON_NAME = "person_name"
    DATE = "date"  # full or partial; value dd.mm.yyyy, mm.yyyy or yyyy
    DATE_WORDS = "date_words"  # value: the one canonical wording
    TIME = "time"  # value HH:MM
    NUMBER_YEAR = "number_year"  # so, quyenSo: value 01/2018
    NUMBER = "number"  # plain digits
    SEX = "sex"  # value 1, 2, 3
    ETHNIC_GROUP = "ethnic_group"
    NATIONALITY = "nationality"
    RELATION = "relation"
    ID_TYPE = "id_type"  # value 0…8 (LoaiGiayToTuyThan)
    ID_NUMBER = "id_number"
    ID_DOCUMENT = "id_document"  # type and number in one blank; value "1 123456789"
    PLACE = "place"  # smallest to largest unit, comma separated
    AGENCY = "agency"
    POSITION = "position"
    FREE_TEXT = "free_text"
    TICK = "tick"  # value: the code of the ticked option


WORD_KINDS = frozenset(
    {
        FieldKind.PERSON_NAME,
        FieldKind.PLACE,
        FieldKind.AGENCY,
        FieldKind.POSITION,
        FieldKind.RELATION,
        FieldKind.FREE_TEXT,
    }
)
"""Kinds that are written in words, as many as there are."""


class State(StrEnum):
    """Where a field stands on its way to the Excel file."""

    READ = "read"  # read, not judged yet
    ACCEPTED = "accepted"  # no doubt: goes out without a person
    IN_REVIEW = "in_review"  # waits for a person
    CONFIRMED = "confirmed"  # a person agreed with the machine
    CORRECTED = "corrected"  # a person changed it
    UNREADABLE = "unreadable"  # a person says nobody can read it
    BLANK = "blank"  # nothing is written there


class Special(StrEnum):
    """What a text alone does not say of a writing."""

    DITTO = "ditto"
    STRUCK_OUT = "struck_out"
    PART_UNREAD = "part_unread"  # ink of one of its lines reads as nothing
    OVER_ROWS = "over_rows"  # goes on in the next row of the table, or a brace holds it for several


class Script(StrEnum):
    """How a field is filled in."""

    HANDWRITTEN = "handwritten"
    BLANK = "blank"


class Severity(StrEnum):
    """How bad a doubt is."""

    HARD = "hard"  # an error: the record cannot go out like this
    SOFT = "soft"  # a question for the reviewer
    CONFIDENCE = "confidence"  # the machine is not sure enough


@dataclass(frozen=True, slots=True)
class Box:
    """Axis-parallel box on the page as shown to people (after orientation), in pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the n-best readings: text as written, normalised value, probability 0–1."""

    text: str
    value: str
    probability: float


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a field needs a person: the rule's id, how bad it is, and the reason in plain words."""

    rule: str
    severity: Severity
    message: Text


@dataclass(frozen=True, slots=True)
class Field:
    """One field of one record, from the paper to the Excel cell.

    Attributes:
        code: code in the layout; mostly the Excel column it fills.
        kind: what it holds.
        as_written: what stands on the paper (NFC), as the recogniser read it.
        value: normalised value in the form of the Excel cell (see `FieldKind`); "" when blank.
        confidence: calibrated probability (0–1) that `value` is right.
        state: where it stands.
        n_best: alternatives, best first; the first is the machine's choice.
        doubts: why a person should look at it; empty when nobody needs to.
        box: where it stands on the page (union of its lines).
        script: handwritten or blank.
        special: ditto mark, struck out or read in part alone, if so.
        versions: `layout`, `model`, `second` (network), `rules` … that produced it.

    """

    code: str
    kind: FieldKind
    as_written: str = ""
    value: str = ""
    confidence: float = 0.0
    state: State = State.READ
    n_best: tuple[Candidate, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    box: Box = Box(0, 0, 0, 0)
    script: Script = Script.HANDWRITTEN
    special: Special | None = None
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """One registration case: its place in the book and its fields by code.

    Attributes:
        page: name of the page (scan file, `#n` appended for page n of a multi-page file).
        position: 1-based position on the sheet (A3 tables hold several records).
        layout: id of the layout it was read with.
        fields: by code.
        part_of: position of the record above that this row of a table goes on with; its writing is
            read there, too. 0: a record of its own.

    """

    page: str
    position: int
    layout: str
    fields: Mapping[str, Field]
    part_of: int = 0
