"""Who may do what: one table of roles and actions (`rights.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

from ocr_pipeline.data_files import load_data
from ocr_pipeline.errors import SohoaError, Text
from ocr_pipeline.review.accounts import Role

Action = Literal[
    "books", "record", "review", "sample", "arbitrate", "senior", "pages", "figures", "approve",
    "layouts", "policies", "audit", "people", "exchange", "delete", "import", "correct", "export",
    "accuracy",
]  # fmt: skip
"""What can be allowed; `rights.yaml` says what each is."""

RightsFile = dict[Role, frozenset[Action]]
"""`rights.yaml`: the actions of each role."""


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
                "Vai trò của bạn không có quyền làm việc này",
                "Your role may not do this",
            ),
            where=action,
            remedy=Text("Hãy nhờ người quản trị", "Ask the administrator"),
        )


@cache
def _table() -> Mapping[str, frozenset[str]]:
    path = Path(__file__).with_name("rights.yaml")
    rights = load_data(path, RightsFile)
    return {role.value: frozenset[str](actions) for role, actions in rights.items()}
