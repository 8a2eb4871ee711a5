"""The form's words are taken off a page, also where they are printed wider than they should."""

import cv2
import numpy as np
import pytest

from ocr_pipeline.layout.anchors import AnchorMeasurement
from ocr_pipeline.layout.print_removal import PrintEraser

SCALE = 200 / 25.4  # pixels per mm
LOOKED_FOR_MM = 45.0  # wider captions are looked for at both ends


def printed(loaded, wider: float) -> tuple[np.ndarray, list[tuple[float, float, float, float]]]:
    """The captions alone, each beginning where it should, that much wider; and their boxes."""
    page = loaded.layout.page
    form = cv2.resize(loaded.reference, (round(page.width * SCALE), round(page.height * SCALE)))
    out = np.full(form.shape, 255, np.uint8)
    boxes = [
        (x + dx, y + dy, width, height)
        for caption in loaded.layout.captions
        for x, y, width, height in [caption.box]
        for dx, dy in loaded.layout.offsets_of(caption.scope)
    ]
    for x, y, width, height in boxes:
        x1, y1 = round(x * SCALE), round(y * SCALE)
        x2, y2 = round((x + width) * SCALE), round((y + height) * SCALE)
        word = form[y1:y2, x1:x2]
        size = (round(word.shape[1] * (1 + wider)), word.shape[0])
        word = cv2.resize(word, size, interpolation=cv2.INTER_AREA)
        place = out[y1:y2, x1 : x1 + size[0]]
        np.minimum(place, word[:, : place.shape[1]], out=place)
    return out, boxes


def measured(boxes, wider: float) -> AnchorMeasurement:
    """What registration finds: the middles of short captions; the long ones are too unlike."""
    points = np.array([(x + w / 2, y + h / 2) for x, y, w, h in boxes])
    shifts = np.array([(wider * w / 2, 0.0) for _, _, w, _ in boxes])
    found = np.array([w < LOOKED_FOR_MM for _, _, w, _ in boxes])
    weights = np.repeat(found[:, None].astype(float), 2, axis=1)
    return AnchorMeasurement(
        points, shifts, weights, found.astype(float), np.ones(len(boxes), bool)
    )


@pytest.mark.parametrize("wider", [-0.03, 0.0, 0.03])
@pytest.mark.parametrize("form", ["KT-2016", "CN-2016", "KS-2006"])
def test_captions_go_to_their_ends_however_wide_they_are_printed(layouts, form, wider):
    page, boxes = printed(layouts[form], wider)
    before = int((page < 200).sum())

    PrintEraser(layouts[form], SCALE).erase(page, measured(boxes, wider))

    assert before > 20_000
    assert (page < 200).sum() <= 0.002 * before


def test_a_word_written_right_behind_a_wide_caption_stays(layouts):
    wider = 0.03
    page, boxes = printed(layouts["KT-2016"], wider)
    x, y, width, height = max(
        (box for box in boxes if box[2] > LOOKED_FOR_MM), key=lambda box: box[2]
    )
    left = round((x + width * (1 + wider) + 1.5) * SCALE)
    written = np.zeros(page.shape, np.uint8)
    base = (left, round((y + height) * SCALE))
    cv2.putText(written, "Ngu:i", base, cv2.FONT_HERSHEY_SIMPLEX, 0.9, 255, 2)
    page[written > 0] = 40

    PrintEraser(layouts["KT-2016"], SCALE).erase(page, measured(boxes, wider))

    assert ((page < 200) & (written > 0)).sum() >= 0.98 * (written > 0).sum()


def test_a_word_typed_over_the_end_of_a_wide_caption_is_not_taken_off_with_it(layouts):
    page, boxes = printed(layouts["KT-2016"], 0.0)
    x, y, width, height = max(box for box in boxes if box[2] > LOOKED_FOR_MM)
    written = np.zeros(page.shape, np.uint8)
    base = (round((x + width - 1.0) * SCALE), round((y + height - 1.0) * SCALE))
    cv2.putText(written, "B", base, cv2.FONT_HERSHEY_SIMPLEX, 0.9, 255, 3)
    page[written > 0] = 40
    beyond = written.copy()
    beyond[:, : round((x + width + 0.5) * SCALE)] = 0

    PrintEraser(layouts["KT-2016"], SCALE).erase(page, measured(boxes, 0.0))

    assert ((page < 200) & (written > 0)).sum() >= 0.6 * (written > 0).sum()
    assert ((page < 200) & (beyond > 0)).sum() >= 0.98 * (beyond > 0).sum()
