"""What a page's result depends on besides its bytes, folded into one fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import ocr_pipeline
from ocr_pipeline.data_files import load_data
from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.store.files import write_text
from ocr_pipeline.usual_options import USUAL

#: Packages whose code or data a page's result depends on.
PAGE_CODE = (
    "data_files.py",
    "strict_data.py",
    "processing/page.py",
    "processing/corners.py",
    "processing/page_outcome.py",
    "scans",
    "imaging",
    "layout",
    "reading",
    "books/typed_agency.py",
    "registers",
    "text",
)

#: The same for the judgement of a book.
JUDGE_CODE = (
    "data_files.py",
    "strict_data.py",
    "processing/judgement.py",
    "processing/cover_check.py",
    "checks",
    "books",
    "reading",
    "registers",
    "text",
)

#: Libraries whose next version may see a page differently.
LIBRARIES = ("numpy", "onnxruntime", "opencv-python-headless", "pikepdf", "pillow")

_SOURCES = {".py", ".yaml", ".yml", ".tsv", ".txt", ".json", ".csv", ".npz"}


@dataclass(frozen=True, slots=True)
class OfficeLayout:
    """A version of a layout that the office has made itself (`processing.office_layouts`).

    Attributes:
        id: of the layout.
        folder: where its two files lie.
        digest: SHA-256 of both; "" where it only says that the layout is retired.

    """

    id: str
    folder: str
    digest: str

    @property
    def is_retired(self) -> bool:
        """The layout is in use no more, until a later version of it."""
        return not self.digest


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Choices of a run; all but `page_seconds` are part of a page's fingerprint.

    Attributes:
        model: name of a shipped handwriting model, or path of a model's folder.
        second: the same of another network that reads every field, too; "": none. A model whose
            confidence was not fitted with the usual one reads alone.
        layouts: folder of layouts; "" for the shipped ones.
        page_seconds: a page that takes longer than this is given up, and its worker killed.
        hand: file of the book's own hand; "" reads with the network alone. Never that of a run:
            `processing.book_hands` sets it for the pages of one book.
        hand_digest: SHA-256 of its weights: a file that was replaced is not mistaken for it.
        office_layouts: versions of layouts that the workspace has of its own, the oldest first;
            none are written into `run.json`: `processing.office_networks` looks them up.

    """

    model: str = USUAL.model
    second: str = USUAL.second
    layouts: str = ""
    page_seconds: float = USUAL.page_seconds
    hand: str = ""
    hand_digest: str = ""
    office_layouts: tuple[OfficeLayout, ...] = ()


_FILE = "run.json"
_RUN_AGAIN = Text("Chạy sohoa run một lần nữa", "Run sohoa run once more")


def save_settings(folder: Path, settings: RunSettings) -> None:
    """Keep the settings in a workspace's folder: what is read anew later is read with the same."""
    write_text(
        folder / _FILE,
        json.dumps(asdict(settings), ensure_ascii=False, indent=1) + "\n",
        within=folder,
    )


def saved_settings(folder: Path) -> RunSettings:
    """The settings of the last run over a workspace; the usual ones when there was none.

    Raises:
        MachineError: the file that keeps them is damaged.

    """
    path = folder / _FILE
    if not path.is_file():
        return RunSettings()
    return load_data(path, RunSettings, MachineError, _RUN_AGAIN)


def combined_hash(*parts: str) -> str:
    """SHA-256 (hex) of the parts, kept apart: ("a", "b") differs from ("ab", "")."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def page_fingerprint(layouts: Iterable[str], *models: str) -> str:
    """Fingerprint of the page stage.

    Args:
        layouts: fingerprints of the layouts in use, in any order.
        models: fingerprints of the models in use, the first reader's first.

    """
    libraries = (f"{name}={_version(name)}" for name in LIBRARIES)
    return combined_hash(code_fingerprint(PAGE_CODE), *models, *sorted(layouts), *libraries)


def fingerprint_with_hand(fingerprint: str, hand: str) -> str:
    """Fingerprint of the page stage with a book's own hand.

    Args:
        fingerprint: of the page stage without it.
        hand: SHA-256 of its weights.

    """
    return combined_hash(fingerprint, "hand", hand)


@lru_cache
def code_fingerprint(names: tuple[str, ...]) -> str:
    """SHA-256 over the code and data files of these packages of ours: changes whenever they do."""
    root = Path(ocr_pipeline.__file__).parent
    parts = []
    for name in names:
        for path in sorted(_sources(root / name)):
            parts += [path.relative_to(root).as_posix(), _hash_of(path)]
    return combined_hash(*parts)


def _hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _sources(path: Path) -> Iterable[Path]:
    if path.is_file():
        return [path]
    return (file for file in path.rglob("*") if file.suffix in _SOURCES)


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""
