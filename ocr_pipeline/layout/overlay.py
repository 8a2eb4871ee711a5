"""Draws on a page what was found there, for a person to judge a layout or a refusal."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image, ImageDraw

from ocr_pipeline.arrays import Points, Rgb
from ocr_pipeline.layout.flat_scan import FlatScan
from ocr_pipeline.layout.form_drawing import load_font
from ocr_pipeline.layout.loading import LoadedLayout, record_box
from ocr_pipeline.layout.pose import turned
from ocr_pipeline.layout.registration import Registration
from ocr_pipeline.layout.schema import Layout

_LONGEST_PIXELS = 1800  # pixels of the picture's longer side
_GREEN, _RED, _BLUE, _ORANGE = (20, 140, 60), (200, 30, 30), (30, 80, 200), (230, 130, 20)
ToPage = Callable[[Points], Points]
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
    canvas = draw_fields(page, loaded.layout, registration.to_page, factor)
    _anchors(canvas, registration, factor)
    return _judged(canvas, loaded, registration)


def draw_fields(page: Rgb, layout: Layout, to_page: ToPage, factor: float) -> Rgb:
    """The page, paler and smaller, with the boxes of the fields and their codes.

    Args:
        page: (H, W, 3) uint8 RGB, upright.
        layout: whose fields.
        to_page: pixels (N, 2) on the page of points (N, 2) in mm.
        factor: how much smaller, 0–1.

    """
    small = cv2.resize(page, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    canvas = (small * 0.75 + 64).astype(np.uint8)
    names: list[tuple[tuple[float, float], str]] = []
    for field in layout.fields:
        offsets = layout.offsets_of(field.scope)
        for offset in offsets:
            for box in field.lines:
                _polygon(canvas, to_page, record_box(box, offset), factor, _GREEN)
            for option in field.options:
                _polygon(canvas, to_page, record_box(option.box, offset), factor, _ORANGE)
            if field.lines:
                x, y = to_page(np.array([field.lines[0][:2]]) + offset)[0] * factor
                names.append(((float(x), float(y)), field.code))
    image = Image.fromarray(canvas)
    draw = ImageDraw.Draw(image)
    small_letters = load_font("sans", "regular", 11.0)
    for (x, y), name in names:
        draw.text((x + 2, y), name, _BLUE, small_letters)
    return np.array(image)


def _polygon(
    canvas: Rgb,
    to_page: ToPage,
    box: tuple[float, float, float, float],
    factor: float,
    colour: tuple[int, int, int],
) -> None:
    x, y, width, height = box
    steps = np.linspace(0, 1, 9)
    top = np.stack([x + steps * width, np.full(9, y)], 1)
    bottom = np.stack([x + steps[::-1] * width, np.full(9, y + height)], 1)
    points = to_page(np.concatenate([top, bottom])) * factor
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


def _judged(canvas: Rgb, loaded: LoadedLayout, registration: Registration) -> Rgb:
    """With the judgement over its upper edge."""
    image = Image.fromarray(canvas)
    draw = ImageDraw.Draw(image)
    large = load_font("sans", "bold", 22.0)
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
