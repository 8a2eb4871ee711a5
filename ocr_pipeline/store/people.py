"""People, their logins and failed attempts, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from ocr_pipeline.store.review_models import LoginFailureRow, SessionRow, UserRow


def find_user(session: Session, name: str) -> UserRow | None:
    """The person with this name."""
    return session.get(UserRow, name)


def all_users(session: Session) -> list[UserRow]:
    """All people in the order of their names."""
    return list(session.scalars(select(UserRow).order_by(UserRow.name)))


def count_active(session: Session, role: str) -> int:
    """How many active people have this role."""
    query = select(func.count()).where(UserRow.role == role, UserRow.active.is_(True))
    return int(session.scalar(query) or 0)


def add_session(session: Session, digest: str, user: str, now: datetime) -> None:
    """Keep a login."""
    session.add(SessionRow(digest=digest, user=user, opened=now, seen=now))


def find_session(session: Session, digest: str) -> tuple[SessionRow, UserRow] | None:
    """A login with its person."""
    query = (
        select(SessionRow, UserRow)
        .join(UserRow, UserRow.name == SessionRow.user)
        .where(SessionRow.digest == digest)
    )
    found = session.execute(query).first()
    return (found[0], found[1]) if found else None


def end_session(session: Session, digest: str) -> None:
    """Forget a login."""
    session.execute(delete(SessionRow).where(SessionRow.digest == digest))


def end_sessions_of(session: Session, user: str) -> None:
    """Forget all logins of a person."""
    session.execute(delete(SessionRow).where(SessionRow.user == user))


def end_sessions_before(session: Session, opened: datetime, seen: datetime) -> None:
    """Forget logins opened or last seen before these times."""
    old = or_(SessionRow.opened < opened, SessionRow.seen < seen)
    session.execute(delete(SessionRow).where(old))


def note_attempt(session: Session, name: str, address: str, now: datetime) -> int:
    """Count a login as failed, before it is looked at; returns the number of the note."""
    row = LoginFailureRow(name=name, address=address, time=now)
    session.add(row)
    session.flush()
    return row.id


def forgive(session: Session, name: str, attempt: int) -> None:
    """The attempt was good: it and the person's failures count no more."""
    session.execute(
        delete(LoginFailureRow).where(
            or_(LoginFailureRow.name == name, LoginFailureRow.id == attempt)
        )
    )


def failures(
    session: Session, since: datetime, *, name: str | None = None, address: str | None = None
) -> Sequence[datetime]:
    """Times of the failed logins of a name or from an address, oldest first."""
    query = select(LoginFailureRow.time).where(LoginFailureRow.time >= since)
    if name is not None:
        query = query.where(LoginFailureRow.name == name)
    if address is not None:
        query = query.where(LoginFailureRow.address == address)
    return list(session.scalars(query.order_by(LoginFailureRow.time)))


def forget_failures(session: Session, before: datetime) -> None:
    """Drop failures too old to count."""
    session.execute(delete(LoginFailureRow).where(LoginFailureRow.time < before))
