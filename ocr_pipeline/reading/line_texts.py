"""What stands on each line of a field whose value a person has said: the text as it is written.

A value is not what is written: a date has many forms, places are shortened, a name may stand in
capitals. Of the forms that mean the value, that one counts which the network sees in the ink; a
field in which none can be seen is refused, for a wrong text would teach a wrong letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ocr_pipeline.reading.book_language import short_forms
from ocr_pipeline.reading.completions import forms_on_paper
from ocr_pipeline.reading.ctc import greedy, log_likelihoods
from ocr_pipeline.reading.decoding import LineScores, joined
from ocr_pipeline.reading.word_places import line_runs
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.values import normalise_value
from ocr_pipeline.text.normalise import clean

#: Probability spread over all classes: letters that the network reads wrongly cost 7 nats each.
_FLOOR = 1e-3
_MOST_LETTERS = 200  # of a form: no field of a form has more on its lines
#: Of a field, in nats a letter. Of 332 fields of known writing 331 lay below, those read wrongly
#: mostly at 0.3 to 2; what lies above is too little known to learn from.
MOST_LOSS = 2.0
#: Of a single line of it: a text on the wrong line shows there.
_MOST_LINE_LOSS = 3.0
#: Nats by which the network's own reading must fit better than a form that is known to exist: it
#: always fits best where a point or a capital is misread.
_PLAIN_COST = 3.0


class WritingRefusal(StrEnum):
    """Why nothing is learnt from a field."""

    NO_INK = "no_ink"  # no line of it holds writing
    NO_FORM = "no_form"  # how its value stands on paper is not known, or a sign is none of ours
    STRUCK = "struck"  # struck out, or a ditto mark
    UNLIKELY = "unlikely"  # no form of its value is seen in the ink
    SPLIT = "split"  # its lines cannot be told apart


@dataclass(frozen=True, slots=True)
class LineText:
    """What stands on one line.

    Attributes:
        line: which of the field's written lines, from 0.
        text: as written.
        loss: of the text, as the network sees it: nats a letter, 0 or more.

    """

    line: int
    text: str
    loss: float


def line_texts(
    writing: LineScores, forms: Sequence[str], alphabet: str, plain: str = ""
) -> tuple[LineText, ...] | WritingRefusal:
    """The text of each written line of a field.

    Args:
        writing: the frame scores of the field.
        forms: how its value may stand on paper (`written_forms`).
        plain: the network's own reading, where it may be what is written (`plain_reading`).
        alphabet: the recogniser's characters.

    Returns:
        One for each line, in order, or why they are not known.

    """
    if not writing.lines:
        return WritingRefusal.NO_INK
    known = set(alphabet)
    both = dict.fromkeys([*forms, plain])
    usable = [f for f in both if 0 < len(f) <= _MOST_LETTERS and known >= set(f)]
    if not usable:
        return WritingRefusal.NO_FORM
    scores = joined(writing, alphabet)
    seen = log_likelihoods(scores, usable, alphabet, _FLOOR)
    seen -= [_PLAIN_COST * (form == plain and form not in forms) for form in usable]
    best = int(seen.argmax())
    if -seen[best] / len(usable[best]) > MOST_LOSS:
        return WritingRefusal.UNLIKELY
    parts = _parts(writing, usable[best], alphabet)
    if parts is None:
        return WritingRefusal.SPLIT
    found = []
    for line, (own, text) in enumerate(zip(writing.lines, parts, strict=True)):
        loss = -float(log_likelihoods(own, [text], alphabet, _FLOOR)[0]) / len(text)
        if loss > _MOST_LINE_LOSS:
            return WritingRefusal.SPLIT
        found.append(LineText(line, text, max(loss, 0.0)))
    return tuple(found)


def _parts(writing: LineScores, text: str, alphabet: str) -> list[str] | None:
    """The part of a text on each line; None where a line would stay without."""
    if len(writing.lines) == 1:
        return [text]
    runs = line_runs(writing, text, alphabet, _FLOOR)
    if runs is None:
        return None
    parts = [clean(text[begin:end]) for begin, end in runs]
    return parts if all(parts) else None


def written_forms(kind: FieldKind, value: str, texts: Sequence[str]) -> list[str]:
    """How the value of a field may stand on its paper.

    Args:
        kind: of the field.
        value: of the Excel cell, as a person said or the machine is sure.
        texts: readings of the ink that mean this value.

    """
    usual = [] if kind in _CODED else forms_on_paper(kind, value)
    forms = [*texts, *usual, *_FORMS.get(kind, _same)(value)]
    if kind in (FieldKind.PLACE, FieldKind.AGENCY):
        forms += [_capital_units(form) for form in forms]
    if kind is FieldKind.PERSON_NAME:
        forms += [form.upper() for form in forms]
    return [form for form in dict.fromkeys(map(clean, forms)) if form]


def plain_reading(kind: FieldKind, value: str, writing: LineScores, alphabet: str) -> str:
    """What the network reads without any grammar, where it means the value of a field; else ""."""
    raw = clean(writing.join.join(greedy(line, alphabet) for line in writing.lines))
    known = kind in _READ_AS_WRITTEN and raw and normalise_value(kind, raw) == value
    return raw if known else ""


def _capital_units(place: str) -> str:
    """`Ấp Gò, xã An, huyện Ba` as many write it: every word of a unit with a capital."""
    for word in short_forms():
        place = place.replace(f" {word} ", f" {word.capitalize()} ")
    return place


#: Kinds whose value is a code, and stands nowhere.
_CODED = frozenset({FieldKind.SEX, FieldKind.ID_DOCUMENT, FieldKind.ID_TYPE})

#: Kinds of which a plain reading with the right value is right in every letter, or nearly so; of
#: others a misread word beside a number, or a misread `Nữ`, has the same value.
_READ_AS_WRITTEN = frozenset(
    {
        FieldKind.DATE, FieldKind.DATE_WORDS, FieldKind.TIME, FieldKind.NUMBER_YEAR,
        FieldKind.NUMBER, FieldKind.ID_NUMBER, FieldKind.PLACE, FieldKind.AGENCY,
        FieldKind.FREE_TEXT,
    }
)  # fmt: skip


def _same(_: str) -> list[str]:
    return []


def _numbers(value: str) -> list[str]:
    """Of `117/2021` the number alone, too: its year is printed, or that of the book."""
    number = value.partition("/")[0]
    return [value, number, number.lstrip("0"), number.zfill(2), number.zfill(3)]


def _dates(value: str) -> list[str]:
    """Years of two digits besides the usual forms, and dates without a day or month."""
    parts = value.split(".")
    year = parts.pop() if parts else ""
    if len(year) != 4:
        return []
    before = [""]
    for part in parts:
        before = [b + p + s for b in before for p in {part, part.lstrip("0")} for s in "/.- "]
    return [b + y for b in before for y in (year, year[2:])]


def _sexes(value: str) -> list[str]:
    return {"1": ["Nam", "nam"], "2": ["Nữ", "nữ"]}.get(value, [])


def _documents(value: str) -> list[str]:
    """The number of `1 055397451` as people space it, with the words before it or without."""
    number = value.partition(" ")[2]
    spaced = [" ".join(number[at : at + 3] for at in range(0, len(number), 3)), number]
    return spaced + [f"{word} {one}" for word in _DOCUMENT_WORDS for one in spaced]


_DOCUMENT_WORDS = (
    *("CMND", "CMND:", "CMND số", "CMT", "Chứng minh nhân dân", "Giấy CMND", "CM"),
    *("CCCD", "CCCD:", "CCCD số", "Căn cước công dân", "Thẻ CCCD", "Hộ chiếu", "HC", "Số", "số"),
)


def _id_numbers(value: str) -> list[str]:
    return [value, " ".join(value[at : at + 3] for at in range(0, len(value), 3))]


_FORMS = {
    FieldKind.NUMBER_YEAR: _numbers,
    FieldKind.NUMBER: lambda value: [value.zfill(2), value.zfill(3)],
    FieldKind.DATE: _dates,
    FieldKind.SEX: _sexes,
    FieldKind.ID_DOCUMENT: _documents,
    FieldKind.ID_NUMBER: _id_numbers,
}
