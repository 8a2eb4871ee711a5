"""Every dotted name and every path in docs/architecture.md exists; every room is in its tables."""

import importlib
import re

import pytest

from tests.builders.markdown import ROOT

TEXT = (ROOT / "docs" / "architecture.md").read_text("utf-8")
QUOTED = sorted(set(re.findall(r"`([\w./-]+)`", TEXT)))
PATHS = [name for name in QUOTED if "/" in name]
NAMES = [name for name in QUOTED if "." in name.strip(".") and "/" not in name]
FILES_OF_A_WORKSPACE = {"policy.yaml"}


def resolves(name):
    """Whether `name` is a module of the package, or something in one."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(["ocr_pipeline", *parts[:cut]]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


@pytest.mark.parametrize("path", PATHS)
def test_a_path_exists(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_dotted_name_exists(name):
    assert name in FILES_OF_A_WORKSPACE or (ROOT / name).is_file() or resolves(name)


def test_every_room_has_its_row_and_something_to_change():
    rooms = {path.parent.name for path in (ROOT / "ocr_pipeline").glob("*/__init__.py")}
    table, _, changes = TEXT.partition("## To change something")
    for room in sorted(rooms):
        assert f"`{room}`" in table.partition("## The calls")[0], room
        assert f"`ocr_pipeline/{room}" in changes or f"`{room}`" in changes, room
