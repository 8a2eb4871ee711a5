"""The tables of a workspace (SQLAlchemy 2); every change needs a migration (`migrations/`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ocr_pipeline.store.path_column import WrittenPath

#: Names of constraints must be the same on every database, or migrations cannot refer to them.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def _only(condition: str) -> dict[str, Any]:
    """Options of an index that holds only the rows of this condition."""
    return {f"{database}_where": text(condition) for database in ("sqlite", "postgresql")}


#: A word to search for: compared byte by byte, or its index could not find beginnings of words.
WORD = String(40).with_variant(String(40, collation="C"), "postgresql")

_WAITING = _only("lane <> ''")
_GROUPED = _only("lane = 'doubt' AND length(value) <= 200")  # long texts are no groups


class TableBase(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMES)


class BookRow(TableBase):
    """A paper book under its id (the stem of its package)."""

    __tablename__ = "books"

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    type: Mapped[str] = mapped_column(String(8))
    path: Mapped[str] = mapped_column(WrittenPath)
    description: Mapped[dict[str, Any]] = mapped_column(JSON)  # the whole `Book`
    judged: Mapped[str] = mapped_column(String(64), default="")  # input of the last judgement
    seal: Mapped[str] = mapped_column(String(32), default="")  # `store.sealed_rows`
    priority: Mapped[int] = mapped_column(default=0)  # in the order of work: the higher, the sooner


class PageRow(TableBase):
    """One scan side of a book, in the order of the book; its id stays with its scan.

    A renamed file keeps it; another scan under the name has another id.
    """

    __tablename__ = "pages"
    __table_args__ = (
        ForeignKeyConstraint(["book"], ["books.id"], ondelete="CASCADE"),
        UniqueConstraint("book", "name"),
        Index("ix_pages_book_ordinal", "book", "ordinal"),
        Index("ix_pages_digest", "digest"),
        Index("ix_pages_kind", "kind", "book"),
        {"sqlite_autoincrement": True},  # an id is never given to another page
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    book: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(500))
    ordinal: Mapped[int]
    path: Mapped[str] = mapped_column(WrittenPath)
    index: Mapped[int] = mapped_column("page_index", default=0)
    stamp: Mapped[str] = mapped_column(
        String(64), default=""
    )  # size and time of the file, and the part of its picture (`page_parts`)
    digest: Mapped[str] = mapped_column(String(64), default="")
    kind: Mapped[str] = mapped_column(String(16), default="pending")
    fingerprint: Mapped[str] = mapped_column(String(64), default="")  # of the result shown here
    duplicate_of: Mapped[str] = mapped_column(
        String(500), default=""
    )  # name of the page that shows this scan instead (`states.SHOWN_ELSEWHERE`)
    layout: Mapped[str] = mapped_column(String(64), default="")
    turn: Mapped[int] = mapped_column(default=0)  # degrees clockwise that bring it upright
    cause_vi: Mapped[str] = mapped_column(Text, default="")
    cause_en: Mapped[str] = mapped_column(Text, default="")
    remedy_vi: Mapped[str] = mapped_column(Text, default="")
    remedy_en: Mapped[str] = mapped_column(Text, default="")


class ScanRow(TableBase):
    """A scan that is or was a page of a book: what people decided is tied to it. Never deleted.

    `follower` counts while the scan itself is no page of the book: the scan that stands for it.
    """

    __tablename__ = "scans"
    __table_args__ = (Index("ix_scans_book_follower", "book", "follower"),)

    book: Mapped[str] = mapped_column(String(200), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    page: Mapped[str] = mapped_column(String(500))  # the name it was last seen under
    picture: Mapped[str] = mapped_column(String(64), default="")  # hash; "" not known, "-" none
    follower: Mapped[str] = mapped_column(String(64), default="")  # digest
    same_picture: Mapped[bool] = mapped_column(default=False)  # the follower's and this one's


class LedgerRow(TableBase):
    """What a stage made of an input: found again instead of done again.

    `input` is a content hash, `fingerprint` the hash of all that the result depends on besides.
    """

    __tablename__ = "ledger"
    __table_args__ = (Index("ix_ledger_seconds", "stage", "seconds"),)

    stage: Mapped[str] = mapped_column(String(16), primary_key=True)
    input: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(16))
    seconds: Mapped[float]
    finished: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    payload: Mapped[bytes] = mapped_column(LargeBinary)  # zlib JSON
    checksum: Mapped[str] = mapped_column(String(64), default="")  # SHA-256 of it; "": none kept
    seal: Mapped[str] = mapped_column(String(32), default="")


class AttemptRow(TableBase):
    """A task that is leased to a worker, or that ended badly before; done ones have none.

    The key is that of the ledger: another scan, model or software starts with a clean record.
    """

    __tablename__ = "attempts"

    stage: Mapped[str] = mapped_column(String(16), primary_key=True)
    input: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    run: Mapped[int | None]  # the run that has leased it to a worker; none: nobody has it
    alone: Mapped[bool] = mapped_column(default=False)  # leased while nothing else was under way
    deaths: Mapped[int] = mapped_column(default=0)  # workers it has killed
    interruptions: Mapped[int] = mapped_column(default=0)  # runs that ended while it was leased
    cause_vi: Mapped[str] = mapped_column(Text, default="")  # of the last death
    cause_en: Mapped[str] = mapped_column(Text, default="")
    updated: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class RunRow(TableBase):
    """One run over a folder of scans: how far it is or how it ended."""

    __tablename__ = "runs"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    scans: Mapped[str] = mapped_column(WrittenPath)
    host: Mapped[str] = mapped_column(String(200))
    pid: Mapped[int]
    executor: Mapped[str] = mapped_column(String(10))
    workers: Mapped[int] = mapped_column(default=0)
    started: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # when it is to stop
    phase: Mapped[str] = mapped_column(String(16), default="looking")
    ending: Mapped[str] = mapped_column(String(16), default="")
    cause_vi: Mapped[str] = mapped_column(Text, default="")  # why it pauses or has ended
    cause_en: Mapped[str] = mapped_column(Text, default="")
    remedy_vi: Mapped[str] = mapped_column(Text, default="")
    remedy_en: Mapped[str] = mapped_column(Text, default="")
    books: Mapped[int] = mapped_column(default=0)
    books_done: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)  # to read, in the books looked at so far
    pages_expected: Mapped[int] = mapped_column(default=0)  # with a guess for the other books
    known: Mapped[int] = mapped_column(default=0)  # pages whose result was there already
    done: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)  # of these: a person has to look at them
    poisoned: Mapped[int] = mapped_column(default=0)
    again: Mapped[int] = mapped_column(default=0)  # tries after a death
    busy: Mapped[float] = mapped_column(default=0.0)  # seconds that workers worked
    stages: Mapped[dict[str, float]] = mapped_column(JSON, default=dict)  # summed seconds by stage
    peak_mb: Mapped[float] = mapped_column(default=0.0)  # of the largest worker, in 10⁶ bytes
    pace: Mapped[float] = mapped_column(default=0.0)  # pages a minute, over the last ten minutes
    pauses: Mapped[int] = mapped_column(default=0)
    paused: Mapped[float] = mapped_column(default=0.0)  # seconds, all pauses together
    made_by: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # versions, model, layouts
    notices: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # what was sent, how


class RecordRow(TableBase):
    """One registration case as judged: all its fields, without what people entered.

    Its id stays as long as a case stands at this place of this page.
    """

    __tablename__ = "records"
    __table_args__ = (
        ForeignKeyConstraint(["book"], ["books.id"], ondelete="CASCADE"),
        UniqueConstraint("book", "page", "position"),
        Index("ix_records_book_ordinal", "book", "ordinal"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    book: Mapped[str] = mapped_column(String(200))
    page: Mapped[str] = mapped_column(String(500))
    position: Mapped[int]
    ordinal: Mapped[int]  # place among the records of the book
    layout: Mapped[str] = mapped_column(String(64))
    payload: Mapped[bytes] = mapped_column(LargeBinary)  # zlib JSON of the `Record`
    seal: Mapped[str] = mapped_column(String(32), default="")


class FieldRow(TableBase):
    """One field as it stands now: what queues and counts are made from. Its id stays."""

    __tablename__ = "fields"
    __table_args__ = (
        ForeignKeyConstraint(["record"], ["records.id"], ondelete="CASCADE"),
        UniqueConstraint("record", "code"),
        Index("ix_fields_book_state", "book", "state"),
        Index("ix_fields_book_code", "book", "code"),
        Index("ix_fields_queue", "lane", "kind", "book", "rules", "id", **_WAITING),
        Index("ix_fields_column", "lane", "kind", "book", "code", "record", "rules", **_WAITING),
        Index("ix_fields_queue_record", "lane", "book", "record", "place", **_WAITING),
        Index("ix_fields_group", "lane", "kind", "value", "confidence", "book", **_GROUPED),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record: Mapped[int]
    book: Mapped[str] = mapped_column(String(200))
    code: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(12))
    value: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float]
    hard: Mapped[bool]  # a rule says that the record cannot go out like this
    place: Mapped[int] = mapped_column(default=0)  # in the reading order of its record
    lane: Mapped[str] = mapped_column(String(12), default="")  # the queue it waits in; "" in none
    rules: Mapped[str] = mapped_column(Text, default="")  # of its doubts, " a b " in order
    draw: Mapped[float] = mapped_column(default=1.0)  # 0–1, fixed: below the sample rate = drawn
    entry: Mapped[int | None]  # the newest entry about it


class FieldWordRow(TableBase):
    """A word of a name or number as its field says now (`store.field_words`)."""

    __tablename__ = "field_words"
    __table_args__ = (
        ForeignKeyConstraint(["record"], ["records.id"], ondelete="CASCADE"),
        Index("ix_field_words_record", "record", "word", "field"),
        {"sqlite_with_rowid": False},  # the table is its own index
    )

    word: Mapped[str] = mapped_column(WORD, primary_key=True)
    record: Mapped[int] = mapped_column(primary_key=True)
    field: Mapped[int] = mapped_column(primary_key=True)


class EntryRow(TableBase):
    """What a person said about one field. Rows are only ever added (triggers see to it).

    The state `read` takes back what was entered before: the machine's reading counts again.
    """

    __tablename__ = "entries"
    __table_args__ = (Index("ix_entries_place", "book", "digest", "position", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    book: Mapped[str] = mapped_column(String(200))
    page: Mapped[str] = mapped_column(String(500))  # its name at that time
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(64))
    value: Mapped[str] = mapped_column(Text)
    as_written: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(12))
    user: Mapped[str] = mapped_column("user_name", String(100))
    time: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    base: Mapped[int | None] = mapped_column(
        ForeignKey("entries.id")
    )  # the entry this one answers; none: the machine's reading
    digest: Mapped[str] = mapped_column(String(64), default="")  # of the scan it was made on
    layout: Mapped[str] = mapped_column(String(64), default="")  # its position is one of


class ProblemRow(TableBase):
    """What the last run over a folder of scans could not use, e.g. a book without identity."""

    __tablename__ = "problems"

    id: Mapped[int] = mapped_column(primary_key=True)
    scans: Mapped[str] = mapped_column(WrittenPath)
    place: Mapped[str] = mapped_column(Text)
    cause_vi: Mapped[str] = mapped_column(Text)
    cause_en: Mapped[str] = mapped_column(Text)
    remedy_vi: Mapped[str] = mapped_column(Text, default="")
    remedy_en: Mapped[str] = mapped_column(Text, default="")
