"""Read pictures of single lines or fields from a folder or a .zip, without any register around."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import cv2
import numpy as np

from ocr_pipeline.arrays import Gray
from ocr_pipeline.errors import BadInputError, ScanError, SohoaError, Text
from ocr_pipeline.foreign_files import foreign_file
from ocr_pipeline.os_errors import os_reason
from ocr_pipeline.scans.file_names import page_name
from ocr_pipeline.scans.limited_pages import find_pages, opened
from ocr_pipeline.scans.pages import PageRef, ScanLimits, load_page
from ocr_pipeline.scans.scan_errors import fault
from ocr_pipeline.written_paths import unwritten, written

LINE_LIMITS = ScanLimits(min_side=1)  # a line may be low, a single character narrow
_AT_ONCE = 64  # pictures read together; bounds memory
_MOST_MEMBERS, _MOST_BYTES = 100_000, 20_000_000_000  # of an archive, unpacked
_PACKED = Text("dữ liệu nén bị hỏng", "its packed data is damaged")


@dataclass(frozen=True, slots=True)
class ReadLine:
    """What a picture says: its name, text, the probability (0–1) that the text is right.

    `fault` says why a picture could not be read; text and confidence are empty and 0 then.
    """

    name: str
    text: str = ""
    confidence: float = 0.0
    fault: SohoaError | None = None


def read_pictures(
    images: Path, kind: str, model: str, found: Callable[[int], None] = lambda _: None
) -> Iterator[ReadLine]:
    """Read every picture in a folder or .zip, in natural order; none is left out.

    Args:
        images: the folder or archive.
        kind: what the pictures show; decides grammar and lexicon.
        model: name or folder of the model.
        found: told how many pictures there are.

    Raises:
        BadInputError: no such folder or archive, or nothing in it.

    """
    from ocr_pipeline.reading.models import load_model
    from ocr_pipeline.reading.reader import Reader

    with _as_folder(images) as (folder, unpacked):
        refs, faults = find_pages(folder)
        faults += unpacked
        found(len(refs) + len(faults))
        reader = Reader(load_model(model))
        for error in faults:
            yield ReadLine(_relative(error.where, folder), fault=error)
        for start in range(0, len(refs), _AT_ONCE):
            yield from _read_some(refs[start : start + _AT_ONCE], kind, reader)


def _read_some(refs: list[PageRef], kind: str, reader: Any) -> Iterator[ReadLine]:
    pictures, broken = [], {}
    for ref in refs:
        try:
            pictures.append(opened(line_picture, ref, ref.name))
        except SohoaError as error:
            broken[ref.name] = error
    fields = iter(reader.read_lines(pictures, kind))
    for ref in refs:
        if ref.name in broken:
            yield ReadLine(ref.name, fault=broken[ref.name])
        else:
            field = next(fields)
            text = field.n_best[0].text if field.n_best else field.as_written
            yield ReadLine(ref.name, " ".join(text.split()), field.confidence)


def line_picture(ref: PageRef) -> Gray:
    """The picture of a line, (H, W) uint8.

    Raises:
        ScanError: it cannot be read.

    """
    return np.asarray(
        cv2.cvtColor(load_page(ref, LINE_LIMITS).pixels, cv2.COLOR_RGB2GRAY), np.uint8
    )


@contextmanager
def _as_folder(images: Path) -> Iterator[tuple[Path, list[ScanError]]]:
    """The folder with the pictures, and what could not be unpacked into it."""
    if images.is_dir():
        yield images, []
        return
    if not (images.is_file() and zipfile.is_zipfile(images)):  # a pipe would wait for ever
        raise _no_archive(images)
    with tempfile.TemporaryDirectory(prefix="sohoa-") as temporary:
        folder = Path(temporary)
        yield folder, _unpacked(images, folder)


def _no_archive(images: Path) -> BadInputError:
    return BadInputError(
        Text("Không phải thư mục hay tệp .zip", "This is neither a folder nor a .zip"),
        where=str(images),
        remedy=Text("Kiểm tra đường dẫn", "Check the path"),
    )


def _unpacked(images: Path, folder: Path) -> list[ScanError]:
    """Unpack an archive; one error for each file in it that cannot be.

    Raises:
        BadInputError: it is no archive, or an abnormally large one.

    """
    errors: list[ScanError] = []
    with foreign_file(partial(_no_archive, images)), zipfile.ZipFile(images) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        size = sum(member.file_size for member in members)
        if len(members) > _MOST_MEMBERS or size > _MOST_BYTES:
            raise BadInputError(
                Text("Tệp .zip giải nén ra quá lớn", "The .zip unpacks to too much"),
                where=str(images),
                remedy=Text("Giải nén rồi chia ra", "Unpack it, and read it in parts"),
            )
        for member in members:
            name = written(member.filename)
            try:
                with foreign_file(partial(fault, "damaged", name, reason=_PACKED)):
                    _extract(archive, member, folder)
            except ScanError as error:
                errors.append(error)
            except OSError as error:  # a name that the system does not take
                errors.append(fault("unreadable", name, reason=os_reason(error)))
    return errors


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> None:
    """Unpack one file inside `folder`; names that lead out of it keep their harmless parts."""
    parts = [part for part in PurePosixPath(member.filename).parts if part not in ("/", "..")]
    if not parts:
        return
    limit = ScanLimits().max_image_bytes
    if member.file_size > limit:
        sizes = {"size": member.file_size / 1e6, "limit": limit / 1e6}
        raise fault("too_many_bytes", written(member.filename), **sizes)
    target = folder.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as source, target.open("wb") as file:
        shutil.copyfileobj(source, file)


def _relative(where: str, folder: Path) -> str:
    path = Path(unwritten(where))
    return page_name(path.relative_to(folder)) if path.is_relative_to(folder) else where
