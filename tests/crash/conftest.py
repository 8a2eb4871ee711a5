from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crash.office import DisturbedOffice, Driver, Outcome, Scans

FIRST = ["record 1", "record 2 program 0.03", "blank 0", "record 4 slow 0.03", "record 5"]
SECOND = ["record 1", "record 7", "record 8 program 0.03"]  # the first one: a page of both books


@pytest.fixture(scope="session")
def driver() -> Iterator[Driver]:
    driver = Driver()
    yield driver
    driver.close()


@pytest.fixture(scope="session")
def scans(tmp_path_factory) -> Scans:
    """Two books with a page in common."""
    return Scans(tmp_path_factory.mktemp("scans")).book("ks1", FIRST).book("ks2", SECOND)


@pytest.fixture(scope="session")
def undisturbed(driver, scans, tmp_path_factory) -> Outcome:
    """What a run of these scans leaves that nobody disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    office = DisturbedOffice(driver, scans, folder, str(folder / "ws"))
    office.finish(workers=2)
    outcome = office.outcome()
    office.check(outcome, again=0)
    assert [len(lines) for lines in outcome.results.values()] == [4, 3]
    assert len(outcome.packages) == 4
    return outcome


@pytest.fixture(scope="session")
def many(tmp_path_factory) -> Scans:
    """Three books of six pages that take some time."""
    scans = Scans(tmp_path_factory.mktemp("many"))
    for book in range(3):
        how = ("slow 0.04", "program 0.06", "plain", "slow 0.02")
        pages = [f"record {10 * book + n} {how[n % 4]}" for n in range(1, 7)]
        scans.book(f"ks{book}", pages)
    return scans


@pytest.fixture(scope="session")
def many_undisturbed(driver, many, tmp_path_factory) -> Outcome:
    """What a run of `many` leaves that nobody disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    office = DisturbedOffice(driver, many, folder, str(folder / "ws"))
    office.finish(workers=2)
    outcome = office.outcome()
    office.check(outcome, again=0)
    return outcome


@pytest.fixture
def office(driver, scans, tmp_path, location) -> Iterator[DisturbedOffice]:
    """An office on the database that the test is marked for."""
    office = DisturbedOffice(driver, scans, tmp_path, location)
    yield office
    office.all_gone()
