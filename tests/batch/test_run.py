import json
import os
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import select

from ocr_pipeline.batch.loop import RunLoop
from ocr_pipeline.batch.task_machine import RetryRules
from ocr_pipeline.books.inventory import Inventory, find_books
from ocr_pipeline.errors import MachineError
from ocr_pipeline.export.results import results
from ocr_pipeline.processes.limited_calls import LimitedCalls
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.processing.scan_source import ScanSource
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.registers.fields import State
from ocr_pipeline.reports.status import status
from ocr_pipeline.scans import limited_pages
from ocr_pipeline.store import sqlite_build
from ocr_pipeline.store.entries import Entry, add_entries
from ocr_pipeline.store.models import AttemptRow
from ocr_pipeline.store.workspace import DATABASE
from tests.builders import fake_stages, hostile_files, judges
from tests.builders.books import make_book

both = pytest.mark.databases("sqlite", "postgresql")

KS1 = "xalocthuan_hbd_tbt.KS.2016.01"


def failures(office, book=0):
    return {row["page"]: row for row in status(office.workspace)["books"][book]["failures"]}


def test_a_file_beyond_the_limits_while_pages_are_counted_costs_itself_alone(office, monkeypatch):
    """1 kB of PDF that takes 5.5 GB; the night reads the other pages and the other book."""
    calls = LimitedCalls(1, TaskLimits(seconds=60, memory_mb=300, nice=0))
    monkeypatch.setattr(limited_pages, "foreign_calls", lambda: calls)
    office.book("ks1", {"1.png": "record 1"})
    office.book("kt1", {"1.png": "record 2"}, "KT")
    (office.scans / "ks1" / "2.pdf").write_bytes(hostile_files.pdf_of_wide_array())
    try:
        office.run()
    finally:
        calls.close()
    assert set(failures(office)) == {"2.pdf"} and not failures(office, 1)
    assert [book["records"] for book in status(office.workspace)["books"]] == [1, 1]


@both
def test_reads_judges_and_reports_a_book(office):
    office.book("ks1", {"1.png": "record 1", "2.png": "blank", "10.png": "record 2"})
    done = office.run()
    assert (done.read, done.known) == (3, 0)
    [book] = status(office.workspace)["books"]
    assert book["id"] == KS1 and book["type"] == "KS"
    assert (book["pages"], book["records"]) == (3, 2)
    assert book["page_kinds"] == {"record": 2, "blank": 1}
    assert book["fields"]["accepted"] == 2 and book["fields"]["in_review"] == 2
    lines = list(results(office.workspace, KS1))
    assert [line["page"] for line in lines] == ["1.png", "10.png"]
    assert lines[0]["fields"]["so"]["value"] == "1/2016"
    assert lines[0]["fields"]["so"]["box"] == [1, 2, 3, 4]
    json.dumps(lines)


def test_finished_pages_are_not_read_again(office):
    office.book("ks1", {"1.png": "record 1", "2.png": "record 2"})
    office.run()
    done = office.run()
    assert (done.read, done.known) == (0, 2)
    assert len(office.called()) == 2
    office.run(force=True)
    assert len(office.called()) == 4


@both
def test_only_a_changed_page_is_read_again(office):
    office.book("ks1", {"1.png": "record 1", "2.png": "record 2"})
    office.run()
    fake_stages.write_page(office.scans / "ks1" / "2.png", "record 22")
    office.run()
    assert office.called() == ["1.png", "2.png", "2.png"]
    values = [line["fields"]["so"]["value"] for line in results(office.workspace, KS1)]
    assert values == ["1/2016", "22/2016"]


def test_a_new_configuration_reads_again_and_the_old_one_is_still_known(office):
    office.book("ks1", {"1.png": "record 1"})
    office.run()
    assert office.run(dependencies=office.with_fingerprint("f2")).read == 1
    assert office.run().read == 0


def test_a_removed_page_leaves_the_book(office):
    office.book("ks1", {"1.png": "record 1", "2.png": "record 2"})
    office.run()
    (office.scans / "ks1" / "1.png").unlink()
    office.run()
    assert [line["page"] for line in results(office.workspace, KS1)] == ["2.png"]


def test_duplicates_are_reported_and_read_once(office):
    office.book("ks1", {"1.png": "record 1", "2.png": "record 1"})
    office.run()
    assert office.called() == ["1.png"]
    [book] = status(office.workspace)["books"]
    assert book["records"] == 1 and book["failures"] == []
    [notice] = book["notices"]
    assert notice["page"] == "2.png" and "1.png" in notice["cause"]["en"]


def test_faults_are_named_and_the_other_pages_go_on(office):
    pages = {"1.png": "record 1", "2.png": "refused", "3.png": "bug", "4.png": "record 4"}
    office.book("ks1", pages)
    (office.scans / "ks1" / "5.png").write_bytes(b"")
    (office.scans / "ks1" / "6.pdf").write_bytes(b"%PDF-1.4 nothing")
    office.run()
    found = failures(office)
    assert set(found) == {"2.png", "3.png", "5.png", "6.pdf"}
    assert found["2.png"]["kind"] == "refused" and found["2.png"]["cause"]["vi"] == "lệch"
    assert found["5.png"]["kind"] == "fault" and "0" in found["5.png"]["cause"]["vi"]
    assert found["5.png"]["remedy"]["vi"]
    assert status(office.workspace)["books"][0]["records"] == 2
    log = (office.workspace.logs / "sohoa.log").read_text()
    assert "ValueError" in log and "fake_stages.py" in log
    assert "Nguyễn" not in log  # what a bug's message quotes may be a citizen's data


def test_books_without_identity_are_named_and_the_others_go_on(office):
    office.book("ks1", {"1.png": "record 1"})
    fake_stages.write_page(office.scans / "khac" / "1.png", "record 1")
    (office.scans / "books.csv").write_text(
        (office.scans / "books.csv").read_text() + "khac,KT,,,,,\n"
    )
    office.run()
    state = status(office.workspace)
    assert [book["id"] for book in state["books"]] == [KS1]
    assert state["problems"] and all(row["cause"]["vi"] for row in state["problems"])


def test_a_page_that_kills_its_worker_three_times_is_poisoned(office):
    office.book("ks1", {"1.png": "crash-once 1", "2.png": "crash", "3.png": "record 3"})
    office.run()
    assert set(failures(office)) == {"2.png"}
    assert failures(office)["2.png"]["kind"] == "poisoned"
    assert "13" in failures(office)["2.png"]["cause"]["vi"], "how it died"
    assert office.called().count("2.png") == 3
    assert office.called().count("1.png") == 2
    assert status(office.workspace)["books"][0]["records"] == 2
    office.run()  # nobody has asked for it
    assert office.called().count("2.png") == 3
    office.run(retry=True)
    assert office.called().count("2.png") == 6
    assert failures(office)["2.png"]["kind"] == "poisoned"


def test_the_rules_of_a_run_reach_its_plan_and_its_message(office):
    office.book("ks1", {"1.png": "crash", "2.png": "record 2"})
    once = replace(office.dependencies, rules=replace(office.dependencies.rules, deaths=1))
    office.run(dependencies=once)
    assert failures(office)["1.png"]["kind"] == "poisoned"
    assert failures(office)["1.png"]["cause"]["vi"].startswith("Trang đã 1 lần ")
    office.run(dependencies=once)  # its plan goes by the same rules
    assert " once: " in failures(office)["1.png"]["cause"]["en"]
    assert office.called().count("1.png") == 1
    office.run(
        dependencies=replace(
            office.dependencies, rules=replace(office.dependencies.rules, deaths=2)
        )
    )
    assert office.called().count("1.png") == 2, "more patient rules try it again"
    assert failures(office)["1.png"]["cause"]["vi"].startswith("Trang đã 2 lần ")


def test_a_page_that_recovers_has_nothing_held_against_it(office):
    office.book("ks1", {"1.png": "crash-once 1"})
    office.run()
    with office.workspace.read_session() as session:
        assert list(session.scalars(select(AttemptRow))) == []


def test_a_hanging_page_is_given_up(office):
    office.book("ks1", {"1.png": "hang", "2.png": "record 2"})
    dependencies = replace(office.dependencies, rules=RetryRules(deaths=1))
    office.run(settings=RunSettings(page_seconds=4.0), dependencies=dependencies)
    found = failures(office)["1.png"]
    assert found["kind"] == "poisoned" and "time limit" in found["cause"]["en"]
    assert "--retry" in found["remedy"]["vi"]
    assert status(office.workspace)["books"][0]["records"] == 1


def test_a_page_that_eats_memory_is_stopped_at_its_limit(office):
    office.book("ks1", {"1.png": "eat", "2.png": "eat-outside", "3.png": "record 3"})
    office.run(memory_mb=700)
    assert {row["kind"] for row in failures(office).values()} == {"poisoned"}
    for page in ("1.png", "2.png"):
        assert "700 MB" in failures(office)[page]["cause"]["vi"], page
    assert status(office.workspace)["books"][0]["records"] == 1


@both
def test_what_people_entered_survives_reading_again(office):
    office.book("ks1", {"1.png": "record 1"})
    office.run()
    entry = Entry("1.png", 1, "nksHoTen", "Trần Thị Bướm", State.CORRECTED, "hoa")
    with office.workspace.transaction() as session:
        add_entries(session, KS1, [entry])
    office.run(dependencies=office.with_fingerprint("f2"))
    [line] = results(office.workspace, KS1)
    name = line["fields"]["nksHoTen"]
    assert (name["value"], name["state"]) == ("Trần Thị Bướm", "corrected")
    assert name["n_best"][0]["value"] == "Trần Thị Bưởi"
    assert status(office.workspace)["books"][0]["fields"]["corrected"] == 1


def test_scans_that_moved_are_not_read_again(office):
    office.book("ks1", {"1.png": "record 1"})
    office.run()
    moved = office.scans.rename(office.scans.with_name("moved"))
    office.scans = moved
    assert office.run().read == 0
    assert [line["page"] for line in results(office.workspace, KS1)] == ["1.png"]


def test_two_books_of_one_identity_are_not_mixed_up(office):
    office.book("ks1", {"1.png": "record 1"})
    office.book("ks2", {"1.png": "record 2"})
    inventory = office.scans / "books.csv"
    inventory.write_text(inventory.read_text().replace("2016,2", "2016,1"))
    office.run()
    state = status(office.workspace)
    assert [book["records"] for book in state["books"]] == [1]
    assert any("ks2" in str(row) for row in state["problems"])


def test_an_agency_spelled_anew_keeps_the_book(office):
    office.book("ks1", {"1.png": "record 1"})
    office.run()
    inventory = office.scans / "books.csv"
    assert ",xã Lộc Thuận," in inventory.read_text()
    inventory.write_text(inventory.read_text().replace(",xã Lộc Thuận,", ",LỘC THUẬN,"))
    office.run()
    [book] = status(office.workspace)["books"]
    assert book["id"] == KS1 and book["notices"][0]["page"] == "books.csv:2"
    inventory.write_text(inventory.read_text().replace(",LỘC THUẬN,", ",xã Thới Lai,"))
    office.run()
    [book] = status(office.workspace)["books"]
    assert (book["id"], book["agency"], book["notices"]) == (KS1, "xã Thới Lai", [])


@both
def test_one_scan_in_two_books_is_read_once(office):
    office.book("ks1", {"1.png": "record 1"})
    office.book("ks2", {"1.png": "record 1"})
    office.run()
    assert office.called() == ["1.png"]
    assert [book["records"] for book in status(office.workspace)["books"]] == [1, 1]


def test_a_register_type_corrected_in_the_inventory_reads_again(office):
    office.book("ks1", {"1.png": "record 1"})
    office.run()
    inventory = office.scans / "books.csv"
    inventory.write_text(inventory.read_text().replace(",KS,", ",KT,"))
    assert office.run().read == 1


def test_a_bug_in_a_rule_costs_one_book_only(office):
    office.book("ks1", {"1.png": "record 1"})
    office.book("ks2", {"1.png": "record 2"})

    office.run(dependencies=replace(office.dependencies, judge=judges.fail_at_the_first_book))
    state = status(office.workspace)
    assert [book["records"] for book in state["books"]] == [0, 1]
    assert [row["place"] for row in state["problems"]] == [KS1]
    office.run()
    assert [book["records"] for book in status(office.workspace)["books"]] == [1, 1]
    assert status(office.workspace)["problems"] == []


@both
def test_pages_and_folders_of_any_name_are_read_once_and_found_again(office):
    name = os.fsdecode(b"quy\xb2n 1")
    long = "/".join(["thư mục rất dài " * 4 + "x"] * 9)
    odd = (os.fsdecode(b"Trang s\xe1\xba 2.png"), "trang\n3.png", f"{long}/4.png")
    for number, page in enumerate(odd, start=1):
        fake_stages.write_page(office.scans / "ks1" / page, f"record {number}")
    fake_stages.write_page(office.scans / name / "5.png", "record 5")
    office.list_book("ks1", make_book("KS", 1, 2016))
    book = replace(make_book("KS", 2, 2016), path=office.scans / name)
    own = replace(
        office.dependencies,
        scans=ScanSource(read_inventory=lambda scans: read_and_add(scans, book)),
    )
    assert office.run(dependencies=own).read == 4
    state = status(office.workspace)
    json.dumps(state, ensure_ascii=False).encode()
    assert [book["records"] for book in state["books"]] == [3, 1]
    assert state["problems"] == []
    pages = [line["page"] for line in results(office.workspace, KS1)]
    assert sorted(pages[:2]) == ["Trang s<E1><BA> 2.png", "trang<0A>3.png"]
    assert office.run(dependencies=own).known == 4


def read_and_add(scans, book):
    books, problems = find_books(scans)
    problems = [one for one in problems if "not in the inventory" not in one.cause.en]
    return Inventory([*books, book], problems)


def test_a_share_that_is_away_is_told_and_costs_nothing(office):
    office.book("ks1", {"1.png": "record 1", "2.png": "record 2"})
    office.run()
    away = office.scans.parent / "away"
    (office.scans / "ks1").rename(away)
    (office.scans / "ks1").mkdir()
    for _ in range(2):  # the second night knows it, too
        office.run()
        [gone] = failures(office).values()
        assert "None of the 2 known scans" in gone["cause"]["en"]
        assert "Mount" in gone["remedy"]["en"]
    (office.scans / "ks1").rmdir()
    away.rename(office.scans / "ks1")
    assert office.run().known == 2
    assert failures(office) == {}
    assert len(office.called()) == 2


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_damaged_database_is_found_at_both_ends_of_a_run(office, monkeypatch, when):
    """Whatever the disk did to it: nobody works on, and the report says what to do."""
    office.book("ks1", {"1.png": "record 1", "2.png": "record 2"})
    office.run()
    if when == "before":
        spoil(office.workspace.folder / DATABASE)
    else:
        real = RunLoop.go

        def go(loop):
            advice = real(loop)
            spoil(office.workspace.folder / DATABASE)
            return advice

        monkeypatch.setattr(RunLoop, "go", go)
    with pytest.raises(MachineError, match="damaged") as caught:
        office.run(force=True)
    assert DATABASE in caught.value.where and "sohoa restore" in caught.value.remedy.vi


def spoil(database):
    """Damage a page of an index, as a failing disk does: most questions are still answered."""
    with closing(sqlite_build.driver.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [page] = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_decisions_time'"
        ).fetchone()
        [size] = connection.execute("PRAGMA page_size").fetchone()
    with database.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
