"""Export a trained network: ONNX file, alphabet, description and checksums in a model folder."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import torch

from ocr_pipeline.reading.lines import PREPARATION, WIDTH_STEP
from ocr_pipeline.training.network import STRIDE, Architecture, LineNetwork


def load_checkpoint(file: Path) -> tuple[LineNetwork, str]:
    """The averaged network of a checkpoint, with its alphabet."""
    state = torch.load(file, weights_only=True, map_location="cpu")
    network = LineNetwork(len(state["alphabet"]), Architecture(**state["shape"]))
    network.load_state_dict(state["average"])
    return network.eval(), state["alphabet"]


def export(network: LineNetwork, alphabet: str, folder: Path, version: str) -> None:
    """Write `model.onnx`, `alphabet.txt`, `model.json`, `SHA256SUMS`; the card is written by hand.

    Args:
        network: trained, on the CPU.
        alphabet: class k is `alphabet[k - 1]`.
        folder: model folder; its name is the model's name.
        version: kept with every field the model reads.

    Raises:
        RuntimeError: ONNX and torch disagree.

    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "model.onnx"
    network = network.eval().fused()
    height = network.shape.height
    torch.onnx.export(
        network,
        (torch.zeros(2, 1, height, 16 * WIDTH_STEP),),
        str(file),
        input_names=["lines"],
        output_names=["log_probs"],
        dynamic_axes={"lines": {0: "batch", 3: "width"}, "log_probs": {0: "batch", 1: "frames"}},
        opset_version=17,
        dynamo=False,
    )
    difference = onnx_difference(network, file)
    if difference > 1e-2:
        raise RuntimeError(f"ONNX differs from torch by {difference:.3g}")
    (folder / "alphabet.txt").write_text(alphabet, encoding="utf8", newline="\n")
    about = {
        "name": folder.name,
        "version": version,
        "height": height,
        "width_multiple": WIDTH_STEP,
        "stride": STRIDE,
        "preparation": PREPARATION,
        "blank": 0,
        "input": "lines",
        "output": "log_probs",
    }
    (folder / "model.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf8")
    write_checksums(folder)


def onnx_difference(network: LineNetwork, file: Path) -> float:
    """Largest difference of log-probabilities between torch and ONNX on random lines."""
    import onnxruntime

    size = (3, 1, network.shape.height, 10 * WIDTH_STEP)
    lines = np.random.default_rng(0).random(size, np.float32)
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    theirs = session.run(None, {"lines": lines})[0]
    with torch.inference_mode():
        ours = network(torch.from_numpy(lines)).numpy()
    return float(np.abs(ours - theirs).max())


def write_checksums(folder: Path) -> None:
    """SHA-256 of the network's files, in the form `sha256sum -c` reads.

    The calibration is left out: it is refitted without the network changing.
    """
    left_out = {"SHA256SUMS", "calibration.json"}
    names = sorted(p.name for p in folder.iterdir() if p.is_file() and p.name not in left_out)
    sums = [f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}" for n in names]
    (folder / "SHA256SUMS").write_text("\n".join(sums) + "\n", encoding="utf8")
