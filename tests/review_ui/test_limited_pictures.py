"""A scan that never ends being opened: everybody else is answered, and its cause is told."""

import asyncio
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from ocr_pipeline.errors import ScanError
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.review.errors import BusyError
from ocr_pipeline.review.limited_pictures import LimitedPictures
from ocr_pipeline.review.page_sources import page_sources
from ocr_pipeline.review.upright_page import PageSource
from ocr_pipeline.scans.pages import PageRef
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.states import PageKind
from tests.builders.drawn_pages import page_row
from tests.builders.hanging_pictures import HANGS, jpeg_or_hang
from tests.builders.review_office import BOOK

WAITING = 4  # requests for one page that are kept waiting for it


@pytest.fixture
def limited(office):
    """The station's pictures, with a page that hangs until its limit."""

    def put(seconds):
        pictures = office.app.state.station.pictures
        pictures._limited.close()
        pictures._limited = LimitedPictures(TaskLimits(seconds, 1000, 0), jpeg_or_hang)
        return pictures._limited

    return put


def add_page(office, tmp_path, name, kind):
    """A page set aside; returns its id."""
    folder = tmp_path / name
    folder.mkdir()
    row = page_row(BOOK, folder, 40 + ord(name[0]), kind)
    path = Path(row.path).rename(folder / f"{name}.jpg")
    row.path, row.name, row.cause_vi, row.cause_en = str(path), path.name, "dừng", "came to an end"
    with office.workspace.transaction() as session:
        session.add(row)
    with office.workspace.read_session() as session:
        return session.scalars(select(PageRow.id).where(PageRow.name == path.name)).one()


def test_a_page_that_hangs_keeps_nobody_from_being_answered(office, tmp_path, limited):
    """60 requests: the server has 40 threads. The end of the hanging page is not waited for."""
    limited(300)
    browser = office.browser("quan")
    hostile = add_page(office, tmp_path, HANGS, PageKind.FAULT)
    read = browser.get("/api/pages/1").json()["page"]
    signer = office.app.state.station.signer
    picture = f"/pictures/{signer.picture_token('quan', ['page', hostile])}"

    async def ask():
        transport = httpx.ASGITransport(office.app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", cookies=browser.client.cookies
        ) as client:
            hanging = [asyncio.create_task(client.get(picture)) for _ in range(60)]
            healthy = await client.get(f"/api/pages/{read}", timeout=120)
            async with asyncio.timeout(60):  # all but those that may wait are refused
                while sum(task.done() for task in hanging) < len(hanging) - WAITING:
                    await asyncio.sleep(0.01)
            busy = [task.result() for task in hanging if task.done()]
            waiting = [task for task in hanging if not task.done()]
            home = await client.get("/")
            office.app.state.station.pictures._limited.close()
            return healthy, home, busy, await asyncio.gather(*waiting)

    with ThreadPoolExecutor(1) as aside:  # a browser of other tests may run a loop in this thread
        healthy, home, busy, late = aside.submit(asyncio.run, ask()).result()
    assert healthy.status_code == home.status_code == 200 and healthy.json()["picture"]
    assert len(late) == WAITING and {answer.status_code for answer in late} == {404}
    assert {answer.status_code for answer in busy} == {503} and busy[0].headers["retry-after"]


def test_a_page_that_stopped_its_workers_is_shown_without_picture_until_asked(
    office, tmp_path, limited
):
    limited(2)
    browser = office.browser("quan")
    hostile = add_page(office, tmp_path, HANGS, PageKind.POISONED)
    healthy = add_page(office, tmp_path, "lành", PageKind.POISONED)
    for page in (hostile, healthy):
        shown = browser.get(f"/api/pages/{page}").json()
        assert shown["is_withheld"] and shown["cause"]["en"] == "came to an end"
        assert shown["picture"] is shown["scan"] is shown["no_picture"] is None
    asked = browser.get(f"/api/pages/{healthy}?open=true").json()
    assert not asked["is_withheld"] and asked["picture"] and asked["scan"]
    assert browser.get(asked["picture"]["url"]).status_code == 200
    asked = browser.get(f"/api/pages/{hostile}?open=true").json()
    assert asked["picture"] is None and "more than 2 seconds" in asked["no_picture"]["en"]


@pytest.mark.long
def test_what_took_long_to_fail_is_not_tried_again_at_once(tmp_path):
    pictures = LimitedPictures(TaskLimits(6, 1000, 0), jpeg_or_hang)
    source = PageSource(PageRef(tmp_path / HANGS, 0, HANGS), "", "fault", 0, "")
    try:
        with pytest.raises(ScanError, match="more than 6 seconds") as first:
            pictures.jpeg(source)
        for lane in pictures._lanes.values():
            lane.close()  # no process could do it again
        with pytest.raises(ScanError, match="more than 6 seconds") as again:
            pictures.jpeg(source)
        assert again.value is not first.value
    finally:
        pictures.close()


@pytest.mark.long
def test_pages_that_no_run_has_read_do_not_use_up_the_room_of_those_it_has(
    office, tmp_path, limited
):
    """One page hangs, seven wait behind it; the ninth is told so at once, a read one is shown."""
    pictures = limited(300)
    sources = [
        PageSource(PageRef(tmp_path / f"{n}", 0, f"{HANGS} {n}"), "", "fault", 0, "")
        for n in range(9)
    ]
    with ThreadPoolExecutor(9) as pool:
        waiting = [pool.submit(pictures.jpeg, source) for source in sources]
        try:
            done, _ = wait(waiting, timeout=120, return_when=FIRST_COMPLETED)
            assert [type(one.exception()) for one in done] == [BusyError]
            [read] = page_sources(office.workspace, [1]).values()
            assert read.source.is_read and pictures.jpeg(read.source)
        finally:
            pictures.close()
