"""Returned lists taken into the folder of their reconciliation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import filelock

from ocr_pipeline.errors import BadInputError, MachineError, Text
from ocr_pipeline.exchange.keyed_files.result_folder import list_bytes
from ocr_pipeline.exchange.reconciling.decision_log import DecisionLog
from ocr_pipeline.exchange.reconciling.decision_results import (
    DecisionCounts,
    decision_counts,
    results_bytes,
)
from ocr_pipeline.exchange.reconciling.list_words import list_words
from ocr_pipeline.exchange.reconciling.reconcile_lists import MANIFEST, run_of, table_digests
from ocr_pipeline.exchange.reconciling.reconciliation import Reconciliation
from ocr_pipeline.exchange.reconciling.returned_decisions import (
    IntakeSettings,
    IntakeTally,
    take_in,
)
from ocr_pipeline.os_errors import os_reason, write_fault
from ocr_pipeline.plain_files import read_plain
from ocr_pipeline.store.files import write_bytes

_LOCK = ".sohoa-lock"
_WAIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class ReturnedIntake:
    """What came of returned files, and how far the decisions are now."""

    taken: IntakeTally
    counts: DecisionCounts


def take_in_returned(
    paths: Sequence[Path], out: Path, *, by: str, at: str, again: bool = False
) -> ReturnedIntake:
    """Take in returned lists: the log grows, `ket_qua.xlsx` and the list of faults are made anew.

    Args:
        paths: returned `.xlsx`, or folders that hold some.
        out: folder of the reconciliation.
        by: account that takes them in.
        at: when, ISO 8601.
        again: a new decision takes the place of an earlier one about the same row.

    Raises:
        BadInputError: the folder is none of a reconciliation, or its tables or log were changed.
        MachineError: the folder cannot be written to, or somebody else is taking lists in.

    """
    run = _run_of(out)
    words = list_words()
    result = Reconciliation(out / words.folders.tables)
    files = list(_files(paths))
    try:
        with filelock.FileLock(out / _LOCK, timeout=_WAIT_SECONDS):
            log = DecisionLog(out / words.files.decisions)
            taken = take_in(files, result, log, IntakeSettings(run, by, at, again))
            counts = decision_counts(result, log)
            write_bytes(out / words.files.results, results_bytes(run, result, log, counts))
            lines = (
                (f.file, f.sheet, f.row or "", f.key, f.cause.vi, f.remedy.vi if f.remedy else "")
                for f in taken.faults
            )
            write_bytes(out / words.files.refused, list_bytes(words.refused.columns, lines))
            return ReturnedIntake(taken, counts)
    except filelock.Timeout as error:
        raise MachineError(
            Text(
                "Người khác đang nhận danh sách vào thư mục này",
                "Somebody else is taking lists into this folder",
            ),
            where=str(out),
            remedy=Text("Đợi xong rồi chạy lại", "Wait, and run the command again"),
        ) from error
    except OSError as error:
        raise write_fault(
            error,
            Text("Không ghi được", "It cannot be written"),
            str(out),
            Text(
                "Quyết định đã nhận thì vẫn còn; đóng tệp đang mở, dọn đĩa, chạy lại",
                "What was taken in is kept; close the files, make room, run again",
            ),
        ) from error


def _run_of(out: Path) -> str:
    """The code of the reconciliation whose folder this is."""
    path = out / MANIFEST
    try:
        kept = json.loads(read_plain(path).decode("utf-8"))
        inputs, tables = kept["inputs"], kept["facts"]["tables"]
        finished = kept["finished"] is True
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInputError(
            Text(
                "Đây không phải thư mục kết quả của sohoa reconcile",
                "This is no folder of a reconciliation",
            ),
            where=str(out),
            remedy=Text(
                "Ghi thư mục đã dùng cho --out khi đối chiếu",
                "Name the folder that was given as --out when the sides were reconciled",
            ),
        ) from error
    if not finished or tables != table_digests(out / list_words().folders.tables):
        raise BadInputError(
            Text(
                "Kết quả đối chiếu chưa xong hoặc đã bị sửa", "The result is unfinished or altered"
            ),
            where=str(out),
            remedy=Text(
                "Chạy lại sohoa reconcile với hai tệp gốc và thư mục này",
                "Run sohoa reconcile again with the two original files and this folder",
            ),
        )
    return run_of(inputs)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files, and the `.xlsx` in folders without those that Excel keeps while one is open."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        try:
            found = sorted(one for one in path.rglob("*.xlsx") if one.is_file())
        except OSError as error:
            raise BadInputError(os_reason(error), where=str(path)) from error
        lists = [one for one in found if not one.name.startswith(("~$", "."))]
        if not lists:
            raise BadInputError(
                Text("Thư mục không có tệp .xlsx nào", "The folder holds no .xlsx"),
                where=str(path),
                remedy=Text("Chép danh sách trả lại vào đó", "Put the returned lists into it"),
            )
        yield from lists
