"""Which pages of a book are read with its own hand, and where that is kept.

A hand is one file of the workspace's folder, `hands/BOOK.hand`, written whole or not at all. It
counts for the pages that were in doubt when it was learnt and for pages that came since; pages
without a doubt keep the reading they had. A file that is damaged, or that belongs to another model,
counts for nothing: the network alone reads then.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from ocr_pipeline.errors import MachineError
from ocr_pipeline.processing.settings import RunSettings, fingerprint_with_hand
from ocr_pipeline.reading.book_hand import BookHand, HandFacts, load_hand, packed_hand
from ocr_pipeline.reading.models import network_fingerprint
from ocr_pipeline.store.files import file_errors_explained, make_folders, write_bytes

FOLDER = "hands"
_NAME_LETTERS = 100  # file systems take 255 bytes


def hand_file(folder: Path, book_id: str) -> Path:
    """Where the hand of a book is kept.

    Args:
        folder: of the workspace.
        book_id: the book.

    """
    plain = len(book_id) <= _NAME_LETTERS and not set(book_id) & set('/\\:*?"<>|')
    name = book_id if plain else sha256(book_id.encode()).hexdigest()
    return folder / FOLDER / f"{name}.hand"


def keep_hand(
    folder: Path, book_id: str, hand: BookHand, facts: HandFacts, former: BookHand | None = None
) -> None:
    """Keep the hand of a book in the place of the one it had.

    Args:
        folder: of the workspace.
        book_id: the book.
        hand: the hand.
        facts: what it was learnt from.
        former: the hand that it had, with which some of its pages were read.

    Raises:
        MachineError: the folder cannot be written to, the disk is full.

    """
    path = hand_file(folder, book_id)
    with file_errors_explained(folder):
        make_folders(path.parent, within=folder)
        write_bytes(path, packed_hand(hand, facts, former), within=folder)


def forget_hand(folder: Path, book_id: str) -> bool:
    """Take away the hand of a book; whether it had one."""
    path = hand_file(folder, book_id)
    with file_errors_explained(folder):
        try:
            path.unlink()
        except FileNotFoundError:
            return False
    return True


def rename_hand(folder: Path, book_id: str, new: str) -> None:
    """Have the hand of a book go along when the book gets another id."""
    with file_errors_explained(folder), suppress(FileNotFoundError):
        hand_file(folder, book_id).replace(hand_file(folder, new))


def facts_of(folder: Path, book_id: str, settings: RunSettings) -> HandFacts | None:
    """What is known of the hand of a book; None where there is none that counts.

    Raises:
        MachineError: the model of `settings` is missing or damaged.

    """
    path = hand_file(folder, book_id)
    if not path.is_file():
        return None
    try:
        _, facts = load_hand(path)
    except MachineError:
        return None
    return facts if facts.base == network_fingerprint(settings.model) else None


def with_hand(folder: Path, book_id: str, settings: RunSettings, digest: str) -> RunSettings:
    """The settings with which a page is looked at again: with the hand of its book, if it has one.

    Args:
        folder: of the workspace.
        book_id: the book.
        settings: without any hand.
        digest: content hash of the page.

    Raises:
        MachineError: the model of `settings` is missing or damaged.

    """
    facts = facts_of(folder, book_id, settings)
    if facts is None or digest in facts.left:
        return settings
    file = str(hand_file(folder, book_id).absolute())
    return replace(settings, hand=file, hand_digest=facts.digest)


@dataclass(frozen=True, slots=True)
class BookReading:
    """How the pages of one book are read.

    Attributes:
        settings: with the network alone.
        fingerprint: of the page stage under these.
        hand: of the book; None where it has none.
        left: content hashes of the pages that are read with the network alone all the same.
        with_hand: settings and fingerprint of the others.

    """

    settings: RunSettings
    fingerprint: str
    hand: HandFacts | None
    left: frozenset[str]
    with_hand: tuple[RunSettings, str]

    def of(self, digest: str) -> tuple[RunSettings, str]:
        """Settings, and fingerprint of the page stage, for a page with this content hash."""
        alone = self.hand is None or digest in self.left
        return (self.settings, self.fingerprint) if alone else self.with_hand


def reading_of(folder: Path, book_id: str, settings: RunSettings, fingerprint: str) -> BookReading:
    """How the pages of a book are read.

    Args:
        folder: of the workspace.
        book_id: the book.
        settings: of the run.
        fingerprint: of the page stage under these settings.

    Raises:
        MachineError: the model of `settings` is missing or damaged.

    """
    facts = facts_of(folder, book_id, settings)
    return reading_with(folder, book_id, settings, fingerprint, facts)


def reading_with(
    folder: Path, book_id: str, settings: RunSettings, fingerprint: str, facts: HandFacts | None
) -> BookReading:
    """As `reading_of`, of a book whose hand is known."""
    left: Iterable[str] = ()
    other = settings, fingerprint
    if facts is not None:
        file = str(hand_file(folder, book_id).absolute())
        own = replace(settings, hand=file, hand_digest=facts.digest)
        other = own, fingerprint_with_hand(fingerprint, facts.digest)
        # Another software reads every page anew: then all of them with the hand.
        left = facts.left if facts.page == fingerprint else ()
    return BookReading(settings, fingerprint, facts, frozenset(left), other)
