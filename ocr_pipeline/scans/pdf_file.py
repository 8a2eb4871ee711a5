"""A PDF opened for its pages: which of them the file still holds, whatever happened to its end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pikepdf

from ocr_pipeline.errors import ScanError
from ocr_pipeline.scans import pdf_rescue
from ocr_pipeline.scans.limits import ScanLimits
from ocr_pipeline.scans.pdf_content import PDF_ERRORS, painted_images
from ocr_pipeline.scans.pdf_rescue import PdfTraces
from ocr_pipeline.scans.scan_errors import fault

#: What qpdf says of files whose pages are all in their places.
_HARMLESS = (
    "MediaBox is undefined",
    "treating as string",
    "/Type key should be",
    "reported number of objects",
    "duplicated key",
    "whitespace",
    "linearization",
)
_BOXLESS = re.compile(r"object (\d+) .*MediaBox is undefined")


@dataclass(frozen=True, slots=True)
class PdfFile:
    """An open PDF.

    Attributes:
        pdf: the file.
        pages: the pages by their place (from 0); None where everything is in its place.
        expected: number of pages by the file's own word.
        is_damaged: whether its directory had to be made anew.
        is_open_ended: whether the file no longer tells how many pages it had.
        boxless: object numbers of pages to which qpdf gave a size, because they have none.

    """

    pdf: pikepdf.Pdf
    pages: dict[int, pikepdf.Page] | None
    expected: int
    is_damaged: bool
    is_open_ended: bool
    boxless: frozenset[int]

    @property
    def places(self) -> tuple[int, ...]:
        """Places (from 0) of the pages that the file holds."""
        return tuple(range(len(self.pdf.pages)) if self.pages is None else sorted(self.pages))

    def page(self, place: int, where: str) -> pikepdf.Page:
        """The page at `place`.

        Raises:
            ScanError: the file has no such page, or holds it no longer.

        """
        if self.pages is not None and place in self.pages:
            return self.pages[place]
        if self.pages is None and place < len(self.pdf.pages):
            return self.pdf.pages[place]
        raise fault("no_such_page", where, page=place + 1)


@contextmanager
def opened(path: Path, where: str) -> Iterator[PdfFile]:
    """Open a PDF read-only; one that is cut off or has lost its directory as far as it goes.

    Raises:
        ScanError: encrypted, or nothing in it makes a page.

    """
    status = path.stat()
    try:
        file = (
            _plainly(lambda: pikepdf.open(path))
            or _plainly(lambda: pdf_rescue.opened_unpadded(path))
            or _rescued(path, status.st_size, status.st_mtime_ns)
        )
    except pikepdf.PasswordError as error:
        raise fault("encrypted", where) from error
    if file is None:
        raise fault("lost_pdf", where)
    with file.pdf:
        yield file


def missing_pages(file: PdfFile, where: str, limits: ScanLimits) -> ScanError | None:
    """What there is to say about the pages that the file no longer holds, None when all is well."""
    here = len(file.places)
    # A number of pages beyond the limit is a damaged one.
    missing = max(file.expected - here, 0) if file.expected <= limits.max_pages else 0
    if file.is_open_ended:
        return fault("open_ended_pdf", where, pages=here, missing=max(missing, 1))
    if missing:
        return fault("pages_lost", where, pages=here, missing=missing, expected=file.expected)
    return fault("rebuilt_pdf", where, pages=here) if file.is_damaged else None


def _plainly(opening: Callable[[], pikepdf.Pdf | None]) -> PdfFile | None:
    """The file as it is; None when anything about its pages is not in order."""
    try:
        pdf = opening()
    except pikepdf.PasswordError:
        raise
    except PDF_ERRORS:
        return None
    if pdf is None:
        return None
    try:
        count = _count(pdf)
        here = len(pdf.pages)
        said = [str(warning) for warning in pdf.get_warnings()]
        if here and all(_is_harmless(line) for line in said):
            return PdfFile(pdf, None, max(count, here), False, False, _boxless(said))
        if not here and not said and count == 0:
            return PdfFile(pdf, None, 0, False, False, frozenset())
    except PDF_ERRORS:
        pass
    pdf.close()
    return None


def _is_harmless(warning: str) -> bool:
    return any(words in warning for words in _HARMLESS)


def _boxless(said: list[str]) -> frozenset[int]:
    """Object numbers of the pages without a size; qpdf says so and takes a sheet of its own."""
    return frozenset(int(found[1]) for line in said if (found := _BOXLESS.search(line)))


def _rescued(path: Path, size: int, changed: int) -> PdfFile | None:
    """The file with a proper end, by its own page tree or else by the pages found in its bytes."""
    found = _traces(path, size, changed)
    for with_own_tree in (True, False):
        if not with_own_tree and not found.pages:
            break
        try:
            pdf = pdf_rescue.reopened(path, found, with_own_tree=with_own_tree)
        except pikepdf.PasswordError:
            raise
        except PDF_ERRORS:
            continue
        count = found.promised
        places: list[pikepdf.Object | None] = []
        try:
            count = max(count, _count(pdf))
            places = _places(pdf, found)
        except PDF_ERRORS:
            places = []
        pages = {
            place: pikepdf.Page(node)
            for place, node in enumerate(places)
            if node is not None and _is_whole(node, found.unfinished)
        }
        if pages or (places and with_own_tree):
            open_ended = not (with_own_tree or found.promised or found.has_end)
            expected = max(count, len(places))
            said = [str(warning) for warning in pdf.get_warnings()]
            return PdfFile(pdf, pages, expected, True, open_ended, _boxless(said))
        pdf.close()
    return None


@lru_cache(maxsize=4)  # the pages of one damaged PDF share one look through its bytes
def _traces(path: Path, size: int, changed: int) -> PdfTraces:
    return pdf_rescue.traces(path)


def _count(pdf: pikepdf.Pdf) -> int:
    """Number of pages by the page tree's own word; 0 where that is no number."""
    try:
        return max(int(pdf.Root.Pages.Count), 0)
    except PDF_ERRORS:
        return 0


def _places(pdf: pikepdf.Pdf, found: PdfTraces) -> list[pikepdf.Object | None]:
    """The pages in their order; None for each that is not in the file."""
    root = pdf.Root.Pages.objgen[0]
    if root not in found.kids:
        return list(_leaves(pdf.Root.Pages, set()))
    # qpdf has taken what is lost out of the tree; the bytes still tell where it was.
    nodes = [pdf.get_object((number, 0)) for number in found.leaves(root)]
    return [node if isinstance(node, pikepdf.Dictionary) else None for node in nodes]


def _leaves(
    node: pikepdf.Object | None, seen: set[tuple[int, int]]
) -> Iterator[pikepdf.Object | None]:
    """The pages of a tree in their order; None for each that is not in the file.

    A node that comes again holds no more pages (`PdfTraces.leaves`).
    """
    if not isinstance(node, pikepdf.Dictionary):
        yield None
    elif not isinstance(node.get("/Kids"), pikepdf.Array):
        yield node
    elif node.objgen not in seen:
        seen.update([node.objgen] if node.is_indirect else ())
        for kid in node.Kids:
            yield from _leaves(kid, seen)


def _is_whole(node: pikepdf.Object, unfinished: int) -> bool:
    """Whether what a page paints is in the file up to its end."""
    try:
        contents = node.get("/Contents")
        parts = contents if isinstance(contents, pikepdf.Array) else [contents]
        streams: list[pikepdf.Object | None] = list(parts)
        streams.extend(painted_images(pikepdf.Page(node)))
        return all(
            isinstance(stream, pikepdf.Stream) and stream.objgen[0] != unfinished
            for stream in streams
        )
    except PDF_ERRORS:
        return False
