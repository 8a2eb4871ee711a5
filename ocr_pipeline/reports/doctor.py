"""Is this installation able to work? Each thing that is needed, looked at, with a remedy."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import distributions
from itertools import islice
from pathlib import Path

from ocr_pipeline import SILENCED
from ocr_pipeline.errors import SohoaError, Text
from ocr_pipeline.os_errors import is_there, os_reason
from ocr_pipeline.plugins import PluginError, PluginGroup, plugins
from ocr_pipeline.private_files import open_to_others
from ocr_pipeline.processing.office_policy import policy_values
from ocr_pipeline.resources import shipped
from ocr_pipeline.store import sqlite_build
from ocr_pipeline.store.policies import ReviewPolicy, load_policies
from ocr_pipeline.store.workspace import DATABASE, Workspace
from ocr_pipeline.usual_options import USUAL

_LOW_DISK_GB = 5.0
_MOST_NAMED = 5
_CV2_WHEELS = {
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
}


class Health(StrEnum):
    """How well something is."""

    GOOD = "good"
    POOR = "poor"  # works, but not as well as it could
    MISSING = "missing"  # nothing works without it


@dataclass(frozen=True, slots=True)
class HealthFinding:
    """One thing looked at: its name, how it is, what was seen, and what to do about it."""

    name: str
    health: Health
    seen: str
    remedy: Text | None = None


def examine(workspace: Path | None = None) -> list[HealthFinding]:
    """Look at everything the software needs on this machine.

    Args:
        workspace: folder of the workspace, to look at its disk; the present folder when None.

    """
    looks: list[Callable[[], Iterator[HealthFinding]]] = [
        _python,
        _sqlite,
        _tesseract,
        _poppler,
        _opencv,
        _telemetry,
        _models,
        _layouts,
        _fonts,
        _plugins,
        lambda: _disk(workspace or Path.cwd()),
    ]
    if workspace is not None:
        looks.append(lambda: _privacy(workspace))  # before anything opens it, which tightens it
        looks.append(lambda: _policy(workspace))
    return [finding for look in looks for finding in look()]


def _python() -> Iterator[HealthFinding]:
    yield HealthFinding("Python", Health.GOOD, f"{platform.python_version()} {platform.machine()}")


def _sqlite() -> Iterator[HealthFinding]:
    number = ".".join(map(str, sqlite_build.version))
    seen = f"{number} ({sqlite_build.driver.__name__}), {sqlite_build.journal_mode()}"
    if not sqlite_build.loses_commits(sqlite_build.version):
        yield HealthFinding("SQLite", Health.GOOD, seen)
        return
    yield HealthFinding(
        "SQLite",
        Health.POOR,
        seen,
        Text(
            "Chế độ `WAL` của bản này có thể làm mất dữ liệu nên không được dùng: máy ghi chậm "
            "hơn, người đọc phải chờ; cài lại sohoa (gói `pysqlite3`), hoặc nâng SQLite lên 3.51.3",
            "The write-ahead log of this build may lose what was kept, so it is not used: writing "
            "is slower and readers wait; install sohoa again (pysqlite3), or SQLite 3.51.3",
        ),
    )


def _tesseract() -> Iterator[HealthFinding]:
    name, remedy = (
        "Tesseract + vie",
        Text(
            "Ubuntu/Debian: apt-get install tesseract-ocr tesseract-ocr-vie; Windows: bộ cài UB "
            "Mannheim, chọn “Vietnamese”, thêm vào PATH",
            "Ubuntu/Debian: apt-get install tesseract-ocr tesseract-ocr-vie; Windows: the UB "
            "Mannheim installer, choose “Vietnamese”, add it to PATH",
        ),
    )
    said = _run("tesseract", "--list-langs")
    if said is None:
        yield HealthFinding(name, Health.MISSING, "tesseract: –", remedy)
        return
    languages = set(said.split())
    version = (_run("tesseract", "--version") or "?").splitlines()[0]
    if "vie" not in languages:
        yield HealthFinding(name, Health.MISSING, f"{version}, vie: –", remedy)
        return
    yield HealthFinding(name, Health.GOOD, f"{version}, vie")


def _poppler() -> Iterator[HealthFinding]:
    said = _run("pdftoppm", "-v")
    if said is None:
        yield HealthFinding(
            "poppler",
            Health.MISSING,
            "pdftoppm: –",
            Text("Cài phần mềm poppler-utils", "Install the package poppler-utils"),
        )
        return
    yield HealthFinding("poppler", Health.GOOD, said.splitlines()[0] if said else "pdftoppm")


def _opencv() -> Iterator[HealthFinding]:
    names = {(item.metadata["Name"] or "").lower() for item in distributions()}
    wheels = sorted(names & _CV2_WHEELS)
    remedy = Text(
        "Gỡ mọi bản opencv rồi cài lại sohoa: pip uninstall opencv-python "
        "opencv-python-headless opencv-contrib-python; pip install --force-reinstall sohoa",
        "Remove every opencv package and install sohoa again: pip uninstall opencv-python "
        "opencv-python-headless opencv-contrib-python; pip install --force-reinstall sohoa",
    )
    try:
        import cv2
    except ImportError as error:
        yield HealthFinding("OpenCV", Health.MISSING, type(error).__name__, remedy)
        return
    health = Health.GOOD if len(wheels) == 1 else Health.MISSING
    yield HealthFinding(
        "OpenCV",
        health,
        f"{cv2.__version__} ({', '.join(wheels) or '?'})",
        None if health is Health.GOOD else remedy,
    )


def _telemetry() -> Iterator[HealthFinding]:
    """Whether the libraries are kept from calling others; a plug-in may have set it otherwise."""
    lost = sorted(name for name, value in SILENCED.items() if os.environ.get(name) != value)
    if not lost:
        seen = ", ".join(f"{name}={value}" for name, value in SILENCED.items())
        yield HealthFinding("telemetry", Health.GOOD, f"– ({seen})")
        return
    yield HealthFinding(
        "telemetry",
        Health.POOR,
        ", ".join(f"{name}={os.environ.get(name, '')}" for name in lost),
        Text(
            "Một phần mở rộng đã đổi biến môi trường này: gỡ phần mở rộng đó, nếu không thư viện "
            "có thể tự gửi dữ liệu ra ngoài",
            "A plug-in has changed this environment variable: remove it, or a library may send "
            "data elsewhere",
        ),
    )


def _models() -> Iterator[HealthFinding]:

    try:
        folders = sorted(path for path in shipped("models").iterdir() if path.is_dir())
    except SohoaError as error:
        yield HealthFinding("models", Health.MISSING, error.cause.en, error.remedy)
        return
    yield from map(_model, folders)
    if USUAL.model not in {folder.name for folder in folders}:
        again = Text("Cài lại phần mềm sohoa", "Install the sohoa package again")
        yield HealthFinding(f"model {USUAL.model}", Health.MISSING, "–", again)


def _model(folder: Path) -> HealthFinding:
    from ocr_pipeline.reading.confidence import Calibration, calibration_files
    from ocr_pipeline.reading.models import verify

    name = f"model {folder.name}"
    try:
        verify(folder)
        calibrated = Calibration.load(folder).fitted
    except SohoaError as error:
        return HealthFinding(name, Health.MISSING, f"{error.where}: {error.cause.en}", error.remedy)
    if calibrated:
        found = "".join(f", {file.name} ✓" for file in calibration_files(folder))
        return HealthFinding(name, Health.GOOD, f"SHA-256 ✓{found}")
    remedy = Text(
        "Chưa hiệu chỉnh độ tin cậy: mọi trường đều chờ rà soát; xem `sohoa train calibrate`",
        "Its confidences are not calibrated: every field waits for review; see "
        "`sohoa train calibrate`",
    )
    return HealthFinding(name, Health.POOR, "SHA-256 ✓, calibration.json –", remedy)


def _layouts() -> Iterator[HealthFinding]:
    try:
        from ocr_pipeline.layout.loading import load_layouts

        names = [loaded.layout.id for loaded in load_layouts()]
    except SohoaError as error:
        yield HealthFinding(
            "layouts", Health.MISSING, f"{error.where} {error.cause.en}", error.remedy
        )
        return
    health = Health.GOOD if names else Health.MISSING
    remedy = None if names else Text("Cài lại phần mềm sohoa", "Install the sohoa package again")
    yield HealthFinding("layouts", health, ", ".join(names) or "–", remedy)


def _fonts() -> Iterator[HealthFinding]:
    from ocr_pipeline.layout.form_drawing import load_font

    faces = [(family, style) for family in ("sans", "serif") for style in ("regular", "bold")]
    try:
        for family, style in faces:
            load_font(family, style, 12.0)
    except (OSError, SohoaError) as error:
        again = Text("Cài lại phần mềm sohoa", "Install the sohoa package again")
        yield HealthFinding("fonts", Health.MISSING, type(error).__name__, again)
        return
    yield HealthFinding("fonts", Health.GOOD, ", ".join(" ".join(face) for face in faces))


def _plugins() -> Iterator[HealthFinding]:
    for group in PluginGroup:
        for plugin in plugins(group).values():
            name = f"{group} {plugin.name}"
            try:
                plugin.load()
            except PluginError as error:
                yield HealthFinding(name, Health.MISSING, error.cause.en, error.remedy)
            else:
                yield HealthFinding(name, Health.GOOD, f"{plugin.package}, {plugin.entry.value}")


def _policy(folder: Path) -> Iterator[HealthFinding]:
    """The thresholds that count in a workspace, each with the place where it is set."""
    try:
        found = policy_values(folder, _station_policies(folder))
    except SohoaError as error:
        seen = f"{error.where} {error.cause.en}"
        yield HealthFinding("policy", Health.MISSING, seen, error.remedy)
        return
    for value in found:
        yield HealthFinding(
            f"policy {value.name}", Health.GOOD, f"{value.value:g} ({value.source})"
        )


def _privacy(folder: Path) -> Iterator[HealthFinding]:
    """What lies in a workspace and other accounts of the machine may open."""
    found = list(islice(open_to_others(folder), 1000))
    if not found:
        yield HealthFinding("privacy", Health.GOOD, f"{folder}: 0600/0700")
        return
    names = ", ".join(
        f"{path.relative_to(folder)} ({path.lstat().st_mode & 0o777:o})"
        for path in found[:_MOST_NAMED]
    )
    more = f" … +{len(found) - _MOST_NAMED}" if len(found) > _MOST_NAMED else ""
    yield HealthFinding(
        "privacy",
        Health.POOR,
        names + more,
        Text(
            f"Tài khoản khác trên máy mở được các mục này: chạy `chmod -R go-rwx {folder}`",
            f"Other accounts of this machine can open these: run `chmod -R go-rwx {folder}`",
        ),
    )


def _station_policies(folder: Path) -> list[ReviewPolicy]:
    if not (folder / DATABASE).is_file():
        return []
    with Workspace.look(folder) as workspace, workspace.read_session() as session:
        return load_policies(session)


def _disk(folder: Path) -> Iterator[HealthFinding]:
    while not is_there(folder):
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        yield HealthFinding(
            "disk",
            Health.MISSING,
            f"{folder}: {os_reason(error)}",
            Text("Chọn thư mục khác hoặc cấp quyền ghi", "Choose another folder or allow writing"),
        )
        return
    free = shutil.disk_usage(folder).free / 1e9
    enough = free >= _LOW_DISK_GB
    yield HealthFinding(
        "disk",
        Health.GOOD if enough else Health.POOR,
        f"{folder}: {free:.0f} GB",
        None if enough else Text("Dọn bớt đĩa", "Free some disk space"),
    )


def _run(*command: str) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return (done.stdout + done.stderr).strip()
