"""Plug-ins: what other packages add by entry points (recognisers, exporters, notice channels).

A package names what it adds in its own `pyproject.toml`:

    [project.entry-points."sohoa.exporters"]
    archive = "province_archive:ArchiveExporter"

Nothing of a plug-in is imported before it is asked for by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from ocr_pipeline.errors import MachineError, Text


class PluginGroup(StrEnum):
    """What packages can add; the value is the name of the entry-point group."""

    RECOGNISERS = "sohoa.recognisers"
    EXPORTERS = "sohoa.exporters"
    NOTICES = "sohoa.notices"


class PluginError(MachineError):
    """A plug-in that was asked for cannot be used: another package is at fault."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """An entry point of another package.

    Attributes:
        group: what it adds.
        name: how people ask for it.
        package: the distribution that brings it, with its version.
        entry: where its object is.

    """

    group: PluginGroup
    name: str
    package: str
    entry: EntryPoint

    @property
    def place(self) -> str:
        """Package, group, name and object, for messages."""
        return f"{self.package}: {self.group} {self.name} = {self.entry.value}"

    def load(self, parts: Sequence[str] = ()) -> Any:
        """The object that the entry point names.

        Args:
            parts: names that it must have.

        Raises:
            PluginError: it cannot be imported, or lacks one of `parts`.

        """
        try:
            found = self.entry.load()
        except Exception as error:  # anything may happen while foreign code is imported
            raise self.broken(error) from error
        for part in parts:
            if not hasattr(found, part):
                raise self.broken(AttributeError(f"no `{part}`"))
        return found

    def broken(self, error: Exception) -> PluginError:
        """The error for a plug-in that raised `error`."""
        why = f"{type(error).__name__}: {error}"
        return PluginError(
            Text(
                f"Phần mở rộng “{self.name}” của gói {self.package} không dùng được: {why}",
                f"The plug-in “{self.name}” of the package {self.package} cannot be used: {why}",
            ),
            where=self.place,
            remedy=Text(
                "Cập nhật hoặc gỡ gói này (pip uninstall), rồi kiểm tra bằng `sohoa doctor`",
                "Update or remove the package (pip uninstall), then check with `sohoa doctor`",
            ),
        )


def plugins(group: PluginGroup) -> dict[str, Plugin]:
    """Plug-ins of a group by name, in order; of two with one name the first installed counts."""
    found: dict[str, Plugin] = {}
    for entry in sorted(entry_points(group=group.value), key=lambda entry: entry.name):
        package = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "?"
        found.setdefault(entry.name, Plugin(group, entry.name, package, entry))
    return found
