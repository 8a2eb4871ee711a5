"""An offer: a value to pick instead of typing it, where it is from, and how likely it is right."""

from __future__ import annotations

from dataclasses import dataclass

from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import Field
from ocr_pipeline.review.offers.weights import offer_settings
from ocr_pipeline.store.entries import ENTERED

READING = "reading"
FORMER = "former"
#: What was entered for another scan, form or cut of the page: by rule of its doubt
#: (`former_values`), the source.
_FORMER_SOURCES = {
    "former_cut": "former_cut",
    "former_form": "former_form",
    "former_scan": FORMER,
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A value to pick with one key.

    Attributes:
        value: in the form of the Excel cell.
        as_written: what stands on the paper then, if it differs from the value.
        source: code of where it is from (`reading`, `inventory`, `sequence` …); of several the
            first one.
        note: where it is from, in words.
        probability: 0–1, that it is the right one.

    """

    value: str
    as_written: str
    source: str
    note: Text
    probability: float


def readings(field: Field) -> tuple[Offer, ...]:
    """The machine's readings as offers, best first, each value once.

    A candidate without a text was proposed by the book, not read; one with a text and without a
    probability was entered by a person for another scan: it is offered whatever its place.
    """
    found: dict[str, Offer] = {}
    settings = offer_settings()
    for one in field.n_best:
        former = one.probability == 0 and bool(one.text)
        if (
            not one.value
            or one.value in found
            or (one.probability < settings.least_shown and not former)
        ):
            continue
        source = former_source(field) if former else READING
        written = "" if one.text == one.value else one.text
        note = settings.sources[source].note
        found[one.value] = Offer(one.value, written, source, note, one.probability)
    return tuple(found.values())[: settings.most]


def former_source(field: Field) -> str:
    """Where the value is from that a person entered before the field was this one."""
    rules = {doubt.rule for doubt in field.doubts}
    return next((source for rule, source in _FORMER_SOURCES.items() if rule in rules), FORMER)


def preselected(field: Field, *, decided: bool) -> str | None:
    """What Enter accepts; None when it must accept nothing.

    Args:
        field: as it stands.
        decided: its value is a person's, or it is shown as it stands in a record.

    """
    if not field.value and field.as_written.strip() and field.state not in ENTERED:
        return None  # a writing that was not understood cannot be confirmed
    if decided:
        return field.value
    return field.value if field.confidence >= offer_settings().least_preselected else None
