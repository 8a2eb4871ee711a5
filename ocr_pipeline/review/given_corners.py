"""Corners that a person put on the picture of a page, as the corners of its scan."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.imaging.corners import plausible
from ocr_pipeline.processes.limited_calls import LimitedCalls
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.processing.corners import FormCorners
from ocr_pipeline.processing.moved_fields import before_turn
from ocr_pipeline.processing.stages import Stages
from ocr_pipeline.review.open_page import OpenPage
from ocr_pipeline.scans.limited_pages import opened
from ocr_pipeline.scans.pages import PageRef, load_page
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.page_parts import page_ref

Corners = Sequence[Sequence[float]]


def form_corners(
    stages: Stages, desk: OpenPage, layout_id: str, corners: Corners, *, trust: bool
) -> FormCorners:
    """Corners on the picture of a page, turned upright, as corners of its scan as stored.

    Raises:
        BadInputError: these are no corners of a page, or there is no such layout for the book.
        ScanError: the scan cannot be opened.

    """
    loaded = stages.layouts.get(layout_id)
    if loaded is None or loaded.layout.type != desk.book.type.value:
        raise BadInputError(
            Text(
                f"Sổ loại {desk.book.type.value} không có biểu mẫu này",
                f"There is no such layout for registers of type {desk.book.type.value}",
            ),
            where=layout_id,
            remedy=Text("Chọn biểu mẫu trong danh sách", "Choose one of the list"),
        )
    height, width = page_shape(desk.row)
    points = _as_stored(corners, desk.row.turn, width, height)
    if points is None or not plausible(points, width, height):
        raise BadInputError(
            Text(
                "Bốn góc chưa tạo thành hình một trang theo chiều kim đồng hồ",
                "The four corners do not make a page, clockwise",
            ),
            where=desk.row.name,
            remedy=Text(
                "Bắt đầu từ góc trên bên trái của biểu mẫu, rồi theo chiều kim đồng hồ",
                "Begin with the top left corner of the form, then go clockwise",
            ),
        )
    first, second, third, fourth = ((float(x), float(y)) for x, y in points.round(2))
    size = (loaded.layout.page.width, loaded.layout.page.height)
    return FormCorners(layout_id, (first, second, third, fourth), size, trust)


def page_shape(row: PageRow) -> tuple[int, int]:
    """Height and width in pixels of a page's scan, looked at within limits.

    Raises:
        ScanError: it cannot be opened.

    """
    ref = page_ref(row)
    return opened(scan_shape, ref, ref.name, calls=reading_calls())


def scan_shape(ref: PageRef) -> tuple[int, int]:
    """Height and width of a scan in pixels.

    Raises:
        ScanError: it cannot be opened.

    """
    height, width = load_page(ref).pixels.shape[:2]
    return height, width


def _as_stored(corners: Corners, turn: int, width: int, height: int) -> NDArray[np.float64] | None:
    """Corners on the picture turned clockwise by `turn`, as pixels of the picture before that."""
    try:
        points = np.array(corners, float)
    except (TypeError, ValueError):
        return None
    if points.shape != (4, 2):
        return None
    return before_turn(points, turn, (width, height))


@cache
def reading_calls() -> LimitedCalls:
    """The one process in which pages are looked at for people, within the limits of a run."""
    return LimitedCalls(1, TaskLimits(nice=0))
