import json
from pathlib import Path

import pytest

from ocr_pipeline.errors import ExitCode
from ocr_pipeline.resources import shipped


@pytest.fixture(scope="module")
def layout_folder():
    return next(shipped("layouts").rglob("layout.yaml")).parent


def test_a_shipped_form_is_found_on_its_own_reference(sohoa, layout_folder, tmp_path):
    done = sohoa("layout", "detect", layout_folder / "reference.png", "--json")
    assert done.code == ExitCode.DONE
    assert json.loads(done.out)["layout"] in (layout_folder / "layout.yaml").read_text("utf-8")


@pytest.mark.long
def test_a_copied_layout_can_be_checked_and_previewed(sohoa, tmp_path):
    folder = tmp_path / "mẫu"
    assert sohoa("layout", "new", folder, "--like", "KT-2016", "--id", "KT-2016-X").code == 0
    assert sohoa("layout", "check", folder, "--layouts", folder, "--json").code == ExitCode.DONE
    assert sohoa("layout", "preview", folder).code == ExitCode.DONE
    assert (folder / "preview.png").read_bytes().startswith(b"\x89PNG")


def test_mistakes_are_explained(sohoa, tmp_path):
    new = ("layout", "new", tmp_path / "x", "--id", "KS-1")
    assert sohoa(*new).code == ExitCode.USAGE
    done = sohoa(*new, "--like", "KS-9999")
    assert done.code == ExitCode.BAD_INPUT and "KS-2016" in done.err
    Path(tmp_path / "page.jpg").write_bytes(b"")
    assert sohoa("layout", "detect", tmp_path / "page.jpg").code == ExitCode.BAD_INPUT
