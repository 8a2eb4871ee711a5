"""A book whose sheets were scanned in two halves becomes a folder with one picture a sheet.

Scans are taken in their order. Two that follow each other and show both halves of a form become
one file; every other scan is kept as it is, and a half that stands alone is told. Originals are
only read.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath

from ocr_pipeline.errors import BadInputError, ScanError, Text
from ocr_pipeline.layout.half_forms import SheetHalf, halves_of
from ocr_pipeline.layout.joined_sheet import SeenHalf, half_name
from ocr_pipeline.layout.loading import LoadedLayout
from ocr_pipeline.processing.half_pair import (
    NOT_BESIDE,
    SCAN_OTHER_HALF,
    PairFit,
    laid_together,
    picture_file,
    seen_half,
)
from ocr_pipeline.scans.pages import PageRef, find_pages, load_page
from ocr_pipeline.store.files import atomic_write, write_bytes
from ocr_pipeline.written_paths import written


class SheetKind(StrEnum):
    """How a file of the result came to be."""

    JOINED = "joined"
    KEPT = "kept"
    ALONE = "alone"  # a half without its other half
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class SheetFile:
    """One file of the result.

    Attributes:
        kind: how it came to be.
        scans: names of the scans that it shows.
        file: its path in the folder of the result; "" for a page that cannot be read.
        layout: id of the form of which halves were seen; else "".
        is_compared: the writing that both halves show agrees; False where they show too little.
        cause: why a half stands alone, or what is wrong with a scan.
        remedy: what to do about it.

    """

    kind: SheetKind
    scans: tuple[str, ...]
    file: str
    layout: str = ""
    is_compared: bool = False
    cause: Text | None = None
    remedy: Text | None = None


@dataclass(frozen=True, slots=True)
class _Half:
    ref: PageRef
    seen: SeenHalf

    @property
    def form(self) -> str:
        return self.seen.form.whole.layout.id


def join_sheets(
    book: Path,
    out: Path,
    layouts: Sequence[LoadedLayout],
    step: Callable[[str], None] = lambda _: None,
) -> list[SheetFile]:
    """Write the sheets of a book.

    Args:
        book: folder of its scans, or one file.
        out: folder for the sheets; empty or not there.
        layouts: forms that sheets may have; those wider than high count.
        step: told each scan's name when it is done.

    Returns:
        The files in order.

    Raises:
        BadInputError: `out` holds files, or no form is wider than high.
        ScanError: nothing in `book` is a scan.
        OSError: `out` cannot be written to.

    """
    forms = [loaded for loaded in layouts if halves_of(loaded)]
    if not forms:
        raise _no_wide_form()
    if out.exists() and any(out.iterdir()):
        raise _not_empty(out)
    refs, errors = find_pages(book)
    if not refs:
        raise errors[0]
    joiner = _Joiner(out, _several_pages(refs))
    for ref in refs:
        joiner.take(ref, forms)
        step(ref.name)
    joiner.let_go()
    return [*joiner.files, *(_faulty(error, error.where, "") for error in errors)]


def _faulty(error: ScanError, scan: str, file: str) -> SheetFile:
    return SheetFile(SheetKind.FAULT, (scan,), file, cause=error.cause, remedy=error.remedy)


def _several_pages(refs: Sequence[PageRef]) -> frozenset[Path]:
    """Files that hold more than one of the pages."""
    counts = Counter(ref.path for ref in refs)
    return frozenset(path for path, count in counts.items() if count > 1)


class _Joiner:
    """Takes scans in order; holds a half until the next scan shows whether it has another half."""

    def __init__(self, out: Path, several: frozenset[Path]) -> None:
        self.files: list[SheetFile] = []
        self._out, self._several = out, several
        self._held: _Half | None = None
        self._first = SheetHalf.LEFT  # which half of a sheet comes first in this book
        self._taken: set[str] = set()

    def take(self, ref: PageRef, forms: Sequence[LoadedLayout]) -> None:
        """One more scan."""
        try:
            seen = seen_half(ref, forms)
        except ScanError as error:
            self.let_go()
            file = "" if ref.path in self._several else self._copy(ref)
            self.files.append(_faulty(error, ref.name, file))
            return
        if seen is None:
            self.let_go()
            self.files.append(SheetFile(SheetKind.KEPT, (ref.name,), self._keep(ref)))
            return
        half = _Half(ref, seen)
        if self._held is None:
            self._held = half
        else:
            self._held = self._after(self._held, half)

    def let_go(self, cause: Text | None = None, remedy: Text | None = None) -> None:
        """Keep the half that is held as it is: it stands alone."""
        half, self._held = self._held, None
        if half is not None:
            self._keep_alone(half, cause or _alone(half), remedy or SCAN_OTHER_HALF)

    def _keep_alone(self, half: _Half, cause: Text, remedy: Text | None) -> None:
        scans, file = (half.ref.name,), self._keep(half.ref)
        self.files.append(
            SheetFile(SheetKind.ALONE, scans, file, half.form, cause=cause, remedy=remedy)
        )

    def _after(self, first: _Half, second: _Half) -> _Half | None:
        """Write what two halves in a row make; the second where it waits for the next scan."""
        if first.form != second.form or first.seen.form.side is second.seen.form.side:
            self.let_go()
            return second
        left, right = (first, second) if first.seen.form.side is SheetHalf.LEFT else (second, first)
        sheet = laid_together(left.seen, right.seen)
        if sheet.fit is PairFit.APART:
            for half in (first, second):
                self._keep_alone(half, sheet.cause or NOT_BESIDE, sheet.remedy)
            return None
        if sheet.fit is PairFit.TWO_SHEETS:
            self.let_go(sheet.cause)
            return second
        is_compared = sheet.fit is PairFit.ONE_SHEET
        if not is_compared and first.seen.form.side is not self._first:
            self.let_go()
            return second
        if is_compared:
            self._first = first.seen.form.side
        file = self._write(self._name(first.ref, second.ref), sheet.picture)
        scans = (left.ref.name, right.ref.name)
        self.files.append(SheetFile(SheetKind.JOINED, scans, file, left.form, is_compared))
        return None

    def _keep(self, ref: PageRef) -> str:
        """A scan as it is: the file itself, or the page of a file that holds several."""
        if ref.path not in self._several:
            return self._copy(ref)
        page = load_page(ref)
        return self._write(self._name(ref), picture_file(page.pixels, page.dpi))

    def _copy(self, ref: PageRef) -> str:
        name = self._free(PurePath(ref.name))
        with atomic_write(self._out / name) as temporary:
            shutil.copyfile(ref.path, temporary)
        return name

    def _write(self, name: PurePath, picture: bytes) -> str:
        free = self._free(name)
        write_bytes(self._out / free, picture)
        return free

    def _name(self, ref: PageRef, further: PageRef | None = None) -> PurePath:
        """`003.jpg` and `004.jpg` become `003-004.jpg`, page 3 of `so.pdf` becomes `so_3.jpg`.

        The files follow each other as the scans do.
        """
        stems = [
            f"{one.path.stem}_{one.index + 1}" if one.path in self._several else one.path.stem
            for one in (ref, further)
            if one is not None
        ]
        return PurePath(ref.name).with_name(f"{'-'.join(stems)}.jpg")

    def _free(self, name: PurePath) -> str:
        """The name, with a number where another file has it."""
        number, free = 1, name
        while str(free) in self._taken:
            number += 1
            free = name.with_stem(f"{name.stem}_{number}")
        self._taken.add(str(free))
        return str(free)


def _alone(half: _Half) -> Text:
    told = half_name(half.seen.form)
    return Text(
        f"{told.vi}; ảnh bên cạnh không phải nửa kia", f"{told.en}; no other half stands next to it"
    )


def _no_wide_form() -> BadInputError:
    return BadInputError(
        Text("Không có biểu mẫu nào nằm ngang", "No installed form is wider than high"),
        remedy=Text(
            "Soạn biểu mẫu của tờ trước: sohoa layout new, hoặc mục Biểu mẫu của cơ quan",
            "Author the form of the sheet first: sohoa layout new, or Forms of the office",
        ),
    )


def _not_empty(out: Path) -> BadInputError:
    return BadInputError(
        Text("Thư mục kết quả đã có tệp", "The folder for the result holds files"),
        where=written(out),
        remedy=Text("Chọn một thư mục trống", "Choose an empty folder"),
    )
