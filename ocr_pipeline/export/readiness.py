"""What still keeps a book from going out: while anything is listed, the export refuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.errors import ScanError, SohoaError, Text
from ocr_pipeline.export.book_data import BookData
from ocr_pipeline.export.cases import ExportCase, make_cases
from ocr_pipeline.export.faults import PackageFault, fault
from ocr_pipeline.export.rule_faults import record_faults, refused
from ocr_pipeline.registers.fields import Severity, State
from ocr_pipeline.registers.templates import Template
from ocr_pipeline.scans.pages import PageRef, digest

_UNAPPROVED = "not_approved"
_WAITING = frozenset({State.READ, State.IN_REVIEW})
# A blank with doubts is one that a person called so: the machine's own have none.
_SEEN_BY_PEOPLE = frozenset({State.CONFIRMED, State.CORRECTED, State.UNREADABLE, State.BLANK})


class UnfinishedBookError(SohoaError):
    """The book cannot go out yet; `obstacles` lists everything that is in the way."""

    obstacles: tuple[PackageFault, ...] = ()

    @classmethod
    def of(cls, book_id: str, obstacles: Sequence[PackageFault]) -> UnfinishedBookError:
        """The error for a book with its obstacles."""
        if all(obstacle.rule == _UNAPPROVED for obstacle in obstacles):
            error = cls(obstacles[0].message, where=book_id, remedy=obstacles[0].remedy)
        else:
            error = cls._with_open_points(book_id, obstacles)
        error.obstacles = tuple(obstacles)
        return error

    @classmethod
    def _with_open_points(
        cls, book_id: str, obstacles: Sequence[PackageFault]
    ) -> UnfinishedBookError:
        count = len(obstacles)
        return cls(
            Text(
                f"Sổ chưa xong: còn {count} điểm cần xử lý; "
                f"điểm đầu tiên: {obstacles[0].message.vi}",
                f"The book is not finished: {count} points are open; "
                f"the first: {obstacles[0].message.en}",
            ),
            where=book_id,
            remedy=Text(
                "Rà soát các trường còn lại, hoặc xuất bản nháp bằng --draft",
                "Review what is left, or export a draft with --draft",
            ),
        )


def find_obstacles(data: BookData, template: Template, naming: NamingRule) -> list[PackageFault]:
    """Everything that keeps a book from going out; empty when it is ready.

    A person who confirms a field answers the doubts about it; what the import itself would refuse
    (forms, codes, names, scans) stays an obstacle whoever says what.

    Args:
        data: the book as it stands.
        template: the Excel template.
        naming: how files are named.

    """
    return _obstacles(data, _cases(data, template, naming), template)


def require_ready(data: BookData, template: Template, naming: NamingRule) -> list[ExportCase]:
    """The cases of a finished and approved book: what an exporter of final files begins with.

    Raises:
        UnfinishedBookError: something is still open, or the book is not approved and nobody asked
            for it without approval; `obstacles` lists all of it.

    """
    cases = _cases(data, template, naming)
    obstacles = _obstacles(data, cases, template)
    if data.unapproved and not data.without_approval:
        vi, en = data.unapproved.vi, data.unapproved.en
        obstacles.append(fault(_UNAPPROVED, "", vi=vi, en=en))
    if obstacles:
        raise UnfinishedBookError.of(data.book.id, obstacles)
    return cases


def _cases(data: BookData, template: Template, naming: NamingRule) -> list[ExportCase]:
    return make_cases(data.book, data.records, template, naming, data.continuations, data.dropped)


def _obstacles(
    data: BookData, cases: Sequence[ExportCase], template: Template
) -> list[PackageFault]:
    found = [
        fault("page_waiting", page, vi=reason.vi, en=reason.en) for page, reason in data.waiting
    ]
    found += [
        fault(f"{lane}_open", f"{page} ({position})", column=code)
        for page, position, code, lane in data.unsettled
    ]
    if not cases:
        found.append(fault("no_records", ""))
    for case in cases:
        found += _unanswered(case)
        found += _refused_cells(case, template)
    found += _scans(cases, data.pages, data.digests)
    found += _same_names(cases)
    return found


def _unanswered(case: ExportCase) -> Iterator[PackageFault]:
    """Hard doubts nobody has answered; fields that wait for any other reason."""
    for code, field in case.record.fields.items():
        if field.state in _SEEN_BY_PEOPLE:
            continue
        hard = [doubt for doubt in field.doubts if doubt.severity is Severity.HARD]
        for doubt in hard:
            vi, en = doubt.message.vi, doubt.message.en
            yield fault(
                "hard_doubt", case.place, row=case.excel_row, column=code, id=doubt.rule,
                vi=vi, en=en,
            )  # fmt: skip
        if field.state in _WAITING and not hard:
            yield fault("in_review", case.place, row=case.excel_row, column=code)


def _refused_cells(case: ExportCase, template: Template) -> Iterator[PackageFault]:
    return filter(refused, record_faults(case.row, template.type, case.place, case.excel_row))


def _scans(
    cases: Sequence[ExportCase], pages: Mapping[str, PageRef], digests: Mapping[str, str]
) -> Iterator[PackageFault]:
    state: dict[str, str] = {}
    for case in cases:
        for name in case.pages:
            if name not in state:
                state[name] = _scan_state(pages.get(name), digests.get(name))
            if state[name]:
                yield fault(state[name], name, row=case.excel_row)


def _scan_state(ref: PageRef | None, expected: str | None) -> str:
    if ref is None or not ref.path.is_file():
        return "scan_missing"
    if expected is None:
        return ""
    try:
        return "" if digest(ref) == expected else "scan_changed"
    except ScanError:
        return "scan_missing"


def _same_names(cases: Sequence[ExportCase]) -> Iterator[PackageFault]:
    first: dict[str, ExportCase] = {}
    for case in cases:
        if not case.pdf:
            continue
        other = first.setdefault(case.pdf.casefold(), case)
        if other is not case:
            yield fault(
                "same_file_name",
                case.place,
                row=case.excel_row,
                column="so",
                text=case.pdf,
                first=other.place,
            )
