"""Clean rows of invented people, and records made of them as a recogniser leaves them."""

import random

from ocr_pipeline.registers.fields import Candidate, Field, Record, Script
from tests.builders.records import kind_of, make_record

HOME = "xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre"

CLEAN = {
    "KS": {
        "so": "12/2018",
        "quyenSo": "01/2018",
        "trangSo": "12",
        "ngayDangKy": "05.07.2018",
        "loaiDangKy": "1",
        "noiDangKy": "Ủy ban nhân dân " + HOME,
        "nguoiKy": "Lê Văn Tám",
        "nksHoTen": "Nguyễn Văn An",
        "nksGioiTinh": "1",
        "nksNgaySinh": "01.07.2018",
        "nksNgaySinhBangChu": "Ngày Một Tháng Bảy Năm Hai Nghìn Không Trăm Mười Tám",
        "nksNoiSinh": "Trạm y tế xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre",
        "nksQueQuan": HOME,
        "nksDanToc": "Kinh",
        "nksQuocTich": "Việt Nam",
        "nksLoaiKhaiSinh": "1",
        "meHoTen": "Trần Thị Bé",
        "meNgaySinh": "1990",
        "meDanToc": "Kinh",
        "meQuocTich": "Việt Nam",
        "meNoiCuTru": HOME,
        "meLoaiGiayToTuyThan": "4",
        "meSoGiayToTuyThan": "083190001234",
        "chaHoTen": "Nguyễn Văn Ba",
        "chaNgaySinh": "1988",
        "nycHoTen": "Trần Thị Bé",
        "nycQuanHe": "Mẹ",
    },
    "KH": {
        "so": "02/2018",
        "quyenSo": "01/2018",
        "trangSo": "2",
        "ngayDangKy": "05.07.2018",
        "loaiDangKy": "1",
        "noiDangKy": "Ủy ban nhân dân " + HOME,
        "nguoiKy": "Lê Văn Tám",
        "chongHoTen": "Nguyễn Văn Ba",
        "chongNgaySinh": "05.07.1990",
        "chongLoaiGiayToTuyThan": "1",
        "chongSoGiayToTuyThan": "321456789",
        "chongNgayCapGiayToTuyThan": "01.08.2008",
        "voHoTen": "Trần Thị Bé",
        "voNgaySinh": "05.07.2000",
    },
    "KT": {
        "so": "02/2018",
        "quyenSo": "01/2018",
        "trangSo": "2",
        "ngayDangKy": "05.07.2018",
        "loaiDangKy": "1",
        "noiDangKy": "Ủy ban nhân dân " + HOME,
        "nguoiKy": "Lê Văn Tám",
        "nktHoTen": "Nguyễn Văn Ba",
        "nktGioiTinh": "1",
        "nktNgaySinh": "1940",
        "nktNgayChet": "04.07.2018",
        "nktNgayChetGhiBangChu": "Ngày Bốn Tháng Bảy Năm Hai Nghìn Không Trăm Mười Tám",
    },
    "CMC": {
        "so": "02/2018",
        "quyenSo": "01/2018",
        "trangSo": "2",
        "ngayDangKy": "05.07.2018",
        "loaiDangKy": "1",
        "loaiXacNhan": "1",
        "noiDangKy": "Ủy ban nhân dân " + HOME,
        "nguoiKy": "Lê Văn Tám",
        "cmHoTen": "Nguyễn Văn Ba",
        "cmGioiTinh": "1",
        "cmNgaySinh": "1980",
        "ncHoTen": "Nguyễn Thị Hoa",
        "ncNgaySinh": "2010",
    },
}


def read(code: str, *candidates: tuple[str, float], type: str = "KS", **more) -> Field:
    """A field as the reader leaves it: candidates (value, probability), best first."""
    kind = kind_of(code, type)
    if not candidates or not candidates[0][0]:
        sure = candidates[0][1] if candidates else 0.999
        return Field(code, kind, script=Script.BLANK, confidence=sure)
    n_best = tuple(Candidate(value, value, p) for value, p in candidates)
    first = n_best[0]
    return Field(code, kind, first.text, first.value, first.probability, n_best=n_best, **more)


def sure_record(
    values: dict[str, str], type: str = "KS", page: str = "p", **fields: Field
) -> Record:
    """A record read without any uncertainty, but for the fields given."""
    own = {code: read(code, (value, 0.9999), type=type) for code, value in values.items()}
    return make_record(page, {**own, **fields}.values(), layout=f"{type}-2016")


def numbered(count: int, **fields: list[Field]) -> list[Record]:
    """Births numbered 1, 2, 3 … on pages 1, 2, 3 …; `fields` replace one code in each record."""
    out = []
    for i in range(count):
        values = {**CLEAN["KS"], "so": f"{i + 1:02d}/2018", "trangSo": str(i + 1)}
        own = {code: by_record[i] for code, by_record in fields.items()}
        out.append(sure_record(values, page=f"p{i:04d}", **own))
    return out


def noisy(
    rng: random.Random, code: str, truth: str, wrong: str, *, listed: float = 0.8, type: str = "KS"
) -> Field:
    """A calibrated reading: the first candidate is right as often as its probability says."""
    p = min(max(rng.betavariate(8, 1), 0.3), 0.995)
    right = rng.random() < p
    first, second = (truth, wrong) if right else (wrong, truth)
    if not right and rng.random() > listed:
        second = wrong + "?"
    return read(code, (first, p), (second, (1 - p) * listed), type=type)
