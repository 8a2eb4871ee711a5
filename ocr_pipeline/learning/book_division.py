"""Which books teach and which are held back to compare: by book, for good."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from ocr_pipeline.processing.learning_record_schema import BookSides


def divide_books(books: Sequence[str], before: Iterable[BookSides], held_back: float) -> BookSides:
    """The sides of these books.

    A book that once taught a network is never held back later: it would praise that network. A new
    one is placed by a hash of its id, so that the order of work does not choose.

    Args:
        books: ids.
        before: sides in the networks that the office has.
        held_back: share (0–1) of the books that compare.

    """
    own, earlier = sorted(set(books)), list(before)
    taught = {book for sides in earlier for book in sides.learnt}
    kept = {book for sides in earlier for book in sides.held_back} - taught
    wanted = max(round(held_back * len(own)), 1)
    held = [book for book in own if book in kept]
    new = sorted((book for book in own if book not in taught | kept), key=_draw)
    held += new[: max(wanted - len(held), 0)]
    return BookSides(
        learnt=tuple(book for book in own if book not in held), held_back=tuple(sorted(held))
    )


def _draw(book: str) -> str:
    return hashlib.sha256(book.encode()).hexdigest()
