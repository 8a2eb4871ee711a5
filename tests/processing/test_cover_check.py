"""The cover of a book is held against its inventory, and never becomes a record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ocr_pipeline.books.book import Agency, Book
from ocr_pipeline.processing.cover_check import cover_differences
from ocr_pipeline.reading.cover import Cover, CoverField
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.reports.status import status
from ocr_pipeline.store.codec import cover_from_json, cover_to_json
from tests.builders.run_office import RunOffice, office

__all__ = ["office"]

AGENCY = Agency("xã Lộc Thuận", "huyện Bình Đại", "tỉnh Bến Tre")
BOOK = Book("b", Path("b"), RegisterType.KS, AGENCY, 2016, 1)


def cover(**values: str) -> Cover:
    fields = {name: CoverField(value, value, True) for name, value in values.items()}
    return Cover(fields, AGENCY if "agency" in values else None)  # type: ignore[arg-type]


def told(office: RunOffice) -> dict[str, str]:
    [book] = status(office.workspace)["books"]
    return {row["page"]: row["remedy"]["en"] for row in book["no_record"]}


def test_a_cover_of_another_register_is_told_at_its_page(office: RunOffice) -> None:
    office.book("ks", {"1.png": "cover KH 2 2017", "2.png": "record 1"})
    office.run()
    [remedy] = told(office).values()
    assert "register type: the cover says marriages, the inventory says births" in remedy
    assert "book number: the cover says 2, the inventory says 1" in remedy
    assert "year opened: the cover says 2017, the inventory says 2016" in remedy
    [book] = status(office.workspace)["books"]
    assert book["records"] == 1 and book["page_kinds"]["cover"] == 1


def test_a_cover_that_agrees_says_what_it_is_and_asks_for_nothing(office: RunOffice) -> None:
    office.book("ks", {"1.png": "cover KS 1 2016", "2.png": "record 1"})
    office.run()
    assert told(office) == {"1.png": ""}
    [book] = status(office.workspace)["books"]
    assert book["no_record"][0]["cause"]["en"] == "A cover: births, book 1/2016"


def test_a_correction_of_the_inventory_settles_it(office: RunOffice) -> None:
    office.book("ks", {"1.png": "cover KS 2 2016", "2.png": "record 1"})
    office.run()
    assert told(office)["1.png"]
    office.run()
    assert told(office)["1.png"], "it is still told after another run"


def test_a_writing_that_may_be_what_the_inventory_has_is_no_difference() -> None:
    doubtful = CoverField("7", "7", False, others=("1",))
    assert not cover_differences(Cover({"number": doubtful}), BOOK)
    assert cover_differences(Cover({"number": replace(doubtful, others=("4",))}), BOOK)


@pytest.mark.parametrize("unit", ["Lộc Thuận", "XÃ LỘC THUẬN"])
def test_an_agency_is_compared_as_people_write_it(unit: str) -> None:
    field = CoverField(unit, unit, True)
    same = Cover({"agency": field}, Agency(unit, "Bình Đại", "Bến Tre"))
    other = Cover({"agency": field}, Agency("xã Thới Lai", "Bình Đại", "Bến Tre"))
    assert not cover_differences(same, BOOK)
    [said] = cover_differences(other, BOOK)
    assert "danh mục sổ ghi xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre" in said.vi


def test_a_cover_comes_back_from_the_ledger_as_it_went_in() -> None:
    one = cover(type="KS", agency="xã Lộc Thuận", opened="01.02.2016")
    assert cover_from_json(cover_to_json(one)) == one
