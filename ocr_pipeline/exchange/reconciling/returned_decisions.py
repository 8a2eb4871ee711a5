"""What people decided about listed rows, taken in from the lists they return.

Nothing is changed in either database. The ID of the population side is noted for a civil-status
row only where the row's class is that it lacks one, and people chose to assign it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ocr_pipeline.errors import BadInputError, SohoaError, Text
from ocr_pipeline.exchange.reconciling.decision_log import DecisionLog, TakenDecision
from ocr_pipeline.exchange.reconciling.list_cells import written_text
from ocr_pipeline.exchange.reconciling.list_words import (
    DecisionEntry,
    choices,
    list_words,
    return_fault,
)
from ocr_pipeline.exchange.reconciling.listed_person import (
    cells_of,
    heading,
    list_of,
    must_stay,
    number_of,
)
from ocr_pipeline.exchange.reconciling.outcome import OutcomeKind, PersonOutcome
from ocr_pipeline.exchange.reconciling.reconciliation import Reconciliation
from ocr_pipeline.exchange.reconciling.returned_list import ReturnedRow, read_returned
from ocr_pipeline.text.normalise import key

_ASSIGN = "assign"
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class ReturnedFault:
    """A row or file that is not taken in.

    Attributes:
        file: name of the file.
        sheet: the sheet; "" for the file itself.
        row: the row; 0 for the file itself.
        key: what stands in the column of row keys.
        cause: why.
        remedy: what to do.

    """

    file: str
    sheet: str
    row: int
    key: str
    cause: Text
    remedy: Text | None

    @property
    def shown(self) -> str:
        """Where it is, for messages."""
        return self.file + (f" ({self.sheet}) {self.row}" if self.row else "")

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        remedy = self.remedy
        return {
            "file": self.file, "sheet": self.sheet, "row": self.row, "key": self.key,
            "cause": {"vi": self.cause.vi, "en": self.cause.en},
            "remedy": {"vi": remedy.vi, "en": remedy.en} if remedy else None,
        }  # fmt: skip


@dataclass(slots=True)
class IntakeTally:
    """What became of returned files.

    Attributes:
        taken: decisions that are new.
        same: rows whose decision was taken in before, or that stand twice with the same one.
        faults: rows and files that are not taken in.

    """

    taken: list[TakenDecision] = field(default_factory=list)
    same: int = 0
    faults: list[ReturnedFault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class IntakeSettings:
    """How files are taken in.

    Attributes:
        run: the code of the reconciliation.
        by: account that does it.
        at: when, ISO 8601.
        replace: a decision takes the place of an earlier one about the same row.

    """

    run: str
    by: str
    at: str
    replace: bool = False


def take_in(
    paths: Iterable[Path], result: Reconciliation, log: DecisionLog, how: IntakeSettings
) -> IntakeTally:
    """Take in the decisions of returned lists; the same file twice changes nothing.

    Every row with anything filled in is taken, or known, or a fault. A file that is no list of this
    reconciliation is a fault of its own, and the others go on.

    Args:
        paths: the returned `.xlsx`.
        result: the reconciliation that the lists are of.
        log: where decisions are kept; the new ones are added.
        how: who takes them in, and when.

    """
    taken = IntakeTally()
    rows: list[ReturnedRow] = []
    for path in paths:
        try:
            rows += read_returned(path)
        except BadInputError as error:
            taken.faults.append(_of_file(path, error))
    asked = list(_known_rows(rows, how.run, taken))
    outcomes = _outcomes(result, {number for _, number in asked})
    decided: dict[str, list[tuple[ReturnedRow, TakenDecision]]] = {}
    for row, number in asked:
        outcome = outcomes.get(number)
        found = _decision(row, outcome, how)
        if isinstance(found, TakenDecision):
            decided.setdefault(found.key, []).append((row, found))
        else:
            taken.faults.append(_fault(row, *found))
    for several in decided.values():
        _settle(several, log, how, taken)
    log.add(taken.taken)
    return taken


def _of_file(path: Path, error: SohoaError) -> ReturnedFault:
    return ReturnedFault(path.name, "", 0, "", error.cause, error.remedy)


def _fault(row: ReturnedRow, cause: Text, remedy: Text) -> ReturnedFault:
    return ReturnedFault(row.file, row.sheet, row.row, row.cells.get("key", ""), cause, remedy)


def _known_rows(
    rows: Iterable[ReturnedRow], run: str, taken: IntakeTally
) -> Iterator[tuple[ReturnedRow, int]]:
    """Rows with the number of their outcome; a file of another reconciliation is told once."""
    strangers: set[tuple[str, str]] = set()
    for row in rows:
        text = row.cells.get("key", "")
        found = number_of(text)
        if found is None:
            name = "unknown_key" if text else "no_key"
            taken.faults.append(_fault(row, *return_fault(name, key=_short(text))))
        elif found[0] != run:
            if (row.digest, found[0]) not in strangers:
                strangers.add((row.digest, found[0]))
                cause, remedy = return_fault("other_run", found=found[0], own=run)
                taken.faults.append(ReturnedFault(row.file, "", 0, "", cause, remedy))
        else:
            yield row, found[1]


def _outcomes(result: Reconciliation, numbers: set[int]) -> Mapping[int, PersonOutcome]:
    chosen = "outcome in (select unnest(?::integer[]))"
    known = (number for number in sorted(numbers) if number < 2**31)
    return {one.number: one for one in result.outcomes(chosen, list(known))}


def _decision(
    row: ReturnedRow, outcome: PersonOutcome | None, how: IntakeSettings
) -> TakenDecision | tuple[Text, Text]:
    """The decision of a row, or why it is not taken and what to do."""
    name = list_of(outcome) if outcome else None
    if outcome is None or name is None:
        return return_fault("unknown_key", key=_short(row.cells.get("key", "")))
    if fault := _altered(row, cells_of(how.run, outcome)):
        return fault
    typed = row.cells.get("decision", "")
    offered = choices(name.words.decisions)
    ids = {key(entry.vi): one for one, entry in list_words().decisions.items()}
    decision = ids.get(key(typed), "")
    if not typed:
        return return_fault("no_decision", choices=offered)
    if not decision:
        return return_fault("unknown_decision", decision=_short(typed), choices=offered)
    if decision not in name.words.decisions:
        return return_fault("wrong_sheet", decision=_short(typed), list=name.sheet, choices=offered)
    if fault := _lacking(row, list_words().decisions[decision], outcome):
        return fault
    if decision == _ASSIGN and _contradicted(outcome):
        return return_fault("id_contradicts")
    return TakenDecision(
        cells_of(how.run, outcome)["key"], name.entry, decision, row.cells.get("detail", ""),
        row.cells["justification"], row.cells.get("decided_by", ""), how.by, how.at, row.file,
        row.digest, row.sheet, row.row, _assigned(decision, outcome),
    )  # fmt: skip


def _altered(row: ReturnedRow, written: Mapping[str, str]) -> tuple[Text, Text] | None:
    for column in dict.fromkeys((*written, *row.cells)):
        if not must_stay(column) or column == "key":
            continue
        was, now = written.get(column, ""), row.cells.get(column, "")
        if _plain(was) != _plain(now):
            return return_fault(
                "altered", column=heading(column), found=_short(now), written=_short(was)
            )
    return None


def _plain(text: str) -> str:
    """A text without what Excel and people change unawares: blanks, and what XML cannot hold."""
    return " ".join(written_text(text).split())


def _lacking(
    row: ReturnedRow, entry: DecisionEntry, outcome: PersonOutcome
) -> tuple[Text, Text] | None:
    if not row.cells.get("justification"):
        return return_fault("no_justification")
    detail = row.cells.get("detail", "")
    if entry.needs == "text" and not detail:
        return return_fault("no_detail", decision=entry.vi)
    if entry.needs == "candidate":
        most = len(outcome.candidates)
        if not (detail.isascii() and detail.isdecimal() and 1 <= int(detail[:9]) <= most):
            return return_fault("no_candidate", detail=_short(detail), most=most)
    return None


def _contradicted(outcome: PersonOutcome) -> bool:
    proposed = outcome.proposed
    return proposed is None or proposed.sex is False or proposed.year is False


def _assigned(decision: str, outcome: PersonOutcome) -> str:
    """The ID of the population side, where the class says that the row lacks one."""
    if decision != _ASSIGN or outcome.kind is not OutcomeKind.AGREE_ID_MISSING:
        return ""
    return outcome.proposed.number if outcome.proposed else ""


def _settle(
    several: Sequence[tuple[ReturnedRow, TakenDecision]], log: DecisionLog, how: IntakeSettings,
    taken: IntakeTally,
) -> None:  # fmt: skip
    """One decision a row: rows that contradict each other are faults, all of them."""
    first_row, first = several[0]
    if any(not one.says_the_same(first) for _, one in several):
        for row, one in several:
            other = next(r for r, o in several if not o.says_the_same(one))
            taken.faults.append(_fault(row, *return_fault("twice", other=other.shown)))
        return
    taken.same += len(several) - 1
    before = log.latest.get(first.key)
    if before is None:
        taken.taken.append(first)
    elif before.says_the_same(first):
        taken.same += 1
    elif how.replace:
        taken.taken.append(replace(first, instead_of=before.decision))
    else:
        told = list_words().decisions[before.decision].vi
        fault = return_fault("decided", time=before.taken_at, file=before.file, decision=told)
        taken.faults.append(_fault(first_row, *fault))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_SHOWN else f"{line[: _LONGEST_SHOWN - 1]}…"
