"""Layouts that an office has made: kept by version, used by runs, read anew where they touch."""

import pytest

from ocr_pipeline.errors import MachineError
from ocr_pipeline.processing.office_layouts import (
    keep_office_layout,
    latest,
    office_layouts,
    restore_office_layout,
    retire_office_layout,
    retired,
)
from ocr_pipeline.processing.office_networks import current_settings
from tests.builders.run_office import office

__all__ = ["office"]


def test_versions_are_kept_in_the_order_in_which_they_were_saved(tmp_path):
    assert office_layouts(tmp_path) == ()
    for identity, text in (("KS-A", "one"), ("KS-B", "two"), ("KS-A", "three")):
        keep_office_layout(tmp_path, identity, text, b"picture")
    saved = office_layouts(tmp_path)
    assert [one.id for one in saved] == ["KS-A", "KS-B", "KS-A"]
    assert len({one.digest for one in saved}) == 3
    assert {one.id: one.digest for one in latest(saved)} == {
        "KS-A": saved[2].digest,
        "KS-B": saved[1].digest,
    }
    assert current_settings(tmp_path).office_layouts == saved


def test_a_layout_of_which_a_file_is_gone_is_told_with_its_folder(tmp_path):
    saved = keep_office_layout(tmp_path, "KS-A", "one", b"picture")
    next(tmp_path.rglob("reference.png")).unlink()
    with pytest.raises(MachineError) as told:
        office_layouts(tmp_path)
    assert told.value.where == saved.folder


@pytest.mark.long
def test_a_run_reads_again_only_the_pages_that_a_saved_layout_touches(office):
    office.book("ks1", {"1.png": "record 1", "2.png": "record 2", "3.png": "refused"})
    office.run()
    [used] = {office.page(BOOK, name).layout for name in ("1.png", "2.png")}
    assert _read_again(office) == []
    keep_office_layout(office.workspace.folder, "KS-NEW", "one", b"1")
    assert _read_again(office) == ["3.png"], "a new form may fit what was refused"
    assert _read_again(office) == []
    keep_office_layout(office.workspace.folder, used, "two", b"2")
    assert _read_again(office) == ["1.png", "2.png", "3.png"]
    keep_office_layout(office.workspace.folder, "KS-NEW", "three", b"3")
    assert _read_again(office) == ["3.png"]
    assert _read_again(office) == []


def test_a_retired_layout_is_told_apart_and_comes_back_as_it_was(tmp_path):
    assert not retire_office_layout(tmp_path, "KS-A")
    first = keep_office_layout(tmp_path, "KS-A", "one", b"picture")
    assert retire_office_layout(tmp_path, "KS-A")
    assert not retire_office_layout(tmp_path, "KS-A"), "it is retired already"
    saved = office_layouts(tmp_path)
    assert latest(saved) == [] and retired(saved) == [first]
    assert restore_office_layout(tmp_path, "KS-A")
    assert not restore_office_layout(tmp_path, "KS-A")
    [back] = latest(office_layouts(tmp_path))
    assert back.digest == first.digest and retired(office_layouts(tmp_path)) == []


@pytest.mark.long
def test_pages_keep_the_reading_of_a_retired_layout(office):
    office.book("ks1", {"1.png": "record 1", "2.png": "refused"})
    workspace = office.workspace.folder
    office.run()
    used = office.page(BOOK, "1.png").layout
    keep_office_layout(workspace, used, "two", b"2")
    assert _read_again(office) == ["1.png", "2.png"]
    retire_office_layout(workspace, used)
    assert _read_again(office) == [], "what was read with it stays"
    keep_office_layout(workspace, "KS-NEW", "three", b"3")
    assert _read_again(office) == ["2.png"], "another form does not take it away"
    restore_office_layout(workspace, used)
    assert _read_again(office) == ["2.png"]
    assert _read_again(office) == []


BOOK = "xalocthuan_hbd_tbt.KS.2016.01"


def _read_again(office):
    before = len(office.called())
    office.run()
    return sorted(office.called()[before:])
