"""The figures of the review station as plots, with the words of the reader's language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from markupsafe import Markup

from ocr_pipeline.written_numbers import number
from review_ui.figure_schemas import DashboardOut, ShareOut
from review_ui.plots import Bar, Range, bars, columns, ranges

Words = Callable[..., str]

_MOST_ROWS = 24
_MOST_DAYS = 62


def charts(figures: DashboardOut, t: Words, language: str) -> Mapping[str, Markup]:
    """One plot for each kind of figure that there is.

    Args:
        figures: of some days.
        t: gives the words under a key.
        language: `vi` or `en`, for numbers.

    """
    rows: dict[str, Sequence[Bar] | Sequence[Range]] = {
        "per_hour": [Bar(one.user, one.per_hour, number(one.per_hour)) for one in figures.people],
        "seconds": [
            Bar(
                f"{t('kind.' + one.kind)}, {t('action.' + one.action)}",
                one.p90,
                f"{number(one.median, 1, language)} – {number(one.p90, 1, language)}",
                one.median,
            )
            for one in sorted(figures.seconds, key=lambda one: -one.count)
        ],
        "samples": [
            _range(_what(one.book, one.kind, t), one.error, one, one.wrong, one.checked)
            for one in figures.samples
            if not (one.book and one.kind)  # the table has these, too
        ],
        "corrections": [
            _range(_what("", one.kind, t), one.share, one, one.changed, one.checked)
            for one in figures.corrections
        ],
        "agreement": [
            _range(_pair(one.users, t), one.share, one, one.alike, one.both)
            for one in figures.agreement
        ],
    }
    found: dict[str, Markup] = {}
    if figures.throughput:
        found["throughput"] = columns(t("dashboard.throughput"), _days(figures), language)
    for name, own in rows.items():
        title = t(f"dashboard.{name}")
        if own and isinstance(own[0], Range):
            found[name] = ranges(title, own[:_MOST_ROWS], language)  # type: ignore[arg-type]
        elif own:
            found[name] = bars(title, own[:_MOST_ROWS], language)  # type: ignore[arg-type]
    return found


def _days(figures: DashboardOut) -> list[tuple[str, float]]:
    """Decisions by day; days without any are there too."""
    counts: Counter[date] = Counter()
    for one in figures.throughput:
        counts[one.day] += one.decisions
    first, last = min(counts), max(counts)
    every = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [(f"{day:%d.%m}", float(counts[day])) for day in every][-_MOST_DAYS:]


def _range(name: str, share: float, of: ShareOut, part: int, whole: int) -> Range:
    return Range(name, share, of.low, of.high, f"{part}/{whole}")


def _pair(users: Sequence[str], t: Words) -> str:
    return " – ".join(users) if any(users) else t("people.all")


def _what(book: str, kind: str, t: Words) -> str:
    if not book and not kind:
        return t("people.all")
    return ", ".join(part for part in (book, t("kind." + kind) if kind else "") if part)
