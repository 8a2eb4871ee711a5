"""What a disk has damaged inside of the database is told as that, and costs its own book."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from ocr_pipeline.errors import MachineError
from ocr_pipeline.export.book_exports import ExportChoices, export_books
from ocr_pipeline.processing.failure import bug
from ocr_pipeline.store import codec
from ocr_pipeline.store.codec import DatabaseBrokenError
from ocr_pipeline.store.models import RecordRow
from ocr_pipeline.store.workspace import DATABASE, Workspace
from tests.builders.review_office import BOOK, ReviewOffice

WHOLE = codec.pack({"page": "1", "position": 1, "layout": "KS-2016", "fields": {}})


@pytest.mark.parametrize("payload", [b"", WHOLE[:-4], WHOLE[:9] + b"x" + WHOLE[10:], b"x" * 40])
def test_a_damaged_payload_is_told_as_that(payload: bytes):
    with pytest.raises(DatabaseBrokenError) as caught:
        codec.unpack(payload)
    assert "A bug" not in bug(caught.value).cause.en


@pytest.mark.parametrize("data", [[], {}, {"page": "1", "position": 1, "layout": "", "fields": 3}])
def test_a_payload_that_is_no_record_or_book_is_told_as_that(data):
    with pytest.raises(DatabaseBrokenError):
        codec.record_from_json(data)
    with pytest.raises(DatabaseBrokenError):
        codec.book_from_json("b", "/x", data)


def test_a_damaged_record_costs_the_export_of_its_book_only(tmp_path: Path):
    office = ReviewOffice(tmp_path)
    with office.workspace.transaction() as session:
        row = session.scalars(select(RecordRow)).first()
        assert row is not None
        row.payload = row.payload[:-9]
    [done] = export_books(office.workspace, None, ExportChoices(tmp_path / "out", unapproved=True))
    assert (done.book, type(done.error)) == (BOOK.id, DatabaseBrokenError)
    office.close()


def test_names_of_a_damaged_schema_that_are_no_text_are_told_as_damage(tmp_path: Path):
    Workspace.open(tmp_path / "ws").close()
    path = tmp_path / "ws" / DATABASE
    data, name = path.read_bytes(), b"tableproblemsproblems"
    assert name in data
    path.write_bytes(data.replace(name, b"table" + b"\xff" * (len(name) - 5)))
    with pytest.raises(MachineError, match="database file is damaged"):
        Workspace.open(tmp_path / "ws")


def test_bytes_that_are_no_text_in_a_block_of_ours_are_no_damage(tmp_path: Path):
    with Workspace.open(tmp_path / "ws") as workspace:
        with pytest.raises(UnicodeDecodeError), workspace.read_session():
            b"\xff".decode()
