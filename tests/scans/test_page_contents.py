"""Pages of a PDF or TIFF are known again in a file that was made anew with other pages around."""

import pikepdf
import pytest

from ocr_pipeline.scans.pages import digest, find_pages, picture_digest
from tests.builders.page_files import jpeg, pdf, tiff


def contents(folder):
    pages, errors = find_pages(folder)
    assert errors == []
    return [picture_digest(page) for page in pages]


@pytest.mark.parametrize("make", [pdf, tiff])
def test_a_page_is_the_same_in_a_file_with_one_page_more(tmp_path, make):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    make(tmp_path / "a" / "so.x", ["một", "hai", "ba"])
    make(tmp_path / "b" / "so.x", ["một", "mới", "hai", "ba"])
    one, two, three = contents(tmp_path / "a")
    assert contents(tmp_path / "b") == [one, contents(tmp_path / "b")[1], two, three]
    assert len({one, two, three, contents(tmp_path / "b")[1], ""}) == 5
    pages, _ = find_pages(tmp_path / "a")
    others, _ = find_pages(tmp_path / "b")
    assert digest(pages[0]) != digest(others[0]), "the file has other bytes"


def test_names_of_pictures_do_not_matter_how_the_page_lies_does(tmp_path):
    found = []
    for place, options in enumerate(({}, {"first": 7}, {"Rotate": 90})):
        folder = tmp_path / str(place)
        folder.mkdir()
        pdf(folder / "so.pdf", ["một", "hai"], **options)
        found.append(contents(folder))
    assert found[0] == found[1] and "" not in found[0]
    assert not set(found[0]) & set(found[2])


def test_pages_with_notes_and_broken_files_have_none(tmp_path):
    pdf(tmp_path / "so.pdf", ["một"], Annots=pikepdf.Array())
    assert contents(tmp_path) == [""]
    pages, _ = find_pages(tmp_path)
    (tmp_path / "so.pdf").write_bytes(b"%PDF-1.4 nothing")
    assert picture_digest(pages[0]) == ""
    (tmp_path / "so.pdf").write_bytes(jpeg("một"))
    assert picture_digest(pages[0]) == "", "a picture file is its page"
