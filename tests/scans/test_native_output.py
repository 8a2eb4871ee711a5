"""What libraries say while they decode is caught; what others say at that time is not lost."""

from __future__ import annotations

import os

import pytest

from ocr_pipeline.scans.native_output import caught_output

SAID = (
    "Corrupt JPEG data: premature end of data segment\n",
    "JPEGPreDecode: Improper JPEG sampling factors 2,2\n",
    "tempfile.tif: Using code not yet in table.\n",
    "[ WARN:0@12.566] global grfmt_jpeg2000_openjpeg.cpp:611 readData OpenJPEG2000\n",
)


def test_lines_of_libraries_are_kept_and_others_go_on(capfd: pytest.CaptureFixture[str]) -> None:
    with caught_output() as said:
        for line in SAID:
            os.write(2, line.encode())
        os.write(2, b"INFO:     127.0.0.1 - GET /books\n")
        assert said == []
    assert said == list(SAID)
    assert capfd.readouterr().err == "INFO:     127.0.0.1 - GET /books\n"
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "afterwards\n"


def test_the_stream_comes_back_after_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="odd"), caught_output() as said:
        os.write(2, SAID[0].encode())
        raise ValueError("odd")
    assert said == [SAID[0]]
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "afterwards\n"
