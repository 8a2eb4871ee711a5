"""Build `reading/data/language.npz`: the language models that guide decoding, one a field kind.

Run `python -m ocr_pipeline.training.language` after a change of the lists or the phrases; the texts
come from seeded generators, so the same lists give the same file.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from ocr_pipeline.reading import language
from ocr_pipeline.reading.automaton import Automaton, union
from ocr_pipeline.reading.ngram import train_ngrams
from ocr_pipeline.training import texts

#: Model → (kinds of texts with how many of each, characters of memory, least count of a context).
MODELS: dict[str, tuple[dict[str, int], int, float]] = {
    "person_name": ({"person_name": 60_000}, 8, 3),
    "place": ({"place": 60_000}, 10, 3),
    "agency": ({"agency": 20_000}, 10, 3),
    "id_document": ({"id_document": 20_000, "id_number": 3_000}, 7, 3),
    "free_text": ({"free_text": 20_000, "place": 5_000, "person_name": 4_000, "date": 4_000}, 7, 3),
    "ethnic_group": ({"ethnic_group": 3_000}, 12, 1),
    "nationality": ({"nationality": 3_000}, 12, 1),
    "relation": ({"relation": 3_000}, 12, 1),
    "id_type": ({"id_type": 3_000}, 12, 1),
    "position": ({"position": 3_000}, 12, 1),
}

_LINE = {
    kind: 6_000
    for kind in ("place", "person_name", "free_text", "date", "date_words", "id_document", "agency")
}


def build(seed: int = 2026) -> Automaton:
    """All language models in one automaton."""
    parts = []
    for place, (name, (kinds, order, minimum)) in enumerate(
        {**MODELS, "line": (_LINE, 6, 4)}.items()
    ):
        rng = np.random.default_rng([seed, place])
        counts: Counter[str] = Counter()
        for kind, number in kinds.items():
            counts.update(texts.field_text(rng, kind)[1] for _ in range(number))
        parts.append(
            train_ngrams(
                sorted(counts.items()), name, language.ALPHABET, order=order, minimum=minimum
            )
        )
    return union(parts)


def main() -> None:
    """Write the file where the package looks for it."""
    automaton = build()
    path = Path(language.__file__).parent / "data" / "language.npz"
    language.save(automaton, path)
    print(
        f"{path.name}: {len(automaton.fail)} states, {len(automaton.keys)} arcs, "
        f"{path.stat().st_size / 1e6:.2f} MB"
    )


if __name__ == "__main__":
    main()
