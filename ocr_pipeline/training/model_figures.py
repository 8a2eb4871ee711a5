"""The figures of a model's card: every validation set read greedily, then decoded by kind.

`python -m ocr_pipeline.training.model_figures MODEL --data FOLDER --fonts FOLDER` prints Markdown
tables. Decoded figures need the model's calibration for what is said about accepted fields.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ocr_pipeline.reading.decoding import LINE
from ocr_pipeline.reading.models import Model, load_model
from ocr_pipeline.reading.reader import Reader
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.values import normalise_value
from ocr_pipeline.training.evaluation.field_pairs import ComparedField
from ocr_pipeline.training.evaluation.metrics import Metrics
from ocr_pipeline.training.evaluation.metrics import measure as measure_items
from ocr_pipeline.training.greedy_accuracy import Figures, compare, validation_pictures
from ocr_pipeline.training.line_sampler import Sample, load_material

_AT_ONCE = 64
_KIND_OF_SET = {"addresses": "place", "vnondb": LINE, "hand_fonts": LINE, "typed": LINE}


@dataclass(frozen=True, slots=True)
class SetFigures:
    """What a model makes of one set.

    Attributes:
        greedy: the network alone.
        decoded: with the grammar, lexicon and language model of the set's kind, as written.
        values: the decoded values with their confidences, for sets of fields of one kind.
        items: what `values` was measured from.

    """

    greedy: Figures
    decoded: Figures
    values: Metrics | None
    items: Sequence[ComparedField]


def read_set(name: str, samples: Sequence[Sample], reader: Reader, sure: float) -> SetFigures:
    """Read one validation set.

    Args:
        name: as `validation_pictures` names it; tells the kind.
        samples: its pictures and texts.
        reader: the model.
        sure: confidence from which a field counts as accepted.

    """
    kind = name.removeprefix("field:") if name.startswith("field:") else _KIND_OF_SET[name]
    kind = LINE if kind == "mark" else kind
    raw: list[str] = []
    texts: list[str] = []
    items: list[ComparedField] = []
    for start in range(0, len(samples), _AT_ONCE):
        some = samples[start : start + _AT_ONCE]
        fields = reader.read_lines([picture for picture, _ in some], kind)
        for number, (field, (_, true)) in enumerate(zip(fields, some, strict=True), start):
            text = field.n_best[0].text if field.n_best else ""
            raw.append(field.as_written.strip())
            texts.append(" ".join(text.split()))
            value = true if kind == LINE else normalise_value(FieldKind(kind), true)
            read = text if kind == LINE else field.value
            accepted = field.confidence >= sure
            items.append(
                ComparedField(
                    "",
                    str(number),
                    1,
                    "",
                    kind,
                    "",
                    value,
                    true,
                    read,
                    text,
                    field.confidence,
                    accepted,
                )
            )
    truth = [text for _, text in samples]
    values = measure_items(items, by_book=False) if name.startswith("field:") else None
    return SetFigures(compare(raw, truth), compare(texts, truth), values, items)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line: tables in Markdown on standard output."""
    parser = argparse.ArgumentParser(prog="ocr_pipeline.training.model_figures")
    parser.add_argument("model", help="name or folder of the model")
    parser.add_argument("--data", type=Path, help="handwriting folder")
    parser.add_argument("--fonts", type=Path, help="folder with handwriting fonts")
    parser.add_argument("--verifier", type=Path, help="model that verifies the drawn fields")
    parser.add_argument("--cache", type=Path, help="folder where the letters it finds are kept")
    parser.add_argument("--fields", type=int, default=100, help="drawn fields of each kind")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--sure", type=float, default=0.995, help="confidence of accepted fields")
    options = parser.parse_args(arguments)
    model = load_model(options.model)
    material = load_material(
        options.data, options.fonts, True, options.verifier, options.verifier and options.cache
    )
    alphabet = model.recogniser.alphabet
    sets = validation_pictures(material, alphabet, options.fields, options.seed)
    _print(model, sets, options.sure)
    return 0


def _print(model: Model, sets: dict[str, list[Sample]], sure: float) -> None:
    reader = Reader(model)
    print("| lines | n | greedy CER | WER | right | decoded CER | WER | right |")
    print("|---|---|---|---|---|---|---|---|")
    found = {}
    for name, samples in sets.items():
        found[name] = read_set(name, samples, reader, sure)
        rows = (found[name].greedy, found[name].decoded)
        cells = [f"{100 * x:.2f} %" for f in rows for x in (f.cer, f.wer, f.right)]
        print("|", " | ".join([name, str(len(samples)), *cells]), "|", flush=True)
    print()
    print(f"| kind | n | value right | coverage at 0.5 % | at 1 % | ≥ {sure:g} | right of these |")
    print("|---|---|---|---|---|---|---|")
    every = [i for s in found.values() if s.values for i in s.items if i.kind != LINE]
    groups = {n: s.values for n, s in found.items() if s.values}
    for name, values in {**groups, "all kinds": measure_items(every, by_book=False)}.items():
        print("|", " | ".join([name.removeprefix("field:"), *_cells(values)]), "|")


def _cells(values: Metrics) -> list[str]:
    shares = [values.exact, *values.coverage.values(), values.accepted]
    right = values.accepted_fields - values.accepted_errors
    of_these = f"{right}/{values.accepted_fields}" if values.accepted_fields else "–"
    return [str(values.fields), *(f"{100 * (s.value or 0):.1f} %" for s in shares), of_these]


if __name__ == "__main__":
    sys.exit(main())
