import errno
import os

import pytest

from ocr_pipeline.store.files import (
    MARK,
    atomic_write,
    remove_leftovers,
    write_bytes,
    written_once,
)


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path):
    target = tmp_path / "a" / "x.bin"
    write_bytes(target, b"old")
    with pytest.raises(RuntimeError), atomic_write(target) as temporary:
        temporary.write_bytes(b"half")
        raise RuntimeError
    assert target.read_bytes() == b"old"
    assert [path.name for path in target.parent.iterdir()] == ["x.bin"]
    write_bytes(target, b"new")
    assert target.read_bytes() == b"new"


def test_leftovers_of_a_power_cut_are_removed(tmp_path):
    (tmp_path / f"{MARK}123.xls").write_bytes(b"half")
    (tmp_path / "kept.xls").write_bytes(b"whole")
    remove_leftovers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.xls"]


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "no hard links"])
def test_what_is_written_once_is_the_first_ones(tmp_path, monkeypatch, links):
    def refused(*_):
        raise PermissionError(errno.EPERM, "no hard links here")

    if not links:
        monkeypatch.setattr(os, "link", refused)
    key = tmp_path / "a.key"
    assert written_once(key, b"first") == b"first"
    assert written_once(key, b"second") == b"first" == key.read_bytes()
    assert list(tmp_path.iterdir()) == [key] and key.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileNotFoundError):
        written_once(tmp_path / "gone" / "a.key", b"x")
    assert not (tmp_path / "gone").exists()
