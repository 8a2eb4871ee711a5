"""Accounts: people, their roles and passwords, logins that time out, throttled attempts."""

from __future__ import annotations

import hashlib
import math
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session

from ocr_pipeline.errors import SohoaError, Text, UsageError
from ocr_pipeline.review.errors import NotAllowedYetError, no_such
from ocr_pipeline.review.login_attempts import attempts_of
from ocr_pipeline.review.password_rule import check_new_password, normalised, usable
from ocr_pipeline.store import audit, people
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.review_models import SessionRow, UserRow
from ocr_pipeline.store.times import utc
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.text.normalise import nfc

IDLE = timedelta(minutes=15)  # without a sign of the person; leases end then, too
LONGEST = timedelta(hours=12)

_NAME = re.compile(r"[\w.@+-]{1,100}")
_SEEN_STEP = timedelta(minutes=1)


class Role(StrEnum):
    """What a person is there for; `rights.yaml` says what each may do."""

    OPERATOR = "operator"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class User:
    """A person who may log in.

    Attributes:
        name: what he logs in with; lower case.
        role: what he may do.
        display: full name to show; the login name when "".
        active: may log in.

    """

    name: str
    role: Role
    display: str = ""
    active: bool = True


class BadLoginError(SohoaError):
    """Name or password is wrong, or the account is not active: which, is not said."""


class ThrottledError(SohoaError):
    """Too many failed logins; `seconds` until the next attempt counts, as a whole number."""

    seconds: int = 0


def create_user(
    ws: Workspace,
    name: str,
    role: Role,
    password: str,
    display: str = "",
    *,
    by: str = "",
    now: datetime | None = None,
) -> User:
    """Add a person.

    Raises:
        UsageError: the name has odd characters or is taken, or the password is refused
            (`password_rule`).

    """
    name, moment = tidy_name(name), now or datetime.now(UTC)
    if not _NAME.fullmatch(name):
        raise UsageError(
            Text(
                "Tên đăng nhập chỉ gồm chữ, số và . _ - + @",
                "A login name has only letters, digits and . _ - + @",
            ),
            where=name[:100],
        )
    check_new_password(password, name, display)
    password_hash = _hashed(password)
    with ws.transaction() as session:
        if people.find_user(session, name):
            raise UsageError(
                Text("Đã có người dùng mang tên này", "There is already a person of this name"),
                where=name,
                remedy=Text("Chọn tên khác", "Choose another name"),
            )
        row = UserRow(
            name=name, role=Role(role).value, display=nfc(display).strip(),
            password=password_hash, active=True, created=moment,
        )  # fmt: skip
        session.add(row)
        _note(session, by, AuditAction.USER_ADDED, row, moment, role=row.role)
        return _user(row)


def set_password(
    ws: Workspace, name: str, password: str, *, by: str = "", now: datetime | None = None
) -> None:
    """Give a person another password; he has to log in anew everywhere.

    Raises:
        NotFoundError: there is no such person.
        UsageError: the password is refused (`password_rule`).

    """
    name = tidy_name(name)
    with ws.read_session() as session:
        check_new_password(password, name, _require(session, name).display)
    password_hash = _hashed(password)
    with ws.transaction() as session:
        row = _require(session, name)
        row.password = password_hash
        people.end_sessions_of(session, name)
        _note(session, by, AuditAction.PASSWORD_SET, row, now)


def set_role(
    ws: Workspace, name: str, role: Role, *, by: str = "", now: datetime | None = None
) -> None:
    """Give a person another role; he has to log in anew.

    Raises:
        NotAllowedYetError: it would leave no active administrator.

    """
    with ws.transaction() as session:
        row = _require(session, tidy_name(name))
        if Role(role) is not Role.ADMIN:
            _keep_an_admin(session, row)
        row.role = Role(role).value
        people.end_sessions_of(session, row.name)
        _note(session, by, AuditAction.ROLE_SET, row, now, role=row.role)


def set_active(
    ws: Workspace, name: str, active: bool, *, by: str = "", now: datetime | None = None
) -> None:
    """Let a person in again, or no more; what he did stays.

    Raises:
        NotAllowedYetError: it would leave no active administrator.

    """
    with ws.transaction() as session:
        row = _require(session, tidy_name(name))
        if not active:
            _keep_an_admin(session, row)
        row.active = active
        people.end_sessions_of(session, row.name)
        _note(session, by, AuditAction.ACTIVATED if active else AuditAction.DISABLED, row, now)


def list_users(ws: Workspace) -> list[User]:
    """All people in the order of their names."""
    with ws.read_session() as session:
        return [_user(row) for row in people.all_users(session)]


def any_user(ws: Workspace) -> bool:
    """Whether there is anybody who could log in."""
    return any(user.active for user in list_users(ws))


def find_user(ws: Workspace, name: str) -> User | None:
    """The person of this name."""
    with ws.read_session() as session:
        row = people.find_user(session, tidy_name(name))
        return _user(row) if row else None


def authenticate(ws: Workspace, name: str, password: str, address: str, now: datetime) -> User:
    """The person whose name and password these are.

    An attempt counts as failed before its password is looked at, so that many at the same time
    gain nothing. Unknown names take as long as known ones.

    Raises:
        ThrottledError: too many failed attempts at this name from this address.
        BadLoginError: name or password is wrong, or the account is not active.

    """
    name = tidy_name(name)[:100]
    with ws.read_session() as session:
        row = people.find_user(session, name)
    attempts = attempts_of(ws)
    wait = attempts.begin(name, address, row.password if row else "")
    if wait > 0:
        raise _throttled(wait)
    good = _verified(row.password if row else _nobody(), password)
    if row is None or not row.active or not good:
        with ws.transaction() as session:
            audit.append(
                session, row.name if row else "", AuditAction.LOGIN_FAILED,
                subject=f"user:{row.name}" if row else "", details={"address": address}, now=now,
            )  # fmt: skip
        raise BadLoginError(
            Text(
                "Tên đăng nhập hoặc mật khẩu không đúng", "The login name or the password is wrong"
            ),
            remedy=Text(
                "Hãy thử lại, hoặc nhờ người quản trị đặt lại mật khẩu",
                "Try again, or have the administrator set another password",
            ),
        )
    attempts.succeed(name, address)
    fresh = _hashed(password) if _hasher().check_needs_rehash(row.password) else ""
    with ws.transaction() as session:
        changed = [_require(session, name)] if fresh else []
        for one in changed:
            one.password = fresh
        audit.append(
            session, name, AuditAction.LOGIN, subject=f"user:{name}", details={"address": address},
            rows=changed, now=now,
        )  # fmt: skip
    return _user(row)


def open_session(ws: Workspace, user: User, now: datetime) -> str:
    """A token that stands for the person until it times out; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    with ws.transaction() as session:
        people.end_sessions_before(session, now - LONGEST, now - IDLE)
        people.add_session(session, _digest(token), user.name, now)
    return token


def session_user(ws: Workspace, token: str, now: datetime) -> User | None:
    """Whose token this is, and he is there: the session lasts longer from now on; None as below."""
    known = find_login(ws, token, now)
    if known is None:
        return None
    user, seen = known
    if now - seen >= _SEEN_STEP:
        with ws.transaction() as session:
            found = people.find_session(session, _digest(token))
            if found is None:
                return None
            found[0].seen = now
    return user


def find_login(ws: Workspace, token: str, now: datetime) -> tuple[User, datetime] | None:
    """Whose token this is, and when he was last there (to a minute); the session lasts no longer.

    None when the token is unknown or timed out, or the person was disabled.
    """
    with ws.read_session() as session:
        found = people.find_session(session, _digest(token))
        if found is None:
            return None
        login, row = found
        user, seen = _user(row), utc(login.seen)
        return None if not user.active or _timed_out(login, now) else (user, seen)


def close_session(
    ws: Workspace,
    token: str,
    now: datetime | None = None,
    why: AuditAction = AuditAction.LOGOUT,
) -> None:
    """Log out, or lock the screen; unknown tokens are no error."""
    with ws.transaction() as session:
        found = people.find_session(session, _digest(token))
        if found is not None:
            people.end_session(session, _digest(token))
            name = found[1].name
            audit.append(session, name, why, subject=f"user:{name}", now=now)


def tidy_name(name: str) -> str:
    """A login name as it is kept: NFC, lower case, no blanks around it."""
    return nfc(name).strip().casefold()


def _timed_out(login: SessionRow, now: datetime) -> bool:
    return now - utc(login.seen) > IDLE or now - utc(login.opened) > LONGEST


def _throttled(wait: float) -> ThrottledError:
    seconds = math.ceil(wait)
    error = ThrottledError(
        Text("Bạn đã nhập sai mật khẩu quá nhiều lần", "The password was wrong too many times"),
        remedy=Text(
            f"Hãy đợi {seconds} giây rồi thử lại, hoặc nhờ người quản trị đặt lại mật khẩu",
            f"Wait {seconds} seconds, then try again, or have the administrator set another "
            "password",
        ),
    )
    error.seconds = seconds
    return error


def _hashed(password: str) -> str:
    return _hasher().hash(normalised(password))


def _verified(hashed: str, password: str) -> bool:
    try:
        return usable(password) and _hasher().verify(hashed, normalised(password))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    """A hash nobody knows the password of, so that unknown names cost the same time."""
    return _hasher().hash(secrets.token_urlsafe(32))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8")).hexdigest()


def _require(session: Session, name: str) -> UserRow:
    row = people.find_user(session, name)
    if row is None:
        raise no_such("người dùng", "user", name)
    return row


def _keep_an_admin(session: Session, row: UserRow) -> None:
    last = people.count_active(session, Role.ADMIN) == 1
    if row.role == Role.ADMIN and row.active and last:
        raise NotAllowedYetError(
            Text(
                "Không khóa hoặc đổi vai trò được: đây là người quản trị cuối cùng",
                "This cannot be done: this is the last administrator",
            ),
            where=row.name,
            remedy=Text("Thêm một người quản trị khác trước", "Add another administrator first"),
        )


def _note(
    session: Session, by: str, action: AuditAction, row: UserRow, now: datetime | None,
    **details: str,
) -> None:  # fmt: skip
    audit.append(
        session, by or "system", action, subject=f"user:{row.name}", details=details, rows=[row],
        now=now,
    )  # fmt: skip


def _user(row: UserRow) -> User:
    return User(row.name, Role(row.role), row.display, row.active)
