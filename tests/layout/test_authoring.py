from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from ocr_pipeline.errors import BadInputError
from ocr_pipeline.layout import authoring
from ocr_pipeline.layout.loading import load_layout
from ocr_pipeline.resources import shipped
from tests.builders.filled_forms import Distortion, make_page


def flat(gray: np.ndarray) -> SimpleNamespace:
    return SimpleNamespace(gray=gray, pixels=np.dstack([gray] * 3))


def test_a_shipped_layout_has_nothing_to_remark(layouts):
    rivals = [layouts["CMC-2016"]]
    assert authoring.check(shipped("layouts") / "KS" / "2016", rivals) == []


@pytest.mark.long
def test_an_office_adapts_a_layout_with_its_own_scan(layouts, tmp_path):
    like = layouts["KT-2016"]
    page, _ = make_page(like.layout, Distortion(curl=3, writing=0, angle=0.5))
    folder = tmp_path / "sổ của xã"
    authoring.new_from_layout(folder, like, "KT-2016-A", "2016-A", "Mẫu của xã", flat(page))
    own = load_layout(folder)
    assert [f.code for f in own.layout.fields] == [f.code for f in like.layout.fields]
    assert not [r for r in authoring.check(folder) if r.serious]
    picture, registration = authoring.preview(own, flat(page))
    assert registration.accepted and picture.shape[2] == 3
    with pytest.raises(BadInputError):
        authoring.new_from_layout(folder, like, "KT-2016-B", "x", "y")


def test_overlaps_and_lookalikes_are_remarked(layouts, tmp_path):
    like = layouts["KS-2016"]
    folder = tmp_path / "a"
    authoring.new_from_layout(folder, like, "KS-2016-A", "2016-A", "Bản sao")
    keys = {r.key for r in authoring.check(folder, [like]) if r.serious}
    assert "id" in keys
    path = folder / "layout.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("lines: [[58", "lines: [[57"), encoding="utf-8")
    field = next(f for f in like.layout.fields if f.code == "nksDanToc")
    other = next(f for f in like.layout.fields if f.code == "nksGioiTinh")
    text = text.replace(str(list(field.lines[0])), str(list(other.lines[0])))
    path.write_text(text, encoding="utf-8")
    keys = {r.key for r in authoring.check(folder) if r.serious}
    assert keys & {"fields.nksDanToc", "fields.nksGioiTinh"}
