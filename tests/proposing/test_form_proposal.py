from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np

from ocr_pipeline.data_files import load_data
from ocr_pipeline.layout.form_drawing import draw_form
from ocr_pipeline.proposing.caption_words import caption_words
from ocr_pipeline.proposing.checklist import Lack, checklist
from ocr_pipeline.proposing.form_proposal import FormName, propose_layout
from ocr_pipeline.reading import decoding


def test_an_empty_form_gives_fields_with_columns(layouts):
    like = layouts["KS-2006"].layout
    page = SimpleNamespace(gray=draw_form(like, 200), pixels=np.zeros((1, 1, 3), np.uint8))
    size = (like.page.width, like.page.height)
    proposal = propose_layout([page], FormName("KS-X", "KS", "x", "Mẫu lạ"), size)
    found = {field.code: field for field in proposal.layout.fields}
    for field in like.fields:
        if field.code in {"chaHoTen", "nksDanToc", "meQuocTich", "ngayDangKy", "nycQuanHe"}:
            assert len(found[field.code].lines) == len(field.lines)
            for have, want in zip(found[field.code].lines, field.lines, strict=True):
                assert np.allclose(have, want, atol=2), field.code
    assert proposal.as_json()["layout"]["id"] == "KS-X"


def test_the_checklist_names_a_column_without_a_field(layouts):
    like = layouts["KS-2016"].layout
    assert checklist(like, "KS") == []
    fewer = tuple(field for field in like.fields if field.code != "nksHoTen")
    lacks = checklist(like.model_copy(update={"fields": fewer}), "KS")
    assert [(one.lack, one.key, one.serious) for one in lacks][0] == (
        Lack.COLUMN,
        "nksHoTen",
        True,
    )


def test_narrower_grammars_that_forms_name_are_those_of_the_reader(layouts):
    """An unknown name would be passed over in silence: the kind's own grammar reads then."""
    data = load_data(Path(decoding.__file__).parent / "data" / "kinds.yaml", decoding.KindFile)
    shipped = {field.lexicon for one in layouts.values() for field in one.layout.fields}
    named = {*caption_words().lexicons.values(), *shipped} - {""}
    assert {"moment", "year"} <= named <= data.kinds.keys()
