"""A PDF page is what a viewer shows of it, and a fault where nobody can tell what it shows."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image

from ocr_pipeline.errors import ScanError
from ocr_pipeline.export.pdf import MAX_DPI, compress
from ocr_pipeline.scans.page_image import PageImage
from ocr_pipeline.scans.pages import find_pages, load_page
from tests.builders.long_cases import long_after
from tests.builders.pdf_pages import FULL, add_note, add_page, jpeg_bytes, pdf_of

UNDECODABLE = "picture cannot be decoded"


@pytest.fixture
def jpeg_data(page: np.ndarray) -> bytes:
    return jpeg_bytes(page)


@pytest.fixture
def load(page: np.ndarray, jpeg_data: bytes, tmp_path: Path) -> Callable[..., PageImage]:
    """Load a page with the picture after changes to it."""

    def made(
        content: bytes = FULL,
        data: bytes = jpeg_data,
        change: Callable[[Pdf, pikepdf.Page], None] | None = None,
        **entries: Any,
    ) -> PageImage:
        pdf = Pdf.new()
        made = add_page(pdf, data, (page.shape[1], page.shape[0]), content, **entries)
        if change:
            change(pdf, made)
        pdf.save(tmp_path / "a.pdf")
        refs, errors = find_pages(tmp_path / "a.pdf")
        assert not errors
        return load_page(refs[0])

    return made


@pytest.fixture
def stored(load: Callable[..., PageImage]) -> np.ndarray:
    return load().pixels


def red_share(pixels: np.ndarray) -> float:
    levels = pixels.astype(int)
    return float(((levels[..., 0] > 150) & (levels[..., 1] < 90)).mean())


# --- what people put on a page ------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Stamp", "FreeText", "Square", "Ink", "Circle"])
def test_notes_and_stamps_are_drawn(kind: str, load: Callable[..., PageImage]) -> None:
    page = load(change=lambda pdf, page: add_note(pdf, page, kind))
    assert red_share(page.pixels) == pytest.approx(120 * 40 / (595 * 842), rel=0.1)


def test_the_exported_picture_bears_the_stamp(
    load: Callable[..., PageImage], tmp_path: Path
) -> None:
    load(change=lambda pdf, page: add_note(pdf, page, "Stamp"))
    exported = compress(load_page(find_pages(tmp_path / "a.pdf")[0][0], max_dpi=MAX_DPI))
    with Image.open(io.BytesIO(exported.jpeg)) as picture:
        assert red_share(np.asarray(picture.convert("RGB"))) > 0.008


def test_filled_form_fields_are_drawn(load: Callable[..., PageImage]) -> None:
    def fill(pdf: Pdf, page: pikepdf.Page) -> None:
        add_note(pdf, page, "Widget", FT=Name.Tx, T=String("so"), V=String("X"))
        pdf.Root.AcroForm = Dictionary(Fields=page.obj.Annots)

    assert red_share(load(change=fill).pixels) > 0.005


@pytest.mark.parametrize(
    ("kind", "entries"),
    [
        ("Stamp", {"F": 2}),
        ("Stamp", {"F": 32}),
        ("Link", {}),
        ("Popup", {}),
        ("Widget", {"AP": None}),  # a field left empty
        ("Widget", {"Rect": Array([0, 0, 0, 0])}),  # a signature that nobody shall see
        ("Stamp", {"Rect": Name.Odd}),
    ],
)
def test_what_no_viewer_shows_leaves_the_stored_picture(
    kind: str, entries: dict[str, object], load: Callable[..., PageImage], stored: np.ndarray
) -> None:
    def change(pdf: Pdf, page: pikepdf.Page) -> None:
        add_note(pdf, page, kind, **entries)
        if kind == "Widget":
            pdf.Root.AcroForm = Dictionary(Fields=page.obj.Annots)

    assert np.array_equal(load(change=change).pixels, stored)


def test_a_stamp_that_cannot_be_drawn_is_not_dropped(load: Callable[..., PageImage]) -> None:
    with pytest.raises(ScanError, match="stamp"):
        load(change=lambda pdf, page: add_note(pdf, page, "Stamp", AP=None))


# --- where the stored picture is not what is seen -------------------------------------------------


def with_state(**entries: object) -> Callable[[Pdf, pikepdf.Page], None]:
    def change(_pdf: Pdf, page: pikepdf.Page) -> None:
        page.obj.Resources.ExtGState = Dictionary(
            G=Dictionary({f"/{k}": v for k, v in entries.items()})
        )

    return change


def test_a_clipped_picture_shows_what_is_left(load: Callable[..., PageImage]) -> None:
    pixels = load(b"0 0 595 421 re W n " + FULL).pixels
    assert (pixels[: len(pixels) // 2 - 5] == 255).all()
    assert pixels[len(pixels) // 2 :].std() > 20


def test_a_clip_of_the_whole_page_changes_nothing(
    load: Callable[..., PageImage], stored: np.ndarray
) -> None:
    assert np.array_equal(load(b"q 0 0 595 842 re W n " + FULL + b" Q").pixels, stored)


def test_a_pale_state_is_drawn_and_a_missing_or_plain_one_is_not(
    load: Callable[..., PageImage], stored: np.ndarray
) -> None:
    assert load(b"/G gs " + FULL, change=with_state(ca=0.3)).pixels.std() < stored.std() / 2
    assert np.array_equal(load(b"/G gs " + FULL).pixels, stored)
    plain = load(b"/G gs " + FULL, change=with_state(ca=1, BM=Name.Normal, SA=True))
    assert np.array_equal(plain.pixels, stored)


def test_text_is_visible_again_after_the_layer_of_a_reading_program(
    load: Callable[..., PageImage], stored: np.ndarray
) -> None:
    words = FULL + b" q 3 Tr Q BT /F1 90 Tf 60 300 Td 1 0 0 rg (SEEN) Tj ET"

    def font(_pdf: Pdf, page: pikepdf.Page) -> None:
        helvetica = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        page.obj.Resources.Font = Dictionary(F1=helvetica)

    assert red_share(load(words, change=font).pixels) > 0.005
    hidden = words.replace(b" Q BT", b" BT")
    assert np.array_equal(load(hidden, change=font).pixels, stored)


def off_layer(pdf: Pdf, page: pikepdf.Page) -> None:
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("off")))
    off = Dictionary(OFF=Array([layer]), Order=Array([layer]))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=off)
    page.obj.Resources.Properties = Dictionary(Off=layer)


def test_hidden_layers_stay_hidden(load: Callable[..., PageImage]) -> None:
    mark = b" /OC /Off BDC 0.8 0.05 0.05 rg 0 0 595 842 re f EMC"
    pixels = load(FULL + mark, change=off_layer).pixels
    assert red_share(pixels) == 0
    assert pixels.std() > 20


def test_a_scan_in_a_hidden_layer_is_no_blank_page(load: Callable[..., PageImage]) -> None:
    with pytest.raises(ScanError, match="hidden layer"):
        load(b"/OC /Off BDC " + FULL + b" EMC", change=off_layer)


def test_exif_and_resolution_inside_a_pdf_count_for_nothing(
    load: Callable[..., PageImage], page: np.ndarray, stored: np.ndarray
) -> None:
    exif = Image.Exif()
    exif[274] = 6
    turned = load(data=jpeg_bytes(page, exif=exif, dpi=(200, 100)))
    assert np.array_equal(turned.pixels, stored)


def test_colours_told_by_the_pdf_are_those_of_the_viewer(
    load: Callable[..., PageImage], page: np.ndarray
) -> None:
    data = bytearray(jpeg_bytes(page, keep_rgb=True))
    assert b"Adobe" in data
    start = data.index(b"\xff\xee")
    del data[start : start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")]
    frame, scan = data.index(b"\xff\xc0"), data.index(b"\xff\xda")
    for n in range(3):
        data[frame + 10 + 3 * n] = data[scan + 5 + 2 * n] = n + 1
    told = load(data=bytes(data), image={"DecodeParms": Dictionary(ColorTransform=0)}).pixels
    small = np.asarray(Image.fromarray(told).resize((60, 85)), int)
    assert np.abs(small - np.asarray(Image.fromarray(page).resize((60, 85)), int)).mean() < 12


def test_pixels_that_the_page_makes_longer_become_square(
    load: Callable[..., PageImage], page: np.ndarray
) -> None:
    fax = page[::2]
    seen = load(data=jpeg_bytes(fax), image={"Height": len(fax)})
    assert seen.pixels.shape[:2] == pytest.approx(page.shape[:2], abs=2)
    assert seen.dpi == pytest.approx(75, rel=0.02)


@pytest.mark.parametrize(("turn", "quarters"), [(45, 0), (450, 3), (-90, 1), (360, 0)])
def test_odd_turns_are_those_of_a_viewer(
    turn: int, quarters: int, load: Callable[..., PageImage], stored: np.ndarray
) -> None:
    assert np.array_equal(load(page={"Rotate": turn}).pixels, np.rot90(stored, quarters))


# --- sizes that make no sense ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "box",
    [[0, 0, 0, 0], [0, 0, 595, 0], [0, 0, 5], [2000, 2000, 2500, 2800], [595, 842, 0, 0], "odd"],
)
def test_a_crop_box_without_an_area_on_the_page_counts_for_nothing(
    box: list[int] | str, load: Callable[..., PageImage], stored: np.ndarray
) -> None:
    crop = String(box) if isinstance(box, str) else Array(box)
    assert np.array_equal(load(page={"CropBox": crop}).pixels, stored)


@pytest.mark.parametrize(
    ("box", "cause"),
    [
        ([0, 0, 0, 0], "sheet size"),
        ([0, 0, 595, 0], "sheet size"),
        ([0, 0, 5], "sheet size"),
        ([0, 0, 1e9, 1e9], "sheet size"),
        (None, "sheet size"),
        ([0, 0, 1, 1], "too small"),
        ([2000, 2000, 2500, 2800], UNDECODABLE),  # nothing of the picture lies on it
    ],
)
def test_a_page_without_a_size_is_its_own_fault(
    box: list[float] | None, cause: str, load: Callable[..., PageImage]
) -> None:
    with pytest.raises(ScanError, match=cause):
        load(page={"MediaBox": None if box is None else Array(box)})


def test_numbers_that_are_none_cost_one_page(page: np.ndarray, tmp_path: Path) -> None:
    pdf_of([page, page[::-1].copy()]).save(tmp_path / "a.pdf", qdf=True)
    data = (tmp_path / "a.pdf").read_bytes()
    start = data.index(b"842")
    (tmp_path / "a.pdf").write_bytes(data[:start] + b"nan" + data[start + 3 :])
    refs, errors = find_pages(tmp_path / "a.pdf")
    assert (len(refs), errors) == (2, [])
    with pytest.raises(ScanError, match="sheet size"):
        load_page(refs[0])
    assert load_page(refs[1]).pixels.shape == page.shape


def test_a_user_unit_makes_the_sheet_larger(load: Callable[..., PageImage]) -> None:
    assert load(page={"UserUnit": 0.5}).dpi == pytest.approx(150, rel=0.01)
    assert load(page={"UserUnit": Name.Odd}).dpi == pytest.approx(75, rel=0.01)


# --- pictures that cannot be decoded --------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"q cm /Im0 Do Q",
        b"q 595 0 0 842 0 0 cm /ImDo Q",
        b"q 595 0 0 842 0 0 cm Do Q",
        b"q Tr /Im0 Do Q",
        b"",
        bytes(300),
    ],
)
def test_instructions_without_operands_are_the_fault_of_their_page(
    content: bytes, load: Callable[..., PageImage]
) -> None:
    with pytest.raises(ScanError, match=UNDECODABLE):
        load(content)


def test_instructions_of_an_unknown_kind_are_passed_over(load: Callable[..., PageImage]) -> None:
    assert load(FULL + b"\nfoo 1 2 bar /x (").pixels.std() > 20


@pytest.mark.parametrize("key", ["Width", "Height", "ColorSpace", "BitsPerComponent", "Filter"])
@pytest.mark.parametrize("over", [b"", b" 1 0 0 rg 5 5 20 20 re f"])
def test_a_picture_with_a_missing_entry_is_shown_or_a_fault(
    key: str, over: bytes, load: Callable[..., PageImage], stored: np.ndarray
) -> None:
    try:
        pixels = load(FULL + over, image={key: None}).pixels
    except ScanError as error:
        assert UNDECODABLE in error.cause.en
    else:
        assert np.array_equal(pixels, stored)


def test_a_width_that_is_not_the_pictures_own_is_never_drawn_askew(
    load: Callable[..., PageImage], stored: np.ndarray
) -> None:
    told = {"Width": stored.shape[1] + 1}
    assert np.array_equal(load(image=told).pixels, stored)
    with pytest.raises(ScanError, match=UNDECODABLE):
        load(FULL + b" 1 0 0 rg 5 5 20 20 re f", image=told)


def test_a_lost_picture_is_no_blank_page(load: Callable[..., PageImage]) -> None:
    def lose(_pdf: Pdf, page: pikepdf.Page) -> None:
        page.obj.Resources.XObject.Im0 = Dictionary()

    for content in (FULL, b"q 595 0 0 842 0 0 cm /Im7 Do Q"):
        with pytest.raises(ScanError, match=UNDECODABLE):
            load(content, change=lose)


def test_an_unknown_packing_is_no_picture(load: Callable[..., PageImage]) -> None:
    for packing in (Name.OddDecode, String("4DCTDecode")):
        with pytest.raises(ScanError, match=UNDECODABLE):
            load(image={"Filter": packing})


def group_4(page: np.ndarray, compression: str = "group4") -> tuple[bytes, dict[str, object]]:
    buffer = io.BytesIO()
    bits = Image.fromarray(255 - page[..., 1]).convert("1")
    bits.save(buffer, "TIFF", compression=compression, strip_size=1 << 28)
    with Image.open(buffer) as fax:
        start, size = fax.tag_v2[273][0], fax.tag_v2[279][0]
    shape = Dictionary(K=-1, Columns=page.shape[1], Rows=page.shape[0])
    told = {"ColorSpace": Name.DeviceGray, "BitsPerComponent": 1}
    told |= {"Filter": Name.CCITTFaxDecode, "DecodeParms": shape}
    return buffer.getvalue()[start : start + size], told


def jbig2(page: np.ndarray) -> tuple[bytes, dict[str, object]]:
    fax, told = group_4(page)
    size = page.shape[1].to_bytes(4, "big") + page.shape[0].to_bytes(4, "big")
    sheet = size + bytes(11)
    region = size + bytes(9) + b"\x01" + fax
    data = b"".join(
        number.to_bytes(4, "big") + bytes([kind, 0, 1]) + len(body).to_bytes(4, "big") + body
        for number, kind, body in ((0, 48, sheet), (1, 38, region))
    )
    return data, told | {"Filter": Name.JBIG2Decode, "DecodeParms": None}


def deflated(page: np.ndarray) -> tuple[bytes, dict[str, object]]:
    return zlib.compress(page.tobytes()), {"Filter": Name.FlateDecode}


def jpeg_2000(page: np.ndarray) -> tuple[bytes, dict[str, object]]:
    buffer = io.BytesIO()
    Image.fromarray(page).save(buffer, "JPEG2000", quality_mode="rates", quality_layers=[8])
    return buffer.getvalue(), {"Filter": Name.JPXDecode, "ColorSpace": None}


def plain_jpeg(page: np.ndarray) -> tuple[bytes, dict[str, object]]:
    return jpeg_bytes(page), {}


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "zeros": lambda data: bytes(len(data)),
    "half": lambda data: data[: len(data) // 2],
    "cut": lambda data: data[: len(data) * 95 // 100],
    "hole": lambda data: data[: len(data) // 3] + bytes(4500) + data[len(data) // 3 + 4500 :],
    "head": lambda data: bytes(64) + data[64:],
}


@pytest.mark.parametrize("packing", [plain_jpeg, jpeg_2000, group_4, jbig2, deflated])
@pytest.mark.parametrize("over", long_after(1, [b"", b" 1 0 0 rg 5 5 20 20 re f"]))
def test_no_damaged_picture_passes(
    packing: Callable[[np.ndarray], tuple[bytes, dict[str, object]]],
    over: bytes,
    load: Callable[..., PageImage],
    page: np.ndarray,
) -> None:
    data, told = packing(page)
    whole = load(FULL + over, data, image=told)
    assert whole.pixels.std() > 20
    for name, damage in DAMAGE.items():
        with pytest.raises(ScanError) as caught:
            load(FULL + over, damage(data), image=told)
        cause = caught.value.cause.en
        assert UNDECODABLE in cause or "cut off" in cause, (name, cause)
        assert caught.value.remedy


@pytest.mark.parametrize("part", [1, 0.95, 0.5])
def test_a_fax_without_an_end_marker_is_read_if_it_is_whole(
    part: float, load: Callable[..., PageImage], page: np.ndarray
) -> None:
    clear = np.where(page < 128, 0, 255).astype(np.uint8)
    data, told = group_4(clear)
    bits = f"{int.from_bytes(data, 'big'):0{8 * len(data)}b}".rstrip("0")
    assert bits.endswith("000000000001" * 2)
    bits = bits[:-24]
    whole = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")
    if part == 1:
        assert np.array_equal(
            load(data=whole, image=told).pixels, load(data=data, image=told).pixels
        )
    else:
        with pytest.raises(ScanError, match=UNDECODABLE):
            load(data=whole[: int(len(whole) * part)], image=told)


def test_a_fax_of_group_3(load: Callable[..., PageImage], page: np.ndarray) -> None:
    data, told = group_4(page, compression="group3")
    told["DecodeParms"] = Dictionary(K=0, Columns=page.shape[1], Rows=page.shape[0], EndOfLine=True)
    assert load(data=data, image=told).pixels.std() > 20
    for damage in ("half", "hole"):
        with pytest.raises(ScanError):
            load(data=DAMAGE[damage](data), image=told)


def test_native_libraries_keep_quiet(
    load: Callable[..., PageImage], page: np.ndarray, capfd: pytest.CaptureFixture[str]
) -> None:
    data, told = group_4(page)
    for damage in DAMAGE.values():
        with pytest.raises(ScanError):
            load(FULL, damage(data), image=told)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("packing", [group_4, jbig2, deflated, jpeg_2000])
def test_a_white_page_that_was_decoded_is_a_page(
    packing: Callable[[np.ndarray], tuple[bytes, dict[str, object]]],
    load: Callable[..., PageImage],
    page: np.ndarray,
) -> None:
    data, told = packing(np.full_like(page, 255))
    assert load(FULL + b" 0 0 0 0 re f", data, image=told).pixels.mean() > 254


def test_a_page_without_a_picture_may_be_blank(tmp_path: Path) -> None:
    pdf = Pdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    pdf.save(tmp_path / "a.pdf")
    assert (load_page(find_pages(tmp_path / "a.pdf")[0][0]).pixels == 255).all()


def test_a_height_that_only_the_pdf_knows(
    load: Callable[..., PageImage], jpeg_data: bytes, stored: np.ndarray
) -> None:
    frame = jpeg_data.index(b"\xff\xc0")
    for height in (0, 65000):
        data = jpeg_data[: frame + 5] + height.to_bytes(2, "big") + jpeg_data[frame + 7 :]
        assert np.array_equal(load(data=data).pixels, stored)
    assert np.array_equal(load(data=jpeg_data[:-2]).pixels, stored)


# --- files that are more than pages ---------------------------------------------------------------


def test_scans_attached_to_a_pdf_are_told(
    page: np.ndarray, jpeg_data: bytes, tmp_path: Path
) -> None:
    with pdf_of([page]) as pdf:
        pdf.attachments["quyển 1.jpg"] = pikepdf.AttachedFileSpec(pdf, jpeg_data)
        pdf.attachments["note.xml"] = pikepdf.AttachedFileSpec(pdf, b"<x/>")
        pdf.save(tmp_path / "a.pdf")
    refs, (error,) = find_pages(tmp_path / "a.pdf")
    assert len(refs) == 1
    assert "quyển 1.jpg" in error.cause.vi
    assert "(1 files)" in error.cause.en


def test_a_form_of_another_program_is_told(page: np.ndarray, tmp_path: Path) -> None:
    with pdf_of([page]) as pdf:
        pdf.Root.NeedsRendering = True
        pdf.save(tmp_path / "a.pdf")
    refs, (error,) = find_pages(tmp_path / "a.pdf")
    assert not refs
    assert "XFA" in error.cause.vi


def test_two_pictures_one_over_the_other(load: Callable[..., PageImage]) -> None:
    def cover(pdf: Pdf, page: pikepdf.Page) -> None:
        red = np.full((40, 40, 3), (200, 0, 0), np.uint8)
        page.obj.Resources.XObject.Im1 = Stream(
            pdf, red.tobytes(), Type=Name.XObject, Subtype=Name.Image, Width=40, Height=40,
            ColorSpace=Name.DeviceRGB, BitsPerComponent=8,
        )  # fmt: skip

    patch = b" q 200 0 0 200 100 100 cm /Im1 Do Q "
    assert red_share(load(FULL + patch, change=cover).pixels) > 0.05
    assert red_share(load(patch + FULL, change=cover).pixels) < 0.01
