"""What surrounds writing on a form: paper, leaders, rules, captions, neighbours, stamps."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from ocr_pipeline.arrays import AnyGray, AnyInk

#: Share of leaders that are dashes, and pitches of both kinds in heights of the sheet. A network
#: that had seen dots and rules alone read 84 % of the names on dashes where it read 91 % on dots.
_DASHED = 0.25
_DOT_PITCH = (0.04, 0.12)
_DASH_PITCH = (0.12, 0.4)


def over(below: AnyInk, above: AnyInk, x: int, y: int, strength: float = 1.0) -> None:
    """Lay one ink on another in place; what falls outside the sheet is lost."""
    top, left = max(y, 0), max(x, 0)
    bottom = min(y + above.shape[0], below.shape[0])
    right = min(x + above.shape[1], below.shape[1])
    if bottom > top and right > left:
        part = above[top - y : bottom - y, left - x : right - x] * np.float32(strength)
        under = below[top:bottom, left:right]
        below[top:bottom, left:right] = under + part * (1 - under)


def noise(shape: tuple[int, ...], grain: int, rng: np.random.Generator) -> AnyInk:
    """Smooth noise with mean 0 and deviation about 1; `grain` is the size of its blobs."""
    height, width = shape
    small = rng.standard_normal((height // grain + 2, width // grain + 2), dtype=np.float32)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def leader(sheet: AnyInk, baseline: int, rng: np.random.Generator) -> None:
    """A printed line of dots or dashes, or what an imperfect removal has left of it."""
    height, width = sheet.shape
    dashed = rng.random() < _DASHED
    pitch = max(rng.uniform(*(_DASH_PITCH if dashed else _DOT_PITCH)) * height, 2.5)
    radius = max(pitch * rng.uniform(0.15, 0.32), 0.6)
    length, thickness = pitch * rng.uniform(0.35, 0.7), max(1, round(height * 0.02))
    slope = rng.normal(0, 0.004)
    strength = rng.uniform(0.25, 0.9)
    keep = rng.uniform(0.2, 1) if rng.random() < 0.4 else 1.0
    marks = np.zeros(sheet.shape, np.uint8)
    for x in np.arange(rng.uniform(0, pitch), width, pitch):
        if keep < 1 and rng.random() > keep:
            continue
        centre = (int(x * 16), int((baseline + slope * x) * 16))
        if dashed:
            end = (centre[0] + int(length * 16), centre[1])
            cv2.line(marks, centre, end, 255, thickness, cv2.LINE_AA, 4)
        else:
            cv2.circle(marks, centre, int(radius * 16), 255, -1, cv2.LINE_AA, 4)
    over(sheet, marks.astype(np.float32) / 255, 0, 0, strength)


def rule(sheet: AnyInk, baseline: int, rng: np.random.Generator) -> None:
    """A ruled line across the sheet, whole or broken by an imperfect removal."""
    height, width = sheet.shape
    line = np.zeros(sheet.shape, np.uint8)
    slope = rng.normal(0, 0.004) * width
    thickness = max(1, round(height * rng.uniform(0.008, 0.035)))
    cv2.line(line, (0, baseline), (width, round(baseline + slope)), 255, thickness, cv2.LINE_AA)
    out = line.astype(np.float32) / 255
    if rng.random() < 0.4:
        out *= noise(out.shape, max(height // 4, 2), rng) > rng.uniform(-0.8, 0.8)
    over(sheet, out, 0, 0, rng.uniform(0.2, 0.9))


def box(sheet: AnyInk, rng: np.random.Generator) -> None:
    """Edges of a table cell at the left, right, top or bottom rim of the crop."""
    height, width = sheet.shape
    thickness = max(1, round(height * rng.uniform(0.01, 0.04)))
    edges = np.zeros(sheet.shape, np.uint8)
    near = max(int(height * 0.06), 2)
    if rng.random() < 0.5:
        x = int(rng.integers(near))
        cv2.line(edges, (x, 0), (x + int(rng.integers(-2, 3)), height), 255, thickness)
    if rng.random() < 0.5:
        x = width - 1 - int(rng.integers(near))
        cv2.line(edges, (x, 0), (x + int(rng.integers(-2, 3)), height), 255, thickness)
    for y in (int(rng.integers(near)), height - 1 - int(rng.integers(near))):
        if rng.random() < 0.4:
            cv2.line(edges, (0, y), (width, y + int(rng.integers(-2, 3))), 255, thickness)
    over(sheet, edges.astype(np.float32) / 255, 0, 0, rng.uniform(0.4, 0.9))


def neighbour(sheet: AnyInk, other: AnyInk, rng: np.random.Generator) -> None:
    """The line above reaches in from the top, or the one below from the bottom."""
    height = sheet.shape[0]
    visible = int(height * rng.uniform(0.04, 0.16))
    x = int(rng.integers(-other.shape[1] // 3, max(sheet.shape[1] // 2, 1)))
    y = visible - other.shape[0] if rng.random() < 0.6 else height - visible
    over(sheet, other, x, y, rng.uniform(0.6, 1.0))


def stamp(sheet: AnyInk, rng: np.random.Generator) -> None:
    """Rings, bars and blobs of a red stamp, grey after conversion and lighter than ink."""
    height, width = sheet.shape
    ring = np.zeros(sheet.shape, np.uint8)
    radius = int(height * rng.uniform(0.6, 1.8))
    centre = (int(rng.integers(width)), int(rng.integers(-height // 2, height + height // 2)))
    thickness = max(1, height // 28)
    cv2.circle(ring, centre, radius, 255, thickness, cv2.LINE_AA)
    cv2.circle(ring, centre, int(radius * 0.72), 255, thickness, cv2.LINE_AA)
    for angle in rng.uniform(0, 6.28, 14):  # letters round the ring
        at = (
            int(centre[0] + 0.86 * radius * np.cos(angle)),
            int(centre[1] + 0.86 * radius * np.sin(angle)),
        )
        cv2.circle(ring, at, max(radius // 12, 1), 255, thickness, cv2.LINE_AA)
    patchy = np.clip(0.7 + 0.5 * noise(sheet.shape, 4, rng), 0, 1)
    over(sheet, ring.astype(np.float32) / 255 * patchy, 0, 0, rng.uniform(0.15, 0.55))


def bleed(sheet: AnyInk, other: AnyInk, rng: np.random.Generator) -> None:
    """Writing of the back page shines through, mirrored, blurred and faint."""
    back = cv2.GaussianBlur(np.ascontiguousarray(other[:, ::-1]), (0, 0), rng.uniform(0.8, 2.5))
    x = int(rng.integers(-back.shape[1] // 2, max(sheet.shape[1], 1)))
    y = int(rng.normal(0, sheet.shape[0] / 3))
    over(sheet, back, x, y, rng.uniform(0.05, 0.25))


def on_paper(sheet: AnyInk, darkness: float, rng: np.random.Generator) -> AnyGray:
    """Ink on paper of uneven tone and light.

    Args:
        sheet: ink.
        darkness: how far full ink lies below the paper, 0–1 of the paper's brightness.
        rng: for tone, grain, light and patches of dry ink.

    """
    height, width = sheet.shape
    tone = rng.uniform(165, 252)
    light = np.full(sheet.shape, tone, np.float32)
    if rng.random() < 0.6:
        slope = rng.uniform(-35, 35)
        light += np.linspace(-slope, slope, width, dtype=np.float32)[None, :]
    if rng.random() < 0.4:
        light += rng.uniform(1, 8) * noise(sheet.shape, max(height // 2, 4), rng)
    grain = rng.uniform(0, 5)
    light += grain * noise(sheet.shape, 1 if rng.random() < 0.6 else 2, rng)
    ink = sheet
    if rng.random() < 0.35:  # ballpoint skips, dry nib
        ink = sheet * np.clip(1 + rng.uniform(0.1, 0.5) * noise(sheet.shape, 2, rng), 0.25, 1)
    return np.clip(light * (1 - darkness * ink), 0, 255).astype(np.uint8)


def _resample(grey: AnyGray, rng: np.random.Generator) -> AnyGray:
    factor = rng.uniform(0.35, 0.85)
    height, width = grey.shape
    if height * factor < 18:
        return grey
    return cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def _blur(grey: AnyGray, rng: np.random.Generator) -> AnyGray:
    sigma = rng.uniform(0.3, 1.3) * max(grey.shape[0] / 70, 0.5)
    return cv2.GaussianBlur(grey, (0, 0), sigma).astype(np.uint8)


def _motion(grey: AnyGray, rng: np.random.Generator) -> AnyGray:
    length = int(rng.integers(2, 5))
    kernel = np.full((1, length), 1 / length, np.float32)
    return cv2.filter2D(grey, -1, kernel if rng.random() < 0.5 else kernel.T).astype(np.uint8)


def _jpeg(grey: AnyGray, rng: np.random.Generator) -> AnyGray:
    ok, data = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(18, 90))])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)) if ok else grey


def _warp(grey: AnyGray, rng: np.random.Generator) -> AnyGray:
    """A little perspective, as a phone sees it, or a leftover slope."""
    height, width = grey.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + rng.normal(0, 0.05 * height, (4, 2)).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(corners, moved)
    return cv2.warpPerspective(grey, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)


def _contrast(grey: AnyGray, rng: np.random.Generator) -> AnyGray:
    out = 255 * (grey / 255.0) ** rng.uniform(0.6, 1.7)
    return np.clip(out, 0, 255).astype(np.uint8)


def _curve(grey: AnyGray, rng: np.random.Generator) -> AnyGray:
    """Elastic bending: a page that does not lie flat, and some variety of hands."""
    height, width = grey.shape
    amount = height * rng.uniform(0.01, 0.03)
    grain = max(int(height * rng.uniform(0.35, 0.9)), 8)
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    map_x = (xs + amount * noise(grey.shape, grain, rng)).astype(np.float32)
    map_y = (ys + amount * noise(grey.shape, grain, rng)).astype(np.float32)
    return cv2.remap(grey, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


_SCANNER: list[tuple[float, Callable[[AnyGray, np.random.Generator], AnyGray]]] = [
    (0.25, _curve),
    (0.2, _warp),
    (0.3, _resample),
    (0.35, _blur),
    (0.08, _motion),
    (0.3, _contrast),
    (0.45, _jpeg),
]


def scanned(grey: AnyGray, rng: np.random.Generator) -> AnyGray:
    """A scanner's or phone's faults, each with its own probability."""
    for probability, fault in _SCANNER:
        if rng.random() < probability:
            grey = fault(grey, rng)
    return grey
