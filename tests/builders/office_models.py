"""Folders of networks as an office makes them, without a network in them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from ocr_pipeline.processing.office_networks import OfficeNetworks

RECORD = {
    "base": "htr 2026.11-4",
    "base_fingerprint": "ab" * 32,
    "made": "2026-11-28T20:00:00+00:00",
    "command": "sohoa learn --network",
    "seed": 1,
    "lines": 640,
    "kinds": {"person_name": 640},
    "books": {"learnt": ["KS.2001.01"], "held_back": ["KS.2002.01"]},
    "calibration": "taken over",
    "before": {"characters": 1000, "characters_wrong": 80, "fields": 100, "right": 60},
    "after": {"characters": 1000, "characters_wrong": 50, "fields": 100, "right": 70},
}


def office_network(networks: OfficeNetworks, name: str, **record: object) -> Path:
    """Add a network whose weights are the bytes of its name; gives its folder."""
    with networks.at_work() as work:
        work.mkdir()
        about = {
            "name": "htr", "version": name, "height": 48, "width_multiple": 16, "stride": 4,
            "preparation": "ink-crop", "blank": 0, "input": "lines", "output": "log_probs",
        }  # fmt: skip
        (work / "model.onnx").write_text(name)
        (work / "alphabet.txt").write_text(" ab")
        (work / "model.json").write_text(json.dumps(about))
        (work / "learnt.json").write_text(json.dumps({**RECORD, **record}))
        sums = [
            f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
            for path in sorted(work.iterdir())
        ]
        (work / "SHA256SUMS").write_text("".join(sums))
        return networks.add(work, name)
