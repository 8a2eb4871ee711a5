"""Handwriting models of other packages (entry points `sohoa.recognisers`)."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from ocr_pipeline.plugins import Plugin, PluginGroup, plugins
from ocr_pipeline.reading.confidence import Calibration
from ocr_pipeline.reading.recogniser import LineRecogniser


class PluggedRecogniser(LineRecogniser, Protocol):
    """What the entry point gives when it is called without arguments."""

    fingerprint: str
    """Changes whenever its readings may differ (weights, code, runtime): pages are read anew."""

    folder: Path | None
    """Holds its `calibration.json`; None: its confidences are not fitted, people see all fields."""


_PARTS = ("name", "alphabet", "scores", "fingerprint", "folder")


def plugged_names() -> list[str]:
    """Names of the models that other packages bring."""
    return list(plugins(PluginGroup.RECOGNISERS))


def find_plugged(name: str) -> Plugin | None:
    """The plug-in of this name; None when no package brings one."""
    return plugins(PluginGroup.RECOGNISERS).get(name)


def load_plugged(
    plugin: Plugin, *, calibrated: bool = True
) -> tuple[PluggedRecogniser, Calibration]:
    """The recogniser of a plug-in and its calibration.

    Raises:
        PluginError: it cannot be imported or made, or lacks a part of a recogniser.
        MachineError: its calibration is damaged.

    """
    make = plugin.load()
    try:
        recogniser: PluggedRecogniser = make()
        for part in _PARTS:
            getattr(recogniser, part)
    except Exception as error:  # foreign code
        raise plugin.broken(error) from error
    if not calibrated or recogniser.folder is None:
        return recogniser, Calibration()
    return recogniser, Calibration.load(recogniser.folder)
