"""What was seen of one field: its reading, and what tells how sure that reading is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ocr_pipeline.layout.field_crops import FieldCrop
from ocr_pipeline.reading.confidence import Calibration, with_confidence
from ocr_pipeline.reading.decoding import Decoded
from ocr_pipeline.reading.features import features
from ocr_pipeline.reading.field_lines import FieldScores
from ocr_pipeline.reading.line_ink import PIXELS_PER_MM
from ocr_pipeline.reading.special_marks import means_nothing, special_of
from ocr_pipeline.reading.tick_boxes import SUREST_WITHOUT_OUTLINE, read_ticks
from ocr_pipeline.registers.fields import Candidate, Field, Script, Special

_NO_FEATURES: npt.NDArray[np.float64] = np.zeros(0)
_BRACE = "}"  # how the mark is written that holds a value for several rows


@dataclass(frozen=True, slots=True)
class FieldObservation:
    """What was seen of one field before its confidence is known: the material of calibration.

    Attributes:
        reading: the field, without confidence.
        features: see `confidence.FEATURES`, followed by `SECOND_FEATURES` where a second network
            reads; empty for blanks and ticks.
        ink_mm2: ink found in the field.
        hanging_mm2: what of it may hang in from the line above.
        loudest: probability of the likeliest character that the first network sees in any frame.
        tick: probability of the tick reading, for ticks.
        alone: what the first network saw by itself, where a second one has read the field, too.

    """

    reading: Field
    features: npt.NDArray[np.float64]
    ink_mm2: float = 0.0
    hanging_mm2: float = 0.0
    loudest: float = 1.0
    tick: float | None = None
    alone: FieldObservation | None = None

    @classmethod
    def of_writing(
        cls, job: FieldScores, decoded: Decoded, versions: Mapping[str, str]
    ) -> FieldObservation:
        """What is seen of a field that is written, or could be.

        Args:
            job: its lines with what the network says of them.
            decoded: the reading that was settled on.
            versions: of the networks that read.

        """
        crop, inks = job.crop, job.field.inks
        ink = sum(i.area for i in inks) / PIXELS_PER_MM**2
        raw, special = decoded.raw, None
        if crop.as_above:
            raw, special = _BRACE, Special.DITTO
        elif job.scores:
            special = special_of(raw, crop.kind, ink)
        plain = Field(crop.code, crop.kind, raw, box=crop.box, versions=versions)
        if special is Special.DITTO:
            return cls(replace(plain, special=special), _NO_FEATURES, ink)
        if special is None and (not decoded.candidates or means_nothing(decoded.raw)):
            blank = not job.writing.lines or means_nothing(decoded.raw)
            reading = replace(plain, script=Script.BLANK if blank else Script.HANDWRITTEN)
            hanging = sum(i.hanging for i in inks) / PIXELS_PER_MM**2
            return cls(reading, _NO_FEATURES, ink, hanging, job.loudest)
        struck = any(i.struck for i in inks)
        marks = (
            (struck, Special.STRUCK_OUT),
            (job.has_unread_line, Special.PART_UNREAD),
            (crop.over_rows, Special.OVER_ROWS),
        )
        special = special or next((mark for seen, mark in marks if seen), None)
        best = decoded.candidates
        reading = replace(plain, value=best[0].value, n_best=best, special=special)
        return cls(reading, features(decoded, job.writing.lines, struck=struck), ink)

    @classmethod
    def of_ticks(cls, crop: FieldCrop, versions: Mapping[str, str]) -> FieldObservation:
        """What is seen of a field that is ticked."""
        values = [option.value for option in crop.field.options]
        ticked = read_ticks(crop.ticks, values)
        share = max(sum(ticked.marks), 1.0)
        n_best = sorted(
            (
                Candidate(value, value, mark / share)
                for value, mark in zip(values, ticked.marks, strict=True)
                if mark > 0.01
            ),
            key=lambda one: -one.probability,
        )
        reading = Field(
            crop.code,
            crop.kind,
            ", ".join(ticked.values),
            ticked.values[0] if len(ticked.values) == 1 else "",
            n_best=tuple(n_best),
            box=crop.box,
            versions=versions,
            script=Script.HANDWRITTEN if ticked.values else Script.BLANK,
        )
        return cls(reading, _NO_FEATURES, tick=ticked.probability)

    def confident(self, calibration: Calibration, kind: str = "") -> Field:
        """The field with its confidence, the alternatives sharing what is left of it.

        Args:
            calibration: of the networks that read the field.
            kind: the confidence's, where it is not the field's own.

        """
        field = self.reading
        if self.tick is not None:
            sure = calibration.tick_probability(self.tick)
            unfound = self.tick <= SUREST_WITHOUT_OUTLINE
            doubtful = ", " in field.as_written or unfound
            return replace(field, confidence=min(sure, 0.5) if doubtful else sure)
        if field.script is Script.BLANK:
            if means_nothing(field.as_written):
                sure = calibration.nothing_probability(field.kind, self.ink_mm2)
            else:
                sure = calibration.blank_probability(self.ink_mm2, self.loudest, self.hanging_mm2)
            return replace(field, confidence=sure)
        if not len(self.features):
            return replace(field, confidence=0.0)
        return with_confidence(field, calibration.probability(kind or field.kind, self.features))
