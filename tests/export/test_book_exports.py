"""`export_books`: each book by itself, in the format that was asked for."""

import hashlib
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.cli.app import run_program
from ocr_pipeline.errors import ScanError, Text, UsageError
from ocr_pipeline.export import package
from ocr_pipeline.export.approval_note import NOTE_SUFFIX
from ocr_pipeline.export.book_exports import ExportChoices, export_books
from ocr_pipeline.export.readiness import UnfinishedBookError, find_obstacles
from ocr_pipeline.export.results import results
from ocr_pipeline.export.stored_books import load_book_data
from ocr_pipeline.plugins import PluginError
from ocr_pipeline.registers.fields import State
from ocr_pipeline.registers.templates import load_template
from ocr_pipeline.review.audit import recent
from ocr_pipeline.scans.pages import digest
from ocr_pipeline.store import audit
from ocr_pipeline.store.approvals import ApprovalStep, add_step
from ocr_pipeline.store.books import replace_pages, save_book
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.records import replace_records
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace
from tests.builders.births import STEM, changed, make_field
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
    finished, refused = export_books(
        office, None, ExportChoices(tmp_path / "out", "jsonl", unapproved=True)
    )
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
        list(export_books(office, None, ExportChoices(tmp_path / format, format, unapproved=True)))[
            1
        ].error
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


def step(workspace, job, action, user="chi", note=""):
    with workspace.transaction() as session:
        add_step(session, job.book.id, action, user, datetime(2026, 5, 1, tzinfo=UTC), note)


def sohoa_export(office, out, *more, capsys):
    code = run_program(["export", "--all", "-w", str(office.folder), "--out", str(out), *more])
    return code, capsys.readouterr()


def files(out):
    return sorted(path.name for path in out.rglob("*") if path.is_file())


@pytest.mark.parametrize("format", ["xls", "jsonl"])
def test_a_finished_book_that_nobody_approved_does_not_go_out(office, tmp_path, format):
    first, second = export_books(office, None, ExportChoices(tmp_path / "out", format))
    assert [fault.rule for fault in first.error.obstacles] == ["not_approved"]
    assert first.error.cause.vi == "Sổ chưa được duyệt"
    assert "--unapproved" in first.error.remedy.vi and "--draft" not in first.error.remedy.vi
    assert [fault.rule for fault in second.error.obstacles][-1] == "not_approved"
    assert files(tmp_path / "out") == []


@pytest.mark.parametrize("last", [ApprovalStep.APPROVE, ApprovalStep.HAND_OVER])
def test_an_approved_book_goes_out_without_a_note(office, job, tmp_path, capsys, last):
    step(office, job, ApprovalStep.APPROVE)
    step(office, job, last)
    code, told = sohoa_export(office, tmp_path / "out", capsys=capsys)
    assert code == 1, "the other book is not finished"
    assert "✓" in told.out and "DUYỆT" not in told.out
    assert files(tmp_path / "out") == [f"{STEM}.NHAT-KY.txt", f"{STEM}.xls", f"{STEM}.zip"]


def test_a_withdrawn_approval_is_told_with_who_when_and_why(office, job, tmp_path):
    step(office, job, ApprovalStep.APPROVE)
    step(office, job, ApprovalStep.WITHDRAW, "system", "ảnh quét mới / new scan")
    first, _ = export_books(office, None, ExportChoices(tmp_path / "out"))
    assert "rút lại (system, 01.05.2026: ảnh quét mới" in first.error.cause.vi


@pytest.mark.parametrize("format", ["xls", "jsonl"])
def test_unapproved_on_request_is_told_everywhere(office, job, tmp_path, capsys, format):
    out = tmp_path / "out"
    code, told = sohoa_export(office, out, "--unapproved", "--format", format, capsys=capsys)
    assert code == 1, "the other book is not finished"
    assert "CHƯA DUYỆT" in told.out and "✓" not in told.out and "--unapproved" in told.out
    assert f"{STEM}{NOTE_SUFFIX}" in files(out)
    [note] = out.rglob(f"*{NOTE_SUFFIX}")
    assert "Sổ chưa được duyệt" in note.read_text("utf-8")
    [line] = [line for line in recent(office) if line["action"] == "exported"]
    assert line["book"] == job.book.id
    told = line["details"]
    assert (told["format"], told["records"], told["approved"]) == (format, 2, False)


def test_json_says_which_packages_are_approved(office, job, tmp_path, capsys):
    _, told = sohoa_export(office, tmp_path / "out", "--unapproved", "--json", capsys=capsys)
    assert json.loads(told.out)["books"][0]["approved"] is False
    step(office, job, ApprovalStep.APPROVE)
    _, told = sohoa_export(office, tmp_path / "out", "--json", capsys=capsys)
    assert json.loads(told.out)["books"][0]["approved"] is True


def test_the_note_goes_when_the_book_is_exported_with_its_approval(office, job, tmp_path):
    out = tmp_path / "out"
    list(export_books(office, None, ExportChoices(out, unapproved=True)))
    before = {path.name: path.read_bytes() for path in out.rglob("*.[xz]*")}
    step(office, job, ApprovalStep.APPROVE)
    list(export_books(office, None, ExportChoices(out, unapproved=True)))
    assert {path.name: path.read_bytes() for path in out.rglob("*.[xz]*")} == before
    assert files(out) == [f"{STEM}.NHAT-KY.txt", *sorted(before)]


def test_the_sheet_beside_a_package_has_the_head_of_the_trail(office, job, tmp_path):
    step(office, job, ApprovalStep.APPROVE)
    first, *_ = export_books(office, None, ExportChoices(tmp_path))
    with office.read_session() as session:
        number, head = audit.head(session)
    [sheet] = tmp_path.rglob("*.NHAT-KY.txt")
    told = sheet.read_text("utf-8")
    assert f"Dòng {number}, mã băm {head}" in told
    for path in first.exported.files:
        assert f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" in told
    step(office, job, ApprovalStep.WITHDRAW)
    list(export_books(office, None, ExportChoices(tmp_path, unapproved=True)))
    assert not sheet.exists(), "it names files of a former export"


def test_a_failed_export_leaves_no_note_beside_an_approved_package(
    office, job, tmp_path, monkeypatch
):
    step(office, job, ApprovalStep.APPROVE)
    choices = ExportChoices(tmp_path / "out", unapproved=True)
    list(export_books(office, None, choices))
    step(office, job, ApprovalStep.WITHDRAW)

    def broken(*_):
        raise ScanError(Text("hỏng", "broken"))

    monkeypatch.setattr(package, "record_pdf", broken)
    failed, _ = export_books(office, None, choices)
    assert isinstance(failed.error, ScanError)
    assert files(tmp_path / "out") == [f"{STEM}.NHAT-KY.txt", f"{STEM}.xls", f"{STEM}.zip"]


def test_drafts_need_no_approval_and_have_no_note(office, tmp_path, capsys):
    code, told = sohoa_export(office, tmp_path / "out", "--draft", capsys=capsys)
    assert code == 0 and "DUYỆT" not in told.out
    assert all(name.startswith("NHAP-DRAFT.") for name in files(tmp_path / "out"))


def test_what_approval_asks_for_is_not_the_approval_itself(office, job):
    data = load_book_data(office, job.book.id)
    assert data.unapproved and find_obstacles(data, load_template("KS"), NamingRule()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("umask", [0o000, 0o022], ids=oct)
def test_packages_are_private_and_a_group_folder_is_the_groups(office, tmp_path, umask):
    before = os.umask(umask)
    for out in (tmp_path / "out", tmp_path / "group"):
        out.mkdir()
        out.chmod(0o2750 if out.name == "group" else 0o755)
        for format in ("xls", "jsonl", "draft"):
            list(export_books(office, None, ExportChoices(out, format, unapproved=True)))
    os.umask(before)
    alone, shared = (
        {path.stat().st_mode & 0o7777 for path in (tmp_path / name).rglob("*")}
        for name in ("out", "group")
    )
    assert alone == {0o700, 0o600}
    assert shared == {0o2770, 0o660}
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o755, "the folder itself is the operator's"
