from pathlib import Path

import pytest

from ocr_pipeline.books.inventory import Inventory, read_inventory
from ocr_pipeline.books.typed_agency import choose_units, typed_agency
from ocr_pipeline.text.places import Gazetteer
from tests.text.test_legacy_encodings import tcvn3

PHUOC_NGAI = ("xã Phước Ngãi", "huyện Ba Tri", "tỉnh Bến Tre")


def units(commune: str, district: str, province: str, year: int = 2018) -> list[tuple[str, ...]]:
    return [
        one.units for one in choose_units(typed_agency(commune, district, province), year).agencies
    ]


@pytest.mark.parametrize(
    "cells",
    [
        PHUOC_NGAI,
        ("Phước Ngãi", "Ba Tri", "Bến Tre"),
        ("XÃ PHƯỚC NGÃI", "HUYỆN BA TRI", "TỈNH BẾN TRE"),
        ("xa phuoc ngai", "huyen ba tri", "tinh ben tre"),
        ("Phuoc Ngai", "Ba Tri", "Ben Tre"),
        ("X. Phước Ngãi", "H. Ba Tri", "T. Bến Tre"),
        ("x· Ph\u00adíc Ng·i", "huyÖn Ba Tri", "tØnh BÕn Tre"),
        ("X· PH¦íC NG·I", "HUYÖN BA TRI", "TØNH BÕN TRE"),
        ("xaõ Phöôùc Ngaõi", "huyeän Ba Tri", "tænh Beán Tre"),
        ("xÃ£ PhÆ°á»›c NgÃ£i", "huyá»‡n Ba Tri", "tá»‰nh Báº¿n Tre"),
        ("xã Phước Ngãi, huyện Ba Tri, tỉnh Bến Tre", "", ""),
        ("", "", "xã Phước Ngãi huyện Ba Tri tỉnh Bến Tre"),
        ("UBND xã Phước Ngãi - huyện Ba Tri - tỉnh Bến Tre", "", ""),
        ("Ủy ban nhân dân xã Phước Ngãi", "Ba Tri", "Bến Tre"),
        ("Phước Ngãi/Ba Tri/Bến Tre", "", ""),
        ("xã Phước Ngãi, huyện Ba Tri, tỉnh Bến Tre", "huyện Ba Tri", "Bến Tre"),
        ("xã Phước Ngãi", "", "tỉnh Bến Tre"),
    ],
)
def test_a_unit_is_known_however_it_is_typed(cells):
    assert units(*cells) == [PHUOC_NGAI]


@pytest.mark.parametrize(
    ("cells", "year", "found"),
    [
        (("xã Lộc Thuận", "", "tỉnh Vĩnh Long"), 2026, ("xã Lộc Thuận", "tỉnh Vĩnh Long")),
        (("xã Lộc Thuận", "huyện Bình Đại", "Vĩnh Long"), 2026, ("xã Lộc Thuận", "tỉnh Vĩnh Long")),
        (("5", "10", "TP.HCM"), 2010, ("phường 5", "quận 10", "thành phố Hồ Chí Minh")),
        (("P05", "Q10", "TPHCM"), 2010, ("phường 5", "quận 10", "thành phố Hồ Chí Minh")),
        (("", "Ba Tri", "Bến Tre"), 2018, ("huyện Ba Tri", "tỉnh Bến Tre")),
        (("huyện Ba Tri", "", "Bến Tre"), 2018, ("huyện Ba Tri", "tỉnh Bến Tre")),
        (("Thị trấn Ba Tri", "Ba Tri", "Bến Tre"), 2018, ("thị trấn Ba Tri", *PHUOC_NGAI[1:])),
        (("", "", "BEN TRE"), 2018, ("tỉnh Bến Tre",)),
        (
            ("Phú Hội", "Huế", "Thừa Thiên - Huế"),
            2010,
            ("phường Phú Hội", "thành phố Huế", "tỉnh Thừa Thiên Huế"),
        ),
        (
            ("phường Hải Châu 2", "quận Hải Châu", "Đà Nẵng"),
            2008,
            ("phường Hải Châu II", "quận Hải Châu", "thành phố Đà Nẵng"),
        ),
    ],
)
def test_units_of_each_time_and_level(cells, year, found):
    assert [tuple(u.lower() for u in one) for one in units(*cells, year)] == [
        tuple(u.lower() for u in found)
    ]


@pytest.mark.parametrize(
    ("cells", "year", "unknown", "nearest"),
    [
        (("xã Phước Nghĩa", *PHUOC_NGAI[1:]), 2018, "xã Phước Nghĩa", ", ".join(PHUOC_NGAI)),
        # a wrong mark is no missing one
        (("xã Phước Ngải", *PHUOC_NGAI[1:]), 2018, "xã Phước Ngải", ", ".join(PHUOC_NGAI)),
        ((*PHUOC_NGAI[:2], "tỉnh Đồng Tháp"), 2018, "huyện Ba Tri", ", ".join(PHUOC_NGAI)),
        (PHUOC_NGAI, 2026, "tỉnh Bến Tre", ""),
        (
            ("xã Lộc Thuận", "", "tỉnh Vĩnh Long"),
            2010,
            "xã Lộc Thuận",
            "xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre",
        ),
        (
            ("x? Phư?c Ng?i", "huy?n Ba Tri", "t?nh B?n Tre"),
            2018,
            "t?nh B?n Tre",
            ", ".join(PHUOC_NGAI),
        ),
        (
            ("thị trấn Phước Ngãi", *PHUOC_NGAI[1:]),
            2018,
            "thị trấn Phước Ngãi",
            ", ".join(PHUOC_NGAI),
        ),
        (("xã Tân Lập", "huyện Đồng Phú", "Sông Bé"), 2018, "Sông Bé", ""),
    ],
)
def test_what_is_in_no_list_is_named_with_the_nearest(cells, year, unknown, nearest):
    choice = choose_units(typed_agency(*cells), year)
    assert choice.agencies == () and choice.unknown == unknown
    assert nearest in (*choice.nearest, "")


def test_names_that_several_units_share_are_not_chosen_from():
    both = {("xã Hoằng Phú", *AT_HOANG_HOA), ("xã Hoằng Phụ", *AT_HOANG_HOA)}
    assert set(units("Hoang Phu", "Hoang Hoa", "Thanh Hoa")) == both
    assert units("Hoằng Phụ", "Hoang Hoa", "Thanh Hoa") == [("xã Hoằng Phụ", *AT_HOANG_HOA)]
    assert len(units("Hiệp Hòa", "Đức Hòa", "Long An")) == 2


AT_HOANG_HOA = ("huyện Hoằng Hóa", "tỉnh Thanh Hóa")


@pytest.mark.parametrize("write", [str, str.upper, str.lower, tcvn3], ids=lambda f: f.__name__)
def test_every_commune_of_a_province_is_found_under_its_own_name(write):
    gazetteer = Gazetteer.load()
    [province] = [u for u in gazetteer.provinces(2020) if u.short == "Sóc Trăng"]
    communes = [
        c for d in gazetteer.children(province) for c in gazetteer.children(d) if 2025 in c.seen
    ]
    for unit in communes:
        typed = [write(u.name) for u in (unit, unit.parent, province)]
        assert tuple(u.lower() for u in units(*typed)[0]) == tuple(
            u.name.lower() for u in (unit, unit.parent, province)
        )


HEADER = "folder;type;commune;district;province;year;number;units as typed\n"


def inventory(scans: Path, *lines: str) -> Inventory:
    for line in lines:
        (scans / line.partition(";")[0]).mkdir()
    (scans / "books.csv").write_text(HEADER + "\n".join(lines) + "\n", "utf-8")
    return read_inventory(scans)


def test_what_is_taken_otherwise_than_typed_is_told(tmp_path):
    found = inventory(
        tmp_path,
        "a;KS;PHƯỚC NGÃI;BA TRI;BẾN TRE;2018;1;",
        "b;KS;x· Ph\u00adíc Ng·i;huyÖn Ba Tri;tØnh BÕn Tre;2018;2;",
        "c;KS;xã Phước Ngãi;huyện Ba Tri;tỉnh Bến Tre;2018;3;",
        "d;KS;Xã Phước Ngãi;Huyện Ba Tri;Tỉnh Bến Tre;2018;4;",
        "e;KS;phường Hải Châu 2;quận Hải Châu;thành phố Đà Nẵng;2008;5;",
    )
    *four, last = found.books
    assert [book.id[:22] for book in four] == ["xaphuocngai_hbt_tbt.KS"] * 4
    assert last.id == "phuonghaichau2_qhc_tpdn.KS.2008.05"  # the list has Hải Châu II
    assert {book.agency.full_name for book in four} == {
        "Ủy ban nhân dân xã Phước Ngãi, huyện Ba Tri, tỉnh Bến Tre"
    }
    assert [notice.where for notice in found.notices] == ["books.csv:2", "books.csv:3"]
    assert "“PHƯỚC NGÃI, BA TRI, BẾN TRE”" in found.notices[0].text.vi
    assert "“xã Phước Ngãi, huyện Ba Tri, tỉnh Bến Tre”" in found.notices[0].text.vi
    assert "TCVN3" in found.notices[1].text.vi and not found.problems


def test_an_unknown_unit_is_a_problem_of_its_line_alone(tmp_path):
    found = inventory(
        tmp_path,
        "a;KS;xã Phước Nghĩa;huyện Ba Tri;tỉnh Bến Tre;2018;1;",
        "b;KS;xã Phước Ngãi;huyện Ba Tri;tỉnh Bến Tre;2018;2;",
    )
    assert [book.path.name for book in found.books] == ["b"]
    [problem] = found.problems
    assert problem.where == "books.csv:2" and "xã Phước Nghĩa" in problem.cause.vi
    assert "xã Phước Ngãi, huyện Ba Tri, tỉnh Bến Tre" in problem.remedy.vi
    assert "đơn vị đúng như ghi" in problem.remedy.vi and "units as typed" in problem.remedy.en


def test_a_former_unit_takes_one_deliberate_act(tmp_path):
    found = inventory(
        tmp_path,
        "a;KS;xã Phước Nghĩa;huyện Ba Tri;tỉnh Bến Tre;1988;1;có",
        "b;KS;Phước Nghĩa;Ba Tri;Bến Tre;1988;2;có",
    )
    [book] = found.books
    assert book.agency.commune == "xã Phước Nghĩa"
    [notice] = found.notices
    assert "đúng như đã ghi" in notice.text.vi and notice.path == tmp_path / "a"
    assert [problem.where for problem in found.problems] == ["books.csv:3"]
