"""Draws on a page what was found there, for a person to judge a layout or a refusal."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw

from ocr_pipeline.arrays import Rgb
from ocr_pipeline.layout.flat_scan import FlatScan
from ocr_pipeline.layout.form_drawing import load_font
from ocr_pipeline.layout.loading import LoadedLayout, record_box
from ocr_pipeline.layout.pose import turned
from ocr_pipeline.layout.registration import Registration

_LONGEST_PIXELS = 1800  # pixels of the picture's longer side
_GREEN, _RED, _BLUE, _ORANGE = (20, 140, 60), (200, 30, 30), (30, 80, 200), (230, 130, 20)
_ARROW = 4.0  # shifts are drawn this many times longer


def overlay(flat: FlatScan, loaded: LoadedLayout, registration: Registration) -> Rgb:
    """The page with field boxes and codes, what was found of the print, and the judgement.

    Green boxes are fields, orange ones tick boxes. Small green crosses are words and lines found
    in their places, with arrows (four times enlarged) for what they are off; red ones were not
    found.

    Returns:
        (H, W, 3) uint8 RGB, upright, at most 1800 pixels long.

    """
    page = turned(flat.pixels, registration.turn)
    factor = min(1.0, _LONGEST_PIXELS / max(page.shape[:2]))
    small = cv2.resize(page, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    canvas = (small * 0.75 + 64).astype(np.uint8)
    names: list[tuple[tuple[float, float], str]] = []
    for field in loaded.layout.fields:
        offsets = loaded.layout.records.offsets if field.scope == "record" else ((0.0, 0.0),)
        for offset in offsets:
            for index, box in enumerate(field.lines):
                _polygon(canvas, registration, record_box(box, offset), factor, _GREEN)
                if index == 0:
                    names.append(
                        (
                            _pixel(registration, (box[0] + offset[0], box[1] + offset[1]), factor),
                            field.code,
                        )
                    )
            for option in field.options:
                _polygon(canvas, registration, record_box(option.box, offset), factor, _ORANGE)
    _anchors(canvas, registration, factor)
    return _labels(canvas, names, loaded, registration)


def _pixel(
    registration: Registration, point: tuple[float, float], factor: float
) -> tuple[float, float]:
    x, y = registration.to_page([point])[0] * factor
    return float(x), float(y)


def _polygon(
    canvas: Rgb,
    registration: Registration,
    box: tuple[float, float, float, float],
    factor: float,
    colour: tuple[int, int, int],
) -> None:
    x, y, width, height = box
    steps = np.linspace(0, 1, 9)
    top = np.stack([x + steps * width, np.full(9, y)], 1)
    bottom = np.stack([x + steps[::-1] * width, np.full(9, y + height)], 1)
    points = registration.to_page(np.concatenate([top, bottom])) * factor
    cv2.polylines(canvas, [np.round(points * 16).astype(np.int32)], True, colour, 1, cv2.LINE_AA, 4)


def _anchors(canvas: Rgb, registration: Registration, factor: float) -> None:
    measured, found = registration.evidence.measured, registration.evidence.found
    if not len(measured.points):
        return
    places = registration.to_page(measured.points) * factor
    ends = registration.to_page(measured.points + _ARROW * measured.shifts) * factor
    for place, end, good in zip(places, ends, found, strict=True):
        x, y = (int(v) for v in place)
        colour = _GREEN if good else _RED
        cv2.drawMarker(
            canvas,
            (x, y),
            colour,
            cv2.MARKER_CROSS if good else cv2.MARKER_TILTED_CROSS,
            7,
            1,
            cv2.LINE_AA,
        )
        if good:
            cv2.line(canvas, (x, y), (int(end[0]), int(end[1])), _BLUE, 1, cv2.LINE_AA)


def _labels(
    canvas: Rgb,
    names: list[tuple[tuple[float, float], str]],
    loaded: LoadedLayout,
    registration: Registration,
) -> Rgb:
    image = Image.fromarray(canvas)
    draw = ImageDraw.Draw(image)
    small, large = load_font("sans", "regular", 11.0), load_font("sans", "bold", 22.0)
    for (x, y), name in names:
        draw.text((x + 2, y), name, _BLUE, small)
    verdict = "CHẤP NHẬN / accepted" if registration.accepted else "TỪ CHỐI / refused"
    words = registration.evidence.words
    text = (
        f"{loaded.layout.id}   {verdict}   lệch/residual {registration.residual_mm:.2f} mm   "
        f"ô/fields {registration.coverage:.0%}   chữ/words {words:.0%}"
    )
    colour = _GREEN if registration.accepted else _RED
    draw.rectangle((0, 0, image.width, 34), fill=(255, 255, 255), outline=colour, width=2)
    draw.text((10, 4), text, colour, large)
    if registration.reason is not None:
        draw.text((10, 38), str(registration.reason), _RED, large)
    return np.asarray(image)
