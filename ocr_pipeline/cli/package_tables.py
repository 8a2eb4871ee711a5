"""Export books of a workspace and check packages, telling people what came of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.cli.output import console, note_crash, print_json, say_error, say_line
from ocr_pipeline.errors import MachineError, SohoaError, Text
from ocr_pipeline.export.book_data import BookMaterial, book_ids, book_material
from ocr_pipeline.export.draft import export_draft
from ocr_pipeline.export.faults import PackageFault
from ocr_pipeline.export.package import UnfinishedBookError, export_book
from ocr_pipeline.export.preimport import PackageReport, check_paths
from ocr_pipeline.registers.templates import Template, generations, load_template
from ocr_pipeline.store.workspace import Workspace

_MOST = 1000  # faults told of a package
DEFAULT_GENERATION = "1437"


@dataclass(frozen=True, slots=True)
class ExportChoices:
    """How to export: where to, draft or final, which template, which names."""

    out: Path
    draft: bool = False
    generation: str = DEFAULT_GENERATION
    variant: str = ""
    naming: NamingRule = NamingRule()

    def template(self, material: BookMaterial) -> Template:
        """The template for a book; types that lack the generation take the usual one."""
        register = material.book.type
        known = self.generation in generations(register) or self.generation == DEFAULT_GENERATION
        found = self.generation if known else DEFAULT_GENERATION
        usual = load_template(register, found)
        fits = self.variant in usual.variants
        return load_template(register, found, self.variant) if fits else usual


def export_books(
    workspace: Workspace,
    books: Iterable[str] | None,
    choices: ExportChoices,
    *,
    as_json: bool = False,
) -> int:
    """Export these books (all when None); returns how many were refused."""
    done: list[dict[str, Any]] = []
    for book_id in books if books is not None else book_ids(workspace):
        material = book_material(workspace, book_id)
        try:
            made = _export(material, choices)
        except MachineError:
            raise
        except Exception as trouble:  # a bug with one book must not hold up the others
            error = trouble if isinstance(trouble, SohoaError) else _bug(book_id, trouble)
            done.append({"book": book_id, "refused": _refusal(error)})
            if not as_json:
                _tell_refusal(error)
            continue
        done.append({"book": book_id, **made})
        if not as_json:
            say_line(f"✓ {made['files'][0]} ({made['records']} bản ghi / records)")
    if as_json:
        print_json({"books": done})
    return sum("refused" in entry for entry in done)


def _bug(book_id: str, error: Exception) -> SohoaError:
    name, log = type(error).__name__, note_crash(error)
    return SohoaError(
        Text(f"Lỗi chương trình ({name}), xem {log}", f"A bug in the software ({name}), see {log}"),
        where=book_id,
        remedy=Text("Gửi tệp nhật ký này cho người hỗ trợ", "Send this log file to support"),
    )


def _export(material: BookMaterial, choices: ExportChoices) -> dict[str, Any]:
    template = choices.template(material)
    if choices.draft:
        draft = export_draft(material.book, material.records, template, choices.naming, choices.out)
        return {"files": [str(draft.path)], "records": draft.records, "doubtful": draft.doubtful}
    package = export_book(
        material.book,
        material.records,
        material.pages,
        template,
        choices.naming,
        choices.out,
        turns=material.turns,
        digests=material.digests,
        continuations=material.continuations,
        waiting=material.waiting,
        unsettled=material.unsettled,
    )
    return {"files": [str(package.excel), str(package.archive)], "records": package.records}


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
