"""Packages of linked books in the station: zip, import `.xls` and lists, by what people decided."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.errors import Text
from ocr_pipeline.exchange.linking.field_checks import field_checks
from ocr_pipeline.exchange.linking.keyed_books import KeyedBooks
from ocr_pipeline.exchange.linking.link import records_of
from ocr_pipeline.exchange.linking.link_lists import write_lists
from ocr_pipeline.exchange.linking.link_package import link_package, write_link_package
from ocr_pipeline.exchange.linking.link_report import LinkedBook, LinkReport
from ocr_pipeline.exchange.linking.link_rules import link_rules
from ocr_pipeline.processing.book_links import (
    LinkState,
    SettledBook,
    settled_links,
)
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import NotAllowedYetError, no_such
from ocr_pipeline.review.kept_packages import (
    KeptPackage,
    files_of,
    kept_file,
    kept_package,
    new_folder,
    publish,
)
from ocr_pipeline.store import audit
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.reading_lines import note_reading
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.store.workspace_files import PACKAGES

_FORM = "linked"


class LinkedPackages:
    """Packages of linked books, kept until the next.

    Args:
        workspace: the job, open.
        clock: gives the time (UTC).

    """

    def __init__(self, workspace: Workspace, clock: Callable[[], datetime]) -> None:
        self._ws, self._clock = workspace, clock

    def make(self, user: User, book_id: str, advance: Callable[[], None] = lambda: None) -> None:
        """Write zip, `.xls` and lists of a book, in place of those before.

        Args:
            user: who asks for it.
            book_id: the book.
            advance: called after each page looked into.

        Raises:
            NotFoundError: there is no such book, or it was never linked.
            NotAllowedYetError: some of its records wait for a person.
            ScanError: a scan cannot be read any more.
            MachineError: the model is missing, or the folder cannot be written to.

        """
        done = self._linked(book_id)
        if waiting := done.count(LinkState.WAITING):
            raise NotAllowedYetError(
                Text(f"Còn {waiting} bản ghi chờ người", f"{waiting} records wait for a person"),
                where=book_id,
                remedy=Text("Quyết định hết rồi lập gói", "Decide them all first"),
            )
        done.settled = self._checked(done, advance)
        naming = NamingRule()
        done.package = link_package(self._ws, done.book, done.links, done.settled, naming)
        with self._new_folder(book_id) as folder:
            write_link_package(self._ws, done.book, done.links, done.package, folder, naming)
            self._offer(user, done, folder)

    def keep(self, user: User, done: LinkedBook) -> None:
        """Take over the package that the linking has just written of a book.

        Raises:
            MachineError: the folder cannot be written to.

        """
        made = done.package.package
        if made is None:
            return
        with self._new_folder(done.book.id) as folder:
            for path in (made.excel, made.archive):
                shutil.move(path, folder / path.name)
            self._offer(user, done, folder)

    def kept(self, book_id: str) -> KeptPackage | None:
        """What lies ready of a book; None when there is nothing."""
        return kept_package(self._place(book_id))

    def file(self, user: User, book_id: str, name: str) -> Path:
        """A file of what lies ready; that it was taken is noted once an hour.

        Raises:
            NotFoundError: there is no such file (any more).

        """
        found, path = kept_file(self._place(book_id), self.kept(book_id), name)
        note_reading(
            self._ws, user.name, AuditAction.DOWNLOADED, book=book_id, subject=name,
            details={"sha256": found.sha256}, now=self._clock(),
        )  # fmt: skip
        return path

    @contextmanager
    def _new_folder(self, book_id: str) -> Iterator[Path]:
        """A folder for a package; what fails in the block leaves nothing of it."""
        folder = new_folder(self._place(book_id))
        try:
            yield folder
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _linked(self, book_id: str) -> LinkedBook:
        with self._ws.read_session() as session:
            books, linked = load_books(session, [book_id]), settled_links(session, book_id)
            if not books or linked is None:
                raise no_such("liên kết của sổ", "links of the book", book_id)
            kinds = {
                code: one.kind
                for record in load_records(session, book_id)
                for code, one in record.fields.items()
            }
        return LinkedBook(books[0], *linked, kinds)

    def _checked(self, done: LinkedBook, advance: Callable[[], None]) -> SettledBook:
        """The settled links, each compared with the row that belongs to it now.

        What the linking compared is the machine's row: of a record to which a person gave another
        one, the fields are compared anew.
        """
        known, rules = done.links.by_id, link_rules()
        changed = {
            one.link.place: known[one.row].values
            for one in done.settled.links
            if one.state is LinkState.CHOSEN and one.row != one.link.row
        }
        if not changed:
            return done.settled
        checks = {
            place: tuple(field_checks(record, changed[place], done.book.type, rules))
            for record in records_of(self._ws, done.book, advance)
            if (place := (record.page, record.position)) in changed
        }
        links = [
            replace(one, link=replace(one.link, checks=checks.get(one.link.place, ())))
            if one.link.place in changed
            else one
            for one in done.settled.links
        ]
        return SettledBook(links, done.settled.free)

    def _offer(self, user: User, done: LinkedBook, folder: Path) -> None:
        write_lists(LinkReport([done], KeyedBooks()), folder)
        made = done.package.package
        kept = KeptPackage(
            folder=folder.name,
            time=self._clock(),
            by=user.name,
            records=made.records if made else 0,
            approval=None,
            files=files_of(folder),
        )
        publish(self._ws, self._place(done.book.id), kept)
        with self._ws.transaction() as session:
            audit.append(
                session, user.name, AuditAction.EXPORTED, book=done.book.id,
                details={"form": _FORM, "records": kept.records}, now=self._clock(),
            )  # fmt: skip

    def _place(self, book_id: str) -> Path:
        return self._ws.folder / PACKAGES / book_id / _FORM
