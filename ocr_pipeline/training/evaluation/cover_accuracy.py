"""How well covers are read: drawn in every print, by hands of fonts, through scanners and phones.

`python -m ocr_pipeline.training.evaluation.cover_accuracy --covers 60 --seed 1 --fonts DIR`
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from ocr_pipeline.books.book import Agency
from ocr_pipeline.imaging.flat_page import flatten
from ocr_pipeline.reading.cover import Cover, CoverName
from ocr_pipeline.reading.cover_reader import CoverReader
from ocr_pipeline.reading.reader import load_reader
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.scans.page_image import PageImage
from ocr_pipeline.training.book_recipes import HandSpec
from ocr_pipeline.training.cover_pages import CoverFacts, cover, cover_prints, empty_sheet
from ocr_pipeline.training.data_schema import CoverPrint
from ocr_pipeline.training.hand_choice import HandChoice
from ocr_pipeline.training.invented_people import Society, pick
from ocr_pipeline.training.scanner import book_paper, scan

_PROVINCES = ["Bến Tre", "Nghệ An", "Sóc Trăng", "Nam Định", "Cao Bằng", "Thái Bình", "Quảng Nam"]
_CONDITIONS = ["flatbed-clean", "flatbed-office", "flatbed-bad", "phone-good"]
_TURNS = (0, 180)
_DPI = 150
_OVER = 1.3  # covers are drawn finer than they are scanned


def drawn_covers(
    number: int, seed: int, hands: HandChoice, fonts: Sequence[str]
) -> Iterator[tuple[CoverPrint, CoverFacts, PageImage]]:
    """Covers with what stands on them, all prints in turn."""
    prints = list(cover_prints().values())
    for k in range(number):
        rng = np.random.default_rng([seed, k])
        printed = prints[k % len(prints)]
        facts = _facts(printed, rng)
        hand = hands.hand(HandSpec(font=fonts[k % len(fonts)]), rng)
        sheet = empty_sheet(210, 297, _DPI * _OVER)
        family = pick(rng, ["serif", "sans"])
        page = cover(sheet, printed, facts, hand, (38, 52, 140), rng, family)
        condition = pick(rng, _CONDITIONS)
        taken = scan(page, condition, book_paper(condition, rng), rng, _DPI)
        yield printed, facts, PageImage(taken.pixels, taken.dpi, np.eye(3))


def _facts(printed: CoverPrint, rng: np.random.Generator) -> CoverFacts:
    first, last = printed.years
    year = int(rng.integers(max(first, 1978), min(last, 2024) + 1))
    place = Society(pick(rng, _PROVINCES), rng, True, 0).place()
    opened = datetime.date(year, 1, int(rng.integers(1, 28)))
    closed = datetime.date(year, 12, int(rng.integers(1, 32))) if rng.random() < 0.8 else None
    agency = Agency(place.commune, place.district, place.province)
    type = pick(rng, list(RegisterType))
    return CoverFacts(type, agency, int(rng.integers(1, 13)), year, opened, closed)


def wanted(printed: CoverPrint, facts: CoverFacts) -> dict[CoverName, str]:
    """What a reader should find on a cover; "" for a blank that is left empty."""
    text = " ".join(row.text for row in printed.rows)
    found: dict[CoverName, str] = {
        "type": facts.type.value,
        "agency": ", ".join(facts.agency.units),
        "number": str(facts.number),
        "year": str(facts.year),
    }
    days: Mapping[CoverName, datetime.date | None] = {
        "opened": facts.opened,
        "closed": facts.closed,
    }
    for name, day in days.items():
        if f"{{{name}" in text:
            found[name] = f"{day:%d.%m.%Y}" if day else ""
    return found


def outcome(found: Cover | None, name: CoverName, value: str) -> str:
    """`right`, `wrong` or `missed`; `… sure` where it would be taken over without a look."""
    read = found.value(name) if found is not None else ""
    word = "right" if read == value else "wrong" if read else "missed"
    return f"{word} sure" if found is not None and found.sure(name) else word


def main(arguments: Sequence[str] | None = None) -> int:
    """Print outcomes by field, and seconds a cover, as JSON; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--covers", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fonts", type=Path, required=True, help="folder of handwriting fonts")
    options = parser.parse_args(arguments)
    fonts = sorted(path.stem for path in options.fonts.glob("*.ttf"))
    reader, counts, seconds = CoverReader(load_reader()), Counter[tuple[str, str]](), []
    for printed, facts, image in drawn_covers(
        options.covers, options.seed, HandChoice(options.fonts), fonts
    ):
        flat = flatten(image)
        start = time.perf_counter()
        found = reader.read(flat.gray, _TURNS)
        seconds.append(time.perf_counter() - start)
        for name, value in wanted(printed, facts).items():
            counts[name, outcome(found, name, value)] += 1
    names = dict.fromkeys(name for name, _ in counts)
    table = {name: {o: c for (n, o), c in sorted(counts.items()) if n == name} for name in names}
    json.dump({"fields": table, "seconds": round(median(seconds), 2)}, sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
