"""Keys of the review screens that a person may change: a closed list, kept in `shortcuts.yaml`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from ocr_pipeline.data_files import DataValueError, Strict, load_data

FILE = Path(__file__).resolve().parent / "shortcuts.yaml"

KeyName = Annotated[str, Field(pattern=r"^(Ctrl\+|Alt\+)?([^A-Z\s]| |[A-Z]\w+)$")]
"""A key as browsers name it, letters small, with the one key held beside it."""


class Shortcut(Strict):
    """What one action is called by: the key of who has chosen none, and the sets to choose from."""

    usual: KeyName
    instead: list[str]


class ShortcutFile(Strict):
    """`shortcuts.yaml`: sets of keys, actions, and the keys that belong to others."""

    keys: dict[str, list[KeyName]]
    actions: dict[str, Shortcut]
    taken: dict[str, list[KeyName]]

    @model_validator(mode="after")
    def _apart(self) -> Self:
        unknown = {
            name for one in self.actions.values() for name in one.instead if name not in self.keys
        }
        if unknown:
            names = ", ".join(sorted(unknown))
            raise DataValueError(f"không có bộ phím {names}", f"there is no set of keys {names}")
        offered = [key for keys in self.keys.values() for key in keys]
        usual = [one.usual for one in self.actions.values()]
        taken = {key for keys in self.taken.values() for key in keys}
        twice = {key for keys in (offered, usual) for key in keys if keys.count(key) > 1}
        wrong = sorted(twice | (taken & {*offered, *usual}))
        if wrong:
            names = ", ".join(wrong)
            raise DataValueError(f"phím {names} đã có việc khác", f"{names} has another use")
        return self

    def choices(self, action: str) -> tuple[str, ...]:
        """The keys a person may give to an action, its usual key first."""
        one = self.actions[action]
        keys = [one.usual, *(key for name in one.instead for key in self.keys[name])]
        return tuple(dict.fromkeys(keys))

    def served(self) -> dict[str, object]:
        """What the scripts of a page need of it: the sets, and the actions."""
        return self.model_dump(include={"keys", "actions"})


@lru_cache
def shortcuts() -> ShortcutFile:
    """The list that this installation offers."""
    return load_data(FILE, ShortcutFile)
