"""How good a proposal is: against the truth of a drawn form, and on its other pages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocr_pipeline.imaging.flat_page import FlatPage, flatten
from ocr_pipeline.layout.detection import detect
from ocr_pipeline.layout.schema import BoxMm, Layout
from ocr_pipeline.proposing.form_proposal import FormName, propose_layout
from ocr_pipeline.proposing.layout_proposal import LayoutProposal
from ocr_pipeline.scans.page_image import PageImage
from tests.builders import foreign_forms as foreign

_LEAST_IOU = 0.5
_BESIDE_MM, _ABOVE_SHARE = 2.0, 1 / 3  # what the machine cuts around a box


@dataclass
class Figures:
    """Counts of one form: captions and fields, pages accepted, lines of writing well inside."""

    captions: int
    captions_found: int
    fields: int
    fields_right: int
    fields_wrong: int
    pages: int = 0
    accepted: int = 0
    lines: int = 0
    lines_inside: int = 0


def flat(gray: np.ndarray) -> FlatPage:
    return flatten(PageImage(np.dstack([gray] * 3), foreign.DPI))


def propose(form: foreign.ForeignForm, grays: list[np.ndarray]) -> LayoutProposal:
    name = FormName(f"{form.type}-foreign", form.type, "foreign", "Mẫu lạ")
    return propose_layout([flat(gray) for gray in grays], name, form.size)


def filled_pages(form: foreign.ForeignForm, seeds: range) -> list[np.ndarray]:
    """Pages of the form with writing, as a flatbed gives them."""
    return [foreign.scanned(foreign.filled(form, seed)[0], seed)[0] for seed in seeds]


def measure(form: foreign.ForeignForm, proposal: LayoutProposal) -> Figures:
    layout = proposal.layout
    seen = sum(any(iou(box, c.box) > 0.3 for c in layout.captions) for _, box in form.captions)
    found = {f.code: list(f.lines) for f in layout.fields if f.lines}
    right = [blank.code for blank in form.blanks if _is_right(blank, found.get(blank.code, []))]
    wrong = set(found) - set(right)
    return Figures(len(form.captions), seen, len(form.blanks), len(right), len(wrong))


def _is_right(blank: foreign.Blank, lines: list[BoxMm]) -> bool:
    """Whether a field has the lines of its blank; of a cell, whether they fill it."""
    if blank.cell and lines:
        x1, y1 = min(box[0] for box in lines), min(box[1] for box in lines)
        x2 = max(box[0] + box[2] for box in lines)
        y2 = max(box[1] + box[3] for box in lines)
        lines = [(x1, y1, x2 - x1, y2 - y1)]
    return len(lines) == len(blank.lines) and all(
        iou(a, b) >= _LEAST_IOU for a, b in zip(lines, blank.lines, strict=True)
    )


def iou(a: BoxMm, b: BoxMm) -> float:
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


def read_others(
    form: foreign.ForeignForm, proposal: LayoutProposal, figures: Figures, seeds: range
) -> None:
    """Add to the figures how other pages of the form fit."""
    for seed in seeds:
        page, ink = foreign.filled(form, seed)
        gray, turn = foreign.scanned(page, seed)
        found = detect(gray, [proposal.loaded])
        figures.pages += 1
        if found.layout_id is None or found.registration is None:
            continue
        figures.accepted += 1
        back = np.linalg.inv(np.vstack([turn, (0, 0, 1)]))
        for (code, number), mask in ink.items():
            box = _line(form, proposal.layout, code, number)
            figures.lines += 1
            if box is None:
                continue
            corners = _on_form(box, found.registration.mesh, back)
            x1, y1, x2, y2 = (round(float(v)) for v in corners)
            inside = mask[max(y1, 0) : y2, max(x1, 0) : x2].sum()
            figures.lines_inside += bool(inside >= 0.9 * mask.sum())


def _line(form: foreign.ForeignForm, layout: Layout, code: str, number: int) -> BoxMm | None:
    """The box for a line of writing; of a cell all its lines together."""
    lines = next((list(f.lines) for f in layout.fields if f.code == code), [])
    if any(blank.cell for blank in form.blanks if blank.code == code) and lines:
        x, y, width, _ = lines[0]
        return x, y, width, lines[-1][1] + lines[-1][3] - y
    return lines[number] if number < len(lines) else None


def _on_form(box: BoxMm, mesh: object, back: np.ndarray) -> tuple[float, ...]:
    """Ends of what is cut for a box, in pixels of the drawn form."""
    x, y, width, height = box
    xs = np.array([x - _BESIDE_MM, x + width + _BESIDE_MM])
    ys = np.array([y - _ABOVE_SHARE * height, y + (1 + _ABOVE_SHARE) * height])
    px, py = mesh.grid(xs, ys)  # type: ignore[attr-defined]
    points = back @ np.stack([px.ravel(), py.ravel(), np.ones(4)])
    return points[0].min(), points[1].min(), points[0].max(), points[1].max()
