"""Who may do what: one table of roles and actions (`rights.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Protocol

import yaml

from ocr_pipeline.errors import SohoaError, Text


class ForbiddenError(SohoaError):
    """The person may not do this."""


class WithRole(Protocol):
    """A person as far as rights go."""

    @property
    def role(self) -> str:
        """Name of the role in the table."""
        ...

    @property
    def active(self) -> bool:
        """Whether the person may do anything at all."""
        ...


def may(user: WithRole, action: str) -> bool:
    """Whether the person's role may do this.

    Raises:
        ValueError: no role may do it: the action is misspelt.

    """
    table = _table()
    if not any(action in actions for actions in table.values()):
        raise ValueError(f"rights.yaml knows no action {action!r}")
    return user.active and action in table.get(str(user.role), ())


def require(user: WithRole, action: str) -> None:
    """Make sure that the person may do this.

    Raises:
        ForbiddenError: the role may not.

    """
    if not may(user, action):
        raise ForbiddenError(
            Text(
                f"Vai trò {user.role} không được làm việc này",
                f"The role {user.role} may not do this",
            ),
            where=action,
            remedy=Text("Nhờ người quản trị", "Ask the administrator"),
        )


def roles_with(action: str) -> tuple[str, ...]:
    """The roles that may do this."""
    return tuple(role for role, actions in _table().items() if action in actions)


@cache
def _table() -> Mapping[str, frozenset[str]]:
    path = Path(__file__).with_name("rights.yaml")
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {role: frozenset(actions) for role, actions in data.items()}
