"""The sampler: an endless, seeded stream of line pictures with their texts, from all sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import AnyInk, Rng
from ocr_pipeline.reading.line_images import prepare_line
from ocr_pipeline.training import (
    drawn_text,
    form_background,
    marked_scans,
    pen_strokes,
    pens,
    rare_texts,
    register_texts,
    scanned_lines,
)
from ocr_pipeline.training.font_hands import FontHand
from ocr_pipeline.training.letter_places import LetterFinder, find_places
from ocr_pipeline.training.pen_strokes import Stroke
from ocr_pipeline.training.scan_letters import LetterColumns, letter_columns
from ocr_pipeline.training.struck_words import crowd
from ocr_pipeline.training.text_writer import TextWriter, random_habits
from ocr_pipeline.training.word_reader import WordReader

Sample = tuple[npt.NDArray[np.uint8], str]
"""A grey line picture (H, W) and what is written on it (NFC, "" for nothing)."""

#: How often each source is drawn.
MIX = {
    "real_lines": 0.30,
    "prose": 0.10,
    "fields": 0.27,
    "addresses": 0.16,
    "french": 0.03,
    "hand_fonts": 0.07,
    "typed": 0.05,
    "blank": 0.02,
}

_SLIPS = 0.05  # of fields: a wrong word struck out
_CORRECTIONS = 0.03  # of fields: the right word above a struck-out one
_CROWDED = 0.05  # of fields of 12 characters and more: the line was too short for them
_CLOSE_FIGURES = 0.35  # of fields: figures stand closer than letters, or run into each other
_FIGURE_GAPS = (-0.3, 0.6)  # of these, the blanks between figures as a part of the usual ones

_AS_CUT = 0.5  # of lines cut out of drawn pages: seen as they are

#: Font families kept out of training, to measure on.
HELD_OUT_FONTS = frozenset(
    {
        "PatrickHand", "Mali", "DancingScript", "Charm", "NotoSerif", "PlaywriteES", "Kalam",
        "IndieFlower", "LaBelleAurore", "NothingYouCouldDo", "Zeyada", "Satisfy",
        "ShadowsIntoLight",
    }
)  # fmt: skip


@dataclass
class LineMaterial:
    """All that lines are made of, for one part (training or validation)."""

    real: list[tuple[str, int, list[Stroke]]] = field(default_factory=list)
    scribes: TextWriter | None = None
    addresses: list[scanned_lines.ScannedLine] = field(default_factory=list)
    french: list[scanned_lines.ScannedLine] = field(default_factory=list)
    cut_lines: list[scanned_lines.ScannedLine] = field(default_factory=list)
    hand_fonts: list[Path] = field(default_factory=list)
    typed_fonts: list[Path] = field(default_factory=list)
    letters: LetterColumns = field(default_factory=dict)


def load_free_material(
    data: Path, font_folder: Path | None, letters: Path | None = None, cache: Path | None = None
) -> LineMaterial:
    """Load what anybody may train on and pass the weights of on: CC-BY scans and fonts.

    Args:
        data: the handwriting folder; its French zips alone are opened.
        font_folder: folder with TTF files of handwriting fonts.
        letters: weights that find the letters of the scans, to add marks to them; None: no marks.
        cache: folder where the letters found are kept.

    """
    out = load_material(None, font_folder, validation=False)
    out.french = scanned_lines.french(data, old=True)
    if letters is not None:
        out.letters = letter_columns(out.french, letters, cache)
    return out


def load_material(
    data: Path | None,
    font_folder: Path | None,
    validation: bool,
    verifier: Path | None = None,
    cache: Path | None = None,
) -> LineMaterial:
    """Load one part of the material; what is not there is left out.

    Args:
        data: the handwriting folder, or None to train on fonts alone.
        font_folder: folder with TTF files of handwriting fonts.
        validation: held-out writers, lines and fonts instead of the training ones.
        verifier: model folder of the network that finds letters and reads composed words again;
            None composes from estimated widths, unverified.
        cache: folder where the letters found are kept.

    """
    out = LineMaterial()
    if data is not None:
        out.real = list(pen_strokes.whole_lines(data, validation))
        hands = pen_strokes.load_hands(data, validation)
        if verifier is None:
            out.scribes = TextWriter(hands)
        else:
            places = find_places(hands, LetterFinder(verifier), cache)
            out.scribes = TextWriter(hands, WordReader(verifier), places)
        out.addresses = scanned_lines.addresses(data, validation)
        out.french = [] if validation else scanned_lines.french(data)
    hand = drawn_text.hand_fonts(font_folder) if font_folder else []
    out.hand_fonts = [p for p in hand if (drawn_text.family(p) in HELD_OUT_FONTS) == validation]
    typed = drawn_text.typed_fonts()
    out.typed_fonts = [p for p in typed if (drawn_text.family(p) in HELD_OUT_FONTS) == validation]
    return out


def letter_places(data: Path, validation: bool, verifier: Path, cache: Path) -> None:
    """Find the letters of one part's words, where `cache` does not hold them yet."""
    find_places(pen_strokes.load_hands(data, validation), LetterFinder(verifier), cache)


def usual_lines(
    data: Path | None,
    font_folder: Path | None,
    alphabet: str,
    height: int,
    count: int = 240,
    *,
    free: bool = False,
) -> list[npt.NDArray[np.float32]]:
    """Prepared lines as training sees them, to measure a network's scales on.

    Args:
        data: the handwriting folder, or None for fonts alone.
        font_folder: folder with TTF files of handwriting fonts.
        alphabet: characters that texts may have.
        height: of a prepared line in pixels.
        count: of lines.
        free: of `data` the CC-BY scans alone.

    """
    if free and data is not None:
        material = load_free_material(data, font_folder)
    else:
        material = load_material(data, font_folder, validation=False)
    sampler = Sampler(material, alphabet)
    rng = np.random.default_rng(8)
    return [prepare_line(sampler.sample(rng)[0], height) for _ in range(count)]


class Sampler:
    """Draws samples from the sources in the given mix."""

    def __init__(
        self, material: LineMaterial, alphabet: str, mix: dict[str, float] | None = None
    ) -> None:
        self.material = material
        self.alphabet = alphabet
        self.known = set(alphabet)
        self.sources: dict[str, Callable[[Rng], Sample | None]] = {
            "real_lines": self._real_line,
            "prose": self._prose,
            "fields": self._field,
            "addresses": self._address,
            "french": self._french,
            "cut_lines": self._cut_line,
            "hand_fonts": self._hand_font,
            "font_hands": self._font_hand,
            "marked_scans": self._marked_scan,
            "typed": self._typed,
            "blank": self._blank,
        }
        self.mix = {k: v for k, v in (mix or MIX).items() if v > 0 and self._has(k)}

    def _has(self, source: str) -> bool:
        m = self.material
        needs: dict[str, list[object]] = {
            "real_lines": list(m.real),
            "prose": list(m.scribes.hands) if m.scribes else [],
            "fields": list(m.scribes.hands) if m.scribes else [],
            "addresses": list(m.addresses),
            "french": list(m.french),
            "cut_lines": list(m.cut_lines),
            "hand_fonts": list(m.hand_fonts),
            "font_hands": list(m.hand_fonts),
            "marked_scans": list(m.letters),
            "typed": list(m.typed_fonts),
        }
        return source == "blank" or bool(needs[source])

    def sample(self, rng: Rng) -> Sample:
        """One sample of a source drawn from the mix; its text is inside the alphabet."""
        names = list(self.mix)
        weights = np.array([self.mix[n] for n in names])
        while True:
            made = self.sources[str(rng.choice(names, p=weights / weights.sum()))](rng)
            if made is not None and set(made[1]) <= self.known:
                return made

    def field(self, rng: Rng, kind: str | None = None) -> Sample | None:
        """A register field in one writer's strokes, or None if his strokes do not suffice."""
        return self._field(rng, kind)

    def _real_line(self, rng: Rng) -> Sample:
        text, _, line = self.material.real[int(rng.integers(len(self.material.real)))]
        return self._inked(pens.restyle(line, rng), rng, busy=0.35), text

    def _prose(self, rng: Rng) -> Sample | None:
        """Words of one writer in an order nobody knows: shapes must be read, not guessed."""
        scribes = self.material.scribes
        if scribes is None:
            return None
        writer = int(rng.integers(len(scribes.hands)))
        known = list(scribes.hands[writer].words)
        words = [known[int(rng.integers(len(known)))] for _ in range(int(rng.integers(3, 12)))]
        for place in np.flatnonzero(rng.random(len(words)) < 0.1):
            words[int(place)] += str(rng.choice([",", ",", ".", "."]))
        text = " ".join(words)
        written = scribes.write(writer, text, rng)
        if not written:
            return None
        return self._inked(pens.restyle(written, rng), rng, busy=0.35), text

    def _field(self, rng: Rng, kind: str | None = None) -> Sample | None:
        scribes = self.material.scribes
        if scribes is None:
            return None
        text = (
            rare_texts.training_text(rng)
            if kind is None
            else register_texts.field_text(rng, kind)[1]
        )
        writer = int(rng.integers(len(scribes.hands)))
        roll = rng.random() if kind is None else 1.0
        if roll < _SLIPS + _CORRECTIONS:
            slip = str(rng.choice(text.split(" ")))
            struck = scribes.write_with_slip if roll < _SLIPS else scribes.write_with_correction
            written = struck(writer, text, slip, rng)
        else:
            habits = random_habits(rng)
            if rng.random() < _CLOSE_FIGURES:
                habits = replace(habits, figure_gaps=float(rng.uniform(*_FIGURE_GAPS)))
            written = scribes.write(writer, text, rng, habits)
            if written and len(text) >= 12 and rng.random() < _CROWDED:
                written = crowd(written, rng)
        if not written:
            return None
        return self._inked(pens.restyle(written, rng), rng, busy=0.75), text

    def _address(self, rng: Rng) -> Sample:
        scan = self.material.addresses[int(rng.integers(len(self.material.addresses)))]
        return self._rescanned(scan.grey(), rng), scan.text

    def _french(self, rng: Rng) -> Sample:
        scan = self.material.french[int(rng.integers(len(self.material.french)))]
        return self._rescanned(scan.grey(), rng), scan.text

    def _cut_line(self, rng: Rng) -> Sample:
        """A line as it was cut out of a drawn page; scan and form are on it already."""
        cut = self.material.cut_lines[int(rng.integers(len(self.material.cut_lines)))]
        grey = cut.grey()
        return (grey if rng.random() < _AS_CUT else _bent(grey, rng)), cut.text

    def _marked_scan(self, rng: Rng) -> Sample | None:
        """A French line with Vietnamese marks, scanned again."""
        scan = self.material.french[int(rng.integers(len(self.material.french)))]
        marked = marked_scans.add_marks(scan, self.material.letters, self.alphabet, rng)
        return None if marked is None else (self._rescanned(marked[0], rng), marked[1])

    def _font_hand(self, rng: Rng) -> Sample | None:
        """A font whose letters bend, leave the base line and change from word to word."""
        path = self.material.hand_fonts[int(rng.integers(len(self.material.hand_fonts)))]
        hand = FontHand(
            path,
            slant=float(rng.normal(0, 0.15)),
            weight=float(np.exp(rng.normal(0, 0.2))),
            wobble=float(rng.uniform(0.02, 0.16)),
            bounce=float(rng.uniform(0, 0.12)),
            spread=float(np.exp(rng.normal(0, 0.15))),
            joined=bool(rng.random() < 0.5),
        )
        text = rare_texts.training_text(rng)
        line = hand.write(text, float(np.clip(rng.lognormal(np.log(13), 0.3), 7, 26)), rng)
        if line is None:
            return None
        rows, columns = np.flatnonzero(line.ink.any(axis=1)), np.flatnonzero(line.ink.any(axis=0))
        if not len(rows):
            return None
        ink = line.ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        return self._on_form(ink, rng.uniform(0.4, 0.95), rng, busy=0.7, caption=True), text

    def _hand_font(self, rng: Rng) -> Sample | None:
        return self._font(rng, self.material.hand_fonts, jitter=0.03)

    def _typed(self, rng: Rng) -> Sample | None:
        return self._font(rng, self.material.typed_fonts, jitter=0.0)

    def _font(self, rng: Rng, paths: list[Path], jitter: float) -> Sample | None:
        path = paths[int(rng.integers(len(paths)))]
        text = rare_texts.training_text(rng)
        if not drawn_text.knows(path, text):
            return None
        size = int(rng.integers(20, 52))
        ink = drawn_text.draw_text(text, path, size, rng, rng.uniform(0.8, 2.0), jitter)
        if jitter:
            slant = rng.normal(0, 0.1)
            width = ink.shape[1] + int(abs(slant) * ink.shape[0])
            matrix = np.array([[1, slant, max(-slant, 0) * ink.shape[0]], [0, 1, 0]], np.float32)
            ink = cv2.warpAffine(ink, matrix, (width, ink.shape[0])).astype(np.float32)
        return self._on_form(ink, rng.uniform(0.4, 0.95), rng, busy=0.7), text

    def _blank(self, rng: Rng) -> Sample:
        sheet = np.zeros((int(rng.integers(30, 90)), int(rng.integers(60, 900))), np.float32)
        return self._on_form(sheet, 0.7, rng, busy=1.0), ""

    def _inked(self, line: list[Stroke], rng: Rng, busy: float) -> npt.NDArray[np.uint8]:
        pen = pens.random_pen(rng)
        size = float(np.clip(rng.lognormal(np.log(9), 0.3), 4.5, 18))
        ink = pens.draw(line, size, pen, rng, (4, 4, 4, 4))
        return self._on_form(ink, pen.darkness, rng, busy, caption=True)

    def _on_form(
        self,
        ink: AnyInk,
        darkness: float,
        rng: Rng,
        busy: float,
        caption: bool = False,
    ) -> npt.NDArray[np.uint8]:
        """Put ink on a form's background, then scan it. `busy`: how likely a form is at all."""
        height, width = ink.shape
        left, right = (int(rng.integers(2, max(height, 4))) for _ in range(2))
        top, bottom = (int(rng.integers(1, max(height // 3, 3))) for _ in range(2))
        if rng.random() < 0.1:  # a tight crop
            top = bottom = 0
        sheet = np.zeros((height + top + bottom, width + left + right), np.float32)
        if rng.random() < busy:
            self._form(sheet, top + height, rng)
        form_background.over(sheet, ink, left, top)
        if caption and rng.random() < 0.08:
            self._caption(sheet, left, rng)
        return form_background.scanned(form_background.on_paper(sheet, darkness, rng), rng)

    def _caption(self, sheet: AnyInk, room: int, rng: Rng) -> None:
        """The end of a printed caption, cut off by the crop's left edge: no part of the text."""
        if not self.material.typed_fonts:
            return
        path = self.material.typed_fonts[int(rng.integers(len(self.material.typed_fonts)))]
        word = str(rng.choice([":", ":", "n:", "h:", "c:", "ú:", "g:", "m:", "i:", "ố:", ")", "."]))
        size = int(sheet.shape[0] * rng.uniform(0.35, 0.55))
        if size < 8:
            return
        print_ = drawn_text.draw_text(word, path, size, rng)
        x = min(room - print_.shape[1], 0) - int(rng.integers(max(size // 4, 1)))
        y = int(sheet.shape[0] * rng.uniform(0.45, 0.7)) - print_.shape[0] // 2
        form_background.over(sheet, print_, x, y, rng.uniform(0.5, 1))

    def _form(self, sheet: AnyInk, bottom: int, rng: Rng) -> None:
        baseline = int(bottom - sheet.shape[0] * rng.uniform(0.05, 0.35))
        roll = rng.random()
        if roll < 0.45:
            form_background.leader(sheet, baseline, rng)
        elif roll < 0.6:
            form_background.rule(sheet, baseline, rng)
        if rng.random() < 0.15:
            form_background.box(sheet, rng)
        if rng.random() < 0.15:
            form_background.stamp(sheet, rng)
        if self._has_others() and rng.random() < 0.25:
            form_background.neighbour(sheet, self._other(sheet.shape[0], rng), rng)
        if self._has_others() and rng.random() < 0.12:
            form_background.bleed(sheet, self._other(sheet.shape[0], rng), rng)

    def _has_others(self) -> bool:
        return bool(self.material.real or self.material.hand_fonts)

    def _other(self, height: int, rng: Rng) -> AnyInk:
        """Some other line, about as high as the sheet."""
        if not self.material.real:
            path = self.material.hand_fonts[int(rng.integers(len(self.material.hand_fonts)))]
            return drawn_text.draw_text("quê quán", path, max(height // 2, 8), rng)
        _, _, line = self.material.real[int(rng.integers(len(self.material.real)))]
        few = line[: max(len(line) // 3, 1)]
        return pens.draw(few, max(height / 8, 3), pens.random_pen(rng), rng, (0, 0, 0, 0))

    def _rescanned(self, grey: npt.NDArray[np.uint8], rng: Rng) -> npt.NDArray[np.uint8]:
        """Another look of a real picture: slant, stretch, form background, scanner faults."""
        grey = _bent(grey, rng)
        height = len(grey)
        if rng.random() < 0.25:
            sheet = np.zeros(grey.shape, np.float32)
            self._form(sheet, int(height * rng.uniform(0.8, 1)), rng)
            grey = (grey * (1 - 0.6 * sheet)).astype(np.uint8)
        return form_background.scanned(grey, rng)


def _bent(grey: npt.NDArray[np.uint8], rng: Rng) -> npt.NDArray[np.uint8]:
    """The picture of a line with another slant and width, at times thinner or bolder."""
    height, width = grey.shape
    tone = float(np.percentile(grey, 80))
    slant, stretch = rng.normal(0, 0.12), float(np.exp(rng.normal(0, 0.12)))
    matrix = np.array([[stretch, slant, max(-slant, 0) * height], [0, 1, 0]], np.float32)
    out_width = int(width * stretch + abs(slant) * height) + 1
    grey = cv2.warpAffine(grey, matrix, (out_width, height), borderValue=(tone,)).astype(np.uint8)
    if rng.random() < 0.2:  # thinner or bolder
        kernel = np.ones((2, 2), np.uint8)
        grey = (cv2.erode if rng.random() < 0.5 else cv2.dilate)(grey, kernel).astype(np.uint8)
    return grey
