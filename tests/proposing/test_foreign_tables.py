"""Tables of printing houses that nobody has seen: proposed from a page, then others read."""

import re

import pytest

from ocr_pipeline.layout.detection import detect
from ocr_pipeline.proposing.checklist import checklist
from ocr_pipeline.proposing.layout_proposal import SURE
from tests.builders import foreign_forms as foreign
from tests.builders import foreign_tables as tables
from tests.builders.measured_proposal import filled_pages, measure, propose, read_others

pytestmark = pytest.mark.long
TABLES = [tables.birth_table, tables.death_table, tables.marriage_table]


@pytest.fixture(scope="module")
def proposals():
    """The form and the proposal from its empty page, of each table."""
    found = {}
    for make in TABLES:
        form = make()
        found[make] = form, propose(form, [foreign.scanned(form.picture, 1)[0]])
    return found


@pytest.mark.parametrize("make", TABLES)
def test_an_empty_page_teaches_a_table_and_its_other_pages_fit(proposals, make):
    form, proposal = proposals[make]
    found = measure(form, proposal)
    assert (found.fields_right, found.fields_wrong) == (found.fields, 0)
    offsets = [dy for _, dy in proposal.layout.records.offsets]
    assert offsets == pytest.approx(list(form.rows), abs=1.0)
    read_others(form, proposal, found, range(2, 4))
    assert found.accepted == found.pages == 2
    assert found.lines_inside >= 0.95 * found.lines


@pytest.mark.parametrize("make", TABLES)
def test_pages_of_another_table_do_not_fit(proposals, make):
    _, proposal = proposals[make]
    for other in TABLES:
        if other is not make:
            page = foreign.scanned(foreign.filled(proposals[other][0], 3)[0], 3)[0]
            assert detect(page, [proposal.loaded]).layout_id is None


def test_columns_that_changed_places_do_not_fit(proposals):
    """The same rules, other words: the table of another house."""
    form, proposal = proposals[tables.birth_table]
    swapped = tables.birth_table(other_words=True)
    page = foreign.scanned(foreign.filled(swapped, 4)[0], 4)[0]
    assert detect(page, [proposal.loaded]).layout_id is None
    assert len(swapped.blanks) == len(form.blanks)


def test_several_things_in_a_cell_are_for_a_person_to_see(proposals):
    _, proposal = proposals[tables.marriage_table]
    assert proposal.note("fields.chongNoiCuTru").score < SURE
    assert proposal.note("fields.so").score >= SURE
    assert proposal.layout.fields[0].scope == "record"


def test_what_stands_beside_a_table_belongs_to_the_sheet(proposals):
    _, proposal = proposals[tables.death_table]
    scopes = {field.code: field.scope for field in proposal.layout.fields}
    assert scopes["quyenSo"] == scopes["trangSo"] == "page" and scopes["nktHoTen"] == "record"
    assert not [one for one in checklist(proposal.layout, "KT") if one.key == "captions"]


def test_a_column_of_unknown_words_is_left_to_a_person():
    form = tables.birth_table(unknown="Hệ số phụ")
    proposal = propose(form, [foreign.scanned(form.picture, 1)[0]])
    [blank] = proposal.blanks
    assert re.search("phụ", blank.words) and "chưa biết cột" in blank.reason.vi
    assert "ghiChu" not in {field.code for field in proposal.layout.fields}


def test_three_pages_with_writing_teach_a_table_as_an_empty_one_does():
    form = tables.marriage_table()
    proposal = propose(form, filled_pages(form, range(13, 16)))
    found = measure(form, proposal)
    assert (found.fields_right, found.fields_wrong, proposal.pages) == (found.fields, 0, 3)
