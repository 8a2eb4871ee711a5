"""Shows what keyed files hold: records, what would be mended, what is not understood."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ocr_pipeline.cli.output import print_json_line, print_table, progress, say, say_error
from ocr_pipeline.errors import ExitCode, SohoaError, Text
from ocr_pipeline.exchange.keyed_files.keyed_file import KeyedFiles, open_keyed
from ocr_pipeline.exchange.keyed_files.keyed_rows import AsideRow, KeyedRow
from ocr_pipeline.exchange.keyed_files.keyed_summary import (
    FaultKind,
    MendedKind,
    fault_kinds,
    mended_kinds,
)
from ocr_pipeline.exchange.keyed_files.keyed_tally import KeyedTally
from ocr_pipeline.exchange.keyed_files.known_headers import mapped_columns

_LONGEST = 40  # letters of an example


def check_keyed_files(
    paths: Sequence[Path], mapping: Path | None, *, as_json: bool = False
) -> ExitCode:
    """Read files and show what they hold; JSON has one line for each change and each fault."""
    mapped = mapped_columns(mapping) if mapping else None
    with open_keyed(paths, mapped) as keyed:
        tally = KeyedTally()
        _tell_files(keyed, tally, as_json=as_json)
        with progress(Text("Đọc dòng", "Rows"), keyed.count) as advance:
            for row in keyed.rows():
                tally.add(row)
                advance.step()
                if as_json:
                    for line in _lines(row):
                        print_json_line(line)
        if as_json:
            refused = [refusal(error) for error in keyed.refused]
            left = sum(file.rows_left for file in keyed.files)
            summary = {**tally.as_dict(), "rows_left": left, "refused": refused}
            print_json_line({"summary": summary})
        else:
            _tell_tally(tally)
        if keyed.refused and not keyed.files:
            return keyed.refused[0].exit_code
        failed = tally.to_mend or keyed.refused
        return ExitCode.FAILURES if failed else ExitCode.DONE


def _tell_files(keyed: KeyedFiles, tally: KeyedTally, *, as_json: bool) -> None:
    tell_refused(keyed)
    for file in keyed.files:
        for fault in file.faults:
            tally.add_fault(fault)
            if as_json:
                print_json_line({"fault": fault.as_dict()})
        if as_json:
            continue
        templates = (sheet.header.template for sheet in file.sheets)
        what = f"{file.path}: " + ", ".join(f"{one.type} {one.generation}" for one in templates)
        say(Text(f"{what}, {file.count} dòng", f"{what}, {file.count} rows"))
        for notice in file.notices:
            say(notice)


def tell_refused(keyed: KeyedFiles) -> None:
    """Show which files cannot be read, and why."""
    for error in keyed.refused:
        say_error(error.cause, where=error.where, remedy=error.remedy)


def _tell_tally(tally: KeyedTally) -> None:
    """Show how many rows there are, what was mended and what is not understood."""
    aside = tally.aside.total()
    say(
        Text(
            f"{tally.rows} dòng = {tally.records} bản ghi + {aside} dòng để riêng; "
            f"{tally.doubles} bản ghi lặp lại",
            f"{tally.rows} rows = {tally.records} records + {aside} rows put aside; "
            f"{tally.doubles} records are doubles",
        )
    )
    if tally.mended:
        print_table(
            Text("Sẽ được sửa", "Mended"),
            (Text("quy tắc", "rule"), Text("cột", "column"), Text("số ô", "cells"),
             Text("ví dụ", "example"), Text("dòng", "row"), Text("nghĩa", "meaning")),
            map(_mended_line, mended_kinds(tally)),
        )  # fmt: skip
    if tally.faults:
        print_table(
            Text("Không hiểu hoặc để riêng", "Not understood or put aside"),
            (Text("quy tắc", "rule"), Text("cột", "column"), Text("số", "number"),
             Text("dòng đầu", "first row"), Text("vì sao", "why"), Text("cách xử lý", "remedy")),
            map(_fault_line, fault_kinds(tally)),
        )  # fmt: skip


def _mended_line(one: MendedKind) -> tuple[object, ...]:
    change = f"{_short(one.before)} → {_short(one.after)}"
    return one.rule, one.column, one.count, change, one.row, str(one.meaning)


def _fault_line(one: FaultKind) -> tuple[object, ...]:
    return one.rule, one.column, one.count, one.row or "", str(one.message), str(one.remedy)


def _short(text: str) -> str:
    line = " ".join(text.split()) if text.strip() else text
    return f"“{line if len(line) <= _LONGEST else line[: _LONGEST - 1] + '…'}”"


def _lines(row: KeyedRow | AsideRow) -> Iterable[dict[str, Any]]:
    place = {"file": row.key.file, "sheet": row.key.sheet, "row": row.key.row}
    if isinstance(row, AsideRow):
        yield {"aside": {**row.fault.as_dict(), "cells": list(row.cells)}}
        return
    for mending in row.mended:
        yield {
            "mended": {
                **place, "column": mending.column, "before": mending.before,
                "after": mending.after, "rule": mending.rule,
            }
        }  # fmt: skip
    for fault in row.faults:
        yield {"fault": fault.as_dict()}
    if row.double_of:
        yield {"double": {**place, "of": row.double_of.shown}}


def refusal(error: SohoaError) -> dict[str, Any]:
    """A file that cannot be read, as plain data for JSON."""
    remedy = {"vi": error.remedy.vi, "en": error.remedy.en} if error.remedy else None
    cause = {"vi": error.cause.vi, "en": error.cause.en}
    return {"file": error.where, "cause": cause, "remedy": remedy}
