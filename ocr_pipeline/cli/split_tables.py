"""Shows how a keyed file was divided."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ocr_pipeline.cli.keyed_tables import refusal, tell_refused
from ocr_pipeline.cli.output import print_json, print_table, progress, say
from ocr_pipeline.errors import ExitCode, Text
from ocr_pipeline.exchange.keyed_files.keyed_file import open_keyed
from ocr_pipeline.exchange.keyed_files.known_headers import mapped_columns
from ocr_pipeline.exchange.splitting.split import SplitChoices, SplitReport, split_keyed

_MOST_SHOWN = 20


def split_files(
    paths: Sequence[Path],
    mapping: Path | None,
    out: Path,
    choices: SplitChoices,
    *,
    as_json: bool = False,
) -> ExitCode:
    """Divide files and show what became of their rows."""
    mapped = mapped_columns(mapping) if mapping else None
    with open_keyed(paths, mapped) as keyed:
        tell_refused(keyed)
        if not keyed.files:
            return keyed.refused[0].exit_code
        with progress(Text("Đọc dòng", "Rows"), keyed.count) as advance:
            report = split_keyed(keyed, out, choices, advance.step)
        for file in keyed.files:
            for fault in file.faults:
                report.tally.add_fault(fault)
        left = sum(file.rows_left for file in keyed.files)
        if as_json:
            refused = [refusal(error) for error in keyed.refused]
            print_json({**report.as_dict(), "rows_left": left, "refused": refused})
        else:
            _tell(report, out, left)
        open_ends = keyed.refused or report.unknown or report.tally.to_mend
        return ExitCode.FAILURES if open_ends else ExitCode.DONE


def _tell(report: SplitReport, out: Path, left: int) -> None:
    folders = len({part.path.rpartition("/")[0] for part in report.parts if part.agency})
    files = sum(bool(part.agency) for part in report.parts)
    say(
        Text(
            f"{report.tally.rows} dòng = {report.placed} dòng của {folders} cơ quan "
            f"({files} tệp .xls) + {report.rows_unknown} dòng không rõ đơn vị "
            f"+ {report.aside} dòng để riêng → {out}",
            f"{report.tally.rows} rows = {report.placed} rows of {folders} agencies "
            f"({files} .xls files) + {report.rows_unknown} rows of unknown units "
            f"+ {report.aside} rows put aside → {out}",
        )
    )
    if left:
        say(
            Text(
                f"{left} dòng của trang tính không đọc được hoặc bị ẩn không có trong đó",
                f"{left} rows of hidden or unknown sheets are not among them",
            )
        )
    if later := sum(part.number > 1 for part in report.parts):
        say(
            Text(
                f"Tệp .xls chứa nhiều nhất 65 535 dòng: {later} tệp là phần tiếp theo",
                f"An .xls holds 65,535 rows: {later} files are continuations",
            )
        )
    if report.unknown:
        print_table(
            Text("Không rõ đơn vị", "Unknown units"),
            (Text("nơi đăng ký", "agency"), Text("năm", "year"), Text("số dòng", "rows"),
             Text("vì sao", "why"), Text("gần giống", "nearest")),
            [
                (stated.text or ", ".join(filter(None, stated.units)) or "–", stated.year or "",
                 rows, str(found.note or ""), "; ".join(found.nearest))
                for stated, found, rows in report.unknown[:_MOST_SHOWN]
            ],
        )  # fmt: skip
    if report.tally.to_mend:
        say(
            Text(
                f"{report.tally.to_mend} chỗ cần người xử lý: xem các tệp sua_va_loi.csv",
                f"{report.tally.to_mend} things need a person: see the files sua_va_loi.csv",
            )
        )
