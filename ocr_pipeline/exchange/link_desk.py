"""Linking in the station: begun from a browser, decided record by record, taken as packages."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ocr_pipeline.errors import BadInputError, SohoaError, Text
from ocr_pipeline.exchange.desk_jobs import DeskJob, DeskJobs
from ocr_pipeline.exchange.keyed_desk import KeyedDesk
from ocr_pipeline.exchange.keyed_files.keyed_file import open_keyed
from ocr_pipeline.exchange.keyed_files.passing_folder import passing_folder
from ocr_pipeline.exchange.link_cards import CardRow, LinkCard, compared_rows, link_card
from ocr_pipeline.exchange.link_standing import (
    BookStanding,
    FreePage,
    FreeRow,
    free_row,
    standing_of,
)
from ocr_pipeline.exchange.linked_packages import LinkedPackages
from ocr_pipeline.exchange.linking.link_job import (
    LinkChoices,
    LinkProgress,
    books_under,
    count_pages,
    link_books,
)
from ocr_pipeline.processing.book_links import (
    BookLinks,
    LinkState,
    SettledBook,
    linked_books,
    settled_links,
)
from ocr_pipeline.review import link_queue
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import StaleError, no_such
from ocr_pipeline.review.kept_packages import KeptPackage
from ocr_pipeline.review.link_leases import LinkLeases, LinkPlace
from ocr_pipeline.review.link_queue import WaitingLink, waiting_links
from ocr_pipeline.review.open_page import ACTION
from ocr_pipeline.review.rights import require
from ocr_pipeline.store import audit, browse_queries
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.workspace import Workspace

_JOB = "linking"
_MOST_LISTED = 500  # lines of a list on the screen; the Excel file has all


@dataclass(frozen=True, slots=True)
class LinkedBookState:
    """A linked book: how far it is, what is left over on both sides, its package."""

    standing: BookStanding
    pages: tuple[FreePage, ...]
    rows: tuple[FreeRow, ...]
    package: KeptPackage | None
    making: bool
    error: SohoaError | None


@dataclass(frozen=True, slots=True)
class NextLink:
    """The next record for a person; `card` None: none is free for him. `others`: held by others."""

    card: LinkCard | None
    waiting: int
    others: int


class LinkDesk:
    """The link queues of a workspace, and what is begun and taken around them.

    Args:
        workspace: the job, open.
        keyed: where people have sent their keyed files.
        clock: gives the time (UTC).

    """

    def __init__(
        self, workspace: Workspace, keyed: KeyedDesk, clock: Callable[[], datetime]
    ) -> None:
        self._ws, self._keyed, self._clock = workspace, keyed, clock
        self._leases = LinkLeases(clock)
        self._packages = LinkedPackages(workspace, clock)
        self._links = DeskJobs("linking", workspace.folder)
        self._making = DeskJobs("linked-package", workspace.folder)

    def shelf(self, user: User) -> list[BookStanding]:
        """How far the linked books are; those with waiting records first.

        Raises:
            ForbiddenError: the role may not.

        """
        require(user, ACTION)
        with self._ws.read_session() as session:
            ids = linked_books(session, [book.id for book in load_books(session)])
        found = [standing_of(*self._settled(book)) for book in ids]
        return sorted(found, key=lambda one: not one.waiting)

    def book(self, user: User, book: str) -> LinkedBookState:
        """What became of a book.

        Raises:
            ForbiddenError: the role may not.
            NotFoundError: the book was never linked.

        """
        require(user, ACTION)
        links, settled = self._settled(book)
        job = self._making.job(book)
        with self._ws.read_session() as session:
            left = [
                (one.link.page, one.link.position, one.user)
                for one in settled.links
                if one.state is LinkState.NO_ROW
            ]
            left += [(name, 0, "") for name in links.unread]
            pages = [
                FreePage(browse_queries.page_id(session, book, name), name, position, by)
                for name, position, by in left[:_MOST_LISTED]
            ]
        known = links.by_id
        return LinkedBookState(
            standing_of(links, settled),
            tuple(pages),
            tuple(free_row(known[id]) for id in settled.free[:_MOST_LISTED]),
            self._packages.kept(book),
            job is not None and not job.done,
            job.error if job is not None else None,
        )

    # --- The queue

    def next(self, user: User, book: str, skipped: Collection[LinkPlace] = ()) -> NextLink:
        """The next record of a book, held for this person.

        Args:
            user: who asks.
            book: the book.
            skipped: records that come last, for he has put them off.

        Raises:
            ForbiddenError: the role may not.
            NotFoundError: the book was never linked.

        """
        waiting, late = waiting_links(self._ws, user, book), set(skipped)
        waiting.sort(key=lambda one: _place(one) in late)
        by_place = {_place(one): one for one in waiting}
        for _ in waiting:
            place = self._leases.take(user.name, list(by_place))
            others = self._leases.count_others(user.name, list(by_place))
            if place is None:
                return NextLink(None, len(waiting), others)
            with suppress(SohoaError):  # the record went since the book was linked
                card = link_card(self._ws, user, book, by_place[place])
                return NextLink(card, len(waiting), others)
            del by_place[place]
        self._leases.release(user.name)
        return NextLink(None, len(waiting), 0)

    def decide(self, user: User, book: str, place: LinkPlace, row: str) -> None:
        """Say which row belongs to a record, or "" for none.

        Raises:
            ForbiddenError, BookClosedError, NotFoundError: as `link_queue.choose_row`.
            NotAllowedYetError: a person gave this row to another record.
            StaleError: somebody else has the record, or has decided about it.

        """
        require(user, ACTION)
        holder = self._leases.holder(place)
        if holder != user.name and (holder or self._find(user, book, place) is None):
            raise StaleError(
                Text(
                    "Người khác đang xem hoặc đã quyết định bản ghi này",
                    "Somebody else looks at this record, or has decided about it",
                ),
                where=holder,
                remedy=Text("Làm tiếp bản ghi sau", "Go on with the next record"),
            )
        now = self._clock()
        if row:
            link_queue.choose_row(self._ws, user, *place, row, now)
        else:
            link_queue.say_no_row(self._ws, user, *place, now)
        self._leases.release(user.name)

    def undo(self, user: User, book: str, place: LinkPlace) -> None:
        """Take back what was said of a record; it is this person's again.

        Raises:
            ForbiddenError, BookClosedError: as everywhere.
            NotFoundError: nothing was said of the record.
            StaleError: somebody else has decided about it since.

        """
        require(user, ACTION)
        _, settled = self._settled(book)
        with self._ws.read_session() as session:
            said = [
                one
                for one in settled.links
                if one.user
                and one.link.position == place[1]
                and browse_queries.page_id(session, book, one.link.page) == place[0]
            ]
        if said and said[0].user != user.name:
            raise StaleError(
                Text("Người khác đã quyết định lại", "Somebody else has decided since"),
                where=said[0].user,
                remedy=Text("Tải lại trang", "Load the page again"),
            )
        link_queue.take_back(self._ws, user, *place, self._clock())
        self._leases.take(user.name, [place])

    def find(self, user: User, book: str, place: LinkPlace, words: str) -> tuple[CardRow, ...]:
        """Rows of a book that look like some words, compared with a waiting record.

        Raises:
            ForbiddenError, NotFoundError, UsageError: as `link_queue.find_rows`.

        """
        rows = link_queue.find_rows(self._ws, user, book, words)
        waiting = self._find(user, book, place)
        if waiting is None:
            raise no_such("bản ghi", "record", place)
        return compared_rows(self._ws, user, book, waiting, rows)

    def release(self, user: User) -> None:
        """Give back what a person holds."""
        require(user, ACTION)
        self._leases.release(user.name)

    def _find(self, user: User, book: str, place: LinkPlace) -> WaitingLink | None:
        waiting = waiting_links(self._ws, user, book)
        return next((one for one in waiting if _place(one) == place), None)

    # --- Packages

    def make_package(self, user: User, book: str) -> None:
        """Begin to write the package of a book; nothing happens while that is under way.

        Raises:
            ForbiddenError: the role may not.
            NotFoundError: the book was never linked.

        """
        require(user, "export")
        self._settled(book)
        self._making.start(user, book, lambda job: self._packages.make(user, book, job.step))

    def file(self, user: User, book: str, name: str) -> Path:
        """A file of the package of a book.

        Raises:
            ForbiddenError: the role may not.
            NotFoundError: there is no such file (any more).

        """
        require(user, "export")
        return self._packages.file(user, book, name)

    # --- Linking

    def start(self, user: User, batch: str, book: str = "") -> DeskJob:
        """Begin to link the keyed files of a batch with the pages of the workspace.

        Args:
            user: who asks; sent the files.
            batch: of keyed files that were sent.
            book: id of the one book; "" for all books.

        Raises:
            ForbiddenError: the role may not.
            NotFoundError: the files are gone, or there is no such book.

        """
        require(user, "import")
        paths = self._keyed.files(user, batch)
        scans = Path("/") if not book else self._scans_of(book)
        return self._links.start(user, _JOB, lambda job: self._link(job, user, paths, scans))

    def job(self, user: User) -> DeskJob | None:
        """How far the latest linking is, whoever began it: there is one at a time."""
        require(user, "import")
        return self._links.job(_JOB)

    def close(self) -> None:
        """Begin nothing more; what is under way is finished."""
        self._links.close()
        self._making.close()

    def _scans_of(self, book: str) -> Path:
        with self._ws.read_session() as session:
            found = load_books(session, [book])
        if not found:
            raise no_such("sổ", "book", book)
        return found[0].path.absolute()

    def _link(self, job: DeskJob, user: User, paths: list[Path], scans: Path) -> None:
        """Link, then write the packages of books of which nothing waits."""
        job.begin("opening")
        with passing_folder() as folder, open_keyed(paths) as keyed:
            if keyed.refused:
                first = keyed.refused[0]
                name = Path(first.where).name
                raise BadInputError(first.cause, where=name, remedy=first.remedy)
            books = books_under(self._ws, scans)
            job.begin("rows", keyed.count)
            choices = LinkChoices(folder, scans)
            pages = count_pages(self._ws, books)

            def page() -> None:
                if job.phase != "pages":
                    job.begin("pages", pages)
                job.step()

            report = link_books(self._ws, keyed, choices, LinkProgress(job.step, page))
        with self._ws.transaction() as session:
            details = {"files": len(paths), "books": len(books), "waiting": report.waiting}
            action = AuditAction.KEYED_FILE_LINKED
            audit.append(session, user.name, action, details=details, now=self._clock())
        job.begin("packages", len(report.books))
        for one in report.books:
            self._packages.keep(user, one)
            job.step()

    def _settled(self, book: str) -> tuple[BookLinks, SettledBook]:
        with self._ws.read_session() as session:
            found = settled_links(session, book)
        if found is None:
            raise no_such("liên kết của sổ", "links of the book", book)
        return found


def _place(one: WaitingLink) -> LinkPlace:
    return one.page, one.link.position
