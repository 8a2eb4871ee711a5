"""What happens to invented people: births, deaths, marriages, recognitions, marital statuses."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.training.clerk_habits import BLANK, Clerk, WrittenValue, value_of
from ocr_pipeline.training.data_schema import WeightedText
from ocr_pipeline.training.invented_people import (
    FEMALE,
    MALE,
    Family,
    IdentityPaper,
    Person,
    Place,
    Society,
    personal_id,
    pick,
    society_data,
    years_before,
)

Fields = dict[str, WrittenValue]


@dataclass(frozen=True)
class RegistryOffice:
    """Where cases are written down: people around, clerk, commune, year of registration."""

    society: Society
    clerk: Clerk
    commune: Place
    year: int
    rng: np.random.Generator
    year_only: bool = False
    _papers: dict[Person, IdentityPaper] = field(default_factory=dict)

    def agency(self) -> WrittenValue:
        """The registering agency."""
        c = self.commune
        text = f"Ủy ban nhân dân {c.commune}, {c.district}, {c.province}"
        written = text.replace("Ủy ban nhân dân", "UBND") if self.rng.random() < 0.7 else text
        return WrittenValue(
            written, value_of(FieldKind.AGENCY, written, text), shorter=f"UBND {c.commune}"
        )

    def somewhere(self, template: str) -> str:
        """A place nearby, put into the template's braces."""
        c = self.society.place(self.commune, hamlet=True)
        units = {"hamlet": c.hamlet, "commune": c.commune, "district": c.district}
        return template.format(**units, province=c.province)

    def weighted(self, key: str) -> WeightedText:
        """One of the weighted entries under `key` of `society.yaml`."""
        entries: list[WeightedText] = self.society.options(key)
        return pick(self.rng, entries, [e.weight for e in entries])

    def person(
        self, prefix: str, person: Person | None, day: date, main: bool = False, paper: bool = True
    ) -> Fields:
        """All that the columns of one prefix can hold about a person on that day."""
        clerk = self.clerk
        shown = None
        if paper and person is not None and person.age(day) >= 16:
            shown = self._papers.setdefault(person, self.society.identity(person, day))
        fields = {
            "HoTen": clerk.name(person, main),
            "GioiTinh": clerk.sex(person) if person else BLANK,
            "NgaySinh": clerk.birth(person),
            "DanToc": clerk.group(person),
            "QuocTich": clerk.nationality(person),
            "NoiCuTru": clerk.place(person.residence if person else None),
            "QueQuan": clerk.place(person.home if person else None),
            "NoiSinh": clerk.place(person.home if person else None),
            "GiayTo": clerk.document(shown),
            "LoaiGiayToTuyThan": clerk.document_kind(shown),
            "SoGiayToTuyThan": clerk.document_number(shown),
            "NgayCapGiayToTuyThan": clerk.date(shown.issued if shown else None),
            "NoiCapGiayToTuyThan": clerk.text(shown.by, FieldKind.PLACE, short_authority(shown.by))
            if shown
            else BLANK,
        }
        return {prefix + column: writing for column, writing in fields.items()}


def birth(desk: RegistryOffice, day: date) -> Fields:
    """KS: mostly within 60 days, some late, a few adults registered again."""
    rng, clerk = desk.rng, desk.clerk
    roll = rng.random()
    kind, delay = "1", min(float(rng.gamma(2.0, 9.0)) + 2, 59)
    if roll > 0.96:
        kind, delay = "2", float(rng.uniform(20, 55)) * 365
    elif roll > 0.86:
        kind, delay = "4", 61 + float(rng.exponential(300))
    family = desk.society.family(day - timedelta(int(delay)), desk.commune)
    child, mother, father = family.child, family.mother, family.father
    informant, relation = _informant(desk, family, day)
    number = ""
    if desk.year >= 2016 and kind == "1" and rng.random() < 0.7:
        number = personal_id(desk.society.region.code, child, rng)
    fields = desk.person("nks", child, day, main=True, paper=False)
    fields |= desk.person("me", mother, day)
    fields |= desk.person("cha", father, day)
    fields |= desk.person("nyc", informant, day)
    return fields | {
        "loaiDangKy": WrittenValue("x", kind),
        "nksNgaySinhBangChu": clerk.date_words(child.birth),
        "nksNoiSinh": clerk.place_text(desk.somewhere(desk.weighted("birthplaces").text)),
        "nksSoDinhDanh": WrittenValue(number, number),
        "nksLoaiKhaiSinh": BLANK,
        "meNgaySinh": clerk.birth(mother, desk.year_only),
        "chaNgaySinh": clerk.birth(father, desk.year_only),
        "chaMeNoiCuTru": clerk.place(mother.residence),
        "nycQuanHe": clerk.text(relation, FieldKind.RELATION),
    }


def death(desk: RegistryOffice, day: date) -> Fields:
    """KT: mostly old people, registered within a fortnight."""
    rng, clerk = desk.rng, desk.clerk
    late = rng.random() < 0.15
    died = day - timedelta(int(rng.integers(20, 700)) if late else int(rng.integers(1, 15)))
    age = float(np.clip(rng.normal(74, 14), 0.6, 101))
    if rng.random() < 0.07:
        age = float(rng.uniform(0.6, 30))
    sex = MALE if rng.random() < 0.55 else FEMALE
    born = years_before(died - timedelta(183), age, rng)
    dead = desk.society.person(sex, min(born, died), desk.commune)
    informant, relation = _relative(desk, dead, day)
    time = clerk.time(int(rng.integers(24)), int(rng.choice([0, 0, 5, 10, 15, 20, 30, 40, 45])))
    died_at = clerk.date(died)
    where = desk.weighted("deathplaces").text
    fields = desk.person("nkt", dead, day, main=True, paper=rng.random() < 0.7)
    fields |= desk.person("nyc", informant, day)
    return fields | _death_notice(desk, died, "Bệnh viện" in where) | {
        "loaiDangKy": WrittenValue("x", "4" if late else "1"),
        "nktNhomTuoi": _age_group(dead.age(died)),
        "nktNgayChet": died_at,
        "nktNgayChetGhiBangChu": clerk.date_words(died),
        "nktGioPhutChet": time,
        "nktLucChet": clerk.text(f"{time.as_written}, ngày {died_at.as_written}"),
        "nktNoiChet": clerk.place_text(desk.somewhere(where)),
        "nktNguyenNhanChet": clerk.text(pick(rng, desk.society.options("causes_of_death"))),
        "nycQuanHe": clerk.text(relation, FieldKind.RELATION),
    }  # fmt: skip


def marriage(desk: RegistryOffice, day: date) -> Fields:
    """KH: of age both, mostly of one group; a few registered again long after the wedding."""
    rng, clerk, society = desk.rng, desk.clerk, desk.society
    age = float(np.clip(rng.normal(24, 4.5), 18.8, 60))
    wife = society.person(FEMALE, day - timedelta(int(age * 365.25)), desk.commune)
    age = float(np.clip(age + rng.normal(3, 3), 20.8, 70))
    group = wife.group if rng.random() < 0.85 else ""
    husband = society.person(MALE, day - timedelta(int(age * 365.25)), desk.commune, group)
    again = rng.random() < 0.06
    since = day - timedelta(int(rng.integers(200, 900))) if again else day
    fields = {
        "loaiDangKy": WrittenValue("x", "2" if again else "1"),
        "ngayXacLapQuanHeHonNhan": clerk.date(since),
    }
    for prefix, spouse in (("vo", wife), ("chong", husband)):
        fields |= desk.person(prefix, replace(spouse, birth_precision=3), day, main=True)
    return fields


def recognition(desk: RegistryOffice, day: date) -> Fields:
    """CMC: mostly a father recognises a small child."""
    rng, clerk = desk.rng, desk.clerk
    age = float(rng.exponential(4)) + 0.1
    family = desk.society.family(day - timedelta(int(age * 365.25)), desk.commune, fatherless=0.0)
    parent = family.father if family.father and rng.random() < 0.9 else family.mother
    by_child = age > 18
    asker = family.child if by_child else parent
    word = "Con" if by_child else "Cha" if parent.sex == MALE else "Mẹ"
    fields = desk.person("cm", parent, day, main=True)
    fields |= desk.person("nc", family.child, day, main=True)
    fields |= desk.person("nyc", asker, day)
    return fields | {
        "loaiDangKy": BLANK,
        "loaiXacNhan": WrittenValue("x", _recognition_kind(by_child, parent.sex)),
        "quyetDinhSo": clerk.text(f"{rng.integers(1, 60):02d}/QĐ-UBND"),
        "nycQHNguoiDuocNhan": clerk.text(word, FieldKind.RELATION),
        "nycQHNguoiNhan": clerk.text("Bản thân", FieldKind.RELATION),
    }


def marital_status(desk: RegistryOffice, day: date) -> Fields:
    """HN: grown-ups who need the paper to marry, to borrow or to sell land."""
    rng, clerk, society = desk.rng, desk.clerk, desk.society
    sex = MALE if rng.random() < 0.5 else FEMALE
    age = float(np.clip(rng.gamma(4, 3) + 18.5, 18.5, 70))
    person = society.person(sex, day - timedelta(int(age * 365.25)), desk.commune)
    person = replace(person, birth_precision=3)
    other = society.person(MALE if sex == FEMALE else FEMALE, person.birth, desk.commune)
    purpose = desk.weighted("purposes")
    aim = purpose.text.format(person=other.name, n=other.birth.year)
    status = pick(rng, society.options("marital_status")).format(n=rng.integers(1, 150))
    since = person.birth + timedelta(int(18.1 * 365.25))
    fields = desk.person("nxn", person, day, main=True) | desk.person("nyc", person, day)
    return fields | {
        "nxnThoiGianCuTruTai": fields["nxnNoiCuTru"],
        "nxnThoiGianCuTruTu": clerk.date(since),
        "nxnThoiGianCuTruDen": clerk.date(day),
        "nxnTinhTrangHonNhan": clerk.text(status),
        "nxnLoaiMucDichSuDung": WrittenValue("x", purpose.code),
        "nxnMucDichSuDung": clerk.text(aim),
        "nycQuanHe": clerk.text("Bản thân", FieldKind.RELATION),
    }


def _informant(desk: RegistryOffice, family: Family, day: date) -> tuple[Person, str]:
    rng = desk.rng
    roll = rng.random()
    if family.child.age(day) >= 18:
        return family.child, "Bản thân"
    if family.father is not None and roll < 0.62:
        return family.father, "Cha"
    if roll < 0.88:
        return family.mother, "Mẹ"
    born = years_before(family.mother.birth, float(rng.uniform(20, 32)), rng)
    born = max(born, date(day.year - 85, 1, 1))
    kin = [("Ông ngoại", MALE), ("Bà ngoại", FEMALE)]
    if family.father is not None:
        kin += [("Ông nội", MALE), ("Bà nội", FEMALE)]
    relation, sex = pick(rng, kin)
    return desk.society.person(sex, born, desk.commune, family.mother.group), relation


def _relative(desk: RegistryOffice, dead: Person, day: date) -> tuple[Person, str]:
    rng = desk.rng
    roll = rng.random()
    sex = MALE if rng.random() < 0.7 else FEMALE
    if dead.age(day) < 30:
        years, relation = -int(rng.integers(20, 35)), "Cha" if sex == MALE else "Mẹ"
    elif roll < 0.7:
        years, relation = int(rng.integers(20, 40)), "Con"
    elif roll < 0.9:
        sex = FEMALE if dead.sex == MALE else MALE
        years, relation = int(rng.integers(-4, 8)), "Vợ" if sex == FEMALE else "Chồng"
    else:
        years, relation = int(rng.integers(22, 60)), "Cháu"
    year = min(dead.birth.year + years, day.year - 19)
    surname = dead.surname if relation in {"Con", "Cha"} else ""
    born = date(year, int(rng.integers(1, 13)), int(rng.integers(1, 28)))
    return desk.society.person(sex, born, desk.commune, dead.group, surname), relation


def _death_notice(desk: RegistryOffice, died: date, in_hospital: bool) -> Fields:
    rng, clerk = desk.rng, desk.clerk
    columns = ("gbtLoai", "gbtSo", "gbtNgay", "gbtCoQuanCap")
    if rng.random() < 0.3:
        return dict.fromkeys(columns, BLANK)
    hospital = desk.somewhere(society_data().authorities.hospital)
    short = hospital.replace("Bệnh viện đa khoa", "BVĐK")
    issuer = clerk.text(hospital, FieldKind.AGENCY, short) if in_hospital else desk.agency()
    number = f"{rng.integers(1, 90):02d}" + pick(rng, ["/GBT", f"/{died.year}"])
    writings = (
        WrittenValue("x", "1"),
        clerk.text(number, FieldKind.ID_NUMBER),
        clerk.date(died + timedelta(int(rng.integers(0, 2)))),
        issuer,
    )
    return dict(zip(columns, writings, strict=True))


def short_authority(name: str) -> str:
    """How clerks shorten the name of the office that issued an identity paper."""
    for long, short in society_data().short_authorities.items():
        name = name.replace(long, short)
    return name


def _age_group(age: int) -> WrittenValue:
    return BLANK if age >= 5 else WrittenValue("x", "1" if age < 1 else "2")


def _recognition_kind(by_child: bool, parent_sex: str) -> str:
    if by_child:
        return "3" if parent_sex == MALE else "4"
    return "1" if parent_sex == MALE else "2"
