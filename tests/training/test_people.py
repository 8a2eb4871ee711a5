from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from ocr_pipeline.layout.loading import load_layouts
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.values import normalise_value
from ocr_pipeline.training.invented_cases import InventedCase, Register
from ocr_pipeline.training.invented_people import Society, regions
from tests.builders.long_cases import long_after

LAYOUTS = {item.layout.id: item.layout for item in load_layouts()}


def cases(layout: str, seed: int, count: int = 12, year: int = 2017) -> list[InventedCase]:
    rng = np.random.default_rng(seed)
    society = Society(regions()[seed % len(regions())], rng, unseen=bool(seed % 2))
    form = LAYOUTS[layout]
    by_year = any(f.lexicon == "year" for f in form.fields)
    return list(Register(form.type, society, society.place(), year, 1, rng, by_year).cases(count))


def day(dotted: str) -> date:
    return date(int(dotted[6:]), int(dotted[3:5]), int(dotted[:2]))


@pytest.mark.parametrize("layout", long_after(6, sorted(LAYOUTS)))
def test_every_field_of_every_shipped_form_is_written_and_means_its_value(layout: str) -> None:
    for seed in range(len(regions())):
        for case in cases(layout, seed, 3):
            for f in LAYOUTS[layout].fields:
                writing = case.fields[f.code]
                if f.kind is FieldKind.TICK or not writing.as_written:
                    continue
                read = normalise_value(f.kind, writing.as_written, year=2017)
                assert read == writing.value, (f.code, writing)


def test_numbers_and_days_run_through_the_book() -> None:
    found = cases("KS-2016", 3, 40)
    assert [c.number for c in found] == list(range(1, 41))
    days = [c.day for c in found]
    assert days == sorted(days)
    assert {c.fields["so"].value for c in found} == {f"{n:02d}/2017" for n in range(1, 41)}
    assert len({c.fields["nguoiThucHien"].value for c in found}) == 1
    assert len({c.fields["nguoiKy"].value for c in found}) <= 2


def test_families_fit_together() -> None:
    for seed in range(12):
        for case in cases("KS-before-1999", seed, year=1990):
            f = {code: writing.value for code, writing in case.fields.items()}
            born, registered = day(f["nksNgaySinh"]), day(f["ngayDangKy"])
            assert born < registered
            late = (registered - born).days > 60
            assert (f["loaiDangKy"] == "1") == (not late)
            assert 15 <= born.year - int(f["meNgaySinh"][-4:]) <= 46
            if f["chaHoTen"]:
                assert 16 <= born.year - int(f["chaNgaySinh"][-4:]) <= 62
                assert f["nksDanToc"] == f["chaDanToc"]
            else:
                assert f["nycQuanHe"] not in {"Cha", "Ông nội", "Bà nội"}


def test_spouses_are_of_age_and_the_dead_die_before_they_are_registered() -> None:
    for seed in range(12):
        for case in cases("KH-2016", seed):
            f = {code: writing.value for code, writing in case.fields.items()}
            wedding = day(f["ngayDangKy"])
            assert (wedding - day(f["voNgaySinh"])).days >= 18 * 365
            assert (wedding - day(f["chongNgaySinh"])).days >= 20 * 365
            assert f["voGioiTinh"] == "2" and f["chongGioiTinh"] == "1"
        for case in cases("KT-2016", seed):
            f = {code: writing.value for code, writing in case.fields.items()}
            assert int(f["nktNgaySinh"][-4:]) <= int(f["nktNgayChet"][-4:])
            assert day(f["nktNgayChet"]) <= day(f["ngayDangKy"])


def test_personal_numbers_tell_sex_and_year_of_their_bearers() -> None:
    found = [f for seed in range(8) for c in cases("KS-2016", seed, 20) for f in [c.fields]]
    numbered = [f for f in found if f["nksSoDinhDanh"].value]
    assert numbered
    for f in numbered:
        number, born = f["nksSoDinhDanh"].value, f["nksNgaySinh"].value
        assert len(number) == 12
        assert number[3] == {"1": "2", "2": "3"}[f["nksGioiTinh"].value]
        assert number[4:6] == born[-2:]


def test_the_same_seed_invents_the_same_people() -> None:
    assert cases("CMC-2016", 5) == cases("CMC-2016", 5)
    assert cases("CMC-2016", 5) != cases("CMC-2016", 26)
