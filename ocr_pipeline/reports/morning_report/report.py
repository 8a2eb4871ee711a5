"""What a morning report says, as plain data: no value of any field, only ids, kinds and counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ocr_pipeline.errors import Text
from ocr_pipeline.processing.form_pages import IllFittingBook
from ocr_pipeline.store.unattended import UnattendedCounts, summed_unattended


@dataclass(frozen=True, slots=True)
class RunFacts:
    """How a run went.

    Attributes:
        id: in the store.
        scans: the folder of scans.
        host: the machine it ran on.
        executor: `local` or `dask`.
        workers: worker processes.
        started: when it began (UTC).
        ended: when it ended, or was last seen (UTC).
        until: when it was to stop; None for never.
        ending: a `RunEnding`; "" while it goes on.
        cause: why it ended, in people's words.
        remedy: what to do about it.
        done: pages dealt with by this run.
        known: pages whose result was there already.
        left: pages still to be read.
        again: tries after a worker's death.
        pauses: how often it waited for disk or memory.
        paused: seconds of waiting.
        busy: seconds that workers worked.
        stages: summed seconds by stage.
        peak_mb: memory of the largest worker in MB (10⁶ bytes); 0 when not known.
        made_by: `software`, `model`, `layouts`, `fingerprint`.
        notices: what was sent: `{"to", "sent", "tries", "cause": {"vi", "en"} | None}`.

    """

    id: int
    scans: str
    host: str
    executor: str
    workers: int
    started: datetime
    ended: datetime
    until: datetime | None
    ending: str
    cause: Text | None
    remedy: Text | None
    done: int
    known: int
    left: int
    again: int
    pauses: int
    paused: float
    busy: float
    stages: Mapping[str, float]
    peak_mb: float
    made_by: Mapping[str, str]
    notices: tuple[Mapping[str, Any], ...]

    @property
    def seconds(self) -> float:
        """Wall-clock time of the run."""
        return max((self.ended - self.started).total_seconds(), 0.0)

    @property
    def pages_per_minute(self) -> float:
        """Pages a minute over the whole run without its pauses; 0 when nothing was read."""
        worked = self.seconds - self.paused
        return 60.0 * self.done / worked if worked > 0 else 0.0


@dataclass(frozen=True, slots=True)
class ReportedBook:
    """One book: its pages by what they turned out to be, its fields by where they stand."""

    id: str
    type: str
    pages: int
    waiting: int  # not read yet
    failures: int
    records: int
    accepted: int
    review: int
    blank: int
    reviewed: int
    wrong: float  # errors expected among the accepted fields
    unattended: UnattendedCounts = UnattendedCounts()  # records and fields that need nobody

    @property
    def read(self) -> bool:
        """Whether nothing of it is left for the machine to do."""
        return not self.waiting

    @property
    def finished(self) -> bool:
        """Whether nothing is left for people either (but approval and export)."""
        return self.read and not self.failures and not self.review


@dataclass(frozen=True, slots=True)
class FaultGroup:
    """Pages that failed alike: how many, and the first few of them."""

    kind: str
    cause: Text
    remedy: Text | None
    pages: int
    first: tuple[str, ...]  # "book page"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with the folder of scans itself, or with a whole book."""

    place: str
    cause: Text
    remedy: Text | None


@dataclass(frozen=True, slots=True)
class KindLine:
    """Fields of one kind."""

    kind: str
    accepted: int
    review: int
    blank: int
    wrong: float  # errors expected among the accepted ones
    seconds: float  # that a person needs for one
    decisions: int  # that this is measured from; 0: the stated default

    @property
    def hours(self) -> float:
        """Hours of review expected."""
        return self.review * self.seconds / 3600.0


@dataclass(frozen=True, slots=True)
class RuleLine:
    """Fields that a rule sends to a person; a field may be sent by several."""

    rule: str
    title: Text
    fields: int


@dataclass(frozen=True, slots=True)
class MorningReport:
    """A morning report.

    Attributes:
        workspace: its location, without a password.
        made: when the report was made (UTC).
        run: how the run went.
        books: the books under its folder of scans.
        page_kinds: pages of these books by what they turned out to be.
        layouts: pages read, by layout.
        faults: pages that a person has to look at, like ones together, the largest group first.
        problems: faults of the folder of scans.
        kinds: fields by kind, those with most hours of review first.
        rules: doubts by rule, the most frequent first.
        no_record: pages on which the machine saw no record; first those where numbers are missing.
        remarks: files that are no pages, and pages that are left out for a known reason.
        raised: thresholds that wrong samples raised, in words, and those of approved books.
        hands: trials of hands that this run made, in words.
        ill_fitting: books whose form another house seems to have printed.
        trail_lines: lines of the audit trail.
        trail_head: hash of the last of them; "" when there is none.

    """

    workspace: str
    made: datetime
    run: RunFacts
    books: tuple[ReportedBook, ...]
    page_kinds: Mapping[str, int]
    layouts: Mapping[str, int]
    faults: tuple[FaultGroup, ...]
    problems: tuple[Problem, ...]
    kinds: tuple[KindLine, ...]
    rules: tuple[RuleLine, ...]
    no_record: tuple[FaultGroup, ...] = ()
    remarks: tuple[FaultGroup, ...] = ()
    raised: tuple[Text, ...] = ()
    hands: tuple[Text, ...] = ()
    ill_fitting: tuple[IllFittingBook, ...] = ()
    trail_lines: int = 0
    trail_head: str = ""

    @property
    def pages(self) -> int:
        """Pages in all books."""
        return sum(book.pages for book in self.books)

    @property
    def records(self) -> int:
        """Records read."""
        return sum(book.records for book in self.books)

    @property
    def unattended(self) -> UnattendedCounts:
        """Records and fields that need nobody, in all books."""
        return summed_unattended(book.unattended for book in self.books)

    @property
    def failures(self) -> int:
        """Pages that a person has to look at."""
        return sum(group.pages for group in self.faults)

    @property
    def accepted(self) -> int:
        """Fields that nobody needs to look at."""
        return sum(line.accepted for line in self.kinds)

    @property
    def review(self) -> int:
        """Fields that wait for a person."""
        return sum(line.review for line in self.kinds)

    @property
    def blank(self) -> int:
        """Fields with nothing written in them."""
        return sum(line.blank for line in self.kinds)

    @property
    def reviewed(self) -> int:
        """Fields that people have dealt with."""
        return sum(book.reviewed for book in self.books)

    @property
    def hours(self) -> float:
        """Hours of review expected."""
        return sum(line.hours for line in self.kinds)

    @property
    def wrong(self) -> float:
        """Errors expected among the accepted fields."""
        return sum(line.wrong for line in self.kinds)

    @property
    def ready(self) -> int:
        """Books that the machine has finished reading."""
        return sum(book.read for book in self.books)
