"""What a person says about a field, and what becomes of it: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from datetime import datetime

from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import Doubt, FieldKind, State
from ocr_pipeline.store.states import Action, Lane


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person says about one field.

    Attributes:
        field: id of the field.
        action: what he does.
        value: the value, as typed or in the form of the Excel cell; for `confirm` the value that
            was shown; for `ask` what he has typed so far.
        as_written: what stands on the paper, if it differs from the value.
        base: id of the newest entry he has seen; None for the machine's reading.
        lane: the queue he took it from; None when he edits a record.
        seconds: how long he looked at it.
        keys: keys he pressed.
        note: the question, for `ask`; else a remark kept with the decision.
        deed: what he did with several fields at once has one name, of his browser's making; these
            decisions are taken back together. "": this one stands alone.
        alike: it is said of the fields of the book that are like it, too (`review.alike`).

    """

    field: int
    action: Action
    value: str = ""
    as_written: str = ""
    base: int | None = None
    lane: Lane | None = Lane.DOUBT
    seconds: float = 0.0
    keys: int = 0
    note: str = ""
    deed: str = ""
    alike: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """What somebody else said meanwhile: nothing was written over it.

    Attributes:
        entry: id of the newest entry: who has seen it may answer it with `base` = this.
        time: when it was said (UTC).

    """

    entry: int
    value: str
    state: State
    user: str
    time: datetime


@dataclass(frozen=True, slots=True)
class FieldState:
    """How another field of the record stands after the edit."""

    state: State
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangedField:
    """A field that a decision has changed: the decided one, and others of its record.

    Attributes:
        field: id of the field.
        value: as it stands now; "" while it is keyed blind.
        lane_before: the queue it waited in; None for none.
        lane: the queue it waits in now.

    """

    field: int
    code: str
    kind: FieldKind
    book: str
    value: str
    state: State
    lane_before: Lane | None
    lane: Lane | None


@dataclass(frozen=True, slots=True)
class DecisionOutcome:
    """What became of a decision.

    Attributes:
        field: id of the field.
        ok: it is kept.
        value: what was said, in the form of the Excel cell: it replaces what was typed.
        entry: the entry that came of it; None when it was not kept, or waits for another person.
        conflict: what somebody else said meanwhile.
        message: why it was not kept.
        record: the fields of the record that nobody has decided, by code, as they stand now.
        alike: ids of the other fields that were answered with it.
        changed: what it changed; where several decisions of one call are about one record, the last
            of them has it.

    """

    field: int
    ok: bool
    value: str = ""
    entry: int | None = None
    conflict: Conflict | None = None
    message: Text | None = None
    record: Mapping[str, FieldState] = default(default_factory=dict)
    alike: tuple[int, ...] = ()
    changed: tuple[ChangedField, ...] = ()
