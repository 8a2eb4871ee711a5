"""Shows what came of exports and of checks of packages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ocr_pipeline.cli.output import console, print_json, say, say_error, say_line
from ocr_pipeline.errors import SohoaError, Text
from ocr_pipeline.export.book_exports import BookExport
from ocr_pipeline.export.exporter import ExportedFiles
from ocr_pipeline.export.faults import PackageFault
from ocr_pipeline.export.preimport import PackageReport, check_paths
from ocr_pipeline.export.readiness import UnfinishedBookError

_MOST = 1000  # faults told of a package


def tell_exports(exports: Iterable[BookExport], *, as_json: bool = False) -> int:
    """Show each export as it comes, or all as JSON; returns how many books were refused.

    Final files that nobody has approved are marked.
    """
    done: list[dict[str, Any]] = []
    refused = unapproved = 0
    for book in exports:
        if book.exported is not None:
            final = book.exported.doubtful is None
            approval = {"approved": book.approved} if final else {}
            done.append({"book": book.book, **_files(book.exported), **approval})
            without = final and not book.approved
            unapproved += without
            if not as_json:
                _tell_files(book.exported, without)
        elif book.error is not None:
            refused += 1
            done.append({"book": book.book, "refused": _refusal(book.error)})
            if not as_json:
                _tell_refusal(book.error)
    if as_json:
        print_json({"books": done})
    elif unapproved:
        say(
            Text(
                f"{unapproved} sổ được xuất khi chưa duyệt (--unapproved): chưa bàn giao",
                f"{unapproved} books were exported without approval (--unapproved): "
                "do not hand them over",
            ),
            style="yellow",
        )
    return refused


def _tell_files(exported: ExportedFiles, without_approval: bool) -> None:
    mark, note = ("!", " – CHƯA DUYỆT / NOT APPROVED") if without_approval else ("✓", "")
    say_line(f"{mark} {exported.files[0]} ({exported.records} bản ghi / records){note}")


def _files(exported: ExportedFiles) -> dict[str, Any]:
    data: dict[str, Any] = {
        "files": [str(path) for path in exported.files],
        "records": exported.records,
    }
    return data if exported.doubtful is None else {**data, "doubtful": exported.doubtful}


def _refusal(error: SohoaError) -> dict[str, Any]:
    obstacles = error.obstacles if isinstance(error, UnfinishedBookError) else ()
    return {
        "cause": asdict(error.cause),
        "remedy": asdict(error.remedy) if error.remedy else None,
        "obstacles": [obstacle.as_dict() for obstacle in obstacles],
    }


def _tell_refusal(error: SohoaError) -> None:
    say_error(error.cause, where=error.where, remedy=error.remedy)
    if isinstance(error, UnfinishedBookError):
        _tell_obstacles(error.obstacles)


def _tell_obstacles(obstacles: Sequence[PackageFault]) -> None:
    """What is in the way, each kind once with how often and where first; JSON has them all."""
    kinds: dict[str, list[PackageFault]] = {}
    for obstacle in obstacles:
        kinds.setdefault(obstacle.message.en, []).append(obstacle)
    out = console(error=True)
    for alike in sorted(kinds.values(), key=len, reverse=True):
        first, times = alike[0], len(alike)
        place = ", ".join(filter(None, (first.file, first.column)))
        out.print(f"    {times} × {first.message.vi} ({place}) → {first.remedy.vi}", markup=False)
        out.print(f"        {first.message.en} → {first.remedy.en}", style="dim", markup=False)


def _tell_faults(faults: Sequence[PackageFault]) -> None:
    """Faults, each with its place and remedy; how many more there are if they are very many."""
    out = console(error=True)
    for fault in faults[:_MOST]:
        place = ", ".join(filter(None, (fault.file, str(fault.row or ""), fault.column)))
        out.print(f"    {place}: {fault.message.vi} → {fault.remedy.vi}", markup=False)
        out.print(f"        {fault.message.en} → {fault.remedy.en}", style="dim", markup=False)
    if len(faults) > _MOST:
        out.print(f"    … +{len(faults) - _MOST}: --json", style="dim")


def check_packages(paths: Sequence[Path], *, as_json: bool = False) -> int:
    """Check every package under these paths; returns how many the import would refuse."""
    reports = check_paths(paths)
    if as_json:
        print_json({"packages": [report.as_dict() for report in reports]})
    else:
        for report in reports:
            _tell_report(report)
    return sum(not report.acceptable for report in reports)


def _tell_report(report: PackageReport) -> None:
    name = report.excel or report.archive or ""
    if report.acceptable:
        counts = f"{report.rows} bản ghi / records, {report.pdfs} PDF"
        say_line(f"✓ {name} ({counts})")
    else:
        number = len(report.faults)
        say_error(Text(f"✗ {number} lỗi", f"✗ {number} faults"), where=str(name))
    _tell_faults(report.faults)
