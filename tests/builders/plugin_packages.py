"""Plug-in packages installed for a test: a module with its metadata in a folder on the path."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[1] / "plugins"


def install(folder: Path, package: str, module: str, entries: dict[str, dict[str, str]]) -> None:
    """Install `module` of tests/plugins as pip would: the module, and its metadata beside it.

    Args:
        folder: a folder of packages.
        package: name of the distribution.
        module: name of the file in tests/plugins; one that is not there is not installed.
        entries: object by name by entry-point group.

    """
    source = SOURCES / f"{module}.py"
    if source.exists():
        shutil.copy(source, folder)
    metadata = folder / f"{package.replace('-', '_')}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    lines = []
    for group, objects in entries.items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in objects.items())]
    (metadata / "entry_points.txt").write_text("\n".join(lines) + "\n")


@pytest.fixture
def site(tmp_path, monkeypatch) -> Path:
    """A folder of packages on the path of this process and of those it starts."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=":")
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if (folder / f"{name}.py").exists():
            del sys.modules[name]
