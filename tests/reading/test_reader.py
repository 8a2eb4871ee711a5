from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr_pipeline.checks.acceptance import AcceptancePolicy
from ocr_pipeline.checks.book_judgement import judge_book, judge_field
from ocr_pipeline.layout.field_crops import FieldCrop, RecordCrops
from ocr_pipeline.layout.schema import LayoutField, TickOption
from ocr_pipeline.reading.confidence import UNCALIBRATED_CAP, Calibration
from ocr_pipeline.reading.language import ALPHABET
from ocr_pipeline.reading.models import Model, load_model
from ocr_pipeline.reading.reader import Reader
from ocr_pipeline.reading.tick_boxes import TICK_MARGIN_PIXELS
from ocr_pipeline.registers import ditto_marks
from ocr_pipeline.registers.fields import Box, FieldKind, Script, Special
from ocr_pipeline.registers.types import RegisterType
from tests.builders.books import make_book
from tests.builders.rows import CLEAN, read, sure_record

TEXTS = [
    "Nguyễn Văn An",
    "12/5/1985",
    "xã Lộc Thuận,",
    "huyện Bình Đại",
    "Kinh",
    '"',
    "Nam",
    "",
    "1985",
]


@dataclass
class Oracle:
    """Reads a picture by the width that it was drawn with: text k is 100 + 40 k pixels wide."""

    name: str = "oracle 1"
    alphabet: str = ALPHABET

    def scores(self, lines: Sequence[np.ndarray]) -> list[np.ndarray]:
        return [self._spell(TEXTS[round((line.shape[1] - 124) / 40)]) for line in lines]

    def _spell(self, text: str) -> np.ndarray:
        probabilities = np.full((2 * len(text) + 1, 1 + len(ALPHABET)), 1e-6)
        probabilities[-1, 0] = 1
        for place, character in enumerate(text):
            probabilities[2 * place, ALPHABET.index(character) + 1] = 1
            probabilities[2 * place + 1, 0] = 1
        return np.log(probabilities / probabilities.sum(axis=1, keepdims=True)).astype(np.float32)


def written(number: int) -> np.ndarray:
    """A line whose ink is 100 + 40 · number pixels wide."""
    line = np.full((110, 600), 255, np.uint8)
    for x in range(100, 201 + 40 * number - 12, 10):
        cv2.line(line, (x, 50), (x + 4, 75), 40, 2)
    right = 100 + 100 + 40 * number
    line[50:76, right - 3 : right] = 40
    line[50:76, 100:103] = 40
    return line


BLANK = np.full((110, 600), 255, np.uint8)
BOX = (0.0, 0.0, 40.0, 8.0)


def crop(code: str, kind: FieldKind, lines: list[np.ndarray]) -> FieldCrop:
    field = LayoutField(code=code, kind=kind, lines=(BOX,) * len(lines))
    return FieldCrop(code, kind, field, lines, [], Box(1, 2, 3, 4))


def ticks(code: str, ticked: list[bool]) -> FieldCrop:
    options = tuple(TickOption(box=(0, 0, 5, 5), value=str(k + 1)) for k in range(len(ticked)))
    field = LayoutField(code=code, kind=FieldKind.TICK, options=options)
    pictures = []
    for mark in ticked:
        first, last = TICK_MARGIN_PIXELS, TICK_MARGIN_PIXELS + 39
        picture = np.full((last + first + 1, last + first + 1), 255, np.uint8)
        cv2.rectangle(picture, (first, first), (last, last), 60, 2)
        if mark:
            cv2.line(picture, (first - 2, first - 2), (last + 3, last + 3), 40, 3)
        pictures.append(picture)
    return FieldCrop(code, FieldKind.TICK, field, [], pictures, Box(0, 0, 1, 1))


def reader() -> Reader:
    return Reader(Model(Oracle(), Calibration(), "f" * 64, Path()))


def test_a_page_is_read_field_by_field() -> None:
    first = RecordCrops(
        1,
        {
            f.code: f
            for f in (
                crop("nksHoTen", FieldKind.PERSON_NAME, [written(0)]),
                crop("nksNgaySinh", FieldKind.DATE, [BLANK, written(1)]),
                crop("nksNoiSinh", FieldKind.PLACE, [written(2), written(3)]),
                crop("nksDanToc", FieldKind.ETHNIC_GROUP, [written(4)]),
                crop("ghiChu", FieldKind.FREE_TEXT, [BLANK, BLANK]),
                ticks("loaiDangKy", [False, True, False]),
                ticks("gbtLoai", [True, True]),
            )
        },
    )
    second = RecordCrops(2, {"nksDanToc": crop("nksDanToc", FieldKind.ETHNIC_GROUP, [written(5)])})
    records = reader().read_page([first, second], "001.jpg", "KS-2016")
    assert [(r.page, r.position, r.layout) for r in records] == [
        ("001.jpg", 1, "KS-2016"),
        ("001.jpg", 2, "KS-2016"),
    ]
    fields = records[0].fields
    assert fields["nksHoTen"].value == "Nguyễn Văn An"
    assert fields["nksNgaySinh"].value == "12.05.1985"
    assert fields["nksNgaySinh"].as_written == "12/5/1985"
    assert fields["nksNoiSinh"].value == "Xã Lộc Thuận, huyện Bình Đại"
    assert fields["nksHoTen"].box == Box(1, 2, 3, 4)
    assert fields["nksHoTen"].versions["model"] == "oracle 1"
    assert fields["ghiChu"].script is Script.BLANK and fields["ghiChu"].value == ""
    assert fields["loaiDangKy"].value == "2"
    assert fields["gbtLoai"].value == "" and fields["gbtLoai"].as_written == "1, 2"
    for field in fields.values():
        assert 0 <= field.confidence <= UNCALIBRATED_CAP
        assert sum(c.probability for c in field.n_best) <= 1.001


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        (FieldKind.DATE, (7, 8)),  # day and month of a form with a blank for each part
        (FieldKind.PLACE, (2, 7)),
        (FieldKind.NUMBER, (8, 7)),
    ],
)
def test_ink_that_reads_as_nothing_beside_what_is_read_is_for_a_person(kind, lines) -> None:
    """However sure the machine is of the rest: what it did not read may be the day of the date."""
    field = crop("nksNgaySinh", kind, [written(line) for line in lines])
    [record] = reader().read_page([RecordCrops(1, {"nksNgaySinh": field})])
    own = record.fields["nksNgaySinh"]
    assert own.value and own.special is Special.PART_UNREAD
    doubts = judge_field(replace(own, confidence=1.0), RegisterType.KS, AcceptancePolicy())
    assert [doubt.rule for doubt in doubts] == ["part_unread"]


@pytest.mark.parametrize("ticked", [False, True])
def test_boxes_that_were_not_found_are_for_a_person(ticked: bool) -> None:
    """Whatever the calibration makes of them: it may have seen other crops."""
    trusting = replace(load_model("htr").calibration, tick=(1.1, 4.2))
    found = ticks("loaiDangKy", [ticked, False])
    pictures = [found.ticks[0], np.full_like(found.ticks[1], 255)]
    lost = replace(found, code="gbtLoai", ticks=pictures)
    sheet = [RecordCrops(1, {"loaiDangKy": found, "gbtLoai": lost})]
    [record] = Reader(Model(Oracle(), trusting, "f" * 64, Path())).read_page(sheet)
    assert record.fields["loaiDangKy"].confidence > 0.95
    assert record.fields["gbtLoai"].confidence <= 0.5


def test_an_empty_part_of_a_date_is_no_ink_that_was_not_read() -> None:
    field = crop("nksNgaySinh", FieldKind.DATE, [BLANK, written(8)])
    [record] = reader().read_page([RecordCrops(1, {"nksNgaySinh": field})])
    assert record.fields["nksNgaySinh"].value == "1985"
    assert record.fields["nksNgaySinh"].special is None


def test_a_ditto_mark_takes_the_value_above() -> None:
    records = [
        RecordCrops(
            k + 1, {"nksDanToc": crop("nksDanToc", FieldKind.ETHNIC_GROUP, [written(text)])}
        )
        for k, text in enumerate((4, 5, 5))
    ]
    fields = [record.fields["nksDanToc"] for record in reader().read_page(records)]
    assert [f.value for f in fields] == ["Kinh", "Kinh", "Kinh"]
    assert [f.special for f in fields] == [None, Special.DITTO, Special.DITTO]
    assert fields[1].as_written == '"'


def test_what_a_brace_holds_is_proposed_and_for_a_person() -> None:
    held = replace(crop("nksDanToc", FieldKind.ETHNIC_GROUP, [written(4)]), over_rows=True)
    below = replace(held, lines=[], over_rows=False, as_above=True)
    rows = [RecordCrops(k, {"nksDanToc": one}) for k, one in enumerate((held, below, below), 1)]
    fields = [record.fields["nksDanToc"] for record in reader().read_page(rows)]
    assert [f.value for f in fields] == ["Kinh", "Kinh", "Kinh"]
    assert [f.special for f in fields] == [Special.OVER_ROWS, Special.DITTO, Special.DITTO]
    sure = [replace(field, confidence=1.0) for field in fields]
    doubts = [judge_field(field, RegisterType.KS, AcceptancePolicy()) for field in sure]
    assert [doubt.rule for [doubt] in doubts] == ["over_rows", "ditto", "ditto"]


def test_a_row_that_goes_on_a_record_is_nothing_to_repeat() -> None:
    """A ditto mark below it takes the value of the record."""
    texts = (("nksDanToc", 4, 0), ("nksHoTen", 0, 1), ("nksDanToc", 5, 0))
    rows = [
        RecordCrops(place, {code: crop(code, FieldKind.ETHNIC_GROUP, [written(text)])}, part_of)
        for place, (code, text, part_of) in enumerate(texts, 1)
    ]
    records = reader().read_page(rows)
    assert [record.part_of for record in records] == [0, 1, 0]
    assert records[2].fields["nksDanToc"].value == "Kinh"


def test_pages_and_books_trust_a_ditto_mark_equally(monkeypatch) -> None:
    """One rule fills in both: changed, it changes reading and judgement alike."""
    ditto = replace(read("meNoiCuTru"), as_written='"', value="", special=Special.DITTO)
    records = [
        sure_record(CLEAN["KS"], page="p1"),
        sure_record(CLEAN["KS"], page="p1", meNoiCuTru=ditto),
    ]
    crops = [
        RecordCrops(place, {"nksDanToc": crop("nksDanToc", FieldKind.ETHNIC_GROUP, [written(row)])})
        for place, row in ((1, 4), (2, 5))
    ]
    shipped = ditto_marks.ditto_file()
    for trust in (0.9, 0.25):
        changed = shipped.model_copy(update={"sure": trust, "unsure": trust})
        monkeypatch.setattr(ditto_marks, "ditto_file", lambda changed=changed: changed)
        above, below = (r.fields["meNoiCuTru"] for r in judge_book(make_book(), records))
        assert below.confidence == pytest.approx(trust * above.confidence)
        first, second = (r.fields["nksDanToc"] for r in reader().read_page(crops))
        assert second.confidence == pytest.approx(trust * first.confidence)


def test_line_pictures_with_and_without_a_kind() -> None:
    pictures = [written(6)[:, 88:452], written(0)[:, 88:212]]
    name, sex = reader().read_lines([pictures[1]])[0], reader().read_lines([pictures[0]], "sex")[0]
    assert name.value == name.n_best[0].text == "Nguyễn Văn An"
    assert sex.value == "1"
    assert reader().read_lines([]) == []
