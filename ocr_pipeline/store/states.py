"""What a page can turn out to be, as kept in the store (no SQL here: workers import this too)."""

from __future__ import annotations

from enum import StrEnum

LARGEST_ID = 2**31 - 1
"""Number of a row that every database takes."""


class PageKind(StrEnum):
    """What a page of a book is; every page found is listed as one of these, none is dropped."""

    PENDING = "pending"  # not processed yet
    RECORD = "record"  # cut and read
    BLANK = "blank"  # nothing on it
    COVER = "cover"
    OTHER = "other"  # a page of another register type than its book
    REFUSED = "refused"  # no known form, or it does not fit the form well enough to be cut
    FAULT = "fault"  # the file cannot be read as a page
    FAILED = "failed"  # a bug of ours: tried again by the next run
    POISONED = "poisoned"  # killed its worker too often: not tried again until somebody asks
    DUPLICATE = "duplicate"  # same bytes as an earlier page of the book
    HALF = "half"  # half of a sheet, which another page of the book shows whole
    GONE = "gone"  # the scan is nowhere in the book any more, and people decided something on it
    SKIPPED = "skipped"  # a file among the scans that is not a scan
    ASIDE = "aside"  # a person says that it holds no record of its book
    CONTINUATION = "continuation"  # a person says that it belongs to a record of another page


#: Scans that another page of their book shows.
SHOWN_ELSEWHERE = frozenset({PageKind.DUPLICATE, PageKind.HALF})

#: Settled pages that people are told about all the same.
NOTICES = frozenset({*SHOWN_ELSEWHERE, PageKind.SKIPPED, PageKind.ASIDE})

#: Pages on which the machine saw no record: settled, but named, for a record may be lost on them.
NO_RECORD = frozenset({PageKind.BLANK, PageKind.COVER})

#: Pages that a person has to look at before the book is complete.
FAILURES = frozenset(
    {
        PageKind.OTHER,
        PageKind.REFUSED,
        PageKind.FAULT,
        PageKind.FAILED,
        PageKind.POISONED,
        PageKind.GONE,
    }
)


class Lane(StrEnum):
    """The queue that a field waits in; a field waits in at most one."""

    DOUBT = "doubt"  # in doubt: for anybody
    SAMPLE = "sample"  # accepted, and drawn to measure how often accepted fields are wrong
    SECOND = "second"  # keyed once: for another person, who sees neither value nor machine's
    ARBITRATION = "arbitration"  # keyed twice, not alike: for a third person
    SENIOR = "senior"  # somebody asked: for a reviewer


class Action(StrEnum):
    """What a person does with a field."""

    CONFIRM = "confirm"  # the machine's value is right
    CORRECT = "correct"  # another value is right
    BLANK = "blank"  # nothing is written there
    UNREADABLE = "unreadable"  # nobody can read it
    ASK = "ask"  # a senior shall say
