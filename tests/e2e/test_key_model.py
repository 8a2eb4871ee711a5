"""The keys that `sohoa bench keys` counts, pressed in a real browser: they decide what it says."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from ocr_pipeline.bench.review_keys.key_sequence import Way
from ocr_pipeline.bench.review_keys.truth_reviewer import FieldKeys, TruthReviewer
from ocr_pipeline.registers.fields import State
from ocr_pipeline.review.written_fields import WrittenFields
from ocr_pipeline.store.review_models import DecisionRow
from ocr_pipeline.store.workspace import Workspace
from tests.builders.books import make_book
from tests.builders.drawn_pages import fill_book
from tests.e2e.station import Seat

_PAGES = 5
#: What stands on the paper by record and code, where it is not what the machine read.
_TRUE = {
    (0, "nksHoTen"): "Nguyễn Văn Ân",  # the last letters anew
    (1, "nksHoTen"): "Trần Thị Bìnhh",  # the second reading
    (2, "nksHoTen"): "Vê Minh Châu",  # the first letter
    (3, "nksHoTen"): "Đặng Thị Mỵ",  # nothing of it right: typed, with completions
    (4, "nksHoTen"): "Nguyễn Thị An",  # a word in the middle
    (1, "nguoiKy"): "",  # empty
    (2, "nguoiKy"): "Đỗ Quốc Khánh",
    (0, "nksNgaySinh"): "27.11.2015",  # typed in short
    (1, "nksNgaySinh"): "11.03.2016",
    (3, "nksNgaySinh"): "",
    (0, "nksGioiTinh"): "2",  # a code
}


def test_the_counted_keys_decide_the_fields_in_the_browser(
    tmp_path, own_station, seat, monkeypatch
):
    # Nothing is written on the drawn pages: the ink completes no text there, and takes 0.4 s for
    # each beginning to say so, of hundreds that are weighed.
    monkeypatch.setattr(WrittenFields, "completions", lambda *_, **__: [])
    book, ws = make_book(year=2016), tmp_path / "job"
    with Workspace.open(ws) as workspace:
        read = fill_book(workspace, book, tmp_path / "scans", _PAGES)
    true = {
        (book.id, row.name, 1, code): _TRUE.get((number, code), own.value)
        for number, (row, record) in enumerate(read)
        for code, own in record.fields.items()
    }
    station = own_station(ws)
    with Workspace.open(ws) as workspace:  # the station has a copy of its own
        told = {one.place: one for one in TruthReviewer(workspace, true).review("field")}
    assert len(told) >= 4 * _PAGES  # a changed date makes another field doubtful, too
    assert {one.sequence.way for one in told.values()} == {
        Way.CONFIRMED, Way.PICKED, Way.BLANK, Way.TYPED,
    }  # fmt: skip

    lan = seat("lan", at=station)
    lan.open(f"/review?book={book.id}")
    played = []
    while item := lan.shown():
        own = told[book.id, item["page"], int(item["position"]), item["code"]]
        lan.decide(lambda own=own: _play(lan, own))
        played.append((int(item["field"]), own))
    lan.saved()

    assert len(played) == len(told)
    kept = _decisions(station.workspace)
    for field, own in played:
        value, state, keys = kept[field]
        assert (value, keys) == (own.value, own.sequence.plain), (own, kept[field])
        assert state == (State.BLANK if not own.value else state)


def _play(lan: Seat, own: FieldKeys) -> None:
    """Press the keys as a hand does, which waits for the list before it takes from it."""
    presses = own.sequence.presses
    session = lan.page.context.new_cdp_session(lan.page)
    for number, press in enumerate(presses):
        following = presses[number + 1 : number + 2]
        if len(press) == 1 and following in (("Tab",), ("ArrowDown",), ("Control+Enter",)):
            with lan.page.expect_response(lambda answer: "/api/suggest" in answer.url):
                _letter(session, press)
            lan.until("() => !document.querySelector('#suggestions').hidden")
            lan.until(  # what was not painted is taken, but not saved
                "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame("
                "() => requestAnimationFrame(() => done(true)))))"
            )
        elif len(press) == 1:
            _letter(session, press)
        else:
            lan.press(press)


def _letter(session, letter: str) -> None:
    """One key for a letter, as keyboards have that write Vietnamese."""
    session.send("Input.dispatchKeyEvent", {"type": "keyDown", "key": letter, "text": letter})
    session.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": letter})


def _decisions(folder: Path) -> dict[int, tuple[str, str, int]]:
    with Workspace.open(folder) as workspace, workspace.read_session() as session:
        return {
            row.field: (row.value, row.state, row.keys)
            for row in session.scalars(select(DecisionRow))
        }
