import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr_pipeline.errors import MachineError, TransientError
from ocr_pipeline.reading import tesseract


@pytest.mark.skipif(not shutil.which("tesseract"), reason="tesseract is not installed")
def test_print_is_read() -> None:
    line = np.full((60, 520), 255, np.uint8)
    cv2.putText(line, "KHAI SINH 2018", (20, 42), cv2.FONT_HERSHEY_DUPLEX, 1.2, 0, 2, cv2.LINE_AA)
    found = tesseract.read_print(line)
    assert found.text == "KHAI SINH 2018" and found.confidence > 0.5
    assert tesseract.read_print(np.full((40, 300), 255, np.uint8)).text == ""
    assert tesseract.read_print(np.zeros((0, 0), np.uint8)).text == ""


def test_a_missing_program_is_told_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tesseract.pytesseract.pytesseract, "tesseract_cmd", "no-such-program")
    tesseract.check.cache_clear()
    with pytest.raises(MachineError, match="tesseract-ocr-vie"):
        tesseract.check()
    tesseract.check.cache_clear()


def test_a_killed_program_has_not_read_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "tesseract"
    fake.write_text("#!/bin/sh\nkill -9 $$\n")
    fake.chmod(0o755)
    monkeypatch.setattr(tesseract.pytesseract.pytesseract, "tesseract_cmd", str(fake))
    tesseract.check.cache_clear()
    with pytest.raises(TransientError, match="SIGKILL"):
        tesseract.check()
    monkeypatch.setattr(tesseract, "check", lambda: "5")
    with pytest.raises(TransientError, match="tesseract .*SIGKILL"):
        tesseract.read_print(np.full((40, 300), 255, np.uint8))
