"""What lies beside the books and may be a page is told; what is in a book is not looked at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ocr_pipeline.books.inventory import find_books
from ocr_pipeline.scans.strays import find_strays
from tests.builders.books import make_book, write_inventory

SCAN = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    (folder / "2018" / "a").mkdir(parents=True)
    (folder / "2018" / "a" / "1.png").write_bytes(SCAN)
    (folder / "2018" / "a" / "2.png").symlink_to("/mnt/none")
    write_inventory(folder, {"2018/a": make_book()})
    return folder


def told(folder: Path) -> dict[str, str]:
    """Place and cause of all that is told of the folder itself."""
    books, problems = find_books(folder)
    named = [*(book.path for book in books), *(folder / one.where for one in problems)]
    every = [*problems, *find_strays(folder, named)]
    assert all(one.remedy for one in every)
    assert len({one.where for one in every}) == len(every), "one line each"
    return {one.where: one.cause.en for one in every}


def test_books_and_documents_beside_them_are_silent(scans: Path) -> None:
    (scans / "ghi chú.docx").write_bytes(b"PK\x03\x04")
    (scans / "Thumbs.db").write_bytes(bytes(9))
    (scans / ".cache").mkdir()
    (scans / "trống").mkdir()
    assert told(scans) == {}


def test_loose_scans_are_one_line_a_folder(scans: Path) -> None:
    for name in ("1.jpg", "2.jpg", "2018/7", "quét/8", "quét/9"):
        (scans / name).parent.mkdir(exist_ok=True)
        (scans / name).write_bytes(SCAN)
    (scans / "sổ.zip").write_bytes(b"PK\x03\x04")
    found = told(scans)
    assert sorted(found) == ["1.jpg", "2018/7", "quét/8"]
    assert found["1.jpg"].startswith("3 files")
    assert found["quét/8"].startswith("2 files")


def test_an_unlisted_book_is_told_once(scans: Path) -> None:
    (scans / "b").mkdir()
    (scans / "b" / "1.png").write_bytes(SCAN)
    (scans / "b" / "2").write_bytes(SCAN)
    (scans / "b" / "3.jpg").symlink_to("/mnt/none")
    assert told(scans) == {"b": "The book is not in the inventory"}


def test_links_pipes_and_unfinished_copies(scans: Path) -> None:
    (scans / "c").symlink_to("/mnt/none")
    (scans / "d.jpg.part").write_bytes(SCAN)
    os.mkfifo(scans / "e.pdf")
    found = told(scans)
    assert sorted(found) == ["c", "d.jpg.part", "e.pdf"]
    assert "/mnt/none" in found["c"]


def test_a_listed_link_that_leads_nowhere_names_its_target(scans: Path) -> None:
    (scans / "f").symlink_to("/mnt/none")
    write_inventory(scans, {"2018/a": make_book(), "f": make_book(number=2)})
    found = told(scans)
    assert "/mnt/none" in found["books.csv:3"]


@pytest.mark.parametrize("folder", ["a\0b", "x" * 300, "2018/a/1.png/x", "vong", "d/" * 2100])
def test_an_odd_path_is_the_fault_of_its_line(folder: str, scans: Path) -> None:
    (scans / "vong").symlink_to("vong")
    write_inventory(scans, {folder: make_book(number=2), "2018/a": make_book()})
    books, problems = find_books(scans)
    assert [book.path.name for book in books] == ["a"]
    assert [one.where for one in problems] == ["books.csv:2"]
    assert problems[0].remedy


def test_a_folder_whose_name_is_no_utf8_is_listed_as_it_is_shown(scans: Path) -> None:
    folder = scans / os.fsdecode(b"quy\xb2n 1")
    folder.mkdir()
    (folder / "1.png").write_bytes(SCAN)
    assert list(told(scans)) == ["quy<B2>n 1"]
    write_inventory(scans, {"2018/a": make_book(), "quy<B2>n 1": make_book(number=2)})
    assert told(scans) == {}
    assert find_books(scans)[0][1].path == folder


def test_folders_that_may_not_be_read_are_told_listed_or_not(scans: Path) -> None:
    for name in ("giấu", "2018/kín"):
        (scans / name).mkdir()
        (scans / name / "1.png").write_bytes(SCAN)
        (scans / name).chmod(0)
    try:
        if os.access(scans / "giấu", os.R_OK):
            pytest.skip("this user may read all")
        found = told(scans)
        assert sorted(found) == ["2018/kín", "giấu"]
        assert all("permission" in cause for cause in found.values())
    finally:
        (scans / "giấu").chmod(0o700)
        (scans / "2018/kín").chmod(0o700)
