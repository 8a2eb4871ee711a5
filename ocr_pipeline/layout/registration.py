"""Lays a layout on a page: coarse pose, blocks, then words and lines; refuses what does not fit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Gray
from ocr_pipeline.errors import Text
from ocr_pipeline.imaging.geometry import reduced
from ocr_pipeline.layout.anchors import (
    BLOCK_PER_MM,
    FINE_PER_MM,
    AnchorMeasurement,
    Anchors,
    anchors_of,
    block_channels,
)
from ocr_pipeline.layout.gate import Evidence, judge, weigh
from ocr_pipeline.layout.loading import LoadedLayout
from ocr_pipeline.layout.mesh import Mesh
from ocr_pipeline.layout.pose import PageSearch, Pose, turned


@dataclass(frozen=True, slots=True, eq=False)
class Registration:
    """Where a layout lies on a page, and whether that may be trusted.

    Attributes:
        accepted: whether the page may be cut with it.
        residual_mm: spread of what is left between print found and expected (root mean square).
        coverage: share (0–1) of the fields with print found near them where it should be.
        turn: degrees clockwise that bring the picture upright; pixels are those of the upright one.
        mesh: mm → pixel of the upright picture.
        evidence: the anchors behind the judgement, for the overlay.
        reason: why it was refused; None when accepted, unless on a person's word alone.

    """

    accepted: bool
    residual_mm: float
    coverage: float
    turn: int
    mesh: Mesh
    evidence: Evidence
    reason: Text | None = None

    def to_page(self, points_mm: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Pixels (N, 2) on the upright page of points (N, 2) in mm."""
        return self.mesh.to_page(points_mm)


Rounds = tuple[tuple[float, float, float], ...]
"""Reach of the search in mm, stiffness of the mesh, tolerance in mm, of each round."""

_BLOCK_ROUNDS = ((12.0, 300.0, 2.0), (8.0, 20.0, 2.0), (5.0, 2.0, 1.5))
# Rows of a table are alike: a search that reaches as far as the next one slips on dense writing.
_TABLE_ROUNDS = ((4.0, 300.0, 1.5), (4.0, 20.0, 1.5), (3.0, 2.0, 1.0))
# Of 5 full pages that had slipped, 0.96 of the fields had print near them; of pages without the
# table 0.47 at most, and laying it once more on these cost a seventh of the search.
_LEAST_SLIPPED_COVERAGE = 0.5
_WORD_ROUNDS = ((7.0, 300.0, 3.0), (3.0, 300.0, 1.0))
_WORDS_WITHIN_MM = 4.2
_DETAIL_ROUNDS = ((_WORDS_WITHIN_MM, 1.0, 0.8), (2.4, 0.15, 0.5))
_LAST_REACH_MM = 2.0
# What is not there is not followed: of 165 pages that fitted the blocks were alike by 0.31 and more
# (mean correlation) and 0.39 of the words and more were found at first; of 249 that did not fit,
# two thirds lie below these marks.
_LEAST_ALIKE = 0.18
_LEAST_FOUND_SHARE = 0.15
_LINE_SCORE = 0.55
_WORD_SCORE = 0.33


def register(
    gray: Gray, loaded: LoadedLayout, turn: int = 0, start: Pose | None = None
) -> Registration:
    """Lay the layout on the page; a table that slipped is laid once more, from near by.

    Args:
        gray: (H, W) uint8, 100 dpi or more, any turn.
        loaded: the layout.
        turn: degrees clockwise that bring the page upright (from `detect`).
        start: where `detect` found the layout; searched for when None.

    """
    if start is None or start.turn != turn:
        start = PageSearch(gray).poses(loaded, turns=(turn,))[0]
    upright = turned(gray, turn)
    fine = _reduced((upright, 1.0), start.scale, 1.3 * FINE_PER_MM)
    first, given_up = _laid(upright, fine, loaded, start, _BLOCK_ROUNDS)
    is_table = len(loaded.layout.records.offsets) > 1
    if first.accepted or not is_table or given_up or first.coverage < _LEAST_SLIPPED_COVERAGE:
        return first
    second, _ = _laid(upright, fine, loaded, start, _TABLE_ROUNDS)
    if second.accepted:
        return second
    third, _ = _laid(upright, fine, loaded, start, _TABLE_ROUNDS, by_words=True)
    return third if third.accepted else first


def _laid(
    upright: Gray,
    fine: tuple[Gray, float],
    loaded: LoadedLayout,
    start: Pose,
    rounds: Rounds,
    *,
    by_words: bool = False,
) -> tuple[Registration, bool]:
    """Where the layout lies when searched for from `start`, and whether the search was given up."""
    anchors = anchors_of(loaded)
    mesh = Mesh.straight(start.scale, start.offset, anchors.size)
    if by_words:
        mesh = _follow_words(fine, anchors, mesh)
    mesh, alike = align_blocks(
        _reduced(fine, start.scale, 1.6 * BLOCK_PER_MM), anchors, mesh, rounds
    )
    given_up = not alike
    for reach, stiffness, tolerance in () if given_up else _DETAIL_ROUNDS:
        measured = _details(fine, anchors, mesh, reach)
        # A table that slipped finds its words in the first round alone: the others reach less far.
        given_up = reach == _WORDS_WITHIN_MM and _found_share(measured) < _LEAST_FOUND_SHARE
        if given_up:
            break
        mesh = _follow(mesh, measured, stiffness, tolerance)
    else:
        measured = _details(fine, anchors, mesh, _LAST_REACH_MM)
    evidence = weigh(loaded, measured)
    reason = judge(evidence, mesh, loaded.layout, (upright.shape[1], upright.shape[0]))
    found = Registration(
        reason is None, evidence.residual_mm, evidence.coverage, start.turn, mesh, evidence, reason
    )
    return found, given_up


def align_blocks(
    page: tuple[Gray, float], anchors: Anchors, mesh: Mesh, rounds: Rounds = _BLOCK_ROUNDS
) -> tuple[Mesh, bool]:
    """The mesh after measuring large blocks of print on the reduced `page` (picture, factor).

    Also whether they are like those of the form; the mesh is not fitted to blocks that are not.
    """
    for reach, stiffness, tolerance in rounds:
        picture = rectified(page, anchors, mesh, BLOCK_PER_MM)
        measured = anchors.blocks(block_channels(picture, BLOCK_PER_MM), reach)
        if measured.score.size and measured.score.mean() < _LEAST_ALIKE:
            return mesh, False
        mesh = _follow(mesh, measured, stiffness, tolerance)
    return mesh, True


def _found_share(measured: AnchorMeasurement) -> float:
    """Share of the words that something like them was found for; 1 for a form without words."""
    seen = measured.weights[measured.word].max(axis=1) > 0
    return float(seen.mean()) if seen.size else 1.0


def _details(
    page: tuple[Gray, float], anchors: Anchors, mesh: Mesh, reach: float
) -> AnchorMeasurement:
    found = anchors.details(anchors.soft_ink(rectified(page, anchors, mesh, FINE_PER_MM)), reach)
    needed = np.where(found.word, _WORD_SCORE, _LINE_SCORE)
    trust = np.clip((found.score - needed) / 0.3 + 0.1, 0, 1) * (found.score > needed)
    return AnchorMeasurement(
        found.points, found.shifts, found.weights * trust[:, None], found.score, found.word
    )


def _follow_words(page: tuple[Gray, float], anchors: Anchors, mesh: Mesh) -> Mesh:
    """The mesh after measuring printed words alone: writing in the rows moves none of them."""
    for reach, stiffness, tolerance in _WORD_ROUNDS:
        found = _details(page, anchors, mesh, reach)
        words = replace(found, weights=found.weights * found.word[:, None])
        mesh = _follow(mesh, words, stiffness, tolerance)
    return mesh


def _follow(mesh: Mesh, measured: AnchorMeasurement, stiffness: float, tolerance: float) -> Mesh:
    """Fit the mesh to where the anchors were found on the page rectified with the old mesh."""
    if min((measured.weights > 0).sum(axis=0)) < 3:
        return mesh
    found = measured.points + measured.shifts
    wanted = measured.shifts + mesh.shift(found)
    return mesh.fitted(measured.points, wanted, measured.weights, stiffness, tolerance)[0]


def _reduced(page: tuple[Gray, float], scale: float, target: float) -> tuple[Gray, float]:
    """The page (picture, factor) brought to about `target` pixels per mm; never enlarged."""
    picture, done = page
    factor = target / (scale * done)
    if factor >= 0.95:
        return page
    return reduced(picture, factor), done * factor


def rectified(page: tuple[Gray, float], anchors: Anchors, mesh: Mesh, scale: float) -> Gray:
    """The page (picture, factor) as the layout has it, at `scale` pixels per mm."""
    picture, factor = page
    xs, ys = anchors.axes(scale)
    map_x, map_y = mesh.grid(xs, ys, factor)
    return cv2.remap(  # type: ignore[return-value]
        picture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
