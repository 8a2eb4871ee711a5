"""Exports books of a workspace one after the other; one bad book does not hold up the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.crash_log import note_crash
from ocr_pipeline.errors import MachineError, SohoaError, Text
from ocr_pipeline.export.book_data import BookData
from ocr_pipeline.export.exporter import ExportedFiles
from ocr_pipeline.export.exporters import OFFICIAL, load_exporter
from ocr_pipeline.export.stored_books import book_ids, load_book_data
from ocr_pipeline.export.trail_note import trail_note, write_trail_note
from ocr_pipeline.os_errors import refused_path
from ocr_pipeline.registers.templates import Template, generations, load_template
from ocr_pipeline.store import audit
from ocr_pipeline.store.audit import SYSTEM
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.codec import DatabaseBrokenError
from ocr_pipeline.store.files import file_digest
from ocr_pipeline.store.reading_lines import os_user
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.usual_options import USUAL
from ocr_pipeline.written_paths import written

"""Who exports on the command line: the audit trail names the account of the machine beside it."""


@dataclass(frozen=True, slots=True)
class ExportChoices:
    """How to export.

    Attributes:
        out: folder that receives one folder per agency.
        format: name of the exporter.
        generation: of the Excel template; types that lack it take the usual one.
        variant: of the template, by its number of columns; types that lack it take the usual one.
        naming: how files are named.
        unapproved: also finished books that nobody has approved.
        by: name of the person who asks for it; `system` on the command line.
        hidden: queues whose fields are left empty, for who may key them blind.

    """

    out: Path
    format: str = OFFICIAL
    generation: str = USUAL.generation
    variant: str = ""
    naming: NamingRule = NamingRule()
    unapproved: bool = False
    by: str = SYSTEM
    hidden: frozenset[str] = frozenset()

    def template(self, data: BookData) -> Template:
        """The template for a book."""
        register = data.book.type
        known = self.generation in generations(register) or self.generation == USUAL.generation
        found = self.generation if known else USUAL.generation
        usual = load_template(register, found)
        fits = self.variant in usual.variants
        return load_template(register, found, self.variant) if fits else usual


@dataclass(frozen=True, slots=True)
class BookExport:
    """What came of the export of a book: files, or the error that refused it.

    Attributes:
        book: its id.
        exported: what was written; None when it was refused.
        error: why it was refused; an `UnfinishedBookError` lists what is open.
        approved: the book counted as approved.

    """

    book: str
    exported: ExportedFiles | None = None
    error: SohoaError | None = None
    approved: bool = False


def export_books(
    workspace: Workspace, books: Iterable[str] | None, choices: ExportChoices
) -> Iterator[BookExport]:
    """Export books (all when None), each when it is asked for; the audit trail tells of each.

    Formats of finished books take approved ones only, unless the choices say otherwise.

    Raises:
        UsageError: there is no such format.
        BadInputError: the workspace has no such book.
        MachineError: nothing can be exported here: no space, no permission, a broken plug-in.

    """
    exporter = load_exporter(choices.format)
    for book_id in books if books is not None else book_ids(workspace):
        try:
            data = load_book_data(workspace, book_id, choices.hidden)
        except DatabaseBrokenError as error:
            yield BookExport(book_id, error=error)
            continue
        data = replace(data, without_approval=choices.unapproved)
        approved = data.unapproved is None
        try:
            template = choices.template(data)
            made = exporter.export(data, template, choices.naming, choices.out)
        except MachineError:
            raise
        except SohoaError as error:
            yield BookExport(book_id, error=error)
        except Exception as error:  # a bug with one book must not hold up the others
            told = refused_path(error) or _bug(book_id, error, workspace.logs)
            yield BookExport(book_id, error=told)
        else:
            _note(workspace, book_id, choices, made, approved)
            yield BookExport(book_id, made, approved=approved)


def _note(
    workspace: Workspace, book: str, choices: ExportChoices, made: ExportedFiles, approved: bool
) -> None:
    """Tell the audit trail what was written, and leave its head beside what was written."""
    digests = {path: file_digest(path) for path in made.files}
    details: dict[str, object] = {
        "format": choices.format,
        "records": made.records,
        "approved": approved,
        "final": made.doubtful is None,
        "files": {written(path.name): digest for path, digest in digests.items()},
    }
    if choices.by == SYSTEM:
        details["os_user"] = os_user()
    with workspace.transaction() as session:
        line = audit.append(session, choices.by, AuditAction.EXPORTED, book=book, details=details)
    if choices.format == OFFICIAL and approved:
        write_trail_note(digests, book, line.id, line.hash)
    elif choices.format == OFFICIAL:  # one of a former export would name other files
        trail_note(made.files).unlink(missing_ok=True)


def _bug(book_id: str, error: Exception, logs: Path) -> SohoaError:
    name, log = type(error).__name__, note_crash(error, logs)
    return SohoaError(
        Text(f"Lỗi chương trình ({name}), xem {log}", f"A bug in the software ({name}), see {log}"),
        where=book_id,
        remedy=Text("Gửi tệp nhật ký này cho người hỗ trợ", "Send this log file to support"),
    )
