"""Load a model by name or path: network, alphabet and calibration, checked against SHA256SUMS."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.foreign_files import foreign_file
from ocr_pipeline.os_errors import os_reason
from ocr_pipeline.plain_files import read_plain
from ocr_pipeline.plugins import Plugin
from ocr_pipeline.reading.book_hand import BookHand
from ocr_pipeline.reading.confidence import Calibration, calibration_files
from ocr_pipeline.reading.network_file import LEARNING_RECORD, load_network_file
from ocr_pipeline.reading.onnx_recogniser import OnnxRecogniser
from ocr_pipeline.reading.plugged_models import find_plugged, load_plugged, plugged_names
from ocr_pipeline.reading.recogniser import LineRecogniser
from ocr_pipeline.resources import shipped
from ocr_pipeline.usual_options import USUAL

_NEEDED = ("model.onnx", "alphabet.txt", "model.json")
_SENSELESS = "không hiểu được nội dung", "its contents cannot be made out"
_MOST_BYTES = 2_000_000_000  # of a file of a model; that of ONNX itself
_REMEDY = Text(
    "Cài lại phần mềm sohoa, hoặc chọn mô hình khác bằng --model",
    "Install the sohoa package again, or choose another model with --model",
)
_REMEDY_OF_AN_OFFICE = Text(
    "Trở lại mạng trước: sohoa network rollback, hoặc chọn mô hình khác bằng --model",
    "Go back to the network before: sohoa network rollback, or choose another with --model",
)


@dataclass(frozen=True, slots=True)
class Model:
    """A recogniser with its calibration.

    Attributes:
        recogniser: reads lines.
        calibration: turns what it says into probabilities.
        fingerprint: SHA-256 over the model's files, or what a plug-in says of itself and of its
            package; changes when any of them does.
        folder: where it lies; None for a plug-in without a folder.

    """

    recogniser: LineRecogniser
    calibration: Calibration
    fingerprint: str
    folder: Path | None


@dataclass(frozen=True, slots=True)
class SecondModel:
    """A network that reads what another has read, and the confidence fitted for both together.

    Attributes:
        model: the second network.
        calibration: of the fields that both read.

    """

    model: Model
    calibration: Calibration


def load_model(
    name: str = USUAL.model, *, calibrated: bool = True, hand: BookHand | None = None
) -> Model:
    """Load a model.

    Args:
        name: a shipped model (`htr`), the name of a plug-in, or the path of a model's
            folder.
        calibrated: with its confidences; without, to fit them anew whatever file there is.
        hand: a book's own, added to the network; the fingerprint stays that of the model. A plug-in
            reads without it.

    Raises:
        MachineError: there is no such model, a file is missing or damaged, a plug-in is broken.

    """
    plugin = None if _is_folder(name) or is_shipped(name) else find_plugged(name)
    if plugin is not None:
        return _plugged(plugin, calibrated)
    folder = _folder(name)
    with foreign_file(partial(_problem, folder, *_SENSELESS)):
        return _loaded(folder, calibrated, hand)


def load_second(first: Model, name: str) -> SecondModel | None:
    """A second network for a model.

    Args:
        first: the model whose fields it reads, too.
        name: as of `load_model`; "" asks for none.

    Returns:
        None where the model reads alone: nothing was asked for, or only what is usual
        (`USUAL.second`), and no confidence of the model was fitted with that network.

    Raises:
        MachineError: there is no such network, it is damaged, or a confidence with another one than
            the usual was asked for and never fitted.

    """
    calibration = _with_second(first.calibration, first.folder, name)
    if calibration is not None:
        return SecondModel(load_model(name), calibration)
    if name in ("", USUAL.second):
        return None
    raise MachineError(
        Text(
            f"Mô hình chưa được hiệu chỉnh cùng mạng thứ hai “{name}”",
            f"The model's confidence was never fitted with the second network “{name}”",
        ),
        where=first.recogniser.name,
        remedy=Text(
            "Chạy “sohoa train calibrate” với --second, hoặc bỏ --second",
            "Run “sohoa train calibrate” with --second, or leave --second out",
        ),
    )


def has_second(model: str, second: str) -> bool:
    """Whether a model's confidence was fitted with this second network.

    Raises:
        MachineError: there is no such model or network, or its files are damaged.

    """
    return _with_second(Calibration(), network_folder(model), second) is not None


def _with_second(own: Calibration, folder: Path | None, second: str) -> Calibration | None:
    """The confidence of a model in a folder with a second network; None where none was fitted."""
    named = _named(second) if second else None
    return None if folder is None or named is None else own.with_second(folder, *named)


def _named(name: str) -> tuple[str, str] | None:
    """Folder's name of a network, and its own with the version; None of one without a folder."""
    folder = network_folder(name)
    if folder is not None:
        return folder.name, load_network_file(folder).title
    plugged = load_model(name)
    return None if plugged.folder is None else (plugged.folder.name, plugged.recogniser.name)


def network_folder(name: str) -> Path | None:
    """The folder of a model that is a network of this project; None for a plug-in.

    Raises:
        MachineError: there is no such model.

    """
    plugged = not (_is_folder(name) or is_shipped(name)) and find_plugged(name) is not None
    return None if plugged else _folder(name)


@lru_cache
def network_fingerprint(name: str) -> str:
    """What `load_model` says of the fingerprint of a network, without loading it; "" of a plug-in.

    Raises:
        MachineError: there is no such model, or its files are damaged.

    """
    folder = network_folder(name)
    return _fingerprint(folder) if folder is not None else ""


@lru_cache
def confidence_of_no_ink(name: str = USUAL.model) -> float:
    """Confidence (0–1) of a field without any ink, as this model is calibrated.

    One with ink, however little, has less.

    Raises:
        MachineError: there is no such model, or its calibration is damaged.

    """
    plugin = None if _is_folder(name) or is_shipped(name) else find_plugged(name)
    if plugin is not None:
        return load_plugged(plugin, calibrated=True)[1].blank_probability(0.0)
    return Calibration.load(_folder(name)).blank_probability(0.0)


def _loaded(folder: Path, calibrated: bool, hand: BookHand | None) -> Model:
    fingerprint = _fingerprint(folder)
    return Model(
        OnnxRecogniser(folder, hand=hand),
        Calibration.load(folder) if calibrated else Calibration(),
        fingerprint,
        folder,
    )


def _fingerprint(folder: Path) -> str:
    digests = verify(folder)
    digests |= {path.name: _digest(path) for path in calibration_files(folder)}
    lines = "".join(f"{digests[file]}  {file}\n" for file in sorted(digests))
    return hashlib.sha256(lines.encode()).hexdigest()


def verify(folder: Path) -> dict[str, str]:
    """Check a model's files against its SHA256SUMS.

    Returns:
        SHA-256 by file name.

    Raises:
        MachineError: a file is missing, not listed, or not what the list says.

    """
    sums = folder / "SHA256SUMS"
    if not sums.is_file():
        raise _problem(sums, "thiếu tệp", "the file is missing")
    listed = {}
    for line in _read(sums).decode("utf-8", "replace").splitlines():
        digest, _, file = line.partition(" ")
        if file.strip(" *"):
            listed[file.strip(" *")] = digest
    for file in _NEEDED:
        if file not in listed:
            raise _problem(sums, f"không ghi tệp {file}", f"{file} is not listed")
    for file, digest in listed.items():
        path = folder / file
        if not path.is_file():
            raise _problem(path, "thiếu tệp", "the file is missing")
        if _digest(path) != digest:
            raise _problem(
                path,
                "tệp đã bị thay đổi hoặc hỏng (sai SHA-256)",
                "the file was changed or is damaged (SHA-256 differs)",
            )
    return listed


def _folder(name: str) -> Path:
    if _is_folder(name):
        return Path(name)
    models = shipped("models")
    if is_shipped(name):
        return models / name
    known = sorted(path.parent.name for path in models.glob("*/model.onnx")) + plugged_names()
    raise MachineError(
        Text(f"Không có mô hình “{name}”", f"There is no model “{name}”"),
        where=str(models),
        remedy=Text(
            f"Chọn một trong: {', '.join(known) or '–'}, hoặc đường dẫn tới thư mục mô hình",
            f"Choose one of: {', '.join(known) or '–'}, or the path of a model's folder",
        ),
    )


def _is_folder(name: str) -> bool:
    return any(mark in name for mark in "/\\.") and Path(name).is_dir()


def is_shipped(name: str) -> bool:
    """Whether the software brings a model of this name along."""
    return (shipped("models") / name / "model.onnx").is_file()


def _plugged(plugin: Plugin, calibrated: bool) -> Model:
    recogniser, calibration = load_plugged(plugin, calibrated=calibrated)
    parts = [plugin.name, plugin.package, str(recogniser.fingerprint)]
    if recogniser.folder is not None:
        parts += [_digest(path) for path in calibration_files(recogniser.folder)]
    fingerprint = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return Model(recogniser, calibration, fingerprint, recogniser.folder)


def _digest(path: Path) -> str:
    return hashlib.sha256(_read(path)).hexdigest()


def _read(path: Path) -> bytes:
    try:
        return read_plain(path, _MOST_BYTES)
    except OSError as error:
        reason = os_reason(error)
        raise _problem(path, f"không đọc được: {reason.vi}", f"unreadable: {reason.en}") from error


def _problem(path: Path, vi: str, en: str) -> MachineError:
    return MachineError(
        Text(f"Mô hình không dùng được: {vi}", f"The model cannot be used: {en}"),
        where=str(path),
        remedy=_REMEDY_OF_AN_OFFICE if _is_of_an_office(path) else _REMEDY,
    )


def _is_of_an_office(path: Path) -> bool:
    folder = path if path.is_dir() else path.parent
    return (folder / LEARNING_RECORD).is_file()
