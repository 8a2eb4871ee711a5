"""A record among others on its sheet: its own part of the picture, its neighbours."""

from sqlalchemy import select

from ocr_pipeline.registers.fields import Box
from ocr_pipeline.review import book_views
from ocr_pipeline.review.crop_frame import record_frame
from ocr_pipeline.store.books import save_book
from ocr_pipeline.store.models import PageRow, RecordRow
from ocr_pipeline.store.records import replace_records
from tests.builders.records import make_field, make_record
from tests.builders.review_station import book_of_births

SHEET = (4960, 3508)  # pixels: A3 at 300 dpi


def sheet_of(station, records):
    """A table of several records; each has the number of the sheet at its top."""
    book = book_of_births()
    own = [
        make_record(
            "1.jpg",
            [
                make_field("trangSo", "31", box=Box(4400, 200, 400, 90)),
                make_field("so", f"{n}/2017", box=Box(150, 700 * n, 300, 110)),
                make_field("nksHoTen", "Lê Thị Mai", box=Box(900, 700 * n + 130, 700, 110)),
            ],
            position=n,
        )
        for n in range(1, records + 1)
    ]
    with station.ws.transaction() as session:
        save_book(session, book)
        session.flush()
        session.add(
            PageRow(book=book.id, name="1.jpg", ordinal=0, path="/x/1.jpg", kind="record",
                    digest="d", fingerprint="f")
        )  # fmt: skip
        replace_records(session, book.id, own)


def shown(station, number):
    with station.ws.read_session() as session:
        id_ = session.scalars(select(RecordRow.id).order_by(RecordRow.position)).all()[number - 1]
    return book_views.record(station.ws, station.an, id_, station.now)


def test_of_a_sheet_with_four_records_only_the_own_part_is_shown(station):
    sheet_of(station, 4)
    told = shown(station, 3)
    assert told["on_page"] == 4
    assert told["own_boxes"] == [Box(150, 2100, 300, 110), Box(900, 2230, 700, 110)]
    frame = record_frame(told["own_boxes"], SHEET)
    assert frame.scale == 1.0, "at full resolution"
    assert frame.y > 1400 + 240 and frame.y + frame.height < 2800, "none of the neighbours"
    assert frame.x == 1 and frame.width < SHEET[0] / 2


def test_a_record_alone_on_its_page_is_shown_with_all_its_fields(station):
    sheet_of(station, 1)
    told = shown(station, 1)
    assert told["on_page"] == 1 and len(told["own_boxes"]) == 3


def test_the_frame_ends_at_the_edges_of_the_page():
    frame = record_frame([Box(0, 0, SHEET[0], 50), Box(10, SHEET[1] - 60, 100, 60)], SHEET)
    assert (frame.x, frame.y, frame.width, frame.height) == (0, 0, *SHEET)
