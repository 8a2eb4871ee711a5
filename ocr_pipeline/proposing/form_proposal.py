"""The door of this room: from scans of an unknown form to a proposed layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ocr_pipeline.arrays import Gray
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.imaging.page_content import page_content
from ocr_pipeline.layout.flat_scan import FlatScan
from ocr_pipeline.layout.pose import turned
from ocr_pipeline.proposing.common_sheet import common_sheet
from ocr_pipeline.proposing.drafted_layout import FormParts, draft
from ocr_pipeline.proposing.found_form import FoundForm, find_form
from ocr_pipeline.proposing.layout_proposal import FormEvidence, LayoutProposal
from ocr_pipeline.proposing.printed_lines import SHEET_DPI

_LEAST_BLANKS = 4
_SIZES = ((210.0, 297.0), (297.0, 420.0))
_A4_WIDE = 1.15  # wider than high: a spread or a table


@dataclass(frozen=True, slots=True)
class FormName:
    """What a layout is called.

    Attributes:
        id: e.g. `KS-1990-A`.
        type: register type code.
        era: years or circular of the form.
        title: what people call it.

    """

    id: str
    type: str
    era: str
    title: str


def propose_layout(
    scans: Sequence[FlatScan], name: FormName, size: tuple[float, float] | None = None
) -> LayoutProposal:
    """Propose the layout of a form that no installed layout knows.

    Args:
        scans: straightened pages of one print. The first one gives place and measures; what the
            others do not have in the same place was written, and is not looked at.
        name: of the new layout.
        size: width and height of the page in mm; None: A4, or A3 when wider than high.

    Raises:
        BadInputError: no form is seen on the first scan.
        MachineError: Tesseract is missing.

    """
    if page_content(scans[0].gray) == "blank":  # Tesseract takes minutes over the grain of paper
        raise no_form(FormEvidence(captions=0, blanks=0, leaders=0, rules=0, ticks=0))
    sheet, turn, found = _upright(scans[0].gray, name.type, size)
    others = [scan.gray for scan in scans[1:]]
    common = common_sheet(sheet, others, name.type, found.size)
    if common.pages > 1:
        found = find_form(common.picture, name.type, found.size, common.written)
    evidence = found.evidence
    if evidence.blanks < _LEAST_BLANKS:
        raise no_form(evidence)
    parts = FormParts(name.id, name.type, name.era, name.title, found.size)
    return draft(parts, common, found, turn)


def no_form(evidence: FormEvidence) -> BadInputError:
    """The error for a page on which no form is seen."""
    return BadInputError(
        Text(
            "không thấy biểu mẫu nào trên trang này: "
            f"{evidence.captions} chữ in quen thuộc, {evidence.blanks} chỗ trống để viết",
            "no form is seen on this page: "
            f"{evidence.captions} known captions, {evidence.blanks} blanks to write in",
        ),
        remedy=Text(
            "chọn ảnh quét rõ hơn của một trang sổ, đúng loại sổ (--type)",
            "choose a clearer scan of a register page, and the right type (--type)",
        ),
    )


def _upright(
    gray: Gray, type: str, size: tuple[float, float] | None
) -> tuple[Gray, int, FoundForm]:
    """The turn in which most captions are found."""
    best: tuple[int, Gray, int, FoundForm] | None = None
    for turn in (0, 180, 90, 270):
        page = turned(gray, turn)
        measure = size or _usual_size(page)
        sheet = _at_size(page, measure)
        found = find_form(sheet, type, measure)
        count = found.evidence.captions
        if best is None or count > best[0]:
            best = (count, sheet, turn, found)
        if count >= 2 * _LEAST_BLANKS:
            break
    assert best is not None
    return best[1], best[2], best[3]


def _usual_size(page: Gray) -> tuple[float, float]:
    height, width = page.shape
    if width > height * _A4_WIDE:
        return _SIZES[1][1], _SIZES[1][0]
    return _SIZES[0]


def _at_size(page: Gray, size: tuple[float, float]) -> Gray:
    pixels = (round(size[0] * SHEET_DPI / 25.4), round(size[1] * SHEET_DPI / 25.4))
    how = cv2.INTER_AREA if page.shape[1] > pixels[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(page, pixels, interpolation=how), np.uint8)
