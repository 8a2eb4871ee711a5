import pytest

from tests.review_ui.office import Office


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    yield office
    assert not office.crashes()
    office.close()
