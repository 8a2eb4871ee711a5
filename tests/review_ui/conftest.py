import pytest

from tests.builders.review_office import ReviewOffice


@pytest.fixture
def office(tmp_path):
    office = ReviewOffice(tmp_path)
    yield office
    assert not office.crashes()
    office.close()
