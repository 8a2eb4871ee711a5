"""The work behind `sohoa layout`: scans in, layouts and pictures out, remarks in plain words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from ocr_pipeline.cli.options import look_at_workspace
from ocr_pipeline.cli.output import console, print_json, say, say_error
from ocr_pipeline.errors import BadInputError, Text, UsageError
from ocr_pipeline.imaging.flat_page import FlatPage, flatten
from ocr_pipeline.layout.authoring import Remark, new_from_layout
from ocr_pipeline.layout.detection import Detection
from ocr_pipeline.layout.gallery import INDEX, gallery
from ocr_pipeline.layout.loading import LoadedLayout, load_layouts
from ocr_pipeline.processing.office_networks import current_settings
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.processing.stages import layouts_in_use
from ocr_pipeline.proposing.form_proposal import FormName
from ocr_pipeline.scans.limited_pages import find_pages, opened
from ocr_pipeline.scans.pages import PageRef, load_page
from ocr_pipeline.store.files import make_folders, write_bytes
from ocr_pipeline.usual_options import USUAL


def copy_layout(
    folder: Path, name: FormName, *, like: str, scan: Path | None, layouts: Path | None
) -> Path:
    """Start a layout like another one; returns the path of its YAML file."""
    page = open_flat(scan) if scan else None
    model = _named(like, load_layouts(layouts))
    return new_from_layout(folder, model, name.id, name.era, name.title, page)


def open_flat(scan: Path) -> FlatPage:
    """The first page of a scan, flat and straight.

    Raises:
        ScanError: it cannot be read.

    """
    refs, faults = find_pages(scan)
    if not refs:
        raise faults[0]
    return opened(flat_page, refs[0], refs[0].name, seconds=USUAL.page_seconds)


def known_layouts(workspace: str, folder: Path | None) -> list[LoadedLayout]:
    """The layouts that pages are held against.

    Args:
        workspace: also those that were taught there; "" for none.
        folder: of layouts in place of the shipped ones.

    Raises:
        LayoutError: a layout contradicts itself.

    """
    settings = RunSettings(layouts=str(folder) if folder else "")
    if workspace:
        with closing(look_at_workspace(workspace)) as opened:
            own = current_settings(opened.folder)
        chosen = settings.layouts or own.layouts
        settings = replace(own, layouts=chosen)
    return list(layouts_in_use(settings).values())


def flat_page(ref: PageRef) -> FlatPage:
    """The page, flat and straight.

    Raises:
        ScanError: it cannot be read.

    """
    return flatten(load_page(ref))


def write_gallery(folder: Path, layouts: Sequence[LoadedLayout]) -> Path:
    """Write a picture of each layout and the page that shows them; returns the page."""
    make_folders(folder)
    for name, data in gallery(layouts):
        write_bytes(folder / name, data)
    return folder / INDEX


def write_picture(path: Path, picture: npt.NDArray[np.uint8]) -> None:
    """Write an RGB picture as PNG."""
    _, data = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    write_bytes(path, data.tobytes())


def tell_remarks(remarks: Sequence[Remark]) -> None:
    """Each remark with its place; serious ones first."""
    out = console()
    for remark in sorted(remarks, key=lambda remark: not remark.serious):
        mark, style = ("✗", "red") if remark.serious else ("!", "yellow")
        out.print(f"{mark} {remark.key}: {remark.message.vi}", style=style, markup=False)
        out.print(f"    {remark.message.en}", style="dim", markup=False)
    if not remarks:
        say(Text("Không thấy gì sai", "Nothing wrong was found"), style="green")


def tell_picture(path: Path, accepted: bool, reason: Text | None) -> None:
    """Where the picture is, and whether the form fits."""
    say(Text(f"Hãy mở ảnh: {path}", f"Open the picture: {path}"))
    if not accepted:
        say_error(reason or Text("Biểu mẫu không khớp trang", "The layout does not fit the page"))


def tell_detection(found: Detection, picture: Path | None, *, as_json: bool) -> None:
    """What a page is, which way up, how sure, and why nothing fits."""
    if as_json:
        reason = asdict(found.reason) if found.reason else None
        print_json(
            {
                "layout": found.layout_id,
                "turn": found.turn,
                "score": round(found.score, 4),
                "runner_up": round(found.runner_up, 4),
                "reason": reason,
            }
        )
        return
    if found.layout_id:
        print(f"{found.layout_id}\t{found.turn}°\t{found.score:.2f}")
    else:
        say_error(found.reason or Text("Không biểu mẫu nào khớp", "No layout fits"))
    if picture:
        say(Text(f"Hãy mở ảnh: {picture}", f"Open the picture: {picture}"))


def _named(identity: str, layouts: Sequence[LoadedLayout]) -> LoadedLayout:
    for loaded in layouts:
        if loaded.layout.id == identity:
            return loaded
    known = ", ".join(loaded.layout.id for loaded in layouts)
    raise BadInputError(
        Text("Không có biểu mẫu này", "There is no such layout"),
        where=identity,
        remedy=Text(f"Chọn: {known}", f"Choose: {known}"),
    )


def page_size(text: str) -> tuple[float, float]:
    """Width and height in mm, as typed.

    Raises:
        UsageError: it is no size.

    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)[xX×](\d+(?:\.\d+)?)", text.strip())
    if not match:
        raise UsageError(
            Text("Khổ trang phải có dạng 210x297", "The size must look like 210x297"), where=text
        )
    return float(match[1]), float(match[2])
