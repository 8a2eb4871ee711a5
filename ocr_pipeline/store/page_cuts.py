"""Pages cut anew: which field of the page as it is cut now is the one that a person decided.

A decision belongs to a position of the form its scan was read with. Other corners can shift the
rows of a form, so each cut that a person gives has a mark, entries are kept under the form with its
mark, and the decision that cuts anew says where each position of the cut before has gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr_pipeline.store.review_models import PageDecisionRow

_CUTTING = ("reread", "restore")
_MARK = "#"


@dataclass(frozen=True, slots=True)
class MovedField:
    """Where a field of a former cut is now; `kept`: its box is the same, its decision counts."""

    position: int
    kept: bool


@dataclass(frozen=True, slots=True)
class CutChange:
    """How one cut of a page became the next one.

    Attributes:
        before: form and mark of the cut before; "" when the page had no records.
        mark: of the new cut; "" for what the machine finds.
        places: by former position, the one that it has now, and the codes whose boxes lie
            elsewhere; all of them when None. What lies nowhere on the new cut is absent.

    """

    before: str = ""
    mark: str = ""
    places: Mapping[int, tuple[int, frozenset[str] | None]] | None = None

    def as_details(self) -> dict[str, Any]:
        """What the decision keeps under `cut`."""
        places = {
            str(position): [to, None if lost is None else sorted(lost)]
            for position, (to, lost) in sorted((self.places or {}).items())
        }
        return {"before": self.before, "mark": self.mark, "places": places}

    @classmethod
    def from_details(cls, details: Mapping[str, Any]) -> CutChange | None:
        """What `as_details` gave; None for a decision of a version that marked no cuts."""
        cut = details.get("cut")
        if cut is None:
            return None
        places = {
            int(position): (int(to), None if lost is None else frozenset(lost))
            for position, (to, lost) in cut["places"].items()
        }
        return cls(cut["before"], cut["mark"], places)

    def move(self, place: MovedField, code: str) -> MovedField | None:
        """Where a field of the cut before is on the new one; None when it is nowhere."""
        found = (self.places or {}).get(place.position)
        if found is None:
            return None
        to, lost = found
        return MovedField(to, place.kept and lost is not None and code not in lost)


@dataclass(frozen=True, slots=True)
class PageCuts:
    """All cuts that people gave a page, oldest first."""

    changes: tuple[CutChange, ...]

    @property
    def mark(self) -> str:
        """The mark of the cut in force."""
        return self.changes[-1].mark if self.changes else ""

    def place(self, form: str, position: int, code: str, now: str) -> MovedField | None:
        """Where a field is that a person decided on.

        Args:
            form: that its position is one of, as its entry keeps it.
            position: on that form.
            code: of the field.
            now: form and mark that the page is read with.

        Returns:
            None when no field of the page lies there any more.

        """
        if form in ("", now):
            return MovedField(position, True)
        starts = [at for at, change in enumerate(self.changes) if change.before == form]
        if not starts:  # never compared with what came after it
            return MovedField(position, False)
        found: MovedField | None = MovedField(position, True)
        for change in self.changes[starts[-1] :]:
            found = change.move(found, code) if found else None
        return found


def form_name(layout: str, mark: str) -> str:
    """A form as entries name it: the layout, with the mark of the cut that a person gave."""
    return f"{layout}{_MARK}{mark}" if layout and mark else layout


def cut_changes(
    session: Session, book_id: str, digests: Iterable[str] | None = None
) -> list[tuple[str, CutChange]]:
    """(content hash of the scan, change) of a book (or of some of its scans), oldest first."""
    query = select(PageDecisionRow.digest, PageDecisionRow.details).where(
        PageDecisionRow.book == book_id, PageDecisionRow.action.in_(_CUTTING)
    )
    if digests is not None:
        query = query.where(PageDecisionRow.digest.in_(list(digests)))
    rows = session.execute(query.order_by(PageDecisionRow.id))
    found = ((digest, CutChange.from_details(details)) for digest, details in rows)
    return [(digest, change) for digest, change in found if change is not None]
