"""The lines of a field: their ink, and what a network says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from ocr_pipeline.arrays import Gray
from ocr_pipeline.layout.field_crops import FieldCrop, RecordCrops
from ocr_pipeline.reading.ctc import greedy
from ocr_pipeline.reading.decoding import FramedInk, LineScores
from ocr_pipeline.reading.line_images import ink_box
from ocr_pipeline.reading.line_ink import PIXELS_PER_MM, LineInk, look_at
from ocr_pipeline.reading.recogniser import LineRecogniser, Scores
from ocr_pipeline.registers.fields import FieldKind

_UNREAD_PIXELS = 1.0 * PIXELS_PER_MM**2  # a 1 of a thin pen, 3 mm high


@dataclass(frozen=True, slots=True)
class WrittenField:
    """A field's crop and the ink on its lines."""

    crop: FieldCrop
    inks: tuple[LineInk, ...]

    @classmethod
    def of(cls, crop: FieldCrop) -> WrittenField:
        """The field of a crop."""
        return cls(crop, tuple(look_at(line) for line in crop.lines))

    @property
    def lines(self) -> list[Gray]:
        """The lines that hold ink."""
        return [ink.line for ink in self.inks if not ink.empty]


@dataclass(frozen=True, slots=True)
class FieldScores:
    """One field as a network sees it.

    Attributes:
        field: its crop and ink.
        scores: of its lines that hold ink.
        kept: those of them in which the network reads something.

    """

    field: WrittenField
    scores: tuple[Scores, ...]
    kept: tuple[int, ...]

    @property
    def crop(self) -> FieldCrop:
        """The field's crop."""
        return self.field.crop

    @property
    def writing(self) -> LineScores:
        """The scores of the lines in which the network reads something, to be decoded."""
        lines = tuple(self.scores[line] for line in self.kept)
        return LineScores(self.crop.kind, lines, self.crop.field.lexicon, self.crop.field.join)

    @property
    def loudest(self) -> float:
        """Probability of the likeliest character in any frame of any line (0–1); 0 without ink."""
        heard = [float(line[:, 1:].max()) for line in self.scores if len(line)]
        return exp(max(heard)) if heard else 0.0

    @property
    def has_unread_line(self) -> bool:
        """Whether a line holds as much ink as a thin digit, and the network reads nothing there."""
        written = [ink for ink in self.field.inks if not ink.empty]
        unread = set(range(len(written))) - set(self.kept)
        return any(written[line].area >= _UNREAD_PIXELS for line in unread)

    @property
    def framed(self) -> tuple[FramedInk, ...]:
        """Where the frames lie of the lines of `writing`."""
        written = [(line, ink) for line, ink in enumerate(self.field.inks) if not ink.empty]
        out = []
        for line, ink in (written[kept] for kept in self.kept):
            (x, y), (left, top, right, bottom) = ink.corner, ink_box(ink.line)
            out.append(FramedInk(line, x + left, y + top, x + right, y + bottom))
        return tuple(out)


def written_fields(records: Sequence[RecordCrops]) -> list[WrittenField]:
    """The fields of a page but its ticks."""
    crops = (crop for record in records for crop in record.fields.values())
    return [WrittenField.of(crop) for crop in crops if crop.kind is not FieldKind.TICK]


def scored(fields: Sequence[WrittenField], recogniser: LineRecogniser) -> list[FieldScores]:
    """What a network says of fields, frame by frame, all their lines in one batch."""
    found = iter(recogniser.scores([line for one in fields for line in one.lines]))
    out = []
    for one in fields:
        scores = tuple(next(found) for _ in one.lines)
        said = (greedy(own, recogniser.alphabet).strip() for own in scores)
        out.append(FieldScores(one, scores, tuple(k for k, text in enumerate(said) if text)))
    return out
