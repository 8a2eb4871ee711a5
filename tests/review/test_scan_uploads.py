"""Scans sent by a browser: whole or not at all, under safe names, never over other bytes."""

import errno
import os
from pathlib import Path

import pytest

from ocr_pipeline.errors import DiskFullError, ScanError
from ocr_pipeline.review import audit
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.errors import BusyError, StaleError
from ocr_pipeline.review.rights import ForbiddenError
from ocr_pipeline.review.scan_uploads import exchange_scan, keep_scan
from ocr_pipeline.review.upload_names import UploadNameError, safe_folder, safe_place
from ocr_pipeline.review.uploads import UploadDesk, UploadError, UploadLimits
from ocr_pipeline.store.workspace import Workspace
from tests.builders.drawn_pages import drawn
from tests.builders.review_station import START

PAGE = drawn("trang 1")
CHI = User("chi", Role.REVIEWER)
ROOM = 10**15


@pytest.fixture
def desk(tmp_path):
    with Workspace.open(tmp_path / "ws") as workspace:
        yield UploadDesk(workspace, workspace.folder / "scans", free=lambda _: ROOM)


def send(desk, place, data=PAGE, user=CHI, announced=None):
    with desk.receive(Path(place).name, len(data) if announced is None else announced) as upload:
        for start in range(0, len(data), 10_000):
            upload.write(data[start : start + 10_000])
        return keep_scan(upload, user, place, START)


def files_of(desk):
    return sorted(
        path.relative_to(desk.workspace.folder).as_posix()
        for folder in ("scans", "incoming")
        for path in (desk.workspace.folder / folder).rglob("*")
        if path.is_file()
    )


def test_a_scan_lies_among_the_scans_with_a_line_in_the_trail(desk):
    found = send(desk, "Sổ 1/Trang 1.jpg")
    assert (found.place, found.state, found.pages) == ("Sổ 1/Trang 1.jpg", "kept", 1)
    kept = desk.scans / "Sổ 1" / "Trang 1.jpg"
    assert kept.read_bytes() == PAGE
    assert files_of(desk) == ["scans/Sổ 1/Trang 1.jpg"]
    if os.name != "nt":
        assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    [line] = audit.recent(desk.workspace)
    assert (line["user"], line["action"], line["subject"]) == (
        "chi", "scan_imported", "Sổ 1/Trang 1.jpg",
    )  # fmt: skip


def test_the_same_bytes_again_are_there_already_and_other_bytes_are_refused(desk):
    send(desk, "a/1.jpg")
    assert send(desk, "a/1.jpg").state == "there"
    with pytest.raises(StaleError, match="không ghi đè"):
        send(desk, "a/1.jpg", drawn("trang khác"))
    assert (desk.scans / "a" / "1.jpg").read_bytes() == PAGE
    assert files_of(desk) == ["scans/a/1.jpg"]


def test_two_who_send_one_name_at_once_end_with_one_of_the_two(desk):
    other = drawn("trang khác")
    with desk.receive("1.jpg", len(PAGE)) as first, desk.receive("1.jpg", len(other)) as second:
        first.write(PAGE)
        second.write(other)
        assert keep_scan(second, CHI, "a/1.jpg", START).state == "kept"
        with pytest.raises(StaleError):
            keep_scan(first, CHI, "a/1.jpg", START)
    assert files_of(desk) == ["scans/a/1.jpg"]
    assert (desk.scans / "a" / "1.jpg").read_bytes() == other


@pytest.mark.parametrize("announced", [len(PAGE) + 1, len(PAGE) - 1])
def test_a_file_that_does_not_come_whole_leaves_nothing(desk, announced):
    with pytest.raises(UploadError, match="chưa được gửi hết"):
        send(desk, "a/1.jpg", announced=announced)
    assert files_of(desk) == []


def test_a_station_that_was_killed_leaves_nothing_to_the_next_one(desk):
    upload = desk.receive("1.jpg", 5)
    upload.write(b"\xff\xd8\xff")
    upload._file.close()  # as the system does
    assert len(files_of(desk)) == 1
    UploadDesk(desk.workspace, desk.scans)
    assert files_of(desk) == []


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(PAGE[: len(PAGE) // 2], id="cut off"),
        pytest.param(b"MZ" + bytes(3000), id="program"),
        pytest.param(b"%PDF-1.7\n" + bytes(3000), id="empty PDF"),
        pytest.param(b"PK\x03\x04" + bytes(3000), id="archive"),
        pytest.param(bytes(3000), id="zeros"),
        pytest.param(drawn("x")[:200] + b"\xff" * 3000, id="rubbish"),
    ],
)
def test_what_is_no_whole_scan_is_told_and_not_kept(desk, data):
    with pytest.raises(ScanError) as told:
        send(desk, "a/1.jpg", data)
    assert told.value.cause.vi and told.value.remedy.vi and told.value.where.startswith("a/1.jpg")
    assert files_of(desk) == []


@pytest.mark.parametrize(
    "place",
    ["../x.jpg", "a/../../x.jpg", "a\\..\\..\\x.jpg", "..\\x.jpg", "/x.jpg", "", "a/", "/", "x.jpg",
     "/".join("abcdefghi") + "/x.jpg", "/".join(["đ" * 90] * 6) + "/x.jpg"],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused(desk, place):
    with pytest.raises(UploadNameError):
        send(desk, place)
    assert files_of(desk) == []
    assert not list(desk.workspace.folder.parent.glob("x.jpg"))


@pytest.mark.parametrize(
    "place", ["a/Thumbs.db", "a/.x.jpg", ".git/x.jpg", "a/books.csv", "a/book.yaml", "a/x.exe",
              "a/x.jpg.part", "a/x.jpg.bak", "a/x.zip", "__MACOSX/x.jpg"],
)  # fmt: skip
def test_a_file_that_is_no_scan_by_its_name_is_refused(desk, place):
    with pytest.raises(UploadError):
        send(desk, place)
    assert files_of(desk) == []


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("Sổ 1/Trang 1.jpg", "Sổ 1/Trang 1.jpg"),
        ("So\u0302\u0309 1/1.jpg", "Sổ 1/1.jpg"),
        ("C:\\quet\\so 1\\1.jpg", "C_/quet/so 1/1.jpg"),
        ("a/1:2?.jpg", "a/1_2_.jpg"),
        ("a/\u202egpj.1\x00.jpg", "a/_gpj.1_.jpg"),
        ("a/CON.jpg", "a/_CON.jpg"),
        ("so 1. /x.jpg", "so 1/x.jpg"),
        ("./a/./1.jpg", "a/1.jpg"),
    ],
)
def test_names_are_made_safe(told, meant):
    assert str(safe_place(told)) == meant
    assert safe_place(meant) == safe_place(told)


def test_two_very_long_names_stay_two_and_keep_their_ending():
    names = [safe_place(f"a/{'ảnh' * 100}{end}.jpg").name for end in "12"]
    assert names[0] != names[1]
    assert all(len(name.encode()) <= 200 and name.endswith(".jpg") for name in names)
    with pytest.raises(UploadNameError):
        safe_folder("a/b")


def test_a_folder_that_is_a_link_out_of_the_scans_is_refused(desk, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    desk.scans.mkdir()
    (desk.scans / "a").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    with pytest.raises(UploadError):
        send(desk, "a/1.jpg")
    assert not list((tmp_path / "elsewhere").iterdir())


def test_the_disk_is_asked_before_anything_is_received(desk):
    desk._free = lambda _: desk.limits.keep_free_bytes + 3 * len(PAGE) // 2
    with desk.receive("1.jpg", len(PAGE)), pytest.raises(DiskFullError):
        desk.receive("2.jpg", len(PAGE))
    send(desk, "a/2.jpg")


def test_a_disk_that_fills_up_in_the_middle_leaves_nothing(desk):
    class Full:
        def write(self, _):
            raise OSError(errno.ENOSPC, "full")

        def close(self):
            pass

    with pytest.raises(OSError, match="full"), desk.receive("1.jpg", len(PAGE)) as upload:
        upload._file.close()
        upload._file = Full()
        upload.write(PAGE)
    assert files_of(desk) == []


def test_limits_of_size_and_number(tmp_path):
    with Workspace.open(tmp_path / "ws") as workspace:
        limits = UploadLimits(file_bytes=1000, at_once=1, keep_free_bytes=0)
        desk = UploadDesk(workspace, tmp_path / "scans", limits, free=lambda _: ROOM)
        with pytest.raises(ScanError, match="quá lớn"):
            desk.receive("1.jpg", 1001)
        for size in (0, None):
            with pytest.raises(ScanError, match="rỗng"):
                desk.receive("1.jpg", size)
        with desk.receive("1.jpg", 10), pytest.raises(BusyError):
            desk.receive("2.jpg", 10)
        desk.receive("3.jpg", 10).__exit__()


def test_an_operator_may_not_import(desk):
    with pytest.raises(ForbiddenError):
        send(desk, "a/1.jpg", user=User("an", Role.OPERATOR))
    assert files_of(desk) == []


def test_a_disk_without_hard_links_is_served_by_a_copy(desk, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    send(desk, "a/1.jpg")
    assert send(desk, "a/1.jpg").state == "there"
    assert files_of(desk) == ["scans/a/1.jpg"]


def test_a_scan_is_replaced_under_its_name_and_the_former_one_is_kept(desk):
    send(desk, "a/1.jpg")
    better = drawn("quét lại")
    with desk.receive("mới.jpg", len(better)) as upload:
        upload.write(better)
        former = exchange_scan(upload, desk.scans / "a" / "1.jpg", "KS.2018.01")
    assert (desk.scans / "a" / "1.jpg").read_bytes() == better
    assert former.read_bytes() == PAGE
    assert former.is_relative_to(desk.workspace.folder / "replaced_scans" / "KS.2018.01")
    with pytest.raises(ScanError), desk.receive("hỏng.jpg", 3000) as upload:
        upload.write(bytes(3000))
        exchange_scan(upload, desk.scans / "a" / "1.jpg", "KS.2018.01")
    assert (desk.scans / "a" / "1.jpg").read_bytes() == better
