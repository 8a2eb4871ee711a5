import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_pipeline.reading.automaton import DEAD, AutomatonBuilder, followed, lexicon
from ocr_pipeline.reading.book_language import place_texts
from ocr_pipeline.reading.decoding import LINE, LineScores, decode
from ocr_pipeline.reading.grammar import compile_grammar
from ocr_pipeline.reading.language import ALPHABET
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.text.date_words import date_to_words
from ocr_pipeline.text.dates import make_date


def scores(text: str, sure: float = 0.9, instead: str = "") -> np.ndarray:
    """Frames that spell a text, a blank after each character; `instead` shares the doubt."""
    rows = []
    for place, character in enumerate(text):
        row = np.full(1 + len(ALPHABET), (1 - sure) / len(ALPHABET))
        row[ALPHABET.index(character) + 1] = sure
        if place < len(instead) and instead[place] != character:
            row[ALPHABET.index(instead[place]) + 1] = 1 - sure
        blank = np.full(1 + len(ALPHABET), 1e-5)
        blank[0] = 1.0
        rows += [row / row.sum(), blank / blank.sum()]
    return np.log(np.array(rows)).astype(np.float32)


def read(kind: str, *lines: np.ndarray, **more: str) -> tuple[str, str]:
    (result,) = decode([LineScores(kind, lines, **more)], ALPHABET)
    return (
        (result.candidates[0].text, result.candidates[0].value) if result.candidates else ("", "")
    )


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12/5/1985", "12.05.1985"),
        ("12 - 05 - 1985", "12.05.1985"),
        ("ngày 12 tháng 5 năm 1985", "12.05.1985"),
        ("5/1985", "05.1985"),
        ("1985", "1985"),
        ("năm 1985", "1985"),
        ("12.5.85", ""),
    ],
)
def test_dates_as_clerks_write_them(written: str, value: str) -> None:
    assert read(FieldKind.DATE, scores(written)) == (written, value)


@pytest.mark.parametrize(
    "written",
    [
        "17 giờ 45 phút, ngày 18/3/2000",
        "7h05 ngày 27.04.2002",
        "lúc 20 giờ 40 ngày 26 tháng 1 năm 2005",
        "ngày 26/1/2005, lúc 20 giờ 40 phút",
        "3 giờ sáng, ngày 9/3/2005",
        "ngày 26/1/2005",
    ],
)
def test_hour_and_day_in_one_blank_as_clerks_write_them(written: str) -> None:
    """A figure that looks like a letter is a figure there, and so is an hour."""
    assert read(FieldKind.FREE_TEXT, scores(written), lexicon="moment")[0] == written
    looks = written.translate(str.maketrans("105", "lOS"))
    found = read(FieldKind.FREE_TEXT, scores(looks, 0.6, written), lexicon="moment")[0]
    assert found == written


def test_another_text_in_the_blank_of_a_moment_is_read_as_it_is() -> None:
    text = scores("Không rõ ngày giờ", 0.999)
    assert read(FieldKind.FREE_TEXT, text, lexicon="moment")[0] == "Không rõ ngày giờ"


def test_a_grammar_mends_what_the_network_misread() -> None:
    assert read(FieldKind.DATE, scores("l2/5/19B5", 0.6, "12/5/1985"))[1] == "12.05.1985"
    assert read(FieldKind.SEX, scores("Mam", 0.6, "Nam"))[1] == "1"
    assert read(FieldKind.NATIONALITY, scores("Viêt Nam", 0.6, "Việt Nam"))[1] == "Việt Nam"
    assert read(FieldKind.PERSON_NAME, scores("Nguyên Vàn Bình", 0.6, "Nguyễn Văn Bình"))[1] == (
        "Nguyễn Văn Bình"
    )


def test_impossible_dates_give_way_to_possible_ones() -> None:
    assert read(FieldKind.DATE, scores("31/4/1985", 0.7, "31/1/1985"))[1] == "31.01.1985"
    assert read(FieldKind.DATE, scores("29/2/1900", 0.6, "29/2/1980"))[1] == "29.02.1980"


def test_what_is_not_listed_is_still_read() -> None:
    assert read(FieldKind.NATIONALITY, scores("Tuvalu", 0.999))[0] == "Tuvalu"
    assert read(FieldKind.RELATION, scores("Bà cố", 0.999))[0] == "Bà cố"
    assert read(FieldKind.PERSON_NAME, scores("Y Bhăm Niê", 0.999))[0] == "Y Bhăm Niê"


def test_parts_of_a_date_in_separate_blanks() -> None:
    parts = [scores(part) for part in ("12", "5", "1985")]
    assert read(FieldKind.DATE, *parts, join=".")[1] == "12.05.1985"


def test_a_text_runs_over_two_lines() -> None:
    text = "xã Lộc Thuận, huyện Bình Đại,", "tỉnh Bến Tre"
    read_text = " ".join(text)
    value = read(FieldKind.PLACE, *(scores(part) for part in text))[1]
    assert value == read_text[0].upper() + read_text[1:]


@settings(max_examples=25, deadline=None)
@given(year=st.integers(1900, 2030), month=st.integers(1, 12), day=st.integers(1, 31))
def test_every_date_in_words_is_read(year: int, month: int, day: int) -> None:
    date = make_date(year, month, day)
    if date is not None:
        words = date_to_words(date)
        assert read(FieldKind.DATE_WORDS, scores(words.lower()))[1] == words


def test_readings_of_one_value_count_together() -> None:
    (result,) = decode(
        [LineScores(FieldKind.DATE, (scores("1/5/1985", 0.6, "1.5.1985"),))], ALPHABET
    )
    assert result.candidates[0].value == "01.05.1985"
    assert result.candidates[0].probability > 0.95
    values = [c.value for c in result.candidates if c.value]
    assert len(values) == len(set(values))
    assert sum(c.probability for c in result.candidates) <= 1 + 1e-6


def test_home_helps_where_the_writing_is_unclear() -> None:
    line = scores(
        "xử Lực Thuân, huyên Binh Đai, tinh Bén Trê",
        0.55,
        "xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre",
    )
    home = ("xã Lộc Thuận", "huyện Bình Đại", "tỉnh Bến Tre")
    (result,) = decode([LineScores(FieldKind.PLACE, (line,))], ALPHABET, home=home)
    assert result.candidates[0].value == "Xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre"


def test_nothing_written_gives_nothing() -> None:
    empty, blank = decode(
        [LineScores(FieldKind.DATE, ()), LineScores(LINE, (scores("")[:0],))], ALPHABET
    )
    assert empty.candidates == () and blank.candidates == ()
    assert decode([], ALPHABET) == []


@pytest.mark.parametrize(
    ("written", "misread"),
    [
        ("Tại gia đình, xã Lộc Thuận", "Tại Hua đình, xã Lộc Thuận"),
        ("Tại nhà riêng, xã Lộc Thuận", "Tại nha riêng. xã Lộc Thuận"),
        ("Trạm y tế xã Lộc Thuận, huyện Bình Đại", "Trạm ý tế xã Lộc Thuân, huyện Bình Đại"),
        ("Bệnh viện đa khoa huyện Bình Đại", "Bênh viên đa khoa, huyện Bình Đai"),
        ("Bệnh viện Phụ sản tỉnh Bến Tre", "Bệnh viện Phụ sảu tỉnh Bếu Tre"),
    ],
)  # fmt: skip
def test_people_are_born_and_die_at_home_or_in_hospital(written: str, misread: str) -> None:
    home = ("xã Lộc Thuận", "huyện Bình Đại", "tỉnh Bến Tre")
    line = scores(misread, 0.5, written)
    (result,) = decode([LineScores(FieldKind.PLACE, (line,))], ALPHABET, home=home)
    assert result.candidates[0].value == written


@pytest.mark.parametrize(
    ("home", "site"),
    [
        (("xã Lộc Thuận", "huyện Bình Đại", "tỉnh Bến Tre"), "Trạm xá xã Lộc Thuận, huyện"),
        (("xã Lộc Thuận", "huyện Bình Đại", "tỉnh Bến Tre"), "Bệnh viện huyện Bình Đại"),
        (("huyện Bình Đại", "tỉnh Bến Tre"), "Bệnh viện huyện Bình Đại"),
        (("phường An Hội", "tỉnh Vĩnh Long"), "Trạm xá phường An Hội"),
        (("tỉnh Bến Tre",), "Bệnh viện Phụ sản tỉnh Bến Tre"),
    ],
)  # fmt: skip
def test_an_agency_of_any_level_is_a_home(home: tuple[str, ...], site: str) -> None:
    texts = place_texts(home)
    assert any(text.startswith(site) for text in texts)
    assert any(text.startswith("Bệnh viện Phụ sản tỉnh") for text in texts)
    assert not any(text.startswith(("Trạm xá huyện", "Trạm xá tỉnh")) for text in texts)


@pytest.mark.parametrize(
    ("written", "misread", "read_as"),
    [
        ("Nguyễn Văn An - Chủ tịch", "Nguyên Văn An - Chu tịch", "Nguyễn Văn An - Chủ tịch"),
        ("Lê Lướm Đãi, Phó Chủ tịch", "Lê Lướm Đãi, Phó Chú tịch", "Lê Lướm Đãi, Phó Chủ tịch"),
        ("Nguyễn Văn An", "Nguyên Văn An", "Nguyễn Văn An"),
    ],
)  # fmt: skip
def test_a_signer_and_the_position_in_one_blank(written: str, misread: str, read_as: str) -> None:
    field = scores(misread, 0.5, written)
    assert read("free_text", field, lexicon="name_position")[0] == read_as


def test_a_signer_and_the_position_without_a_mark_stay_as_written() -> None:
    written = "Nguyễn Văn An Chủ tịch"
    assert read("free_text", scores(written), lexicon="name_position")[0] == written


@pytest.mark.parametrize(
    ("misread", "written"),
    [
        ("Người được giám bộ đã đá 18 tuổi", "Người được giám hộ đã đủ 18 tuổi"),
        ("Người giảm hộ chất ngày 13l05.2O21", "Người giám hộ chết ngày 13.05.2021"),
        ("người được giám hộ đã đủ 18 tuổi", "Người được giám hộ đã đủ 18 tuổi"),
        (
            "Chú mẹ của người được giám hộ đã có đủ điều hiện thực hiện quyền, nghĩa mụ của mình",
            "Cha mẹ của người được giám hộ đã có đủ điều kiện thực hiện quyền, nghĩa vụ của mình",
        ),
    ],
)
def test_why_a_guardianship_ends_in_the_words_of_the_law(misread: str, written: str) -> None:
    field = scores(misread, 0.6, written)
    assert read(FieldKind.FREE_TEXT, field, lexicon="guardianship_end")[0] == written


@pytest.mark.parametrize(
    ("lexicon", "misread", "written"),
    [
        (
            "marital_status",
            "hiện tại Chưa đăng ký tết hôn với ại",
            "Hiện tại chưa đăng ký kết hôn với ai",
        ),
        (
            "marital_status",
            "Đã ly hồn theo Quyết định số 12/QĐST-HNCĐ, Hiện tại chưa đãng ký kết hôn với ai",
            "Đã ly hôn theo Quyết định số 12/QĐST-HNGĐ, hiện tại chưa đăng ký kết hôn với ai",
        ),
        ("marital_status", "Vọ đã chất năm 2009", "Vợ đã chết năm 2009"),
        (
            "certificate_purpose",
            "Đổ làm thủ lục đăng ký Kết hôn",
            "Để làm thủ tục đăng ký kết hôn",
        ),
        ("certificate_purpose", "bổ túc hồ sơ Vay vốn ngân hàng", "Bổ túc hồ sơ vay vốn ngân hàng"),
        ("certificate_purpose", "Mua bân nhà đát", "Mua bán nhà đất"),
    ],
)
def test_what_a_certificate_of_marital_status_says(
    lexicon: str, misread: str, written: str
) -> None:
    field = scores(misread, 0.6, written)
    assert read(FieldKind.FREE_TEXT, field, lexicon=lexicon)[0] == written


@pytest.mark.parametrize(
    ("misread", "written"),
    [
        ("Đã cáp trích lục ngày 29l6/2OO4", "Đã cấp trích lục ngày 29/6/2004"),
        ("cải Chính năm sinh theo QĐ số 16/QĐ-UBNĐ", "Cải chính năm sinh theo QĐ số 16/QĐ-UBND"),
        ("Ly hồn theo Quyết định số ll6/QĐST-HNGĐ", "Ly hôn theo Quyết định số 116/QĐST-HNGĐ"),
        ("Bố sung phần khai về Cha ngày 12.3.199O", "Bổ sung phần khai về cha ngày 12.3.1990"),
        ("Đăng ký quả hạn", "Đăng ký quá hạn"),
    ],
)
def test_remarks_of_what_the_law_has_entered(misread: str, written: str) -> None:
    field = scores(misread, 0.6, written)
    assert read(FieldKind.FREE_TEXT, field, lexicon="note")[0] == written


@pytest.mark.parametrize("written", ["Vợ chồng đăng ký lưu động", "Kèm biên bản số 12", "Đã trả"])
def test_other_remarks_are_read_as_they_are(written: str) -> None:
    assert read(FieldKind.FREE_TEXT, scores(written), lexicon="note")[0] == written


def test_a_sentence_begins_with_a_capital_and_keeps_its_other_letters() -> None:
    grammar = compile_grammar({"whole": "(đã )?có <one>", "one": "vợ|QĐ"}, "whole", ALPHABET,
                              sentence=True)  # fmt: skip
    for text in ("Đã có vợ", "Có vợ", "Có QĐ"):
        assert grammar.weight(text, "whole") == 0
    for text in ("đã có vợ", "Đã Có vợ", "Có Vợ", "Có qđ", "có vợ", ""):
        assert grammar.weight(text, "whole") == -np.inf


def test_another_reason_is_read_as_it_is() -> None:
    written = "Bà ngoại xin nuôi cháu từ ngày 5/6/2019"
    field = scores(written)
    assert read(FieldKind.FREE_TEXT, field, lexicon="guardianship_end")[0] == written


def test_a_back_off_model_followed_by_a_list() -> None:
    builder = AutomatonBuilder(ALPHABET)
    shortest, after = builder.state(), builder.state()
    builder.failure(after, shortest, -2.0)
    for state in (shortest, after):
        builder.arc(state, "A", after, -1.0)
        builder.arc(state, "-", shortest, -0.1)  # its own, before "A-na": lost
        builder.arc(state, "", DEAD, -0.1)
    model = builder.build({"names": shortest}, {"names": "A-"})
    offices = lexicon(ALPHABET, {"Chủ tịch": 1.0, "Phó": 1.0}, "offices")
    both = followed(model, "-,", offices, "both")
    half = np.log(0.5)
    assert both.weight("A-Phó", "both") == pytest.approx(-1.0 - 2.0 + half + half)
    assert both.weight("A, Chủ tịch", "both") == both.weight("A,Chủ tịch", "both") > -np.inf
    for text in ("A", "A-", "A-A", "A-A-Phó", "A -Phó"):
        assert both.weight(text, "both") == -np.inf
