"""From a refused page to the package: read again by hand, approved, exported, handed over."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from ocr_pipeline.review.accounts import Role
from tests.builders.askew_page import ASKEW, SIZE
from tests.e2e.station import Seat, sohoa, truth

BOOK = "xaphuocngai_hbt_tbt.KS.2018.01"


@pytest.mark.long
def test_a_refused_page_is_read_by_hand_and_its_book_goes_out(
    read_job: Path, own_station, seat, tmp_path: Path
):
    station = own_station(read_job)
    binh = seat("binh", Role.REVIEWER, at=station)
    read_by_hand(binh)
    true = truth("ks-2018")
    for lane in ("doubt", "sample"):
        clear(binh, lane, true)

    lan = seat("lan", Role.OPERATOR, at=station)
    lan.open(f"/book/{BOOK}")
    assert lan.page.locator("form[action$='/approve']").count() == 0

    chi = seat("chi", Role.APPROVER, at=station)
    chi.open(f"/book/{BOOK}")
    assert chi.page.locator(".obstacles li").all_inner_texts() == []
    with chi.page.expect_navigation():
        chi.page.click("form[action$='/approve'] button")

    sheet = export_and_hand_over(chi, tmp_path)
    told = sohoa("check", sheet.parent)
    assert told.returncode == 0, told.stdout + told.stderr
    header, *rows = CalamineWorkbook.from_path(str(sheet)).get_sheet_by_index(0).to_python()
    names = [row[header.index("nksHoTen")] for row in rows]
    assert names == [true["Trang 5.jpg", 1, "nksHoTen"]]


def export_and_hand_over(chi: Seat, folder: Path) -> Path:
    """Export the package in the browser, download its files, say that it was handed over."""
    chi.page.click("a[href^='/packages/']")
    with chi.page.expect_navigation():
        chi.page.click("button:has-text('Xuất gói chính thức')")
    chi.page.wait_for_selector(f"a:has-text('{BOOK}.zip')", timeout=60_000)
    for link in chi.page.locator(".files a").all():
        with chi.page.expect_download() as taken:
            link.click()
        taken.value.save_as(folder / "gói" / taken.value.suggested_filename)
    address = chi.page.get_attribute("a[href$='/hand-over.pdf']", "href")
    sheet = chi.page.request.get(f"{chi.station.address}{address}")
    assert sheet.body().startswith(b"%PDF-")
    with chi.page.expect_navigation():
        chi.page.click("button:has-text('Đã bàn giao')")
    assert chi.page.locator("h1 .tag").inner_text() == "đã bàn giao"
    return folder / "gói" / f"{BOOK}.xls"


def read_by_hand(binh: Seat) -> None:
    """Find the refused page, drag its corners, and have it read."""
    binh.open(f"/book/{BOOK}")
    binh.page.click("a:has-text('Trang 5.jpg')")
    binh.page.wait_for_selector(".layout:has-text('KS-2016')")
    binh.page.check("input[value='KS-2016']")
    binh.until("() => document.querySelector('#scan img')")
    binh.page.wait_for_timeout(300)
    handles = [binh.page.locator(f".corner >> nth={i}") for i in range(4)]
    first, third = middle(handles[0]), middle(handles[2])
    inset = round(min(SIZE) * 0.02)
    scale = (third[0] - first[0]) / (SIZE[0] - 2 * inset)
    for handle, (x, y) in zip(handles, ASKEW, strict=True):
        start = middle(handle)
        binh.page.mouse.move(*start)
        binh.page.mouse.down()
        binh.page.mouse.move(
            first[0] + (x - inset) * scale, first[1] + (y - inset) * scale, steps=4
        )
        binh.page.mouse.up()
    binh.press("ArrowRight", "ArrowLeft")  # the last one by keys, too
    binh.page.click("#reread")
    binh.page.wait_for_selector("#kind:has-text('có bản ghi')", timeout=120_000)
    assert binh.page.locator("#record-links a").count() == 1


def middle(handle) -> tuple[float, float]:
    box = handle.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def clear(person: Seat, lane: str, true: dict[tuple[str, int, str], str]) -> None:
    """Answer everything in a queue with the truth, by keyboard alone."""
    person.open(f"/review?book={BOOK}&lane={lane}")
    for _ in itertools.count():
        item = person.shown()
        if item is None:
            break
        person.decide(lambda item=item: answer(person, item, true))
    person.saved()


def answer(person: Seat, item: dict[str, str], true: dict[tuple[str, int, str], str]) -> None:
    wanted = true.get((item["page"], int(item["position"]), item["code"]), "")
    field = person.api("GET", f"/api/fields/{item['field']}")
    codes = (
        {option["value"] for option in field["options"]}
        if field["kind"] != "id_document"
        else set()
    )
    if field["preselected"] == wanted and (wanted or not field["as_written"]):
        person.press("Enter")
    elif not wanted:
        person.press("F4")
    elif wanted in codes:
        person.press(wanted)
    else:
        person.press("Control+a")  # of a long value only the word in doubt is selected
        person.type(wanted)
        person.press("Enter")
