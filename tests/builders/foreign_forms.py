"""Forms of printing houses that no layout and no generator of the project knows.

Drawn with Pillow and the fonts that matplotlib brings, by code of its own: other wordings, other
measures, leaders made of full stops, dashes or thin lines.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

DPI = 200
PX = DPI / 25.4
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
LINE_MM = 6.2  # from the top of a blank to the line that is written on
BoxMm = tuple[float, float, float, float]

PEOPLE = (
    "Trương Thị Mai Lan|Huỳnh Văn Sáu|Lý Ngọc Bích Thủy|Phan Thanh Hùng|Đoàn Văn Lợi|Võ Thị Út"
).split("|")
PLACES = "ấp Tân Hòa, xã Lộc Thuận|thôn Đông, xã An Thạnh|tổ 4, thị trấn Bình Đại".split("|")


@dataclass
class Blank:
    """A blank of the drawn form: its column, and one box a line of writing, in mm.

    A `cell` of a table has no lines of its own: its one box holds any number of them.
    """

    code: str
    lines: list[BoxMm]
    cell: bool = False


@dataclass
class ForeignForm:
    """An empty form and the truth about it; `captions` are printed words with their boxes.

    `rows` is how far below the first record each record of a table stands, in mm; `rules` are the
    ends (x1, y1, x2, y2) of the rules of a plain table.
    """

    type: str
    size: tuple[float, float]
    picture: Image.Image
    blanks: list[Blank] = field(default_factory=list)
    captions: list[tuple[str, BoxMm]] = field(default_factory=list)
    rows: tuple[float, ...] = (0.0,)
    rules: list[BoxMm] = field(default_factory=list)


class Printer:
    """Sets captions and leaders on a sheet."""

    def __init__(
        self, type: str, size: tuple[float, float], face: str, em: float, leader: str
    ) -> None:
        pixels = (round(size[0] * PX), round(size[1] * PX))
        self.form = ForeignForm(type, size, Image.new("L", pixels, 255))
        self.draw = ImageDraw.Draw(self.form.picture)
        self.face, self.em, self.leader = face, em, leader

    def words(self, x: float, y: float, text: str, scale: float = 1.0) -> float:
        """Words with their base line at y; gives their right end."""
        font = ImageFont.truetype(str(FONTS / f"{self.face}.ttf"), round(self.em * scale * PX))
        self.draw.text((x * PX, y * PX), text, 25, font, anchor="ls")
        left, top, right, bottom = font.getbbox(text, anchor="ls")
        box = (x + left / PX, y + top / PX, (right - left) / PX, (bottom - top) / PX)
        self.form.captions.append((text, box))
        return x + font.getlength(text) / PX

    def line(self, x1: float, x2: float, y: float) -> None:
        """A leader."""
        if self.leader == "line":
            self.draw.line((x1 * PX, y * PX, x2 * PX, y * PX), 60, 2)
        elif self.leader == "dashes":
            for x in np.arange(x1, x2 - 1.5, 2.5):
                self.draw.line((x * PX, y * PX, (x + 1.4) * PX, y * PX), 40, 2)
        elif self.leader == "stops":
            font = ImageFont.truetype(str(FONTS / f"{self.face}.ttf"), round(self.em * PX))
            count = int((x2 - x1) * PX / font.getlength("."))
            self.draw.text((x1 * PX, y * PX), "." * count, 40, font, anchor="ls")

    def row(self, y: float, parts: list[tuple[str, str]], x: float, x2: float) -> None:
        """Captions with blanks that share the row; an equal code is a further part of its field."""
        font = ImageFont.truetype(str(FONTS / f"{self.face}.ttf"), round(self.em * PX))
        taken = sum(font.getlength(text) / PX + 3 for text, _ in parts)
        each = (x2 - x - taken) / max(sum(bool(code) for _, code in parts), 1)
        for text, code in parts:
            x = self.words(x, y, text) + 1.0
            if code:
                self.blank(code, x, x + each, y)
                x += each + 2.0

    def blank(self, code: str, x1: float, x2: float, y: float) -> None:
        """A line to write on."""
        self.line(x1, x2, y)
        box = (x1, y - LINE_MM, x2 - x1, 7.6)
        for known in self.form.blanks:
            if known.code == code:
                known.lines.append(box)
                return
        self.form.blanks.append(Blank(code, [box]))

    def more(self, code: str, x1: float, x2: float, y: float) -> None:
        """A further line of a blank."""
        self.blank(code, x1, x2, y)


def birth_form() -> ForeignForm:
    """A birth register of an old printing house: other wordings, leaders of full stops."""
    p = Printer("KS", (210, 297), "DejaVuSerif", 4.1, "stops")
    p.words(66, 22, "SỔ ĐĂNG KÝ KHAI SINH", 1.5)
    p.row(34, [("Số hiệu:", "so"), ("Quyển số:", "quyenSo")], 25, 190)
    p.words(25, 46, "Phần khai về trẻ em", 1.1)
    p.row(56, [("Tên họ:", "nksHoTen"), ("Nam hay nữ:", "nksGioiTinh")], 25, 190)
    p.row(66.5, [("Sinh ngày", "nksNgaySinh"), ("tháng", "nksNgaySinh"), ("năm", "nksNgaySinh")],
          25, 190)  # fmt: skip
    p.row(77, [("Viết bằng chữ:", "nksNgaySinhBangChu")], 25, 190)
    p.row(87.5, [("Sinh tại:", "nksNoiSinh")], 25, 190)
    p.more("nksNoiSinh", 25, 190, 98)
    p.row(108.5, [("Dân tộc:", "nksDanToc"), ("Quốc tịch:", "nksQuocTich")], 25, 190)
    p.row(119, [("Nguyên quán:", "nksQueQuan")], 25, 190)
    p.row(132, [("Họ tên cha:", "chaHoTen"), ("Năm sinh:", "chaNgaySinh")], 25, 190)
    p.row(142.5, [("Dân tộc:", "chaDanToc"), ("Quốc tịch:", "chaQuocTich")], 25, 190)
    p.row(153, [("Trú quán:", "chaNoiCuTru")], 25, 190)
    p.row(166, [("Họ tên mẹ:", "meHoTen"), ("Năm sinh:", "meNgaySinh")], 25, 190)
    p.row(176.5, [("Dân tộc:", "meDanToc"), ("Quốc tịch:", "meQuocTich")], 25, 190)
    p.row(187, [("Trú quán:", "meNoiCuTru")], 25, 190)
    p.row(200, [("Họ tên người đứng khai:", "nycHoTen")], 25, 190)
    p.row(210.5, [("Quan hệ với đứa trẻ:", "nycQuanHe")], 25, 190)
    p.row(221, [("Vào sổ ngày", "ngayDangKy"), ("tháng", "ngayDangKy"), ("năm", "ngayDangKy")],
          25, 190)  # fmt: skip
    p.row(231.5, [("Người ký:", "nguoiKy"), ("Chức vụ:", "chucVuNguoiKy")], 25, 190)
    p.words(35, 246, "Người đứng khai")
    p.words(125, 246, "Cán bộ hộ tịch")
    p.blank("nguoiThucHien", 112, 176, 270)
    p.row(281, [("Ghi chú:", "ghiChu")], 25, 190)
    return p.form


def death_form() -> ForeignForm:
    """A death register with dashes to write on, in letters without serifs."""
    p = Printer("KT", (210, 297), "DejaVuSans", 3.6, "dashes")
    p.words(70, 20, "SỔ KHAI TỬ", 1.6)
    p.row(33, [("Số:", "so"), ("Trang:", "trangSo"), ("Ngày đăng ký:", "ngayDangKy")], 18, 195)
    p.draw.line((18 * PX, 38 * PX, 195 * PX, 38 * PX), 30, 3)
    p.words(18, 48, "I. Người chết", 1.1)
    p.row(59, [("Họ và tên:", "nktHoTen"), ("Giới tính:", "nktGioiTinh")], 18, 195)
    p.row(68, [("Ngày sinh:", "nktNgaySinh"), ("Dân tộc:", "nktDanToc"),
               ("Quốc tịch:", "nktQuocTich")], 18, 195)  # fmt: skip
    p.row(77, [("Chỗ ở:", "nktNoiCuTru")], 18, 195)
    p.more("nktNoiCuTru", 18, 195, 86)
    p.row(95, [("Số CMND:", "nktGiayTo")], 18, 195)
    p.row(104, [("Chết ngày:", "nktNgayChet"), ("Chết tại:", "nktNoiChet")], 18, 195)
    p.row(113, [("Nguyên nhân:", "nktNguyenNhanChet")], 18, 195)
    p.row(122, [("Giấy báo tử số:", "gbtSo"), ("Cấp ngày:", "gbtNgay")], 18, 195)
    p.draw.line((18 * PX, 128 * PX, 195 * PX, 128 * PX), 30, 3)
    p.words(18, 138, "II. Người đi khai", 1.1)
    p.row(149, [("Họ và tên:", "nycHoTen")], 18, 195)
    p.row(158, [("Quan hệ với người chết:", "nycQuanHe")], 18, 195)
    p.row(167, [("Số CMND:", "nycGiayTo"), ("nơi cấp:", "nycNoiCapGiayToTuyThan")], 18, 195)
    p.draw.line((18 * PX, 173 * PX, 195 * PX, 173 * PX), 30, 3)
    p.row(186, [("Họ và tên người ký:", "nguoiKy"), ("Chức danh:", "chucVuNguoiKy")], 18, 195)
    p.row(195, [("Hộ tịch viên:", "nguoiThucHien")], 18, 195)
    p.row(208, [("Chú thích:", "ghiChu")], 18, 195)
    for y in (218, 228, 238):
        p.more("ghiChu", 18, 195, y)
    return p.form


def marriage_form() -> ForeignForm:
    """A marriage register: the two sides in columns with thin lines to write on."""
    p = Printer("KH", (210, 297), "DejaVuSerif", 3.8, "line")
    p.words(62, 20, "SỔ ĐĂNG KÝ KẾT HÔN", 1.5)
    p.row(34, [("Số:", "so"), ("Quyển số:", "quyenSo"), ("Ngày vào sổ:", "ngayDangKy")], 15, 198)
    p.words(48, 47, "BÊN NAM", 1.2)
    p.words(142, 47, "BÊN NỮ", 1.2)
    p.draw.line((106 * PX, 41 * PX, 106 * PX, 140 * PX), 30, 3)
    for left, right, who in ((15, 102, "chong"), (111, 198, "vo")):
        p.row(59, [("Họ và tên:", f"{who}HoTen")], left, right)
        p.row(70, [("Ngày sinh:", f"{who}NgaySinh")], left, right)
        p.row(81, [("Dân tộc:", f"{who}DanToc")], left, right)
        p.row(92, [("Quốc tịch:", f"{who}QuocTich")], left, right)
        p.row(103, [("Nơi ở:", f"{who}NoiCuTru")], left, right)
        p.more(f"{who}NoiCuTru", left, right, 114)
        p.row(125, [("Số CMND:", f"{who}GiayTo")], left, right)
    p.row(154, [("Họ tên người ký:", "nguoiKy"), ("Chức vụ:", "chucVuNguoiKy")], 15, 198)
    p.row(165, [("Cán bộ hộ tịch:", "nguoiThucHien")], 15, 198)
    p.words(38, 180, "Chồng")
    p.words(140, 180, "Vợ")
    p.row(220, [("Ghi chú:", "ghiChu")], 15, 198)
    p.more("ghiChu", 15, 198, 232)
    return p.form


def filled(form: ForeignForm, seed: int) -> tuple[Image.Image, dict[tuple[str, int], np.ndarray]]:
    """A page of the form with writing; ink (H, W) bool of each line of the first record."""
    rng = np.random.default_rng(seed)
    page = form.picture.copy()
    ink = {}
    places = [
        (blank, number, row, (x, y + dy, width, height))
        for row, dy in enumerate(form.rows)
        for blank in form.blanks
        for number, (x, y, width, height) in enumerate(blank.lines)
    ]
    for blank, number, row, (x, y, width, height) in places:
        if number and rng.random() < 0.4:
            continue
        size = round(rng.uniform(3.6, 4.8) * PX)
        font = ImageFont.truetype(str(FONTS / "DejaVuSerif-Italic.ttf"), size)
        text = _entry(blank.code, width, rng)
        while len(text) > 1 and font.getlength(text) > (width - 1) * PX:
            text = text[:-1]
        alone = Image.new("L", page.size, 255)
        base = y + min(height, 7.6) - 1.4 - rng.uniform(0.2, 1.2)
        at = ((x + rng.uniform(0.3, 1.5)) * PX, base * PX)
        ImageDraw.Draw(alone).text(at, text, int(rng.integers(40, 100)), font, anchor="ls")
        if row == 0:
            ink[blank.code, number] = np.asarray(alone) < 150
        page = Image.fromarray(np.minimum(np.asarray(page), np.asarray(alone)))
    return page, ink


def _entry(code: str, width: float, rng: np.random.Generator) -> str:
    if width < 26 or "Ngay" in code or code in {"so", "quyenSo", "trangSo"}:
        return str(rng.integers(1, 99))
    if code.endswith(("HoTen", "nguoiKy", "nguoiThucHien")):
        return str(rng.choice(PEOPLE))
    if "DanToc" in code:
        return "Kinh"
    if "QuocTich" in code:
        return "Việt Nam"
    return str(rng.choice(PLACES))


def scanned(page: Image.Image, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The page as a flatbed gives it, (H, W) uint8, and the map (2, 3) from form to scan pixels."""
    rng = np.random.default_rng(seed)
    width, height = page.size
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-0.4, 0.4), 1.0)
    turn[0, 0] *= rng.uniform(0.996, 1.004)
    turn[:, 2] += rng.uniform(-12, 12, 2)
    flat = cv2.warpAffine(np.asarray(page), turn, (width, height), borderValue=255)
    noisy = cv2.GaussianBlur(flat, (0, 0), 0.6) * 0.94 + rng.normal(0, 4, flat.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8), turn


def newspaper(seed: int) -> np.ndarray:
    """A newspaper page, (H, W) uint8: three columns of running text with headlines and rules."""
    text = (
        "Hôm qua, Ủy ban nhân dân xã đã họp về việc đăng ký khai sinh cho trẻ em. Theo họ và tên "
        "trong danh sách, ngày tháng năm sinh của nhiều người còn ghi thiếu; nơi sinh và quê quán "
        "được ghi lại theo lời kể. Cán bộ hộ tịch cho biết số đăng ký năm nay tăng. Giá lúa ổn "
        "định, bà con phấn khởi chuẩn bị vụ mới. Trận bóng đá chiều qua kết thúc với tỉ số hòa. "
    ).split()
    rng = np.random.default_rng(seed)
    page = Image.new("L", (round(210 * PX), round(297 * PX)), 250)
    draw = ImageDraw.Draw(page)
    big = ImageFont.truetype(str(FONTS / "DejaVuSerif-Bold.ttf"), round(9 * PX))
    body = ImageFont.truetype(str(FONTS / "DejaVuSerif.ttf"), round(3.2 * PX))
    draw.text((20 * PX, 12 * PX), "TIN TRONG TỈNH", 20, big)
    draw.line((15 * PX, 26 * PX, 195 * PX, 26 * PX), 30, 3)
    for column in range(3):
        x, y = 15 + 62 * column, 32.0
        while y < 280:
            line = ""
            while body.getlength(line) < 52 * PX:
                line += str(rng.choice(text)) + " "
            draw.text((x * PX, y * PX), line.strip(), 35, body)
            y += 4.6
    return np.asarray(page)


def letter(seed: int) -> np.ndarray:
    """A typed letter, (H, W) uint8: date, greeting, paragraphs, a signature."""
    rng = np.random.default_rng(seed)
    page = Image.new("L", (round(210 * PX), round(297 * PX)), 252)
    draw = ImageDraw.Draw(page)
    font = ImageFont.truetype(str(FONTS / "DejaVuSans.ttf"), round(4 * PX))
    lines = [
        "Bình Đại, ngày 12 tháng 5 năm 1994",
        "Kính gửi: anh chị trong gia đình",
        "Đã lâu em không viết thư về nhà. Dạo này trời mưa nhiều,",
        "cháu đã đi học lớp hai, ngoan và chăm. Em sinh ngày mồng ba",
        "nên mẹ bảo giữ giấy tờ cẩn thận, khi nào về thì làm lại.",
        "Chúc cả nhà mạnh khỏe. Em sẽ về trước Tết.",
        "Người viết",
    ]
    for number, line in enumerate(lines):
        x = 110 if number in (0, 6) else 25
        draw.text((x * PX, (30 + 13 * number + rng.uniform(-1, 1)) * PX), line, 40, font)
    return np.asarray(page)


def blank_page(seed: int) -> np.ndarray:
    """An empty page, (H, W) uint8, with the grain of paper."""
    rng = np.random.default_rng(seed)
    return np.clip(rng.normal(240, 4, (2339, 1654)), 0, 255).astype(np.uint8)
