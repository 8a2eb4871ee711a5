"""The stages a page goes through, gathered so that tests and notebooks can swap them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ocr_pipeline.errors import Text
from ocr_pipeline.processing.settings import RunSettings, page_fingerprint
from ocr_pipeline.registers.fields import Record


@dataclass(frozen=True)
class Stages:
    """One callable per stage, with the layouts and the model they work with.

    Attributes:
        load: `PageRef -> PageImage`.
        flatten: `PageImage -> FlatPage`.
        content: grey page `-> "content" | "blank" | "cover"`.
        detect: `(grey page, layouts, prior) -> Detection`.
        register: `(grey page, layout, turn) -> Registration`.
        register_given: `(grey page, layout, given Pose, trust) -> Registration`.
        cut: `(FlatPage, layout, Registration) -> RecordCrops…`.
        read: `(RecordCrops…, page name, layout id, units of the book's agency) -> Record…`.
        layouts: loaded layouts by id.
        fingerprint: of all of these.
        note: something people should know, e.g. that a poorer model stands in for a missing one.

    """

    load: Callable[[Any], Any]
    flatten: Callable[[Any], Any]
    content: Callable[[Any], str]
    detect: Callable[[Any, Sequence[Any], str], Any]
    register: Callable[[Any, Any, int], Any]
    register_given: Callable[[Any, Any, Any, bool], Any]
    cut: Callable[[Any, Any, Any], Sequence[Any]]
    read: Callable[[Sequence[Any], str, str, tuple[str, ...]], Sequence[Record]]
    layouts: Mapping[str, Any]
    fingerprint: str
    note: Text | None = None


@lru_cache(maxsize=2)
def tools_for(settings: RunSettings) -> Stages:
    """The real stages under `settings`; loaded once per process.

    Raises:
        MachineError: the model or the layouts are missing or damaged.
        LayoutError: a layout contradicts itself.

    """
    from ocr_pipeline.imaging.flat_page import flatten, page_content
    from ocr_pipeline.layout.detection import detect
    from ocr_pipeline.layout.field_crops import cut
    from ocr_pipeline.layout.loading import load_layouts
    from ocr_pipeline.layout.manual_registration import register_given
    from ocr_pipeline.layout.registration import register
    from ocr_pipeline.reading.models import load_model
    from ocr_pipeline.reading.reader import Reader
    from ocr_pipeline.scans.pages import load_page

    layouts = load_layouts(Path(settings.layouts) if settings.layouts else None)
    model = load_model(settings.model)
    reader = Reader(model)
    return Stages(
        load=load_page,
        flatten=flatten,
        content=page_content,
        detect=detect,
        register=register,
        register_given=lambda gray, loaded, pose, trust: register_given(
            gray, loaded, pose, trust=trust
        ),
        cut=cut,
        read=reader.read_page,
        layouts={loaded.layout.id: loaded for loaded in layouts},
        fingerprint=page_fingerprint((loaded.fingerprint for loaded in layouts), model.fingerprint),
        note=model.note,
    )
