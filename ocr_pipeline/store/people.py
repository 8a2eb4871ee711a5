"""People and their logins, in the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from ocr_pipeline.store.review_models import SessionRow, UserRow


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
