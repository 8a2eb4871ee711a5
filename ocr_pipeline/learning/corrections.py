"""What people have entered in the books of an office, gathered where they allow it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ocr_pipeline.errors import Text, UsageError
from ocr_pipeline.processing.confirmed_writing import WritingJob, writing_jobs
from ocr_pipeline.processing.office_networks import current_settings
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.learning_consent import learning_consent
from ocr_pipeline.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class BookCorrections:
    """What people have entered in one book.

    Attributes:
        book: its id.
        ws: the workspace that it lies in.
        settings: with which a network reads there.
        home: units of its agency, smallest first.
        jobs: its pages with fields that people confirmed or corrected.

    """

    book: str
    ws: Workspace = field(repr=False)
    settings: RunSettings = field(repr=False)
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


def gather(workspaces: Sequence[Workspace], model: str, most_fields: int) -> list[BookCorrections]:
    """The books in which people confirmed or corrected fields, workspace by workspace, by id.

    No picture is opened yet.

    Args:
        workspaces: of one office.
        model: name or folder of the network that reads.
        most_fields: of one book.

    Raises:
        UsageError: nobody has allowed to learn from one of the workspaces.

    """
    for ws in workspaces:
        require_consent(ws)
    return [one for ws in workspaces for one in _in_workspace(ws, model, most_fields)]


def _in_workspace(ws: Workspace, model: str, most_fields: int) -> list[BookCorrections]:
    settings = replace(current_settings(ws.folder), model=model)
    found = []
    with ws.read_session() as session:
        for book in load_books(session):
            jobs = writing_jobs(session, book.id, settings, most=most_fields)
            if jobs:
                found.append(BookCorrections(book.id, ws, settings, book.agency.units, tuple(jobs)))
    return found
