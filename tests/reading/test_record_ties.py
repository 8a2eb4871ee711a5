import pytest

from ocr_pipeline.reading.decoding import LineScores, search, settle
from ocr_pipeline.reading.language import ALPHABET
from ocr_pipeline.reading.record_ties import RecordField, ties, weigh_together
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.layout_codes import paper_codes
from ocr_pipeline.registers.types import RegisterType
from tests.reading.test_decoding import scores

NAME = FieldKind.PERSON_NAME


def values(**fields):
    """What a record says, by code: each field is (kind, text, sureness, what shares the doubt)."""
    writings = {
        code: LineScores(kind, (scores(*said),) if said[0] else ())
        for code, (kind, *said) in fields.items()
    }
    pools = search(list(writings.values()), ALPHABET)
    together = weigh_together(
        [RecordField(*one, pool) for one, pool in zip(writings.items(), pools, strict=True)]
    )
    read = {}
    for (code, writing), pool in zip(writings.items(), together, strict=True):
        found = settle(writing, ALPHABET, pool).candidates
        read[code] = found[0].value if found else ""
    return read


@pytest.mark.parametrize(("sure", "informant"), [(0.53, "Võ Thị Mận"), (0.99, "Võ Thị Lan")])
def test_an_unclear_informant_is_the_mother_and_a_clear_one_stays(sure, informant):
    unclear = (NAME, "Võ Thị Lan", sure, "Võ Thị Mận")
    assert values(nycHoTen=unclear)["nycHoTen"] == "Võ Thị Lan"
    read = values(nycHoTen=unclear, meHoTen=(NAME, "Võ Thị Mận", 0.97))
    assert read == {"nycHoTen": informant, "meHoTen": "Võ Thị Mận"}


def test_a_child_has_the_fathers_surname_where_its_own_is_unclear():
    child = (NAME, "Lê Văn An", 0.52, "Lý Văn An")
    assert values(nksHoTen=child)["nksHoTen"] == "Lê Văn An"
    assert values(nksHoTen=child, chaHoTen=(NAME, "Lý Văn Đào", 0.97)) == {
        "nksHoTen": "Lý Văn An", "chaHoTen": "Lý Văn Đào",
    }  # fmt: skip


def test_an_empty_field_and_one_that_nothing_is_known_of_stay_as_they_are():
    writings = [LineScores(NAME, ()), LineScores(NAME, (scores("Võ Thị Lan"),))]
    pools = search(writings, ALPHABET)
    fields = [
        RecordField(code, writing, pool)
        for code, writing, pool in zip(("chaHoTen", "voHoTen"), writings, pools, strict=True)
    ]
    assert weigh_together(fields) == pools


def test_relations_name_columns_that_there_are_and_leave_something_open():
    known = set[str]().union(*map(paper_codes, RegisterType))
    file = ties()
    for shares in [*file.same.values(), *file.surname.values()]:
        assert set(shares) <= known
    assert {*file.same, *file.surname} <= known
    for codes in map(paper_codes, RegisterType):  # shares of one record: all of it is never given
        for shares in [*file.same.values(), *file.surname.values()]:
            assert sum(share for source, share in shares.items() if source in codes) < 1
