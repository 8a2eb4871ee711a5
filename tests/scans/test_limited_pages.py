"""Hostile files among scans: each ends as one error of that file, and the others are pages."""

import io
import resource

import pytest

from ocr_pipeline.errors import ScanError
from ocr_pipeline.processes import limited_calls
from ocr_pipeline.processes.limited_calls import LimitedCalls
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.scans import limited_pages, pages
from ocr_pipeline.scans.limits import ScanLimits
from ocr_pipeline.scans.pages import PageRef, load_page
from ocr_pipeline.scans.tiff import read_directories
from tests.builders import hostile_files
from tests.builders.page_files import jpeg, pdf, tiff


@pytest.fixture(scope="module")
def calls():
    calls = LimitedCalls(1, TaskLimits(seconds=20, memory_mb=700, nice=0))
    yield calls
    calls.close()


@pytest.fixture
def few(calls, monkeypatch):
    """The same functions with little time and memory."""
    monkeypatch.setattr(limited_pages, "foreign_calls", lambda: calls)
    monkeypatch.setattr(limited_calls, "CALL_SECONDS", 20.0)


@pytest.mark.long
def test_one_file_beyond_the_limits_costs_no_other_page_of_the_book(few, tmp_path):
    """A PDF of 1 kB that takes 5.5 GB while its pages are counted stands between healthy files."""
    (tmp_path / "1.jpg").write_bytes(jpeg("one"))
    (tmp_path / "2.pdf").write_bytes(hostile_files.pdf_of_wide_array())
    pdf(tmp_path / "3.pdf", ["a", "b"])
    tiff(tmp_path / "4.tif", ["c", "d", "e"])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refs, errors = limited_pages.find_pages(tmp_path)
    names = ["1.jpg", "3.pdf#1", "3.pdf#2", "4.tif#1", "4.tif#2", "4.tif#3"]
    assert [ref.name for ref in refs] == names
    [error] = errors
    assert error.where == "2.pdf" and error.remedy
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kB
    assert [len(limited_pages.picture_digest(ref)) for ref in refs] == [0, 64, 64, 64, 64, 64]
    assert limited_pages.picture_digest(PageRef(tmp_path / "2.pdf", 0, "2.pdf")) == ""


def test_what_is_found_within_limits_is_what_is_found_without(few, tmp_path):
    pdf(tmp_path / "1.pdf", ["a", "b"])
    (tmp_path / "2.pdf").write_bytes((tmp_path / "1.pdf").read_bytes()[:-900])
    (tmp_path / "3.tif").write_bytes(b"II*\x00 no tiff")
    within, without = limited_pages.find_pages(tmp_path), pages.find_pages(tmp_path)
    assert within[0] == without[0]
    assert [error.args for error in within[1]] == [error.args for error in without[1]]
    assert [type(error) for error in within[1]] == [type(error) for error in without[1]]


@pytest.mark.parametrize(
    "make", [hostile_files.pdf_with_own_parent, hostile_files.tiff_of_thumbnails]
)
def test_circles_and_endless_chains_end_with_an_answer(few, tmp_path, make):
    path = tmp_path / "a"
    path.write_bytes(make())
    refs, errors = limited_pages.find_pages(path)
    assert errors and len(refs) <= 1
    for ref in refs:
        with pytest.raises(ScanError):
            limited_pages.opened(load_page, ref, ref.name)


@pytest.mark.long
def test_a_picture_larger_than_any_page_is_refused_by_its_size(few, tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(hostile_files.pdf_of_huge_picture())
    [ref], errors = limited_pages.find_pages(path)
    assert not errors
    with pytest.raises(ScanError, match="900 million pixels"):
        limited_pages.opened(load_page, ref, ref.name)


def test_directories_of_a_tiff_that_overlap_are_looked_at_once(tmp_path):
    """Each begins two bytes behind the one before it and has 60,000 tags."""
    data = hostile_files.tiff_of_overlapping_directories()
    directories, is_whole = read_directories(io.BytesIO(data), 2 * ScanLimits().max_pages)
    assert not is_whole and len(directories) < 10
