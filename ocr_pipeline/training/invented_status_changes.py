"""What changes the status of invented people: adoptions, guardianships, their ends, corrections."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.training.clerk_habits import BLANK, WrittenValue
from ocr_pipeline.training.invented_events import Fields, RegistryOffice
from ocr_pipeline.training.invented_people import FEMALE, MALE, Person, pick

_INSTITUTIONS = ("Trung tâm Bảo trợ xã hội {province}", "Làng trẻ em SOS {province}")
_ENDS = (
    "Người được giám hộ đã đủ 18 tuổi",
    "Người giám hộ chết ngày {date}",
    "Cha, mẹ đã có đủ điều kiện để thực hiện quyền, nghĩa vụ của mình",
    "Người được giám hộ được nhận làm con nuôi",
)
_MIDDLE_NAMES = ("Văn", "Thị", "Ngọc", "Thanh", "Minh")


def adoption(desk: RegistryOffice, day: date) -> Fields:
    """CN: a small child, given by its parents or by an institution, to a couple or one person."""
    rng, clerk, society = desk.rng, desk.clerk, desk.society
    age = float(rng.exponential(3)) + 0.2
    family = society.family(day - timedelta(int(age * 365.25)), desk.commune)
    wife = _grown_up(desk, day, FEMALE, float(rng.uniform(28, 48)))
    husband = None
    if rng.random() < 0.8:
        husband = _grown_up(desk, day, MALE, float(rng.uniform(30, 52)), wife.group)
    orphan = rng.random() < 0.25
    fields = desk.person("cn", family.child, day, main=True, paper=False)
    fields |= desk.person("chaNuoi", husband, day)
    fields |= desk.person("meNuoi", wife, day)
    fields |= desk.person("ongGiao", None if orphan else family.father, day)
    fields |= desk.person("baGiao", None if orphan else family.mother, day)
    head = _grown_up(desk, day, pick(rng, [MALE, FEMALE]), 48.0)
    institution = desk.somewhere(pick(rng, _INSTITUTIONS))
    return fields | {
        "loaiDangKy": BLANK,
        "bgQuanHe": BLANK if orphan else clerk.text("Cha, mẹ đẻ", FieldKind.RELATION),
        "csndTen": clerk.text(institution) if orphan else BLANK,
        "csndDaiDien": clerk.name(head) if orphan else BLANK,
        "csndChucVuDaiDien": clerk.text("Giám đốc", FieldKind.POSITION) if orphan else BLANK,
        "quyetDinhSo": clerk.text(f"{rng.integers(1, 60):02d}/{day.year}"),
        "quyetDinhNgay": clerk.date(day),
    }


def guardianship(desk: RegistryOffice, day: date) -> Fields:
    """GH: a child without parents, mostly in the care of a grandparent or an aunt."""
    guardian, ward = _guardian_and_ward(desk, day)
    by_law = desk.rng.random() < 0.6
    return _pair(desk, guardian, ward, day) | {
        "loaiDangKy": BLANK,
        "loaiGiamHo": WrittenValue("x", "2" if by_law else "1"),
        "nycQuanHe": desk.clerk.text("Người giám hộ", FieldKind.RELATION),
    }


def end_of_guardianship(desk: RegistryOffice, day: date) -> Fields:
    """CDGH: some years after the guardianship began."""
    rng, clerk = desk.rng, desk.clerk
    guardian, ward = _guardian_and_ward(desk, day)
    began = max(day - timedelta(int(rng.uniform(200, 3000))), ward.birth + timedelta(30))
    reason = pick(rng, _ENDS).format(date=clerk.date(day - timedelta(20)).as_written)
    return _pair(desk, guardian, ward, day) | {
        "loaiDangKy": BLANK,
        "loaiGiamHo": WrittenValue("x", pick(rng, ["1", "2"])),
        "giamHoSo": clerk.text(f"{rng.integers(1, 20):02d}/{began.year}"),
        "giamHoNgay": clerk.date(began),
        "lyDoChamDut": clerk.text(reason),
    }


def change(desk: RegistryOffice, day: date) -> Fields:
    """TD: a name or a date of birth corrected, an ethnic group determined anew."""
    rng, clerk, society = desk.rng, desk.clerk, desk.society
    sex = pick(rng, [MALE, FEMALE])
    person = _grown_up(desk, day, sex, float(rng.uniform(15, 60)))
    kind = pick(rng, ["1", "2", "2", "3", "4"])
    before, after = _change_of(person, kind, rng)
    issued = min(person.birth + timedelta(int(rng.integers(5, 400))), day)
    fields = desk.person("ntd", person, day, main=True) | desk.person("nyc", person, day)
    return fields | {
        "loaiDangKy": BLANK,
        "loaiThayDoi": WrittenValue("x", kind),
        "gthtTen": clerk.text("Giấy khai sinh"),
        "gthtSo": clerk.text(f"{rng.integers(1, 200):02d}/{issued.year}"),
        "gthtNgayCap": clerk.date(issued),
        "gthtNoiCap": desk.agency(),
        "thayDoiTu": clerk.text(before) if before else BLANK,
        "thayDoiThanh": clerk.text(after),
        "noiDangKy": desk.agency(),
        "nycQuanHe": clerk.text("Bản thân", FieldKind.RELATION),
        "ntdNoiSinh": clerk.place(society.place(desk.commune)),
    }


def _change_of(person: Person, kind: str, rng: np.random.Generator) -> tuple[str, str]:
    """What stood there before and what stands there now, as clerks word it."""
    given = person.rest.split()[-1]
    other = replace(person, rest=f"{pick(rng, _MIDDLE_NAMES)} {given}")
    if kind == "1":
        return f"họ tên {other.name}", f"họ tên {person.name}"
    if kind == "2":
        wrong = person.birth - timedelta(int(rng.integers(20, 600)))
        return f"ngày sinh {wrong:%d/%m/%Y}", f"ngày sinh {person.birth:%d/%m/%Y}"
    if kind == "3":
        return "", f"bổ sung dân tộc {person.group}"
    return "dân tộc Kinh", f"dân tộc {person.group}"


def _guardian_and_ward(desk: RegistryOffice, day: date) -> tuple[Person, Person]:
    rng = desk.rng
    age = float(rng.uniform(1, 17))
    family = desk.society.family(day - timedelta(int(age * 365.25)), desk.commune)
    older = age + float(rng.uniform(22, 55))
    guardian = _grown_up(desk, day, pick(rng, [MALE, FEMALE]), older, family.child.group)
    return guardian, family.child


def _pair(desk: RegistryOffice, guardian: Person, ward: Person, day: date) -> Fields:
    fields = desk.person("gh", guardian, day, main=True)
    fields |= desk.person("dgh", ward, day, main=True, paper=False)
    return fields | desk.person("nyc", guardian, day)


def _grown_up(desk: RegistryOffice, day: date, sex: str, years: float, group: str = "") -> Person:
    """Someone of that age whose day of birth is known."""
    born = day - timedelta(int(years * 365.25))
    return replace(desk.society.person(sex, born, desk.commune, group), birth_precision=3)
