from __future__ import annotations

from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from ocr_pipeline.imaging.ink import ink_gray
from ocr_pipeline.layout.detection import detect
from ocr_pipeline.layout.field_crops import SCALE, cut
from ocr_pipeline.layout.form_drawing import FormStyle, draw_form, load_font
from ocr_pipeline.layout.overlay import overlay
from ocr_pipeline.layout.registration import register
from ocr_pipeline.reading.tick_boxes import TICK_MARGIN_PIXELS
from tests.builders.filled_forms import Distortion, make_page
from tests.builders.long_cases import long_after


def flat(gray: np.ndarray) -> SimpleNamespace:
    return SimpleNamespace(gray=ink_gray(gray), pixels=np.dstack([gray] * 3))


def written(layout, texts: dict[str, str], style: FormStyle, dpi: int = 200) -> np.ndarray:
    """The form with each text on the first line of its field, 1 mm above the leader."""
    page = Image.fromarray(draw_form(layout, dpi, style))
    draw, scale = ImageDraw.Draw(page), dpi / 25.4
    font = load_font("serif", "italic", round(4.6 * scale, 1))
    for field in layout.fields:
        if field.code in texts:
            x, y, _, height = field.lines[0]
            place = ((x + 2) * scale, (y + height - 2.6) * scale)
            draw.text(place, texts[field.code], 40, font, anchor="ls")
    return np.asarray(page)


def ink(crop: np.ndarray) -> int:
    return int((crop < 128).sum())


@pytest.mark.parametrize(
    ("layout_id", "leader"),
    long_after(
        2,
        [
            ("KS-2016", "dots"),
            ("KT-2016", "dashes"),
            ("KS-2006", "line"),
            ("KS-before-1999", "dots"),
        ],
        several=True,
    ),
)
def test_an_empty_form_gives_empty_lines(layouts, layout_id, leader):
    loaded = layouts[layout_id]
    page, _ = make_page(
        loaded.layout, Distortion(dpi=200, writing=0, curl=2, style=FormStyle(leader=leader))
    )
    records = cut(flat(page), loaded, register(page, loaded))
    crops = [line for r in records for f in r.fields.values() for line in f.lines]
    dirty = [ink(crop) for crop in crops if ink(crop) > 60]
    assert len(dirty) <= 0.02 * len(crops), dirty


def test_writing_survives_where_it_is_and_nowhere_else(layouts):
    loaded = layouts["KS-2016"]
    texts = {"nksHoTen": "Đặng Thị Quỳnh", "nksQueQuan": "xã Lộc Thuận", "meDanToc": "Kinh"}
    page = written(loaded.layout, texts, FormStyle())
    (record,) = cut(flat(page), loaded, register(page, loaded))
    blank = draw_form(loaded.layout, 200)
    for code, crop in record.fields.items():
        amount = sum(ink(line) for line in crop.lines)
        if code not in texts:
            assert amount < 60, code
            continue
        box = crop.box
        window = np.s_[box.y - 20 : box.y + box.height + 20, box.x : box.x + box.width]
        expected = ink(page[window]) - ink(blank[window])
        # Thin strokes get paler in the crop, and no dot of the leader stays to make up for it.
        assert amount > 0.87 * expected, code


def test_crops_keep_tone_marks_and_leave_neighbours_out(layouts):
    loaded = layouts["KS-2016"]
    above = {"meHoTen": "ggggggg yyyyyyy"}
    page = written(loaded.layout, above, FormStyle())
    (record,) = cut(flat(page), loaded, register(page, loaded))
    line = record.fields["meHoTen"].lines[0]
    assert line.shape[0] == pytest.approx(1.7 * 8.2 * SCALE, abs=3)
    assert ink(record.fields["meDanToc"].lines[0]) == 0


def test_marks_of_the_lines_above_and_below_are_theirs(layouts):
    """A dot that hangs into an empty line and a tone mark that rises into one are no ink of it."""
    loaded = layouts["KS-2016"]
    texts = {"nksHoTen": "uuuuuuuuuu", "meHoTen": "uuuuu"}
    page = written(loaded.layout, texts, FormStyle()).copy()
    dot = (round(62 * SCALE), round(43.7 * SCALE))  # 3.3 mm under the leader of the line above
    cv2.circle(page, dot, 3, 40, -1)
    tone = [(round(x * SCALE), round(y * SCALE)) for x, y in ((62, 118.2), (63, 116.7))]
    cv2.line(page, *tone, 40, 3)
    (record,) = cut(flat(page), loaded, register(page, loaded))
    for code in ("nksNgaySinh", "nksSoDinhDanh"):
        assert ink(record.fields[code].lines[0]) == 0, code
    assert ink(record.fields["meHoTen"].lines[0]) > 300


@pytest.mark.parametrize("strokes", [((75, 76.2), (76.4, 77.6)), ((75, 77),)])
def test_a_ditto_mark_under_a_letter_stays(layouts, strokes):
    loaded = layouts["KS-2016"]
    page = written(loaded.layout, {"chaHoTen": "u" * 14}, FormStyle()).copy()
    for left, right in strokes:
        ends = [(round(x * SCALE), round(167 * SCALE)) for x in (left, right)]
        cv2.line(page, *ends, 40, 5)
    (record,) = cut(flat(page), loaded, register(page, loaded))
    assert ink(record.fields["chaDanToc"].lines[0]) > 60


def test_a_dot_over_a_letter_of_its_own_line_stays(layouts):
    loaded = layouts["KS-2016"]
    page = written(
        loaded.layout, {"chaHoTen": "uuuuuuuuuuuu", "chaDanToc": "ııı"}, FormStyle()
    ).copy()
    alone = cut(flat(page), loaded, register(page, loaded))[0].fields["chaDanToc"].lines[0]
    cv2.circle(page, (round(76 * SCALE), round(167.2 * SCALE)), 3, 40, -1)
    dotted = cut(flat(page), loaded, register(page, loaded))[0].fields["chaDanToc"].lines[0]
    assert ink(dotted) > ink(alone) + 20


def test_ticks_show_the_box_with_its_mark(layouts):
    loaded = layouts["KH-2016"]
    page = draw_form(loaded.layout, 200).copy()
    (field,) = [f for f in loaded.layout.fields if f.code == "loaiDangKy"]
    x, y, width, height = (round(v * SCALE) for v in field.options[1].box)
    cv2.line(page, (x, y), (x + width, y + height), 30, 4)
    (record,) = cut(flat(page), loaded, register(page, loaded))
    inset = TICK_MARGIN_PIXELS + 4  # the outline, too
    marks = [ink(tick[inset:-inset, inset:-inset]) for tick in record.fields["loaiDangKy"].ticks]
    assert marks[1] > 60 and marks[0] == marks[2] == 0


def test_upside_down_pages_are_cut_upright_and_boxes_lie_on_the_upright_page(layouts):
    loaded = layouts["KS-2006"]
    page = written(loaded.layout, {"nksHoTen": "Trần Văn A"}, FormStyle())
    seen = np.ascontiguousarray(np.rot90(page, 2))
    found = detect(seen, [loaded])
    (record,) = cut(flat(seen), loaded, found.registration)
    assert ink(record.fields["nksHoTen"].lines[0]) > 300
    box = record.fields["nksHoTen"].box
    x, y, width, height = loaded.layout.fields[2].lines[0]
    assert (box.x, box.y) == pytest.approx((x * SCALE, y * SCALE), abs=6)
    assert box.width == pytest.approx(width * SCALE, abs=8)


def test_every_record_of_a_sheet_has_its_own_fields_and_the_shared_ones(layouts):
    loaded = layouts["KS-before-1999"]
    page, _ = make_page(loaded.layout, Distortion(dpi=150, writing=2))
    records = cut(flat(page), loaded, register(page, loaded))
    assert [record.position for record in records] == [1, 2, 3, 4]
    assert len({record.fields["so"].box.y for record in records}) == 4
    assert len({record.fields["quyenSo"].box.y for record in records}) == 1


def test_a_refused_page_is_never_cut(layouts):
    loaded = layouts["KS-2016"]
    page = np.full((1754, 1240), 240, np.uint8)
    result = register(page, loaded)
    assert not result.accepted
    with pytest.raises(ValueError, match="refused"):
        cut(flat(page), loaded, result)
    assert overlay(flat(page), loaded, result).ndim == 3
