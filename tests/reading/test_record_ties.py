import pytest

from ocr_pipeline.books.reading_facts import NO_FACTS, ReadingFacts
from ocr_pipeline.reading.beam import BeamLimits
from ocr_pipeline.reading.book_language import automaton_at
from ocr_pipeline.reading.decoding import LineScores, search, settle
from ocr_pipeline.reading.language import ALPHABET
from ocr_pipeline.reading.record_ties import RecordField, ties, weigh_together
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.layout_codes import paper_codes
from ocr_pipeline.registers.types import RegisterType
from tests.reading.test_decoding import scores

BOOK = ReadingFacts((), 2012, 3)
NAME, DATE, NUMBER = FieldKind.PERSON_NAME, FieldKind.DATE, FieldKind.NUMBER_YEAR


def values(facts, **fields):
    """What a record says, by code: each field is (kind, text, sureness, what shares the doubt)."""
    writings = {
        code: LineScores(kind, (scores(*said),) if said[0] else ())
        for code, (kind, *said) in fields.items()
    }
    pools = search(list(writings.values()), ALPHABET)
    together = weigh_together(
        [RecordField(*one, pool) for one, pool in zip(writings.items(), pools, strict=True)],
        facts, automaton_at(()), ALPHABET, BeamLimits(),
    )  # fmt: skip
    read = {}
    for (code, writing), pool in zip(writings.items(), together, strict=True):
        found = settle(writing, ALPHABET, pool).candidates
        read[code] = found[0].value if found else ""
    return read


@pytest.mark.parametrize(("sure", "informant"), [(0.53, "Võ Thị Mận"), (0.99, "Võ Thị Lan")])
def test_an_unclear_informant_is_the_mother_and_a_clear_one_stays(sure, informant):
    unclear = (NAME, "Võ Thị Lan", sure, "Võ Thị Mận")
    assert values(NO_FACTS, nycHoTen=unclear)["nycHoTen"] == "Võ Thị Lan"
    read = values(NO_FACTS, nycHoTen=unclear, meHoTen=(NAME, "Võ Thị Mận", 0.97))
    assert read == {"nycHoTen": informant, "meHoTen": "Võ Thị Mận"}


def test_a_child_has_the_fathers_surname_where_its_own_is_unclear():
    child = (NAME, "Lê Văn An", 0.52, "Lý Văn An")
    assert values(NO_FACTS, nksHoTen=child)["nksHoTen"] == "Lê Văn An"
    assert values(NO_FACTS, nksHoTen=child, chaHoTen=(NAME, "Lý Văn Đào", 0.97)) == {
        "nksHoTen": "Lý Văn An", "chaHoTen": "Lý Văn Đào",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "kind", "text", "sure", "doubt", "alone", "known"),
    [
        ("quyenSo", NUMBER, "08/2012", 0.7, "03/2012", "08/2012", "03/2012"),
        ("quyenSo", NUMBER, "203/2012", 0.6, "003/2012", "203/2012", "03/2012"),
        ("quyenSo", NUMBER, "27/2019", 0.999, "", "27/2019", "27/2019"),
        ("so", NUMBER, "15/2042", 0.6, "15/2012", "15/2042", "15/2012"),
        ("ngayDangKy", DATE, "17.09.2042", 0.6, "17.09.2012", "17.09.2042", "17.09.2012"),
        ("ngayDangKy", DATE, "17.09.1987", 0.999, "", "17.09.1987", "17.09.1987"),
        ("chaNgaySinh", DATE, "17.09.1942", 0.6, "17.09.1912", "17.09.1942", "17.09.1942"),
    ],
)
def test_the_inventory_decides_what_is_unclear_and_no_more(
    code, kind, text, sure, doubt, alone, known
):
    assert values(NO_FACTS, **{code: (kind, text, sure, doubt)}) == {code: alone}
    assert values(BOOK, **{code: (kind, text, sure, doubt)}) == {code: known}


def test_an_empty_field_and_one_that_nothing_is_known_of_stay_as_they_are():
    writings = [LineScores(NAME, ()), LineScores(NAME, (scores("Võ Thị Lan"),))]
    pools = search(writings, ALPHABET)
    fields = [
        RecordField(code, writing, pool)
        for code, writing, pool in zip(("chaHoTen", "voHoTen"), writings, pools, strict=True)
    ]
    assert weigh_together(fields, BOOK, automaton_at(()), ALPHABET, BeamLimits()) == pools


def test_relations_name_columns_that_there_are_and_leave_something_open():
    known = set[str]().union(*map(paper_codes, RegisterType))
    file = ties()
    for shares in [*file.same.values(), *file.surname.values()]:
        assert set(shares) <= known
    assert {*file.same, *file.surname, *file.volume, *file.years} <= known
    assert all(sum(years.values()) < 1 for years in file.years.values())
