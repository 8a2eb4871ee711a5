"""Forms of printing houses that nobody has seen: proposed from one page, then their others read."""

import numpy as np
import pytest

from ocr_pipeline.errors import BadInputError
from tests.builders import foreign_forms as foreign
from tests.builders.measured_proposal import filled_pages, measure, propose, read_others

pytestmark = pytest.mark.long


@pytest.mark.parametrize("make", [foreign.birth_form, foreign.death_form, foreign.marriage_form])
def test_an_empty_page_teaches_a_form_and_its_other_pages_fit(make):
    form = make()
    page, _ = foreign.scanned(form.picture, 1)
    proposal = propose(form, [page])
    found = measure(form, proposal)
    assert found.captions_found >= 0.9 * found.captions
    assert found.fields_right == found.fields
    read_others(form, proposal, found, range(2, 5))
    assert found.accepted == found.pages == 3
    assert found.lines_inside >= 0.95 * found.lines


def test_a_page_with_writing_teaches_most_of_a_form():
    form = foreign.birth_form()
    proposal = propose(form, filled_pages(form, range(1, 2)))
    found = measure(form, proposal)
    assert found.fields_right >= 0.85 * found.fields and found.fields_wrong <= 2
    assert (proposal.pages, proposal.left_out, proposal.about_pages) == (1, (), None)


def test_three_pages_with_writing_teach_a_form_as_an_empty_one_does():
    form = foreign.death_form()
    other = foreign.scanned(foreign.birth_form().picture, 5)[0]
    proposal = propose(form, [*filled_pages(form, range(1, 4)), np.rot90(other)])
    found = measure(form, proposal)
    assert found.fields_right >= 0.95 * found.fields and found.fields_wrong <= 1
    assert (proposal.pages, proposal.left_out) == (3, (3,))
    assert "3 trang" in proposal.about_pages.vi and "1 trang không dùng" in proposal.about_pages.vi


@pytest.mark.parametrize("make", [foreign.newspaper, foreign.letter, foreign.blank_page])
def test_paper_that_is_no_form_is_called_none(make):
    with pytest.raises(BadInputError, match="biểu mẫu") as refused:
        propose(foreign.birth_form(), [make(3)])
    assert refused.value.remedy is not None
