"""Frame scores of all fields of a book, kept in its workspace: a page is looked into once.

What a run keeps of a field are its readings. Who asks how well other texts fit the ink needs the
scores of the network: they are made from the scan, with the form and the turn that the run found,
and kept in the ledger. Of each frame only the likely characters are kept.
"""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from ocr_pipeline.errors import ScanError
from ocr_pipeline.processing.book_hands import reading_of
from ocr_pipeline.processing.book_print import book_print, stages_of_book
from ocr_pipeline.processing.corners import corners_by_hand
from ocr_pipeline.processing.field_scores import FieldPlace, PageScores, ScoreJob, scored
from ocr_pipeline.processing.office_networks import current_settings
from ocr_pipeline.processing.settings import combined_hash
from ocr_pipeline.reading.decoding import LineScores
from ocr_pipeline.reading.recogniser import Scores
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.scans.limited_pages import opened
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.codec import pack, unpack
from ocr_pipeline.store.commit_points import CommitPoint, reached
from ocr_pipeline.store.ledger import LedgerKey, StageOutcome, payloads, record_outcomes
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.page_decisions import decisions_in_force
from ocr_pipeline.store.page_parts import page_ref
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace

SCORES_STAGE = "field_scores"
"""The stage of the ledger."""

_FORMAT = "2"
_LEAST = 2e-5  # probability of a character that is kept: a text may spread 1e-3 over all of them
_STEP = 0.05  # nats: of kept logarithms, which have 8 bits
_AT_ONCE = 8  # pages kept in one transaction: what a kill costs
_MOST_THREADS = 4


@dataclass(frozen=True, slots=True)
class _PageToScore:
    """A page, the key its scores are kept under, and the job that makes them."""

    row: PageRow
    key: LedgerKey
    job: ScoreJob


def book_scores(
    ws: Workspace,
    book_id: str,
    *,
    advance: Callable[[], None] = lambda: None,
    work: Callable[[ScoreJob], bytes] | None = None,
) -> Iterator[tuple[str, PageScores]]:
    """The frame scores of all pages with records, in the order of the book, by page name.

    Scores that are not kept yet are made and kept, some pages at a time. A page whose scan cannot
    be opened any more has none.

    Args:
        ws: the workspace; the book has been read.
        book_id: the book.
        advance: called after each page.
        work: makes the scores of a page; tests put fakes here.

    Raises:
        MachineError: the model or the layouts are missing.

    """
    pages = _pages(ws, book_id)
    threads = min(_MOST_THREADS, os.cpu_count() or 1)
    waiting = iter(pages)
    while some := list(islice(waiting, _AT_ONCE)):
        with ws.read_session() as session:
            kept = payloads(session, [page.key for page in some])
        missing = [page for page in some if page.key not in kept]
        if missing:
            with ThreadPoolExecutor(threads) as pool:
                made = list(pool.map(lambda page: _made(page, work or score_page), missing))
            done = [one for one in made if one is not None]
            with ws.transaction() as session:
                record_outcomes(session, done)
                reached(CommitPoint.SCORES_WRITTEN)
            reached(CommitPoint.SCORES_COMMITTED)
            kept |= {one.key: one.payload for one in done}
        for page in some:
            advance()
            if page.key in kept:
                yield page.row.name, unpacked_scores(kept[page.key])


def _made(page: _PageToScore, work: Callable[[ScoreJob], bytes]) -> StageOutcome | None:
    begun = time.perf_counter()
    seconds = page.job.settings.page_seconds
    try:
        payload = opened(work, page.job, page.row.name, seconds=seconds)
    except ScanError:
        return None
    return StageOutcome(page.key, "scored", time.perf_counter() - begun, payload)


def _pages(ws: Workspace, book_id: str) -> list[_PageToScore]:
    """The pages with records, each with all fields that hold writing."""
    settings, own = current_settings(ws.folder), book_print(ws.folder, book_id)
    plain = stages_of_book(settings, own).fingerprint
    reading = reading_of(ws.folder, book_id, settings, plain)
    with ws.read_session() as session:
        rows = [row for row in book_pages(session, book_id) if row.kind == PageKind.RECORD]
        decided = decisions_in_force(session, book_id, rows)
        fields: dict[str, list[FieldPlace]] = {}
        for record in load_records(session, book_id):
            fields.setdefault(record.page, []).extend(
                (record.position, code)
                for code, one in record.fields.items()
                if one.kind is not FieldKind.TICK
            )
        pages = []
        for row in rows:
            with_hand, fingerprint = reading.of(row.digest)
            places = tuple(fields.get(row.name, ()))
            job = ScoreJob(
                page_ref(row), row.digest, row.layout, row.turn, places, with_hand,
                corners_by_hand(decided.get(row.name)), own,
            )  # fmt: skip
            wanted = repr((row.fingerprint, own.digest if own else "", job.ref.part, places))
            hashed = combined_hash(_FORMAT, fingerprint, wanted)
            pages.append(_PageToScore(row, LedgerKey(SCORES_STAGE, row.digest, hashed), job))
    return pages


def score_page(job: ScoreJob) -> bytes:
    """The scores of a page with the real stages, packed; what a limited process does.

    Raises:
        ScanError: the scan cannot be opened.
        MachineError: the model or the layouts are missing.

    """
    return packed_scores(scored(job, stages_of_book(job.settings, job.book_print)))


def packed_scores(scores: PageScores) -> bytes:
    """The likely characters of each frame, as the ledger keeps them."""
    return pack(
        {
            "alphabet": scores.alphabet,
            "fields": [
                {
                    "position": position, "code": code, "kind": str(one.kind),
                    "lexicon": one.lexicon, "join": one.join,
                    "lines": [_packed_line(line) for line in one.lines],
                }
                for (position, code), one in scores.fields.items()
            ],
        }
    )  # fmt: skip


def unpacked_scores(payload: bytes) -> PageScores:
    """What `packed_scores` kept, to within 0.03 nats for likely characters.

    Raises:
        DatabaseBrokenError: it is damaged.

    """
    data: Mapping[str, Any] = unpack(payload)
    classes = 1 + len(data["alphabet"])
    fields = {
        (int(one["position"]), str(one["code"])): LineScores(
            one["kind"],
            tuple(_unpacked_line(line, classes) for line in one["lines"]),
            one["lexicon"],
            one["join"],
        )
        for one in data["fields"]
    }
    return PageScores(data["alphabet"], fields)


def _packed_line(line: Scores) -> list[str]:
    scores = line.astype(np.float32)
    likely = scores > np.log(_LEAST)
    likely[np.arange(len(scores)), scores.argmax(axis=1)] = True
    counts = likely.sum(axis=1).astype(np.uint16)
    _, columns = np.nonzero(likely)
    steps = np.clip(np.round(-scores[likely] / _STEP), 0, 255).astype(np.uint8)
    return [_text(counts), _text(columns.astype(np.uint16)), _text(steps)]


def _unpacked_line(texts: Sequence[str], classes: int) -> Scores:
    counts, columns = (np.frombuffer(base64.b64decode(t), np.uint16) for t in texts[:2])
    steps = np.frombuffer(base64.b64decode(texts[2]), np.uint8)
    scores = np.full((len(counts), classes), np.log(_LEAST / classes), np.float32)
    frames = np.repeat(np.arange(len(counts)), counts)
    scores[frames, columns] = -_STEP * steps.astype(np.float32)
    return scores


def _text(values: Any) -> str:
    return base64.b64encode(values.tobytes()).decode("ascii")
