"""`export_books`: each book by itself, in the format that was asked for."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ocr_pipeline.cli.app import run_program
from ocr_pipeline.errors import UsageError
from ocr_pipeline.export.book_exports import ExportChoices, export_books
from ocr_pipeline.export.readiness import UnfinishedBookError
from ocr_pipeline.export.results import results
from ocr_pipeline.plugins import PluginError
from ocr_pipeline.registers.fields import State
from ocr_pipeline.registers.templates import load_template
from ocr_pipeline.scans.pages import digest
from ocr_pipeline.store.books import replace_pages, save_book
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.records import replace_records
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace
from tests.builders.births import changed, make_field
from tests.builders.plugin_packages import install, site

__all__ = ["site"]
EXPORTERS = "sohoa.exporters"
NAMES = {EXPORTERS: {"names": "office_plugins:NamesExporter"}}


def keep(workspace, book, records, pages):
    rows = [
        PageRow(
            book=book.id, name=name, path=str(ref.path), index=ref.index, digest=digest(ref),
            kind=PageKind.RECORD.value, ordinal=number,
        )
        for number, (name, ref) in enumerate(pages.items())
    ]  # fmt: skip
    with workspace.transaction() as session:
        save_book(session, book)
        replace_pages(session, book.id, rows)
        replace_records(session, book.id, records)


@pytest.fixture
def office(job, tmp_path):
    """A workspace with a finished book (…01) and one with a field in doubt (…02)."""
    workspace = Workspace.open(tmp_path / "ws", create=True)
    keep(workspace, job.book, job.records, job.pages)
    doubtful = make_field("nksHoTen", "Trần Thị Hòa", State.IN_REVIEW)
    second = replace(job.book, id=job.book.id[:-2] + "02", number=2)
    keep(workspace, second, [changed(job.records[0], nksHoTen=doubtful)], job.pages)
    yield workspace
    workspace.close()


def test_json_lines_hold_every_record_of_a_finished_book_with_its_excel_row(office, job, tmp_path):
    finished, refused = export_books(office, None, ExportChoices(tmp_path / "out", "jsonl"))
    [path] = finished.exported.files
    assert path.suffix == ".jsonl" and path.parent.parent == tmp_path / "out"
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    columns = [line.pop("columns") for line in lines]
    assert lines == json.loads(json.dumps(list(results(office, job.book.id))))
    names = [column.name for column in load_template("KS").columns]
    assert all(list(row) == names for row in columns)
    assert [row["so"] for row in columns] == ["62/2017", "63/2017"]
    assert isinstance(refused.error, UnfinishedBookError) and refused.error.obstacles
    assert len(list((tmp_path / "out").rglob("*.jsonl"))) == 1


def test_both_formats_refuse_a_book_for_the_same_reasons(office, tmp_path):
    refusals = [
        list(export_books(office, None, ExportChoices(tmp_path / format, format)))[1].error
        for format in ("xls", "jsonl")
    ]
    assert refusals[0].obstacles == refusals[1].obstacles


def test_the_exporter_of_an_installed_package_is_found_by_its_name(office, site, tmp_path, capsys):
    install(site, "office-plugins", "office_plugins", NAMES)
    out = tmp_path / "out"
    assert (
        run_program(
            ["export", "--all", "--format", "names", "-w", str(office.folder), "--out", str(out)]
        )
        == 0
    )
    first, second = sorted(out.rglob("*.txt"))
    assert first.read_text("utf-8") == "Trần Thị Hòa\n=1+1"
    assert str(second) in capsys.readouterr().out.replace("\n", "")


def test_a_bug_of_an_exporter_with_one_book_does_not_hold_up_the_others(
    office, job, site, tmp_path
):
    install(site, "office-plugins", "office_plugins", NAMES)
    with office.transaction() as session:
        bug = make_field("nksHoTen", "bug")
        replace_records(session, job.book.id, [changed(job.records[0], nksHoTen=bug)])
    refused, done = export_books(office, None, ExportChoices(tmp_path / "out", "names"))
    assert "KeyError" in refused.error.cause.vi and done.exported.records == 1
    [log] = office.logs.glob("sohoa-crash-*")
    assert "office_plugins.py" in log.read_text() and "bug" not in log.read_text().split()


@pytest.mark.parametrize("value", ["no_such_module:Exporter", "office_plugins:NoExporter"])
def test_a_broken_exporter_is_told_with_its_package_cause_and_remedy(office, site, tmp_path, value):
    install(site, "office-plugins", "office_plugins", {EXPORTERS: {"names": value}})
    with pytest.raises(PluginError) as told:
        list(export_books(office, None, ExportChoices(tmp_path / "out", "names")))
    error = told.value
    assert "office-plugins 1.0" in error.cause.vi and value in error.where and error.remedy
    assert "ModuleNotFoundError" in error.cause.en or "AttributeError" in error.cause.en


def test_an_unknown_format_names_those_that_exist(office, site, tmp_path):
    install(site, "office-plugins", "office_plugins", NAMES)
    with pytest.raises(UsageError) as told:
        list(export_books(office, None, ExportChoices(Path("out"), "csv")))
    assert "xls, draft, jsonl, names" in told.value.remedy.vi
