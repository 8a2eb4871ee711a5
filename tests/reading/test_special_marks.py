import pytest

from ocr_pipeline.reading.special_marks import means_nothing, special_of
from ocr_pipeline.registers.fields import FieldKind, Special


@pytest.mark.parametrize(
    "written",
    ['"', '""', "''", '-"-', '- " -', "nt", "nt.", "NT", "-nt-", "- nt -", "n.t.", "//", "-//-",
     "id", "id.", "như trên", "Như trên.", "nhu tren", "-như trên-"],
)  # fmt: skip
def test_every_way_to_say_as_above(written: str):
    for kind in (FieldKind.PLACE, FieldKind.PERSON_NAME, FieldKind.ETHNIC_GROUP):
        assert special_of(written, kind, 12.0) is Special.DITTO


@pytest.mark.parametrize(
    ("read", "ink_mm2"),
    [("nt.", 10.7), ("N", 9.9), ("nẹt", 8.2), ("nh", 10.0), ("2t", 8.8), ("27", 22.0), ("11", 4.0),
     ('"1', 3.4), ("38", 3.2), ("M1", 6.5), ("n8", 9.1), ("024", 11.9), ("141", 14.1), ("t", 15.3)],
)  # fmt: skip
def test_what_the_network_makes_of_ditto_marks(read: str, ink_mm2: float):
    assert special_of(read, FieldKind.ETHNIC_GROUP, ink_mm2) is Special.DITTO


@pytest.mark.parametrize(
    ("read", "kind"), [("Nt", FieldKind.SEX), ("//", FieldKind.NUMBER), ('"', FieldKind.NUMBER)]
)
def test_values_that_look_like_a_ditto_mark_are_read_as_values(read: str, kind: FieldKind):
    """`Nữ` and `11`: 25 of 25 such readings in drawn books."""
    assert special_of(read, kind, 4.0) is None
    assert special_of(read, FieldKind.PLACE, 4.0) is Special.DITTO


@pytest.mark.parametrize("read", ["như tiần", "như trện", "nhu tên", "Nhữ trên."])
def test_words_for_as_above_that_are_misread(read: str):
    for kind in (FieldKind.PLACE, FieldKind.PERSON_NAME):
        assert special_of(read, kind, 40.0) is Special.DITTO
    assert special_of("như tiần", FieldKind.FREE_TEXT, 40.0) is None


@pytest.mark.parametrize(
    ("read", "kind", "ink_mm2"),
    [
        ("Như Xuân", FieldKind.PLACE, 60.0),
        ("Như Thanh", FieldKind.PLACE, 60.0),
        ("Kinh", FieldKind.ETHNIC_GROUP, 8.4),
        ("Mạ", FieldKind.ETHNIC_GROUP, 7.0),
        ("Hoa", FieldKind.ETHNIC_GROUP, 10.0),
        ("VN", FieldKind.NATIONALITY, 7.1),
        ("Mẹ", FieldKind.RELATION, 7.4),
        ("Nữ", FieldKind.SEX, 6.1),
        ("11", FieldKind.NUMBER, 4.0),
        ("27", FieldKind.NUMBER_YEAR, 7.0),
        ("85", FieldKind.DATE, 7.0),
        ("Huế", FieldKind.PLACE, 11.0),
        ("27", FieldKind.PLACE, 60.0),  # the ink of an address
    ],
)
def test_short_values_are_no_ditto_marks(read: str, kind: FieldKind, ink_mm2: float):
    assert special_of(read, kind, ink_mm2) is None


@pytest.mark.parametrize("written", ["-", "x", "/", "…", "—"])
def test_a_dash_for_nothing_is_no_ditto_mark(written: str):
    assert special_of(written, FieldKind.PERSON_NAME, 2.0) is None
    assert special_of(written, FieldKind.PLACE, 2.0) is None


def test_nothing_is_not_said_by_a_ditto_mark():
    assert means_nothing("-") and not means_nothing('"') and not means_nothing("")
