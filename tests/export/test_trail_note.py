from ocr_pipeline.export.trail_note import NOTE_SUFFIX, write_trail_note
from ocr_pipeline.store.files import file_digest


def test_the_sheet_names_the_line_its_hash_and_the_files(tmp_path):
    files = [tmp_path / "xa.KS.2017.01.xls", tmp_path / "xa.KS.2017.01.zip"]
    for path in files:
        path.write_bytes(b"abc")
    note = write_trail_note(
        {path: file_digest(path) for path in files}, "xa.KS.2017.01", 17, "f" * 64
    )
    assert note.name == f"xa.KS.2017.01{NOTE_SUFFIX}"
    text = note.read_text("utf-8")
    assert "Dòng 17" in text and text.count("f" * 64) == 3
    sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert [f"{sha256}  {path.name}" in text for path in files] == [True, True]
