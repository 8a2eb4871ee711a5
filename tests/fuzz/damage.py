"""Damage: what disks, copies, programs and spiteful people do to bytes, tables, PDFs and names."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from random import Random

Damage = Callable[[bytes, Random], bytes]

NUMBERS = (
    b"0", b"-1", b"1", b"2147483647", b"2147483648", b"-2147483649", b"4294967296", b"1e400",
    b"99999999999999999999", b"9" * 5000, b"0.0000001", b"NaN", b"null", b"010", b"1:30", b"1_000",
)  # fmt: skip
WORDS = (
    b'"', b"'", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\n", b"\r", b"\t", b",", b";", b"=1+1",
    b"=cmd|'/c x'!A1", b"[" * 300, b"{" * 300, b"(" * 3000, b"<<" * 500, b"&a [*a]",
    b"*b", b"!!set {a}",
    b"!!python/object/apply:os.system [id]", b"---", b"<<: x", b"%TAG ! !", b"sep=,", b"yes", b"~",
    b"2018-01-31", b"../../../etc/passwd", b"C:\\x", b"\xe2\x80\xae", b"A" * 140_000,
    "Nguyễn".encode(), "Nguyễn".encode("utf-16"), b"\xcc\x81" * 200, b"\xf0\x9f\x98\x80", b"",
)  # fmt: skip
_MOST_BYTES = 3_000_000


def damaged(data: bytes, random: Random) -> bytes:
    """The bytes with one to four injuries of the kinds that their format can take."""
    kinds = _kinds_for(data)
    for _ in range(random.choice((1, 1, 1, 2, 2, 4))):
        kind = random.choice(kinds if random.random() < 0.7 else _PLAIN)
        data = kind(data, random)[:_MOST_BYTES]
    return data


def _kinds_for(data: bytes) -> tuple[Damage, ...]:
    if b"%PDF-" in data[:1024]:
        return (pdf_number, pdf_number, pdf_name, pdf_reference, pdf_key, pdf_content, pdf_object)
    if data[:4] in (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"):
        return (tiff_entry, tiff_entry, tiff_chain)
    if data.startswith(b"\x89PNG"):
        return (png_chunk, png_header)
    if data.startswith(b"\xff\xd8"):
        return (jpeg_segment, jpeg_frame)
    if data.startswith(b"PK"):
        return (zip_member, zip_member, zip_field)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return (ole_field, ole_record, ole_record)
    if b"\x00" not in data[:200]:
        return (text_line, text_word, text_word, text_number, text_encoding)
    return _PLAIN


# --- Any bytes


def flip_bits(data: bytes, random: Random) -> bytes:
    made = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8, 40)) if made else 0):
        made[random.randrange(len(made))] ^= 1 << random.randrange(8)
    return bytes(made)


def set_number(data: bytes, random: Random) -> bytes:
    """Four bytes become a number that counts, offsets and sizes are not made for."""
    at = random.randrange(len(data) + 1)
    value = random.choice((0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFF, len(data)))
    order = random.choice("<>")
    return data[:at] + struct.pack(f"{order}I", value) + data[at + 4 :]


def cut_off(data: bytes, random: Random) -> bytes:
    return data[: int(len(data) * random.choice((0.0, 0.01, 0.1, 0.5, 0.9, 0.999)))]


def lose_block(data: bytes, random: Random) -> bytes:
    start, stop = _span(data, random)
    return data[:start] + random.choice((b"", bytes(stop - start))) + data[stop:]


def double_block(data: bytes, random: Random) -> bytes:
    start, stop = _span(data, random)
    at = random.randrange(len(data) + 1)
    return data[:at] + data[start:stop] + data[at:]


def append(data: bytes, random: Random) -> bytes:
    return data + random.choice((bytes(2000), data[:1000], random.randbytes(500), b"%%EOF\n"))


_PLAIN: tuple[Damage, ...] = (
    flip_bits,
    flip_bits,
    set_number,
    cut_off,
    lose_block,
    double_block,
    append,
)


def _span(data: bytes, random: Random) -> tuple[int, int]:
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + random.choice((1, 16, 512, 4096, 40_000)))


def _at_match(
    pattern: bytes, data: bytes, random: Random, change: Callable[[re.Match[bytes]], bytes]
) -> bytes:
    """Change one of the places where a pattern stands."""
    found = list(re.finditer(pattern, data))
    if not found:
        return data
    one = random.choice(found)
    return data[: one.start()] + change(one) + data[one.end() :]


# --- PDF


def pdf_number(data: bytes, random: Random) -> bytes:
    return _at_match(
        rb"(?<=[\s\[/A-Za-z])-?\d+(?=[\s\]/>])", data, random, lambda _: random.choice(NUMBERS)
    )


def pdf_name(data: bytes, random: Random) -> bytes:
    names = [m[0] for m in re.finditer(rb"/[A-Za-z][A-Za-z0-9]*", data)] or [b"/X"]
    return _at_match(rb"/[A-Za-z][A-Za-z0-9]*", data, random, lambda _: random.choice(names))


def pdf_reference(data: bytes, random: Random) -> bytes:
    """A reference leads elsewhere: to another object, to itself, to nothing."""
    number = random.choice((b"0", b"1", b"2", b"3", b"4", b"5", b"6", b"999999"))
    return _at_match(rb"\d+ 0 R", data, random, lambda _: number + b" 0 R")


def pdf_key(data: bytes, random: Random) -> bytes:
    """A key with its value is lost, or its value is of another kind."""
    other = random.choice(
        (b"", b" null", b" true", b"(x)", b"[]", b"<<>>", b"/X", b"[[[[1]]]]", b"<41")
    )
    return _at_match(
        rb"/(?:Count|Kids|Type|MediaBox|Width|Height|Filter|Length|ColorSpace|BitsPerComponent|Resources|"
        rb"Contents|Parent|Root|Size|XObject|Subtype|Rotate|DecodeParms|Pages|W|Index|Prev)"
        rb"\s*(?:\d+ 0 R|-?[\d.]+|/\w+|\[[^\[\]]*\])",
        data,
        random,
        lambda found: other and re.match(rb"/\w+", found[0])[0] + other,  # type: ignore[index]
    )


def pdf_content(data: bytes, random: Random) -> bytes:
    """The instructions of a page lose operands, or hold what no program writes."""
    odd = random.choice(
        (b"cm", b"Do", b"Tr", b"gs", b"BDC", b"q " * 400, b"Q Q Q", b"(", b"[ 1", b"BI ID EI",
         b"1e400 w",         b"/Im0 Do /Im0 Do", b"0 0 0 0 0 0 cm", b"W n", b"<</A", b"9 9 re W n")
    )  # fmt: skip
    return _at_match(rb"\b(?:q|Q|cm|Do|/Im0 Do|0 0)\b", data, random, lambda _: odd)


def pdf_object(data: bytes, random: Random) -> bytes:
    """An object is lost, or stands there twice, or ends nowhere."""
    kind = random.randrange(3)
    return _at_match(
        rb"(?s)\d+ 0 obj.{0,400}?endobj",
        data,
        random,
        lambda found: (b"", found[0] * 2, found[0].replace(b"endobj", b""))[kind],
    )


# --- TIFF, PNG, JPEG


def _first_directory(data: bytes) -> tuple[str, int, int] | None:
    """Byte order, offset and number of tags of a TIFF's first directory; None without one."""
    order = "<" if data[:2] == b"II" else ">"
    if len(data) < 8:
        return None
    (start,) = struct.unpack(f"{order}I", data[4:8])
    if start + 2 > len(data):
        return None
    (count,) = struct.unpack(f"{order}H", data[start : start + 2])
    return order, start, count


def tiff_entry(data: bytes, random: Random) -> bytes:
    """A tag, its type, its count or its value is another one."""
    if (found := _first_directory(data)) is None:
        return data
    order, start, count = found
    at = start + 2 + 12 * random.randrange(max(min(count, 60), 1))
    part, letter = random.choice(((0, "H"), (2, "H"), (4, "I"), (8, "I"), (8, "H")))
    odd = random.choice(
        (0, 1, 2, 3, 5, 6, 7, 8, 255, 256, 257, 273, 279, 322, 65535, 2**31, 2**32 - 1)
    )
    value = struct.pack(order + letter, odd % (1 << (16 if letter == "H" else 32)))
    return data[: at + part] + value + data[at + part + len(value) :]


def tiff_chain(data: bytes, random: Random) -> bytes:
    """The next directory is this one, lies beyond the end, or in the middle of a picture."""
    if (found := _first_directory(data)) is None:
        return data
    order, start, count = found
    at = start + 2 + 12 * count
    target = random.choice((start, 8, 1, len(data), len(data) // 2, 2**32 - 1))
    return data[:at] + struct.pack(f"{order}I", target) + data[at + 4 :]


def _png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    chunks, at = [], 8
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + size]))
        at += 12 + size
    return chunks


def _png(chunks: list[tuple[bytes, bytes]]) -> bytes:
    parts = [b"\x89PNG\r\n\x1a\n"]
    for kind, body in chunks:
        check = zlib.crc32(kind + body)
        parts.append(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check))
    return b"".join(parts)


def png_chunk(data: bytes, random: Random) -> bytes:
    """A chunk is lost, doubled, changed or put elsewhere; the sums are right."""
    chunks = _png_chunks(data)
    if not chunks:
        return data
    at = random.randrange(len(chunks))
    kind, body = chunks[at]
    way = random.randrange(4)
    chunks[at : at + 1] = [
        [],
        [(kind, body)] * 2,
        [(kind, flip_bits(body, random))],
        [(random.choice((b"IEND", b"PLTE", b"tRNS", b"pHYs", b"zTXt", b"acTL", b"iCCP")), body)],
    ][way]
    return _png(chunks)


def png_header(data: bytes, random: Random) -> bytes:
    """Size, depth, colour or interlacing are other ones; the sum is right."""
    chunks = _png_chunks(data)
    if not chunks or len(chunks[0][1]) != 13:
        return data
    body = bytearray(chunks[0][1])
    body[random.randrange(13)] = random.choice((0, 1, 2, 3, 4, 6, 7, 16, 32, 127, 255))
    return _png([(chunks[0][0], bytes(body)), *chunks[1:]])


def _jpeg_segments(data: bytes) -> list[int]:
    places, at = [], 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        places.append(at)
        if data[at + 1] == 0xDA:
            break
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return places


def jpeg_segment(data: bytes, random: Random) -> bytes:
    """A segment is lost, doubled, of another kind or of another length."""
    places = _jpeg_segments(data)
    if not places:
        return data
    at = random.choice(places)
    stop = min(len(data), at + 2 + int.from_bytes(data[at + 2 : at + 4], "big"))
    way = random.randrange(4)
    if way == 0:
        return data[:at] + data[stop:]
    if way == 1:
        return data[:stop] + data[at:stop] + data[stop:]
    if way == 2:
        other = random.choice(
            (0x01, 0xC0, 0xC2, 0xC4, 0xC9, 0xD8, 0xD9, 0xDA, 0xDB, 0xDD, 0xE0, 0xE1)
        )
        return data[: at + 1] + bytes([other]) + data[at + 2 :]
    return data[: at + 2] + random.choice((b"\0\0", b"\0\1", b"\xff\xff", b"\0\3")) + data[at + 4 :]


def jpeg_frame(data: bytes, random: Random) -> bytes:
    """Size, number or sampling of the components are other ones."""
    frames = [at for at in _jpeg_segments(data) if data[at + 1] in (0xC0, 0xC1, 0xC2)]
    if not frames:
        return data
    at = frames[0] + 4 + random.randrange(14)
    return data[:at] + bytes([random.choice((0, 1, 3, 4, 8, 12, 0x11, 0x44, 255))]) + data[at + 1 :]


# --- Archives and workbooks


def zip_member(data: bytes, random: Random) -> bytes:
    """A member is damaged inside, lost, doubled or called otherwise; the archive is right."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [(info.filename, archive.read(info)) for info in archive.infolist()]
    except Exception:  # damaged before
        return flip_bits(data, random)
    if not parts:
        return data
    at = random.randrange(len(parts))
    name, body = parts[at]
    names = (
        "../../x.pdf", "/etc/x.pdf", "a\\b.pdf", name.upper(), "x" * 5000, "\u202egpj.pdf", "",
        "a/" * 200 + "x",        "con.pdf", "Ảnh 1.pdf",
    )  # fmt: skip
    if body.startswith(b"<"):
        inner = random.choice((text_number, text_word, xml_reference, flip_bits, cut_off))
    else:
        inner = damaged
    parts[at : at + 1] = random.choice(
        (
            [],
            [(name, body)] * 2,
            [(random.choice(names), body)],
            *([[(name, inner(body, random))]] * 4),
        )
    )
    made = io.BytesIO()
    how = random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(made, "w", how) as archive:
        for part, content in parts:
            info = zipfile.ZipInfo(part or "x")
            info.compress_type = how
            with archive.open(info, "w") as stream:
                stream.write(content)
    return made.getvalue()


def xml_reference(data: bytes, random: Random) -> bytes:
    """A cell, row or range of a sheet lies elsewhere, or is of another kind."""
    odd = (b"XFD1048576", b"A0", b"A99999999", b"ZZZZ1", b"A1:XFD1048576", b"-1", b"", b"9" * 5000)
    pattern = random.choice(
        (rb'(?<= r=")[^"]*', rb'(?<= ref=")[^"]*', rb'(?<= t=")[^"]*', rb'(?<= s=")[^"]*')
    )
    kinds = (b"s", b"n", b"d", b"b", b"e", b"str", b"inlineStr", b"x")
    return _at_match(pattern, data, random, lambda _: random.choice(odd + kinds))


def zip_field(data: bytes, random: Random) -> bytes:
    """A size, a sum, a flag or a method in the directory of the archive is another one."""
    mark = random.choice((b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"))
    places = [found.start() for found in re.finditer(re.escape(mark), data)]
    if not places:
        return data
    at = random.choice(places) + random.choice((6, 8, 10, 14, 18, 20, 22, 24, 26, 28, 42))
    odd = random.choice((b"\0\0", b"\1\0", b"\xff\xff", b"\x0c\0", b"\x63\0", b"\xff\x7f"))
    return data[:at] + odd + data[at + 2 :]


def ole_field(data: bytes, random: Random) -> bytes:
    """Something in the header, the sector table or the directory of a compound file is another."""
    at = random.choice((random.randrange(512), random.randrange(max(len(data), 1))))
    odd = random.choice((0, 1, 9, 0xFFFF, 0xFFFFFFFE, 0xFFFFFFFF, 0x7FFFFFFF, len(data) // 512))
    return data[:at] + struct.pack("<I", odd) + data[at + 4 :]


def ole_record(data: bytes, random: Random) -> bytes:
    """A record of a worksheet has another number, length or content."""
    kinds = (0xFD, 0x208, 0x85, 0xFC, 0xE0, 0x31, 0x809, 0x0A, 0xE5)
    known = [struct.pack("<H", kind) for kind in kinds]
    places = [found.start() for mark in known for found in re.finditer(re.escape(mark), data[512:])]
    if not places:
        return data
    at = 512 + random.choice(places) + random.choice((0, 2, 4, 6, 8, 10))
    return (
        data[:at]
        + struct.pack("<H", random.choice((0, 1, 2, 255, 256, 8224, 65535)))
        + data[at + 2 :]
    )


# --- Text


def text_line(data: bytes, random: Random) -> bytes:
    """A line is lost, doubled, put elsewhere, joined with the next, or comes many times."""
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    way = random.randrange(6)
    if way == 0:
        del lines[at]
    elif way == 1:
        lines.insert(at, lines[at])
    elif way == 2:
        random.shuffle(lines)
    elif way == 3:
        lines[at : at + 2] = [b"".join(lines[at : at + 2])]
    elif way == 4:
        lines[at:at] = [lines[at]] * random.choice((50, 3000))
    else:
        lines.insert(at, b" " * random.choice((1, 2, 40)) + random.choice(lines))
    return b"\n".join(lines)


def text_word(data: bytes, random: Random) -> bytes:
    """A word, or the place before it, is something that nobody writes there."""
    word = random.choice(WORDS)
    if random.random() < 0.5:
        at = random.randrange(len(data) + 1)
        return data[:at] + word + data[at:]
    return _at_match(rb"[^\s,:;\[\]{}\"<>]+", data, random, lambda _: word)


def text_number(data: bytes, random: Random) -> bytes:
    return _at_match(rb"-?\d+(?:\.\d+)?", data, random, lambda _: random.choice(NUMBERS))


def text_encoding(data: bytes, random: Random) -> bytes:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return data[::-1]
    name = random.choice(
        ("utf-16", "utf-16-le", "utf-8-sig", "cp1258", "latin-1", "utf-32", "utf-7")
    )
    return text.encode(name, errors="replace")


# --- Names


def odd_name(random: Random, suffix: bytes) -> bytes:
    """A name that a system takes and people do not expect."""
    return random.choice(_ODD_NAMES)[: 255 - len(suffix)] + suffix


_ODD_NAMES = (
    *(
        b"\xff\xfe",
        b"a\nb",
        b"\x01\x7f",
        b" ",
        b"-rf",
        b"$(id)",
        b"a;b",
        b"'\"",
        b"%s%n",
        b"x" * 250,
    ),
    *(
        "\u202e".encode(),
        "Ảnh quét".encode(),
        b"\xe1\xba",
        b"<E1>",
        b"\xed\xa0\x80",
        "ế".encode() * 80,
    ),
    *(b"a" * 100 + b"/" + b"b" * 200, b"CON", b"..x", b"~$a", b"#3", b"=1+1", b"\xa5\xe2\xdb"),
)
