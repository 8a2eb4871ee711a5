"""Frame scores of some fields of a page that was read: what the network sees in them, kept open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ocr_pipeline.layout.pose import Pose
from ocr_pipeline.processing.book_print import BookPrint, stages_of_book
from ocr_pipeline.processing.corners import FormCorners, cut_by_hand
from ocr_pipeline.processing.page import PALE
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.processing.stages import Stages
from ocr_pipeline.reading.decoding import LineScores
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.scans.pages import PageRef, digest

if TYPE_CHECKING:
    from ocr_pipeline.arrays import Gray
    from ocr_pipeline.layout.field_crops import FieldCrop, RecordCrops
    from ocr_pipeline.layout.loading import LoadedLayout
    from ocr_pipeline.layout.registration import Registration
    from ocr_pipeline.reading.reader import FieldInk

FieldPlace = tuple[int, str]
"""Position of a record on its page, and the code of a field."""

Edges = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ScoreJob:
    """Fields of one page; small and picklable.

    Attributes:
        ref: where the page's bytes are.
        digest: content hash of what was read; another scan gives nothing.
        layout: id of the layout found.
        turn: degrees clockwise that bring the page upright.
        fields: which ones.
        settings: of the run that read it.
        corners: where a person says that the form lies; None when the machine found it.
        book_print: what the book's own pages taught of its print; None: nothing.

    """

    ref: PageRef
    digest: str
    layout: str
    turn: int
    fields: tuple[FieldPlace, ...]
    settings: RunSettings = RunSettings()
    corners: FormCorners | None = None
    book_print: BookPrint | None = None


@dataclass(frozen=True, slots=True)
class PageScores:
    """Frame scores of fields of a page, in half precision.

    Attributes:
        alphabet: the network's characters.
        fields: by position and code; those asked for that the form has.
        edges: where the frames of each line lie, in pixels of the upright page: float32
            (frames + 1, 2, 2), of each edge between two frames the upper and the lower end, x and
            y. None of a field whose frames cannot be found on the page.

    """

    alphabet: str
    fields: Mapping[FieldPlace, LineScores]
    edges: Mapping[FieldPlace, tuple[Edges, ...]] = field(default_factory=dict)


def score_fields(job: ScoreJob) -> PageScores:
    """The frame scores with the real stages; what a limited process of the station does.

    Raises:
        ScanError: the scan cannot be opened.
        MachineError: the model or the layouts are missing.

    """
    return scored(job, stages_of_book(job.settings, job.book_print))


def scored(job: ScoreJob, stages: Stages) -> PageScores:
    """The frame scores with the stages given; none of a page that the form fits no more.

    Raises:
        ScanError: the scan cannot be opened.

    """
    aligned, crops = _wanted(job, stages)
    found = stages.score([crop for _, crop in crops])
    return PageScores(
        stages.alphabet,
        {
            (position, crop.code): replace(
                one, lines=tuple(line.astype(np.float16) for line in one.lines)
            )
            for (position, crop), one in zip(crops, found, strict=True)
        },
        {
            (position, crop.code): frame_edges(crop, one, aligned)
            for (position, crop), one in zip(crops, found, strict=True)
            if aligned is not None and one.inks
        },
    )


def records_on(job: ScoreJob, stages: Stages) -> Sequence[RecordCrops]:
    """All records of the page, cut as when it was read; none as of `scored`.

    Raises:
        ScanError: the scan cannot be opened.

    """
    return _cut(job, stages)[1]


def inked_fields(job: ScoreJob, stages: Stages) -> dict[FieldPlace, FieldInk]:
    """The written lines of the fields, as pictures and as scores; none as of `scored`.

    Raises:
        ScanError: the scan cannot be opened.

    """
    _, crops = _wanted(job, stages)
    found = stages.ink([crop for _, crop in crops])
    return {(position, crop.code): one for (position, crop), one in zip(crops, found, strict=True)}


def _wanted(
    job: ScoreJob, stages: Stages
) -> tuple[Registration | None, list[tuple[int, FieldCrop]]]:
    """Where the form lies, and the fields asked for with the positions of their records."""
    wanted = set(job.fields)
    aligned, records = _cut(job, stages)
    return aligned, [
        (record.position, crop)
        for record in records
        for code, crop in record.fields.items()
        if (record.position, code) in wanted and crop.kind is not FieldKind.TICK
    ]


def frame_edges(crop: FieldCrop, writing: LineScores, aligned: Registration) -> tuple[Edges, ...]:
    """Where the frames of each line lie on the page (`PageScores.edges`)."""
    from ocr_pipeline.layout.field_crops import SCALE

    out = []
    for ink, scores in zip(writing.inks, writing.lines, strict=True):
        x, y = crop.corners[ink.line]
        columns = x + np.linspace(ink.left, ink.right, len(scores) + 1) / SCALE
        ends = [np.column_stack([columns, np.full_like(columns, y + row / SCALE)])
                for row in (ink.top, ink.bottom)]  # fmt: skip
        pixels = aligned.to_page(np.concatenate(ends)).reshape(2, len(columns), 2)
        out.append(pixels.transpose(1, 0, 2).astype(np.float32))
    return tuple(out)


def _cut(job: ScoreJob, stages: Stages) -> tuple[Registration | None, Sequence[RecordCrops]]:
    """The page cut as when it was read, with the form and the turn that were found then."""
    loaded = stages.layouts.get(job.layout) or stages.former.get(job.layout)
    if loaded is None or (job.digest and digest(job.ref) != job.digest):
        return None, ()
    image = stages.load(job.ref)
    cut = cut_by_hand(image, job.corners) if job.corners else None
    flat = cut.flat if cut else stages.flatten(image)
    if stages.content(flat.gray) in PALE:
        flat = stages.deepen(flat)
    if cut and job.corners:
        pose = Pose(cut.turn, cut.scale, cut.offset, 1.0)
        aligned = stages.register_given(flat.gray, loaded, pose, job.corners.trust)
    else:
        aligned = _laid(flat.gray, loaded, job.turn, stages)
    return aligned, stages.cut(flat, loaded, aligned) if aligned.accepted else ()


def _laid(gray: Gray, loaded: LoadedLayout, turn: int, stages: Stages) -> Registration:
    """Where the form lies; looked for at all scales where it does not lie at the usual one.

    A run looks at all scales first. Of 35 pages of a bad phone, 9 were accepted by the run and
    refused at the usual scale.
    """
    aligned = stages.register(gray, loaded, turn)
    if aligned.accepted:
        return aligned
    return stages.detect(gray, [loaded], loaded.layout.id).registration or aligned
