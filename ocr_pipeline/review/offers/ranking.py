"""How likely each known value is the right one: sources, ink and readings weighed together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import Field
from ocr_pipeline.review.captions import caption
from ocr_pipeline.review.offers import book_sources, place_sources, record_sources
from ocr_pipeline.review.offers.field_surroundings import KnownValue, Surroundings
from ocr_pipeline.review.offers.ink import distance, is_numeric
from ocr_pipeline.review.offers.offer import READING, Offer, former_source, preselected, readings
from ocr_pipeline.review.offers.weights import OfferSettings, offer_settings

#: Sources in the order in which they are named where several say the same.
SOURCES = (
    book_sources.inventory, book_sources.sequence, book_sources.days, book_sources.years,
    record_sources.dates, record_sources.names, record_sources.surnames, record_sources.relation,
    record_sources.personal_number, record_sources.shared, record_sources.doubled,
    record_sources.letters, record_sources.year_alone,
    book_sources.previous, book_sources.column, place_sources.book_places, place_sources.composed,
    place_sources.restyled,
)  # fmt: skip
#: Their `sure` is the share of the column that has the value, not a probability of it.
_SHARES = frozenset({"book"})
_LEAST_SURE = 0.01
_LEAST = 1e-4
_FARTHEST = 12.0  # letters; more make no difference


@dataclass(slots=True)
class OfferCandidate:
    """A value with everything that speaks for it.

    Attributes:
        value: of the Excel cell; "" for an empty box.
        as_written: as it was read, if it was.
        read: probability of the reading; None when it was not read.
        said: by source, the surest thing that it says.

    """

    value: str
    as_written: str = ""
    read: float | None = None
    said: dict[str, KnownValue] = field(default_factory=dict)


def rank(at: Surroundings) -> list[tuple[OfferCandidate, float]]:
    """All values that are read or known, likeliest first, with their probability."""
    values, settings = list(gathered(at).values()), offer_settings()
    scores = [_score(features(one, at), settings) for one in values]
    rest = _score(features_of_rest(at), settings)
    top = max([*scores, rest])
    shares = [math.exp(score - top) for score in scores]
    total = sum(shares) + math.exp(rest - top)
    ranked = [(one, share / total) for one, share in zip(values, shares, strict=True)]
    return sorted(ranked, key=lambda item: -item[1])


def gathered(at: Surroundings) -> dict[str, OfferCandidate]:
    """Every value that is read or known, once."""
    found: dict[str, OfferCandidate] = {}
    own = at.own
    if is_empty(own):
        found[""] = OfferCandidate("", read=own.confidence)
    for one in own.n_best:
        if one.value and one.text and one.probability > 0:
            sure = own.confidence if one.value == own.value else one.probability
            entry = found.setdefault(one.value, OfferCandidate(one.value, one.text, sure))
            entry.read = max(entry.read or 0.0, one.probability)
    for known in said(at):
        if known.value:
            entry = found.setdefault(known.value, OfferCandidate(known.value))
            before = entry.said.get(known.source)
            if before is None or before.sure < known.sure:
                entry.said[known.source] = known
    return found


def is_empty(own: Field) -> bool:
    """Whether the machine saw an empty box."""
    return not own.value and not own.as_written.strip()


def said(at: Surroundings) -> Iterator[KnownValue]:
    """What each source says."""
    for source in SOURCES:
        yield from source(at)


def features(one: OfferCandidate, at: Surroundings) -> dict[str, float]:
    """What speaks for a value and against it, by name."""
    numeric = is_numeric(at.own.kind)
    sort = "number" if numeric else "text"
    out = {f"source {code}": 1.0 for code in one.said}
    for name, codes in (("common", _SHARES), ("sure", set(one.said) - _SHARES)):
        sure = [one.said[code].sure for code in codes if code in one.said]
        if sure:
            out[name] = math.log(max(*sure, _LEAST_SURE))
    if one.read is not None:
        out["read"] = math.log(max(one.read, _LEAST))
    else:
        out["unread"] = 1.0
    if is_empty(at.own):
        out["empty box"] = 1.0 if not one.value else 0.0
        return out
    first = [text for text in (at.own.as_written, at.own.value) if text.strip()]
    far = min(distance(one.value, first, numeric), _FARTHEST)
    out[f"{sort} letters"] = far
    out[f"{sort} share"] = far / max(len(one.value), 1)
    if one.read is None:
        near = min(distance(one.value, at.texts, numeric), _FARTHEST)
        out[f"{sort} nearest"] = near
        out[f"{sort} agrees"] = float(near < 0.5)
    return out


def features_of_rest(at: Surroundings) -> dict[str, float]:
    """That none of the values is right."""
    read = sum(one.probability for one in at.own.n_best if one.value)
    if is_empty(at.own):
        return {"rest of blank": 1.0, "rest": math.log(max(1 - at.own.confidence, 1e-3))}
    return {"none": 1.0, "rest": math.log(max(1 - read, 1e-3))}


def _score(given: Mapping[str, float], settings: OfferSettings) -> float:
    total = 0.0
    for name, value in given.items():
        kind, _, code = name.partition(" ")
        weight = settings.sources[code].weight if kind == "source" else settings.weights[name]
        total += weight * value
    return total


def offers_around(at: Surroundings) -> tuple[tuple[Offer, ...], str | None]:
    """What is offered, and what Enter accepts: the readings alone where nothing else is known."""
    ranked = rank(at)
    if not any(one.said for one, _ in ranked):
        return readings(at.own), preselected(at.own, decided=False)
    best, share = ranked[0]
    sure = share >= offer_settings().least_preselected
    return offers_of(ranked, at.own), best.value if sure else None


def offers_of(ranked: Sequence[tuple[OfferCandidate, float]], own: Field) -> tuple[Offer, ...]:
    """The best of them as offers; what was entered for a former scan is never left out."""
    settings = offer_settings()
    former = [one for one in own.n_best if one.value and one.text and one.probability == 0]
    kept = {one.value for one in former}
    out = [
        Offer(one.value, _written(one), *_named(one), share)
        for one, share in ranked
        if one.value and one.value not in kept and share >= settings.least_shown
    ]
    for one in former:
        written = "" if one.text == one.value else one.text
        source = former_source(own)
        out.insert(1, Offer(one.value, written, source, settings.sources[source].note, 0.0))
    return tuple(out[: settings.most])


def _written(one: OfferCandidate) -> str:
    return "" if one.as_written == one.value else one.as_written


def _named(one: OfferCandidate) -> tuple[str, Text]:
    """The first source, and all of them in words."""
    notes = [_note(known) for known in one.said.values()]
    if one.read is not None:
        notes.insert(0, offer_settings().sources[READING].note)
    together = Text("; ".join(_each(n.vi for n in notes)), "; ".join(_each(n.en for n in notes)))
    return (READING if one.read is not None and not one.said else next(iter(one.said))), together


def _each(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))


def _note(known: KnownValue) -> Text:
    note, named = offer_settings().sources[known.source].note, caption(known.field or "so")
    return Text(note.vi.format(field=named.vi), note.en.format(field=named.en))
