"""What made the results of a run, in words people can pass on: software, model, layouts."""

from __future__ import annotations

from pathlib import Path

import ocr_pipeline
from ocr_pipeline.errors import SohoaError
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.reading.models import has_second
from ocr_pipeline.reading.network_file import load_network_file
from ocr_pipeline.resources import shipped


def made_by(settings: RunSettings, fingerprint: str = "") -> dict[str, str]:
    """What a run works with: `software`, `model`, `layouts` and `fingerprint` (of the page stage).

    Never fails: what lacks is found, and told, by the run itself.
    """
    return {
        "software": f"sohoa {ocr_pipeline.__version__}",
        "model": " + ".join(_model(name) for name in _networks(settings)),
        "layouts": settings.layouts,
        "fingerprint": fingerprint[:12],
    }


def _networks(settings: RunSettings) -> tuple[str, ...]:
    """What reads a page: the model, and the second network where there is one."""
    try:
        both = has_second(settings.model, settings.second)
    except SohoaError:
        both = False
    return (settings.model, settings.second) if both else (settings.model,)


def _model(name: str) -> str:
    """Name and version of a model, as far as its folder tells them."""
    try:
        folder = Path(name) if Path(name).is_dir() else shipped("models") / name
        return load_network_file(folder).title
    except SohoaError:
        return name
