"""Stages that need no pictures: a "page" is a PNG head followed by words that say what to do."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NoReturn

from ocr_pipeline.errors import ScanError, Text
from ocr_pipeline.layout.half_forms import halves_of
from ocr_pipeline.layout.loading import LoadedLayout, load_layout
from ocr_pipeline.layout.picture_fault import half_alone
from ocr_pipeline.processing.half_pair import TWO_SHEETS, HalfPair, JoinedPair, PairFit
from ocr_pipeline.processing.page import PageJob, PageResult
from ocr_pipeline.reading.cover import Cover, CoverField, CoverName
from ocr_pipeline.registers.fields import Box, Candidate, Field, Record, Script
from ocr_pipeline.resources import shipped
from ocr_pipeline.scans.scan_part import ScanPart
from ocr_pipeline.store.states import PageKind
from tests.builders.records import make_field, make_record

HEAD = b"\x89PNG\r\n\x1a\n"
CALLS = "SOHOA_TEST_CALLS"


def write_page(path: Path, words: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(HEAD + words.encode())


def words_of(path: Path) -> list[str]:
    return path.read_bytes()[len(HEAD) :].decode().split()


def work(job: PageJob) -> PageResult:
    """`record 12`: a record numbered 12; `forms 12 13`: a scan with two forms, each with a record;
    `rows 12 13`: a form with two records; `rows 12 -`: its second place is empty;
    `rows 12 +1`: its second place goes on with the record at the first;
    `half left 7`: the left half of sheet 7, whose number is on both halves; `half left ?`: on none;
    `refused near KS-2016`: no form lies on it, that one comes nearest; other words misbehave as
    they say."""
    with Path(os.environ[CALLS]).open("a") as calls:
        calls.write(f"{job.ref.name}\n")
    order, *rest = words_of(job.ref.path)
    if order == "crash" or (order == "crash-once" and calls_of(job.ref.name) == 1):
        os._exit(13)
    if order == "hang":
        time.sleep(60)
    if order == "eat":
        bytearray(b"x" * 2_000_000_000)
    if order == "eat-outside":  # a program that the worker starts
        subprocess.run([sys.executable, "-c", "import time; x = b'x' * 650_000_000; time.sleep(9)"])
    if order == "slow":
        time.sleep(0.2)
    if order == "bug":
        raise ValueError("Nguyễn Văn Tám")
    if order == "blank":
        return PageResult(PageKind.BLANK, seconds={"load": 0.1})
    if order == "cover":  # of a register: `cover KH 2 2016`
        names: tuple[CoverName, ...] = ("type", "number", "year")
        fields = {n: CoverField(v, v, True) for n, v in zip(names, rest, strict=True)}
        cover = Cover(fields)
        return PageResult(PageKind.COVER, cause=cover.told(), cover=cover)
    if order == "refused":
        return PageResult(
            PageKind.REFUSED,
            layout=rest[1] if rest[:1] == ["near"] else "",
            cause=Text("lệch", "off"),
            seconds={"load": 0.1},
        )
    if order == "half":
        return half_of(rest[0])
    if order == "forms":
        return forms_of(job, rest)
    if order == "rows":
        return PageResult(
            PageKind.RECORD,
            layout="KS-2016",
            records=tuple(
                row_of_table(job.ref.name, place, number)
                for place, number in enumerate(rest, start=1)
            ),
        )
    number = rest[0] if rest else "1"
    return PageResult(
        PageKind.RECORD,
        layout="KS-2016",
        records=(two_field_record(job.ref.name, number),),
        seconds={"load": 0.1, "read": 0.4},
    )


def forms_of(job: PageJob, numbers: list[str]) -> PageResult:
    """What a scan with several forms gives, or the form that is asked for alone."""
    parts = [ScanPart(n, 10 * n, 0, 10, 20) for n in range(1, len(numbers) + 1)]
    pages = [
        PageResult(
            PageKind.RECORD,
            layout="KS-2016",
            records=(two_field_record(part.name(job.ref.name), number),),
        )
        for part, number in zip(parts, numbers, strict=True)
    ]
    if job.ref.part is not None:
        return pages[job.ref.part.number - 1]
    return replace(pages[0], parts=tuple(parts), further=tuple(pages[1:]), seconds={"read": 0.4})


def half_of(side: str) -> PageResult:
    told = half_alone(next(half for half in halves_of(wide_form()) if half.side == side))
    return PageResult(PageKind.REFUSED, cause=told.cause, remedy=told.remedy)


@cache
def wide_form() -> LoadedLayout:
    return load_layout(shipped("layouts") / "KS" / "before-1999")


def join_pair(pair: HalfPair) -> JoinedPair:
    """What two scans of halves give by their words: sheet 7 has record 7."""
    (_, one, number), (_, other, second) = (words_of(ref.path) for ref in (pair.first, pair.second))
    if one == other or number != second:
        return JoinedPair(PairFit.APART, cause=TWO_SHEETS)
    fit = PairFit.UNCOMPARED if number == "?" else PairFit.ONE_SHEET
    name = number if number != "?" else f"{pair.first.path.stem}{pair.second.path.stem}"
    return JoinedPair(fit, HEAD + f"record {name}".encode())


def calls_of(name: str) -> int:
    path = Path(os.environ[CALLS])
    return path.read_text().splitlines().count(name) if path.exists() else 0


def two_field_record(page: str, number: str) -> Record:
    """A birth whose number is sure and whose name is not."""
    name = "Trần Thị Bưởi"
    sure = make_field(
        "so", f"{number}/2016", confidence=0.999, as_written=number, box=Box(1, 2, 3, 4)
    )
    doubtful = make_field("nksHoTen", name, confidence=0.6, n_best=(Candidate(name, name, 0.6),))
    return make_record(page, [sure, doubtful])


def row_of_table(page: str, position: int, number: str) -> Record:
    """A record as above at a position of its own, and the number of the sheet, which all share."""
    sheet = make_field("trangSo", "31", confidence=0.999, box=Box(90, 1, 3, 4))
    part_of = int(number) if number.startswith("+") else 0
    own = two_field_record(page, number).fields.values()
    if number == "-":
        own = [blank_field(field.code) for field in own]
    moved = [replace(field, box=Box(1, 20 * position, 3, 4)) for field in own]
    return replace(make_record(page, [sheet, *moved], position), part_of=part_of)


def blank_field(code: str, confidence: float = 0.998) -> Field:
    """A box in which no ink was found; with less confidence, a speck."""
    return make_field(code, "", confidence=confidence, as_written="", script=Script.BLANK)


def square(number: int) -> int:
    """Dies at once for multiples of seven."""
    if number % 7 == 0:
        os._exit(3)
    return number * number


def no_print(_: object) -> NoReturn:
    """Learning that finds no print, at once."""
    raise ScanError(Text("Không học được", "Nothing to learn"))
