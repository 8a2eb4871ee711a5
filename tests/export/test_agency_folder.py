"""Packages of one agency never lie among, or replace, those of another of the same file name."""

from dataclasses import replace

import pytest

from ocr_pipeline.books.book import Agency
from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.errors import BadInputError
from ocr_pipeline.export.agency_folder import agency_folder, shares_its_name
from tests.builders.births import job, scans

__all__ = ["job", "scans"]

NAMING = NamingRule()
# Invented: no list of units has them, so only the files in the folder tell them apart.
FIRST = Agency("xã Lộc Thuận", "huyện Bình Đại", "tỉnh Bến Tre")
SECOND = Agency("xã Lộc Thuẫn", "huyện Bình Đại", "tỉnh Bến Tre")
THIRD = Agency("xã Lộc Thuân", "huyện Bình Đại", "tỉnh Bến Tre")


@pytest.mark.parametrize(
    ("commune", "district", "province", "shared"),
    [
        ("xã Hoằng Phú", "huyện Hoằng Hóa", "tỉnh Thanh Hóa", True),
        ("xã Hoằng Phụ", "huyện Hoằng Hóa", "tỉnh Thanh Hóa", True),
        ("xã Hoằng Đạo", "huyện Hoằng Hóa", "tỉnh Thanh Hóa", False),
        ("phường Mộ Lao", "quận Hà Đông", "thành phố Hà Nội", False),  # Mỗ Lao, spelt otherwise
        ("xã Phước Ngãi", "huyện Ba Tri", "tỉnh Bến Tre", False),
        ("", "", "tỉnh Bến Tre", False),
    ],
)
def test_units_that_share_their_file_name_are_known(commune, district, province, shared):
    assert shares_its_name(Agency(commune, district, province), NAMING) is shared


def test_agencies_of_one_file_name_get_folders_of_their_own(job, tmp_path):
    """The second comes into a folder that holds the first one's package."""
    first = replace(job.book, agency=FIRST)
    second = replace(job.book, agency=SECOND)
    package = job.export()
    assert package.excel.parent == agency_folder(job.out, first, NAMING)
    before = package.excel.read_bytes(), package.archive.read_bytes()
    folder = agency_folder(job.out, second, NAMING)
    assert folder.name == "xalocthuan_hbd_tbt - xã Lộc Thuẫn, huyện Bình Đại, tỉnh Bến Tre"
    assert agency_folder(job.out, first, NAMING) == package.excel.parent
    assert before == (package.excel.read_bytes(), package.archive.read_bytes())


def test_a_folder_of_another_agency_is_refused(job):
    book = job.book
    package = job.export()
    folder = job.out / "xalocthuan_hbd_tbt - xã Lộc Thuân, huyện Bình Đại, tỉnh Bến Tre"
    folder.mkdir()
    (folder / package.excel.name).write_bytes(package.excel.read_bytes())
    with pytest.raises(BadInputError) as caught:
        agency_folder(job.out, replace(book, agency=THIRD), NAMING)
    assert caught.value.where == str(folder) and caught.value.remedy


def test_damaged_and_foreign_files_do_not_close_a_folder(job):
    book = job.book
    plain = job.out / "xalocthuan_hbd_tbt"
    plain.mkdir(parents=True)
    (plain / "a.xls").write_bytes(b"no workbook")
    (plain / "a.jsonl").write_bytes(b"{")
    assert agency_folder(job.out, book, NAMING) == plain
