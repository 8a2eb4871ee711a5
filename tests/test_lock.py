"""The locks: every library we name is in them, in its bounds, with hashes; none has a known hole.

Nothing here asks the network: that the locks agree with `pyproject.toml` can be told by reading.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FLOORS = yaml.safe_load((ROOT / ".ci/floors.yaml").read_text(encoding="utf-8"))
PROGRAM, TESTS = ROOT / "requirements.lock", ROOT / ".ci/requirements-dev.lock"
MACHINES = [
    ("linux", "x86_64", "3.11"),
    ("linux", "aarch64", "3.12"),
    ("linux", "x86_64", "3.13"),
    ("darwin", "arm64", "3.12"),
    ("win32", "AMD64", "3.11"),
]


@dataclass(frozen=True)
class Locked:
    name: str
    version: Version
    marker: Marker | None
    hashes: int


def locked(path: Path) -> Iterator[Locked]:
    """The libraries of a lock; one may stand there in several versions, each for some machines."""
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in filter(None, map(str.strip, text.splitlines())):
        requirement, *hashes = line.split("--hash=sha256:")
        assert all(re.fullmatch("[0-9a-f]{64}", one.strip()) for one in hashes), line
        found = Requirement(requirement.strip())
        [pin] = found.specifier
        assert pin.operator == "=="
        name = canonicalize_name(found.name)
        yield Locked(name, Version(pin.version), found.marker, len(hashes))


def environment(machine: tuple[str, str, str]) -> dict[str, str]:
    system, processor, python = machine
    own = {
        "sys_platform": system,
        "platform_machine": processor,
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_system": {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}[system],
        "os_name": "nt" if system == "win32" else "posix",
    }
    return {**{k: str(v) for k, v in default_environment().items()}, **own}


def on(machine: tuple[str, str, str], path: Path) -> dict[str, Version]:
    """What a machine installs from a lock."""
    here = environment(machine)
    chosen: dict[str, Version] = {}
    for one in locked(path):
        if one.marker is None or one.marker.evaluate(here):
            assert one.name not in chosen, f"{one.name} twice"
            chosen[one.name] = one.version
    return chosen


def wanted(*extras: str) -> list[Requirement]:
    project = PROJECT["project"]
    named = list(project["dependencies"])
    for extra in extras:
        named += project["optional-dependencies"][extra]
    return [Requirement(one) for one in named]


@pytest.mark.parametrize("machine", MACHINES, ids="-".join)
@pytest.mark.parametrize(
    ("path", "extras"),
    [(PROGRAM, ()), (TESTS, ("dev", "dev-long"))],
    ids=["program", "tests"],
)
def test_what_the_project_asks_for_is_locked_within_its_bounds(machine, path, extras):
    here, found = environment(machine), on(machine, path)
    for one in wanted(*extras):
        name = canonicalize_name(one.name)
        if one.marker is None or one.marker.evaluate(here):
            assert name in found, f"{name} is not in {path.name}: run `make lock`"
            assert found[name] in one.specifier, f"{name} {found[name]}: run `make lock`"
    assert {"hatchling", "editables"} <= set(found), "what builds the project"


@pytest.mark.parametrize("machine", MACHINES, ids="-".join)
def test_tests_run_with_the_versions_that_people_get(machine):
    program, tests = on(machine, PROGRAM), on(machine, TESTS)
    assert program.items() <= tests.items()


@pytest.mark.parametrize("path", [PROGRAM, TESTS], ids=["program", "tests"])
def test_every_locked_file_has_its_hash_and_no_address(path):
    assert "://" not in path.read_text(encoding="utf-8")
    for one in locked(path):
        assert one.hashes, one.name


def test_no_version_with_a_known_hole_can_be_installed():
    direct = {canonicalize_name(one.name): one.specifier for one in all_wanted()}
    for path in (PROGRAM, TESTS):
        for one in locked(path):
            if hole := FLOORS.get(one.name):
                assert one.version >= Version(hole["floor"]), f"{one.name}: {hole['hole']}"
    for name, hole in FLOORS.items():
        if name in direct:
            assert lower(direct[name]) >= Version(hole["floor"]), f"{name}: {hole['hole']}"
    known = {one.name for path in (PROGRAM, TESTS) for one in locked(path)} | set(direct)
    assert set(FLOORS) <= known, "a floor for what nobody uses"


def all_wanted() -> list[Requirement]:
    return wanted(*PROJECT["project"]["optional-dependencies"])


def lower(specifier: SpecifierSet) -> Version:
    """The lowest version that may be installed."""
    bounds = [Version(one.version) for one in specifier if one.operator in (">=", "==", "~=")]
    assert bounds, f"no lower bound: {specifier}"
    return max(bounds)
