"""One page, from scan to fields: a pure function of the page's bytes and the settings."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ocr_pipeline.errors import MachineError, SohoaError, Text, TransientError
from ocr_pipeline.foreign_files import listening
from ocr_pipeline.layout.pose import Pose
from ocr_pipeline.processing.book_print import BookPrint, stages_of_book
from ocr_pipeline.processing.corners import FormCorners, cut_by_hand
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.processing.stages import Stages
from ocr_pipeline.registers.fields import Doubt, Record, Severity
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.scans.pages import PageRef
from ocr_pipeline.scans.scan_part import ScanPart
from ocr_pipeline.store.states import PageKind

if TYPE_CHECKING:
    from ocr_pipeline.imaging.flat_page import FlatPage
    from ocr_pipeline.layout.detection import Detection
    from ocr_pipeline.layout.loading import LoadedLayout
    from ocr_pipeline.layout.registration import Registration
    from ocr_pipeline.layout.schema import Layout
    from ocr_pipeline.reading.cover import Cover
    from ocr_pipeline.scans.page_image import PageImage


@dataclass(frozen=True, slots=True)
class PageJob:
    """One page to process; small and picklable.

    Attributes:
        ref: where the page's bytes are.
        type: code of the register type that the book says it is.
        prior: id of the layout that the book's inventory names, or "".
        settings: choices of the run.
        home: units of the book's agency, smallest first: most of its places lie there.
        corners: where a person says that the form lies; None: the machine finds it.
        book_print: what the book's own pages taught of its print; None: nothing.

    """

    ref: PageRef
    type: str
    prior: str = ""
    settings: RunSettings = RunSettings()
    home: tuple[str, ...] = ()
    corners: FormCorners | None = None
    book_print: BookPrint | None = None


@dataclass(frozen=True, slots=True)
class PageResult:
    """What became of a page.

    Attributes:
        kind: what the page turned out to be.
        layout: id of the layout found; "" when none fits.
        turn: quarter turns (0, 90, 180, 270 degrees) that bring it upright.
        records: what was read, in the order on the page; empty unless `kind` is `RECORD`.
        cause: why it was not read, for `OTHER`, `REFUSED` and `FAULT`.
        remedy: what to do about it.
        residual_mm: how far the form is off after alignment; 0 when not aligned.
        to_original: 3×3, row by row: from pixels of the page that boxes refer to (before `turn`)
            to pixels of the scan at full resolution; empty when not known.
        parts: where the forms of the scan lie when it shows several, this page first; empty when it
            shows one; None when that was not looked into.
        further: what became of the other parts, each a page of its own.
        seconds: working time by stage.
        cover: what it says, for `COVER`; None where nothing of it was made out.
        trace: where in the code a fault came from that no rule foresees, for the log; else "".

    """

    kind: PageKind
    layout: str = ""
    turn: int = 0
    records: tuple[Record, ...] = ()
    cause: Text | None = None
    remedy: Text | None = None
    residual_mm: float = 0.0
    to_original: tuple[float, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    parts: tuple[ScanPart, ...] | None = None
    further: tuple[PageResult, ...] = ()
    cover: Cover | None = None
    trace: str = ""


LOOK = Text(
    "Mở trang này rồi nhập tay, hoặc quét lại",
    "Open this page and key it by hand, or scan it again",
)


PALE = frozenset({"pale", "faint"})
"""Looks of a page whose ink is made darker before it is read."""

_LIKE_COVERS = frozenset({"cover", "content"})  # looks of a page that is read as a cover
_WITHOUT_FORM = frozenset({"cover", "faint"})  # looks that need no second look where no form lies
_UNCLEAR = {
    "pale": Text("Nét trên trang rất nhạt", "What stands on the page is very pale"),
    "dark": Text("Ảnh quá tối, không thấy mặt giấy", "The picture is too dark, no paper is seen"),
}
_NOTHING = Text("Không thấy nét mực nào", "No ink was seen")
_SHINES_THROUGH = Text(
    "Chỉ thấy chữ của mặt sau hằn qua giấy", "Only the back of the sheet shines through"
)
_ONLY_A_TITLE = Text(
    "Chỉ thấy dòng tên sổ, không khớp biểu mẫu nào", "Only a title was seen, and no form fits"
)

BY_HAND = Doubt(
    "corners_by_hand",
    Severity.CONFIDENCE,
    Text(
        "Trang được cắt theo bốn góc do người kéo; chữ in sẵn không xác nhận được",
        "The page was cut along corners set by hand, its print does not confirm them",
    ),
)


def process_page(job: PageJob) -> PageResult:
    """Process a page with the real stages; what a worker of the overnight run does.

    Raises:
        MachineError: the machine lacks something (model, Tesseract …): no page can be read.
        TransientError: as `read_page`.

    """
    return read_page(job, stages_of_book(job.settings, job.book_print))


def read_page(job: PageJob, stages: Stages) -> PageResult:
    """Process a page with the stages given; faults of the page are results, not exceptions.

    Raises:
        MachineError: the machine lacks something.
        TransientError: a helper program was killed, or the file could not be read: nothing is known
            about the page, it is to be tried again.

    """
    watch = _Watch()
    unforeseen: list[str] = []
    try:
        walk = _walk if job.corners is None else _walk_by_hand
        with listening(lambda _, trace: unforeseen.append(trace)):
            return replace(walk(job, stages, watch), seconds=watch.seconds)
    except (MachineError, TransientError):
        raise
    except SohoaError as error:
        if _refused_by_system(error):
            raise TransientError(error.cause, where=error.where, remedy=error.remedy) from error
        return PageResult(
            PageKind.FAULT,
            cause=error.cause,
            remedy=error.remedy,
            seconds=watch.seconds,
            trace="\n".join(unforeseen),
        )


def _refused_by_system(error: SohoaError) -> bool:
    """Whether the disk, a share or a permission is at fault, not the file's contents."""
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno is not None  # decoders' own have no number


def _walk(job: PageJob, stages: Stages, watch: _Watch) -> PageResult:
    with watch.stage("load"):
        image = stages.load(job.ref)
    return _walk_image(job, image, stages, watch)


def _walk_image(job: PageJob, image: PageImage, stages: Stages, watch: _Watch) -> PageResult:
    """The walk of a page that is loaded: a whole scan, or one of its parts."""
    with watch.stage("flatten"):
        flat = stages.flatten(image)
    with watch.stage("detect"):
        content = stages.content(flat.gray)
        if content == "blank":
            return PageResult(PageKind.BLANK, cause=_NOTHING, parts=_no_parts(job))
        seen = stages.deepen(flat) if content in PALE else flat
        found = stages.detect(seen.gray, list(stages.layouts.values()), job.prior)
        whole = job.ref.part is None and (found.layout_id or content not in _WITHOUT_FORM)
        parts = stages.divide(image, seen, found, job.prior) if whole else ()
        if found.layout_id is None and not parts:
            result = _without_form(job, stages, content, image, flat, found)
            return replace(result, parts=_no_parts(job))
    if parts:
        return _walk_parts(job, image, tuple(parts), stages, watch)
    return replace(_walk_form(job, stages, watch, seen, found), parts=_no_parts(job))


def _no_parts(job: PageJob) -> tuple[ScanPart, ...] | None:
    """What is said of a page that is not divided; a part of a scan is never looked into."""
    return () if job.ref.part is None else None


def _walk_parts(
    job: PageJob, image: PageImage, parts: tuple[ScanPart, ...], stages: Stages, watch: _Watch
) -> PageResult:
    """Each form of a scan as a page of its own; the first of them is the page of the scan."""
    results = []
    for part in parts:
        ref = replace(job.ref, name=part.name(job.ref.name), part=part)
        results.append(_walk_image(replace(job, ref=ref), part.cut(image), stages, watch))
    return replace(results[0], parts=parts, further=tuple(results[1:]))


def _walk_form(
    job: PageJob, stages: Stages, watch: _Watch, seen: FlatPage, found: Detection
) -> PageResult:
    """The walk of a page on which a form was found."""
    assert found.layout_id is not None
    loaded = stages.layouts[found.layout_id]
    if loaded.layout.type != job.type:
        return _other_register(job, loaded.layout, found.turn)
    with watch.stage("register"):
        aligned = found.registration or stages.register(seen.gray, loaded, found.turn)
    return _cut_and_read(job, stages, watch, seen, loaded, aligned, found.turn)


def _without_form(
    job: PageJob, stages: Stages, content: str, image: PageImage, flat: FlatPage, found: Detection
) -> PageResult:
    """What a page is on which no form lies: refused, unless there is nothing to lose on it."""
    cover = _cover_of(flat, stages) if content in _LIKE_COVERS else None
    if content == "cover" or cover is not None:
        return _as_cover(cover)
    if content == "faint":
        return PageResult(PageKind.BLANK, cause=_NOTHING)
    if stages.shines_through(flat.gray, found, list(stages.layouts.values()), job.prior):
        return PageResult(PageKind.BLANK, cause=_SHINES_THROUGH)
    if fault := stages.picture_fault(image, flat.gray, found, job.prior):
        return PageResult(PageKind.REFUSED, turn=found.turn, cause=fault.cause, remedy=fault.remedy)
    told = _joined(_UNCLEAR.get(content), found.reason)
    if job.ref.part is not None:
        told = _part_unknown(job.ref.part, told)
    return PageResult(
        PageKind.REFUSED, layout=found.nearest, turn=found.turn, cause=told, remedy=LOOK
    )


def _cover_of(flat: FlatPage, stages: Stages) -> Cover | None:
    """What the page says as a cover; a machine without Tesseract reads none, and goes on."""
    try:
        return stages.read_cover(flat.gray)
    except MachineError:
        return None


def _as_cover(cover: Cover | None) -> PageResult:
    if cover is None:
        return PageResult(PageKind.COVER, cause=_ONLY_A_TITLE)
    return PageResult(PageKind.COVER, turn=cover.turn, cause=cover.told(), cover=cover)


def _joined(one: Text | None, other: Text | None) -> Text | None:
    if one is None or other is None:
        return one or other
    return Text(f"{one.vi}; {other.vi}", f"{one.en}; {other.en}")


def _walk_by_hand(job: PageJob, stages: Stages, watch: _Watch) -> PageResult:
    """As `_walk`, with the form and its place given by a person."""
    corners = job.corners
    assert corners is not None
    loaded = stages.layouts.get(corners.layout)
    if loaded is None:
        return PageResult(PageKind.REFUSED, cause=_no_such_layout(corners.layout), remedy=LOOK)
    if loaded.layout.type != job.type:
        return _other_register(job, loaded.layout, 0)
    with watch.stage("load"):
        image = stages.load(job.ref)
    with watch.stage("flatten"):
        cut = cut_by_hand(image, corners)
        flat = stages.deepen(cut.flat) if stages.content(cut.flat.gray) in PALE else cut.flat
    with watch.stage("register"):
        pose = Pose(cut.turn, cut.scale, cut.offset, 1.0)
        aligned = stages.register_given(flat.gray, loaded, pose, corners.trust)
    result = _cut_and_read(job, stages, watch, flat, loaded, aligned, cut.turn)
    if aligned.reason is None:
        return result
    return replace(result, records=tuple(_doubted(record) for record in result.records))


def _cut_and_read(
    job: PageJob,
    stages: Stages,
    watch: _Watch,
    flat: FlatPage,
    loaded: LoadedLayout,
    aligned: Registration,
    turn: int,
) -> PageResult:
    """The fields of a page that the form fits; refused when it does not."""
    layout_id, residual_mm = loaded.layout.id, float(aligned.residual_mm)
    if not aligned.accepted:
        return PageResult(
            PageKind.REFUSED,
            layout=layout_id,
            turn=turn,
            cause=aligned.reason,
            remedy=LOOK,
            residual_mm=residual_mm,
        )
    with watch.stage("cut"):
        crops = stages.cut(flat, loaded, aligned)
    with watch.stage("read"):
        records = stages.read(crops, job.ref.name, layout_id, job.home)
    return PageResult(
        PageKind.RECORD,
        layout=layout_id,
        turn=turn,
        records=tuple(records),
        residual_mm=residual_mm,
        to_original=tuple(float(value) for value in flat.to_original.ravel()),
    )


def _doubted(record: Record) -> Record:
    """The record with every field sent to a person."""
    fields = {
        code: replace(field, doubts=(*field.doubts, BY_HAND))
        for code, field in record.fields.items()
    }
    return replace(record, fields=fields)


def _no_such_layout(layout_id: str) -> Text:
    return Text(
        f"Không có biểu mẫu {layout_id} trong các biểu mẫu đã cài",
        f"The layout {layout_id} is not among those installed",
    )


def _part_unknown(part: ScanPart, reason: Text | None) -> Text:
    why = reason or Text("không rõ", "unknown")
    return Text(
        f"Ảnh quét có nhiều biểu mẫu; phần {part.number} {why.vi}",
        f"The scan shows several forms; part {part.number} {why.en}",
    )


def _named(type: str) -> Text:
    known = RegisterType.__members__.get(type)  # a plugged-in layout may have a type of its own
    if known is None:
        return Text(type, type)
    return Text(f"{known.label.vi} ({type})", f"{known.label.en} ({type})")


def _other_register(job: PageJob, layout: Layout, turn: int) -> PageResult:
    return PageResult(
        PageKind.OTHER,
        layout=layout.id,
        turn=turn,
        cause=Text(
            f"Trang này thuộc sổ {_named(layout.type).vi}, không phải sổ {_named(job.type).vi}",
            f"The page is of a register of {_named(layout.type).en}, not of {_named(job.type).en}",
        ),
        remedy=Text(
            "Chuyển tệp này sang thư mục đúng sổ, hoặc sửa loại sổ trong danh mục sổ",
            "Move the file to its own book, or correct the type in the inventory",
        ),
    )


class _Watch:
    """Adds up working time by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - start
            self.seconds[name] = self.seconds.get(name, 0.0) + spent
