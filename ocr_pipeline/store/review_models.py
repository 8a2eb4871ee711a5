"""The tables of the review station: people, leases, decisions, policies, approvals, audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from ocr_pipeline.store.models import TableBase

_OPEN = text("entry IS NULL AND NOT withdrawn")
_IN_DEED = text("deed <> ''")
_ASKED = text("action = 'ask'")
_ANSWERS = text("action = 'answers_seen'")


class UserRow(TableBase):
    """A person who may log in."""

    __tablename__ = "users"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    display: Mapped[str] = mapped_column(String(200), default="")
    role: Mapped[str] = mapped_column(String(16))
    password: Mapped[str] = mapped_column(String(200))  # argon2id, with its salt and parameters
    active: Mapped[bool] = mapped_column(default=True)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SessionRow(TableBase):
    """A login that is still good; only a hash of its token is kept."""

    __tablename__ = "user_sessions"
    __table_args__ = (Index("ix_user_sessions_user_name", "user_name"),)

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user: Mapped[str] = mapped_column(
        "user_name", String(100), ForeignKey("users.name", ondelete="CASCADE")
    )
    opened: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    seen: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class LeaseRow(TableBase):
    """A field that is on somebody's screen until `until`."""

    __tablename__ = "leases"
    __table_args__ = (Index("ix_leases_user_name", "user_name"),)

    field: Mapped[int] = mapped_column(
        ForeignKey("fields.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user: Mapped[str] = mapped_column("user_name", String(100))
    until: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class DecisionRow(TableBase):
    """What a person did with a field on the screen, whether or not it became an entry at once.

    `entry` is the entry that came of it. Without one and not withdrawn it is still open: the first
    of two blind keyings, two that differ, or a question that nobody has answered.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        Index("ix_decisions_place", "book", "page", "position", "code"),
        Index("ix_decisions_field", "field", "id"),
        Index("ix_decisions_user_name", "user_name", "id"),
        Index("ix_decisions_time", "time"),
        Index("ix_decisions_entry", "entry"),
        Index("ix_decisions_deed", "deed", sqlite_where=_IN_DEED, postgresql_where=_IN_DEED),
        Index(
            "ix_decisions_asked",
            "user_name",
            "id",
            sqlite_where=_ASKED,
            postgresql_where=_ASKED,
        ),
        Index(
            "ix_decisions_open", "field", "user_name", sqlite_where=_OPEN, postgresql_where=_OPEN
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    field: Mapped[int]  # id in `fields` at that time
    book: Mapped[str] = mapped_column(String(200))
    page: Mapped[str] = mapped_column(String(500))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))
    user: Mapped[str] = mapped_column("user_name", String(100))
    time: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    lane: Mapped[str] = mapped_column(String(12))  # the queue it was in; "" for none
    action: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))  # the state the person gave; "" for a question
    value: Mapped[str] = mapped_column(Text)
    as_written: Mapped[str] = mapped_column(Text, default="")
    was: Mapped[str] = mapped_column(Text)  # the value before
    was_state: Mapped[str] = mapped_column(String(12))
    confidence: Mapped[float]  # of the value before
    seconds: Mapped[float] = mapped_column(default=0.0)
    keys: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(Text, default="")
    entry: Mapped[int | None] = mapped_column(ForeignKey("entries.id"))
    withdrawn: Mapped[bool] = mapped_column(default=False)
    digest: Mapped[str] = mapped_column(String(64), default="")  # of the scan it was made on
    deed: Mapped[str] = mapped_column(String(40), default="")  # what was decided with it, at once


class PolicyRow(TableBase):
    """How fields of a kind (all: "") in a book (all: "") are reviewed (`store.policies`)."""

    __tablename__ = "policies"

    book: Mapped[str] = mapped_column(String(200), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    mode: Mapped[str] = mapped_column(String(8))
    sample: Mapped[float]
    threshold: Mapped[float | None]


class ApprovalRow(TableBase):
    """A step in the approval of a book; the newest one counts. Rows are only ever added."""

    __tablename__ = "approvals"
    __table_args__ = (Index("ix_approvals_book", "book", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    book: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(12))  # approve, withdraw, hand_over
    user: Mapped[str] = mapped_column("user_name", String(100))
    time: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    note: Mapped[str] = mapped_column(Text, default="")


class PageDecisionRow(TableBase):
    """What a person decided about a page; the newest of an action counts. Only ever added.

    It is about the scan with this content, whatever its name: another scan is asked about anew.
    """

    __tablename__ = "page_decisions"
    __table_args__ = (Index("ix_page_decisions_book_page", "book", "page", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    book: Mapped[str] = mapped_column(String(200))
    page: Mapped[str] = mapped_column(String(500))
    digest: Mapped[str] = mapped_column(String(64), default="")
    action: Mapped[str] = mapped_column(String(16))  # reread, aside, place …
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    user: Mapped[str] = mapped_column("user_name", String(100))
    time: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class DeletionRow(TableBase):
    """A book whose data were deleted at the end of the job: only its entries may ever go."""

    __tablename__ = "deletions"

    book: Mapped[str] = mapped_column(String(200), primary_key=True)
    user: Mapped[str] = mapped_column("user_name", String(100))
    time: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class AuditRow(TableBase):
    """One line of the audit trail: who did or saw what. Each carries the hash of the one before.

    Ids count from 1 without gaps; `hash` covers the columns before it (`store.audit`).
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_book", "book", "id"),
        Index("ix_audit_user_name", "user_name", "id"),
        Index(
            "ix_audit_answers_seen",
            "user_name",
            "id",
            sqlite_where=_ANSWERS,
            postgresql_where=_ANSWERS,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    time: Mapped[str] = mapped_column(String(32))  # UTC, ISO 8601
    user: Mapped[str] = mapped_column("user_name", String(100))
    action: Mapped[str] = mapped_column(String(32))
    book: Mapped[str] = mapped_column(String(200), default="")
    subject: Mapped[str] = mapped_column(Text, default="")  # page, record, field, person …
    details: Mapped[str] = mapped_column(Text, default="{}")  # JSON without personal data
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(32), default="")  # "": by an earlier version
