"""The print that a book taught: kept by version, for this book alone, and taken back."""

import pytest

from ocr_pipeline.errors import BadInputError
from ocr_pipeline.layout.layout_draft import dump
from ocr_pipeline.layout.loading import REFERENCE_FILE, load_layouts
from ocr_pipeline.processing.book_print import (
    book_print,
    forget_book_print,
    keep_book_print,
    move_book_print,
    stages_of_book,
)
from ocr_pipeline.processing.form_pages import form_pages
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.resources import shipped
from tests.builders.run_office import office

__all__ = ["office"]

KS1, KS2 = "xalocthuan_hbd_tbt.KS.2016.01", "xalocthuan_hbd_tbt.KS.2016.02"


def test_versions_are_counted_and_the_last_is_taken_back(tmp_path):
    assert book_print(tmp_path, KS1) is None
    assert keep_book_print(tmp_path, KS1, "one", b"1") == 1
    assert keep_book_print(tmp_path, KS1, "two", b"2") == 2
    assert book_print(tmp_path, KS1).layout == b"two"
    assert book_print(tmp_path, KS2) is None
    assert forget_book_print(tmp_path, KS1) == 1
    assert book_print(tmp_path, KS1).layout == b"one"
    assert keep_book_print(tmp_path, KS1, "three", b"3") == 3  # no number is used twice
    forget_book_print(tmp_path, KS1)
    forget_book_print(tmp_path, KS1)
    forget_book_print(tmp_path, KS1)
    assert book_print(tmp_path, KS1) is None
    with pytest.raises(BadInputError, match="no print was learned"):
        forget_book_print(tmp_path, KS1)


def test_it_goes_along_when_the_book_gets_another_id(tmp_path):
    keep_book_print(tmp_path, KS1, "one", b"1")
    move_book_print(tmp_path, KS1, KS2)
    assert book_print(tmp_path, KS1) is None
    assert book_print(tmp_path, KS2).layout == b"one"


def test_files_that_are_gone_are_told_with_the_remedy(tmp_path):
    keep_book_print(tmp_path, KS1, "one", b"1")
    next(tmp_path.rglob("layout.yaml")).unlink()
    with pytest.raises(BadInputError) as told:
        book_print(tmp_path, KS1)
    assert f"sohoa layout adapt {KS1}" in told.value.remedy.en


@pytest.mark.long
@pytest.mark.databases("sqlite", "postgresql")
def test_the_next_run_reads_the_pages_of_this_book_alone(office):
    office.book("ks1", {"1.png": "record 1", "2.png": "record 2"})
    office.book("ks2", {"1.png": "record 8", "2.png": "record 9"})
    office.run()
    before = len(office.called())
    keep_book_print(office.workspace.folder, KS1, "one", b"1")
    assert office.run().read == 2
    assert len(office.called()) == before + 2
    forget_book_print(office.workspace.folder, KS1)
    assert office.run().read == 0  # what was read with the installed layouts is known still


def test_it_stands_in_for_the_layout_of_its_id(tmp_path):
    loaded = next(one for one in load_layouts() if one.layout.id == "KT-2016")
    wider = loaded.layout.model_copy(update={"title": "như nhà in khác"})
    text = dump(wider.model_dump(mode="json", exclude_defaults=True))
    picture = (shipped("layouts") / "KT" / "2016" / REFERENCE_FILE).read_bytes()
    keep_book_print(tmp_path, KS1, text, picture)
    own = book_print(tmp_path, KS1)
    stages, usual = stages_of_book(RunSettings(), own), stages_of_book(RunSettings(), None)
    assert stages.layouts["KT-2016"].layout.title == "như nhà in khác"
    assert usual.layouts["KT-2016"].layout.title == loaded.layout.title
    assert stages.layouts.keys() == usual.layouts.keys()
    assert stages is stages_of_book(RunSettings(), book_print(tmp_path, KS1))


def test_refused_pages_teach_first_and_read_ones_fill_up(office):
    near = "refused near KS-2016"
    pages = {f"{n}.png": f"{near} {n}" for n in range(1, 4)}
    pages |= {f"{n}.png": f"record {n}" for n in range(4, 20)}
    office.book("ks1", pages)
    office.run()
    with office.workspace.read_session() as session:
        names = [row.name for row in form_pages(session, KS1)]
        assert set(names[:3]) == {"1.png", "2.png", "3.png"}
        assert len(names) == len(set(names)) == 8
        assert [row.name for row in form_pages(session, KS1, ["7.png"])] == ["7.png"]
