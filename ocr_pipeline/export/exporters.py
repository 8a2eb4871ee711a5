"""The exporters at hand: ours, and those of other packages (entry points `sohoa.exporters`)."""

from __future__ import annotations

from pathlib import Path

from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.errors import Text, UsageError
from ocr_pipeline.export.book_data import BookData
from ocr_pipeline.export.draft import export_draft
from ocr_pipeline.export.exporter import ExportedFiles, Exporter
from ocr_pipeline.export.json_lines import JsonLinesExporter
from ocr_pipeline.export.package import export_book
from ocr_pipeline.plugins import PluginGroup, plugins
from ocr_pipeline.registers.templates import Template

OFFICIAL = "xls"
DRAFT = "draft"

_PARTS = ("name", "suffix", "export")


class PackageExporter:
    """The official package: `.xls`, and a `.zip` with one PDF a record."""

    name = OFFICIAL
    suffix = ".xls"

    def export(
        self, data: BookData, template: Template, naming: NamingRule, out: Path
    ) -> ExportedFiles:
        """As `export_book`."""
        package = export_book(data, template, naming, out)
        return ExportedFiles((package.excel, package.archive), package.records)


class DraftExporter:
    """The draft for clerks: whatever has been read so far, doubtful cells marked."""

    name = DRAFT
    suffix = ".xls"

    def export(
        self, data: BookData, template: Template, naming: NamingRule, out: Path
    ) -> ExportedFiles:
        """As `export_draft`."""
        draft = export_draft(data.book, data.records, template, naming, out, data.dropped)
        return ExportedFiles((draft.path,), draft.records, draft.doubtful)


_OURS: tuple[type[Exporter], ...] = (PackageExporter, DraftExporter, JsonLinesExporter)


def exporter_names() -> list[str]:
    """Names of all formats: ours, then those of other packages."""
    ours = [exporter.name for exporter in _OURS]
    return [*ours, *(name for name in plugins(PluginGroup.EXPORTERS) if name not in ours)]


def load_exporter(name: str) -> Exporter:
    """The exporter of this name; ours go before those of other packages.

    Raises:
        UsageError: there is none.
        PluginError: the package that brings it is broken.

    """
    for ours in _OURS:
        if ours.name == name:
            return ours()
    plugin = plugins(PluginGroup.EXPORTERS).get(name)
    if plugin is None:
        known = ", ".join(exporter_names())
        raise UsageError(
            Text(f"Không có định dạng xuất “{name}”", f"There is no export format “{name}”"),
            where=f"--format {name}",
            remedy=Text(f"Chọn một trong: {known}", f"Choose one of: {known}"),
        )
    kind = plugin.load(_PARTS)
    try:
        exporter: Exporter = kind()
    except Exception as error:
        raise plugin.broken(error) from error
    return exporter
