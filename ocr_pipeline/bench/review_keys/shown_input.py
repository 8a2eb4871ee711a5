"""What the field screen puts under a reviewer's keys: the browser's rules, told in Python.

The browser's own are `editor.js`, `completion.js` and `field/panels.js`; a test plays fields in
Chromium and compares what was pressed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.review.field_items import FieldItem
from ocr_pipeline.review.written_fields import TYPED_KINDS

#: Kinds whose values begin with digits: a bare digit is text there, a pick takes Alt.
DIGIT_KINDS = frozenset(
    {
        FieldKind.DATE, FieldKind.TIME, FieldKind.NUMBER, FieldKind.NUMBER_YEAR,
        FieldKind.ID_NUMBER, FieldKind.ID_DOCUMENT,
    }
)  # fmt: skip
#: Kinds of which the first word in doubt alone is selected.
_LONG_KINDS = frozenset(
    {FieldKind.PLACE, FieldKind.AGENCY, FieldKind.FREE_TEXT, FieldKind.DATE_WORDS}
)
_YEARLESS = re.compile(r"\d{1,5}")
_NUMBERS = 9  # keys for picks
SHOWN_COMPLETIONS = 7  # in the list under the input


@dataclass(frozen=True, slots=True)
class Pick:
    """A value with a key of its own."""

    press: str
    value: str


@dataclass(frozen=True, slots=True)
class ShownInput:
    """The input of one field as it opens.

    Attributes:
        text: what stands there.
        enter: the value that Enter accepts as it stands; None where it accepts none.
        picks: values with keys, in the order in which the arrow keys walk through them.
        completed: letters are completed from the book and the lexicons.
        labels: the words that stand for codes; completed instead where there are some.
        unsure_year: a number typed without its year takes a second Enter.
        word: where the first word in doubt begins and ends, which alone is selected; None where
            all of the text is.

    """

    text: str
    enter: str | None
    picks: tuple[Pick, ...]
    completed: bool
    labels: tuple[tuple[str, str], ...]
    unsure_year: bool = False
    word: tuple[int, int] | None = None

    @property
    def all_selected(self) -> tuple[str, ...]:
        """The presses that select all of the text."""
        return () if self.word is None else ("Control+a",)

    def word_for(self, text: str) -> str | None:
        """What is typed over the selected word to have this text; None where more differs."""
        if self.word is None:
            return None
        before, after = self.text[: self.word[0]], self.text[self.word[1] :]
        if len(text) < len(before) + len(after):
            return None
        if not (text.startswith(before) and text.endswith(after)):
            return None
        return text[len(before) : len(text) - len(after)]

    def closing(self, text: str) -> tuple[str, ...]:
        """The presses that save a typed text."""
        return ("Enter", "Enter") if self.unsure_year and _YEARLESS.fullmatch(text) else ("Enter",)

    def opens_with_pick(self, text: str) -> bool:
        """Whether the first letter of a text would be taken for the number of a pick."""
        return any(pick.press == text[:1] for pick in self.picks)


def shown_input(item: FieldItem) -> ShownInput:
    """The input as the browser opens it for this item."""
    labels = tuple((option.value, option.label.vi) for option in item.options)
    codes = () if item.kind is FieldKind.ID_DOCUMENT else labels
    selected = item.value if item.preselected is None else item.preselected
    shown = selected or item.as_written
    accepted = item.preselected
    if not item.value and item.as_written and not accepted:
        accepted = None  # a writing that was not understood cannot be confirmed
    return ShownInput(
        text=dict(labels).get(shown, shown),
        enter=accepted,
        picks=_picks(item),
        completed=item.kind in TYPED_KINDS and not codes,
        labels=codes,
        unsure_year=item.number_year is not None and not item.number_year.sure,
        word=item.doubtful[0]
        if item.kind in _LONG_KINDS and item.doubtful and shown == item.value
        else None,
    )


def _picks(item: FieldItem) -> tuple[Pick, ...]:
    alt = "Alt+" if item.kind in DIGIT_KINDS else ""
    if item.options and item.kind is not FieldKind.ID_DOCUMENT:
        codes = [option.value for option in item.options]
        return tuple(Pick(alt + code, code) for code in codes if code in set("0123456789"))
    offers = enumerate(item.offers[:_NUMBERS], 1)
    return tuple(Pick(f"{alt}{number}", offer.value) for number, offer in offers)
