"""Covers are read: those of the generator, and those of a house that it does not know."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pytest

import ocr_pipeline.layout
from ocr_pipeline.books.book import Agency
from ocr_pipeline.imaging.ink import ink_gray
from ocr_pipeline.imaging.page_content import may_be_cover
from ocr_pipeline.layout.loading import load_layouts
from ocr_pipeline.reading.cover_reader import CoverReader
from ocr_pipeline.reading.reader import load_reader
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.training.book_recipes import HandSpec
from ocr_pipeline.training.cover_pages import CoverFacts, cover, cover_prints, empty_sheet
from ocr_pipeline.training.hand_choice import HandChoice
from tests.builders.long_cases import long_after
from tests.builders.other_covers import label_cover

FONTS = Path(ocr_pipeline.layout.__file__).parent / "fonts"
AGENCY = Agency("xã Lộc Thuận", "huyện Bình Đại", "tỉnh Bến Tre")
OPENED, CLOSED = datetime.date(2009, 1, 5), datetime.date(2009, 12, 30)


@pytest.fixture(scope="module")
def covers() -> CoverReader:
    return CoverReader(load_reader())


def drawn(name: str, facts: CoverFacts) -> np.ndarray:
    rng = np.random.default_rng(4)
    hand = HandChoice(FONTS).hand(HandSpec(font="form-serif-italic", slant=0.0, weight=1.0), rng)
    page = cover(empty_sheet(210, 297, 150), cover_prints()[name], facts, hand, (38, 52, 140), rng)
    return ink_gray(page.pixels)


@pytest.mark.parametrize("name", long_after(2, ["2016", "label", "before-1999", "1999", "2006"]))
def test_covers_of_every_print_are_read(covers: CoverReader, name: str) -> None:
    facts = CoverFacts(RegisterType.KH, AGENCY, 2, 2009, OPENED, CLOSED)
    found = covers.read_if_cover(drawn(name, facts))
    assert found is not None
    assert found.value("type") == "KH" and found.sure("type")
    wanted = {"number": "2", "year": "2009", "agency": ", ".join(AGENCY.units)}
    if "{opened" in str(cover_prints()[name].rows):
        wanted |= {"opened": "05.01.2009", "closed": "30.12.2009"}
    wrong = {
        key: found.value(key)
        for key, value in wanted.items()
        if found.value(key) != value and found.sure(key)
    }
    assert not wrong, "what is wrong is marked"
    right = [key for key, value in wanted.items() if found.value(key) == value]
    assert len(right) >= len(wanted) - 1, found


def test_a_blank_that_nobody_filled_in_gives_no_value(covers: CoverReader) -> None:
    found = covers.read(drawn("2006", CoverFacts(RegisterType.KS, AGENCY, 1, 2009, OPENED)))
    assert found is not None and found.value("opened") and not found.value("closed")


def test_a_cover_of_another_house_is_read(covers: CoverReader) -> None:
    office = ["UBND xã Lộc Thuận", "Huyện Bình Đại", "Tỉnh Bến Tre"]
    page = label_cover("SỔ ĐĂNG KÝ KHAI TỬ", office, "03", "1994", "02/01/1994", "29/12/1995")
    found = covers.read_if_cover(ink_gray(page))
    assert found is not None
    values = {name: found.value(name) for name in found.fields}
    assert values["type"] == "KT" and values["agency"] == ", ".join(AGENCY.units)
    assert values["number"] == "3" and values["year"] == "1994"
    assert values["opened"] == "02.01.1994" and values["closed"] == "29.12.1995"


def test_a_cover_that_lies_upside_down_is_turned(covers: CoverReader) -> None:
    facts = CoverFacts(RegisterType.KS, AGENCY, 2, 2009)
    page = np.ascontiguousarray(np.rot90(drawn("label", facts), 2))
    found = covers.read_if_cover(page)
    assert found is not None and found.turn == 180 and found.value("type") == "KS"


def test_an_empty_form_is_no_cover() -> None:
    assert not any(may_be_cover(loaded.reference) for loaded in load_layouts())


def test_a_title_alone_says_too_little(covers: CoverReader) -> None:
    page = label_cover("SỔ ĐĂNG KÝ KHAI TỬ", [], "", "", "", "")
    page = page.copy()
    page[1100:1400, 150:1100] = (250, 249, 244)
    assert covers.read_if_cover(ink_gray(page)) is None
