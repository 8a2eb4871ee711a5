"""Filled-in and distorted pages whose true place of every millimetre is known."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw

from ocr_pipeline.layout.form_drawing import FormStyle, draw_form, load_font
from ocr_pipeline.layout.schema import Layout

WORDS = (
    "Nguyễn Thị Phượng Trần Văn Hưởng Lê Quỳnh Bảo Đặng xã Lộc Thuận huyện Bình Đại tỉnh Bến Tre "
    "Việt Nam Kinh Ngày Mười Sáu Tháng Bảy Năm Hai Nghìn 16.07.2008 01/2018 321 456 789 phường"
).split()


@dataclass
class Distortion:
    """What a scanner, a camera or an old book does to a page; lengths in mm, angles in degrees."""

    dpi: float = 150
    angle: float = 0.0
    stretch_x: float = 1.0
    stretch_y: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    curl: float = 0.0  # page curl: rise in mm near the left edge
    wave: float = 0.0  # amplitude of a slow wave over the page
    keystone: float = 0.0  # relative widening from top to bottom
    crop_right: float = 0.0  # this much of the right side is missing
    border: float = 0.0  # dark background around the page
    fade: float = 1.0  # contrast of everything
    noise: float = 4.0
    blur: float = 0.0
    shadow: float = 0.0
    writing: int = 2  # 0 empty … 3 heavy, running over the captions
    style: FormStyle = FormStyle()
    seed: int = 0


def filled(layout: Layout, dpi: float, style: FormStyle, amount: int, seed: int) -> np.ndarray:
    """The form with writing in its blanks, uint8 grey."""
    page = Image.fromarray(draw_form(layout, dpi, style))
    rng = np.random.default_rng(seed)
    scale = dpi / 25.4
    draw = ImageDraw.Draw(page)
    for field in layout.fields if amount else ():
        offsets = layout.records.offsets if field.scope == "record" else ((0.0, 0.0),)
        for dx, dy in offsets:
            for x, y, width, height in field.lines:
                if rng.random() < (0.25, 0.25, 0.2, 0.05)[amount] or field.code == "ghiChu":
                    continue
                size = rng.uniform(3.5, 5.5 if amount < 3 else 7.5)
                font = load_font("serif", "italic", round(size * scale, 1))
                text = ""
                while font.getlength(text) < width * scale * rng.uniform(0.4, 1.0):
                    text += str(rng.choice(WORDS)) + " "
                left = x + dx + rng.uniform(-8 if amount == 3 else 0, 3)
                base = y + dy + height - 1.6 + rng.uniform(-1.5, 1.0)
                draw.text(
                    (left * scale, base * scale), text, int(rng.integers(20, 90)), font, anchor="ls"
                )
            for option in field.options:
                if rng.random() < 0.3:
                    ox, oy, ow, oh = (v * scale for v in option.box)
                    draw.line((ox, oy, ox + ow, oy + oh), 50, max(1, round(0.5 * scale)))
                    draw.line((ox + ow, oy, ox, oy + oh), 50, max(1, round(0.5 * scale)))
    return np.asarray(page)


class Warp:
    """Page pixels → mm of the layout (`to_mm`), and back (`to_page`)."""

    def __init__(self, layout: Layout, d: Distortion) -> None:
        self.d, self.page = d, layout.page
        self.scale = d.dpi / 25.4
        self.size = (
            round((layout.page.width + 2 * d.border - d.crop_right) * self.scale),
            round((layout.page.height + 2 * d.border) * self.scale),
        )

    def to_mm(self, points: np.ndarray) -> np.ndarray:
        d, (width, height) = self.d, (self.page.width, self.page.height)
        x = points[:, 0] / self.scale - d.border - d.shift[0]
        y = points[:, 1] / self.scale - d.border - d.shift[1]
        cx, cy, a = width / 2, height / 2, np.deg2rad(d.angle)
        u, v = x - cx, y - cy
        u, v = u * np.cos(a) - v * np.sin(a), u * np.sin(a) + v * np.cos(a)
        u, v = u / d.stretch_x, v / d.stretch_y
        u = u * (1 + d.keystone * v / height)
        along = np.clip(u / width + 0.5, -0.2, 1.2)
        bend = np.exp(-along * 5)
        v = v + d.curl * bend + d.wave * np.sin(2.2 * np.pi * along + 2 * v / height)
        u = u + 0.6 * d.curl * bend + 0.5 * d.wave * np.cos(3 * v / height + along)
        return np.stack([u + cx, v + cy], 1)

    def to_page(self, points: np.ndarray) -> np.ndarray:
        found = (points + self.d.border + np.array(self.d.shift)) * self.scale
        for _ in range(30):
            found = found + (points - self.to_mm(found)) * self.scale * 0.9
        return found


def make_page(layout: Layout, d: Distortion) -> tuple[np.ndarray, Warp]:
    """A scan of the layout, uint8 grey, with the truth of its geometry."""
    rng = np.random.default_rng(d.seed + 99)
    form = filled(layout, 200, d.style, d.writing, d.seed)
    warp = Warp(layout, d)
    width, height = warp.size
    coarse = 8
    xs, ys = np.meshgrid(
        np.arange(0, width + coarse, coarse), np.arange(0, height + coarse, coarse)
    )
    at = warp.to_mm(np.stack([xs.ravel(), ys.ravel()], 1).astype(float)) * 200 / 25.4
    maps = [
        cv2.resize(
            at[:, k].reshape(xs.shape).astype(np.float32),
            None,
            fx=coarse,
            fy=coarse,
            interpolation=cv2.INTER_LINEAR,
        )
        for k in (0, 1)
    ]
    # INTER_LINEAR of resize samples at pixel centres: move the maps so that they are exact
    shift = np.array([[1, 0, -(coarse - 1) / 2], [0, 1, -(coarse - 1) / 2]], float)
    maps = [
        cv2.warpAffine(m, shift, (m.shape[1], m.shape[0]), borderMode=cv2.BORDER_REPLICATE)[
            :height, :width
        ]
        for m in maps
    ]
    page = cv2.remap(form, maps[0], maps[1], cv2.INTER_LINEAR, borderValue=90 if d.border else 245)
    out = 255 - (255 - page.astype(np.float32)) * d.fade
    if d.shadow:
        ramp = (
            np.linspace(1, 1 - d.shadow, width)[None]
            * np.linspace(1 - d.shadow / 3, 1, height)[:, None]
        )
        out *= ramp
    out = out * 0.92 + rng.normal(0, d.noise, out.shape)
    if d.blur:
        out = cv2.GaussianBlur(out, (0, 0), d.blur)
    page = np.clip(out, 0, 255).astype(np.uint8)
    return cv2.imdecode(cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], 0), warp


def field_corners(layout: Layout) -> np.ndarray:
    """Corners of every line box of every record, (N, 4, 2) mm."""
    out = []
    for field in layout.fields:
        offsets = layout.records.offsets if field.scope == "record" else ((0.0, 0.0),)
        for dx, dy in offsets:
            for x, y, w, h in (*field.lines, *(o.box for o in field.options)):
                x, y = x + dx, y + dy
                out.append([(x, y), (x + w, y), (x + w, y + h), (x, y + h)])
    return np.array(out, float)
