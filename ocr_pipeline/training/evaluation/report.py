"""The evaluation as a whole: groups of fields, page counts, JSON and a self-contained HTML page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from ocr_pipeline.html_templates import html_templates
from ocr_pipeline.store.files import write_text
from ocr_pipeline.training.evaluation.effort import ReviewEffort, review_effort
from ocr_pipeline.training.evaluation.field_pairs import (
    ComparedField,
    PageOutcomes,
    PairCounts,
    ResultLine,
    Truth,
    pair,
)
from ocr_pipeline.training.evaluation.metrics import MANY_BOOKS, SEED, Estimate, Metrics, measure
from ocr_pipeline.training.evaluation.unattended import (
    EmptyBoxes,
    UnattendedRecords,
    empty_boxes,
    unattended_records,
)

_WORST = 40


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """Everything `sohoa eval` measured.

    Attributes:
        overall: all fields together.
        by_kind: per field kind; likewise `by_script` (handwritten, typed, blank) and `by_book`.
        counts: pages and records, among them those that could not be compared.
        wrong_accepted: the wrong fields that went out without a person, the surest first.
        resampled: what the bootstrap drew: `books` or `pages`.
        effort: what the doubts cost people.
        records: how many need nobody.
        empty: how many empty boxes need nobody.

    """

    overall: Metrics
    by_kind: Mapping[str, Metrics]
    by_script: Mapping[str, Metrics]
    by_book: Mapping[str, Metrics]
    counts: PairCounts
    wrong_accepted: tuple[ComparedField, ...]
    resampled: str
    effort: ReviewEffort
    records: UnattendedRecords
    empty: EmptyBoxes

    def as_dict(self) -> dict[str, Any]:
        """Plain data; proportions 0–1; `null` where nothing could be measured."""
        groups = {"kind": self.by_kind, "script": self.by_script, "book": self.by_book}
        pages = [
            {"truth": kind, "outcome": outcome, "pages": count}
            for (kind, outcome), count in sorted(self.counts.pages.items())
        ]
        return {
            "overall": self.overall.as_dict(),
            **{
                f"by_{name}": {key: metrics.as_dict() for key, metrics in group.items()}
                for name, group in groups.items()
            },
            "effort": asdict(self.effort),
            "records": {**asdict(self.records), "share": asdict(self.records.share)},
            "empty": asdict(self.empty),
            "counts": {**asdict(self.counts), "pages": pages},
            "wrong_accepted": [asdict(item) for item in self.wrong_accepted],
            "intervals": {"level": 0.95, "resampled": self.resampled},
        }

    def to_json(self) -> str:
        """`as_dict` as text, the same for the same input."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    def to_html(self) -> str:
        """One HTML page: no script, no other files, plots as SVG inside."""
        # Only here: Matplotlib writes a list of fonts into the home folder when it is imported, and
        # the station, which measures too, draws nothing.
        from ocr_pipeline.training.evaluation import plots

        environment = html_templates("ocr_pipeline.training.evaluation")
        environment.filters["percent"] = _percent
        environment.filters["number"] = _number
        return environment.get_template("report.html").render(
            report=self,
            counts=self.counts,
            groups=[
                ("Theo loại trường", "By field kind", self.by_kind),
                ("Theo cách ghi", "By script", self.by_script),
                ("Theo sổ", "By book", self.by_book),
            ],
            pages=sorted(self.counts.pages.items()),
            reliability=plots.reliability(self.overall),
            risk=plots.risk_coverage({"tất cả / all": self.overall}),
            risk_by_kind=plots.risk_coverage(self.by_kind),
        )

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write `eval.json` and `eval.html` into `folder` and say where."""
        data, page = folder / "eval.json", folder / "eval.html"
        write_text(data, self.to_json())
        write_text(page, self.to_html())
        return data, page


def evaluate(
    truths: Sequence[Truth],
    results: Iterable[ResultLine],
    *,
    outcomes: PageOutcomes | None = None,
    kinds: Mapping[str, str] | None = None,
    seed: int = SEED,
    spent: tuple[int, float] | None = None,
) -> EvaluationReport:
    """Compare readings with known truth.

    Args:
        truths: one per book (see `load_truths`); an empty list gives a report of zero fields.
        results: the records of `sohoa results` for these books.
        outcomes: what became of each page by (book, page), e.g. `read`, `refused`, `failed`.
        kinds: kind by field code, for fields that no result mentions.
        seed: of the bootstrap.
        spent: keys and seconds of the people who have decided fields of these books.

    """
    items, counts = pair(truths, results, outcomes, kinds)
    counts.misplaced = _misplaced(items)
    by_book = counts.books_in_truth >= MANY_BOOKS

    def grouped(key: Callable[[ComparedField], str]) -> dict[str, Metrics]:
        groups: dict[str, list[ComparedField]] = {}
        for item in items:
            groups.setdefault(key(item), []).append(item)
        return {name: measure(groups[name], by_book=by_book, seed=seed) for name in sorted(groups)}

    wrong = [i for i in items if i.accepted and not i.right and i.filled]
    wrong.sort(key=lambda i: (-(i.confidence or 0.0), i.book, i.page, i.code))
    return EvaluationReport(
        overall=measure(items, by_book=by_book, seed=seed),
        by_kind=grouped(lambda item: item.kind),
        by_script=grouped(lambda item: item.script or "surplus"),
        by_book=grouped(lambda item: item.book),
        counts=counts,
        wrong_accepted=tuple(wrong[:_WORST]),
        resampled="books" if by_book else "pages",
        effort=review_effort(
            items, counts.records_in_truth - counts.records_missing, *(spent or ())
        ),
        records=unattended_records(items),
        empty=empty_boxes(items),
    )


def _misplaced(
    items: Sequence[ComparedField], *, enough: int = 5, hopeless: float = 0.8
) -> list[str]:
    """Pages with five or more filled fields, none of them right, most characters wrong."""
    pages: dict[tuple[str, str], list[ComparedField]] = {}
    for item in items:
        if item.true_written and item.confidence is not None:
            pages.setdefault((item.book, item.page), []).append(item)
    found = []
    for (book, page), fields in sorted(pages.items()):
        edits = sum(Levenshtein.distance(i.written, i.true_written) for i in fields)
        length = sum(len(i.true_written) for i in fields)
        right = any(i.value == i.true_value for i in fields)
        if len(fields) >= enough and not right and edits > hopeless * length:
            found.append(f"{book}: {page}")
    return found


def _percent(estimate: Estimate, digits: int = 1) -> str:
    if estimate.value is None:
        return "–"
    text = f"{100 * estimate.value:.{digits}f} %"
    if estimate.low is None or estimate.high is None:
        return text
    return f"{text} ({100 * estimate.low:.{digits}f}–{100 * estimate.high:.{digits}f})"


def _number(estimate: Estimate) -> str:
    if estimate.value is None:
        return "–"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} ({estimate.low:.3f}–{estimate.high:.3f})"
