import json
import zipfile

import pytest
from PIL import Image, ImageDraw, ImageFont

import ocr_pipeline.layout
from ocr_pipeline.errors import ExitCode

FONT = f"{ocr_pipeline.layout.__path__[0]}/fonts/form-serif-italic.ttf"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lines")
    for name, text in (("2.png", "Trần Thị Lan"), ("10.png", "xã Lộc Thuận")):
        picture = Image.new("L", (700, 70), 255)
        ImageDraw.Draw(picture).text((8, 8), text, font=ImageFont.truetype(FONT, 40), fill=20)
        picture.save(folder / name)
    return folder


def rows_of(path):
    return [line.split("\t") for line in path.read_text("utf-8").splitlines()]


def test_folder_and_zip_read_the_same(pictures, sohoa, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for path in pictures.iterdir():
            archive.write(path, path.name)
    for images, out in ((pictures, "a.tsv"), (tmp_path / "x.zip", "b.tsv")):
        done = sohoa("read", images, "--kind", "line", "--out", tmp_path / out)
        assert done.code == ExitCode.DONE, done.err
    rows = rows_of(tmp_path / "a.tsv")
    assert [row[0] for row in rows] == ["2.png", "10.png"]
    assert all(text and 0 <= float(confidence) <= 1 for _, text, confidence in rows)
    assert rows == rows_of(tmp_path / "b.tsv")


def test_what_cannot_be_read_keeps_its_line(pictures, sohoa, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "broken.png").write_bytes((pictures / "2.png").read_bytes()[:200])
    (folder / "good.png").write_bytes((pictures / "2.png").read_bytes())
    done = sohoa("read", folder, "--kind", "person_name", "--out", tmp_path / "o.tsv")
    assert done.code == ExitCode.FAILURES and "broken.png" in done.err
    rows = rows_of(tmp_path / "o.tsv")
    assert rows[0] == ["broken.png", "", "0.0000"] and rows[1][1]


def test_names_in_an_archive_cannot_leave_it(pictures, sohoa, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.write(pictures / "2.png", "../../escaped.png")
    sohoa("read", tmp_path / "x.zip", "--kind", "line", "--out", tmp_path / "o" / "o.tsv")
    assert rows_of(tmp_path / "o" / "o.tsv")[0][0] == "escaped.png"
    assert not list(tmp_path.parent.glob("escaped.png"))


def test_a_damaged_file_in_an_archive_keeps_its_line_and_the_others_are_read(
    pictures, sohoa, tmp_path
):
    path, good = tmp_path / "x.zip", (pictures / "2.png").read_bytes()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.png", good)
        archive.writestr("b.png", b"12345" + good)
        archive.writestr("n" * 300 + ".png", good)
    path.write_bytes(path.read_bytes().replace(b"12345", b"54321", 1))
    done = sohoa("read", path, "--kind", "line", "--out", tmp_path / "o.tsv")
    assert done.code == ExitCode.FAILURES
    assert "b.png" in done.err and "packed data is damaged" in done.err
    assert "path is too long" in done.err
    rows = {row[0]: row[1] for row in rows_of(tmp_path / "o.tsv")}
    assert rows["a.png"] and rows["b.png"] == ""
    data = bytearray(path.read_bytes())
    data[-20:-10] = b"\xff" * 10  # where the list of its files lies
    path.write_bytes(data)
    done = sohoa("read", path, "--kind", "line", "--out", tmp_path / "o.tsv")
    assert done.code == ExitCode.BAD_INPUT and str(path) in done.err and "bug" not in done.err


def test_an_unknown_kind_is_wrong_usage(pictures, sohoa, tmp_path):
    done = sohoa("read", pictures, "--kind", "tick", "--out", tmp_path / "o.tsv")
    assert done.code == ExitCode.USAGE and "person_name" in done.err


@pytest.mark.long
def test_speed_is_measured_beside_tesseract(pictures, sohoa):
    done = sohoa("bench", "read", pictures, "--seconds", "1", "--workers", "1", "--json")
    assert done.code == ExitCode.DONE, done.err
    speed = json.loads(done.out)
    assert speed["lines_per_second"] > speed["tesseract_per_second"] > 0
    assert speed["lines"] == 2 and speed["workers"] == 1
    assert speed["ratio_to_tesseract"] == pytest.approx(
        speed["decoded_per_second"] / speed["tesseract_per_second"], abs=0.1
    )
