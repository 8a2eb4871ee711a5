"""The built wheel, installed alone in an empty environment, does the whole job from any folder."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def call(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=540,
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    done = call(sys.executable, "-m", "build", "--wheel", "--outdir", out, ROOT, cwd=out)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("*.whl")
    return built


def test_wheel_carries_models_layouts_and_samples_but_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for folder in ("models", "layouts", "sample_scans"):
        assert any(name.startswith(f"ocr_pipeline/_resources/{folder}/") for name in names), folder
    for page in ("vi/reviewer.md", "en/reviewer.md", "images/review-field.png"):
        assert f"ocr_pipeline/_resources/docs/{page}" in names
    for file in ("templates/login.html", "static/css/base.css", "i18n/vi.yaml", "access.yaml"):
        assert f"review_ui/{file}" in names
    assert not any(name.startswith(("tests/", "docs/", "demo_out/")) for name in names)


@pytest.mark.long
def test_demo_runs_from_the_wheel_in_another_folder(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "môi trường trống"
    venv.EnvBuilder(with_pip=True).create(home)
    installed = call(home / "bin/python", "-m", "pip", "install", "-q", wheel, cwd=tmp_path)
    assert installed.returncode == 0, installed.stderr

    elsewhere = tmp_path / "nơi khác"
    elsewhere.mkdir()
    demo = call(home / "bin/sohoa", "demo", "--workspace", "ws", "--out", "ra", cwd=elsewhere)
    assert demo.returncode in (0, 1), demo.stdout + demo.stderr  # 1: the faulty book is listed
    assert "Traceback" not in demo.stdout + demo.stderr
    packages = sorted((elsewhere / "ra").glob("*/*.zip"))
    assert len(packages) >= 5
    for package in packages:
        assert package.with_suffix(".xls").is_file()

    checked = call(home / "bin/sohoa", "check", "ra", cwd=elsewhere)
    assert checked.returncode == 0, checked.stdout + checked.stderr

    serve = [home / "bin/sohoa", "serve", "--workspace", "ws", "--port", "0"]
    station = subprocess.Popen(
        [str(part) for part in serve],
        cwd=elsewhere,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        assert station.stdout
        address = station.stdout.readline().split()[-1]
        for path in ("/login", "/static/css/base.css"):
            with urllib.request.urlopen(address + path, timeout=60) as answer:
                assert answer.status == 200
    finally:
        station.kill()
        station.wait()
