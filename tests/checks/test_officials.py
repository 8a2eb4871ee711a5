import random
from dataclasses import replace

from ocr_pipeline.checks.book_context import rerank
from ocr_pipeline.checks.book_judgement import judge_book
from ocr_pipeline.registers.fields import Field, State
from tests.builders.books import make_book
from tests.builders.rows import numbered, read

SIGNER = "Trần Vyễm Hải"
BOTH = "Trần Sà Rinh - Phó Chủ tịch"
MISREAD = [  # lists without the signer, as a network reads a name that no list has
    [("Trần Huyễm Hải", 0.18), ("Trần Tuyễm Hải", 0.36), ("Trần Luyễm Hải", 0.06)],
    [("Trần Vuyễm Hải", 0.2), ("Trần Vuyễn Hải", 0.31), ("Trần Huyền Hải", 0.07)],
    [("Trần Vuyễn Hải", 0.36), ("Trần Vuyễm Hải", 0.1)],
]


def signed(fields: list[Field]) -> list[Field]:
    """The signers of births signed one after the other, as their book leaves them."""
    return [r.fields["nguoiKy"] for r in rerank(numbered(len(fields), nguoiKy=fields), make_book())]


def misread(count: int) -> list[Field]:
    return [read("nguoiKy", *MISREAD[n % len(MISREAD)]) for n in range(count)]


def decided(field: Field, value: str, state: State = State.CORRECTED) -> Field:
    return replace(field, value=value, state=state, confidence=1.0)


def test_a_confirmed_signer_stands_for_readings_that_miss_him():
    fields = misread(6)
    assert SIGNER not in {field.value for field in signed(fields)}
    fields[0] = decided(fields[0], SIGNER)
    after = signed(fields)[1:]
    assert {field.value for field in after} == {SIGNER}
    assert all(field.versions["reranked"].endswith("(officials)") for field in after)
    assert all(
        own.as_written == before.as_written for own, before in zip(after, fields[1:], strict=True)
    )


def test_what_people_take_back_is_forgotten():
    fields = misread(6)
    before = signed(fields)
    signed([decided(fields[0], "Nguyễn Thị Nhầm"), *fields[1:]])
    assert signed(fields) == before


def test_a_name_unlike_all_known_ones_stays():
    fields = [decided(one, SIGNER) for one in misread(9)]
    fields[4] = read("nguoiKy", ("H'Bia Niê Kdăm", 0.6), ("H'Bia Niê Kđăm", 0.2))
    field = signed(fields)[4]
    assert field.value == "H'Bia Niê Kdăm" and field.confidence > 0.3


def test_a_look_alike_read_surely_is_never_replaced_without_a_person():
    fields = [decided(read("nguoiKy", ("Lê Văn Tám", 0.9)), "Lê Văn Tám") for _ in range(9)]
    fields.append(read("nguoiKy", ("Lê Văn Tâm", 0.97), ("Lê Văn Tám", 0.01)))
    records = judge_book(make_book(), numbered(10, nguoiKy=fields))
    assert records[9].fields["nguoiKy"].state is State.IN_REVIEW


def test_a_corrected_reading_is_not_believed_again():
    wrong = read("nguoiKy", ("Nguyễn Văn Hiệp", 0.99), ("Nguyễn Xuân Hiệp", 0.001))
    before = judge_book(make_book(), numbered(9, nguoiKy=[wrong] * 9))
    assert all(r.fields["nguoiKy"].state is State.ACCEPTED for r in before)
    once = [decided(wrong, "Nguyễn Xuân Hiệp"), *[wrong] * 8]
    after = judge_book(make_book(), numbered(9, nguoiKy=once))[1:]
    assert all(r.fields["nguoiKy"].state is State.IN_REVIEW for r in after)
    twice = [decided(wrong, "Nguyễn Xuân Hiệp")] * 2 + [wrong] * 7
    after = judge_book(make_book(), numbered(9, nguoiKy=twice))[2:]
    assert {r.fields["nguoiKy"].value for r in after} == {"Nguyễn Xuân Hiệp"}
    assert all(r.fields["nguoiKy"].state is State.ACCEPTED for r in after)


def test_a_reading_that_people_confirmed_and_corrected_stays_with_people():
    wrong = read("nguoiKy", ("Nguyễn Văn Hiệp", 0.99), ("Nguyễn Xuân Hiệp", 0.001))
    said = [decided(wrong, "Nguyễn Xuân Hiệp"), decided(wrong, "Nguyễn Xuân Hiệp")]
    said.append(decided(wrong, "Nguyễn Văn Hiệp", State.CONFIRMED))
    after = judge_book(make_book(), numbered(9, nguoiKy=[*said, *[wrong] * 6]))[3:]
    assert all(r.fields["nguoiKy"].state is State.IN_REVIEW for r in after)


def test_a_hand_that_is_often_misread_asks_less_with_each_correction():
    """Each record is misread in another way; the signer is known from those before."""
    fields = [
        read("nguoiKy", (f"Đinh {way} Phúc", 0.6), ("Đinh Tậc Phúc", 0.1))
        for way in ("Tân", "Tắc", "Tộc", "Tác", "Lắc", "Tâu")
    ]
    sure = []
    for count in (1, 3):
        said = [decided(field, "Đinh Tậc Phúc") for field in fields[:count]]
        after = signed([*said, *fields[count:]])[-1]
        assert after.value == "Đinh Tậc Phúc"
        sure.append(after.confidence)
    assert sure[0] < 0.95 < sure[1]


def test_name_and_position_in_one_field_are_officials_too():
    fields = [
        read("nguoiKyVaChucVu", ("Trần Sà Kinh - Phó Chủ tịch", 0.6), (BOTH, 0.2)) for _ in range(6)
    ]
    fields[0] = decided(fields[0], BOTH)
    after = rerank(numbered(6, nguoiKyVaChucVu=fields), make_book())
    assert {r.fields["nguoiKyVaChucVu"].value for r in after} == {BOTH}


def test_readings_of_one_book_agree_without_anybody():
    lists = [
        [("Lý Chễm Vân", 0.3), ("Lý Chẽm Vân", 0.25)],
        [("Ký Chẽm Vân", 0.24), ("Lý Chẽm Vân", 0.2), ("Ký Chếm Vân", 0.1)],
        [("Lý Chếm Vân", 0.22), ("Lý Chẽm Vân", 0.2), ("Cký Chếm Vân", 0.1)],
        [("Lý Chẽm Vân", 0.4), ("Lý Chềm Vân", 0.1)],
    ]
    after = signed([read("nguoiKy", *own) for own in lists])
    assert {field.value for field in after} == {"Lý Chẽm Vân"}
    assert all(field.confidence < 0.95 for field in after)  # one hand is misread alike


def test_a_reading_hard_to_make_out_is_as_sure_as_the_surer_half():
    sure = [read("nguoiKy", ("Cà Văn Hiếu", 0.97)), read("nguoiKy", ("Cà Văn Hiếu", 0.96))]
    faint = read("nguoiKy", ("Cà Văn Hiếu", 0.6), ("Cà Văn Hiển", 0.2))
    after = signed([*sure, faint])
    assert {field.value for field in after} == {"Cà Văn Hiếu"}
    assert min(field.confidence for field in after) > 0.95


def test_one_sure_reading_among_many_faint_ones_makes_none_of_them_sure():
    faint = [read("nguoiKy", ("Cà Văn Hiếu", 0.7), ("Cà Văn Hiển", 0.1)) for _ in range(19)]
    after = signed([read("nguoiKy", ("Cà Văn Hiếu", 0.99)), *faint])
    assert max(field.confidence for field in after[1:]) < 0.8


def test_decisions_stay_and_the_order_of_records_does_not_matter():
    fields = misread(8)
    fields[2] = decided(fields[2], SIGNER)
    fields[5] = decided(fields[5], "Lê Văn Tám", State.CONFIRMED)
    after = signed(fields)
    assert after[2] is fields[2] and after[5] is fields[5]
    order = list(range(8))
    random.Random(3).shuffle(order)
    again = signed([fields[place] for place in order])
    for place, field in zip(order, again, strict=True):
        assert field.value == after[place].value
        assert abs(field.confidence - after[place].confidence) < 1e-9


def test_the_spelling_of_people_counts():
    fields = [read("nguoiKy", ("Nguyễn Thị Hoà", 0.6), ("Nguyễn Thị Hoa", 0.2)) for _ in range(4)]
    fields[0] = decided(fields[0], "Nguyễn Thị Hòa")
    assert {field.value for field in signed(fields)} == {"Nguyễn Thị Hòa"}
