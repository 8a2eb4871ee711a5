"""What made the results of a run, in words people can pass on: software, model, layouts."""

from __future__ import annotations

import json
from pathlib import Path

import ocr_pipeline
from ocr_pipeline.errors import SohoaError
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.resources import shipped


def made_by(settings: RunSettings, fingerprint: str = "") -> dict[str, str]:
    """What a run works with: `software`, `model`, `layouts` and `fingerprint` (of the page stage).

    Never fails: what lacks is found, and told, by the run itself.
    """
    return {
        "software": f"sohoa {ocr_pipeline.__version__}",
        "model": _model(settings.model),
        "layouts": settings.layouts,
        "fingerprint": fingerprint[:12],
    }


def _model(name: str) -> str:
    """Name and version of a model, as far as its folder tells them."""
    try:
        folder = Path(name) if Path(name).is_dir() else shipped("models") / name
        data = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        return f"{data['name']} {data['version']}"
    except (OSError, ValueError, KeyError, TypeError, SohoaError):
        return name
