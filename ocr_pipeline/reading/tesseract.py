"""Tesseract for print: the captions of a form whose layout is being written.

Fields are never read with it: on typed lines of generated pages the first handwriting network was
already as good (5.8 % of characters wrong against 6.6 %) and many times faster.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache

import pytesseract

from ocr_pipeline.arrays import Gray
from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.programs import raise_if_killed, run_program
from ocr_pipeline.text.normalise import nfc

LANGUAGE = "vie"
_SECONDS = 8.0
_CHECK_SECONDS = 20.0
_INSTALL = Text(
    "Cài Tesseract với dữ liệu tiếng Việt: apt-get install tesseract-ocr tesseract-ocr-vie",
    "Install Tesseract with Vietnamese data: apt-get install tesseract-ocr tesseract-ocr-vie",
)


@dataclass(frozen=True, slots=True)
class PrintReading:
    """What Tesseract reads: text (NFC), and its own confidence 0–1 (not calibrated)."""

    text: str
    confidence: float


def read_print(line: Gray, *, single_line: bool = True, seconds: float = _SECONDS) -> PrintReading:
    """Read printed or typed text.

    Args:
        line: (H, W) uint8, dark on light, best at 200–300 dpi.
        single_line: the picture holds one line; otherwise a block of text.
        seconds: time limit.

    Returns:
        Words with a letter or digit in them; empty text where none was found in time.

    Raises:
        MachineError: Tesseract or its Vietnamese data are missing.
        TransientError: Tesseract was killed.

    """
    if line.size == 0:
        return PrintReading("", 0.0)
    check()
    try:
        found = pytesseract.image_to_data(
            line,
            lang=LANGUAGE,
            config=f"--psm {7 if single_line else 6}",
            timeout=seconds,
            output_type=pytesseract.Output.DICT,
        )
    except pytesseract.TesseractError as error:
        raise_if_killed("tesseract", int(error.status))
        return PrintReading("", 0.0)  # it gave up
    except RuntimeError:  # out of time
        return PrintReading("", 0.0)
    words = [
        (word, float(sure))
        for word, sure in zip(found["text"], found["conf"], strict=True)
        if float(sure) >= 0 and any(character.isalnum() for character in word)
    ]
    if not words:
        return PrintReading("", 0.0)
    lowest = min(sure for _, sure in words) / 100
    return PrintReading(nfc(" ".join(word for word, _ in words)), lowest)


@dataclass(frozen=True, slots=True)
class PrintedWord:
    """One word on a page.

    Attributes:
        text: as read (NFC).
        confidence: Tesseract's own, 0–1 (not calibrated).
        box: x, y, width, height in pixels.

    """

    text: str
    confidence: float
    box: tuple[int, int, int, int]


def find_words(page: Gray, *, seconds: float, block: bool = False) -> list[PrintedWord]:
    """Printed words anywhere on a page, without an order.

    Args:
        page: (H, W) uint8, dark on light, at 200–300 dpi; lines and dots taken off, or they hide
            the words that they touch.
        seconds: time limit.
        block: the picture holds one block of text, as a cell of a table does.

    Raises:
        MachineError: Tesseract or its Vietnamese data are missing, or it was not done in time.
        TransientError: Tesseract was killed.

    """
    check()
    try:
        found = pytesseract.image_to_data(
            page,
            lang=LANGUAGE,
            config=f"--psm {6 if block else 11}",
            timeout=seconds,
            output_type=pytesseract.Output.DICT,
        )
    except pytesseract.TesseractError as error:
        raise_if_killed("tesseract", int(error.status))
        return []  # it gave up: no words
    except RuntimeError as error:
        raise MachineError(
            Text(
                f"Tesseract chưa đọc xong trang sau {seconds:.0f} giây",
                f"Tesseract has not read the page within {seconds:.0f} seconds",
            ),
            remedy=Text("Thử lại khi máy rảnh hơn", "Try again when the machine is less busy"),
        ) from error
    sides = zip(found["left"], found["top"], found["width"], found["height"], strict=True)
    return [
        PrintedWord(nfc(text.strip()), float(sure) / 100, (int(x), int(y), int(w), int(h)))
        for text, sure, (x, y, w, h) in zip(found["text"], found["conf"], sides, strict=True)
        if float(sure) >= 0 and text.strip()
    ]


@cache
def check() -> str:
    """Version of the installed Tesseract.

    Raises:
        MachineError: it, or its Vietnamese data, are missing.
        TransientError: it was killed or did not answer.

    """
    os.environ["OMP_THREAD_LIMIT"] = "1"  # a page has one core; more threads only get in the way
    version = _said("--version").splitlines()[0].removeprefix("tesseract ")
    if LANGUAGE not in _said("--list-langs").split():
        raise MachineError(
            Text(
                f"Tesseract thiếu dữ liệu ngôn ngữ “{LANGUAGE}”",
                f"Tesseract lacks the language data “{LANGUAGE}”",
            ),
            remedy=_INSTALL,
        )
    return version


def _said(option: str) -> str:
    program = pytesseract.pytesseract.tesseract_cmd
    done = run_program([program, option], seconds=_CHECK_SECONDS, install=_INSTALL)
    return (done.stdout + done.stderr).decode("utf-8", "replace") or "?"
