"""Pages and keyed rows: who belongs to whom, what agrees and what differs, what goes out."""

import json
from dataclasses import replace
from itertools import product

import numpy as np
import openpyxl
import pytest

from ocr_pipeline.exchange.keyed_files.keyed_file import open_keyed
from ocr_pipeline.exchange.linking.assignment import assign, shares
from ocr_pipeline.exchange.linking.field_checks import field_checks
from ocr_pipeline.exchange.linking.keyed_books import keyed_books
from ocr_pipeline.exchange.linking.link import calibrated, linked, ranks_of
from ocr_pipeline.exchange.linking.link_lists import workbook_bytes
from ocr_pipeline.exchange.linking.link_package import converted
from ocr_pipeline.exchange.linking.link_report import LinkedBook, LinkReport
from ocr_pipeline.exchange.linking.link_rules import link_rules
from ocr_pipeline.exchange.linking.near_rows import near_rows
from ocr_pipeline.exchange.linking.row_values import means_same, row_value, texts_on_paper
from ocr_pipeline.processing.book_links import (
    BookLinks,
    FieldCheck,
    LinkState,
    RecordLink,
    SettledBook,
    SettledLink,
    Verdict,
    settle,
)
from ocr_pipeline.processing.field_scores import PageScores
from ocr_pipeline.processing.stored_scores import packed_scores, unpacked_scores
from ocr_pipeline.reading.decoding import LineScores
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.templates import load_template
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.store.link_decisions import LinkDecision
from ocr_pipeline.text.normalise import nfc
from tests.builders.books import make_book
from tests.builders.keyed_files import police_births, table, text_file
from tests.builders.link_ink import LETTERS, ink_of, line_of, record_of, row_of

NAMES = ["Lê Văn An", "Trần Thị Bình", "Phạm Gia Khánh", "Vũ Thị Mai", "Đỗ Minh Quân", "Hồ Thu Hà"]
MOTHERS = ["Ngô Thị Lan", "Bùi Thị Hoa", "Lý Thị Cúc", "Đinh Thị Đào", "Tô Thị Hồng", "Mai Thị Sen"]


def case(number, **other):
    """What is true of a birth."""
    values = {
        "so": f"{number + 1:02d}/2016",
        "ngayDangKy": f"{3 + 2 * number:02d}.03.2016",
        "nksHoTen": NAMES[number],
        "nksNgaySinh": f"{1 + number:02d}.02.2016",
        "nksGioiTinh": "12"[number % 2],
        "nksDanToc": "Kinh",
        "meHoTen": MOTHERS[number],
    }
    return values | other


def page(number, **other):
    """The same as a clerk has written it."""
    values = case(number) | other
    written = {
        **values,
        "so": values["so"].partition("/")[0],
        "ngayDangKy": values["ngayDangKy"].replace(".", "/"),
        "nksHoTen": values["nksHoTen"].upper(),
        "nksGioiTinh": {"1": "Nam", "2": "Nữ", "": ""}[values["nksGioiTinh"]],
    }
    return record_of(f"{number + 1}.jpg", written)


BOOK = make_book("KS", 1, 2016)


def links_of(pages, rows):
    return linked(BOOK, pages, rows, link_rules())


def test_each_page_finds_its_row_however_it_is_written_and_whatever_is_missing():
    rows = [row_of(n, case(n)) for n in (0, 1, 2, 4, 5)]  # the row of page 4 is missing
    pages = [page(n) for n in (0, 2, 1, 3, 5)]  # page 5 is missing, two are swapped
    found = links_of(pages, rows)
    assert [one.row for one in found] == ["row0", "row2", "row1", "", "row5"]
    assert all(one.accepted for one in found if one.row)
    assert not found[3].accepted


def test_a_wrong_number_does_not_undo_a_link_and_is_told_as_a_difference():
    rows = [row_of(n, case(n, so="19/2016" if n == 2 else f"{n + 1:02d}/2016")) for n in range(5)]
    found = links_of([page(n) for n in range(5)], rows)
    assert [one.row for one in found] == [f"row{n}" for n in range(5)]
    differing = {(one.page, check.code) for one in found for check in one.checks
                 if check.verdict is Verdict.DIFFERS}  # fmt: skip
    assert differing == {("3.jpg", "so")}


def test_twins_are_told_apart_by_name_and_number():
    rows = [row_of(n, case(n)) for n in range(4)]
    twin = case(1, so="03/2016", nksHoTen="Trần Thị Bích")
    rows[2] = row_of(2, twin)
    pages = [page(n) for n in range(4)]
    pages[2] = record_of("3.jpg", {**{c: f.raw for c, f in page(1).fields.items()}, "so": "03",
                                   "nksHoTen": "Trần Thị Bích"})  # fmt: skip
    assert [one.row for one in links_of(pages, rows)] == [f"row{n}" for n in range(4)]


def test_the_whole_book_is_assigned_at_once():
    """Greedily, the first record would take the row that the second one alone can have."""
    evidence = np.array([[9.0, 8.5], [9.0, -9.0]])
    found = assign(evidence, [np.nan, np.nan], link_rules())
    assert found.rows.tolist() == [1, 0]
    assert (found.probabilities.sum(axis=0) <= 1.01).all()
    assert (found.probabilities.sum(axis=1) <= 1.01).all()


def test_neighbours_decide_where_the_fields_say_nothing():
    evidence = np.full((7, 7), -12.0)
    np.fill_diagonal(evidence, 15.0)
    evidence[3] = 3.0  # this page fits all rows alike
    found = assign(evidence, list(range(7)), link_rules())
    assert found.rows[3] == 3


def true_shares(weights):
    """Probabilities of pairs, by going through all ways to pair."""
    records, rows = weights.shape
    found, whole = np.zeros(weights.shape), 0.0
    for way in product(range(-1, rows), repeat=records):
        pairs = [(record, row) for record, row in enumerate(way) if row >= 0]
        if len({row for _, row in pairs}) == len(pairs):
            whole += (weight := np.exp(sum(weights[pair] for pair in pairs)))
            for pair in pairs:
                found[pair] += weight
    return found / whole


def test_probabilities_are_those_of_all_ways_to_pair():
    weights = np.random.default_rng(3).normal(0, 6, (3, 4))
    assert np.abs(shares(weights) - true_shares(weights)).max() < 0.02
    assert shares(np.array([[7.0]]))[0, 0] == pytest.approx(1 / (1 + np.exp(-7)))
    assert np.isfinite(shares(np.full((50, 60), 60.0))).all()


def test_the_page_of_a_child_does_not_go_to_the_row_of_its_sister_or_twin():
    """The own row is missing, as is the sister's page; parents agree, and of twins all dates."""
    sister = case(5, nksHoTen="Mai Thị Lụa", meHoTen=MOTHERS[1])
    twin = case(1, so="12/2016", nksHoTen="Trần Thị Lụa")
    for other in (sister, twin):
        rows = [row_of(n, case(n)) for n in (0, 2, 3, 4)] + [row_of(9, other)]
        found = links_of([page(n) for n in range(5)], rows)
        assert [one.accepted for one in found] == [True, False, True, True, True]


def test_of_very_many_rows_those_like_a_record_are_compared():
    records = [page(n) for n in range(6)]
    strangers = [
        case(n % 6, so=f"{n}/2010", nksHoTen=f"Kiều Oanh {n}", meHoTen=f"Cù Thị {n}",
             ngayDangKy=f"01.01.{1950 + n % 50}", nksNgaySinh=f"02.01.{1950 + n % 50}")
        for n in range(500)
    ]  # fmt: skip
    rows = [*strangers[:250], *(case(n) for n in range(6)), *strangers[250:]]
    near = near_rows(records, rows, RegisterType.KS, 5)
    assert set(range(250, 256)) <= set(near) and len(near) <= 6 * 5


def test_a_page_that_is_seen_no_more_is_linked_by_its_readings():
    pages = [page(n) for n in range(4)]
    unseen = {code: replace(one, writing=LineScores(one.field.kind, ()))
              for code, one in pages[2].fields.items()}  # fmt: skip
    pages[2] = replace(pages[2], fields=unseen)
    found = links_of(pages, [row_of(n, case(n, meHoTen="Ngô Thị Lý") if n == 2 else case(n))
                             for n in range(4)])  # fmt: skip
    assert found[2].row == "row2" and found[2].accepted
    assert {c.code for c in found[2].checks if c.verdict is Verdict.DIFFERS} == {"meHoTen"}


def test_no_rows_and_no_pages_are_no_error():
    assert links_of([page(0)], [])[0].row == ""
    assert links_of([], [row_of(0, case(0))]) == []


def test_more_evidence_never_makes_a_link_less_probable():
    shares = np.linspace(0, 1, 50)
    found = [calibrated(float(share), link_rules().calibration) for share in shares]
    assert found == sorted(found) and 0 <= found[0] and found[-1] <= 1


def test_rows_stand_in_the_order_of_years_and_numbers():
    rows = [row_of(n, {"so": text}) for n, text in enumerate(["10/2016", "", "2/2016", "1/2017"])]
    ranks = ranks_of(rows)
    assert ranks[2] < ranks[0] < ranks[3] and np.isnan(ranks[1])


# --- Fields


def checked(code, written, value):
    record = record_of("1.jpg", {code: written})
    [check] = field_checks(record, {code: value}, RegisterType.KS, link_rules())
    return check


@pytest.mark.parametrize(
    ("code", "written", "value"),
    [
        ("nksHoTen", "TRẦN THỊ HOÀ", "Trần Thị Hòa"),
        ("nksHoTen", "Trần thị Hòa", "Trần Thị Hòa"),
        ("ngayDangKy", "5/3/2016", "05.03.2016"),
        ("so", "7", "07/2016"),
        ("nksGioiTinh", "Nữ", "2"),
        ("meHoTen", "", ""),
    ],
)
def test_ways_of_writing_agree(code, written, value):
    assert checked(code, written, value).verdict is Verdict.AGREES


@pytest.mark.parametrize(
    ("code", "written", "value", "says"),
    [
        ("nksHoTen", "Trần Thị Hòa", "Trần Thị Hoa", "Trần Thị Hòa"),
        ("nksHoTen", "Trần Thị Ngọc Hòa", "Trần Thị Hòa", "Trần Thị Ngọc Hòa"),
        ("ngayDangKy", "05/03/2016", "03.05.2016", "05.03.2016"),
        ("so", "17", "07/2016", "17"),
        ("nksGioiTinh", "Nam", "2", "1"),
        ("meHoTen", "", "Lê Thị Lan", ""),
        ("meHoTen", "Lê Thị Lan", "", "Lê Thị Lan"),
    ],
)
def test_differences_tell_both_values(code, written, value, says):
    check = checked(code, written, value)
    assert (check.verdict, check.row) == (Verdict.DIFFERS, value)
    assert check.page.startswith(says) and check.agreement < 0.3


def test_a_misread_letter_is_no_difference():
    """The network reads `Hoà` as `Hoa` and holds `Hoà` for nearly as likely."""
    ink = ink_of("nksHoTen", "Trần Thị Hoa")
    line = ink.writing.lines[0].copy()
    at = 2 * "Trần Thị Hoa".rindex("a") + 1
    line[at] = np.log(1e-4)
    line[at, 1 + LETTERS.index("a")], line[at, 1 + LETTERS.index("à")] = np.log(0.52), np.log(0.47)
    doubtful = replace(ink.field, confidence=0.55)
    unsure = replace(ink, field=doubtful, writing=replace(ink.writing, lines=(line,)))
    record = replace(record_of("1.jpg", {}), fields={"nksHoTen": unsure})
    [check] = field_checks(record, {"nksHoTen": "Trần Thị Hoà"}, RegisterType.KS, link_rules())
    assert check.verdict is not Verdict.DIFFERS


def test_quite_another_name_differs_even_where_it_was_read_with_doubt():
    ink = ink_of("nksHoTen", "Thạch Thị Vẻ")
    doubtful = replace(ink, field=replace(ink.field, confidence=0.5))
    record = replace(record_of("1.jpg", {}), fields={"nksHoTen": doubtful})
    for name, verdict in (("Trịnh Xuân Bách", Verdict.DIFFERS), ("Thạch Thị Vê", Verdict.UNCLEAR)):
        [check] = field_checks(record, {"nksHoTen": name}, RegisterType.KS, link_rules())
        assert check.verdict is verdict


def test_columns_that_the_file_lacks_are_not_compared():
    record = record_of("1.jpg", {"meHoTen": "Lê Thị Lan", "so": "7"})
    found = field_checks(record, {"so": "07/2016"}, RegisterType.KS, link_rules())
    assert [check.code for check in found] == ["so"]


def test_blanks_of_the_paper_are_put_together_from_columns():
    values = {"meLoaiGiayToTuyThan": "1", "meSoGiayToTuyThan": "023456789", "meNoiCuTru": "Xã A"}
    assert row_value(values, RegisterType.KS, "meGiayTo") == "1 023456789"
    assert row_value(values, RegisterType.KS, "chaMeNoiCuTru") == "Xã A"
    assert row_value(values, RegisterType.KS, "chaHoTen") is None
    assert "CMND 023456789" in texts_on_paper(FieldKind.ID_DOCUMENT, "1 023456789")
    assert means_same(
        FieldKind.PLACE, "xã Phước Ngãi - huyện Ba Tri", "Xã Phước Ngãi, huyện Ba Tri"
    )
    assert not means_same(FieldKind.NUMBER_YEAR, "07/2016", "17/2016")


def test_kept_scores_say_the_same():
    scores = PageScores(LETTERS, {(1, "so"): LineScores("number_year", (line_of("17"),), "", "/")})
    again = unpacked_scores(packed_scores(scores)).fields[1, "so"]
    assert (again.kind, again.join) == ("number_year", "/")
    seen, kept = scores.fields[1, "so"].lines[0], again.lines[0]
    assert (kept.argmax(axis=1) == seen.argmax(axis=1)).all()
    likely = seen > np.log(1e-3)
    assert np.abs(kept - seen)[likely].max() <= 0.026


# --- Files


def test_rows_go_to_the_book_of_their_type_agency_and_volume(tmp_path):
    births = police_births(3)
    own = make_book("KS", 1, 2005)
    births[0] |= {"NOIDANGKY": "UBND XÃ LỘC THUẬN, HUYỆN BÌNH ĐẠI", "QUYENSO": "01/2005"}
    births[1] |= {"NOIDANGKY": "UBND xã Lộc Thuận", "QUYENSO": "07/1999"}
    births[2] |= {"NOIDANGKY": "UBND xã Khác, huyện Bình Đại", "QUYENSO": "01/2005"}
    path = tmp_path / "ks.csv"
    text_file(path, table(births))
    with open_keyed([path]) as keyed:
        found = keyed_books(keyed, [own, make_book("KS", 2, 2005), make_book("KT", 1, 2005)])
    counts = [len(found.rows[one]) for one in found.rows]
    assert counts == [2, 1, 0] and found.elsewhere == 1
    assert found.tally.records == 3


def test_what_goes_out_lists_every_change():
    row = row_of(0, case(0, quyenSo="1/2016", noiDangKy="UBND xã Lộc Thuận"))
    template = load_template("KS", "1437")
    cells, changes = converted(row, BOOK, template)
    assert cells["quyenSo"] == "01/2016" and cells["noiDangKy"] == BOOK.agency.full_name
    told = {one.column: (one.before, one.after) for one in changes}
    assert told["noiDangKy"] == ("UBND xã Lộc Thuận", BOOK.agency.full_name)
    unchanged = {name for name in cells if name not in told}
    assert all(cells[name] == nfc(row.values.get(name, "")) for name in unchanged)


def link(page, row, accepted=True):
    check = FieldCheck("nksHoTen", Verdict.DIFFERS, "=1+1", "Lê Văn An", 0.01)
    return RecordLink(page, 1, "KS-2016", row, 0.999, accepted, ((row, 0.999),), (check,))


def test_what_people_say_is_stronger_and_a_row_belongs_to_one_record():
    rows = tuple(row_of(n, case(n)) for n in range(3))
    links = BookLinks("b", rows, (link("1", "row0"), link("2", "row1"), link("3", "row2", False)))
    said = {("3", 1): LinkDecision("row0", "lan", None), ("2", 1): LinkDecision("", "lan", None)}
    states = [(one.state, one.row) for one in settle(links, said).links]
    assert states == [
        (LinkState.WAITING, ""),
        (LinkState.NO_ROW, ""),
        (LinkState.CHOSEN, "row0"),
    ]
    assert settle(links, said).free == ["row1", "row2"]


def test_lists_are_the_same_bytes_and_hold_no_formula(tmp_path):
    rows = (row_of(0, case(0)),)
    links = BookLinks(BOOK.id, rows, (link("1.jpg", "row0"),), ("9.jpg",))
    settled = SettledBook([SettledLink(links.links[0], LinkState.ACCEPTED, "row0")], [])
    books = keyed_books_of_nothing()
    report = LinkReport(
        [LinkedBook(BOOK, links, settled, {"nksHoTen": FieldKind.PERSON_NAME})], books
    )
    data = workbook_bytes(report)
    assert data == workbook_bytes(report)
    path = tmp_path / "lists.xlsx"
    path.write_bytes(data)
    sheet = openpyxl.load_workbook(path)["Khác nhau"]
    [line] = list(sheet.iter_rows(min_row=2))
    assert line[6].value == "=1+1" and line[6].data_type == "s"
    told = json.loads(json.dumps(report.as_dict()))
    assert told["differences"][0]["keyed"] == "=1+1"
    assert [one["page"] for one in told["pages"]] == ["9.jpg"]


def keyed_books_of_nothing():
    from ocr_pipeline.exchange.linking.keyed_books import KeyedBooks

    return KeyedBooks()
