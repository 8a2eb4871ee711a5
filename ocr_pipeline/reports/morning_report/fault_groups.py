"""Pages that failed, like ones together: two hundred of a kind are one line."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ocr_pipeline.errors import Text
from ocr_pipeline.reports.morning_report.report import FaultGroup
from ocr_pipeline.store.totals import FailedPage

FIRST = 5  # pages of a group that are named
_FIGURES = re.compile(r"\d+(?:[.,]\d+)*")


class _Group:
    def __init__(self, page: FailedPage) -> None:
        self.kind = page.kind
        self.cause = Text(page.cause_vi, page.cause_en)
        self.remedy = Text(page.remedy_vi, page.remedy_en) if page.remedy_vi else None
        self.pages = 0
        self.first: list[str] = []
        self.alike = True


def group(pages: Iterable[FailedPage], most: int = FIRST) -> tuple[FaultGroup, ...]:
    """Groups of pages with the same kind, cause and remedy; causes may differ in their figures.

    The largest group comes first and names its first `most` pages; where causes differ in
    figures, the group's shows dots for them.
    """
    groups: dict[tuple[str, str, str], _Group] = {}
    for page in pages:
        key = page.kind, _FIGURES.sub("#", page.cause_vi), page.remedy_vi
        found = groups.setdefault(key, _Group(page))
        found.pages += 1
        found.alike = found.alike and found.cause.vi == page.cause_vi
        if len(found.first) < most:
            found.first.append(f"{page.book} {page.name}")
    ordered = sorted(groups.values(), key=lambda one: -one.pages)
    return tuple(
        FaultGroup(one.kind, _cause(one), one.remedy, one.pages, tuple(one.first))
        for one in ordered
    )


def _cause(group: _Group) -> Text:
    if group.alike:
        return group.cause
    return Text(_FIGURES.sub("…", group.cause.vi), _FIGURES.sub("…", group.cause.en))
