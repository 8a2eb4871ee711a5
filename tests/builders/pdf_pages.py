"""PDF pages made by hand, in every way that scanners, office programs and accidents make them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image

WIDE, HIGH = 595, 842
FULL = b"q 595 0 0 842 0 0 cm /Im0 Do Q"


def jpeg_bytes(pixels: np.ndarray, **options: Any) -> bytes:
    """The picture as a JPEG of quality 90."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", **{"quality": 90, **options})
    return buffer.getvalue()


def add_page(
    pdf: Pdf,
    data: bytes,
    size: tuple[int, int],
    content: bytes = FULL,
    page: Mapping[str, object] | None = None,
    image: Mapping[str, object] | None = None,
) -> pikepdf.Page:
    """Add a page that paints one picture, a JPEG unless `image` says otherwise.

    Entries of `page` and `image` that are None are left out of their dictionaries.
    """
    pdf.add_blank_page(page_size=(WIDE, HIGH))
    made = pdf.pages[-1]
    entries = {
        "Type": Name.XObject, "Subtype": Name.Image, "Width": size[0], "Height": size[1],
        "ColorSpace": Name.DeviceRGB, "BitsPerComponent": 8, "Filter": Name.DCTDecode,
        **(image or {}),
    }  # fmt: skip
    stream = Stream(pdf, data, {f"/{key}": v for key, v in entries.items() if v is not None})
    made.obj.Resources = Dictionary(XObject=Dictionary(Im0=pdf.make_indirect(stream)))
    made.obj.Contents = Stream(pdf, content)
    for key, value in (page or {}).items():
        if value is None:
            del made.obj[f"/{key}"]
        else:
            made.obj[f"/{key}"] = value
    return made


def pdf_of(pictures: Sequence[np.ndarray]) -> Pdf:
    """A PDF with one JPEG on each page."""
    pdf = Pdf.new()
    for pixels in pictures:
        add_page(pdf, jpeg_bytes(pixels), (pixels.shape[1], pixels.shape[0]))
    return pdf


def saved(pdf: Pdf, **options: Any) -> bytes:
    """The bytes of a PDF."""
    buffer = io.BytesIO()
    pdf.save(buffer, **options)
    return buffer.getvalue()


def add_note(pdf: Pdf, page: pikepdf.Page, kind: str, **entries: object) -> None:
    """Put an annotation of this kind, a red field unless `entries` say otherwise, on the page."""
    field = Stream(pdf, b"0.8 0.05 0.05 rg 0 0 120 40 re f", Type=Name.XObject, Subtype=Name.Form)
    field.BBox = Array([0, 0, 120, 40])
    note = Dictionary(
        Type=Name.Annot,
        Subtype=Name(f"/{kind}"),
        Rect=Array([400, 100, 520, 140]),
        F=4,
        AP=Dictionary(N=pdf.make_indirect(field)),
    )
    for key, value in entries.items():
        if value is None:
            del note[f"/{key}"]
        else:
            note[f"/{key}"] = value
    page.obj.Annots = Array([pdf.make_indirect(note)])


def in_scanner_order(pictures: Sequence[np.ndarray]) -> bytes:
    """A PDF as scanners write it: page by page as they come, the page tree at the end."""
    data = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places: dict[int, int] = {}

    def put(number: int, body: bytes) -> None:
        places[number] = len(data)
        data.extend(b"%d 0 obj\n%s\nendobj\n" % (number, body))

    kids = []
    for n, pixels in enumerate(pictures):
        number = 10 + 3 * n
        kids.append(b"%d 0 R" % (number + 2))
        jpeg = jpeg_bytes(pixels)
        size = (pixels.shape[1], pixels.shape[0], len(jpeg))
        head = b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB" % size[:2]
        tail = b"/BitsPerComponent 8/Filter/DCTDecode/Length %d" % size[2]
        put(number, b"<<" + head + tail + b">>stream\n" + jpeg + b"\nendstream")
        put(number + 1, b"<</Length %d>>stream\n%s\nendstream" % (len(FULL), FULL))
        box = b"/MediaBox[0 0 595 842]/Resources<</XObject<</Im0 %d 0 R>>>>" % number
        put(number + 2, b"<</Type/Page/Parent 2 0 R%s/Contents %d 0 R>>" % (box, number + 1))
    put(2, b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(kids)))
    put(1, b"<</Type/Catalog/Pages 2 0 R>>")
    start = len(data)
    data += b"xref\n0 1\n0000000000 65535 f \n"
    for number in sorted(places):
        data += b"%d 1\n%010d 00000 n \n" % (number, places[number])
    size = max(places) + 1
    data += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
    return bytes(data)
