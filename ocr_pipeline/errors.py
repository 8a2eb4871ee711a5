"""Errors people can act on: a tree of exceptions, each with cause, place, remedy, exit code."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from ocr_pipeline.written_paths import shown, storable


class ExitCode(IntEnum):
    """Exit codes of every `sohoa` command (part of the command-line contract)."""

    DONE = 0
    FAILURES = 1
    USAGE = 2
    BAD_INPUT = 3
    ENVIRONMENT = 4


@dataclass(frozen=True, slots=True)
class Text:
    """A message in Vietnamese (first) and English, both NFC."""

    vi: str
    en: str

    def __str__(self) -> str:
        return f"{self.vi} / {self.en}"

    def format(self, **values: object) -> Text:
        """Both languages with `{name}` filled in (as `str.format`); of a `Text` each its own."""
        vi = {name: one.vi if isinstance(one, Text) else one for name, one in values.items()}
        en = {name: one.en if isinstance(one, Text) else one for name, one in values.items()}
        return Text(self.vi.format(**vi), self.en.format(**en))

    def storable(self) -> Text:
        """The same message; names in it that are no UTF-8 are written out (`written_paths`)."""
        return Text(storable(self.vi), storable(self.en))


class SohoaError(Exception):
    """Base of all errors shown to users: what was wrong, where, and what to do next.

    Args:
        cause: what is wrong.
        where: file, page, book or field concerned; empty when there is none.
        remedy: what the user can do next.

    """

    exit_code: ExitCode = ExitCode.FAILURES

    def __init__(self, cause: Text, *, where: str = "", remedy: Text | None = None) -> None:
        self.cause = cause.storable()
        self.where = shown(where)
        self.remedy = remedy.storable() if remedy else None
        super().__init__(self.cause, self.where, self.remedy)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.cause, self.where, self.remedy))

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        remedy = f" → {self.remedy}" if self.remedy else ""
        return f"{place}{self.cause}{remedy}"


def _rebuild(kind: type[SohoaError], cause: Text, where: str, remedy: Text | None) -> SohoaError:
    return kind(cause, where=where, remedy=remedy)


class UsageError(SohoaError):
    """The command was called with arguments that make no sense."""

    exit_code = ExitCode.USAGE


class BadInputError(SohoaError):
    """A file or data given to us cannot be used."""

    exit_code = ExitCode.BAD_INPUT


class ScanError(BadInputError):
    """A scan cannot be read as a page: empty, truncated, encrypted, too large, not an image."""


class InventoryError(BadInputError):
    """A book's identity is missing or contradicts itself."""


class LayoutError(BadInputError):
    """A layout file does not follow the schema or contradicts itself."""


class TemplateError(BadInputError):
    """An Excel template file does not follow the schema."""


class MachineError(SohoaError):
    """The machine lacks something: a program, a model, disk space, a permission."""

    exit_code = ExitCode.ENVIRONMENT


class DiskFullError(MachineError):
    """There is no room left for what was to be kept; what was confirmed before is kept."""


class DatabaseUnreachableError(MachineError):
    """The database is busy, restarting or cut off: it may pass by itself, so trying again helps.

    What was confirmed before is kept; of what was under way nothing half-done is.
    """


class WorkspaceGoneError(MachineError):
    """The folder or database of an open workspace is not there any more: deleted or moved away.

    Nothing is written into what is left of it; what was to be kept is not.
    """


class TransientError(SohoaError):
    """Work was interrupted from outside: a helper program was killed, a disk did not answer.

    It says nothing about the page, so the page is tried again and nothing is kept about it.
    """
