"""Layouts that an office has made itself: kept in the workspace, used by its runs.

Every saved version has a folder of its own with a number that counts all of them; nothing changes
it once it is there. So the first n of them are what a run used that began when there were n.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.processing.settings import OfficeLayout, combined_hash
from ocr_pipeline.store.files import MARK, flush_folder, make_folders, write_bytes, write_text

FOLDER = "office_layouts"
"""The folder of a workspace that keeps them: one folder a saved version."""

_LAYOUT, _REFERENCE = "layout.yaml", "reference.png"


def office_layouts(workspace: Path) -> tuple[OfficeLayout, ...]:
    """All versions that were saved, the oldest first.

    Args:
        workspace: its folder.

    Raises:
        MachineError: files of one are missing.

    """
    root = (workspace / FOLDER).absolute()
    names = (path.name for path in root.iterdir()) if root.is_dir() else iter(())
    numbered = (name.partition("-") for name in names if not name.startswith(MARK))
    found = [(int(n), rest) for n, dash, rest in numbered if n.isdecimal() and dash]
    return tuple(_saved(root / f"{number:04d}-{rest}", rest) for number, rest in sorted(found))


def latest(saved: Iterable[OfficeLayout]) -> list[OfficeLayout]:
    """The last version of each layout."""
    return list({one.id: one for one in saved}.values())


def keep_office_layout(
    workspace: Path, identity: str, layout: str, reference: bytes
) -> OfficeLayout:
    """Save a version of a layout; runs that begin from now on read with it.

    Args:
        workspace: its folder.
        identity: id of the layout.
        layout: `layout.yaml`.
        reference: `reference.png`.

    Raises:
        OSError: the disk is full, or the workspace cannot be written to.

    """
    root = workspace / FOLDER
    make_folders(root, within=workspace)
    heads = [path.name.removeprefix(MARK).partition("-")[0] for path in root.iterdir()]
    number = 1 + max((int(head) for head in heads if head.isdecimal()), default=0)
    name = f"{number:04d}-{identity}"
    made = root / f"{MARK}{name}"
    write_bytes(made / _REFERENCE, reference, within=workspace)
    write_text(made / _LAYOUT, layout, within=workspace)
    made.replace(root / name)  # both files or none
    flush_folder(root)
    return _saved((root / name).absolute(), identity)


def fingerprint_with_layouts(fingerprint: str, saved: Sequence[OfficeLayout]) -> str:
    """Fingerprint of the page stage with the office's own layouts.

    Args:
        fingerprint: without them.
        saved: all versions that were saved when it read; the same as before when there are none.

    """
    if not saved:
        return fingerprint
    own = sorted(f"{one.id}\0{one.digest}" for one in latest(saved))
    return combined_hash(fingerprint, "office layouts", *own)


def untouched_since(saved: Sequence[OfficeLayout], layout: str) -> int:
    """How many of the first versions may be missing without changing a page read with `layout`.

    A page that was read with a layout stays as it is while that layout has no new version: another
    form that is taught does not take it away.

    Returns:
        The least n for which the first n versions have the layout as it is now.

    """
    numbers = [number for number, one in enumerate(saved, start=1) if one.id == layout]
    return numbers[-1] if numbers else 0


def _saved(folder: Path, identity: str) -> OfficeLayout:
    try:
        data = (folder / _LAYOUT).read_bytes() + (folder / _REFERENCE).read_bytes()
    except FileNotFoundError as error:
        raise MachineError(
            Text("Thiếu tệp của biểu mẫu đã lưu", "Files of a saved layout are missing"),
            where=str(folder),
            remedy=Text(
                "Khôi phục thư mục này từ bản sao lưu, hoặc xóa cả thư mục",
                "Restore this folder from a back-up, or delete the whole folder",
            ),
        ) from error
    return OfficeLayout(identity, str(folder), hashlib.sha256(data).hexdigest())
