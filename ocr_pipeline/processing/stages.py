"""The stages a page goes through, gathered so that tests and notebooks can swap them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ocr_pipeline.errors import Text, TransientError
from ocr_pipeline.processing.office_layouts import latest, retired
from ocr_pipeline.processing.settings import (
    RunSettings,
    fingerprint_with_hand,
    page_fingerprint,
)

if TYPE_CHECKING:  # the command line and the cluster's scheduler start without OpenCV
    from ocr_pipeline.arrays import Gray
    from ocr_pipeline.imaging.flat_page import FlatPage
    from ocr_pipeline.layout.detection import Detection
    from ocr_pipeline.layout.field_crops import FieldCrop, RecordCrops
    from ocr_pipeline.layout.loading import LoadedLayout
    from ocr_pipeline.layout.picture_fault import PictureFault
    from ocr_pipeline.layout.pose import Pose
    from ocr_pipeline.layout.registration import Registration
    from ocr_pipeline.reading.cover import Cover
    from ocr_pipeline.reading.decoding import LineScores
    from ocr_pipeline.reading.reader import FieldInk
    from ocr_pipeline.registers.fields import Record
    from ocr_pipeline.scans.page_image import PageImage
    from ocr_pipeline.scans.pages import PageRef
    from ocr_pipeline.scans.scan_part import ScanPart


def _one_form(*_: object) -> Sequence[ScanPart]:
    return ()


def _no_scores(*_: object) -> Sequence[LineScores]:
    return ()


def _no_ink(*_: object) -> Sequence[FieldInk]:
    return ()


def _no_fault(*_: object) -> PictureFault | None:
    return None


def _no_cover(*_: object) -> Cover | None:
    return None


@dataclass(frozen=True)
class Stages:
    """One callable per stage, with the layouts that they work with.

    Grey pages are (H, W) uint8, 0 black ink … 255 paper; turns are degrees clockwise.

    Attributes:
        load: a page of a file as pixels.
        flatten: the page straight and alone.
        content: grey page `->` what it looks like (`imaging.page_content.Content`).
        deepen: a pale page `->` the same with dark ink.
        detect: (grey page, layouts, id of the layout expected or "") `->` which one it is.
        shines_through: (grey page, what `detect` said of it, layouts, id of the layout expected)
            `->` whether only its back is seen through the paper.
        register: (grey page, layout, turn) `->` where the layout lies.
        register_given: the same, with the pose that a person gave and whether to trust it blindly.
        cut: the fields of every record, as pictures of lines.
        read: (crops, page name, layout id, units of the book's agency) `->` records as read.
        layouts: loaded layouts by id.
        former: those that the office has retired: pages that were read with them keep them.
        fingerprint: of all of these but the office's own layouts (`processing.page_job` adds those
            that a page depends on).
        divide: (page as loaded, the same straight, what `detect` found, id of the layout expected)
            `->` the parts of a scan with several forms; none when it has one.
        picture_fault: (page on which no form lies as loaded, the same straight and grey, what
            `detect` found, id of the layout expected) `->` what keeps a form from fitting, e.g. a
            mirrored picture; None when it is not that.
        read_cover: grey page on which no form lies `->` what it says as the cover of a book; None
            when it is none.
        score: what the network says of fields, frame by frame.
        ink: the same with the pictures of their written lines.
        alphabet: the network's characters.

    """

    load: Callable[[PageRef], PageImage]
    flatten: Callable[[PageImage], FlatPage]
    content: Callable[[Gray], str]
    deepen: Callable[[FlatPage], FlatPage]
    detect: Callable[[Gray, Sequence[LoadedLayout], str], Detection]
    shines_through: Callable[[Gray, Detection, Sequence[LoadedLayout], str], bool]
    register: Callable[[Gray, LoadedLayout, int], Registration]
    register_given: Callable[[Gray, LoadedLayout, Pose, bool], Registration]
    cut: Callable[[FlatPage, LoadedLayout, Registration], Sequence[RecordCrops]]
    read: Callable[[Sequence[RecordCrops], str, str, tuple[str, ...]], Sequence[Record]]
    layouts: Mapping[str, LoadedLayout]
    fingerprint: str
    divide: Callable[[PageImage, FlatPage, Detection, str], Sequence[ScanPart]] = _one_form
    picture_fault: Callable[[PageImage, Gray, Detection, str], PictureFault | None] = _no_fault
    read_cover: Callable[[Gray], Cover | None] = _no_cover
    score: Callable[[Sequence[FieldCrop]], Sequence[LineScores]] = _no_scores
    ink: Callable[[Sequence[FieldCrop]], Sequence[FieldInk]] = _no_ink
    alphabet: str = ""
    former: Mapping[str, LoadedLayout] = field(default_factory=dict)


def layouts_in_use(settings: RunSettings) -> dict[str, LoadedLayout]:
    """The layouts that pages are read with, by id: shipped ones, and those of the office.

    Raises:
        LayoutError: a layout contradicts itself.

    """
    from ocr_pipeline.layout.loading import load_layout, load_layouts

    shared = load_layouts(Path(settings.layouts) if settings.layouts else None)
    own = [load_layout(Path(one.folder)) for one in latest(settings.office_layouts)]
    return {loaded.layout.id: loaded for loaded in (*shared, *own)}


def _replaced(file: str) -> TransientError:
    return TransientError(
        Text(
            "Nét chữ riêng của sổ vừa được học lại",
            "The book's own hand has just been learnt anew",
        ),
        where=file,
        remedy=Text("Thử lại", "Try again"),
    )


@lru_cache(maxsize=2)
def stages_for(settings: RunSettings = RunSettings()) -> Stages:  # noqa: B008 (frozen)
    """The real stages under `settings`; loaded once per process.

    Raises:
        MachineError: the model or the layouts are missing or damaged.
        LayoutError: a layout contradicts itself.

    """
    from ocr_pipeline.imaging.flat_page import deepen, flatten, page_content
    from ocr_pipeline.layout.detection import detect
    from ocr_pipeline.layout.field_crops import cut
    from ocr_pipeline.layout.loading import load_layout
    from ocr_pipeline.layout.manual_registration import register_given
    from ocr_pipeline.layout.picture_fault import picture_fault
    from ocr_pipeline.layout.registration import register
    from ocr_pipeline.layout.scan_division import divide
    from ocr_pipeline.layout.shine_through import shines_through
    from ocr_pipeline.reading.book_hand import load_hands
    from ocr_pipeline.reading.cover_reader import CoverReader
    from ocr_pipeline.reading.models import load_model, load_second
    from ocr_pipeline.reading.reader import Reader
    from ocr_pipeline.scans.pages import load_page

    by_id = layouts_in_use(settings)
    layouts, own = list(by_id.values()), {one.id for one in settings.office_layouts}
    model = load_model(settings.model)
    second = load_second(model, settings.second)
    reader = Reader(model, second=second)
    shared = (one.fingerprint for one in layouts if one.layout.id not in own)
    networks = [model.fingerprint, *([second.model.fingerprint] if second else [])]
    fingerprint = page_fingerprint(shared, *networks)
    if settings.hand:
        hands, facts = load_hands(Path(settings.hand))
        if facts.digest != settings.hand_digest:
            raise _replaced(settings.hand)
        now, *former = (load_model(settings.model, hand=hand) for hand in hands)
        reader = Reader(now, before=(model, *former), second=second)
        fingerprint = fingerprint_with_hand(fingerprint, facts.digest)
    covers = CoverReader(reader)
    return Stages(
        load=load_page,
        flatten=flatten,
        content=page_content,
        deepen=deepen,
        detect=detect,
        shines_through=shines_through,
        register=register,
        register_given=lambda gray, loaded, pose, trust: register_given(
            gray, loaded, pose, trust=trust
        ),
        cut=cut,
        read=reader.read_page,
        layouts=by_id,
        divide=lambda image, flat, found, prior: divide(image, flat, found, layouts, prior),
        picture_fault=lambda image, gray, found, prior: picture_fault(
            image, gray, layouts, prior, found.likeness
        ),
        read_cover=covers.read_if_cover,
        score=reader.scores,
        ink=reader.ink,
        alphabet=model.recogniser.alphabet,
        fingerprint=fingerprint,
        former={one.id: load_layout(Path(one.folder)) for one in retired(settings.office_layouts)},
    )
