"""Reconciles as the command line asks for it, and tells what came of it."""

from __future__ import annotations

import datetime
import getpass
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocr_pipeline.cli.output import print_json, print_table, progress, say, say_error, say_line
from ocr_pipeline.errors import BadInputError, ExitCode, SohoaError, Text, UsageError
from ocr_pipeline.exchange.keyed_files.keyed_file import open_keyed_sides
from ocr_pipeline.exchange.keyed_files.known_headers import mapped_columns
from ocr_pipeline.exchange.reconciling.compared_fields import compared_fields
from ocr_pipeline.exchange.reconciling.differences import AgreementRules, agreement_rules
from ocr_pipeline.exchange.reconciling.list_words import list_words
from ocr_pipeline.exchange.reconciling.outcome import OutcomeKind
from ocr_pipeline.exchange.reconciling.reconcile import ReconcileSettings
from ocr_pipeline.exchange.reconciling.reconcile_lists import reconcile_into
from ocr_pipeline.exchange.reconciling.reconcile_summary import (
    SIDES,
    ReconcileSummary,
    class_caption,
)
from ocr_pipeline.exchange.reconciling.returned_intake import ReturnedIntake, take_in_returned
from ocr_pipeline.os_errors import os_reason

_MOST_SHOWN = 20
_SUFFIXES = {".xls", ".xlsx", ".csv", ".txt", ".tsv"}
_SEE = Text("Xem: sohoa reconcile --help", "See: sohoa reconcile --help")
_SIDE = {"a": Text("hộ tịch", "civil status"), "b": Text("dân cư", "population")}


@dataclass(frozen=True, slots=True)
class ReconcileOptions:
    """The options of `sohoa reconcile` as they were typed."""

    files: tuple[Path, ...]
    out: Path | None
    returned: bool
    replace: bool
    agreement: Path | None
    show_agreement: bool
    mapping_a: Path | None
    mapping_b: Path | None
    as_json: bool


def reconcile_files(asked: ReconcileOptions) -> ExitCode:
    """Do what was asked for: show the rules, take lists in, or reconcile."""
    rules = agreement_rules(asked.agreement)
    if asked.show_agreement:
        return _show_agreement(rules, as_json=asked.as_json)
    if asked.out is None:
        raise UsageError(Text("Chưa ghi thư mục --out", "Name a folder: --out"), remedy=_SEE)
    if asked.returned:
        return _take_in(asked, asked.out)
    if asked.replace:
        raise UsageError(
            Text("--replace chỉ đi với --returned", "--replace goes with --returned"), remedy=_SEE
        )
    if len(asked.files) != 2:
        raise UsageError(
            Text(
                "Cần đúng hai tệp hoặc thư mục: hộ tịch, rồi dân cư",
                "Give two files or folders: civil status, then population",
            ),
            remedy=_SEE,
        )
    return _reconcile(asked, asked.out, rules)


# --- What counts as agreement


def _show_agreement(rules: AgreementRules, *, as_json: bool) -> ExitCode:
    if as_json:
        print_json(
            {
                name: {
                    "agrees": entry.agrees, "agrees_in": dict(entry.agrees_in),
                    "vi": entry.vi, "en": entry.en,
                    "cause": {"vi": entry.cause_vi, "en": entry.cause_en},
                }
                for name, entry in rules.kinds.items()
            }
        )  # fmt: skip
        return ExitCode.DONE
    fields = compared_fields()
    print_table(
        Text("Sai khác nào coi là khớp", "Which differences count as agreement"),
        (Text("mã", "id"), Text("khác thế nào", "difference"), Text("coi là khớp", "agrees"),
         Text("riêng", "but"), Text("có thể do", "likely cause")),
        [
            (
                name, str(entry.message), str(_yes(entry.agrees)),
                "; ".join(
                    f"{fields[one].message}: {_yes(agrees)}"
                    for one, agrees in entry.agrees_in.items()
                ),
                str(entry.cause),
            )
            for name, entry in rules.kinds.items()
        ],
    )  # fmt: skip
    return ExitCode.DONE


def _yes(agrees: bool) -> Text:
    return Text("có", "yes") if agrees else Text("không", "no")


# --- Two sides compared


def _reconcile(asked: ReconcileOptions, out: Path, rules: AgreementRules) -> ExitCode:
    asked_for = [
        (list(_tables_in(path)), mapped_columns(mapping) if mapping else None)
        for path, mapping in zip(asked.files, (asked.mapping_a, asked.mapping_b), strict=True)
    ]
    with open_keyed_sides(asked_for) as sides:
        # Without one of its files a side would seem to lack its people.
        if refused := [error for keyed in sides for error in keyed.refused]:
            return _tell_refused(refused)
        count = sum(side.count for side in sides)
        with (
            progress(Text("Đọc dòng", "Rows"), count) as advance,
            progress(Text("Lập danh sách", "Lists"), None) as listed,
        ):
            summary = reconcile_into(
                sides[0], sides[1], out, ReconcileSettings(rules), advance.step, listed.step
            )
        left = {
            side: sum(one.rows_left for one in keyed.files)
            for side, keyed in zip(SIDES, sides, strict=True)
        }
    if asked.as_json:
        print_json({**summary.as_dict(), "rows_left": left})
    else:
        _tell(summary, out, left)
    open_ends = any(summary.inputs[side].to_mend or left[side] for side in SIDES)
    return ExitCode.FAILURES if open_ends else ExitCode.DONE


def _tables_in(path: Path) -> Iterator[Path]:
    """The file, or the tables in the folder without those that Excel keeps while one is open."""
    if not path.is_dir():
        yield path
        return
    try:
        found = sorted(one for one in path.iterdir() if one.suffix.lower() in _SUFFIXES)
    except OSError as error:
        raise BadInputError(os_reason(error), where=str(path)) from error
    tables = [one for one in found if not one.name.startswith(("~$", "."))]
    if not tables:
        raise BadInputError(
            Text("Thư mục không có tệp dữ liệu nào", "The folder holds no table"),
            where=str(path),
            remedy=Text("Chép tệp .xls, .xlsx, .csv vào đó", "Put .xls, .xlsx or .csv into it"),
        )
    yield from tables


def _tell_refused(refused: Sequence[SohoaError]) -> ExitCode:
    for error in refused:
        say_error(error.cause, where=error.where, remedy=error.remedy)
    return refused[0].exit_code


def _tell(summary: ReconcileSummary, out: Path, left: dict[str, int]) -> None:
    for side in SIDES:
        counts, name = summary.inputs[side], _SIDE[side]
        without = counts.records - summary.told_of[side]
        say(
            Text(
                f"{name.vi}: {counts.rows} dòng = {counts.aside} dòng để riêng + {without} bản ghi "
                f"không nêu người so được + {summary.told_of[side]} bản ghi với "
                f"{summary.persons[side]} người",
                f"{name.en}: {counts.rows} rows = {counts.aside} put aside + {without} records "
                f"that name nobody to compare + {summary.told_of[side]} records with "
                f"{summary.persons[side]} persons",
            )
        )
        if left[side]:
            say(
                Text(
                    f"{left[side]} dòng của trang tính ẩn hoặc không đọc được không có trong đó",
                    f"{left[side]} rows of hidden or unknown sheets are not among them",
                )
            )
    print_table(
        Text("Kết quả", "Result"),
        (Text("loại", "class"), *_SIDE.values()),
        [
            (str(class_caption(kind)), *(summary.count(side, kind) for side in SIDES))
            for kind in OutcomeKind
        ],
    )
    to_mend = sum(summary.inputs[side].to_mend for side in SIDES)
    if to_mend:
        say(
            Text(
                f"{to_mend} chỗ không hiểu được trong hai tệp: xem sohoa keyed check",
                f"{to_mend} things are not understood in the files: see sohoa keyed check",
            )
        )
    files = list_words().files
    say(
        Text(
            f"{summary.listed.total()} dòng cần xác minh, theo xã → {out}; xem {files.summary}",
            f"{summary.listed.total()} rows to settle, by commune → {out}; see {files.summary}",
        )
    )


# --- Lists that come back


def _take_in(asked: ReconcileOptions, out: Path) -> ExitCode:
    if not asked.files:
        raise UsageError(Text("Chưa ghi danh sách trả lại", "Name the returned lists"), remedy=_SEE)
    now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    intake = take_in_returned(asked.files, out, by=_account(), at=now, again=asked.replace)
    if asked.as_json:
        print_json(_intake_as_dict(intake))
    else:
        _tell_intake(intake, out)
    taken = intake.taken
    if taken.faults and not taken.taken and not taken.same:
        return ExitCode.BAD_INPUT
    return ExitCode.FAILURES if taken.faults else ExitCode.DONE


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such account on this machine
        return "?"


def _intake_as_dict(intake: ReturnedIntake) -> dict[str, Any]:
    taken = intake.taken
    return {
        "taken": len(taken.taken),
        "same": taken.same,
        "faults": [fault.as_dict() for fault in taken.faults],
        **intake.counts.as_dict(),
    }


def _tell_intake(intake: ReturnedIntake, out: Path) -> None:
    taken, counts, files = intake.taken, intake.counts, list_words().files
    for fault in taken.faults[:_MOST_SHOWN]:
        say_error(fault.cause, where=fault.shown, remedy=fault.remedy)
    if (more := len(taken.faults) - _MOST_SHOWN) > 0:
        say(
            Text(
                f"Còn {more} dòng không nhận: xem {files.refused}",
                f"{more} more rows are not taken in: see {files.refused}",
            )
        )
    say(
        Text(
            f"Nhận {len(taken.taken)} quyết định mới; {taken.same} đã có từ trước; "
            f"{len(taken.faults)} không nhận",
            f"{len(taken.taken)} new decisions taken in; {taken.same} known before; "
            f"{len(taken.faults)} not taken in",
        )
    )
    say(
        Text(
            f"{counts.listed} dòng trên danh sách: còn chờ {counts.waiting}; "
            f"{counts.assigned} số định danh được gán",
            f"{counts.listed} rows on lists: {counts.waiting} wait; {counts.assigned} IDs assigned",
        )
    )
    say_line(f"→ {out / files.results}")
