"""PDF pages: the embedded picture itself where that is all there is, else a drawing of the page."""

from __future__ import annotations

import os
from pathlib import Path

import img2pdf
import numpy as np
import pikepdf
import pytest
from PIL import Image

from ocr_pipeline.errors import MachineError, ScanError, TransientError
from ocr_pipeline.scans import pdf_drawing
from ocr_pipeline.scans.pages import find_pages, load_page


@pytest.fixture
def no_poppler(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail when a page is drawn instead of extracted."""

    def refuse(*_args: object, **_options: object) -> None:
        raise AssertionError("the page was rendered")

    monkeypatch.setattr(pdf_drawing, "run_program", refuse)


def load(path: Path) -> np.ndarray:
    pages, errors = find_pages(path)
    assert not errors
    return load_page(pages[0]).pixels


def wrapped(picture: Path, out: Path) -> Path:
    out.write_bytes(img2pdf.convert(str(picture)))
    return out


@pytest.mark.usefixtures("no_poppler")
def test_a_page_that_is_one_jpeg_is_that_jpeg(jpeg: Path, tmp_path: Path) -> None:
    path = wrapped(jpeg, tmp_path / "a.pdf")
    assert np.array_equal(load(path), load(jpeg))
    assert load_page(find_pages(path)[0][0]).dpi == pytest.approx(75, rel=0.01)


@pytest.mark.parametrize("kind", ["g4.tif", "grey.png", "palette.png", "bits.png"])
def test_other_pictures_are_extracted_as_they_are(
    kind: str, page: np.ndarray, tmp_path: Path
) -> None:
    picture = Image.fromarray(page)
    mode = {"g4.tif": "1", "grey.png": "L", "palette.png": "P", "bits.png": "1"}[kind]
    options = {"compression": "group4"} if kind == "g4.tif" else {}
    picture.convert(mode).save(tmp_path / kind, **options)
    assert np.array_equal(load(wrapped(tmp_path / kind, tmp_path / "a.pdf")), load(tmp_path / kind))


@pytest.mark.usefixtures("no_poppler")
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_page_rotation(degrees: int, jpeg: Path, tmp_path: Path) -> None:
    with pikepdf.open(wrapped(jpeg, tmp_path / "a.pdf")) as pdf:
        pdf.pages[0].rotate(degrees, relative=False)
        pdf.save(tmp_path / "b.pdf")
    assert np.array_equal(load(tmp_path / "b.pdf"), np.rot90(load(jpeg), -degrees // 90))


@pytest.mark.parametrize(
    "matrix", ["0 w -h 0 h 0", "-w 0 0 -h w h", "0 -w h 0 0 w", "-w 0 0 h w 0"]
)
@pytest.mark.parametrize("degrees", [0, 90])
def test_extraction_agrees_with_poppler_for_turned_and_mirrored_pictures(
    matrix: str, degrees: int, jpeg: Path, tmp_path: Path
) -> None:
    wide, high = 595.2, 841.92
    with pikepdf.open(wrapped(jpeg, tmp_path / "a.pdf")) as pdf:
        sheet = pdf.pages[0]
        numbers = matrix.replace("w", str(wide)).replace("h", str(high))
        sheet.Contents = pdf.make_stream(f"q {numbers} cm /Im0 Do Q".encode())
        turned = matrix.startswith("0")
        size = [0, 0, high, wide] if turned else [0, 0, wide, high]
        sheet.mediabox = size
        sheet.cropbox = size
        sheet.rotate(degrees, relative=False)
        pdf.save(tmp_path / "b.pdf")
    extracted = load(tmp_path / "b.pdf")
    drawn = pdf_drawing.draw(tmp_path / "b.pdf", 0, 75, "b.pdf").pixels
    assert extracted.shape[0] == pytest.approx(drawn.shape[0], abs=2)
    assert extracted.shape[1] == pytest.approx(drawn.shape[1], abs=2)
    small = [np.array(Image.fromarray(each).resize((60, 60))) for each in (extracted, drawn)]
    assert np.abs(small[0].astype(int) - small[1]).mean() < 6


@pytest.mark.usefixtures("no_poppler")
def test_crop_box_cuts_the_picture(jpeg: Path, tmp_path: Path) -> None:
    with pikepdf.open(wrapped(jpeg, tmp_path / "a.pdf")) as pdf:
        _, _, wide, high = (float(value) for value in pdf.pages[0].mediabox)
        pdf.pages[0].cropbox = [wide / 4, high / 2, wide, high]  # the right of the upper half
        pdf.save(tmp_path / "b.pdf")
    cut = load(tmp_path / "b.pdf")
    assert np.array_equal(cut, load(jpeg)[: cut.shape[0], -cut.shape[1] :])
    assert cut.shape[:2] == pytest.approx((438, 465), abs=1)


@pytest.mark.usefixtures("no_poppler")
def test_an_invisible_layer_of_text_does_not_cost_the_original(jpeg: Path, tmp_path: Path) -> None:
    with pikepdf.open(wrapped(jpeg, tmp_path / "a.pdf")) as pdf:
        pdf.pages[0].contents_add(b"BT 3 Tr 10 10 Td (read by a machine) Tj ET")
        pdf.save(tmp_path / "b.pdf")
    assert np.array_equal(load(tmp_path / "b.pdf"), load(jpeg))


def test_visible_additions_are_drawn(jpeg: Path, tmp_path: Path) -> None:
    with pikepdf.open(wrapped(jpeg, tmp_path / "a.pdf")) as pdf:
        pdf.pages[0].contents_add(b"q 1 0 0 rg 100 100 200 200 re f Q")
        pdf.save(tmp_path / "b.pdf")
    assert (load(tmp_path / "b.pdf") == (255, 0, 0)).all(axis=2).mean() > 0.05


def test_cmyk_inside_a_pdf_is_no_negative(page: np.ndarray, tmp_path: Path) -> None:
    Image.fromarray(page).convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    assert load(wrapped(tmp_path / "a.jpg", tmp_path / "a.pdf")).mean() > 180


def test_jpeg_2000_and_an_unknown_filter(page: np.ndarray, tmp_path: Path) -> None:
    Image.fromarray(page).save(tmp_path / "a.jp2", quality_mode="dB", quality_layers=[40])
    shown = load(wrapped(tmp_path / "a.jp2", tmp_path / "a.pdf"))
    assert np.abs(shown.astype(int) - page).mean() < 4


def test_a_truncated_picture_inside_a_pdf_is_an_error(jpeg: Path, tmp_path: Path) -> None:
    with pikepdf.open(wrapped(jpeg, tmp_path / "a.pdf")) as pdf:
        image = pdf.pages[0].resources.XObject.Im0
        data = image.read_raw_bytes()
        image.write(data[: len(data) // 2], filter=pikepdf.Name.DCTDecode)
        pdf.save(tmp_path / "b.pdf")
    with pytest.raises(ScanError, match="cut off"):
        load(tmp_path / "b.pdf")


def test_pages_of_a_pdf_have_names_and_identities_of_their_own(jpeg: Path, tmp_path: Path) -> None:
    from ocr_pipeline.scans.pages import digest

    (tmp_path / "sổ.pdf").write_bytes(img2pdf.convert([str(jpeg)] * 3))
    pages, _ = find_pages(tmp_path)
    assert [ref.name for ref in pages] == ["sổ.pdf#1", "sổ.pdf#2", "sổ.pdf#3"]
    assert len({digest(ref) for ref in pages}) == 3


@pytest.fixture
def drawn_pdf(jpeg: Path, tmp_path: Path) -> Path:
    """A PDF page that must be drawn: something lies over its picture."""
    with pikepdf.open(wrapped(jpeg, tmp_path / "a.pdf")) as pdf:
        pdf.pages[0].contents_add(b"q 1 0 0 rg 100 100 200 200 re f Q")
        pdf.save(tmp_path / "b.pdf")
    return tmp_path / "b.pdf"


@pytest.fixture
def pdftoppm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a program stands that is found instead of the real pdftoppm."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return folder / "pdftoppm"


def script(path: Path, words: str) -> None:
    path.write_text(f"#!/bin/sh\n{words}\n")
    path.chmod(0o755)


@pytest.mark.parametrize("words", ["kill -9 $$", "printf P6; kill -9 $$", "exit 137"])
def test_a_killed_poppler_says_nothing_about_the_page(
    words: str, drawn_pdf: Path, pdftoppm: Path
) -> None:
    script(pdftoppm, words)
    (ref,), _ = find_pages(drawn_pdf)
    with pytest.raises(TransientError, match="pdftoppm .*SIGKILL"):
        load_page(ref)
    pdftoppm.unlink()
    assert load_page(ref).pixels.size


def test_a_poppler_that_hangs_is_stopped(
    drawn_pdf: Path, pdftoppm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(pdftoppm, '[ "$1" = -v ] || exec sleep 60')
    monkeypatch.setattr(pdf_drawing, "_RENDER_SECONDS", 0.2)
    with pytest.raises(TransientError, match="pdftoppm"):
        load(drawn_pdf)


def test_a_page_that_poppler_cannot_draw_is_damaged(drawn_pdf: Path, pdftoppm: Path) -> None:
    script(pdftoppm, "echo 'Syntax Error: no page tree' >&2; exit 1")
    with pytest.raises(ScanError, match="cannot be drawn"):
        load(drawn_pdf)


def test_a_missing_poppler_is_told_with_its_remedy(
    drawn_pdf: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MachineError, match="poppler-utils"):
        load(drawn_pdf)
