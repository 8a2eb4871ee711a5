"""Shows what keyed files hold: records, what would be mended, what is not understood."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ocr_pipeline.cli.output import print_json_line, print_table, progress, say, say_error
from ocr_pipeline.errors import ExitCode, SohoaError, Text
from ocr_pipeline.exchange.keyed_files.findings import mending_file
from ocr_pipeline.exchange.keyed_files.keyed_file import KeyedFiles, open_keyed
from ocr_pipeline.exchange.keyed_files.keyed_rows import AsideRow, KeyedRow
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
            map(_mended_line, _by_count(tally.mended), [tally] * len(tally.mended)),
        )  # fmt: skip
    if tally.faults:
        print_table(
            Text("Không hiểu hoặc để riêng", "Not understood or put aside"),
            (Text("quy tắc", "rule"), Text("cột", "column"), Text("số", "number"),
             Text("dòng đầu", "first row"), Text("vì sao", "why"), Text("cách xử lý", "remedy")),
            map(_fault_line, _by_count(tally.faults), [tally] * len(tally.faults)),
        )  # fmt: skip


def _by_count(counts: Any) -> list[tuple[tuple[str, str], int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def _mended_line(
    counted: tuple[tuple[str, str], int], tally: KeyedTally
) -> tuple[object, ...]:  # fmt: skip
    kind, count = counted
    key, mending = tally.example(kind)
    change = f"{_short(mending.before)} → {_short(mending.after)}"
    return (*kind, count, change, key.row, str(mending_file().mended[kind[0]].message))


def _fault_line(
    counted: tuple[tuple[str, str], int], tally: KeyedTally
) -> tuple[object, ...]:  # fmt: skip
    kind, count = counted
    fault = tally.first_fault(kind)
    return (*kind, count, fault.key.row or "", str(fault.message), str(fault.remedy))


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
