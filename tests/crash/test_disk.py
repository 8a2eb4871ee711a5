"""Disks that are full, read-only or rotten: a clear message, nothing lost, and it goes on later."""

from __future__ import annotations

import os

import httpx
import pytest
from sqlalchemy import select

from ocr_pipeline.review.accounts import Role, create_user
from ocr_pipeline.store.models import EntryRow, LedgerRow
from ocr_pipeline.store.workspace import Workspace
from tests.builders.review_office import PASSWORD
from tests.builders.review_office import fill as fill_office
from tests.builders.served_station import PersonOnline, serving
from tests.crash.office import DisturbedOffice
from tests.crash.small_disk import fill, mounting, remount, small_disk


def told_well(told: str, *words: str) -> None:
    """One message with cause, place and remedy, no traceback."""
    [line] = [line for line in told.splitlines() if line.startswith("error:")]
    assert "Traceback" not in told
    assert " / " in line and "→" in line, "both languages, and a remedy"
    for word in words:
        assert word in line, line


@mounting
@pytest.mark.parametrize("leave", [0, 30_000], ids=["from the start", "in the middle"])
def test_the_disk_of_the_workspace_is_full(driver, scans, undisturbed, tmp_path, leave):
    with small_disk(tmp_path / "small", "12m") as disk:
        office = DisturbedOffice(driver, scans, tmp_path, str(disk / "ws"))
        office.killed_at("run begun", 1, "run")  # the workspace is there
        ballast = fill(disk, leave)
        wide = {"disk_mb": 0, "disk_least_mb": 0, "memory_mb": 0}
        told = office.finish("run", thresholds=wide, code=4).told()
        told_well(told, str(disk))
        office.all_gone()
        ballast.unlink()
        office.finish()
        office.check(undisturbed, again=2)


@mounting
def test_the_output_folder_is_full(driver, scans, undisturbed, tmp_path):
    office = DisturbedOffice(driver, scans, tmp_path, str(tmp_path / "ws"))
    office.finish("run")
    with small_disk(office.out, "4m") as disk:
        ballast = fill(disk, 24_000)  # room for an .xls, not for its zip
        told_well(office.finish("export", code=4).told(), str(disk), "disk space")
        assert not list(disk.rglob("*.xls")) and not list(disk.rglob("*.zip"))
        ballast.unlink()
        assert office.leftovers() == []
        office.finish("export")
        assert office.packages() == undisturbed.packages
        assert office.leftovers() == []


@mounting
def test_the_output_folder_is_read_only(driver, scans, undisturbed, tmp_path):
    office = DisturbedOffice(driver, scans, tmp_path, str(tmp_path / "ws"))
    office.finish("run")
    with small_disk(office.out, "4m") as disk:
        remount(disk, "ro")
        told_well(office.finish("export", code=4).told(), str(disk), "permission")
        remount(disk, "rw")
        office.finish("export")
        assert office.packages() == undisturbed.packages


@mounting
def test_the_workspace_is_read_only(driver, scans, undisturbed, tmp_path):
    with small_disk(tmp_path / "small", "12m") as disk:
        office = DisturbedOffice(driver, scans, tmp_path, str(disk / "ws"))
        office.killed_at("turn committed", 3, "run")
        remount(disk, "ro")
        told_well(office.finish("run", code=4).told(), str(disk))
        remount(disk, "rw")
        office.finish()
        office.check(undisturbed)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("mode", [0o755, 0o700], ids=["may be read", "may not be looked at"])
def test_somebody_elses_workspace(driver, scans, undisturbed, tmp_path, mode):
    office = DisturbedOffice(driver, scans, tmp_path, str(tmp_path / "ws"))
    office.killed_at("turn committed", 3, "run")
    for folder in tmp_path.parents:
        if folder.stat().st_uid == 0 and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o011)
    tmp_path.chmod(mode)
    told_well(office.finish("run", code=4, user=65534).told(), str(tmp_path / "ws"))
    office.finish()
    office.check(undisturbed)


@pytest.mark.databases("sqlite", "postgresql")
def test_a_rotten_result_is_read_again_and_never_used(office, undisturbed):
    """A byte flips in results that no judgement was made from yet."""
    office.killed_at("turn committed", 5, "run")
    with office.workspace() as workspace, workspace.transaction() as session:
        rows = list(session.scalars(select(LedgerRow)))
        assert rows
        for row in rows:
            middle = len(row.payload) // 2
            flipped = bytes([row.payload[middle] ^ 4])
            row.payload = row.payload[:middle] + flipped + row.payload[middle + 1 :]
    office.finish()
    office.check(undisturbed, again=1 + len(rows))


def test_a_rotten_result_found_when_a_book_is_judged_anew(driver, scans, undisturbed, tmp_path):
    """The book has been judged; then a byte flips, and a page of it is replaced and put back."""
    office = DisturbedOffice(driver, scans, tmp_path, str(tmp_path / "ws"))
    office.finish("run")
    with office.workspace() as workspace, workspace.transaction() as session:
        row = session.scalars(select(LedgerRow).where(LedgerRow.outcome == "record")).first()
        row.payload = row.payload[:-1] + bytes([row.payload[-1] ^ 1])
        from ocr_pipeline.store.models import BookRow

        for book in session.scalars(select(BookRow)):
            book.judged = ""  # as after a new version of the rules
    office.finish()
    office.check(undisturbed, again=1)


@mounting
def test_the_station_goes_on_while_its_disk_is_full(tmp_path):
    """Decisions are refused with a sentence, everything else is answered, then they are kept."""
    with small_disk(tmp_path / "small", "24m") as disk:
        with Workspace.open(disk / "ws") as workspace:
            fill_office(workspace, tmp_path / "scans", records=6)
            create_user(workspace, "an", Role.OPERATOR, PASSWORD)
        with serving(disk / "ws", TMPDIR=str(disk)) as (address, process):
            an = PersonOnline(address, "an")
            first, second, *_ = [i for i in an.take(20) if i["kind"] == "person_name"]
            assert an.correct(first, "Nguyễn Văn Ba")
            ballast = fill(disk, 0)
            for _ in range(3):
                answer = an.send(second, "Nguyễn Văn Tư")
                assert answer.status_code == 507
                told = answer.json()
                assert "đầy" in told["error"]["vi"] and "full" in told["error"]["en"]
                assert told["remedy"]["vi"]
            for page in ("/", "/review", "/account", "/handbook"):
                assert an.client.get(page).status_code == 200
            login = httpx.post(f"{address}/login", data={"name": "an", "password": PASSWORD})
            assert login.status_code in (303, 507) and "Traceback" not in login.text
            ballast.unlink()
            assert an.correct(second, "Nguyễn Văn Tư")
            process.terminate()
            told = process.communicate(timeout=30)[1]
        assert "Traceback" not in told, told
        with Workspace.open(disk / "ws") as workspace, workspace.read_session() as session:
            kept = sorted(row.value for row in session.scalars(select(EntryRow)))
        assert kept == ["Nguyễn Văn Ba", "Nguyễn Văn Tư"]
