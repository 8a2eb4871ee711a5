"""Packages that a browser sends are checked as on the command line, and stay nowhere."""

import os
import secrets
import time
import zipfile

import pytest

from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.errors import NotFoundError
from ocr_pipeline.review.package_checks import PackageChecks
from ocr_pipeline.review.rights import ForbiddenError
from ocr_pipeline.review.upload_names import UploadNameError
from ocr_pipeline.review.uploads import UploadDesk, UploadError

CHI = User("chi", Role.REVIEWER)


@pytest.fixture
def desk(station, tmp_path):
    return UploadDesk(station.ws, tmp_path / "scans", free=lambda _: 10**12)


@pytest.fixture
def checks(station):
    return PackageChecks(station.ws)


def send(checks, desk, batch, name, data, user=CHI):
    with desk.receive(name, len(data)) as upload:
        upload.write(data)
        checks.add(user, upload, batch, name)


def left(station):
    return list((station.ws.folder / "incoming").iterdir())


def test_faults_are_told_with_bare_names_and_nothing_stays(checks, desk, station, tmp_path):
    batch = secrets.token_hex(16)
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("x.pdf", b"no pdf")
    send(checks, desk, batch, "xalocthuan_hbd_tbt.KS.2016.01.xls", b"no table")
    send(checks, desk, batch, "xalocthuan_hbd_tbt.KS.2016.01.zip", archive.read_bytes())
    send(checks, desk, secrets.token_hex(16), "other.xls", b"somebody else's")
    [report] = checks.check(CHI, batch)
    assert report["excel"] == "xalocthuan_hbd_tbt.KS.2016.01.xls" and not report["acceptable"]
    assert report["zip"] == "xalocthuan_hbd_tbt.KS.2016.01.zip"
    files = {fault["file"] for fault in report["faults"]}
    assert "xalocthuan_hbd_tbt.KS.2016.01.zip/x.pdf" in files
    assert not any(str(station.ws.folder) in str(fault) for fault in report["faults"])
    assert len(left(station)) == 1  # the other's
    with pytest.raises(NotFoundError):
        checks.check(CHI, batch)


@pytest.mark.parametrize("name", ["../a.xls", "a/b.xls", "a.exe", "", "a.xls.lnk"])
def test_what_is_no_file_of_a_package_is_refused(checks, desk, station, name):
    with pytest.raises((UploadError, UploadNameError)):
        send(checks, desk, secrets.token_hex(16), name, b"x")
    assert not left(station)


@pytest.mark.parametrize("batch", ["", "..", "../../x", "A" * 32, "0" * 31])
def test_a_batch_is_a_number_and_no_path(checks, desk, batch):
    with pytest.raises(UploadError):
        send(checks, desk, batch, "a.xls", b"x")
    with pytest.raises(UploadError):
        checks.check(CHI, batch)


def test_who_keys_values_checks_nothing(checks, desk):
    batch, an = secrets.token_hex(16), User("an", Role.OPERATOR)
    with pytest.raises(ForbiddenError):
        send(checks, desk, batch, "a.xls", b"x", an)
    with pytest.raises(ForbiddenError):
        checks.check(an, batch)


def test_what_nobody_asked_for_goes(checks, desk, station):
    send(checks, desk, secrets.token_hex(16), "a.xls", b"x")
    [old] = left(station)
    hours_ago = time.time() - 7200
    os.utime(old, (hours_ago, hours_ago))
    send(checks, desk, secrets.token_hex(16), "b.xls", b"x")
    assert old not in left(station)
    PackageChecks(station.ws)  # the station was started anew
    assert not left(station)
