"""Places of letters in scanned lines, found by a trained network that knows what is written."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ocr_pipeline.reading.line_images import batches, ink_box, prepare_line
from ocr_pipeline.training.forced_alignment import force_align
from ocr_pipeline.training.letter_places import LetterFinder
from ocr_pipeline.training.scanned_lines import ScannedLine

_MOST_LOSS = 1.0  # nats a character: above it the label or the alignment is not to be trusted
_STRIDE = 4  # columns of a frame; `network.STRIDE`, without importing torch
_CENTRE = 0.25  # of a frame, as in `letter_places`
_AT_ONCE = 256
_BATCH_PX = 64_000

LetterColumns = dict[str, npt.NDArray[np.float32]]
"""By name of a scanned line: (characters,) column of each character's centre in its picture."""


def letter_columns(
    scans: Sequence[ScannedLine], weights: Path, cache: Path | None = None
) -> LetterColumns:
    """Columns of the letters of scanned lines.

    Args:
        scans: lines; those with characters that the network does not know are left out.
        weights: checkpoint or `weights.npz` of a trained network.
        cache: folder where the result is kept, one file for each network and set of lines.

    Returns:
        The lines whose text the network finds again with less than one nat a character.

    """
    finder = LetterFinder(weights)
    names = "\n".join(s.name for s in scans)
    key = hashlib.sha256(f"{finder.digest} {names}".encode()).hexdigest()[:16]
    file = cache / f"scan-letters-{key}.npz" if cache else None
    if file is not None and file.is_file():
        with np.load(file) as z:
            return {name: z[name] for name in z.files}
    found: LetterColumns = {}
    known = [s for s in scans if finder.knows(s.text)]
    for start in range(0, len(known), _AT_ONCE):
        found |= _aligned(known[start : start + _AT_ONCE], finder)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part.npz")
        arrays: dict[str, Any] = dict(found)
        np.savez_compressed(part, **arrays)
        part.replace(file)
    return found


def _aligned(scans: Sequence[ScannedLine], finder: LetterFinder) -> LetterColumns:
    """The columns of some lines, read in batches of like width."""
    import torch

    pictures = [s.grey() for s in scans]
    prepared = [prepare_line(p, finder.network.shape.height) for p in pictures]
    out: LetterColumns = {}
    for places, batch in batches(prepared, max_pixels=_BATCH_PX):
        with torch.inference_mode():
            whole, near = (s.numpy() for s in finder.network.both(torch.from_numpy(batch)))
        for row, place in enumerate(places):
            columns = prepared[place].shape[1]
            frames = -(-columns // _STRIDE)
            target = [finder.classes[c] for c in scans[place].text]
            read = force_align(whole[row, :frames], target)
            found = force_align(near[row, :frames], target)
            if read is None or found is None or read.loss > _MOST_LOSS:
                continue
            left, _, right, _ = ink_box(pictures[place])
            scale = (right - left) / columns
            centres = left + (found.centres + _CENTRE) * _STRIDE * scale
            out[scans[place].name] = centres.astype(np.float32)
    return out
