"""Fit the confidence of a model: books with known truth → features and labels → calibration.json.

Books are split: the regression sees the first part, the monotone tail the second; thresholds and
reports belong to books that neither has seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ocr_pipeline.books.inventory import find_books
from ocr_pipeline.errors import BadInputError, ScanError, Text
from ocr_pipeline.imaging.page import flatten
from ocr_pipeline.layout.cutting import cut
from ocr_pipeline.layout.detection import detect
from ocr_pipeline.layout.loading import LoadedLayout, load_layouts
from ocr_pipeline.layout.registration import register
from ocr_pipeline.reading.confidence import FEATURES
from ocr_pipeline.reading.models import Model
from ocr_pipeline.reading.reader import Observation, Reader
from ocr_pipeline.registers.fields import Kind, Script
from ocr_pipeline.registers.values import normalise_value
from ocr_pipeline.scans.pages import PageRef, find_pages, load_page

Floats = npt.NDArray[np.float64]

_LEAST = 8  # right and wrong fields of a kind, together, before it gets an intercept of its own


@dataclass(frozen=True, slots=True)
class Sample:
    """One field with its truth.

    Attributes:
        book: id of the book, the unit of splitting.
        kind: the field's kind.
        observation: what reading saw.
        value, as_written: the truth.

    """

    book: str
    kind: Kind
    observation: Observation
    value: str
    as_written: str = ""

    @property
    def right(self) -> bool:
        """The value read is the true one, as far as the field itself can tell it."""
        read = self.observation.reading.value
        return read == self.value or (
            bool(read) and read == normalise_value(self.kind, self.as_written)
        )


@dataclass(frozen=True, slots=True)
class Quality:
    """How well probabilities fit: expected calibration error (10 bins) and log loss."""

    fields: int
    right: float
    ece: float
    log_loss: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """A calibration ready to write, and how good it is on books that the fit has not seen."""

    data: dict[str, Any] = field(default_factory=dict)
    before: Quality | None = None
    after: Quality | None = None


def collect(books: Iterable[Path], model: Model) -> list[Sample]:
    """Read books whose truth is known.

    Args:
        books: folders with `truth.json` beside their scans.
        model: what reads.

    Returns:
        One sample for each field of each page that could be aligned.

    Raises:
        BadInputError: a book has no truth.

    """
    layouts = {loaded.layout.id: loaded for loaded in load_layouts()}
    reader = Reader(model)
    return [sample for book in books for sample in _of_book(book, reader, layouts)]


def _of_book(folder: Path, reader: Reader, layouts: dict[str, LoadedLayout]) -> list[Sample]:
    path = folder / "truth.json"
    if not path.is_file():
        raise BadInputError(
            Text("Không có truth.json", "There is no truth.json"),
            where=str(folder),
            remedy=Text("Chỉ ra thư mục sổ có đáp án", "Name folders of books with known truth"),
        )
    truth = json.loads(path.read_text("utf-8"))
    home = next((b.agency.units for b in find_books(folder.parent)[0] if b.path == folder), ())
    pages = {page["page"]: page for page in truth["pages"] if page["kind"] == "record"}
    out = []
    for ref in find_pages(folder)[0]:
        if ref.name in pages:
            for position, seen in _observed(ref, reader, layouts, truth.get("layout", ""), home):
                records = {r["position"]: r["fields"] for r in pages[ref.name]["records"]}
                for code, told in records.get(position, {}).items():
                    if code in seen:
                        out.append(_sample(truth["book"], seen[code], told))
    return out


def _sample(book: str, seen: Observation, told: dict[str, str]) -> Sample:
    return Sample(book, seen.reading.kind, seen, told["value"], told.get("as_written", ""))


def _observed(
    ref: PageRef,
    reader: Reader,
    layouts: dict[str, LoadedLayout],
    prior: str,
    home: tuple[str, ...],
) -> list[tuple[int, dict[str, Observation]]]:
    """Fields of a page by record; nothing for a page that cannot be aligned."""
    try:
        flat = flatten(load_page(ref))
    except ScanError:
        return []
    found = detect(flat.gray, list(layouts.values()), prior)
    if found.layout_id is None:
        return []
    loaded = layouts[found.layout_id]
    aligned = register(flat.gray, loaded, found.turn)
    if not aligned.accepted:
        return []
    crops = cut(flat, loaded, aligned)
    return [(c.position, seen) for c, seen in zip(crops, reader.observe(crops, home), strict=True)]


def fit(samples: Sequence[Sample], *, sources: str, seed: int = 0) -> Fitted:
    """Fit features to labels.

    Args:
        samples: from `collect`, of at least two books.
        sources: what the books are, for the file.
        seed: decides which books go to which part.

    Raises:
        BadInputError: too few books, or nothing was read wrong (or right) anywhere.

    """
    parts = _split(samples, seed)
    table = [_table(part) for part in parts]
    (kinds, x, y), (tail_kinds, tail_x, tail_y), (test_kinds, test_x, test_y) = table
    if len(set(y)) < 2 or not len(tail_y) or not len(test_y):
        raise BadInputError(
            Text("Quá ít sổ để hiệu chỉnh", "Too few books to calibrate on"),
            remedy=Text("Cần ít nhất 6 sổ có cả ô đọc đúng và đọc sai",
                        "At least 6 books are needed, with fields read right and wrong"),
        )  # fmt: skip
    centre, scale = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-3)
    weights, intercepts = _regress((x - centre) / scale, y, kinds)

    def plain(kinds_: Sequence[str], x_: Floats) -> Floats:
        base = np.array([intercepts.get(k, intercepts[""]) for k in kinds_])
        return np.asarray(1 / (1 + np.exp(-(((x_ - centre) / scale) @ weights + base))))

    tail = _tail(plain(tail_kinds, tail_x), tail_y)
    raw = plain(test_kinds, test_x)
    data = {
        "features": list(FEATURES),
        "weights": _rounded(weights),
        "centre": _rounded(centre),
        "scale": _rounded(scale),
        "intercepts": {k: round(float(v), 4) for k, v in sorted(intercepts.items())},
        "tail": [_rounded(tail[0]), _rounded(tail[1])],
        "blank": _rounded(_blank([s for part in parts[:2] for s in part])),
        "tick": _rounded(_tick([s for part in parts[:2] for s in part])),
        "sources": sources,
        "books": {name: sorted({s.book for s in part}) for name, part in zip(
            ("regression", "tail", "test"), parts, strict=True)},
    }  # fmt: skip
    shares = 1 / (1 + np.exp(-test_x[:, FEATURES.index("margin")]))
    before, after = _quality(shares, test_y), _quality(np.interp(raw, *tail), test_y)
    data["quality"] = {
        name: {"fields": q.fields, "right": round(q.right, 4), "ece": round(q.ece, 4),
               "log_loss": round(q.log_loss, 4)}
        for name, q in (("before", before), ("after", after))
    }  # fmt: skip
    return Fitted(data, before, after)


def write(fitted: Fitted, folder: Path) -> Path:
    """Write `calibration.json` into a model's folder."""
    path = folder / "calibration.json"
    text = json.dumps(fitted.data, ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def _split(samples: Sequence[Sample], seed: int) -> tuple[list[Sample], list[Sample], list[Sample]]:
    books = sorted({s.book for s in samples})
    order = np.random.default_rng(seed).permutation(len(books))
    part = {books[b]: (0, 0, 0, 1, 1, 2)[k % 6] for k, b in enumerate(order)}
    out: tuple[list[Sample], list[Sample], list[Sample]] = ([], [], [])
    for sample in samples:
        out[part[sample.book]].append(sample)
    return out


def _table(samples: Sequence[Sample]) -> tuple[list[str], Floats, Floats]:
    read = [s for s in samples if len(s.observation.features)]
    features = [s.observation.features for s in read]
    x = np.array(features) if features else np.zeros((0, len(FEATURES)))
    return [str(s.kind) for s in read], x, np.array([float(s.right) for s in read])


def _regress(x: Floats, y: Floats, kinds: Sequence[str]) -> tuple[Floats, dict[str, float]]:
    """Logistic regression with an intercept for each kind, both shrunk by a ridge."""
    from sklearn.linear_model import LogisticRegression

    names = sorted(k for k in set(kinds) if sum(k == other for other in kinds) >= _LEAST)
    own = np.array([[float(k == name) for name in names] for k in kinds])
    both = np.hstack([x, own.reshape(len(x), len(names))])
    model = LogisticRegression(C=1.0, max_iter=2000).fit(both, y)
    weights, base = model.coef_[0], float(model.intercept_[0])
    count = x.shape[1]
    return weights[:count], {
        "": base,
        **{n: base + float(w) for n, w in zip(names, weights[count:], strict=True)},
    }


def _tail(predicted: Floats, y: Floats) -> tuple[Floats, Floats]:
    """A monotone table on the logit scale, never surer than its part of the books allows."""
    from sklearn.isotonic import IsotonicRegression

    logit = np.log(np.clip(predicted, 1e-6, 1 - 1e-6) / np.clip(1 - predicted, 1e-6, 1))
    edges = np.unique(np.quantile(logit, np.linspace(0, 1, 25)))
    bins = np.clip(np.searchsorted(edges, logit, side="right") - 1, 0, len(edges) - 2)
    used = [b for b in range(len(edges) - 1) if (bins == b).any()]
    x = np.array([predicted[bins == b].mean() for b in used])
    counts = np.array([(bins == b).sum() for b in used], float)
    right = np.array([y[bins == b].sum() for b in used])
    smoothed = (right + x * 2) / (counts + 2)
    level = IsotonicRegression(y_min=0.0, y_max=1.0).fit(x, smoothed, sample_weight=counts)
    values = np.asarray(level.predict(x), float)
    best = 1 - 0.5 / max(counts[-1], 1)
    xs = np.concatenate(([0.0], x, [1.0]))
    ys = np.concatenate(([0.0], values, [max(float(values[-1]), min(best, 0.9995))]))
    return xs, ys


def _blank(samples: Sequence[Sample]) -> Floats:
    """Slope and intercept on the ink left in fields found blank."""
    found = [s for s in samples if s.observation.reading.script is Script.BLANK
             and s.kind is not Kind.TICK]  # fmt: skip
    return _line([s.observation.ink_mm2 for s in found], [not s.as_written for s in found],
                 (-1.0, 5.0))  # fmt: skip


def _tick(samples: Sequence[Sample]) -> Floats:
    found = [s for s in samples if s.observation.tick is not None]
    p = np.clip([s.observation.tick or 0.0 for s in found], 1e-6, 1 - 1e-6)
    return _line(np.log(p / (1 - p)).tolist(), [s.right for s in found], (1.0, 0.0))


def _line(x: Sequence[float], y: Sequence[bool], default: tuple[float, float]) -> Floats:
    """One-variable logistic fit; the default, tempered by the data, where all labels agree."""
    from sklearn.linear_model import LogisticRegression

    if len(set(y)) < 2 or min(sum(y), len(y) - sum(y)) < 3:
        return np.array(default)
    model = LogisticRegression(C=10.0).fit(np.array(x)[:, None], np.array(y))
    return np.array([float(model.coef_[0][0]), float(model.intercept_[0])])


def _quality(p: Floats, y: Floats) -> Quality:
    bins = np.minimum((p * 10).astype(int), 9)
    gaps = [abs(float((p[bins == b] - y[bins == b]).sum())) for b in range(10) if (bins == b).any()]
    clipped = np.clip(p, 1e-6, 1 - 1e-6)
    loss = -float(np.mean(y * np.log(clipped) + (1 - y) * np.log(1 - clipped)))
    return Quality(len(y), float(y.mean()), sum(gaps) / len(y), loss)


def _rounded(values: Floats) -> list[float]:
    return [round(float(v), 5) for v in values]
