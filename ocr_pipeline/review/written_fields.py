"""What is written in fields under review, seen by the network: completions, places of words.

The frame scores of a page's doubtful fields are made once, by a process with limits, as soon as one
of them is put before a person, and kept in memory; nothing waits for them. Another process finds
the completions: its language models take seconds to load and some hundred megabytes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
from cachetools import LRUCache
from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr_pipeline.errors import MachineError, SohoaError, Text
from ocr_pipeline.processes.limited_calls import LimitedCalls
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.processing.book_hands import with_hand
from ocr_pipeline.processing.book_print import book_print
from ocr_pipeline.processing.corners import corners_by_hand
from ocr_pipeline.processing.field_scores import (
    Edges,
    FieldPlace,
    PageScores,
    ScoreJob,
    score_fields,
)
from ocr_pipeline.processing.office_networks import current_settings
from ocr_pipeline.reading.completions import Completion, completions
from ocr_pipeline.reading.decoding import LineScores
from ocr_pipeline.reading.word_places import FrameRun, WordPlace, word_places
from ocr_pipeline.registers.fields import Box, FieldKind, State
from ocr_pipeline.scans.limited_pages import opened
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.models import FieldRow, PageRow, RecordRow
from ocr_pipeline.store.page_decisions import decisions_in_force
from ocr_pipeline.store.page_parts import page_ref
from ocr_pipeline.store.states import Lane, PageKind
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.text.word_spans import Span

Out = TypeVar("Out")

TYPED_KINDS = frozenset(
    {
        FieldKind.PERSON_NAME, FieldKind.PLACE, FieldKind.AGENCY, FieldKind.POSITION,
        FieldKind.ETHNIC_GROUP, FieldKind.NATIONALITY, FieldKind.RELATION, FieldKind.FREE_TEXT,
        FieldKind.DATE, FieldKind.DATE_WORDS,
    }
)  # fmt: skip
"""Kinds whose values are typed letter by letter: other ones are shorter than a look at a list."""

#: Where the machine's reading must not be seen, completions by the ink would tell it.
_BLIND = frozenset({Lane.SECOND, Lane.ARBITRATION, Lane.SAMPLE})
_UNDECIDED = (State.IN_REVIEW, State.READ)
_MEMORY_BYTES = 96_000_000  # a line has 20 to 100 kB: some thousand fields
_SCORING = TaskLimits(seconds=60, nice=10)  # nobody waits for it: pictures go first
_DECODING = TaskLimits(seconds=30, nice=0)
_MOST_WAITING = 4  # completions; whoever types on has no use for older ones
_WAIT_SECONDS = 0.3  # for completions by the ink; then those without it are shown
_KEPT_FAULTS = 1000
_KEPT_SEARCHES = 64


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a field's ink is found.

    Attributes:
        page: folder of the workspace, content hash and fingerprint of the page.
        field: position and code.
        book: id of the book.
        name: of the page.

    """

    page: tuple[str, str, str]
    field: FieldPlace
    book: str
    name: str


_Asked = tuple[_Place, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word of a value and where it stands on the upright page; on two lines where it breaks."""

    span: Span
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class WordJob:
    """A value and the ink on which it is laid; picklable."""

    writing: LineScores
    value: str
    texts: tuple[str, ...]
    alphabet: str


@dataclass(frozen=True, slots=True)
class CompletionJob:
    """A typed beginning and the ink that it stands for; picklable."""

    writing: LineScores
    typed: str
    alphabet: str
    home: tuple[str, ...]
    values: tuple[str, ...]


class WrittenFields:
    """Frame scores of fields in memory; safe for use by several threads.

    Args:
        work: looks at fields in a process of its own, as `score_fields` does.

    """

    def __init__(self, work: Callable[[ScoreJob], PageScores] = score_fields) -> None:
        self._work = work
        self._scores = LimitedCalls(1, _SCORING)
        self._search = LimitedCalls(1, _DECODING)
        self._pages: LRUCache[tuple[str, str, str], PageScores] = LRUCache(_MEMORY_BYTES, _size)
        self._pending: dict[tuple[str, str, str], Future[PageScores | None]] = {}
        self._faults: LRUCache[tuple[str, str, str], bool] = LRUCache(_KEPT_FAULTS)
        #: Searches of late: one that came too late is there when the same is asked again.
        self._asked: LRUCache[_Asked, Future[list[Completion]]] = LRUCache(_KEPT_SEARCHES)
        self._homes: set[tuple[str, ...]] = set()
        self._lock = threading.Lock()
        self._preparing = ThreadPoolExecutor(1, thread_name_prefix="written-fields-of")
        self._looking = ThreadPoolExecutor(1, thread_name_prefix="written-fields")
        self._finding = ThreadPoolExecutor(1, thread_name_prefix="completions")
        self._waiting = 0

    def prepare(self, ws: Workspace, fields: Sequence[int]) -> None:
        """Have the ink of these fields looked at in the background; faults show nowhere."""
        self._preparing.submit(self._prepare, ws, fields)

    def _prepare(self, ws: Workspace, fields: Sequence[int]) -> None:
        with ws.read_session() as session:
            places = [place for field in fields if (place := _place(ws, session, field))]
            for place in {one.page: one for one in places}.values():
                self._begin(ws, session, place)
            homes = {book.agency.units for book in load_books(session, {p.book for p in places})}
        for home in homes - self._homes:
            self._homes.add(home)
            self._finding.submit(self._complete, CompletionJob(_NO_INK, "a", "a", home, ()))

    def completions(
        self,
        ws: Workspace,
        field: int,
        typed: str,
        values: Sequence[str] = (),
        wait_seconds: float | None = _WAIT_SECONDS,
    ) -> list[Completion]:
        """Values that begin as typed and fit the ink, best first.

        Args:
            ws: the workspace.
            field: id of the field.
            typed: the beginning.
            values: to be weighed beside those that the ink gives.
            wait_seconds: at most; None waits for the picture and the search.

        Returns:
            None of a field whose reading must not be seen, whose picture is not there (yet), or
            where the search takes longer than `wait_seconds`.

        """
        with ws.read_session() as session:
            place = _place(ws, session, field)
            if place is None:
                return []
            looking = self._begin(ws, session, place)
            [book] = load_books(session, [place.book])
        found = self._known(place) or _awaited(looking, wait_seconds)
        if found is None or place.field not in found.fields:
            return []
        job = CompletionJob(
            found.fields[place.field], typed, found.alphabet, book.agency.units, tuple(values)
        )
        asked = (place, typed, job.values)
        with self._lock:
            future = self._asked.get(asked)
            if future is None:
                if self._waiting >= _MOST_WAITING and wait_seconds is not None:
                    return []
                self._waiting += 1
                future = self._asked[asked] = self._finding.submit(self._counted, job)
        return _awaited(future, wait_seconds) or []

    def words(
        self,
        ws: Workspace,
        field: int,
        value: str,
        texts: Sequence[str] = (),
        wait_seconds: float | None = _WAIT_SECONDS,
    ) -> tuple[PlacedWord, ...] | None:
        """Where the words of a value stand on the page.

        Args:
            ws: the workspace.
            field: id of the field.
            value: as it is shown.
            texts: how it may stand on paper, besides the usual forms.
            wait_seconds: at most; None waits for the picture and the search.

        Returns:
            None while the page is looked at. No word of a field whose reading must not be seen,
            or whose ink cannot be found.

        """
        with ws.read_session() as session:
            place = _place(ws, session, field)
            if place is None:
                return ()
            looking = self._begin(ws, session, place)
        found = self._known(place) or _awaited(looking, wait_seconds)
        if found is None:
            return None if looking is not None and not looking.done() else ()
        edges = found.edges.get(place.field)
        if edges is None:
            return ()
        job = WordJob(found.fields[place.field], value, tuple(texts), found.alphabet)
        with self._lock:
            if self._waiting >= _MOST_WAITING and wait_seconds is not None:
                return None
            self._waiting += 1
        laid = _awaited(self._finding.submit(self._laid, job), wait_seconds)
        if laid is None:
            return None
        return tuple(PlacedWord(one.span, _boxes(one.runs, edges)) for one in laid)

    def close(self) -> None:
        """Stop the processes."""
        self._preparing.shutdown(wait=True, cancel_futures=True)
        self._scores.close()
        self._search.close()
        self._looking.shutdown(wait=True, cancel_futures=True)
        self._finding.shutdown(wait=True, cancel_futures=True)

    def _known(self, place: _Place) -> PageScores | None:
        with self._lock:
            found = self._pages.get(place.page)
        return found if found is not None and place.field in found.fields else None

    def _begin(
        self, ws: Workspace, session: Session, place: _Place
    ) -> Future[PageScores | None] | None:
        """Begin to look at the page, unless it is known, under way, or cannot be looked at."""
        if self._known(place) or place.page in self._faults:
            return None
        with self._lock:
            future = self._pending.get(place.page)
        if future is not None:
            return future
        job = _job(ws, session, place)
        with self._lock:
            future = self._pending[place.page] = self._looking.submit(self._look, place, job)
        return future

    def _look(self, place: _Place, job: ScoreJob) -> PageScores | None:
        try:
            found = opened(self._work, job, place.name, calls=self._scores)
            with self._lock:
                self._pages[place.page] = found
                if place.field not in found.fields:  # not looked for again
                    self._faults[place.page] = True
        except (SohoaError, OSError, ValueError):  # without ink there are the usual completions
            with self._lock:
                self._faults[place.page] = True
            return None
        finally:
            with self._lock:
                self._pending.pop(place.page, None)
        return found

    def _counted(self, job: CompletionJob) -> list[Completion]:
        try:
            return self._complete(job)
        finally:
            with self._lock:
                self._waiting -= 1

    def _laid(self, job: WordJob) -> tuple[WordPlace, ...]:
        try:
            return self._search.do(lay, job, _no_search)
        except (SohoaError, OSError):
            return ()
        finally:
            with self._lock:
                self._waiting -= 1

    def _complete(self, job: CompletionJob) -> list[Completion]:
        try:
            return self._search.do(complete, job, _no_search)
        except (SohoaError, OSError):
            return []


@cache
def written_fields() -> WrittenFields:
    """Those of this program."""
    return WrittenFields()


def complete(job: CompletionJob) -> list[Completion]:
    """The completions; what the limited process does."""
    return completions(job.writing, job.typed, job.alphabet, job.home, job.values)


def lay(job: WordJob) -> tuple[WordPlace, ...]:
    """The places of the words; what the limited process does."""
    return word_places(job.writing, job.value, job.texts, job.alphabet)


def _boxes(runs: Sequence[FrameRun], edges: Sequence[Edges]) -> tuple[Box, ...]:
    """The rectangles of the page around runs of frames."""
    out = []
    for line, first, last in runs:
        ends = edges[line][first : last + 1].reshape(-1, 2)
        left, top = (int(n) for n in np.floor(ends.min(axis=0)))
        right, bottom = (int(n) for n in np.ceil(ends.max(axis=0)))
        out.append(Box(left, top, right - left, bottom - top))
    return tuple(out)


_NO_INK = LineScores(FieldKind.PERSON_NAME, ())


def _place(ws: Workspace, session: Session, field: int) -> _Place | None:
    """Where the ink of a field is; None where it must not be told, or there is none to read."""
    row = session.get(FieldRow, field)
    if row is None or FieldKind(row.kind) not in TYPED_KINDS or (row.lane or None) in _BLIND:
        return None
    record = session.get_one(RecordRow, row.record)
    page = _page_row(session, record)
    if page is None or page.kind != PageKind.RECORD:
        return None
    key = (str(ws.folder), page.digest, page.fingerprint)
    return _Place(key, (record.position, row.code), row.book, record.page)


def _job(ws: Workspace, session: Session, place: _Place) -> ScoreJob:
    """All fields of the page that somebody may type, and the one asked for."""
    query = (
        select(RecordRow.position, FieldRow.code)
        .join(FieldRow, FieldRow.record == RecordRow.id)
        .where(RecordRow.book == place.book, RecordRow.page == place.name)
        .where(FieldRow.state.in_(_UNDECIDED), FieldRow.kind.in_(TYPED_KINDS))
    )
    fields = {place.field, *((position, code) for position, code in session.execute(query))}
    page = session.scalars(
        select(PageRow).where(PageRow.book == place.book, PageRow.name == place.name)
    ).one()
    decided = decisions_in_force(session, place.book, [page]).get(page.name)
    return ScoreJob(
        page_ref(page), page.digest, page.layout, page.turn, tuple(sorted(fields)),
        with_hand(ws.folder, place.book, current_settings(ws.folder), page.digest),
        corners_by_hand(decided), book_print(ws.folder, place.book),
    )  # fmt: skip


def _page_row(session: Session, record: RecordRow) -> PageRow | None:
    query = select(PageRow).where(PageRow.book == record.book, PageRow.name == record.page)
    return session.scalars(query).first()


def _awaited(future: Future[Out] | None, seconds: float | None) -> Out | None:
    if future is None:
        return None
    try:
        return future.result(seconds)
    except FutureTimeoutError:
        return None


def _size(scores: PageScores) -> int:
    lines = [line.nbytes for one in scores.fields.values() for line in one.lines]
    return sum(lines) + sum(e.nbytes for own in scores.edges.values() for e in own) + 1000


def _no_search(cause: Text) -> SohoaError:
    return MachineError(
        Text(f"Không tìm được gợi ý theo ảnh: {cause.vi}", f"No suggestions: {cause.en}"),
        remedy=Text("Gõ tiếp như thường", "Go on typing"),
    )
