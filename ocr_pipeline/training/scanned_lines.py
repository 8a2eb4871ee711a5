"""Real pictures of lines: the zips of scanned handwriting with their transcriptions."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

#: Share of the address lines held out: the last tenth in file order, so that neighbours (often of
#: one writer) stay together.
HELD_OUT = 0.1

#: The member of a zip that says what is written: a name and a text a row.
LABELS = "labels.tsv"

_REPLACE = str.maketrans({"’": "'", "‘": "'", "—": "-", "–": "-", "ſ": "s", "«": '"', "»": '"'})


@dataclass(frozen=True)
class ScannedLine:
    """One line picture, kept as encoded JPEG."""

    name: str
    text: str
    data: bytes

    def grey(self) -> npt.NDArray[np.uint8]:
        """(H, W) uint8."""
        picture = cv2.imdecode(np.frombuffer(self.data, np.uint8), cv2.IMREAD_GRAYSCALE)
        return np.asarray(picture, np.uint8)


def read_zip(path: Path, empty: bool = False) -> Iterator[ScannedLine]:
    """The lines of one zip in the order of its `labels.tsv`; `empty`: those without text, too."""
    with zipfile.ZipFile(path) as archive:
        for row in archive.read(LABELS).decode("utf8").splitlines():
            name, _, text = row.partition("\t")
            if empty or text.strip():
                yield ScannedLine(name, text.strip().translate(_REPLACE), archive.read(name))


def addresses(folder: Path, validation: bool) -> list[ScannedLine]:
    """The Vietnamese address lines: first nine tenths to train on, last tenth to validate."""
    scans = list(read_zip(folder / "cinnamon_addresses.zip"))
    border = len(scans) - round(len(scans) * HELD_OUT)
    return scans[border:] if validation else scans[:border]


def french(folder: Path, old: bool = False) -> list[ScannedLine]:
    """French lines and register cells: shapes of Latin letters and digits in real ink.

    Args:
        folder: with the zips.
        old: the cursive of a hundred years ago, too.

    """
    names = ("fr_copiste.zip", "fr_repertoires.zip", *(("fr_testaments.zip",) if old else ()))
    return [scan for name in names if (folder / name).is_file() for scan in read_zip(folder / name)]
