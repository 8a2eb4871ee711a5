"""Clerks who keep to conventions: what stands on the paper, and the value it stands for."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from ocr_pipeline.books.book import Book
from ocr_pipeline.checks.short_years import fill_short_years
from ocr_pipeline.layout.loading import load_layouts
from ocr_pipeline.layout.schema import LayoutField
from ocr_pipeline.reading.special_marks import means_nothing, special_of
from ocr_pipeline.registers.fields import Candidate, Field, FieldKind, Special
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.registers.values import says_nothing
from ocr_pipeline.training.clerk_conventions import ClerkConventions
from ocr_pipeline.training.clerk_habits import BLANK, Clerk, WrittenValue, clerk_data
from tests.builders.books import make_book

FIELDS = {
    f.code: f for item in load_layouts() if item.layout.id == "KS-2016" for f in item.layout.fields
}


class Strict:
    """Chance in which nobody lapses."""

    def random(self) -> float:
        return 1.0


def applied(conventions: ClerkConventions, code: str, now: WrittenValue, above=None, **record):
    f: LayoutField = FIELDS[code]
    return conventions.applied(f, now, record, above, Strict())


def clerk() -> Clerk:
    return Clerk(np.random.default_rng(3), southern=True)


def proposed(book: Book, **texts: str) -> dict[str, Field]:
    """What the short years and ages of a record are worked out to be."""
    fields = {}
    for code, text in texts.items():
        whole = text.count("/") == 2 and len(text.rpartition("/")[2]) == 4
        value = ".".join(text.split("/")) if whole else ""
        read = (Candidate(text, value, 0.99),)
        fields[code] = Field(code, FieldKind.DATE, text, value, 0.99, n_best=read)
    return fill_short_years(fields, RegisterType.KS, book)


def test_a_short_year_stands_for_the_whole_date():
    conventions = ClerkConventions(short_years=True)
    now = clerk().date(datetime.date(1992, 5, 16))
    short = applied(conventions, "nksNgaySinh", now)
    assert short.value == now.value == "16.05.1992"
    assert "1992" not in short.as_written and short.as_written.endswith("92")
    assert short.parts == ("16", "05", "92")


def test_an_age_is_counted_to_the_day_that_reading_counts_back_from():
    """The value of the drawn book is the one that the checks propose for the writing."""
    conventions = ClerkConventions(ages=True)
    mother = clerk().date(datetime.date(1986, 3, 2), precision=1)
    child = WrittenValue("04/07/2018", "04.07.2018")
    written = applied(conventions, "meNgaySinh", mother, nksNgaySinh=child)
    assert (written.as_written, written.value) == ("32 tuổi", "1986")
    seen = proposed(make_book(), nksNgaySinh="04/07/2018", meNgaySinh=written.as_written)
    assert seen["meNgaySinh"].value == "1986"


@pytest.mark.parametrize("mark", [m for m in clerk_data().ditto_marks if m])
def test_every_ditto_mark_is_one_that_reading_knows(mark: str):
    conventions = ClerkConventions(ditto=mark)
    now = WrittenValue("Kinh", "Kinh")
    written = applied(conventions, "nksDanToc", now, above=now)
    assert (written.as_written, written.value, written.special) == (mark, "Kinh", "ditto")
    assert special_of(mark) is Special.DITTO
    assert applied(conventions, "nksDanToc", now, above=WrittenValue("Tày", "Tày")) == now


@pytest.mark.parametrize("mark", [m for m in clerk_data().nothing_marks if m])
def test_every_mark_for_nothing_is_an_empty_cell(mark: str):
    written = applied(ClerkConventions(nothing=mark), "ghiChu", BLANK)
    assert (written.as_written, written.value) == (mark, "")
    assert means_nothing(mark) or says_nothing(mark)


def test_names_in_capitals_keep_their_value():
    written = applied(
        ClerkConventions(capitals=True), "nksHoTen", WrittenValue("Lê Văn Sỹ", "Lê Văn Sỹ")
    )
    assert (written.as_written, written.value) == ("LÊ VĂN SỸ", "Lê Văn Sỹ")


def test_clerks_differ_and_a_seed_gives_the_same_one():
    clerks = [ClerkConventions.drawn(np.random.default_rng(seed)) for seed in range(20)]
    assert len(set(clerks)) > 10
    assert clerks[4] == ClerkConventions.drawn(np.random.default_rng(4))
