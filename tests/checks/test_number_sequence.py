"""The rules between records and the page of a book say the same about the same numbers."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ocr_pipeline.checks.book_rules import check_book
from ocr_pipeline.checks.number_sequence import gaps, gaps_beside, missing, repeats, shown

present = st.sets(
    st.tuples(st.sampled_from([0, 2017, 2018]), st.integers(1, 120)), min_size=1, max_size=40
)


def said(rows, rule: str) -> list[str]:
    """The messages of a rule."""
    return [finding.message.en for finding in check_book(rows) if finding.rule == rule]


@given(present)
def test_the_rules_and_the_page_of_a_book_find_the_same_gaps(numbers):
    rows = [{"so": shown(number)} for number in sorted(numbers)]
    told = [message.partition(": ")[2] for message in said(rows, "number_gap")]
    assert [span for message in told for span in message.split(", ")] == gaps(Counter(numbers))


@given(present, st.data())
def test_the_rules_and_the_page_of_a_book_name_the_same_repeated_number(numbers, data):
    twice = data.draw(st.sampled_from(sorted(numbers)))
    rows = [{"so": shown(number)} for number in sorted([*numbers, twice])]
    [named] = repeats(Counter([*numbers, twice]))
    [message] = said(rows, "duplicate_number")
    assert named in message


@given(present)
def test_what_is_missing_and_what_is_there_make_up_the_whole(numbers):
    spans = missing(numbers)
    absent = {(s.year, n) for s in spans for n in range(s.first, s.last + 1)}
    assert not absent & numbers and sum(map(len, spans)) == len(absent)
    for year in {year for year, _ in numbers}:
        own = [number for other, number in numbers if other == year]
        whole = {(year, number) for number in range(min(own), max(own) + 1)}
        assert whole == {one for one in absent | numbers if one[0] == year}


def test_spans_as_people_read_them():
    book = Counter({(2017, 6): 1, (2017, 8): 2, (2017, 13): 1, (0, 1): 1, (0, 3): 1, (0, 120): 1})
    assert gaps(book) == ["02", "04–119", "07/2017", "09–12/2017"]
    assert repeats(book) == ["08/2017"]


def page(*numbers: int | None) -> list[tuple[int, int] | None]:
    """A page with records of these numbers of 2017."""
    return [number and (2017, number) for number in numbers]


def beside(*pages) -> dict[int, list[str]]:
    return {place: [str(span) for span in spans] for place, spans in gaps_beside(pages).items()}


def test_numbers_missing_where_a_page_has_no_record_are_told_at_that_page():
    assert beside(page(1), None, page(3)) == {1: ["02/2017"]}
    assert beside(page(1), None, None, page(5)) == {1: ["02–04/2017"], 2: ["02–04/2017"]}
    assert beside(page(1, 2), None, page(5, 6), None) == {1: ["03–04/2017"]}
    assert beside(page(1), None, page(2), page(4)) == {}
    assert beside(page(1), None, page(3), page(2)) == {}  # it stands elsewhere


def test_a_record_whose_number_cannot_be_read_accounts_for_one_that_is_missing():
    assert beside(page(1), None, page(None), page(3)) == {}
    assert beside(page(1), None, page(None), page(4)) == {1: ["02–03/2017"]}


def test_the_first_numbers_of_a_book_may_be_missing_but_a_later_volume_goes_on():
    assert beside(None, page(2), page(3)) == {0: ["01/2017"]}
    assert beside(None, page(1), page(2)) == {}
    assert beside(None, page(101), page(102)) == {}
    assert beside(None, None, page(7, 8, 9), page(10)) == {0: ["01–06/2017"], 1: ["01–06/2017"]}


def test_another_year_begins_anew():
    assert gaps_beside([[(2017, 40)], None, [(2018, 1)]]) == {}
    assert gaps_beside([[(2017, 40)], None, [None]]) == {}
