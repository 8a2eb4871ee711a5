"""Which words of a value are in doubt: those in which its readings differ."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from ocr_pipeline.registers.fields import Candidate
from ocr_pipeline.text.normalise import place_tones
from ocr_pipeline.text.word_spans import Span, word_spans

_LEAST_PROBABILITY = 0.005  # of a reading that counts: readings below are not shown either
_LEAST_SHARE = 0.2  # of the doubt about the most doubtful word


def doubtful_words(value: str, readings: Sequence[Candidate]) -> tuple[Span, ...]:
    """The words that other readings have otherwise, in the order of the value.

    `Ấp` and `ấp` are one word, as are `hòa` and `hoà`: neither is a doubt about what stands there.

    Args:
        value: as it is shown.
        readings: of the machine, with their probabilities.

    Returns:
        None where the readings agree, or differ in all words: then the whole value is in doubt.

    """
    places = word_spans(value)
    words = _compared(value, places)
    doubt = [0.0] * len(words)
    for reading in readings:
        if reading.value in ("", value) or reading.probability < _LEAST_PROBABILITY:
            continue
        others = _compared(reading.value, word_spans(reading.value))
        for step, begin, end, _, _ in SequenceMatcher(None, words, others, False).get_opcodes():
            if step == "insert" and words:
                begin, end = min(begin, len(words) - 1), min(begin, len(words) - 1) + 1
            for place in range(begin, end) if step != "equal" else ():
                doubt[place] += reading.probability
    most = max(doubt, default=0.0)
    found = tuple(
        span
        for span, own in zip(places, doubt, strict=True)
        if most > 0 and own >= _LEAST_SHARE * most
    )
    return () if len(found) == len(words) else found


def _compared(value: str, places: Sequence[Span]) -> list[str]:
    return [place_tones(value[begin:end].casefold(), "new") for begin, end in places]
