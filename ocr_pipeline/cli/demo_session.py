"""The whole way on the sample books, with stand-ins for those who review and who approve."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ocr_pipeline.batch.run import RunConditions
from ocr_pipeline.cli.bench_tables import tell_accuracy
from ocr_pipeline.cli.options import open_workspace
from ocr_pipeline.cli.output import say, say_line
from ocr_pipeline.cli.package_tables import check_packages, tell_exports
from ocr_pipeline.cli.run_session import run_and_tell
from ocr_pipeline.errors import ExitCode, Text
from ocr_pipeline.export.book_exports import ExportChoices, export_books
from ocr_pipeline.export.exporters import DRAFT
from ocr_pipeline.export.results import page_outcomes, results
from ocr_pipeline.export.stored_books import book_ids
from ocr_pipeline.processing.judgement import judge_and_store
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.registers.fields import Field, Severity, State
from ocr_pipeline.resources import shipped
from ocr_pipeline.review import accounts, approval
from ocr_pipeline.store.approvals import BookState
from ocr_pipeline.store.entries import Entry, Key, add_entries, latest_entries
from ocr_pipeline.store.keyings import fields_in_lanes
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.states import Lane
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.training.evaluation import evaluate, load_truths

USER = "demo"
APPROVER = "demo-duyet"
_ROUNDS = 3  # an answer can raise a question about another field
_NOTHING = {"value": "", "as_written": ""}  # an empty place of a table
_OPEN = (State.READ, State.IN_REVIEW)
_BY_PEOPLE = (State.CONFIRMED, State.CORRECTED, State.UNREADABLE)

Truth = Mapping[Key, Mapping[str, str]]
"""What stands on the paper, by field: `value` and `as_written`."""


def run_demo(workspace: Path | None, out: Path | None, *, model: str, workers: int) -> ExitCode:
    """Read the sample books, answer their doubts from the truth, approve, export and check."""
    folder = workspace or Path(tempfile.mkdtemp(prefix="sohoa-demo-"))
    packages = out or folder / "packages"
    samples = shipped("sample_scans")
    with open_workspace(str(folder), create=True) as opened:
        _headline("1. Đọc các sổ mẫu (người bịa)", "1. Read the sample books (invented people)")
        settings = RunSettings(model=model)
        conditions = RunConditions(workers=workers)
        run_and_tell(opened, samples, settings=settings, conditions=conditions)
        truths = load_truths(samples)
        _tell_evaluation(opened, truths, folder)
        _headline("2. Bản nháp có đánh dấu chỗ nghi ngờ", "2. Drafts with the doubts marked")
        drafts = folder / "drafts"
        tell_exports(export_books(opened, None, ExportChoices(drafts, format=DRAFT)))
        _headline(
            "3. Thay người rà soát: nhập đáp án cho các trường nghi ngờ (chỉ trong bản chạy thử)",
            "3. Instead of reviewers: enter the known truth for doubtful fields (demo only)",
        )
        _review(opened, truths)
        _headline(
            "4. Thay người duyệt: duyệt các sổ đã xong (chỉ trong bản chạy thử)",
            "4. Instead of an approver: approve the finished books (demo only)",
        )
        _approve(opened)
        _headline("5. Gói chính thức (.xls + .zip)", "5. Official packages (.xls + .zip)")
        refused = tell_exports(export_books(opened, None, ExportChoices(packages)))
        if refused:
            say(
                Text(
                    f"{refused} sổ bị từ chối vì còn trường cần rà soát: đúng như dự kiến",
                    f"{refused} books are refused because fields wait for review: as expected",
                )
            )
    _headline("6. Kiểm tra như khi nhập vào Hộ tịch 158", "6. Check as the import would")
    check_packages([packages])
    _tell_what_to_open(folder, packages, drafts)
    return ExitCode.DONE


def _tell_evaluation(workspace: Workspace, truths: list[Mapping[str, Any]], folder: Path) -> None:
    lines = [line for book in book_ids(workspace) for line in results(workspace, book)]
    report = evaluate(truths, lines, outcomes=page_outcomes(workspace))
    report.write(folder / "eval")
    tell_accuracy(report.as_dict())


def _review(workspace: Workspace, truths: list[Mapping[str, Any]]) -> None:
    known = {str(truth["book"]): _by_field(truth) for truth in truths}
    for book in book_ids(workspace):
        answered = 0
        for _ in range(_ROUNDS):
            now = _answer(workspace, book, known.get(book, {}))
            answered += now
            judge_and_store(workspace, book)
            if not now:
                break
        if answered:
            say_line(f"{book}: {answered} trường / fields")


def _approve(workspace: Workspace) -> None:
    """Approve what is ready, as an invented person who entered nothing."""
    approver = accounts.find_user(workspace, APPROVER) or accounts.create_user(
        workspace, APPROVER, accounts.Role.APPROVER, secrets.token_urlsafe(24)
    )
    for book in book_ids(workspace):
        if approval.state(workspace, book) is BookState.OPEN and not approval.obstacles(
            workspace, book
        ):
            approval.approve(workspace, approver, book)
            say_line(f"{book}: đã duyệt / approved")


def _by_field(truth: Mapping[str, Any]) -> Truth:
    return {
        (page["page"], int(record["position"]), code): field
        for page in truth["pages"]
        for record in page.get("records", ())
        for code, field in record["fields"].items()
    }


def _answer(workspace: Workspace, book: str, truth: Truth) -> int:
    """Enter the truth for the open and the sampled fields of a book; returns how many."""
    known_pages = {page for page, _, _ in truth}
    with workspace.transaction() as session:
        given = latest_entries(session, book)
        sample = {
            (record.page, record.position, row.code)
            for row, record in fields_in_lanes(session, book, [Lane.SAMPLE])
        }
        entries = [
            _entry(key, field, truth.get(key, _NOTHING))
            for record in load_records(session, book)
            if record.page in known_pages
            for code, field in record.fields.items()
            if (key := (record.page, record.position, code)) not in given
            and (_is_open(field) or key in sample)
        ]
        add_entries(session, book, entries)
    return len(entries)


def _is_open(field: Field) -> bool:
    hard = any(doubt.severity is Severity.HARD for doubt in field.doubts)
    return field.state in _OPEN or (hard and field.state not in _BY_PEOPLE)


def _entry(key: Key, field: Field, true: Mapping[str, str]) -> Entry:
    page, position, code = key
    value = true["value"]
    state = State.CORRECTED if value else State.BLANK
    if value and value == field.value:
        state = State.CONFIRMED
    return Entry(page, position, code, value, state, USER, as_written=true["as_written"])


def _headline(vi: str, en: str) -> None:
    print()
    say(Text(vi, en), style="bold")


def _tell_what_to_open(folder: Path, packages: Path, drafts: Path) -> None:
    _headline("Mở các tệp sau:", "What to open:")
    for path, vi, en in (
        (packages, "gói chính thức, mỗi cơ quan một thư mục", "packages, one folder per agency"),
        (drafts, "bản nháp: ô vàng là ô nghi ngờ", "drafts: yellow cells need a look"),
        (folder / "eval" / "eval.html", "độ chính xác so với đáp án", "accuracy against the truth"),
    ):
        say(Text(f"  {path}: {vi}", f"      {en}"))
    say(
        Text(
            f"Xem tiếp: sohoa status --workspace {folder}",
            f"Go on with: sohoa status --workspace {folder}",
        )
    )
