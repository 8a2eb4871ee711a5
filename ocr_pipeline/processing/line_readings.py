"""Read pictures of single lines or fields from a folder or a .zip, without any register around."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import cv2

from ocr_pipeline.errors import BadInputError, SohoaError, Text
from ocr_pipeline.scans.file_names import page_name
from ocr_pipeline.scans.pages import PageRef, ScanLimits, find_pages, load_page
from ocr_pipeline.written_paths import unwritten

LINE_LIMITS = ScanLimits(min_side=1)  # a line may be low, a single character narrow
_AT_ONCE = 64  # pictures read together; bounds memory
_MAX_MEMBER_BYTES = 200_000_000


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

    with _as_folder(images) as folder:
        refs, faults = find_pages(folder)
        found(len(refs) + len(faults))
        reader = Reader(load_model(model))
        for fault in faults:
            yield ReadLine(_relative(fault.where, folder), fault=fault)
        for start in range(0, len(refs), _AT_ONCE):
            yield from _read_some(refs[start : start + _AT_ONCE], kind, reader)


def _read_some(refs: list[PageRef], kind: str, reader: Any) -> Iterator[ReadLine]:
    pictures, broken = [], {}
    for ref in refs:
        try:
            pictures.append(cv2.cvtColor(load_page(ref, LINE_LIMITS).pixels, cv2.COLOR_RGB2GRAY))
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


@contextmanager
def _as_folder(images: Path) -> Iterator[Path]:
    if images.is_dir():
        yield images
        return
    if not (images.is_file() and zipfile.is_zipfile(images)):  # a pipe would wait for ever
        raise BadInputError(
            Text("Không phải thư mục hay tệp .zip", "This is neither a folder nor a .zip"),
            where=str(images),
            remedy=Text("Kiểm tra đường dẫn", "Check the path"),
        )
    with tempfile.TemporaryDirectory(prefix="sohoa-") as temporary:
        folder = Path(temporary)
        with zipfile.ZipFile(images) as archive:
            for member in archive.infolist():
                _extract(archive, member, folder)
        yield folder


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> None:
    """Unpack one file inside `folder`; names that lead out of it keep their harmless parts."""
    parts = [part for part in PurePosixPath(member.filename).parts if part not in ("/", "..")]
    if member.is_dir() or not parts:
        return
    if member.file_size > _MAX_MEMBER_BYTES:
        raise BadInputError(
            Text("Tệp trong .zip quá lớn", "A file in the .zip is too large"),
            where=member.filename,
        )
    target = folder.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as source, target.open("wb") as file:
        shutil.copyfileobj(source, file)


def _relative(where: str, folder: Path) -> str:
    path = Path(unwritten(where))
    return page_name(path.relative_to(folder)) if path.is_relative_to(folder) else where
