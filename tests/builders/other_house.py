"""Pages of a form as another printing house set it: pitch, places, letters and wording differ.

Drawn here and not by `layout.form_drawing`, so that nothing but the truth is shared with what reads
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

import ocr_pipeline.layout
from ocr_pipeline.imaging.flat_page import flatten
from ocr_pipeline.layout.field_crops import cut
from ocr_pipeline.layout.loading import load_layouts, record_box
from ocr_pipeline.layout.schema import Caption, Layout, Leader
from ocr_pipeline.scans.page_image import PageImage

_FONTS = Path(ocr_pipeline.layout.__file__).parent / "fonts"
_ROW_MM = 2.5
#: What another house calls the same blank.
WORDINGS = {
    "Họ, chữ đệm, tên:": "Họ và tên:",
    "Ngày, tháng, năm sinh:": "Sinh ngày:",
    "Nơi cư trú:": "Chỗ ở hiện nay:",
    "Quê quán:": "Nguyên quán:",
    "Giấy tờ tùy thân:": "CMND/Hộ chiếu:",
    "Nguyên nhân chết:": "Chết do:",
}
WRITTEN = (
    "Nguyễn Thị Phượng Trần Văn Hưởng Lê Quỳnh Bảo Đặng xã Lộc Thuận huyện Bình Đại tỉnh Bến Tre "
    "Việt Nam Kinh Ngày Mười Sáu Tháng Bảy Năm Hai Nghìn 16.07.2008 01/2018 321 456 789 phường"
).split()


@dataclass(frozen=True)
class HouseStyle:
    """How the house sets its type.

    Attributes:
        pitch: distance of its lines against the layout's.
        most_mm: how far print may stand from where the layout has it, along its line.
        wave_mm: how far whole rows stand up or down besides the pitch.
        wordings: how many captions (0-1) it words otherwise.
        width: of its letters.
        family: of its letters.
        dots_mm: from one dot of a leader to the next; 0 draws dashes.
        darkness: of the print, 0-1.
    """

    pitch: float = 1.03
    most_mm: float = 8.0
    wave_mm: float = 2.0
    wordings: float = 0.5
    width: float = 1.0
    family: str = "sans"
    dots_mm: float = 1.2
    darkness: float = 0.8


def house_style(seed: int) -> HouseStyle:
    """One of the houses there may be."""
    rng = np.random.default_rng([seed, 5])
    return HouseStyle(
        pitch=float(rng.uniform(0.96, 1.04)),
        wave_mm=float(rng.uniform(0.5, 2.5)),
        wordings=float(rng.uniform(0.3, 0.9)),
        width=float(rng.uniform(0.92, 1.06)),
        family=str(rng.choice(["sans", "serif"])),
        dots_mm=float(rng.choice([0.0, 1.0, 1.4])),
        darkness=float(rng.uniform(0.6, 0.9)),
    )


def other_house(layout: Layout, seed: int, style: HouseStyle | None = None) -> Layout:
    """The same form with another geometry: the truth about the pages that `house_page` draws."""
    return _House(layout, style or house_style(seed), np.random.default_rng([seed, 6])).layout()


class _House:
    def __init__(self, layout: Layout, style: HouseStyle, rng: np.random.Generator) -> None:
        self.base, self.style, self.rng = layout, style, rng
        self.middle = layout.page.height / 2
        self.phase = rng.uniform(0, 6)
        uprights = sorted({r.points[0] for r in layout.rules if r.points[0] == r.points[2]})
        self.bounds = uprights or [10.0, layout.page.width - 10.0]
        moved: list[float] = []
        shift = 0.0
        for k, x in enumerate(self.bounds):
            if k and x - self.bounds[k - 1] < 3:  # a double rule stays one
                moved.append(moved[-1] + x - self.bounds[k - 1])
                continue
            room = 0.3 * min(
                [abs(x - other) for other in self.bounds if abs(x - other) > 3], default=20.0
            )
            shift = float(rng.uniform(-1, 1) * min(style.most_mm, room, 6.0))
            moved.append(float(np.clip(x + shift, 4, layout.page.width - 4)))
        self.moved = moved

    def y(self, y: float) -> float:
        if len(self.base.records.offsets) > 1:  # the records of a sheet are alike
            return self.middle + self.style.pitch * (y - self.middle)
        end = np.sin(np.pi * np.clip(y / self.base.page.height, 0, 1))
        wave = self.style.wave_mm * end * np.sin(y / 31 + self.phase)
        pitch = min(self.style.pitch, (self.middle - 3) / (self.middle - 9))
        return float(self.middle + pitch * (y - self.middle) + wave)

    def x(self, x: float) -> float:
        """Where a rule, or what stands free between rules, comes to stand."""
        if x <= self.bounds[0]:
            return x + self.moved[0] - self.bounds[0]
        if x >= self.bounds[-1]:
            return x + self.moved[-1] - self.bounds[-1]
        return float(np.interp(x, self.bounds, self.moved))

    def layout(self) -> Layout:
        captions: dict[int, Caption] = {}
        leaders: dict[int, Leader] = {}
        for row in self._rows():
            self._set_row(row, captions, leaders)
        fields = []
        for field in self.base.fields:
            lines = tuple(self._field_box(box, leaders) for box in field.lines)
            options = tuple(
                o.model_copy(update={"box": self._free_box(o.box)}) for o in field.options
            )
            fields.append(field.model_copy(update={"lines": lines, "options": options}))
        rules = []
        for rule in self.base.rules:
            x1, y1, x2, y2 = rule.points
            points = (self.x(x1), self.y(y1), self.x(x2), self.y(y2))
            rules.append(rule.model_copy(update={"points": points}))
        offsets = self.base.records.offsets
        pitch = tuple((dx, self.y(dy) - self.y(0)) for dx, dy in offsets)
        update = {
            "captions": tuple(captions[k] for k in range(len(self.base.captions))),
            "leaders": tuple(leaders[k] for k in range(len(self.base.leaders))),
            "rules": tuple(rules),
            "fields": tuple(fields),
            "records": self.base.records.model_copy(update={"offsets": pitch}),
        }
        return self.base.model_copy(update=update)

    def _column(self, x: float) -> int:
        return int(np.searchsorted(self.bounds, x + 0.01))

    def _rows(self) -> list[list[tuple[float, float, str, int]]]:
        items = [
            (c.box[1] + 0.8 * c.box[3], c.box[0], "caption", k)
            for k, c in enumerate(self.base.captions)
        ]
        items += [(m.y, m.x1, "leader", k) for k, m in enumerate(self.base.leaders)]
        rows: dict[tuple[int, int], list[tuple[float, float, str, int]]] = {}
        for item in sorted(items):
            column = self._column(item[1]) if not self._above(item) else -1
            near = [
                key for key in rows if key[0] == column and abs(key[1] / 10 - item[0]) < _ROW_MM
            ]
            rows.setdefault(near[0] if near else (column, round(item[0] * 10)), []).append(item)
        return [sorted(row, key=lambda one: one[1]) for row in rows.values()]

    def _above(self, item: tuple[float, float, str, int]) -> bool:
        """Whether it stands outside the frame: the rules say nothing of its place."""
        uprights = [r.points for r in self.base.rules if r.points[0] == r.points[2]]
        return not any(min(p[1], p[3]) < item[0] < max(p[1], p[3]) for p in uprights)

    def _set_row(
        self,
        row: list[tuple[float, float, str, int]],
        captions: dict[int, Caption],
        leaders: dict[int, Leader],
    ) -> None:
        follows = False
        gap = cursor = 0.0
        own = float(self.rng.uniform(-1, 1))
        for place, (_, x, kind, k) in enumerate(row):
            after = row[place + 1][1] if place + 1 < len(row) else None
            if kind == "caption":
                old = self.base.captions[k]
                text = old.text
                if text in WORDINGS and self.rng.random() < self.style.wordings:
                    text = WORDINGS[text]
                face = "bold" if old.bold else "italic" if old.italic else "regular"
                font = ImageFont.truetype(str(_FONTS / f"form-{self.style.family}-{face}.ttf"), 100)
                width = font.getlength(text) / 110.7 * old.box[3] * self.style.width
                if text == "-":
                    width = old.box[2]
                centred = len(row) == 1 and len(self.bounds) > 6
                left = self.x(x)
                if centred:
                    left = self.x(x + old.box[2] / 2) - width / 2
                elif place:
                    free = self.style.most_mm * float(self.rng.uniform(-0.7, 0.7))
                    left = max(left + free, cursor + 1.5)
                elif len(row) == 1:
                    left += 0.4 * self.style.most_mm * own
                limit = self.base.page.width - 4 - width
                left = float(np.clip(left, 3, limit))
                box = (left, self.y(old.box[1] + 3.8) - 3.8, width, old.box[3])
                captions[k] = old.model_copy(update={"text": text, "box": box})
                cursor, gap, follows = left + width, x + old.box[2], True
                continue
            old_leader = self.base.leaders[k]
            start = self.x(old_leader.x1)
            if follows and old_leader.x1 - gap < 3:
                start = cursor + old_leader.x1 - gap
            end = self.x(old_leader.x2)
            if after is not None:
                # what comes after is put behind this leader: keep a blank that can be written on
                end = end + self.style.most_mm * float(self.rng.uniform(-0.6, 0.6))
            if end - start < 12:
                end = start + min(12.0, old_leader.x2 - old_leader.x1)
            leaders[k] = old_leader.model_copy(
                update={"x1": start, "x2": end, "y": self.y(old_leader.y)}
            )
            cursor, gap, follows = end, old_leader.x2, False

    def _field_box(self, box: tuple[float, ...], leaders: dict[int, Leader]):
        x, y, width, height = box
        for k, old in enumerate(self.base.leaders):
            below = old.y - (y + height)
            overlap = min(x + width, old.x2) - max(x, old.x1)
            if -3 < below < 1.5 and overlap > 0.6 * width:
                new = leaders[k]
                stretch = (new.x2 - new.x1) / (old.x2 - old.x1)
                left = new.x1 + (x - old.x1) * (stretch if abs(x - old.x1) > 3 else 1)
                right = new.x2 + (x + width - old.x2) * (
                    stretch if abs(x + width - old.x2) > 3 else 1
                )
                return left, new.y - (old.y - y), right - left, height
        return self._free_box(box)

    def _free_box(self, box: tuple[float, ...]):
        x, y, width, height = box
        middle = self.x(x + width / 2)
        return middle - width / 2, self.y(y + height / 2) - height / 2, width, height


def draw_print(house: Layout, style: HouseStyle, dpi: float) -> np.ndarray:
    """The empty form of the house, uint8 grey."""
    over = 2
    scale = dpi * over / 25.4
    size = (round(house.page.width * scale), round(house.page.height * scale))
    paper = Image.new("L", size, 255)
    draw = ImageDraw.Draw(paper)
    tone = round(255 * (1 - style.darkness))
    for offset, scope in [((0.0, 0.0), "page")] + [(o, "record") for o in house.records.offsets]:
        for rule in house.rules:
            if rule.scope == scope:
                points = [((v + offset[k % 2]) * scale) for k, v in enumerate(rule.points)]
                draw.line(points, tone, max(1, round(rule.thickness * scale)))
        for leader in house.leaders:
            if leader.scope == scope:
                _draw_dots(draw, leader, offset, scale, tone, style.dots_mm)
        for caption in house.captions:
            if caption.scope == scope:
                _draw_words(paper, caption, offset, scale, tone, style)
        for field in house.fields:
            for option in field.options if field.scope == scope else ():
                x, y, w, h = record_box(option.box, offset)
                corners = [x * scale, y * scale, (x + w) * scale, (y + h) * scale]
                draw.rectangle(corners, outline=tone, width=round(0.3 * scale))
    small = paper.resize((size[0] // over, size[1] // over), Image.Resampling.BOX)
    return np.asarray(small)


def _draw_dots(draw, leader, offset, scale, tone, pitch) -> None:
    x, end, y = leader.x1 + offset[0], leader.x2 + offset[0], leader.y + offset[1]
    while x < end:
        if pitch:
            r = 0.22
            draw.ellipse(
                [(x - r) * scale, (y - r) * scale, (x + r) * scale, (y + r) * scale], fill=tone
            )
            x += pitch
        else:
            draw.line(
                [x * scale, y * scale, min(x + 1.4, end) * scale, y * scale],
                tone,
                max(1, round(0.25 * scale)),
            )
            x += 2.1


def _draw_words(paper, caption, offset, scale, tone, style) -> None:
    x, y, width, height = record_box(caption.box, offset)
    face = "bold" if caption.bold else "italic" if caption.italic else "regular"
    font = ImageFont.truetype(
        str(_FONTS / f"form-{style.family}-{face}.ttf"), height / 1.107 * scale
    )
    natural = max(round(font.getlength(caption.text)), 1)
    words = Image.new("L", (natural + 4, round(height * scale * 1.3)), 0)
    ImageDraw.Draw(words).text((1, height * 0.805 * scale), caption.text, 255, font, anchor="ls")
    words = words.resize((max(1, round(width * scale)), words.height))
    paper.paste(tone, (round(x * scale), round(y * scale)), words)


@dataclass(frozen=True)
class HousePage:
    """A page of the house that was written on and scanned.

    Attributes:
        gray: (H, W) uint8.
        labels: (H, W) uint16; which line of writing inked a pixel, 0 none; see `lines`.
        lines: field code, record and line of each label, from 1.
        to_page: (2, 3) mm of the house's form to pixels.
    """

    gray: np.ndarray
    labels: np.ndarray
    lines: list[tuple[str, int, int]]
    to_page: np.ndarray

    @property
    def pixels(self) -> np.ndarray:
        return np.dstack([self.gray] * 3)


def flat_house_page(house: Layout, style: HouseStyle, seed: int, dpi: float = 150) -> HousePage:
    """The same page after it was straightened, as it comes to the layouts."""
    page = house_page(house, style, seed, dpi)
    flat = flatten(PageImage(page.pixels, dpi=dpi))
    matrix = np.linalg.inv(flat.to_original)
    size = (flat.gray.shape[1], flat.gray.shape[0])
    labels = cv2.warpPerspective(page.labels, matrix, size, flags=cv2.INTER_NEAREST)
    whole = matrix @ np.vstack([page.to_page, [0, 0, 1]])
    return HousePage(flat.gray, labels, page.lines, (whole / whole[2, 2])[:2])


def house_page(
    house: Layout, style: HouseStyle, seed: int, dpi: float = 150, empty: float = 0.15
) -> HousePage:
    """A page as scanned: written on, a little askew, with noise."""
    rng = np.random.default_rng([seed, 7])
    form = draw_print(house, style, dpi)
    scale = dpi / 25.4
    labels = np.zeros(form.shape, np.uint16)
    ink = np.zeros(form.shape, np.uint8)
    lines: list[tuple[str, int, int]] = []
    for field in house.fields:
        offsets = house.records.offsets if field.scope == "record" else ((0.0, 0.0),)
        for record, offset in enumerate(offsets, 1):
            for number, box in enumerate(field.lines):
                if rng.random() < empty:
                    continue
                lines.append((field.code, record, number))
                written = _writing(record_box(box, offset), scale, form.shape, rng)
                labels[written > 90] = len(lines)
                np.maximum(ink, written, out=ink)
    # A pen lets print through: both together are darker than each.
    pen = 255 - ink * rng.uniform(0.65, 0.85)
    grey = np.round(form * (pen / 255)).astype(np.uint8)
    middle = (form.shape[1] / 2, form.shape[0] / 2)
    turn = cv2.getRotationMatrix2D(middle, rng.uniform(-0.3, 0.3), rng.uniform(0.985, 1.01))
    turn[:, 2] += rng.uniform(-2.5, 2.5, 2) * scale
    size = (form.shape[1], form.shape[0])
    grey = cv2.warpAffine(grey, turn, size, flags=cv2.INTER_LINEAR, borderValue=255)
    labels = cv2.warpAffine(labels, turn, size, flags=cv2.INTER_NEAREST)
    noisy = cv2.GaussianBlur(grey, (0, 0), 0.5) * 0.95 + rng.normal(0, 4, grey.shape)
    gray = np.clip(noisy, 0, 255).astype(np.uint8)
    to_page = turn.copy()
    to_page[:, :2] *= scale
    return HousePage(gray, labels, lines, to_page)


def _writing(box, scale, shape, rng) -> np.ndarray:
    x, y, width, height = box
    layer = Image.new("L", (shape[1], shape[0]), 0)
    size = rng.uniform(3.6, 4.8) * scale
    font = ImageFont.truetype(str(_FONTS / "form-serif-italic.ttf"), size)
    text = ""
    wanted = width * scale * rng.uniform(0.4, 0.9)
    while font.getlength(text) < wanted:
        longer = f"{text} {rng.choice(WRITTEN)}".strip()
        if text and font.getlength(longer) > width * scale:
            break
        text = longer
    base = (y + height - 1.6 + rng.uniform(-0.9, 0.3)) * scale
    left = (x + rng.uniform(0.3, max(0.4, 0.1 * width))) * scale
    ImageDraw.Draw(layer).text((left, base), text, 255, font, anchor="ls")
    return np.asarray(layer)


def share_lost(page: HousePage, loaded, registration) -> dict[tuple[str, int, int], float]:
    """Of each line of writing, the share (0-1) of its ink that its crop has not got."""
    scale, half = 200 / 25.4, 0.5 * 25.4 / loaded.layout.reference_dpi
    size = loaded.layout.page
    places = [(np.arange(round(v * scale)) + 0.5) / scale - half for v in (size.width, size.height)]
    labels = cv2.remap(page.labels, *registration.mesh.grid(*places), cv2.INTER_NEAREST)
    amount = np.bincount(labels.ravel(), minlength=len(page.lines) + 1)
    records = cut(page, loaded, registration)
    lost = {}
    for number, (code, record, line) in enumerate(page.lines, 1):
        crop = records[record - 1].fields[code]
        if line >= len(crop.corners):  # a cell taken for one without lines: this one is not read
            lost[code, record, line] = 1.0
            continue
        x, y = (round((v + half) * scale - 0.5) for v in crop.corners[line])
        x, y = max(x, 0), max(y, 0)
        inked = cv2.erode(crop.lines[line], np.ones((3, 3), np.uint8)) < 200
        part = labels[y : y + inked.shape[0], x : x + inked.shape[1]] == number
        kept = (part & inked[: part.shape[0], : part.shape[1]]).sum()
        lost[code, record, line] = 1 - kept / max(int(amount[number]), 1)
    return lost


def write_death_book(folder: Path, seed: int = 13, pages: int = 6) -> None:
    """A book of deaths that another house printed, as JPEG files `1.jpg` and so on."""
    base = next(one.layout for one in load_layouts() if one.layout.id == "KT-2016")
    style = house_style(seed)
    house = other_house(base, seed, style)
    folder.mkdir(parents=True)
    for number in range(1, pages + 1):
        page = house_page(house, style, 100 * seed + number)
        (folder / f"{number}.jpg").write_bytes(cv2.imencode(".jpg", page.gray)[1].tobytes())
