"""Whatever lies in a book's folder is a page, known litter, or one line with a remedy."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from ocr_pipeline.scans.pages import PageRef, digest, find_pages, load_page
from ocr_pipeline.scans.scan_errors import SkippedFileError

LOST, TOLD = False, True


def put(folder: Path, name: str | bytes, scan: bytes) -> None:
    with open(os.fsencode(folder) + b"/" + os.fsencode(name), "wb") as file:  # noqa: PTH123
        file.write(scan)


def told(folder: Path) -> dict[str, bool]:
    """By name, whether the thing is only told (`TOLD`) or may be a page that is lost (`LOST`)."""
    errors = find_pages(folder)[1]
    assert len({error.where for error in errors}) == len(errors), "one line each"
    assert all(error.remedy for error in errors)
    return {error.where: isinstance(error, SkippedFileError) for error in errors}


@pytest.fixture
def scan(jpeg: Path) -> bytes:
    return jpeg.read_bytes()


@pytest.fixture
def book(tmp_path: Path, scan: bytes) -> Path:
    folder = tmp_path / "book"
    folder.mkdir()
    put(folder, "001.jpg", scan)
    return folder


def pages(folder: Path) -> list[str]:
    return [ref.name for ref in find_pages(folder)[0]]


def test_known_litter_is_silent(book: Path) -> None:
    for name in ("Thumbs.db", ".DS_Store", "._001.jpg", "~$books.xlsx", "desktop.ini", "readme.md"):
        put(book, name, bytes(4096))
    for name in ("__MACOSX", "@eaDir", ".git"):
        (book / name).mkdir()
        put(book / name, "._001.jpg", b"\x00\x05\x16\x07")
    (book / "@eaDir" / "001.jpg").mkdir()
    put(book / "@eaDir" / "001.jpg", "SYNOPHOTO_THUMB_M.jpg", b"\xff\xd8\xff\xe0")
    assert told(book) == {}
    assert pages(book) == ["001.jpg"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("002.jpg.tmp", LOST), ("003.part", LOST), ("004.PDF.crdownload", LOST), (".004.jpg", LOST),
        ("._005.jpg", LOST), ("readme-trang-5.jpg", TOLD), ("Thumbs.db", LOST),
        ("001.jpg.part", TOLD), (".001.jpg", TOLD), (".001.jpg.Xa81bK", TOLD), ("001.jpg~", TOLD),
        ("001.jpg.bak", TOLD),
    ],
)  # fmt: skip
def test_a_scan_under_the_name_of_litter_is_told(
    name: str, kind: bool, book: Path, scan: bytes
) -> None:
    put(book, name, scan)
    assert told(book) == {name: kind}
    assert pages(book) == ["001.jpg"]


def test_a_copy_that_had_hardly_begun_is_told(book: Path) -> None:
    put(book, "002.jpg.part", b"")
    put(book, "thu.docx.crdownload", b"PK\x03\x04")
    assert told(book) == {"002.jpg.part": LOST, "thu.docx.crdownload": TOLD}


def test_a_scan_with_an_odd_ending_or_none_is_a_page(book: Path, scan: bytes) -> None:
    for name in ("007", "008.jpg.bak", "009.jpg~"):
        put(book, name, scan)
    assert told(book) == {}
    assert pages(book) == ["001.jpg", "007", "008.jpg.bak", "009.jpg~"]


@pytest.mark.parametrize("folder", ["__MACOSX", "@eaDir", ".giấu", "lost+found"])
def test_a_system_folder_that_holds_scans_is_one_line(folder: str, book: Path, scan: bytes) -> None:
    (book / folder / "sâu").mkdir(parents=True)
    put(book / folder / "sâu", "009.jpg", scan)
    put(book / folder / "sâu", "010.jpg", scan)
    assert told(book) == {folder: TOLD}
    assert "009.jpg" in find_pages(book)[1][0].cause.en


def test_archives_are_told(book: Path) -> None:
    starts = {
        "a.zip": b"PK\x03\x04",
        "b.rar": b"Rar!\x1a\x07",
        "c.7z": b"7z\xbc\xaf",
        "d.tar": b"x",
    }
    for name, start in starts.items():
        put(book, name, start + bytes(600))
    assert told(book) == dict.fromkeys(starts, TOLD)


def test_links(book: Path, tmp_path: Path, scan: bytes) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    put(elsewhere, "003.jpg", scan)
    (book / "003.jpg").symlink_to(elsewhere / "003.jpg")
    (book / "002.jpg").symlink_to("/mnt/o-dia/002.jpg")
    (book / "004.jpg").symlink_to("004.jpg")
    (book / "phan-2").symlink_to(elsewhere)
    (book / "vong").symlink_to(book)
    assert pages(book) == ["001.jpg", "003.jpg"]
    assert told(book) == {"002.jpg": LOST, "004.jpg": LOST, "phan-2": LOST, "vong": TOLD}
    causes = {error.where: error.cause.en for error in find_pages(book)[1]}
    assert "/mnt/o-dia/002.jpg" in causes["002.jpg"]
    assert "circle" in causes["004.jpg"]
    broken = tmp_path / "broken"
    broken.symlink_to("/mnt/o-dia")
    assert "/mnt/o-dia" in find_pages(broken)[1][0].cause.en


def test_pipes_sockets_and_devices_are_never_opened(book: Path, tmp_path: Path) -> None:
    os.mkfifo(book / "005.jpg")
    os.mkfifo(book / "ống")
    (book / "006.jpg").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(str(book / "s"))
    assert told(book) == {"005.jpg": LOST, "006.jpg": LOST, "s": TOLD, "ống": TOLD}
    assert "pipe" in find_pages(book / "005.jpg")[1][0].cause.en
    with pytest.raises(Exception, match="pipe"):
        load_page(PageRef(book / "005.jpg", 0, "005.jpg"))


def test_names_that_other_systems_take_for_one_are_told(book: Path, scan: bytes) -> None:
    number = unicodedata.normalize("NFD", "số 2.jpg")
    for name in ("Trang 1.jpg", "trang 1.jpg", "TRANG 1.JPG", "số 2.jpg", number):
        put(book, name, scan)
    assert len(pages(book)) == 6
    assert told(book) == {"TRANG 1.JPG": TOLD, number: TOLD}
    assert pages(book) == pages(book)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"Trang s\xe1\xba 2.jpg", "Trang s<E1><BA> 2.jpg"),
        (b"Quy\xdan 1.jpg", "Quy<DA>n 1.jpg"),
        (b"trang\n3.jpg", "trang<0A>3.jpg"),
        (b"<E1>.jpg", "<3C>E1>.jpg"),
        ("a\u202egpj.jpg".encode(), "a<E2><80><AE>gpj.jpg"),
    ],
)
def test_a_page_of_any_name_is_read(name: bytes, shown: str, book: Path, scan: bytes) -> None:
    put(book, name, scan)
    refs, errors = find_pages(book)
    assert not errors
    (ref,) = (ref for ref in refs if ref.name == shown)
    assert os.fsencode(ref.path).endswith(b"/" + name)
    assert load_page(ref).pixels.size
    assert digest(ref)


def test_a_folder_whose_name_is_no_utf8(book: Path, scan: bytes) -> None:
    os.mkdir(os.fsencode(book) + b"/quy\xb2n 1")  # noqa: PTH102
    put(Path(os.fsdecode(os.fsencode(book) + b"/quy\xb2n 1")), "002.jpg", scan)
    assert pages(book) == ["001.jpg", "quy<B2>n 1/002.jpg"]


def test_long_and_deep_names_stay_apart(book: Path, scan: bytes) -> None:
    deep = book
    for _ in range(9):
        deep = deep / ("thư mục rất dài " * 4).strip()
    deep.mkdir(parents=True)
    put(deep, "001.jpg", scan)
    put(deep, "002.jpg", scan)
    put(book, "x" * 251 + ".jpg", scan)
    names = pages(book)
    assert len(set(names)) == 4
    assert max(map(len, names)) <= 480
    assert told(book) == {}


def test_a_folder_deeper_than_any_path_reaches_is_its_own_fault(book: Path) -> None:
    make = "import os\nfor _ in range(17):\n os.mkdir('x' * 250); os.chdir('x' * 250)"
    subprocess.run([sys.executable, "-c", make], cwd=book, check=True)
    (error,) = find_pages(book)[1]
    assert "too long" in error.cause.en
    assert pages(book) == ["001.jpg"]


@pytest.mark.parametrize("path", ["a\0b", "x" * 300, "001.jpg/002.jpg", "d/" * 2100 + "1.jpg"])
def test_an_odd_path_is_that_lines_fault(path: str, book: Path) -> None:
    found, (error,) = find_pages(book / path)
    assert found == []
    assert error.remedy


def test_what_may_not_be_read_costs_only_itself(book: Path, scan: bytes) -> None:
    (book / "phan-2").mkdir()
    put(book / "phan-2", "3.jpg", scan)
    (book / "phan-3").mkdir()
    put(book / "phan-3", "4.jpg", scan)
    put(book, "002.jpg", scan)
    (book / "phan-2").chmod(0)
    (book / "002.jpg").chmod(0)
    try:
        if os.access(book / "phan-2", os.R_OK):
            pytest.skip("this user may read all")
        assert pages(book) == ["001.jpg", "phan-3/4.jpg"]
        assert told(book) == {"002.jpg": LOST, "phan-2": LOST}
        assert "permission" in find_pages(book)[1][0].cause.en
    finally:
        (book / "phan-2").chmod(0o700)
