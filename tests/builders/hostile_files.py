"""Small files that cost whoever opens them all time or memory; each is the same every time."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path

_HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


def _pdf(objects: dict[int, bytes], root: int = 1) -> bytes:
    """A PDF of these objects with an ordinary table of their places."""
    data, places = bytearray(_HEAD), {}
    for number, body in objects.items():
        places[number] = len(data)
        data += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start, size = len(data), max(objects) + 1
    data += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        data += b"%010d 00000 n \n" % places.get(number, 0)
    data += b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, root, start)
    return bytes(data)


def pdf_with_own_parent() -> bytes:
    """A page whose parent names itself as its parent: what is inherited is looked up for ever."""
    return _pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 /Parent 2 0 R >>",
            3: b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>",
            4: b"<< /Length 0 >>\nstream\n\nendstream",
        }
    )


def pdf_of_wide_array(millions: int = 60) -> bytes:
    """A page tree, packed into a stream, beside an array of so many 10⁶ numbers.

    150 bytes a million in the file, 80 MB a million in the memory of whoever counts the pages.
    """
    tree = b"<< /Type /Pages /Kids [3 0 R] /Count 1 /X ["
    packer, parts = zlib.compressobj(9), []
    parts.append(packer.compress(b"2 0 " + tree))
    for _ in range(millions):
        parts.append(packer.compress(b"0 " * 1_000_000))
    parts.append(packer.compress(b"] >>") + packer.flush())
    packed = zlib.compress(b"".join(parts), 9)
    data = bytearray(_HEAD)
    places = {}
    for number, body in {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        4: b"<< /Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /FlateDecode] /Length %d >>\n"
        b"stream\n%s\nendstream" % (len(packed), packed),
    }.items():
        places[number] = len(data)
        data += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(data)
    rows = [(0, 0, 65535), (1, places[1], 0), (2, 4, 0), (1, places[3], 0), (1, places[4], 0)]
    table = b"".join(struct.pack(">BLH", *row) for row in [*rows, (1, start, 0)])
    data += b"5 0 obj\n<< /Type /XRef /Size 6 /W [1 4 2] /Root 1 0 R /Length %d >>\nstream\n" % (
        len(table)
    )
    data += table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(data)


def pdf_of_huge_picture(side: int = 30_000) -> bytes:
    """A page with one grey picture of side × side pixels: 1 kB for each million of them."""
    packer, packed = zlib.compressobj(9), []
    for _ in range(side):
        packed.append(packer.compress(bytes(side)))
    body = b"".join([*packed, packer.flush()])
    content = b"q 595 0 0 842 0 0 cm /Im0 Do Q"
    return _pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /XObject << /Im0 5 0 R >> >> >>",
            4: b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
            5: b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray "
            b"/BitsPerComponent 8 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
            % (side, side, len(body), body),
        }
    )


def tiff_of_thumbnails(count: int = 60_000) -> bytes:
    """A TIFF with a chain of so many pictures of 8 × 8 pixels that share one strip."""
    tags = [(256, 8), (257, 8), (258, 8), (259, 1), (262, 1), (273, 8), (278, 8), (279, 64)]
    size = 2 + 12 * len(tags) + 4
    table = struct.pack("<H", len(tags)) + b"".join(
        struct.pack("<HHLL", tag, 4, 1, value) for tag, value in tags
    )
    start = 8 + 64
    data = bytearray(b"II*\x00" + struct.pack("<L", start) + bytes(64))
    for number in range(count):
        last = number == count - 1
        data += table + struct.pack("<L", 0 if last else start + (number + 1) * size)
    return bytes(data)


def tiff_of_overlapping_directories(tags: int = 60_000) -> bytes:
    """One table of tags that is told over and over as the table of the next picture."""
    entry = struct.pack("<HHLL", 256, 4, 1, 8) + struct.pack("<HHLL", 257, 4, 1, 8)
    spare = 1000  # directories
    table = entry * (tags // 2)
    data = bytearray(b"II*\x00" + struct.pack("<L", 8) + bytes(24 * spare) + table)
    start = 8
    for _ in range(spare):
        struct.pack_into("<H", data, start, tags)
        link = start + 2 + 12 * tags
        if link + 4 > len(data):
            data += bytes(link + 4 - len(data))
        struct.pack_into("<L", data, link, start + 24)
        struct.pack_into("<HHLL", data, start + 2, 256, 4, 1, 8)
        struct.pack_into("<L", data, start + 14 + 8, 8)
        start += 24
    return bytes(data)


def write_long_workbook(path: Path, rows: int = 1_000_000, text_megabytes: int = 0) -> None:
    """An `.xlsx` of so many rows of four short cells, and of so many 10⁶ bytes of shared texts.

    Both shrink to a thousandth.
    """
    sheet = (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/'
        '2006/main"><sheetData>'
    )
    head = "".join(
        f'<c t="inlineStr"><is><t>{name}</t></is></c>'
        for name in ("folder", "type", "year", "number", "agency")
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
            'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
            'package.relationships+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="'
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
            '"/><Override PartName="/xl/workbook.xml" ContentType='
            '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
            '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxml'
            'formats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/'
            '2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/'
            'officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
            "</Relationships>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/'
            '2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/'
            'officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
            "</Relationships>",
        )
        archive.writestr(
            "xl/workbook.xml",
            '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/'
            '2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/'
            'relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets>'
            "</workbook>",
        )
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            part.write(b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">')
            text = b"<si><t>" + b"a" * 999_985 + b"</t></si>"
            for _ in range(text_megabytes):
                part.write(text)
            part.write(b"</sst>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            part.write(f"{sheet}<row>{head}</row>".encode())
            row = b"<row><c><v>1</v></c><c><v>2</v></c><c><v>3</v></c><c><v>4</v></c></row>"
            for start in range(0, rows, 1000):
                part.write(row * min(1000, rows - start))
            part.write(b"</sheetData></worksheet>")
