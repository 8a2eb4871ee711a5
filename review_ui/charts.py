"""The figures of the review station as plots, with the words of the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from markupsafe import Markup

from review_ui.plots import Bar, Range, bars, columns, ranges
from review_ui.schemas_books import Dashboard

Words = Callable[..., str]

_MOST_ROWS = 24


def charts(figures: Dashboard, t: Words) -> Mapping[str, Markup]:
    """One plot for each kind of figure that there is.

    Args:
        figures: of some days.
        t: gives the words under a key.

    """
    found: dict[str, Markup] = {}
    if figures.days:
        days = [(f"{day.day:%d.%m}", float(day.fields)) for day in figures.days]
        found["throughput"] = columns(t("dashboard.throughput"), days)
    if figures.people:
        people = [Bar(one.user, one.per_hour, f"{one.per_hour:.0f}") for one in figures.people]
        found["per_hour"] = bars(t("dashboard.per_hour"), people[:_MOST_ROWS])
    if figures.seconds:
        rows = [
            Bar(
                f"{t('kind.' + one.kind)}, {t('action.' + one.action)}",
                one.p90,
                f"{one.median:.1f} – {one.p90:.1f}",
                one.median,
            )
            for one in sorted(figures.seconds, key=lambda one: -one.count)
        ]
        found["seconds"] = bars(t("dashboard.seconds"), rows[:_MOST_ROWS], " s")
    if figures.sampled:
        shares = [
            Range(
                _what(one.book, one.kind, t),
                one.rate,
                one.low,
                one.high,
                f"{one.wrong}/{one.checked}",
            )
            for one in figures.sampled
        ]
        found["sampled"] = ranges(t("dashboard.sampled"), shares[:_MOST_ROWS])
    if figures.agreement:
        pairs = [
            Bar(f"{one.first} – {one.second}", 100 * one.rate, f"{one.same}/{one.count}")
            for one in figures.agreement
        ]
        found["agreement"] = bars(t("dashboard.agreement"), pairs[:_MOST_ROWS], " %")
    return found


def _what(book: str, kind: str, t: Words) -> str:
    if not book and not kind:
        return t("people.all")
    return ", ".join(part for part in (book, t("kind." + kind) if kind else "") if part)
