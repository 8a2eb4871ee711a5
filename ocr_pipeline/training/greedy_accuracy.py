"""Measure a network by greedy decoding: characters and words wrong, lines right, by set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import torch
from rapidfuzz.distance import Levenshtein

from ocr_pipeline.reading.line_images import batches, prepare_line
from ocr_pipeline.training import line_sampler, pens, register_texts
from ocr_pipeline.training.network import LineNetwork
from ocr_pipeline.training.pen_strokes import Stroke

LineSet = list[tuple[npt.NDArray[np.float32], str]]
"""Prepared lines with their texts."""

Scorer = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]
"""(n, 1, height, w) lines → (n, w / 4, classes) log-probabilities."""


@dataclass(frozen=True)
class Figures:
    """Greedy accuracy on one set; rates are 0–1."""

    lines: int
    cer: float
    wer: float
    right: float


def greedy(scores: npt.NDArray[np.float32], alphabet: str) -> str:
    """The best class of each frame, repeats merged, blanks dropped."""
    best = scores.argmax(axis=-1)
    keep = (best != 0) & (best != np.concatenate([[0], best[:-1]]))
    return "".join(alphabet[k - 1] for k in best[keep])


def measure(network: LineNetwork | Scorer, alphabet: str, line_set: LineSet) -> Figures:
    """Read a set and compare."""
    read = read_lines(network, alphabet, [line for line, _ in line_set])
    return compare(read, [text for _, text in line_set])


def read_lines(
    network: LineNetwork | Scorer, alphabet: str, prepared: Sequence[npt.NDArray[np.float32]]
) -> list[str]:
    """Greedy readings in the order given."""
    score = _torch_scorer(network) if isinstance(network, LineNetwork) else network
    out = [""] * len(prepared)
    for positions, batch in batches(prepared):
        for position, scores in zip(positions, score(batch), strict=True):
            out[position] = greedy(scores, alphabet).strip()
    return out


def _torch_scorer(network: LineNetwork) -> Scorer:
    network.eval()
    device = next(network.parameters()).device

    def score(batch: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        with torch.inference_mode():
            scores: torch.Tensor = network(torch.from_numpy(batch).to(device))
            return scores.float().cpu().numpy()

    return score


def compare(read: Sequence[str], truth: Sequence[str]) -> Figures:
    """Character and word error rates over all lines together; share of lines fully right."""
    wrong = sum(Levenshtein.distance(r, t) for r, t in zip(read, truth, strict=True))
    wrong_words = sum(
        Levenshtein.distance(r.split(), t.split()) for r, t in zip(read, truth, strict=True)
    )
    return Figures(
        lines=len(truth),
        cer=wrong / max(sum(map(len, truth)), 1),
        wer=wrong_words / max(sum(len(t.split()) for t in truth), 1),
        right=sum(r == t for r, t in zip(read, truth, strict=True)) / max(len(truth), 1),
    )


def validation_pictures(
    material: line_sampler.LineMaterial, alphabet: str, fields: int = 150, seed: int = 7
) -> dict[str, list[line_sampler.Sample]]:
    """All validation sets: held-out addresses, validation writers, fields by kind, fonts, print.

    Args:
        material: of the validation part.
        alphabet: of the network; texts outside it are left out of the drawn sets.
        fields: drawn fields of each kind, and of each font set.
        seed: of everything drawn.

    Returns:
        By name of the set: grey pictures (H, W) uint8 with their texts.

    """
    sampler = line_sampler.Sampler(material, alphabet)
    sets: dict[str, list[line_sampler.Sample]] = {}
    if material.addresses:
        sets["addresses"] = [(s.grey(), s.text) for s in material.addresses]
    if material.real:
        sets["vnondb"] = [(_plain(line), text) for text, _, line in material.real]
    for kind in register_texts.KINDS if material.scribes else ():
        sets[f"field:{kind}"] = _drawn(partial(sampler.field, kind=kind), fields, seed)
    for name in ("hand_fonts", "typed"):
        if name in sampler.mix:
            sets[name] = _drawn(sampler.sources[name], fields, seed)
    return sets


#: Sets of the learning curve that join drawn fields of several kinds; the other kinds are one more.
_GROUPS = {
    "person_name": "names",
    "place": "places",
    "agency": "places",
    "date": "numbers",
    "number_year": "numbers",
    "number": "numbers",
    "id_number": "numbers",
}


def quick_sets(
    material: line_sampler.LineMaterial, alphabet: str, height: int, size: int
) -> dict[str, LineSet]:
    """Small samples of the validation sets, to follow a training.

    Args:
        material: of the validation part.
        alphabet: of the network.
        height: of a prepared line, pixels.
        size: lines of a set; sets of drawn fields hold up to twice as many.

    """
    whole = validation_pictures(material, alphabet, fields=max(size // 2, 4))
    out: dict[str, list[line_sampler.Sample]] = {}
    for name, items in whole.items():
        if name.startswith("field:"):
            group = _GROUPS.get(name.removeprefix("field:"), "fields")
            few = len(items) if group in ("names", "places") else max(size // 8, 4)
            out.setdefault(group, []).extend(items[:few])
        else:
            step = max(len(items) // size, 1)
            out[name] = items[-size:] if name == "addresses" else items[::step][:size]
    return {k: [(prepare_line(p, height), t) for p, t in v] for k, v in out.items() if v}


def _plain(line: list[Stroke]) -> npt.NDArray[np.uint8]:
    """A real line drawn with one plain pen, about as a scan at 200 dpi."""
    pen = pens.Pen(width=0.24)
    ink = pens.draw(line, 9.0, pen, np.random.default_rng(0))
    return (255 - 215 * ink).astype(np.uint8)


def _drawn(
    source: Callable[[np.random.Generator], line_sampler.Sample | None], count: int, seed: int
) -> list[line_sampler.Sample]:
    rng = np.random.default_rng(seed)
    out: list[line_sampler.Sample] = []
    for _ in range(count * 200):
        made = source(rng)
        if made is not None:
            out.append(made)
        if len(out) == count:
            break
    return out
