"""The wardrobe of hands: turns a recipe's `HandSpec` into a hand with habits of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.training.book_recipes import HandSpec
from ocr_pipeline.training.font_files import font_entries
from ocr_pipeline.training.font_hands import FontHand, Hand
from ocr_pipeline.training.invented_people import pick
from ocr_pipeline.training.letter_places import LetterFinder, find_places
from ocr_pipeline.training.pen_strokes import load_hands
from ocr_pipeline.training.pens import Pen
from ocr_pipeline.training.stroke_hands import StrokeHand
from ocr_pipeline.training.text_writer import TextWriter
from ocr_pipeline.training.word_reader import WordReader

_KEPT = 3  # ways in which a writer of a book joins a word that he did not write himself
_FORM_FONTS = Path(__file__).parents[1] / "layout" / "fonts"


@dataclass
class HandChoice:
    """Where hands come from.

    Attributes:
        fonts: folder with `<stem>.ttf` of handwriting fonts.
        strokes: folder with the stroke files of real writers.
        verifier: model folder of the network that finds the letters of their words and refuses
            joined words that do not read as their label; None cuts at estimated widths, and half
            of the joined words then show something else than their truth says.
        cache: folder where the letters found are kept.
        validation: the validation writers of `strokes` write; otherwise those that networks learn
            from, for books that are to be learned from, too.

    """

    fonts: Path
    strokes: Path | None = None
    verifier: Path | None = None
    cache: Path | None = None
    validation: bool = True

    @cached_property
    def scribes(self) -> TextWriter:
        """The writers of one part of the stroke files.

        Raises:
            BadInputError: no folder was given.

        """
        if self.strokes is None:
            raise BadInputError(
                Text(
                    "Cần thư mục nét bút của người viết thật", "Strokes of real writers are needed"
                ),
                remedy=Text("Thêm --strokes THƯ_MỤC", "Add --strokes FOLDER"),
            )
        hands = load_hands(self.strokes, self.validation)
        if self.verifier is None:
            return TextWriter(hands)
        places = find_places(hands, LetterFinder(self.verifier), self.cache)
        return TextWriter(hands, WordReader(self.verifier), places, kept=_KEPT)

    def hand(self, spec: HandSpec, rng: np.random.Generator) -> Hand:
        """A hand; what the specification leaves open is drawn."""
        slant = float(rng.normal(0.06, 0.1)) if spec.slant is None else spec.slant
        if spec.writer >= 0:
            number = spec.writer % len(self.scribes.hands)
            pen = Pen(float(rng.uniform(0.14, 0.3)), pressure=float(rng.uniform(0.1, 0.5)))
            return StrokeHand(self.scribes, number, pen, slant, float(rng.uniform(0.85, 1.15)))
        weight = float(rng.uniform(0.85, 1.2)) if spec.weight is None else spec.weight
        entry = font_entries().get(spec.font)
        weight *= entry.weight if entry else 1.0
        return FontHand(
            self.fonts / f"{spec.font}.ttf",
            slant=slant,
            weight=weight,
            wobble=float(rng.uniform(0.03, 0.08)),
            bounce=float(rng.uniform(0.02, 0.09)),
            spread=float(rng.uniform(0.9, 1.1)),
            joined=entry is not None and entry.joined,
        )

    def typed(self, rng: np.random.Generator) -> Hand:
        """A typewriter or printer: the form's own letters, so that it is alike on every machine."""
        name = pick(rng, ["form-serif-regular", "form-sans-regular"])
        return FontHand(
            _FORM_FONTS / f"{name}.ttf", wobble=0.0, bounce=0.0, script="typed", weight=1.0
        )
