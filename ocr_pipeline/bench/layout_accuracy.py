"""How surely pages are told apart and laid out: drawn pages of all layouts under all hardships.

Every page is shown to `layout.detection.detect` as the run shows it, without a hint of its book:
which layout is found, how far the fields are from where they truly are, and how long it takes.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import ocr_pipeline.layout.form_drawing as form_drawing
from ocr_pipeline.arrays import Gray, Points, Rgb
from ocr_pipeline.bench.drawn_hardships import (
    DPI,
    HARDSHIPS,
    NO_FORMS,
    filled_form,
    no_form,
    taken,
    two_pages,
)
from ocr_pipeline.imaging.flat_page import flatten
from ocr_pipeline.layout.detection import Detection, detect
from ocr_pipeline.layout.loading import LoadedLayout
from ocr_pipeline.layout.scan_division import divide
from ocr_pipeline.scans.page_image import PageImage
from ocr_pipeline.training.hand_choice import HandChoice
from ocr_pipeline.training.registration_accuracy import WRONG, field_errors

NO_FORM = "no-form"
TWO_PAGES = "two-pages"
FLATBED_GOOD = "flatbed-good"
NOT_INSTALLED = "own-form-not-installed"
#: Layouts of the smaller set that the time of detection is compared with.
FEW = 7


@dataclass(frozen=True, slots=True)
class SeenPage:
    """What became of one page.

    Attributes:
        hardship: what had happened to it.
        expected: id of its layout; "" for a page of no installed form.
        found: id of the layout it was accepted with; "" when it was refused.
        nearest: of a refused page, the layout that came nearest.
        reason: of a refused page, why.
        errors: distance of each field's centre from its true place, mm; empty where none is known.
        seconds: processor time of the detection.
        seconds_few: the same with few layouts installed; 0 where it was not measured.
        parts: forms that the scan was divided into; 0 for one that was not divided.

    """

    hardship: str
    expected: str
    found: str
    nearest: str = ""
    reason: str = ""
    errors: Points = field(default_factory=lambda: np.empty(0))
    seconds: float = 0.0
    seconds_few: float = 0.0
    parts: int = 0

    @property
    def wrong_layout(self) -> bool:
        """Accepted as what it is not."""
        return bool(self.found) and self.found != self.expected

    @property
    def shifted(self) -> bool:
        """Accepted with a field half a line or more from its place."""
        return self.errors.size > 0 and float(self.errors.max()) > WRONG


@dataclass(frozen=True, slots=True)
class HardshipFigures:
    """Pages of one hardship, or all of them: how many, and what became of them.

    Attributes:
        pages: looked at.
        accepted: with whatever layout.
        wrong: accepted with another layout, or though no form is there.
        shifted: accepted with a field half a line or more off.
        median_mm: median distance of the fields of accepted pages from their true places.
        worst_mm: their 99th percentile.
        seconds: mean processor time of the detection.

    """

    pages: int
    accepted: int
    wrong: int
    shifted: int
    median_mm: float
    worst_mm: float
    seconds: float

    @property
    def refused(self) -> int:
        """Pages that a person has to see."""
        return self.pages - self.accepted


@dataclass(frozen=True, slots=True)
class LayoutAccuracy:
    """What a measurement gave.

    Attributes:
        hardships: by name.
        confusions: pages by expected and found layout; refused pages have no entry.
        seconds_few: mean processor time with `FEW` layouts on the good flatbed pages.
        seconds_all: the same pages with all.

    """

    hardships: dict[str, HardshipFigures]
    confusions: dict[str, int]
    seconds_few: float
    seconds_all: float


def figures(pages: Sequence[SeenPage]) -> LayoutAccuracy:
    """Sum up."""
    names = dict.fromkeys(page.hardship for page in pages)
    by_name = {name: [page for page in pages if page.hardship == name] for name in names}
    wrong = Counter(f"{p.expected or p.hardship} → {p.found}" for p in pages if p.wrong_layout)
    timed = [page for page in pages if page.seconds_few]
    return LayoutAccuracy(
        {name: _summed(some) for name, some in by_name.items()} | {"all": _summed(pages)},
        dict(wrong.most_common()),
        _mean([page.seconds_few for page in timed]),
        _mean([page.seconds for page in timed]),
    )


def _summed(pages: Sequence[SeenPage]) -> HardshipFigures:
    errors = np.concatenate([np.empty(0), *(page.errors for page in pages)])
    middle, worst = np.percentile(errors, [50, 99]).tolist() if errors.size else (0.0, 0.0)
    return HardshipFigures(
        len(pages),
        sum(bool(page.found) for page in pages),
        sum(page.wrong_layout for page in pages),
        sum(page.shifted for page in pages),
        round(middle, 2),
        round(worst, 2),
        _mean([page.seconds for page in pages]),
    )


def _mean(seconds: Sequence[float]) -> float:
    return round(sum(seconds) / max(len(seconds), 1), 3)


def measure_layouts(
    layouts: Sequence[LoadedLayout],
    pages: int,
    seed: int = 1,
    on_page: Callable[[], None] = lambda: None,
) -> list[SeenPage]:
    """Draw pages and look at each; layouts and hardships come in turn.

    Args:
        layouts: the installed ones.
        pages: how many pages.
        seed: another one gives other people, papers, print and cameras.
        on_page: called after each.

    """
    seen = []
    for some in _all_pages(layouts, pages, seed):
        seen += some
        on_page()
    return seen


def _all_pages(layouts: Sequence[LoadedLayout], pages: int, seed: int) -> Iterator[list[SeenPage]]:
    hands = HandChoice(Path(form_drawing.__file__).parent / "fonts")
    kinds = [*HARDSHIPS, TWO_PAGES, NO_FORM]
    for number in range(pages):
        rng = np.random.default_rng([seed, number])
        kind = kinds[number % len(kinds)]
        # every layout meets every hardship: the layout moves on once more after each round
        loaded = layouts[(number + number // len(kinds)) % len(layouts)]
        if kind == NO_FORM:
            yield [_stranger(NO_FORMS[(number // len(kinds)) % len(NO_FORMS)], layouts, rng)]
        elif kind == TWO_PAGES:
            yield [_spread(loaded, layouts, hands, rng)]
        else:
            yield _page(kind, loaded, layouts, hands, rng)


def _page(
    kind: str,
    loaded: LoadedLayout,
    layouts: Sequence[LoadedLayout],
    hands: HandChoice,
    rng: np.random.Generator,
) -> list[SeenPage]:
    """What became of the page; a good one is also shown without its own form installed."""
    hardship = HARDSHIPS[kind]
    form = filled_form(loaded.layout, hands, hardship.condition, rng)
    drawn = taken(form, loaded.layout, hardship, rng)
    flat = flatten(_image(drawn.pixels, photographed=drawn.photographed))
    seconds_few, alone = 0.0, []
    if kind == FLATBED_GOOD:
        others = [one for one in layouts if one is not loaded]
        alone.append(_without_own_form(flat.gray, others))
        seconds_few = _timed(flat.gray, [loaded, *others[: FEW - 1]])[1]
    found, seconds = _timed(flat.gray, layouts)
    errors: Points = np.empty(0)
    if found.registration is not None and found.layout_id == loaded.layout.id:
        errors = field_errors(found.registration, flat, drawn.map, loaded.layout)
    reason = found.reason.en if found.reason else ""
    name = found.layout_id or ""
    page = SeenPage(
        kind, loaded.layout.id, name, found.nearest, reason, errors, seconds, seconds_few
    )
    return [page, *alone]


def _without_own_form(gray: Gray, others: Sequence[LoadedLayout]) -> SeenPage:
    found, seconds = _timed(gray, others)
    name = found.layout_id or ""
    return SeenPage(NOT_INSTALLED, "", name, found.nearest, seconds=seconds)


def _spread(
    loaded: LoadedLayout,
    layouts: Sequence[LoadedLayout],
    hands: HandChoice,
    rng: np.random.Generator,
) -> SeenPage:
    hardship = HARDSHIPS[FLATBED_GOOD]
    forms = [filled_form(loaded.layout, hands, hardship.condition, rng) for _ in range(2)]
    sides = [taken(form, loaded.layout, hardship, rng) for form in forms]
    image = _image(two_pages(*sides).pixels)
    flat = flatten(image)
    found, seconds = _timed(flat.gray, layouts)
    parts = divide(image, flat, found, layouts)
    name = loaded.layout.id if len(parts) == 2 else found.layout_id or ""
    return SeenPage(TWO_PAGES, loaded.layout.id, name, seconds=seconds, parts=len(parts))


def _stranger(kind: str, layouts: Sequence[LoadedLayout], rng: np.random.Generator) -> SeenPage:
    flat = flatten(_image(no_form(kind, rng)))
    found, seconds = _timed(flat.gray, layouts)
    return SeenPage(NO_FORM, "", found.layout_id or "", found.nearest, kind, seconds=seconds)


def _timed(gray: Gray, layouts: Sequence[LoadedLayout]) -> tuple[Detection, float]:
    """What is on the page, and the processor time in seconds that it took to say so."""
    began = time.process_time()
    found = detect(gray, layouts)
    return found, time.process_time() - began


def _image(pixels: Rgb, *, photographed: bool = False) -> PageImage:
    return PageImage(pixels, None if photographed else float(DPI))
