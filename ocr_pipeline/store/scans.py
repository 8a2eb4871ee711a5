"""Where the scans are that people decided on: a decision goes with its scan, not with a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ocr_pipeline.store.models import EntryRow, PageRow, ScanRow
from ocr_pipeline.store.page_cuts import CutChange, MovedField, PageCuts, cut_changes, form_name
from ocr_pipeline.store.review_models import DecisionRow, PageDecisionRow

_AT_ONCE = 500  # databases limit the number of parameters


@dataclass(frozen=True, slots=True)
class ScanPlace:
    """The page that shows what people decided on a scan.

    Attributes:
        page: name of the page.
        same: it shows the very picture; else another scan that came under the name.

    """

    page: str
    same: bool


@dataclass(frozen=True, slots=True)
class ScanPlaces:
    """Where the scans of a book are now.

    Attributes:
        here: page name by digest of its scan; a scan that is there twice has its first page.
        followers: by digest of a scan that was there, the digest of the one that stands for it, and
            whether both show the same picture.
        layouts: layout of each page by its name; "" when it has none.
        cuts: by page name, the cuts that people gave it; absent for most pages.

    """

    here: Mapping[str, str]
    followers: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    layouts: Mapping[str, str] = field(default_factory=dict)
    cuts: Mapping[str, PageCuts] = field(default_factory=dict)

    @property
    def digests(self) -> dict[str, str]:
        """Digest of the scan by page name."""
        return {page: digest for digest, page in self.here.items()}

    def find(self, digest: str) -> ScanPlace | None:
        """Where the scan is, or what stands for it; None when it is gone."""
        same, seen = True, set[str]()
        while digest not in self.here:
            if digest in seen or digest not in self.followers:
                return None
            seen.add(digest)
            digest, kept = self.followers[digest]
            same = same and kept
        return ScanPlace(self.here[digest], same)

    def page_of(self, digest: str) -> str | None:
        """Name of the page that shows this very picture; None when there is none."""
        place = self.find(digest)
        return place.page if place and place.same else None

    def form_of(self, page: str) -> str:
        """The form that a page is read with, as entries name it; "" when it has none."""
        cuts = self.cuts.get(page)
        return form_name(self.layouts.get(page, ""), cuts.mark if cuts else "")

    def moved(self, page: str, form: str, position: int, code: str) -> MovedField | None:
        """Where a field of this very page is that a person decided on (`PageCuts.place`)."""
        cuts = self.cuts.get(page, PageCuts(()))
        return cuts.place(form, position, code, self.form_of(page))

    @property
    def cut_scans(self) -> list[str]:
        """Digests of scans whose pages were cut by people."""
        return [d for d in (*self.here, *self.followers) if self.page_of(d) in self.cuts]


def scan_places(session: Session, book_id: str) -> ScanPlaces:
    """Where the scans of a book are."""
    pages = (
        select(PageRow.digest, PageRow.name, PageRow.layout)
        .where(PageRow.book == book_id, PageRow.digest != "", PageRow.duplicate_of == "")
        .order_by(PageRow.ordinal)
    )
    here: dict[str, str] = {}
    layouts: dict[str, str] = {}
    for digest, page, layout in session.execute(pages):
        here.setdefault(digest, page)
        layouts[page] = layout
    places = ScanPlaces(here, _followers(session, book_id), layouts)
    return _with_cuts(places, cut_changes(session, book_id))


def places_of_page(session: Session, book_id: str, page: str) -> ScanPlaces:
    """The same, of the scans that this page shows or stands for; cheap in a book of many pages."""
    here = (
        select(PageRow.digest, PageRow.layout)
        .where(PageRow.book == book_id, PageRow.name == page)
        .where(PageRow.digest != "", PageRow.duplicate_of == "")
    )
    found = session.execute(here).first()
    if found is None:
        return ScanPlaces({})
    followers: dict[str, tuple[str, bool]] = {}
    front = {found.digest}
    while front:
        query = select(ScanRow.digest, ScanRow.follower, ScanRow.same_picture).where(
            ScanRow.book == book_id, ScanRow.follower.in_(front)
        )
        before = {row.digest: (row.follower, row.same_picture) for row in session.execute(query)}
        there = select(PageRow.digest).where(
            PageRow.book == book_id, PageRow.digest.in_(before), PageRow.duplicate_of == ""
        )
        back = set(session.scalars(there)) if before else set()
        front = set(before) - back - set(followers)
        followers |= {digest: before[digest] for digest in front}
    places = ScanPlaces({found.digest: page}, followers, {page: found.layout})
    return _with_cuts(places, cut_changes(session, book_id, {found.digest, *followers}))


def _with_cuts(places: ScanPlaces, changes: Iterable[tuple[str, CutChange]]) -> ScanPlaces:
    found: dict[str, list[CutChange]] = {}
    for digest, change in changes:
        if (page := places.page_of(digest)) is not None:
            found.setdefault(page, []).append(change)
    return replace(places, cuts={page: PageCuts(tuple(of)) for page, of in found.items()})


def digest_of(session: Session, book_id: str, page: str) -> str:
    """Content hash of the scan of a page; "" when it has none."""
    query = select(PageRow.digest).where(PageRow.book == book_id, PageRow.name == page)
    return session.scalar(query) or ""


def scans_of(session: Session, book_id: str) -> dict[str, ScanRow]:
    """All scans that are or were pages of a book, by digest."""
    query = select(ScanRow).where(ScanRow.book == book_id)
    return {row.digest: row for row in session.scalars(query)}


def pages_elsewhere(
    session: Session,
    book_id: str,
    digests: Iterable[str],
    kind: str = "",
    books: Iterable[str] | None = None,
) -> dict[str, PageRow]:
    """A page of another book that holds each of these scans, by digest.

    Args:
        session: an open session.
        book_id: the book that is left out.
        digests: of the scans.
        kind: only pages of this kind, if given.
        books: only pages of these books, if given.

    """
    wanted, found = list(digests), dict[str, PageRow]()
    for start in range(0, len(wanted), _AT_ONCE):
        part = PageRow.digest.in_(wanted[start : start + _AT_ONCE])
        query = select(PageRow).where(part, PageRow.book != book_id)
        if kind:
            query = query.where(PageRow.kind == kind)
        if books is not None:
            query = query.where(PageRow.book.in_(list(books)))
        found |= {row.digest: row for row in session.scalars(query.order_by(PageRow.id.desc()))}
    return found


def decisions_by_scan(session: Session, book_id: str) -> Counter[str]:
    """How many decisions people have made on each scan of a book, by digest.

    Each field counts once: by its newest entry unless that took everything back, or by what is
    keyed or asked. What was said of the page as a whole counts once, and so does its place, and
    each position that holds no record.
    """
    newest = (
        select(func.max(EntryRow.id))
        .where(EntryRow.book == book_id)
        .group_by(EntryRow.digest, EntryRow.position, EntryRow.code)
    )
    entered = select(EntryRow.digest, EntryRow.position, EntryRow.code).where(
        EntryRow.id.in_(newest), EntryRow.state != "read"
    )
    opened = select(DecisionRow.digest, DecisionRow.position, DecisionRow.code).where(
        DecisionRow.book == book_id, DecisionRow.entry.is_(None), DecisionRow.withdrawn.is_(False)
    )
    fields = {tuple(row) for query in (entered, opened) for row in session.execute(query)}
    found = Counter(str(digest) for digest, *_ in fields)
    said: dict[tuple[str, str], bool] = {}
    of_pages = select(
        PageDecisionRow.digest, PageDecisionRow.action, PageDecisionRow.details
    ).where(PageDecisionRow.book == book_id)
    for digest, action, details in session.execute(of_pages.order_by(PageDecisionRow.id)):
        about = {"place": "place"}.get(action, "page")
        if action in ("drop", "bring_back"):
            about = f"position {details['position']}"
        said[digest, about] = action not in ("restore", "bring_back")
    found.update(digest for (digest, _), counts in said.items() if counts)
    return found


def _followers(session: Session, book_id: str) -> dict[str, tuple[str, bool]]:
    query = select(ScanRow.digest, ScanRow.follower, ScanRow.same_picture).where(
        ScanRow.book == book_id, ScanRow.follower != ""
    )
    return {digest: (follower, same) for digest, follower, same in session.execute(query)}
