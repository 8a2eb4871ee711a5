"""What people have entered in the books of a workspace, gathered where they allow it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from ocr_pipeline.errors import Text, UsageError
from ocr_pipeline.processing.confirmed_writing import WritingJob, writing_jobs
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.learning_consent import learning_consent
from ocr_pipeline.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class BookCorrections:
    """What people have entered in one book.

    Attributes:
        book: its id.
        home: units of its agency, smallest first.
        jobs: its pages with fields that people confirmed or corrected.

    """

    book: str
    home: tuple[str, ...] = ()
    jobs: tuple[WritingJob, ...] = field(default=(), repr=False)

    @property
    def kinds(self) -> Mapping[str, int]:
        """Number of these fields by kind."""
        return Counter(known.kind.value for job in self.jobs for known in job.fields)

    @property
    def fields(self) -> int:
        """Number of these fields."""
        return sum(self.kinds.values())


def require_consent(ws: Workspace) -> None:
    """Make sure that somebody has allowed to learn from this workspace.

    Raises:
        UsageError: nobody has.

    """
    with ws.read_session() as session:
        consent = learning_consent(session)
    if not consent.given:
        raise UsageError(
            Text(
                "Cơ quan chưa cho phép học từ các giá trị đã sửa; chưa dùng gì",
                "The office has not allowed learning from corrections; nothing was used",
            ),
            where=str(ws.folder),
            remedy=Text(
                "Người có quyền cho phép ở trang Quy định của trạm rà soát, hoặc bằng: sohoa "
                "network allow",
                "Whoever may do so allows it on the page Policies of the review station, or by: "
                "sohoa network allow",
            ),
        )


def gather(ws: Workspace, settings: RunSettings, most_fields: int) -> list[BookCorrections]:
    """The books of a workspace in which people confirmed or corrected fields, by id.

    No picture is opened yet.

    Args:
        ws: the workspace.
        settings: of the network that reads in it.
        most_fields: of one book.

    Raises:
        UsageError: nobody has allowed to learn from this workspace.

    """
    require_consent(ws)
    found = []
    with ws.read_session() as session:
        for book in load_books(session):
            jobs = writing_jobs(session, book.id, settings, most=most_fields)
            if jobs:
                found.append(BookCorrections(book.id, book.agency.units, tuple(jobs)))
    return found
