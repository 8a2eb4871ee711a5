"""Any name a file can have is written as text, and comes back byte for byte."""

from __future__ import annotations

import io
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_pipeline.errors import ScanError, Text
from ocr_pipeline.os_errors import os_reason
from ocr_pipeline.written_paths import WRITTEN_ERRORS, shown, storable, unwritten, written


@given(st.binary(max_size=40).filter(lambda name: b"\0" not in name))
def test_what_is_written_is_utf8_and_comes_back(name: bytes) -> None:
    text = written(os.fsdecode(name))
    assert text.encode() and text.isprintable() or not name or "\u00a0" <= max(text)
    assert os.fsencode(unwritten(text)) == name
    assert shown(text) == text


@pytest.mark.parametrize("name", ["Trang số 1.jpg", "<b>8&.jpg", "[bold]%20#7.jpg", "a\\x41.jpg"])
def test_ordinary_names_stay_as_they_are(name: str) -> None:
    assert written(name) == name == unwritten(name)


@pytest.mark.parametrize("name", ["<E1>", "<3C>E1>", "<<E1>", "<3C>", "<0A>"])
def test_names_that_look_like_written_ones_are_told_apart(name: str) -> None:
    assert written(name) != name
    assert unwritten(written(name)) == name


def test_errors_and_streams_take_any_name() -> None:
    name = os.fsdecode(b"quy\xb2n\n1")
    error = ScanError(Text(f"hỏng {name}", name), where=name, remedy=Text(name, name))
    assert error.where == "quy<B2>n<0A>1"
    assert json.dumps([error.cause.vi, error.remedy.en], ensure_ascii=False).encode()
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors=WRITTEN_ERRORS)
    stream.write(name)
    stream.flush()
    assert stream.buffer.getvalue() == b"quy<B2>n\n1"
    assert storable("a\nb") == "a\nb"


def test_what_the_system_says_is_told_in_our_words() -> None:
    assert os_reason(PermissionError(13, "Permission denied")).vi == "không có quyền truy cập"
    assert "9999" in os_reason(OSError(9999, "?")).en
