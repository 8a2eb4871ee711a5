from __future__ import annotations

import shutil
import struct
from pathlib import Path

import numpy as np
import pytest

from ocr_pipeline.errors import LayoutError
from ocr_pipeline.layout.form_drawing import FormStyle, draw_form
from ocr_pipeline.layout.loading import load_layouts
from ocr_pipeline.registers.layout_codes import paper_kinds
from ocr_pipeline.resources import shipped

SHIPPED = {"KS-2016", "KT-2016", "KH-2016", "CMC-2016", "HN-2016", "KS-2006", "KS-before-1999"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "KS" / "mẫu riêng"
    shutil.copytree(shipped("layouts") / "KS" / "2016", target)
    return target


def change(folder: Path, old: str, new: str) -> None:
    path = folder / "layout.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_shipped_layout_loads(layouts):
    assert set(layouts) >= SHIPPED
    assert len({loaded.fingerprint for loaded in layouts.values()}) == len(layouts)


def test_fields_have_the_kind_of_their_column(layouts):
    for loaded in layouts.values():
        kinds = paper_kinds(loaded.layout.type)
        for field in loaded.layout.fields:
            assert kinds[field.code] == field.kind, (loaded.layout.id, field.code)


def test_wife_before_husband_and_mother_before_father_only_since_2016(layouts):
    def place(layout: str, code: str) -> float:
        fields = {field.code: field for field in layouts[layout].layout.fields}
        return fields[code].lines[0][1]

    assert place("KH-2016", "voHoTen") < place("KH-2016", "chongHoTen")
    assert place("KS-2016", "meHoTen") < place("KS-2016", "chaHoTen")
    assert place("KS-2006", "chaHoTen") < place("KS-2006", "meHoTen")
    assert len(layouts["KS-before-1999"].layout.records.offsets) == 4


def test_reference_pictures_are_what_the_layouts_draw(layouts):
    for loaded in layouts.values():
        drawn = draw_form(loaded.layout, loaded.layout.reference_dpi)
        assert np.abs(drawn.astype(int) - loaded.reference).mean() < 1.0, loaded.layout.id


def test_the_fingerprint_changes_with_either_file(folder: Path):
    before = load_layouts(folder)[0].fingerprint
    change(folder, "version: 1", "version: 2")
    assert load_layouts(folder)[0].fingerprint != before


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("kind: person_name", "kind: tên", "fields[4].kind"),
        ("code: nksHoTen", "code: nksHoten", "nksHoten"),
        ("type: KS", "type: XX", "XX"),
        ("version: 1", "phienban: 1", "phienban"),
        ("page: {width: 210, height: 297}", "page: {width: 210}", "page.height"),
        ("lines: [[48, 33.8,", "lines: [[148, 33.8,", "nksHoTen"),
        ("captions:", "captions: [", "YAML"),
    ],
)
def test_errors_name_file_key_and_remedy(folder: Path, old: str, new: str, named: str):
    if "lines" in old:
        text = (folder / "layout.yaml").read_text(encoding="utf-8")
        line = text[text.index("code: nksHoTen") :].split("lines: ")[1].split("\n")[0]
        old, new = f"lines: {line}", "lines: [[200, 33.8, 91.5, 8.2]]"
    change(folder, old, new)
    with pytest.raises(LayoutError) as caught:
        load_layouts(folder)
    assert "layout.yaml" in caught.value.where
    assert named in str(caught.value.cause)
    assert caught.value.remedy is not None


def test_a_reference_of_another_size_is_refused_before_it_is_unpacked(folder: Path):
    """A million pixels a side by its head, and nothing behind it."""
    path = folder / "reference.png"
    path.write_bytes(path.read_bytes()[:16] + struct.pack(">LL", 10**6, 10**6) + bytes(20))
    with pytest.raises(LayoutError, match="1000000×1000000 does not fit"):
        load_layouts(folder.parent)
    path.write_bytes(b"GIF89a")
    with pytest.raises(LayoutError, match="not a readable PNG"):
        load_layouts(folder.parent)


def test_a_missing_reference_says_how_to_make_it(folder: Path):
    (folder / "reference.png").unlink()
    with pytest.raises(LayoutError) as caught:
        load_layouts(folder)
    assert "reference.png" in caught.value.where
    assert "sohoa layout" in str(caught.value.remedy)


def test_two_layouts_with_one_id_are_refused(folder: Path):
    shutil.copytree(folder, folder.parent / "bản sao")
    with pytest.raises(LayoutError, match="KS-2016"):
        load_layouts(folder.parent)


def test_styles_change_the_print_but_not_its_place(layouts):
    layout = layouts["KT-2016"].layout
    plain = draw_form(layout, 100)
    other = draw_form(layout, 100, FormStyle("sans", 0.5, 1.5, 0.95, "dashes", seed=3))
    assert plain.shape == other.shape
    assert other.min() > plain.min()
    dark, faint = plain < 128, other < 200
    assert (dark & faint).sum() > 0.2 * dark.sum()
