"""Pages of a birth register that no generator of the project knows: own words, places and letters.

Nothing here comes from a layout: the form is set by this table alone, as another printing house
would have set it, and filled in with invented people.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import ocr_pipeline.layout

_FONTS = Path(ocr_pipeline.layout.__file__).parent / "fonts"
DPI = 200
_MM = DPI / 25.4

#: (words, x, y of the base line, dots from x, dots to x, what is written there); mm
LINES = (
    ("Số:", 24, 30, 33, 62, "{number}"),
    ("Quyển số:", 140, 30, 160, 190, "02/1994"),
    ("Họ và tên:", 24, 62, 46, 132, "{child}"),
    ("Nam, nữ:", 136, 62, 155, 190, "{sex}"),
    ("Sinh ngày:", 24, 73, 46, 190, "{day}"),
    ("Nơi sinh:", 24, 84, 43, 190, "Trạm xá xã Lộc Thuận"),
    ("Dân tộc:", 24, 95, 42, 100, "Kinh"),
    ("Quốc tịch:", 104, 95, 125, 190, "Việt Nam"),
    ("Họ và tên cha:", 24, 122, 54, 190, "{father}"),
    ("Dân tộc:", 24, 133, 42, 100, "Kinh"),
    ("Quốc tịch:", 104, 133, 125, 190, "Việt Nam"),
    ("Nơi thường trú:", 24, 144, 56, 190, "Ấp 3, xã Lộc Thuận"),
    ("Họ và tên mẹ:", 24, 166, 53, 190, "{mother}"),
    ("Dân tộc:", 24, 177, 42, 100, "Kinh"),
    ("Quốc tịch:", 104, 177, 125, 190, "Việt Nam"),
    ("Nơi thường trú:", 24, 188, 56, 190, "Ấp 3, xã Lộc Thuận"),
    ("Họ và tên người đi khai sinh:", 24, 210, 80, 190, "{father}"),
    ("Đăng ký ngày:", 24, 221, 52, 190, "{registered}"),
    ("Người ký giấy khai sinh:", 24, 243, 70, 190, "Võ Văn Tám"),
    ("Ghi chú:", 24, 265, 41, 190, ""),
)
HEADINGS = (
    ("SỔ ĐĂNG KÝ KHAI SINH", 76, 20, 4.6),
    ("PHẦN GHI VỀ CHA", 86, 112, 3.6),
    ("PHẦN GHI VỀ MẸ", 87, 156, 3.6),
    ("PHẦN ĐĂNG KÝ", 90, 200, 3.6),
)
RULES = ((18, 12, 196, 12), (18, 285, 196, 285), (18, 12, 18, 285), (196, 12, 196, 285),
         (18, 42, 196, 42), (18, 103, 196, 103))  # fmt: skip
PEOPLE = (
    ("Trần Thị Bưởi", "nữ", "Trần Văn Cam", "Lê Thị Quýt", "05.03.1994", "11.03.1994"),
    ("Nguyễn Văn Mận", "nam", "Nguyễn Văn Xoài", "Phạm Thị Ổi", "17.04.1994", "25.04.1994"),
    ("Phan Thị Dừa", "nữ", "Phan Văn Khế", "Đỗ Thị Me", "29.05.1994", "06.06.1994"),
    ("Huỳnh Văn Tre", "nam", "Huỳnh Văn Trúc", "Mai Thị Lài", "02.07.1994", "13.07.1994"),
)


def foreign_page(number: int, *, filled: bool = True) -> Image.Image:
    """Page `number` (from 0) of the register, RGB at 200 dpi, a little askew and noisy."""
    page = Image.new("RGB", (round(210 * _MM), round(297 * _MM)), (249, 246, 238))
    draw = ImageDraw.Draw(page)
    for x1, y1, x2, y2 in RULES:
        draw.line([v * _MM for v in (x1, y1, x2, y2)], fill=(60, 55, 50), width=2)
    for words, x, y, size in HEADINGS:
        _print(draw, words, x, y, size, "bold")
    child, sex, father, mother, day, registered = PEOPLE[number % len(PEOPLE)]
    values = {"number": f"{14 + number}/1994", "child": child, "sex": sex, "father": father,
              "mother": mother, "day": day, "registered": registered}  # fmt: skip
    rng = np.random.default_rng([number, 77])
    for words, x, y, first, last, value in LINES:
        _print(draw, words, x, y, 3.9, "regular")
        for dot in np.arange(first, last, 1.1):
            at = [dot * _MM, (y + 0.5) * _MM]
            draw.ellipse([at[0], at[1], at[0] + 2, at[1] + 2], fill=(70, 66, 60))
        if filled and value:
            _write(draw, value.format(**values), first + rng.uniform(2, 7), y, rng)
    turned = page.rotate(float(rng.uniform(-0.7, 0.7)), Image.Resampling.BICUBIC,
                         fillcolor=(249, 246, 238))  # fmt: skip
    noise = rng.normal(0, 3, (*turned.size[::-1], 1))
    return Image.fromarray(np.clip(np.asarray(turned) + noise, 0, 255).astype(np.uint8))


def save_foreign_page(path: Path, number: int, *, filled: bool = True) -> Path:
    """Write a page as JPEG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    foreign_page(number, filled=filled).save(path, quality=88, dpi=(DPI, DPI))
    return path


def _print(
    draw: ImageDraw.ImageDraw, words: str, x: float, y: float, size: float, cut: str
) -> None:
    font = ImageFont.truetype(str(_FONTS / f"form-serif-{cut}.ttf"), round(size * _MM))
    draw.text((x * _MM, y * _MM), words, (48, 44, 40), font, anchor="ls")


def _write(
    draw: ImageDraw.ImageDraw, text: str, x: float, y: float, rng: np.random.Generator
) -> None:
    font = ImageFont.truetype(str(_FONTS / "form-serif-italic.ttf"), round(5.0 * _MM))
    for word in text.split():
        lift = rng.uniform(-0.5, 0.3)
        draw.text((x * _MM, (y + lift) * _MM), word, (35, 45, 120), font, anchor="ls")
        x += draw.textlength(word + " ", font) / _MM
