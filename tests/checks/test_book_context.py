import random
from dataclasses import replace

import pytest

from ocr_pipeline.checks.book_context import rerank
from ocr_pipeline.registers.fields import Box, Candidate, Field, Record, State
from ocr_pipeline.text.date_words import date_to_words
from ocr_pipeline.text.dates import PartialDate
from tests.builders.books import make_book
from tests.builders.rows import CLEAN, noisy, numbered, read, sure_record


def test_the_sequence_of_numbers_decides_between_candidates():
    fields = [read("so", (f"{i:02d}/2018", 0.97)) for i in range(1, 8)]
    fields[3] = read("so", ("09/2018", 0.5), ("04/2018", 0.4))
    reread = rerank(numbered(7, so=fields), make_book())[3].fields["so"]
    assert reread.value == "04/2018" and reread.confidence > 0.95
    assert reread.versions["reranked"].startswith("09/2018 → 04/2018")
    assert [c.value for c in reread.n_best] == ["04/2018", "09/2018"]
    assert reread.as_written == "09/2018"  # what the recogniser read stays


def test_figures_that_a_hand_hides_alike_bear_each_other_out_no_more():
    """110, 111 and 112, written so that the figures touch: each by itself looks like 10, 11, 12."""
    short, long = (10, 11, 12), (110, 111, 112)
    odds = ((0.3, 0.65), (0.9, 0.05), (0.9, 0.05))
    fields = [
        read("so", (f"{a}/2018", p), (f"{b}/2018", q))
        for a, b, (p, q) in zip(short, long, odds, strict=True)
    ]
    for record in rerank(numbered(3, so=fields), make_book()):
        assert record.fields["so"].confidence < 0.9


def test_a_number_read_rightly_is_not_overruled_by_two_that_hide_the_same_figure():
    """111 and 112 look like 11 and 12 without a doubt; only 110 shows its first figure."""
    fields = [
        read("so", ("110/2018", 0.85), ("10/2018", 0.1)),
        read("so", ("11/2018", 0.98)),
        read("so", ("12/2018", 0.98)),
    ]
    for record in rerank(numbered(3, so=fields), make_book()):
        assert record.fields["so"].confidence < 0.95


def test_a_run_before_them_tells_which_of_two_runs_is_true():
    before = [read("so", (f"{n}/2018", 0.97)) for n in (107, 108, 109)]
    hidden = [read("so", (f"{n}/2018", 0.7), (f"{n + 100}/2018", 0.25)) for n in (10, 11, 12)]
    found = rerank(numbered(6, so=[*before, *hidden]), make_book())[3:]
    assert [r.fields["so"].value for r in found] == ["110/2018", "111/2018", "112/2018"]
    assert all(r.fields["so"].confidence > 0.95 for r in found)


def test_a_figure_left_out_in_one_number_alone_is_decided_by_its_neighbours():
    fields = [read("so", (f"{n}/2018", 0.97)) for n in range(10, 15)]
    fields[2] = read("so", ("112/2018", 0.6), ("12/2018", 0.35))
    field = rerank(numbered(5, so=fields), make_book())[2].fields["so"]
    assert field.value == "12/2018" and field.confidence > 0.95


def test_what_no_candidate_says_is_only_suggested():
    fields = [read("so", (f"{i:02d}/2018", 0.97)) for i in range(1, 8)]
    fields[3] = read("so", ("91/2018", 0.6), ("71/2018", 0.2))
    field = rerank(numbered(7, so=fields), make_book())[3].fields["so"]
    assert field.value == "91/2018" and field.confidence < 0.3
    assert "04/2018" in [c.value for c in field.n_best[1:]]


def test_a_clear_gap_stays_a_gap():
    fields = [read("so", (f"{i:02d}/2018", 0.97)) for i in (1, 2, 3, 7, 8, 9)]
    assert [r.fields["so"].value for r in rerank(numbered(6, so=fields), make_book())] == [
        field.value for field in fields
    ]


def words(day: int) -> str:
    return date_to_words(PartialDate(2018, 7, day))


def test_two_writings_of_one_date_support_each_other():
    one = sure_record(
        CLEAN["KS"],
        nksNgaySinh=read("nksNgaySinh", ("07.07.2018", 0.6), ("01.07.2018", 0.3)),
        nksNgaySinhBangChu=read("nksNgaySinhBangChu", (words(1), 0.7), (words(11), 0.2)),
    )
    fields = rerank([one], make_book())[0].fields
    assert fields["nksNgaySinh"].value == "01.07.2018"
    assert (
        fields["nksNgaySinh"].confidence > 0.95 and fields["nksNgaySinhBangChu"].confidence > 0.95
    )


def test_two_sure_writings_that_contradict_lose_confidence_but_keep_their_values():
    one = sure_record(
        CLEAN["KS"],
        nksNgaySinh=read("nksNgaySinh", ("02.07.2018", 0.99)),
        nksNgaySinhBangChu=read("nksNgaySinhBangChu", (words(1), 0.99)),
    )
    fields = rerank([one], make_book())[0].fields
    assert fields["nksNgaySinh"].value == "02.07.2018"
    assert fields["nksNgaySinhBangChu"].value == words(1)
    assert fields["nksNgaySinh"].confidence < 0.9
    assert "01.07.2018" in [c.value for c in fields["nksNgaySinh"].n_best]


def test_recurring_signers_help_an_unclear_signature():
    fields = [read("nguoiKy", ("Lê Văn Tám", 0.95)) for _ in range(12)]
    fields[5] = read("nguoiKy", ("Lê Văn Tâm", 0.5), ("Lê Văn Tám", 0.4))
    field = rerank(numbered(12, nguoiKy=fields), make_book())[5].fields["nguoiKy"]
    assert field.value == "Lê Văn Tám" and field.confidence > 0.9


def test_a_hand_that_is_always_misread_alike_gets_no_surer():
    fields = [read("nguoiKy", ("Nguyễn Thị Thủy", 0.9)) for _ in range(30)]
    fields[3] = read("nguoiKy", ("Nguyễn Thị Thuy", 0.5), ("Nguyễn Thị Thủy", 0.4))
    own = [r.fields["nguoiKy"] for r in rerank(numbered(30, nguoiKy=fields), make_book())]
    assert {field.value for field in own} == {"Nguyễn Thị Thủy"}
    assert max(field.confidence for field in own) <= 0.92
    assert own[3].confidence > 0.8


def test_an_unclear_name_does_not_become_sure_by_recurring():
    fields = [read("nguoiKy", ("Lê Văn Tám", 0.6)) for _ in range(30)]
    again = rerank(numbered(30, nguoiKy=fields), make_book())
    assert all(r.fields["nguoiKy"].confidence < 0.8 for r in again)


def test_what_people_decided_is_certain_and_untouched():
    fields = [read("so", (f"{i:02d}/2018", 0.97)) for i in range(1, 8)]
    fields[3] = read("so", ("44/2018", 1.0), state=State.CORRECTED)
    assert rerank(numbered(7, so=fields), make_book())[3].fields["so"] is fields[3]


def test_the_inventory_knows_the_volume():
    one = sure_record(CLEAN["KS"], quyenSo=read("quyenSo", ("07/2018", 0.5), ("01/2018", 0.4)))
    assert rerank([one], make_book())[0].fields["quyenSo"].value == "01/2018"


@pytest.mark.long
def test_confidence_stays_honest_in_books_with_gaps_repetitions_and_slips():
    rng = random.Random(7)
    truths, fields, number = [], [], 0
    while len(truths) < 1500:
        step = rng.choices([1, 0, 2, 5], [0.97, 0.01, 0.015, 0.005])[0]
        number += step
        truth = f"{number:02d}/2018"
        digits = list(truth)
        digits[rng.randrange(len(digits) - 5)] = str(rng.randint(0, 9))
        wrong = "".join(digits)
        truths.append(truth)
        fields.append(noisy(rng, "so", truth, wrong if wrong != truth else "9" + truth))
    again = rerank(numbered(1500, so=fields), make_book())
    own = [r.fields["so"] for r in again]
    right = [f.value == t for f, t in zip(own, truths, strict=True)]
    before = [f.value == t for f, t in zip(fields, truths, strict=True)]
    assert sum(right) > sum(before)
    sure = [ok for ok, f in zip(right, own, strict=True) if f.confidence > 0.99]
    assert len(sure) > 1200
    assert sum(sure) / len(sure) > 0.99


def test_numbers_written_without_a_year_get_it_from_the_date_or_the_book():
    one = sure_record(
        CLEAN["KS"],
        so=read("so", ("12", 0.97)),
        quyenSo=read("quyenSo", ("01", 0.97), ("07", 0.02)),
    )
    fields = rerank([one], make_book())[0].fields
    assert fields["so"].value == fields["so"].n_best[0].value == "12/2018"
    assert fields["quyenSo"].value == "01/2018"
    undated = sure_record(CLEAN["KS"], so=read("so", ("12", 0.97)), ngayDangKy=read("ngayDangKy"))
    assert rerank([undated], make_book())[0].fields["so"].value == "12"
    assert rerank([undated, *numbered(3)], make_book())[0].fields["so"].value == "12/2018"
    unsure = sure_record(
        CLEAN["KS"],
        so=read("so", ("12", 0.97)),
        ngayDangKy=read("ngayDangKy", ("05.07.2018", 0.5), ("05.07.2013", 0.4)),
    )
    assert rerank([unsure], make_book())[0].fields["so"].confidence < 0.7


def test_an_unusual_signer_is_not_overruled_by_the_usual_one():
    fields = [read("nguoiKy", ("Lê Văn Tám", 0.97)) for _ in range(20)]
    fields[9] = read("nguoiKy", ("Phạm Thị Hoa", 0.97))
    assert (
        rerank(numbered(20, nguoiKy=fields), make_book())[9].fields["nguoiKy"].value
        == "Phạm Thị Hoa"
    )


def test_dates_after_the_registration_are_unlikely():
    born = read("meNgaySinh", ("1999", 0.5), ("1990", 0.4))
    late = read("nksNgaySinh", ("07.07.2028", 0.6), ("01.07.2018", 0.35))
    fields = rerank([sure_record(CLEAN["KS"], meNgaySinh=born, nksNgaySinh=late)], make_book())[
        0
    ].fields
    assert fields["nksNgaySinh"].value == "01.07.2018"
    assert fields["meNgaySinh"].value == "1999"


def test_a_suggestion_never_comes_first_whatever_else_speaks():
    one = sure_record(
        CLEAN["KS"],
        nksNgaySinh=read("nksNgaySinh", ("07.07.2028", 0.9)),
        nksNgaySinhBangChu=read("nksNgaySinhBangChu", (words(1), 0.99)),
    )
    field = rerank([one], make_book())[0].fields["nksNgaySinh"]
    assert field.value == "07.07.2028" and field.confidence < 0.3
    assert field.n_best[1].value == "01.07.2018"


def informant_and_mother(state: State) -> dict[str, Field]:
    one = sure_record(
        CLEAN["KS"],
        nycHoTen=read("nycHoTen", ("Trần Thị Bê", 0.5), ("Trần Thị Bé", 0.4)),
        meHoTen=read("meHoTen", ("Trần Thị Bé", 0.9), state=state),
    )
    return dict(rerank([one], make_book())[0].fields)


def test_a_confirmed_parent_helps_the_informants_name():
    field = informant_and_mother(State.CONFIRMED)["nycHoTen"]
    assert field.value == "Trần Thị Bé" and field.confidence <= 0.97


def test_names_that_the_page_has_weighed_together_are_not_weighed_again():
    fields = informant_and_mother(State.READ)
    assert fields["nycHoTen"].value == "Trần Thị Bê"
    assert fields["meHoTen"].confidence == 0.9


def test_a_common_surname_does_not_make_the_rest_of_a_name_sure():
    one = sure_record(CLEAN["KS"], nksHoTen=read("nksHoTen", ("Nguyễn Văn An", 0.7)))
    assert rerank([one], make_book())[0].fields["nksHoTen"].confidence < 0.75


def test_places_that_do_not_exist_give_way():
    good, bad = (f"{xa}, huyện Bình Đại, tỉnh Bến Tre" for xa in ("xã Lộc Thuận", "xã Lộc Thuân"))
    one = sure_record(CLEAN["KS"], nksQueQuan=read("nksQueQuan", (bad, 0.5), (good, 0.4)))
    records = [one, *numbered(6)]
    assert rerank(records, make_book())[0].fields["nksQueQuan"].value == good


def test_a_personal_number_fits_its_bearer():
    read_as = [("083291001234", 0.5), ("083190001234", 0.3), ("683190001234", 0.1)]
    one = sure_record(CLEAN["KS"], meSoGiayToTuyThan=read("meSoGiayToTuyThan", *read_as))
    assert rerank([one], make_book())[0].fields["meSoGiayToTuyThan"].value == "083190001234"


def document(*n_best):
    return in_a_marriage(read("chongGiayTo", *n_best, type="KH"))


def in_a_marriage(own):
    record = sure_record(CLEAN["KH"], "KH", **{own.code: own})
    return rerank([record], make_book("KH"))[0].fields[own.code]


def test_a_number_without_the_shape_of_its_paper_gives_way():
    """A narrow `1` or a doubled figure is easily left out."""
    assert document(("1 24790632", 0.5), ("1 241790632", 0.38)).value == "1 241790632"
    assert document(("4 06690524293", 0.44), ("4 066090524293", 0.26)).value == "4 066090524293"


def test_a_number_that_keeps_its_shape_is_surer():
    assert document(("1 241790632", 0.9)).confidence > 0.94
    assert document(("2 B1234567", 0.9)).confidence == 0.9  # passports have any shape


def test_a_document_without_a_value_gives_way_to_a_number_of_a_shape():
    own = read("chongGiayTo", ("1 113219411", 0.27), type="KH")
    unread = Candidate("11321941", "", 0.72)
    own = replace(
        own, value="", as_written="11321941", confidence=0.72, n_best=(unread, *own.n_best)
    )
    field = in_a_marriage(own)
    assert field.value == "1 113219411" and field.confidence < 0.95
    nothing = replace(
        own, as_written="Không", n_best=(Candidate("Không", "", 0.72), *own.n_best[1:])
    )
    assert in_a_marriage(nothing) == nothing


def test_a_place_whose_units_exist_is_surer():
    assert place_as_read("Xã Phước Ngãi, huyện Ba Tri, tỉnh Bến Tre") > 0.94


def test_the_address_of_the_books_own_agency_is_surer_than_another():
    home = place_as_read("Xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre")
    assert home == place_as_read("Lộc Thuận, Bình Đại, Bến Tre") > 0.97
    for other in (
        "Xã Phước Ngãi, huyện Ba Tri, tỉnh Bến Tre",
        "Ấp 3, xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre",
        "Huyện Bình Đại, tỉnh Bến Tre",
    ):
        assert place_as_read(other) < 0.96


def place_as_read(place):
    one = sure_record(CLEAN["KS"], nksQueQuan=read("nksQueQuan", (place, 0.9)))
    return rerank([one], make_book())[0].fields["nksQueQuan"].confidence


@pytest.mark.parametrize(
    ("written", "surer"),
    [("3/04/1990", False), ("3/041990", False), ("3 - 04 - 1990", False),
     ("03/04/1990", True), ("3/4/1990", True),
     ("03/4/1990", True), ("13/04/1990", True), ("3/10/1990", True)],
)  # fmt: skip
def test_a_day_without_the_zero_that_its_month_has_is_doubted(written, surer):
    own = read("meNgaySinh", ("03.04.1990", 0.97))
    own = replace(own, n_best=(replace(own.n_best[0], text=written), *own.n_best[1:]))
    [record] = rerank([sure_record(CLEAN["KS"], meNgaySinh=own)], make_book())
    assert (record.fields["meNgaySinh"].confidence >= 0.95) is surer


def sheets(*numbers: Field) -> list[Record]:
    """Sheets with four records each, whose page number is read with each of them."""
    return [
        Record(f"{sheet}.jpg", position, "KT-before-1999", {"trangSo": number})
        for sheet, number in enumerate(numbers, 1)
        for position in range(1, 5)
    ]


def page_number(*readings: tuple[str, float]) -> Field:
    return replace(read("trangSo", *readings), box=Box(1500, 40, 120, 50))


def test_the_page_number_of_a_sheet_is_one_reading_however_many_records_it_holds():
    """Four times 41 had outweighed the two sheets before."""
    sure = [page_number((str(number), 0.97)) for number in (9, 10)]
    records = sheets(*sure, page_number(("41", 0.8), ("11", 0.15)))
    last = [record.fields["trangSo"] for record in rerank(records, make_book())][-4:]
    assert [own.value for own in last] == ["11"] * 4
    unlisted = sheets(*sure, page_number(("41", 0.93)))
    last = [record.fields["trangSo"] for record in rerank(unlisted, make_book())][-4:]
    assert len({(own.value, own.confidence) for own in last}) == 1
    assert last[0].confidence < 0.95, "nothing bears it out, whichever record asks"


def test_what_a_person_says_of_a_page_number_holds_for_all_records_of_the_sheet():
    records = sheets(page_number(("41", 0.99)))
    said = replace(records[2].fields["trangSo"], value="11", state=State.CORRECTED)
    records[2] = replace(records[2], fields={"trangSo": said})
    found = [record.fields["trangSo"] for record in rerank(records, make_book())]
    assert [own.value for own in found] == ["11"] * 4
    assert found[2] == said and found[0].confidence > 0.99 and found[0].state is not said.state
