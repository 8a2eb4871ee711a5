import pytest

from tests.builders.review_office import Office


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    yield office
    assert not office.crashes()
    office.close()
