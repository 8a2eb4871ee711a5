"""How two values of a field differ: the kind of difference, as in `differences.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from rapidfuzz.distance import OSA

from ocr_pipeline.exchange.reconciling.places_by_time import difference_of_places
from ocr_pipeline.text.dates import PartialDate, parse_date
from ocr_pipeline.text.lexicons import Lexicon, ethnic_groups, nationalities
from ocr_pipeline.text.names import NameParts, split_name
from ocr_pipeline.text.normalise import clean, key, strip_marks

#: Letters in which two words may differ and still be the same word, mistyped.
_MOST_LETTERS = 2


def difference(how: str, a: str, b: str) -> str:
    """The kind of difference between two values of a field.

    Args:
        how: as in `compared_fields.yaml`.
        a: the value of side a; "" for none.
        b: that of side b.

    Returns:
        An id of `differences.yaml`; "" where both are the same or both are empty.

    """
    if a == b:
        return ""
    if not a or not b:
        return "missing_b" if a else "missing_a"
    return _BY_HOW[how](a, b)


def _of_writing(a: str, b: str) -> str:
    """Differences of writing alone; "" for others."""
    if clean(a).casefold() == clean(b).casefold():
        return "letter_case"
    if key(a) == key(b):
        return "tone_place"
    return ""


def _of_writing_by_word(a: str, b: str) -> str:
    """What `_of_writing` gives where the words stand one by one; "" where it has to be asked.

    Most names that differ do so by the place of a tone mark: words are few, whole names are not.
    """
    words_a, words_b = a.split(), b.split()
    if len(words_a) != len(words_b):
        return ""
    kinds = {_of_words(*pair) for pair in zip(words_a, words_b, strict=True) if pair[0] != pair[1]}
    if "" in kinds or not kinds:
        return ""
    return "tone_place" if "tone_place" in kinds else "letter_case"


@lru_cache(maxsize=1 << 15)
def _of_words(a: str, b: str) -> str:
    return _of_writing(a, b)


def _of_letters(a: str, b: str) -> str:
    """Differences of letters of one word or of words at the same places; "" for others."""
    if key(a, merge_iy=True) == key(b, merge_iy=True):
        return "i_or_y"
    if key(a, accents=False) == key(b, accents=False):
        return "marks"
    return "letters" if are_similar(key(a), key(b)) else ""


def are_similar(a: str, b: str) -> bool:
    """Whether two comparison keys can be the same words, mistyped.

    Marks count as letters of their own only where the bare letters are the same: a short word with
    two slips is another word.
    """
    bare_a, bare_b = strip_marks(a), strip_marks(b)
    most = _MOST_LETTERS if min(len(bare_a), len(bare_b)) > 4 else 1
    return OSA.distance(bare_a, bare_b, score_cutoff=most) <= most


def _of_names(a: str, b: str) -> str:
    if kind := _of_writing_by_word(a, b) or _of_writing(a, b):
        return kind
    words_a, words_b = key(a).split(), key(b).split()
    if len(words_a) == len(words_b):
        if kind := _of_letters(a, b):
            return kind
        if sorted(words_a) == sorted(words_b):
            return "word_order"
    return _of_parts(split_name(" ".join(words_a)), split_name(" ".join(words_b)))


def _of_parts(a: NameParts, b: NameParts) -> str:
    given = a.given == b.given or are_similar(a.given, b.given)
    surname = a.surname == b.surname or are_similar(a.surname, b.surname)
    if given and surname:
        shorter, longer = sorted((a.middle.split(), b.middle.split()), key=len)
        missing = len(shorter) < len(longer) and set(shorter) <= set(longer)
        return "middle_name_missing" if missing else "middle_name_other"
    if surname and (a.middle == b.middle or not (a.middle and b.middle)):
        return "given_name_other"
    if given and (a.middle == b.middle or not (a.middle and b.middle)):
        return "surname_other"
    return "name_other"


def _of_dates(a: str, b: str) -> str:
    one, other = parse_date(a), parse_date(b)
    if one is None or other is None:
        return "unreadable"
    if one == other:
        return "letter_case"
    if one.agrees(other):
        return "less_precise"
    return _of_years(one, other)


def _of_years(one: PartialDate, other: PartialDate) -> str:
    same_day = (one.day, one.month) == (other.day, other.month)
    if one.year == other.year:
        swapped = one.complete and (one.day, one.month) == (other.month, other.day)
        if swapped:
            return "day_month_swapped"
        near = one.day == other.day or one.month == other.month
        return "day_other" if near else "date_other"
    if not same_day:
        return "date_other"
    return "year_off" if abs(one.year - other.year) == 1 else "year_other"


def _of_places(a: str, b: str) -> str:
    if kind := _of_writing(a, b):
        return kind
    kind = difference_of_places(a, b)
    return (_of_letters(a, b) or kind) if kind == "place_other" else kind


def _of_lists(a: str, b: str) -> str:
    if kind := _of_writing(a, b):
        return kind
    for lexicon in (ethnic_groups(), nationalities()):
        if (found := _listed(lexicon, a)) and found == _listed(lexicon, b):
            return "list_spelling"
    return "value_other"


def _listed(lexicon: Lexicon, value: str) -> str:
    return lexicon.find(value)


def _of_numbers(a: str, b: str) -> str:
    return _of_writing(a, b) or "id_other"


def _of_sexes(a: str, b: str) -> str:
    return _of_writing(a, b) or "value_other"


_BY_HOW: Mapping[str, Callable[[str, str], str]] = {
    "name": _of_names,
    "date": _of_dates,
    "place": _of_places,
    "listed": _of_lists,
    "sex": _of_sexes,
    "id": _of_numbers,
}
