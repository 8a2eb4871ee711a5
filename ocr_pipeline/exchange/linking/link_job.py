"""A whole linking: keyed files and the books of a workspace, to links, packages and lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.orm import Session

from ocr_pipeline.books.book import Book
from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.errors import ScanError, Text
from ocr_pipeline.exchange.keyed_files.keyed_file import KeyedFiles
from ocr_pipeline.exchange.linking.keyed_books import keyed_books
from ocr_pipeline.exchange.linking.link import link_book
from ocr_pipeline.exchange.linking.link_package import link_package, write_link_package
from ocr_pipeline.exchange.linking.link_report import LinkedBook, LinkReport
from ocr_pipeline.processing.book_links import BookLinks, LinkState, save_links, settle
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.store.books import book_pages, load_books
from ocr_pipeline.store.link_decisions import link_decisions
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.workspace import Workspace

_WAITING = Text(
    "còn {count} bản ghi chờ người: gói chưa được ghi (--partial ghi các dòng đã liên kết)",
    "{count} records wait for a person: no package yet (--partial writes the linked rows)",
)


@dataclass(frozen=True, slots=True)
class LinkChoices:
    """How to link.

    Attributes:
        out: folder that receives the packages and the lists.
        scans: only books whose scans lie here.
        partial: write packages of books of which some records still wait.
        naming: how files are named.

    """

    out: Path
    scans: Path
    partial: bool = False
    naming: NamingRule = NamingRule()


@dataclass(frozen=True, slots=True)
class LinkProgress:
    """Who is told how far it is: after each keyed row, and after each page."""

    row: Callable[[], None] = lambda: None
    page: Callable[[], None] = lambda: None


def books_under(ws: Workspace, scans: Path) -> list[Book]:
    """The books of a workspace whose scans lie in a folder."""
    with ws.read_session() as session:
        books = load_books(session)
    return [book for book in books if book.path.absolute().is_relative_to(scans.absolute())]


def count_pages(ws: Workspace, books: Sequence[Book]) -> int:
    """Pages of these books."""
    with ws.read_session() as session:
        return sum(len(book_pages(session, book.id)) for book in books)


def link_books(
    ws: Workspace,
    keyed: KeyedFiles,
    choices: LinkChoices,
    progress: LinkProgress = LinkProgress(),  # noqa: B008 (frozen)
) -> LinkReport:
    """Link all books, and write the packages of those that are settled.

    May be stopped at any time: what was seen of pages is kept, and the same call goes on.

    Args:
        ws: the workspace; the books have been read.
        keyed: the opened keyed files.
        choices: what to link, and where to write.
        progress: who is told how far it is.

    Raises:
        MachineError: the model is missing, the folder cannot be written to, the disk is full.

    """
    books = books_under(ws, choices.scans)
    rows = keyed_books(keyed, books, progress.row)
    links = [link_book(ws, one, rows.rows[one.id], advance=progress.page) for one in books]
    links = _one_book_a_row(ws, links)
    report = LinkReport([], rows)
    for book, of_book in zip(books, links, strict=True):
        report.books.append(_settled(ws, book, of_book, choices))
    return report


def _one_book_a_row(ws: Workspace, links: Sequence[BookLinks]) -> list[BookLinks]:
    """Of a row that is linked in several books, the surest link stays; the others wait."""
    best: dict[str, float] = {}
    for one in links:
        for link in one.links:
            if link.accepted:
                best[link.row] = max(best.get(link.row, 0.0), link.probability)
    taken: set[str] = set()
    out = []
    for one in links:
        kept = []
        for link in one.links:
            first = link.probability >= best.get(link.row, 0.0) and link.row not in taken
            if link.accepted and not first:
                link = replace(link, accepted=False)
            elif link.accepted:
                taken.add(link.row)
            kept.append(link)
        changed = replace(one, links=tuple(kept))
        if changed != one:
            with ws.transaction() as session:
                save_links(session, changed)
        out.append(changed)
    return out


def _settled(ws: Workspace, book: Book, links: BookLinks, choices: LinkChoices) -> LinkedBook:
    with ws.read_session() as session:
        settled = settle(links, link_decisions(session, book.id))
        kinds = _kinds(session, book.id)
    done = LinkedBook(book, links, settled, kinds)
    done.package = link_package(ws, book, links, settled, choices.naming)
    waiting = done.count(LinkState.WAITING)
    if waiting and not choices.partial:
        done.refused = _WAITING.vi.format(count=waiting)
        return done
    try:
        write_link_package(ws, book, links, done.package, choices.out, choices.naming)
    except ScanError as error:
        done.refused = f"{error.where}: {error.cause.vi}"
    return done


def _kinds(session: Session, book_id: str) -> dict[str, FieldKind]:
    return {
        code: one.kind
        for record in load_records(session, book_id)
        for code, one in record.fields.items()
    }
