"""Export a trained network: ONNX file, alphabet, description and checksums in a model folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ocr_pipeline.errors import BadInputError, MachineError, Text
from ocr_pipeline.reading.confidence import calibration_files
from ocr_pipeline.reading.line_images import PREPARATION, WIDTH_STEP
from ocr_pipeline.training.exported_weights import exported_weights, without_normalisation
from ocr_pipeline.training.network import STRIDE, Architecture, LineNetwork
from ocr_pipeline.training.quantisation import quantise

_ABOUT = "about"
_NETWORK = "model.onnx"


def load_checkpoint(file: Path) -> tuple[LineNetwork, str]:
    """The averaged network of a checkpoint, or of a model's `weights.npz`, with its alphabet."""
    state = load_state(file)
    network = LineNetwork(len(state["alphabet"]), Architecture(**state["shape"]))
    network.load_state_dict(state["average"])
    return network.eval(), state["alphabet"]


def load_state(file: Path) -> dict[str, Any]:
    """What a checkpoint, a `training.npz` or a `weights.npz` with its network holds.

    Returns:
        `average` (averaged weights), `alphabet`, `shape`; `lines` (seen in training) where the file
        knows it; a checkpoint's other entries.

    Raises:
        MachineError: a `weights.npz` lies without the network that has its matrices.

    """
    if file.suffix != ".npz":
        state: dict[str, Any] = torch.load(file, weights_only=True, map_location="cpu")
        return state
    with np.load(file) as arrays:
        about = json.loads(arrays[_ABOUT].tobytes())
        weights = {k: torch.from_numpy(arrays[k]) for k in arrays.files if k != _ABOUT}
    weights = {k: w.float() if w.is_floating_point() else w for k, w in weights.items()}
    if "scores.weight" not in weights:
        weights |= without_normalisation(_exported_beside(file), weights)
    shape = about["shape"]
    known = {"lines": about["lines"]} if "lines" in about else {}
    return {
        **known,
        "average": weights,
        "alphabet": about["alphabet"],
        "shape": {**shape, "channels": tuple(shape["channels"])},
    }


def _exported_beside(file: Path) -> dict[str, Tensor]:
    network = file.with_name(_NETWORK)
    if not network.is_file():
        raise MachineError(
            Text(f"Thiếu {_NETWORK}, nơi có các ma trận của mạng",
                 f"{_NETWORK}, which has the network's matrices, is missing"),
            where=str(file),
            remedy=Text("Để tệp này trong thư mục mô hình của nó",
                        "Leave this file in the folder of its model"),
        )  # fmt: skip
    return exported_weights(network)


def export(
    network: LineNetwork,
    alphabet: str,
    folder: Path,
    version: str,
    lines: Sequence[npt.NDArray[np.float32]] = (),
    name: str = "",
) -> None:
    """Write `model.onnx`, `weights.npz`, `alphabet.txt`, `model.json`; the card is written by hand.

    `weights.npz` holds what training needs and `model.onnx` lacks, in half precision.

    Args:
        network: trained, on the CPU.
        alphabet: class k is `alphabet[k - 1]`.
        folder: model folder.
        version: kept with every field the model reads.
        lines: prepared lines of every sort; with them `model.onnx` gets eight-bit weights.
        name: of the model; "": that of its folder.

    Raises:
        RuntimeError: ONNX and torch disagree.

    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / _NETWORK
    _write_onnx(network.eval().fused(), file)
    if lines:
        quantise(file, file, lines)
    kept = exported_weights(file).keys() if lines else ()
    _write_weights(network, alphabet, folder / "weights.npz", kept)
    (folder / "alphabet.txt").write_text(alphabet, encoding="utf8", newline="\n")
    about = {
        "name": name or folder.name,
        "version": version,
        "height": network.shape.height,
        "width_multiple": WIDTH_STEP,
        "stride": STRIDE,
        "preparation": PREPARATION,
        "blank": 0,
        "input": "lines",
        "output": "log_probs",
    }
    (folder / "model.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf8")
    write_checksums(folder)


def write_training(
    checkpoint: Path, file: Path, other: Path | None = None, share: float = 0.0
) -> int:
    """Write a checkpoint's running average in half precision, a tenth of the checkpoint's size.

    `weights` of a training configuration goes on from it; the optimiser begins anew.

    Args:
        checkpoint: `checkpoint.pt` of a training.
        file: `.npz` to write.
        other: weights to mix in, of the same shape: those that the training began from, so that
            what it forgot comes back; None: none.
        share: of `other`, 0–1.

    Returns:
        Lines the network has seen.

    Raises:
        BadInputError: `other` has another shape or alphabet.

    """
    network, alphabet = load_checkpoint(checkpoint)
    seen = int(load_state(checkpoint).get("lines", 0))
    if other is not None:
        second, letters = load_checkpoint(other)
        if (second.shape, letters) != (network.shape, alphabet):
            raise BadInputError(
                Text("Mạng này có hình dạng khác", "This network has another shape"),
                where=str(other),
                remedy=Text(
                    "Chọn trọng số mà lần huấn luyện đã bắt đầu từ đó",
                    "Choose the weights that the training began from",
                ),
            )
        _mix(network, second, share)
    _write_weights(network, alphabet, file, lines=seen)
    return seen


def _mix(network: LineNetwork, other: LineNetwork, share: float) -> None:
    """Bring every weight of a network so far towards another's."""
    theirs = other.state_dict()
    with torch.no_grad():
        for name, own in network.state_dict().items():
            if own.is_floating_point():
                own.lerp_(theirs[name], share)


def _write_weights(
    network: LineNetwork, alphabet: str, file: Path, elsewhere: Collection[str] = (), **known: int
) -> None:
    arrays: dict[str, Any] = {
        k: v.numpy().astype(np.float16) if v.is_floating_point() else v.numpy()
        for k, v in network.state_dict().items()
        if k not in elsewhere
    }
    about = json.dumps({"alphabet": alphabet, "shape": asdict(network.shape), **known}).encode()
    arrays[_ABOUT] = np.frombuffer(about, np.uint8)
    np.savez_compressed(file, **arrays)


def _write_onnx(network: LineNetwork, file: Path) -> None:
    torch.onnx.export(
        network,
        (torch.zeros(2, 1, network.shape.height, 16 * WIDTH_STEP),),
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

    The calibration is left out: it is refitted without the network changing. So is `training.npz`:
    it belongs to the next network, and no worker is to hash it at its start.
    """
    left_out = {"SHA256SUMS", "training.npz", *(p.name for p in calibration_files(folder))}
    names = sorted(p.name for p in folder.iterdir() if p.is_file() and p.name not in left_out)
    sums = [f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}" for n in names]
    (folder / "SHA256SUMS").write_text("\n".join(sums) + "\n", encoding="utf8")
