import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from ocr_pipeline.errors import Text
from ocr_pipeline.review import audit, book_views
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.review_models import DeletionRow
from tests.builders.tampering import by_hand

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def worked(station):
    """A station in which somebody has done something."""
    station.book([{"so": f"{62 + i}/2017", "?nksHoTen": 0.5} for i in range(3)])
    for page in (1, 2, 3):
        station.decide(station.an, station.field(page, "nksHoTen"), value=f"Trần Thị Hoa {page}")
    station.undo(station.an)
    book_views.record(station.ws, station.chi, station.row(station.field(1, "so")).record)
    return station


def test_a_trail_left_alone_holds(worked):
    assert audit.verify(worked.ws) is None
    assert audit.head(worked.ws)["id"] == len(list(audit.export(worked.ws)))


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("UPDATE audit SET user_name = 'chi' WHERE id = 2", 2),
        ("UPDATE audit SET time = '2020-01-01T00:00:00.000+00:00' WHERE id = 3", 3),
        ("UPDATE audit SET details = '{}' WHERE id = 1", 1),
        ("UPDATE audit SET hash = replace(hash, substr(hash, 1, 1), 'g') WHERE id = 2", 2),
        ("DELETE FROM audit WHERE id = 2", 3),
        ("DELETE FROM audit WHERE id = 1", 2),
        ("UPDATE entries SET value = 'Trần Thị Mới' WHERE id = 2", 2),
        ("UPDATE entries SET user_name = 'binh' WHERE id = 1", 1),
        ("UPDATE entries SET digest = 'another' WHERE id = 1", 1),
    ],
)
def test_what_is_altered_by_hand_is_found(worked, statement, line):
    by_hand(worked.ws, statement)
    broken = audit.verify(worked.ws)
    assert broken.line == line and broken.reason.vi


def test_a_forged_hash_breaks_the_next_line(worked):
    import hashlib
    import json

    with worked.ws.read_session() as session:
        columns = "id, time, user_name, action, book, subject, details, previous"
        row = session.execute(text(f"SELECT {columns} FROM audit WHERE id = 2")).one()
    forged = (*row[:2], "chi", *row[3:])
    digest = hashlib.sha256(json.dumps(forged, ensure_ascii=False).encode()).hexdigest()
    by_hand(worked.ws, f"UPDATE audit SET user_name = 'chi', hash = '{digest}' WHERE id = 2")
    assert [fault.line for fault in audit.faults(worked.ws, 10)] == [2, 3]


@pytest.mark.parametrize("table", ["audit", "entries", "decisions"])
@pytest.mark.parametrize("change", ["UPDATE {} SET user_name = 'x'", "DELETE FROM {}"])
def test_the_database_itself_refuses_changes(worked, table, change):
    with pytest.raises(DatabaseError, match="only ever added"), worked.ws.transaction() as session:
        session.execute(text(change.format(table)))
    assert audit.verify(worked.ws) is None


def test_entries_go_only_with_their_deleted_book(worked):
    with worked.ws.transaction() as session:
        gone = DeletionRow(book=worked.make_book().id, user="quan", time=worked.now)
        session.add(gone)
        audit.append(session, "quan", AuditAction.DISABLED, rows=[gone])
        session.execute(text("DELETE FROM decisions"))
        session.execute(text("UPDATE fields SET entry = NULL"))
        session.execute(text("DELETE FROM entries"))
    assert worked.entries() == []
    assert audit.verify(worked.ws) is None


def test_the_trail_of_a_person_and_of_a_book(worked):
    book = worked.make_book().id
    mine = list(audit.export(worked.ws, person="an"))
    assert [line["action"] for line in mine] == ["decided"] * 3 + ["undone"]
    whole = list(audit.export(worked.ws, book=book))
    assert [line["action"] for line in whole][-1] == "viewed"
    assert "Trần Thị Hoa" not in str(whole)  # what stands in the registers stays out of the trail
    newest = audit.recent(worked.ws, book=book, count=2)
    assert [line["id"] for line in newest] == [5, 4]
    assert [line["id"] for line in audit.recent(worked.ws, before=3)] == [2, 1]


def test_taking_and_looking_are_noted(station):
    station.book([{"?nksHoTen": 0.5}])
    [item] = station.take(station.an)
    [line] = audit.export(station.ws, person="an")
    assert line["action"] == "taken" and line["details"] == {"fields": [item.field]}


def test_every_action_has_a_name_of_its_own_in_both_languages():
    names = audit.action_names()
    assert set(names) == set(AuditAction)
    assert len({name.vi for name in names.values()}) == len(names)
    assert len({name.en for name in names.values()}) == len(names)


def test_an_action_that_has_no_name_is_never_written(station):
    with station.ws.transaction() as session, pytest.raises(ValueError, match="looked_at"):
        audit.append(session, "an", "looked_at")
    assert not list(audit.export(station.ws))


def test_an_action_of_a_later_version_is_shown_as_it_is():
    assert audit.action_name("merged") == Text("merged", "merged")
