"""Migrations keep what is there, up and down, and the guards of the append-only tables work."""

import json
from threading import Thread

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, make_url, text
from sqlalchemy.exc import DatabaseError

from ocr_pipeline.store import postgres_dump, schema
from ocr_pipeline.store.engine import connect
from ocr_pipeline.store.migration_copy import copy_before
from ocr_pipeline.store.models import TableBase
from ocr_pipeline.store.workspace import Workspace

DATA = """
INSERT INTO books VALUES ('b1', 'KT', '/scans', '{{}}', 'judged');
INSERT INTO pages VALUES ('b1', '2.jpg', 1, '/2', 0, '', 'd2', 'record', 'f', '', 'L', 0, '', '', '', '');
INSERT INTO pages VALUES ('b1', '1.jpg', 0, '/1', 0, '', 'd1', 'record', 'f', '', 'L', 90, '', '', '', '');
INSERT INTO records VALUES (7, 'b1', '1.jpg', 1, 0, 'L', {blob});
INSERT INTO fields VALUES (70, 7, 'b1', 'so', 'number_year', 'in_review', '1/2016', 0.5, {false});
INSERT INTO fields VALUES (71, 7, 'b1', 'nktHoTen', 'person_name', 'corrected', 'Lê Văn Tám', 1, {true});
INSERT INTO entries VALUES (1, 'b1', '1.jpg', 1, 'nktHoTen', 'Lê Văn Tam', '', 'corrected', 'an', '2026-01-02 03:04:05', NULL);
INSERT INTO entries VALUES (2, 'b1', '1.jpg', 1, 'nktHoTen', 'Lê Văn Tám', '', 'corrected', 'an', '2026-01-02 03:04:06', 1);
"""  # noqa: E501


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path):
    if request.param == "sqlite":
        url = make_url(f"sqlite:///{tmp_path / 'x.db'}")
    else:
        url = request.getfixturevalue("empty_database")
    engine = connect(url)
    yield engine
    engine.dispose()


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def migrate(engine, how, target):
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with schema.migrating(engine) as connection:
        config.attributes["connection"] = connection
        how(config, target)


def run(engine, *statements):
    with engine.begin() as connection:
        return [connection.execute(text(statement)) for statement in statements]


def rows(engine, query):
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


@pytest.fixture
def old(engine):
    """A database as the first version left it."""
    migrate(engine, command.upgrade, "0001")
    sqlite = engine.dialect.name == "sqlite"
    words = {"blob": "x'00'" if sqlite else "'\\x00'", "true": "true", "false": "false"}
    run(engine, *filter(str.strip, DATA.format(**words).split(";\n")))
    return engine


def test_what_is_there_goes_along(old, folder):
    schema.bring_up_to_date(old, folder)
    pages = rows(old, "SELECT id, name, turn FROM pages ORDER BY ordinal")
    assert [page[1:] for page in pages] == [("1.jpg", 90), ("2.jpg", 0)]
    assert sorted(page[0] for page in pages) == [1, 2]
    assert rows(old, "SELECT id, lane, entry FROM fields ORDER BY id") == [
        (70, "doubt", None),
        (71, "", 2),
    ]
    assert rows(old, "SELECT id FROM records") == [(7,)]
    assert rows(old, "SELECT count(*) FROM entries") == [(2,)]
    words = rows(old, "SELECT word, record, field FROM field_words ORDER BY field, word")
    assert words == [
        ("1/2016", 7, 70),
        ("2016", 7, 70),
        *((w, 7, 71) for w in ("le", "tam", "van")),
    ]
    assert "login_failures" not in inspect(old).get_table_names()
    assert rows(old, "SELECT judged FROM books") == [("",)]  # rules and samples are due
    with old.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), TableBase.metadata) == []


def test_down_and_up_again(old, folder):
    schema.bring_up_to_date(old, folder)
    migrate(old, command.downgrade, "0001")
    assert "decisions" not in inspect(old).get_table_names()
    assert rows(old, "SELECT name, turn FROM pages ORDER BY ordinal") == [
        ("1.jpg", 90),
        ("2.jpg", 0),
    ]
    assert rows(old, "SELECT id, value FROM fields ORDER BY id")[1] == (71, "Lê Văn Tám")
    run(old, "UPDATE entries SET value = 'x' WHERE id = 1")  # the guards have gone
    schema.bring_up_to_date(old, folder)
    assert rows(old, "SELECT id, lane, entry FROM fields ORDER BY id")[1] == (71, "", 2)
    migrate(old, command.downgrade, "base")
    assert inspect(old).get_table_names() in ([], ["alembic_version"])


def test_entries_are_only_ever_added(old, folder):
    schema.bring_up_to_date(old, folder)
    for statement in ("UPDATE entries SET value = 'x'", "DELETE FROM entries WHERE id = 2"):
        with pytest.raises(DatabaseError, match="only ever added"):
            run(old, statement)
    run(
        old,
        "INSERT INTO deletions VALUES ('b1', 'quan', '2026-01-02 03:04:05')",
        "DELETE FROM entries WHERE book = 'b1'",
    )
    assert rows(old, "SELECT count(*) FROM entries") == [(0,)]


def test_an_id_is_never_given_again(old, folder):
    schema.bring_up_to_date(old, folder)
    run(old, "DELETE FROM fields WHERE id = 71")
    columns = "record, book, code, kind, state, value, confidence, hard, place, lane, rules, draw"
    new = "7, 'b1', 'ghiChu', 'free_text', 'blank', '', 1, false, 2, '', '', 1"
    if old.dialect.name == "postgresql":  # its sequence has not seen the ids put in by hand
        run(old, "SELECT setval(pg_get_serial_sequence('fields', 'id'), 71)")
    run(old, f"INSERT INTO fields ({columns}) VALUES ({new})")
    assert rows(old, "SELECT max(id) FROM fields") == [(72,)]


def test_what_the_ledger_knows_survives_the_third_migration_both_ways(old, folder):
    migrate(old, command.upgrade, "0002")
    blob = "x'00'" if old.dialect.name == "sqlite" else "'\\x00'"
    run(
        old,
        f"INSERT INTO ledger VALUES ('page', 'd1', 'f', 'record', 0.5, '2026-01-02', {blob})",
    )
    migrate(old, command.upgrade, "0003")
    assert rows(old, "SELECT input, seconds, checksum FROM ledger") == [("d1", 0.5, "")]
    migrate(old, command.downgrade, "0002")
    assert not {"runs", "attempts"} & set(inspect(old).get_table_names())
    assert rows(old, "SELECT input, outcome, seconds FROM ledger") == [("d1", "record", 0.5)]
    schema.bring_up_to_date(old, folder)
    assert rows(old, "SELECT count(*) FROM ledger") == [(1,)]
    with old.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), TableBase.metadata) == []


def test_decisions_made_so_far_belong_to_the_scan_that_their_page_had(old, folder):
    migrate(old, command.upgrade, "0003")
    decision = (
        "INSERT INTO decisions VALUES (1, 70, 'b1', '{page}', 1, 'so', 'number_year', 'an', "
        "'2026-01-02', '', 'correct', 'corrected', '1', '', '', 'read', 0.5, 1, 1, '', NULL, {no})"
    )
    placed = """INSERT INTO page_decisions VALUES (1, 'b1', '2.jpg', 'd2', 'place', '{"after": "1.jpg"}', 'an', '2026-01-02')"""  # noqa: E501
    lost = (
        "INSERT INTO entries VALUES (3, 'b1', '9.jpg', 1, 'so', '9', '', 'corrected', 'an', "
        "'2026-01-02 03:04:06', NULL)"
    )
    with old.begin() as connection:
        for statement in (decision.format(page="1.jpg", no="false"), placed, lost):
            connection.exec_driver_sql(statement)
    schema.bring_up_to_date(old, folder)
    entries = rows(old, "SELECT digest, layout FROM entries ORDER BY id")
    assert entries[:2] == [("d1", "L"), ("d1", "L")]
    [(unknown, _)] = entries[2:]
    assert unknown not in ("", "d1", "d2"), "nobody can say any more which scan it was"
    assert rows(old, "SELECT digest FROM decisions") == [("d1",)]
    [(details,)] = rows(old, "SELECT details FROM page_decisions")
    details = json.loads(details) if isinstance(details, str) else details
    assert details == {"after": "1.jpg", "after_scan": "d1"}
    assert sorted(rows(old, "SELECT digest, page FROM scans")) == sorted(
        [("d1", "1.jpg"), ("d2", "2.jpg"), (unknown, "9.jpg")]
    )
    with pytest.raises(DatabaseError, match="only ever added"):
        run(old, "UPDATE entries SET value = 'x'")
    with pytest.raises(DatabaseError, match="only ever added"):
        run(old, "UPDATE page_decisions SET page = 'x'")
    migrate(old, command.downgrade, "0003")
    assert "scans" not in inspect(old).get_table_names()
    assert rows(old, "SELECT count(*) FROM entries") == [(3,)]
    schema.bring_up_to_date(old, folder)
    with old.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), TableBase.metadata) == []


def test_two_programs_may_open_a_new_workspace_at_once(engine, folder):
    failed = []

    def open_it():
        try:
            schema.bring_up_to_date(engine, folder)
        except Exception as error:
            failed.append(error)

    openers = [Thread(target=open_it) for _ in range(3)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join()
    assert failed == [] and schema.revision(engine) == schema.HEAD


@pytest.mark.databases("postgresql")
def test_a_server_is_copied_before_an_update_by_its_own_program(location):
    with Workspace.open(location) as workspace:
        copy = copy_before(workspace.engine, workspace.folder, "0004")
        assert copy.name.startswith("before-update-0004-") and copy.suffix == ".dump"
        postgres_dump.check_dump(copy)
