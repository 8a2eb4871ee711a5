"""Halves of sheets in a book are joined to sheets, each of which the run reads as a page.

A run refuses the scan of a half and says which half of which form it shows. Two of one form that
follow each other are laid together; the writing on the strip that both show tells whether they are
of one sheet. A half that stays alone is told with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr_pipeline.errors import ScanError, SohoaError, Text
from ocr_pipeline.layout.half_forms import HalfForm, SheetHalf, halves_of
from ocr_pipeline.layout.picture_fault import JOIN_HALVES, half_alone
from ocr_pipeline.processes.limited_calls import LimitedCalls
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.processing.book_print import book_print
from ocr_pipeline.processing.half_pair import (
    NOT_BESIDE,
    SCAN_OTHER_HALF,
    HalfPair,
    JoinedPair,
    PairFit,
    join_pair,
)
from ocr_pipeline.processing.joined_scans import keep_joined_scan
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.processing.stages import layouts_in_use
from ocr_pipeline.scans.pages import PageRef
from ocr_pipeline.store.approvals import is_closed
from ocr_pipeline.store.books import book_pages, find_page
from ocr_pipeline.store.codec import message_columns
from ocr_pipeline.store.commit_points import CommitPoint, reached
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.page_parts import page_ref
from ocr_pipeline.store.states import SHOWN_ELSEWHERE, PageKind
from ocr_pipeline.store.workspace import Workspace

_SECONDS = 120.0  # for two scans; of 110 dpi they take 4, of 300 dpi 9
_WHY = "; "  # between what is wrong with a scan and why it was not joined
_ASIDE = frozenset({*SHOWN_ELSEWHERE, PageKind.SKIPPED, PageKind.GONE})  # not between two halves


@dataclass(frozen=True, slots=True)
class HalfJoiningSummary:
    """What came of the halves of a book.

    Attributes:
        book: its id.
        sheets: how many were joined.
        by_order: of these, how many by the order of the scans alone.
        alone: halves that stay.

    """

    book: str
    sheets: int
    by_order: int
    alone: int


@dataclass(frozen=True, slots=True)
class _HalfPage:
    name: str
    digest: str
    ref: PageRef
    half: HalfForm

    @property
    def form(self) -> str:
        return self.half.whole.layout.id


def has_untried_halves(session: Session, book_id: str) -> bool:
    """Whether a book that is open has halves which nobody has tried to join."""
    untried = select(PageRow.id).where(
        PageRow.book == book_id,
        PageRow.kind == PageKind.REFUSED.value,
        PageRow.remedy_vi == JOIN_HALVES.vi,
    )
    return session.scalar(untried.limit(1)) is not None and not is_closed(session, book_id)


class HalfJoining:
    """Joins the halves of one book after the other; the run has the workspace to itself.

    Args:
        ws: the workspace.
        settings: of the run: the forms that a sheet may have.
        processes: pairs that are looked at at once.
        nice: how far these step back for everybody else on the machine (0–19).
        look: looks at a pair; tests put fakes here.

    """

    def __init__(
        self,
        ws: Workspace,
        settings: RunSettings,
        processes: int,
        nice: int,
        look: Callable[[HalfPair], JoinedPair] = join_pair,
    ) -> None:
        self._ws, self._settings, self._processes, self._look = ws, settings, processes, look
        self._calls = LimitedCalls(processes, TaskLimits(seconds=_SECONDS, nice=nice))

    def join(self, book_id: str) -> HalfJoiningSummary | None:
        """Join what belongs together, if the book has halves that nobody has tried to join.

        Its scans are to be looked at then: the pages of the sheets are made from them.

        Raises:
            SohoaError: the machine lacks something, the database is gone, the disk is full.
            OSError: the workspace cannot be written to.
            RuntimeError: `stop` was called.

        """
        with self._ws.read_session() as session:
            if not has_untried_halves(session, book_id):
                return None
            rounds = _Rounds(self._half_pages(session, book_id))
        by_order = sheets = 0
        while pairs := rounds.pairs():
            found = self._looked_at(rounds, pairs)
            for pair, joined in rounds.settled(pairs, found):
                sheets += 1
                if joined.fit is PairFit.UNCOMPARED:
                    self._keep(rounds, pair, joined)
                    by_order += 1
        reached(CommitPoint.HALVES_JOINED)
        alone = list(rounds.alone())
        with self._ws.transaction() as session:
            for page, cause, remedy in alone:
                _tell_alone(session, book_id, page, cause, remedy)
        return HalfJoiningSummary(book_id, sheets, by_order, len(alone))

    def stop(self) -> None:
        """End at once; what was joined is kept."""
        self._calls.close()

    def _half_pages(self, session: Session, book_id: str) -> list[_HalfPage | None]:
        """The halves of a book in its order; None stands for any other page between them."""
        layouts = layouts_in_use(self._settings)
        if own := book_print(self._ws.folder, book_id):
            loaded = own.loaded()
            layouts = {**layouts, loaded.layout.id: loaded}
        causes = {
            half_alone(half).cause.vi: half for form in layouts.values() for half in halves_of(form)
        }
        rows = [row for row in book_pages(session, book_id) if row.kind not in _ASIDE]
        return [_half_page(row, causes) for row in rows]

    def _looked_at(self, rounds: _Rounds, pairs: Sequence[tuple[int, int]]) -> list[JoinedPair]:
        def look(places: tuple[int, int]) -> JoinedPair:
            first, second = (rounds.page(place) for place in places)
            told = partial(_fault, first.name)
            pair = HalfPair(first.ref, second.ref, first.half.whole)
            try:
                joined = self._calls.do(self._look, pair, told)
            except ScanError as error:
                return JoinedPair(PairFit.APART, cause=error.cause, remedy=error.remedy)
            if joined.fit is not PairFit.ONE_SHEET:
                return joined
            self._keep(rounds, places, joined)  # 2 MB each: not held until all are there
            return replace(joined, picture=b"")

        with ThreadPoolExecutor(self._processes) as threads:
            return list(threads.map(look, pairs))

    def _keep(self, rounds: _Rounds, pair: tuple[int, int], joined: JoinedPair) -> None:
        first, second = (rounds.page(place).digest for place in pair)
        is_compared = joined.fit is PairFit.ONE_SHEET
        keep_joined_scan(self._ws.folder, (first, second), joined.picture, is_compared=is_compared)


def _fault(name: str, cause: Text) -> SohoaError:
    return ScanError(cause, where=name, remedy=SCAN_OTHER_HALF)


def _half_page(row: PageRow, causes: Mapping[str, HalfForm]) -> _HalfPage | None:
    half = causes.get(row.cause_vi.partition(_WHY)[0])
    if row.kind != PageKind.REFUSED or half is None:
        return None
    return _HalfPage(row.name, row.digest, page_ref(row), half)


def _tell_alone(
    session: Session, book_id: str, page: _HalfPage, why: Text, remedy: Text | None
) -> None:
    row = find_page(session, book_id, page.name)
    if row is None or row.digest != page.digest or row.kind != PageKind.REFUSED:
        return
    cause = half_alone(page.half).cause
    told = Text(f"{cause.vi}{_WHY}{why.vi}", f"{cause.en}{_WHY}{why.en}")
    for name, text in message_columns(told, remedy).items():
        setattr(row, name, text)


class _Rounds:
    """Which halves of a book are tried with which: neighbours first, what is left once more."""

    def __init__(self, pages: Sequence[_HalfPage | None]) -> None:
        self._pages = pages
        self._free = {place for place, page in enumerate(pages) if page is not None}
        self._tried: dict[tuple[int, int], JoinedPair] = {}
        self._first: Counter[SheetHalf] = Counter()  # which half of a sheet comes first

    def page(self, place: int) -> _HalfPage:
        """The half at a place in the book."""
        page = self._pages[place]
        assert page is not None
        return page

    def pairs(self) -> list[tuple[int, int]]:
        """The pairs to look at next, no half in two of them; none when nothing is left to try."""
        found: list[tuple[int, int]] = []
        for place in sorted(self._free):
            pair = (place - 1, place)
            is_new = pair not in self._tried and place - 1 in self._free
            if is_new and not (found and found[-1][1] == place - 1) and self._may_fit(*pair):
                found.append(pair)
        return found

    def settled(
        self, pairs: Sequence[tuple[int, int]], found: Sequence[JoinedPair]
    ) -> Iterator[tuple[tuple[int, int], JoinedPair]]:
        """The pairs that make a sheet: where nothing could be compared, by the book's own order."""
        tried = dict(zip(pairs, found, strict=True))
        self._tried |= tried
        sure = [pair for pair, one in tried.items() if one.fit is PairFit.ONE_SHEET]
        self._first.update(self.page(first).half.side for first, _ in sure)
        for pair, one in tried.items():
            by_order = one.fit is PairFit.UNCOMPARED and self._is_usual(pair[0])
            if one.fit is PairFit.ONE_SHEET or by_order:
                self._free -= set(pair)
                yield pair, one

    def alone(self) -> Iterator[tuple[_HalfPage, Text, Text | None]]:
        """The halves that are left, why, and what to do about each."""
        for place in sorted(self._free):
            told = [one for pair, one in self._tried.items() if place in pair and one.cause]
            why = told[0] if told else JoinedPair(PairFit.APART, cause=NOT_BESIDE)
            yield self.page(place), why.cause or NOT_BESIDE, why.remedy or SCAN_OTHER_HALF

    def _may_fit(self, first: int, second: int) -> bool:
        one, other = self.page(first), self.page(second)
        return one.form == other.form and one.half.side is not other.half.side

    def _is_usual(self, first: int) -> bool:
        """Whether the half at this place comes first on the sheets of this book, too."""
        usual = self._first.most_common(1)
        return self.page(first).half.side is (usual[0][0] if usual else SheetHalf.LEFT)
