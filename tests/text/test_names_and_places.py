import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_pipeline.text import lexicons
from ocr_pipeline.text.names import female_log_odds, same_person_name, split_name, title_case_name
from ocr_pipeline.text.normalise import nfc
from ocr_pipeline.text.places import (
    Gazetteer,
    expand_abbreviations,
    join_address,
    official_writing,
    province_of,
    split_address,
)

NAMES = st.lists(st.sampled_from(sorted(lexicons.given_names())), min_size=1, max_size=4)


@given(NAMES)
def test_capitals_of_names_do_not_depend_on_the_writing(words):
    name = " ".join(words)
    assert title_case_name(name.upper()) == title_case_name(name.lower()) == name


def test_names_with_apostrophes_and_dirt():
    assert title_case_name("H'MAI  ÊBAN.") == "H'Mai Êban"
    assert title_case_name("1. trần văn an :") == "Trần Văn An"


def test_parts_of_a_name():
    parts = split_name("Nguyễn Thị Thu Hà")
    assert (parts.surname, parts.middle, parts.given) == ("Nguyễn", "Thị Thu", "Hà")
    assert split_name("").given == ""


def test_sex_hints():
    assert female_log_odds("Nguyễn Thị Lan") > 3
    assert female_log_odds("Trần Văn Anh") < -3
    assert abs(female_log_odds("Xyz")) < 0.5


def test_same_name_in_both_tone_styles():
    assert same_person_name("Nguyễn Thị Hòa", "NGUYỄN THỊ HOÀ")
    assert not same_person_name("Nguyễn Quý", "Nguyễn Quí")
    assert not same_person_name("", "")


def test_lists_are_nfc_and_free_of_damaged_encodings():
    for counts in (lexicons.surnames(), lexicons.middle_names(), lexicons.given_names()):
        assert all(name == nfc(name) and name == title_case_name(name) for name in counts)
    assert not set("øñÑđðĂš") & set("".join(lexicons.surnames())) - {"đ"}


def test_54_groups_in_the_spelling_of_the_import():
    groups = lexicons.ethnic_groups()
    assert len(groups.weights) == 55 and "Khác" in groups.weights
    for written, spelling in [
        ("H'Mông", "Mông"),
        ("KHƠ-ME", "Khơ Me"),
        ("Gié Triêng", "Giẻ-Triêng"),
        ("Ra Glai", "RaGlay"),
        ("vân kiều", "Bru Vân Kiều"),
        ("Việt", "Kinh"),
    ]:
        assert groups.find(written) == spelling
    assert groups.find("Klingon") == ""


def test_addresses_are_split_and_joined():
    address = "X. Lộc Thuận - H. Bình Đại - T. Bến Tre"
    assert expand_abbreviations(address) == "xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre"
    parts = split_address("thôn 3, xã A;  huyện B, Bà Rịa - Vũng Tàu.")
    assert parts == ["thôn 3", "xã A", "huyện B", "Bà Rịa - Vũng Tàu"]
    assert split_address(join_address(parts)) == parts


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("xã Chân Mây - Lăng Cô - Huế", ["xã Chân Mây - Lăng Cô", "Huế"]),
        ("P. VĂN MIẾU – QUỐC TỬ GIÁM, Q. Đống Đa", ["P. VĂN MIẾU - QUỐC TỬ GIÁM", "Q. Đống Đa"]),
        ("phường Phương Liên - Quận Đống Đa", ["phường Phương Liên", "Quận Đống Đa"]),
    ],
)
def test_a_name_that_holds_a_dash_stays_whole(address, parts):
    assert split_address(address) == parts


@given(st.text(max_size=40))
def test_expanding_twice_changes_nothing_more(text):
    once = expand_abbreviations(text)
    assert expand_abbreviations(once) == once


@pytest.mark.parametrize(
    ("written", "official"),
    [
        ("Xã Phước Tuy, Huyện Ba Tri, Tỉnh Bến Tre", "Xã Phước Tuy, huyện Ba Tri, tỉnh Bến Tre"),
        ("XÃ PHƯỚC TUY - HUYỆN BA TRI", "Xã Phước Tuy, huyện Ba Tri"),
        ("ấp Bình Hòa xã phước tuy huyện ba tri", "Ấp Bình Hòa, xã Phước Tuy, huyện Ba Tri"),
        ("nam định", "Nam Định"),
        ("Phường 5, Quận 3, TP. Hồ Chí Minh", "Phường 5, quận 3, thành phố Hồ Chí Minh"),
        ("Khu phố 3, thị Xã Dĩ An", "Khu phố 3, thị xã Dĩ An"),
        ("Thôn Làng Mới, Xã Bản Phùng", "Thôn Làng Mới, xã Bản Phùng"),  # the name has a type word
        ("Tỉnh Thừa Thiên - Huế", "Tỉnh Thừa Thiên Huế"),
        ("Trạm Y tế Xã Sơn Thành - H. Yên Thành", "Trạm Y tế xã Sơn Thành, huyện Yên Thành"),
        ("UBND XÃ PHƯỚC TUY", "UBND xã Phước Tuy"),
        ("ỦY BAN NHÂN DÂN XÃ PHƯỚC TUY", "Ủy ban nhân dân xã Phước Tuy"),
        ("Cục Cảnh sát quản lý hành chính về trật tự xã hội",) * 2,
        ("Đi khắp huyện tỉnh",) * 2,  # no names of units follow
        ("Bệnh viện Từ Dũ",) * 2,
        ("Pháp",) * 2,
        # bare names that lie in each other have a comma between them, those that do not have none
        ("Tân Lập Vũ Thư Thái Bình", "Tân Lập, Vũ Thư, Thái Bình"),
        ("Bản Pá Khôm, Chiềng Lương Mai Sơn, Sơn La", "Bản Pá Khôm, Chiềng Lương, Mai Sơn, Sơn La"),
        ("Thôn Thượng Chiềng Lương, Mai Sơn, Sơn La", "Thôn Thượng, Chiềng Lương, Mai Sơn, Sơn La"),
        ("Tam Phước, Châu Thành Bến Tre", "Tam Phước, Châu Thành, Bến Tre"),
        ("Chiềng Lương Ba Tri, Bến Tre",) * 2,
        ("Bệnh viện Bến Tre",) * 2,
        ("Cầu Kè, Trà Vinh",) * 2,
        # a tone mark stands where the unit of that district has it
        ("Tân Hoà, Vũ Thư, Thái Bình", "Tân Hòa, Vũ Thư, Thái Bình"),
        ("Lạc Long, Lạc Thủy, Hoà Bình",) * 2,
        ("Khu dân Cư Gò Da, Xã Phước Tuy", "Khu dân cư Gò Da, xã Phước Tuy"),
        ("Tổ Dân Phố 5 Phường 2", "Tổ dân phố 5, phường 2"),
        ("Tổ Dân, xã Phước Tuy", "Tổ Dân, xã Phước Tuy"),
        ("THÔN ĐÔNG HÒA, XÃ PHƯỚC TUY", "Thôn Đông Hòa, xã Phước Tuy"),
    ],
)
def test_places_and_agencies_in_the_official_writing(written, official):
    assert official_writing(written) == official
    assert official_writing(official) == official


@settings(max_examples=300)
@given(st.text("xXãÃhuyệnHUYỆN tỉnhTỈNH AaBb,.-()5Hoà", max_size=40))
def test_the_official_writing_is_stable(text):
    once = official_writing(text)
    assert official_writing(once) == once


def test_every_unit_is_written_as_official_texts_do():
    for unit in Gazetteer.load().units[::53]:
        first, rest = unit.official[:1].upper(), unit.official[1:]
        assert official_writing(unit.name) == first + rest
        assert official_writing(unit.name.upper()).lower() == unit.name.lower()


def test_units_of_each_time():
    gazetteer = Gazetteer.load()
    assert len(gazetteer.provinces(2024)) == 63 + len(lexicons.rows("provinces_former"))
    assert len(gazetteer.provinces(2026)) == 34
    old = gazetteer.match("xã Lộc Thuận, huyện Bình Đại, Bến Tre", year=2006)
    assert [unit.name for unit in old.units] == ["Xã Lộc Thuận", "Huyện Bình Đại", "Tỉnh Bến Tre"]
    assert not old.unknown
    assert gazetteer.match("huyện Bình Đại, Bến Tre", year=2026).unknown
    assert gazetteer.match("xã Không Có, huyện Bình Đại, Bến Tre").unknown == ("xã Không Có",)


def test_every_unit_is_found_under_its_own_address():
    gazetteer = Gazetteer.load()
    for unit in gazetteer.units[::97]:
        year = 2026 if 2026 in unit.seen else 2020
        assert unit.name in [u.name for u in gazetteer.match(unit.address, year=year).units]


@pytest.mark.parametrize(
    ("address", "province"),
    [
        ("Trạm y tế xã Phú Hải, Phú Vang, Thừa Thiên Huế", "Tỉnh Thừa Thiên Huế"),
        ("P.5, Q.10, TPHCM", "Thành phố Hồ Chí Minh"),
        ("Thanh Hoá", "Tỉnh Thanh Hóa"),
        ("Bệnh viện Từ Dũ", ""),
        ("", ""),
    ],
)
def test_province_of_an_address(address, province):
    assert province_of(address) == province


@pytest.mark.parametrize(
    ("written", "official"),
    [
        ("UBND TP. Vũng Tàu", "UBND thành phố Vũng Tàu"),
        ("UBND TX. Gò Công, T. Tiền Giang", "UBND thị xã Gò Công, tỉnh Tiền Giang"),
        ("UBND TT Cần Giuộc, H. Cần Giuộc", "UBND thị trấn Cần Giuộc, huyện Cần Giuộc"),
        (
            "UBND X. Lộc Thuận H. Bình Đại T. Bến Tre",
            "UBND xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre",
        ),
        ("UBND P.5, Q.3, TP.HCM", "UBND phường 5, quận 3, thành phố Hồ Chí Minh"),
        ("UBND phường 5", "UBND phường 5"),
        ("U.B.N.D xã Lộc Thuận", "UBND xã Lộc Thuận"),
        ("CA. TP. Hồ Chí Minh", "CA thành phố Hồ Chí Minh"),
        ("Công an TP Hà Nội", "Công an thành phố Hà Nội"),
        ("Trạm y tế X. Lộc Thuận", "Trạm y tế xã Lộc Thuận"),
        ("UBND huyện H. Hà", "UBND huyện H. Hà"),
        ("UBND T. T. Cần Giuộc", "UBND T. T. Cần Giuộc"),
        ("Bệnh viện Đ. T. Phong", "Bệnh viện Đ. T. Phong"),
        ("Số 5 Q. Trung", "Số 5 Q. Trung"),
    ],
)
def test_units_are_written_in_full_within_the_name_of_an_office(written: str, official: str):
    assert official_writing(written) == official
    assert official_writing(official) == official
