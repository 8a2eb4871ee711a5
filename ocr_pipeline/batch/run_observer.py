"""Who is told how a run goes on."""

from __future__ import annotations

from ocr_pipeline.errors import Text
from ocr_pipeline.store.states import PageKind


class RunObserver:
    """Is told how a run goes on; this one keeps it to itself."""

    def planned(self, books: int, pages: int, known: int) -> None:
        """`books` books have been looked at: `pages` pages to read, `known` read before."""

    def ahead(self, pages: int) -> None:
        """So many pages are to be read in all, with a guess for books not looked at yet."""

    def page_done(self, book: str, page: str, kind: PageKind) -> None:
        """A page has been dealt with, and what became of it is safe."""

    def book_done(self, book: str) -> None:
        """A book has been judged."""

    def died(self, book: str, page: str, cause: Text, deaths: int) -> None:
        """A page (a whole book when `page` is "") has killed a worker, the `deaths`-th one."""

    def noticed(self, cause: Text) -> None:
        """Something that people should know, e.g. that a host is not used any more."""

    def paused(self, cause: Text) -> None:
        """The run waits for something."""

    def resumed(self) -> None:
        """It goes on."""

    def stopping(self, cause: Text) -> None:
        """Nothing new is begun; what is under way is finished."""
