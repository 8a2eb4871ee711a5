"""The store that is measured holds what it says, on both databases."""

import pytest

from ocr_pipeline.bench import store_speed
from ocr_pipeline.reports.status import status
from ocr_pipeline.store.workspace import Workspace


@pytest.mark.long
@pytest.mark.databases("sqlite", "postgresql")
def test_a_small_store_is_built_once(location):
    with Workspace.open(location) as ws:
        store_speed.fill(ws, 1000, 3)
        rows = store_speed.count_rows(ws)
        assert rows["books"] == 1 + 1 + 3 and rows["pages"] == 500 + 100 + 300
        assert rows["fields"] == 600 * 20 and rows["ledger"] == 500
        store_speed.fill(ws, 1000, 3)
        assert store_speed.count_rows(ws) == rows
        books = {book["id"]: book for book in status(ws)["books"]}
        told = books["province.KS.2000.00000"]
        assert [row["page"] for row in told["failures"]] == ["trang 0099.jpg"]
        assert [row["page"] for row in told["notices"]] == ["trang 0100.jpg"]
        assert told["page_kinds"]["record"] == 50 and told["seconds_left"] > 0
