"""Font files: which handwriting fonts there are, and how they come from the npm registry."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.training.data_schema import DATA

Group = Literal["sample", "calibration", "training", "plain"]


class FontEntry(Strict):
    """One font: npm package and version, what it is for, whether its letters join, extra weight."""

    package: str
    version: str
    group: Group
    held_out: bool = False
    joined: bool = False
    weight: float = 1.0


class FontFile(Strict):
    """`hand_fonts.yaml`: the npm scope of the packages, and fonts by file stem."""

    scope: str
    fonts: dict[str, FontEntry]


def font_entries() -> dict[str, FontEntry]:
    """Fonts of `data/hand_fonts.yaml` by file stem."""
    return _data().fonts


def fonts_of(group: Group) -> list[str]:
    """File stems of a group."""
    return [stem for stem, entry in font_entries().items() if entry.group == group]


def default_folder() -> Path:
    """Where fonts are kept between runs: `$XDG_CACHE_HOME/sohoa/fonts` or its like."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "sohoa" / "fonts"


def ensure_fonts(stems: Iterable[str], folder: Path | None = None) -> Path:
    """Fetch what is missing with `npm pack` and return the folder that holds `<stem>.ttf`.

    Raises:
        MachineError: npm is missing or refuses, or a package does not hold the file.

    """
    folder = folder or default_folder()
    missing = sorted(s for s in set(stems) if not (folder / f"{s}.ttf").is_file())
    for package in sorted({_entry(stem).package for stem in missing}):
        _fetch(package, [s for s in missing if _entry(s).package == package], folder)
    return folder


def _entry(stem: str) -> FontEntry:
    if stem not in font_entries():
        raise MachineError(
            Text("Không có phông chữ này trong danh sách", "This font is not listed"),
            where=stem,
            remedy=Text("Thêm vào hand_fonts.yaml", "Add it to hand_fonts.yaml"),
        )
    return font_entries()[stem]


def _fetch(package: str, stems: list[str], folder: Path) -> None:
    name = f"{_data().scope}/{package}@{_entry(stems[0]).version}"
    npm = shutil.which("npm")
    if npm is None:
        raise MachineError(
            Text("Cần chương trình npm để tải phông chữ", "npm is needed to fetch fonts"),
            where=name,
            remedy=Text("Cài Node.js, hoặc dùng --fonts", "Install Node.js, or give --fonts"),
        )
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(  # noqa: S603 - fixed program, names from our own list
            [npm, "pack", "--silent", name],
            cwd=scratch,
            capture_output=True,
            text=True,
            check=False,
        )
        archives = list(Path(scratch).glob("*.tgz"))
        if done.returncode or not archives:
            raise MachineError(
                Text(f"Không tải được phông chữ: {done.stderr.strip()[:200]}",
                     f"The font cannot be fetched: {done.stderr.strip()[:200]}"),
                where=name,
            )  # fmt: skip
        _unpack(archives[0], stems, folder, name)


def _unpack(archive: Path, stems: list[str], folder: Path, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {f"{stem}.ttf" for stem in stems}
    with tarfile.open(archive) as tar:
        for member in tar:
            base = Path(member.name).name
            if base in wanted and (file := tar.extractfile(member)) is not None:
                (folder / base).write_bytes(file.read())
                wanted.discard(base)
    if wanted:
        raise MachineError(
            Text(f"Gói không có {', '.join(wanted)}", f"The package lacks {', '.join(wanted)}"),
            where=name,
        )


@cache
def _data() -> FontFile:
    return load_data(DATA / "hand_fonts.yaml", FontFile)
