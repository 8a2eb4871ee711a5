"""Forms of printing houses that nobody has seen: proposed from one page, then their others read."""

import pytest

from ocr_pipeline.errors import BadInputError
from tests.builders import foreign_forms as foreign
from tests.builders.measured_proposal import measure, propose, read_others

pytestmark = pytest.mark.long


@pytest.mark.parametrize("make", [foreign.birth_form, foreign.death_form, foreign.marriage_form])
def test_an_empty_page_teaches_a_form_and_its_other_pages_fit(make):
    form = make()
    page, _ = foreign.scanned(form.picture, 1)
    proposal = propose(form, [page])
    found = measure(form, proposal)
    assert found.captions_found >= 0.9 * found.captions
    assert found.fields_right >= 0.85 * found.fields
    read_others(form, proposal, found, range(2, 5))
    assert found.accepted == found.pages == 3
    assert found.lines_inside >= 0.95 * found.lines


def test_a_page_with_writing_teaches_most_of_a_form():
    form = foreign.marriage_form()
    page, _ = foreign.scanned(foreign.filled(form, 1)[0], 1)
    found = measure(form, propose(form, [page]))
    assert found.fields_right >= 0.8 * found.fields and found.fields_wrong <= 2


@pytest.mark.parametrize("make", [foreign.newspaper, foreign.letter, foreign.blank_page])
def test_paper_that_is_no_form_is_called_none(make):
    with pytest.raises(BadInputError, match="biểu mẫu") as refused:
        propose(foreign.birth_form(), [make(3)])
    assert refused.value.remedy is not None
