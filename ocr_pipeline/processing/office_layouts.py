"""Layouts that an office has made itself: kept in the workspace, used by its runs.

Every saved version has a folder of its own with a number that counts all of them; nothing changes
it once it is there. So the first n of them are what a run used that began when there were n. A
layout that is retired, or taken back into use, has a further number for that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.processing.settings import OfficeLayout, combined_hash
from ocr_pipeline.store.files import MARK, flush_folder, make_folders, write_bytes

FOLDER = "office_layouts"
"""The folder of a workspace that keeps them: one folder a saved version."""

_LAYOUT, _REFERENCE, _RETIRED = "layout.yaml", "reference.png", "retired"


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
    """The last version of each layout that is in use."""
    return [one for one in {one.id: one for one in saved}.values() if not one.is_retired]


def retired(saved: Sequence[OfficeLayout]) -> list[OfficeLayout]:
    """The last version of each layout that is retired: pages that were read with it keep it."""
    away = {one.id for one in saved} - {one.id for one in latest(saved)}
    return list({one.id: one for one in saved if one.id in away and not one.is_retired}.values())


def kept_for(saved: Sequence[OfficeLayout], layout: str) -> tuple[OfficeLayout, ...]:
    """The versions as they count for a page that was read with `layout`: it is not retired."""
    if all(one.id != layout for one in retired(saved)):
        return tuple(saved)
    return tuple(one for one in saved if one.id != layout or not one.is_retired)


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
    files = {_REFERENCE: reference, _LAYOUT: layout.encode()}
    return _kept(workspace, identity, files)


def retire_office_layout(workspace: Path, identity: str) -> bool:
    """Take a layout out of use: runs that begin from now on read no further page with it.

    Args:
        workspace: its folder.
        identity: id of the layout.

    Returns:
        Whether it was in use.

    Raises:
        OSError: the disk is full, or the workspace cannot be written to.

    """
    if all(one.id != identity for one in latest(office_layouts(workspace))):
        return False
    _kept(workspace, identity, {_RETIRED: b""})
    return True


def restore_office_layout(workspace: Path, identity: str) -> bool:
    """Take a retired layout back into use as it was.

    Args:
        workspace: its folder.
        identity: id of the layout.

    Returns:
        Whether it was retired.

    Raises:
        OSError: the disk is full, or the workspace cannot be written to.

    """
    away = [one for one in retired(office_layouts(workspace)) if one.id == identity]
    for one in away:
        files = {name: (Path(one.folder) / name).read_bytes() for name in (_REFERENCE, _LAYOUT)}
        _kept(workspace, identity, files)
    return bool(away)


def fingerprint_with_layouts(fingerprint: str, saved: Sequence[OfficeLayout]) -> str:
    """Fingerprint of the page stage with the office's own layouts.

    Args:
        fingerprint: without them.
        saved: all versions that were saved when it read; the same as before when there are none.

    """
    own = sorted(f"{one.id}\0{one.digest}" for one in latest(saved))
    return combined_hash(fingerprint, "office layouts", *own) if own else fingerprint


def untouched_since(saved: Sequence[OfficeLayout], layout: str) -> int:
    """How many of the first versions may be missing without changing a page read with `layout`.

    A page that was read with a layout stays as it is while that layout has no new version: another
    form that is taught does not take it away.

    Returns:
        The least n for which the first n versions have the layout as it is now.

    """
    own = [
        (number, one.digest)
        for number, one in enumerate(saved, start=1)
        if one.id == layout and not one.is_retired
    ]
    changes = [
        number
        for place, (number, digest) in enumerate(own)
        if not place or own[place - 1][1] != digest
    ]
    return changes[-1] if changes else 0


def _kept(workspace: Path, identity: str, files: dict[str, bytes]) -> OfficeLayout:
    """The folder of the next number with these files: all of them, or nothing."""
    root = workspace / FOLDER
    make_folders(root, within=workspace)
    heads = [path.name.removeprefix(MARK).partition("-")[0] for path in root.iterdir()]
    number = 1 + max((int(head) for head in heads if head.isdecimal()), default=0)
    name = f"{number:04d}-{identity}"
    for file, data in files.items():
        write_bytes(root / f"{MARK}{name}" / file, data, within=workspace)
    (root / f"{MARK}{name}").replace(root / name)
    flush_folder(root)
    return _saved((root / name).absolute(), identity)


def _saved(folder: Path, identity: str) -> OfficeLayout:
    if (folder / _RETIRED).is_file():
        return OfficeLayout(identity, str(folder), "")
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
