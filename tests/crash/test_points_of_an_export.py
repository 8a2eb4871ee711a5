"""Killed at any point of an export: where an .xls is visible, its own zip stands beside it."""

from __future__ import annotations

import shutil

import pytest

from tests.crash.office import DisturbedOffice
from tests.crash.where import EXPORT


@pytest.fixture(scope="module")
def finished(driver, scans, undisturbed, tmp_path_factory):
    """A workspace with finished books."""
    folder = tmp_path_factory.mktemp("finished")
    office = DisturbedOffice(driver, scans, folder, str(folder / "ws"))
    office.finish("run")
    return folder / "ws"


@pytest.fixture
def office(driver, scans, finished, tmp_path):
    shutil.copytree(finished, tmp_path / "ws")
    return DisturbedOffice(driver, scans, tmp_path, str(tmp_path / "ws"))


OLD = b"an older package: "


def old_packages(office, undisturbed):
    """What stood there before: a pair of an earlier export for every book."""
    for name in undisturbed.packages:
        path = office.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(OLD + path.stem.encode())


def pairs_are_whole(office, undisturbed):
    """Wherever an .xls is visible, the zip beside it is its own, and neither is half a file."""
    seen = 0
    for name in undisturbed.packages:
        excel = office.out / name
        if excel.suffix != ".xls" or not excel.is_file():
            continue
        seen += 1
        archive = excel.with_suffix(".zip")
        assert archive.is_file(), "an .xls without its zip"
        old = [path.read_bytes().startswith(OLD) for path in (excel, archive)]
        assert old in ([True, True], [False, False]), "an .xls beside the zip of another export"
        if not old[0]:
            assert excel.read_bytes() == undisturbed.packages[name]
            zip_name = archive.relative_to(office.out).as_posix()
            assert archive.read_bytes() == undisturbed.packages[zip_name]
    return seen


@pytest.mark.parametrize("before", ["nothing", "an older export"])
@pytest.mark.parametrize("point", EXPORT, ids=lambda point: point.name)
def test_an_export_killed_at_a_point(office, undisturbed, point, before):
    if before != "nothing":
        old_packages(office, undisturbed)
    for _ in range(2):
        office.killed_at(point.value, 1, "export")
        pairs_are_whole(office, undisturbed)
    office.finish("export")
    assert office.packages() == undisturbed.packages
    assert office.leftovers() == []
    assert pairs_are_whole(office, undisturbed) == 2
