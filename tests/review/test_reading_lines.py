"""What people read beyond their own fields leaves a line: one a person, thing and hour."""

import pytest

from ocr_pipeline.export.book_exports import ExportChoices, export_books
from ocr_pipeline.export.trail_note import NOTE_SUFFIX
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.review import audit
from ocr_pipeline.review.page_sources import note_page_seen, page_sources
from ocr_pipeline.review.suggestions import suggest
from ocr_pipeline.store.files import file_digest
from ocr_pipeline.store.reading_lines import os_user

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def told(station):
    return [
        (line["user"], line["action"], line["subject"])
        for line in audit.export(station.ws)
        if line["action"] in ("page_seen", "suggested")
    ]


def look(station, user, page=1):
    found = page_sources(station.ws, [page])[page]
    note_page_seen(station.ws, user, found, station.now)


def test_a_page_looked_at_often_has_one_line_an_hour(station):
    station.book([{}, {}])
    for minutes in (0, 1, 58):
        station.later(minutes=minutes)
        look(station, station.an)
    look(station, station.binh)
    look(station, station.an, 2)
    assert told(station) == [
        ("an", "page_seen", "page:1.jpg"), ("binh", "page_seen", "page:1.jpg"),
        ("an", "page_seen", "page:2.jpg"),
    ]  # fmt: skip
    station.later(minutes=2)
    look(station, station.an)
    assert told(station)[-1] == ("an", "page_seen", "page:1.jpg") and len(told(station)) == 4


def test_values_of_a_book_offered_letter_by_letter_have_one_line(station):
    book = station.book([{"nksHoTen": "Trần Thị Hoa"}, {"nksHoTen": "Trần Thị Hoa"}])
    for typed in ("t", "tr", "tran"):
        suggest(station.ws, station.an, FieldKind.PERSON_NAME, typed, book.id, now=station.now)
    suggest(station.ws, station.an, FieldKind.PERSON_NAME, "tran", now=station.now)
    assert told(station) == [("an", "suggested", "person_name")]
    assert "Hoa" not in str(list(audit.export(station.ws)))


def test_an_export_leaves_a_line_and_its_head_beside_the_package(station, tmp_path):
    book = station.book([{}])
    choices = ExportChoices(tmp_path / "out", "draft")
    [export] = export_books(station.ws, [book.id], choices)
    [line] = [one for one in audit.export(station.ws) if one["action"] == "exported"]
    files = export.exported.files
    assert line["details"]["files"] == {path.name: file_digest(path) for path in files}
    assert line["details"]["os_user"] == os_user() and line["user"] == "system"
    assert not list((tmp_path / "out").rglob(f"*{NOTE_SUFFIX}")), "a draft is no package"
    assert audit.faults(station.ws, 5) == []
