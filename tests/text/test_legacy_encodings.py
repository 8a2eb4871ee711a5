import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_pipeline.text import lexicons
from ocr_pipeline.text.legacy_encodings import LegacyEncoding, convert, recognise
from ocr_pipeline.text.places import Gazetteer

TCVN3, VNI = LegacyEncoding.TCVN3, LegacyEncoding.VNI
LATIN, CP1258 = LegacyEncoding.UTF8_AS_CP1252, LegacyEncoding.UTF8_AS_CP1258
COMPOSED = LegacyEncoding.CP1258_AS_CP1252


@pytest.mark.parametrize(
    ("written", "kind", "right"),
    [
        ("x· Ph\u00adíc Ng·i", TCVN3, "xã Phước Ngãi"),
        ("huyÖn Ba Tri", TCVN3, "huyện Ba Tri"),
        ("tØnh BÕn Tre", TCVN3, "tỉnh Bến Tre"),
        ("TØNH BÕN TRE", TCVN3, "TỈNH BẾN TRE"),
        ("B¶o Th¾ng", TCVN3, "Bảo Thắng"),
        ("NguyÔn V¨n §øc", TCVN3, "Nguyễn Văn Đức"),
        ("Lª ThÞ Hång", TCVN3, "Lê Thị Hồng"),
        ("LÊ V¡N T¸M".replace("Ê", "£"), TCVN3, "LÊ VĂN TÁM"),
        ("Hµ Néi", TCVN3, "Hà Nội"),
        ("H\u03bc Nam", TCVN3, "Hà Nam"),
        ("xaõ Phöôùc Ngaõi", VNI, "xã Phước Ngãi"),
        ("huyeän Ba Tri", VNI, "huyện Ba Tri"),
        ("tænh Beán Tre", VNI, "tỉnh Bến Tre"),
        ("TÆNH BEÁN TRE", VNI, "TỈNH BẾN TRE"),
        ("Nguyeãn Thò Hoàng Yeán", VNI, "Nguyễn Thị Hồng Yến"),
        ("AÙnh Ñoâng, Ñaø Naüng", VNI, "Ánh Đông, Đà Nẵng"),
        ("Traàn Vaên Ñöùc", VNI, "Trần Văn Đức"),
        ("xÃ£ PhÆ°á»›c NgÃ£i", LATIN, "xã Phước Ngãi"),
        ("tá»‰nh Báº¿n Tre", LATIN, "tỉnh Bến Tre"),
        ("HÃ Ná»™i", LATIN, "Hà Nội"),
        ("Nguyá»…n TÃ i", LATIN, "Nguyễn Tài"),
        ("xĂ£ PhÆ°á»›c NgĂ£i", CP1258, "xã Phước Ngãi"),
        ("xaÞ Phýõìc NgaÞi", COMPOSED, "xã Phước Ngãi"),
        ("huyêòn Ba Tri", COMPOSED, "huyện Ba Tri"),
    ],
)
def test_single_cells_are_recognised_and_converted(written, kind, right):
    assert recognise(written) == kind
    assert convert(written, kind) == right


@pytest.mark.parametrize("page", ["latin-1", "cp1252", "cp1258"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_utf8_read_with_a_wrong_page_comes_back(page, form):
    right = "Ủy ban nhân dân xã Phước Ngãi, huyện Ba Tri, tỉnh Bến Tre"
    raw = unicodedata.normalize(form, right).encode()
    wrong = "".join(bytes([b]).decode(page, "ignore") or chr(b) for b in raw)
    kind = recognise(wrong)
    assert kind is not None and convert(wrong, kind) == right
    twice = "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in wrong.encode())
    kind = recognise(twice)
    assert kind is not None and convert(twice, kind) == right


RIGHT = sorted(
    {unit.name for unit in Gazetteer.load().units}
    | set(lexicons.surnames())
    | {name for name in lexicons.given_names() if not name.startswith("Ngh")}
    | set(lexicons.middle_names())
    | set(lexicons.ethnic_groups().weights)
    | set(lexicons.nationalities().weights)
    | {
        "Siu Bláo",
        "Krông Nô",
        "Hoà",
        "Thúy",
        "Thuý",
        "José García",
        "Müller",
        "Chloé",
        "François",
        "Siêng",
        "Ðặng",
    }
)


@pytest.mark.long
def test_no_right_name_or_place_is_taken_for_an_old_encoding():
    written = {w for name in RIGHT for w in (name, name.upper(), name.lower())}
    written |= {unicodedata.normalize("NFD", name) for name in RIGHT}
    assert {w: kind for w in written if (kind := recognise(w))} == {}


@given(st.text(st.sampled_from("aAăâbcđĐeêhinoôơuưxXyÃãÀàáéíóòõúýÂÊÔ ,.\"'”")))
def test_letters_of_both_are_converted_only_into_what_can_be_spelled(text):
    kind = recognise(text)
    if kind is not None:
        assert recognise(convert(text, kind)) is None or kind in (LATIN, CP1258)


def tcvn3(text: str) -> str:
    table = str.maketrans(
        "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ",
        "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ¡¢§£¤¥¦",
    )
    return text.translate(table)


def test_most_places_in_tcvn3_are_recognised_and_all_of_these_come_back():
    names = [unit.name for unit in Gazetteer.load().provinces(2020)]
    found = [name for name in names if recognise(tcvn3(name)) == TCVN3]
    assert {convert(tcvn3(name), TCVN3) for name in found} == set(found)
    assert len(found) > 0.95 * len(names)
