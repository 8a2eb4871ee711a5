"""A folder of scans dropped on the import page from a file manager."""

from __future__ import annotations

import unicodedata

import pytest

from ocr_pipeline.review.accounts import Role
from tests.builders.drawn_pages import drawn

MIDDLE = {"x": 600, "y": 300}
PLACES = "() => [...document.querySelectorAll('#files tr')].map((row) => row.dataset.place).sort()"
COPY = 1  # what a file manager allows a page to do with what is dropped
#: A drive is pulled out when this file is asked for.
PULLED_OUT = """(name) => {
  const usual = DataTransferItem.prototype.webkitGetAsEntry;
  const spoilt = (entry) => {
    if (entry.name === name) entry.file = (_, fail) => setTimeout(() => fail(new DOMException("")));
    if (!entry.isDirectory) return entry;
    const open = entry.createReader.bind(entry);
    entry.createReader = () => {
      const reader = open();
      const read = reader.readEntries.bind(reader);
      reader.readEntries = (done, fail) => read((found) => done(found.map(spoilt)), fail);
      return reader;
    };
    return entry;
  };
  DataTransferItem.prototype.webkitGetAsEntry = function get() { return spoilt(usual.call(this)); };
}"""


def drop(page, *paths):
    """Let go of files and folders of this machine over the page, as a hand with a mouse does."""
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": COPY}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **MIDDLE, "data": data})
    session.detach()


@pytest.fixture
def scans(tmp_path):
    """Books of a folder; one name is written in two ways, as by two computers."""
    top = tmp_path / "Quét"
    for form, number in (("NFC", 1), ("NFD", 2)):
        book = top / unicodedata.normalize(form, "Sổ Bến Tre")
        book.mkdir(parents=True)
        (book / f"{number}.jpg").write_bytes(drawn(f"trang {number}"))
    for number in range(120):  # more than a browser tells at once
        (top / "KS 2").mkdir(exist_ok=True)
        (top / "KS 2" / f"{number:03}.jpg").write_bytes(b"x" * (number + 1))
    (top / "KS 2" / "Thumbs.db").write_bytes(b"x")
    return top


def test_a_folder_of_books_is_dropped_and_sent(seat, scans):
    chi = seat("chi", Role.REVIEWER)
    page = chi.open("/import")
    drop(page, scans)
    chi.until(f"() => ({PLACES})().length === 122")
    places = page.evaluate(PLACES)
    assert [one for one in places if not one.startswith("KS 2/")] == [
        "Sổ Bến Tre/1.jpg",
        "Sổ Bến Tre/2.jpg",
    ]
    assert page.locator("#tops label").count() == 1, "one folder of books"
    assert not page.is_visible("#unread")
    page.click("#forget")
    drop(page, scans / unicodedata.normalize("NFD", "Sổ Bến Tre"), scans / "KS 2" / "000.jpg")
    chi.until(f"() => ({PLACES})().length === 2")
    page.fill("#into", "KS 9")
    assert page.evaluate(PLACES) == ["KS 9/000.jpg", "Sổ Bến Tre/2.jpg"]
    page.click("#send")
    chi.until("() => document.querySelector('#told').textContent.startsWith('Đã nhận 1 tệp')")
    chi.until("() => document.querySelector('#folders').textContent.includes('Sổ Bến Tre')")


def test_what_cannot_be_read_is_named_and_the_rest_is_taken(seat, scans):
    chi = seat("chi", Role.REVIEWER)
    page = chi.open("/import")
    page.evaluate(PULLED_OUT, "001.jpg")
    drop(page, scans)
    chi.until("() => !document.querySelector('#unread').hidden")
    assert "1 mục: Quét/KS 2/001.jpg" in page.inner_text("#unread")
    assert len(page.evaluate(PLACES)) == 121
    drop(page, scans / "KS 2" / "002.jpg")
    chi.until("() => document.querySelector('#unread').hidden")
