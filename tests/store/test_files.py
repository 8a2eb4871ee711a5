import pytest

from ocr_pipeline.store.files import MARK, atomic_write, remove_leftovers, write_bytes


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
