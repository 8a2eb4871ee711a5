"""A page on which the machine saw no record is held against the numbers of its book."""

from __future__ import annotations

import pytest

from ocr_pipeline.reports.status import status
from tests.builders import fake_stages
from tests.builders.run_office import RunOffice, office

__all__ = ["office"]

PAGES = {"1.png": "record 1", "2.png": "blank", "3.png": "record 3"}


def told(office: RunOffice) -> dict[str, str]:
    """By page without a record, what is to be done about it."""
    [book] = status(office.workspace)["books"]
    return {row["page"]: row["remedy"]["en"] for row in book["no_record"]}


def test_the_number_that_is_missing_is_told_at_the_page(office: RunOffice) -> None:
    office.book("ks", PAGES)
    office.run()
    [(page, remedy)] = told(office).items()
    assert page == "2.png" and remedy.startswith("02/2016 is missing here: open the page")


@pytest.mark.parametrize("force", [False, True])
def test_it_is_still_told_after_another_run(office: RunOffice, force: bool) -> None:
    office.book("ks", PAGES)
    office.run()
    before = told(office)
    office.run(force=force)
    assert told(office) == before and before["2.png"]


def test_a_page_between_two_numbers_in_a_row_is_named_and_no_more(office: RunOffice) -> None:
    office.book("ks", {**PAGES, "3.png": "record 2"})
    office.run()
    assert told(office) == {"2.png": ""}


def test_it_is_told_no_more_once_the_number_is_found(office: RunOffice) -> None:
    office.book("ks", PAGES)
    office.run()
    assert told(office)["2.png"]
    fake_stages.write_page(office.scans / "ks" / "3.png", "record 2")
    office.run()
    assert told(office) == {"2.png": ""}
