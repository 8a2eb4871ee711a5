"""The files of packages below a path, and what among them cannot be looked at."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from ocr_pipeline.errors import Text
from ocr_pipeline.export.faults import PackageFault, fault
from ocr_pipeline.export.file_pair import unfinished
from ocr_pipeline.os_errors import os_reason

EXCEL = (".xls", ".xlsx")
_LISTS = frozenset({"lien_ket.xlsx"})  # lists of a linking lie beside its packages
_NO_FILE = Text("không phải tệp thường", "it is no ordinary file")


def package_files(path: Path) -> tuple[list[Path], list[PackageFault]]:
    """Excel files and zips at `path`, and faults: folders and files not to be read, cut exports.

    Args:
        path: a folder, searched with its subfolders, or a file, which stands for all of its name.

    """
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        is_folder = False  # its partner may be there
    except (OSError, ValueError) as error:
        return [], [_unreachable(path, error)]
    if is_folder:
        return _below(path)
    files, faults = _listed(path.parent)
    stem = path.stem.casefold()
    return [file for file in files if file.stem.casefold() == stem], [
        one for one in faults if Path(one.file).stem.casefold() == stem
    ]


def pairs(files: Sequence[Path]) -> Iterator[tuple[Path | None, Path | None]]:
    """Each Excel file with the zip of its name, None for what is missing."""
    groups: dict[tuple[Path, str], list[Path]] = {}
    for file in files:
        groups.setdefault((file.parent, file.stem.casefold()), []).append(file)
    for members in groups.values():
        excels: list[Path | None] = [f for f in members if f.suffix.lower() in EXCEL]
        archives = [f for f in members if f.suffix.lower() == ".zip"]
        for excel in excels or [None]:
            yield excel, archives[0] if archives else None


def _below(folder: Path) -> tuple[list[Path], list[PackageFault]]:
    files: list[Path] = []
    faults: list[PackageFault] = []
    waiting = [folder]
    while waiting:
        folder = waiting.pop()
        own, wrong = _listed(folder)
        files += own
        faults += wrong
        faults += [fault("interrupted", trace) for trace in unfinished(folder)]
        waiting += _subfolders(folder)
    return sorted(files), faults


def _listed(folder: Path) -> tuple[list[Path], list[PackageFault]]:
    """The files of packages directly in a folder, and what there cannot be read."""
    files: list[Path] = []
    faults: list[PackageFault] = []
    try:
        paths = sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return [], []
    except OSError as error:
        return [], [_unreachable(folder, error)]
    for path in paths:
        if path.name.startswith((".", "~$")) or path.name.casefold() in _LISTS:
            continue
        if path.suffix.lower() not in (*EXCEL, ".zip"):
            continue
        try:
            mode = path.stat().st_mode
        except OSError as error:
            faults.append(_unreachable(path, error))
            continue
        if stat.S_ISREG(mode):
            files.append(path)
        elif not stat.S_ISDIR(mode):
            faults.append(fault("path_unreachable", path, reason=_NO_FILE))
    return files, faults


def _subfolders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as found:
            return sorted(
                (
                    Path(one.path)
                    for one in found
                    if not one.name.startswith((".", "~$")) and one.is_dir(follow_symlinks=False)
                ),
                reverse=True,
            )
    except OSError:  # told by `_listed`
        return []


def _unreachable(path: Path, error: OSError | ValueError) -> PackageFault:
    reason = (
        os_reason(error)
        if isinstance(error, OSError)
        else Text("hệ thống không nhận đường dẫn này", "the system refuses the path")
    )
    return fault("path_unreachable", path, reason=reason)
