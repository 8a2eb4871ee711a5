"""Where workspaces of tests live: on SQLite, or on a PostgreSQL server started for the tests.

A test that asks for `location` runs on SQLite; marked with `databases("sqlite", "postgresql")` it
runs on both. `pytest --databases postgresql` (or `both`) overrides the marks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from sqlalchemy import URL

from ocr_pipeline.review import accounts
from ocr_pipeline.store import workspace
from tests.builders import empty_tables
from tests.builders import postgres as servers

# A test measures no time: on a busy machine one example may take any time.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

_TESTS = Path(__file__).parent

_LONG_ROOMS = frozenset({"batch", "crash", "e2e", "fuzz"})
"""Of 2,700 core-seconds of all tests but the long ones these and PostgreSQL took 1,400."""

_LONG_SECONDS = 900  # ten times what the longest takes on two quiet cores


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--databases", choices=("marked", "sqlite", "postgresql", "both"), default="marked"
    )


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # what xdist's workers belong to
        os.environ[servers.OWNER] = str(os.getpid())
    config.addinivalue_line("markers", "databases(*names): run on these (sqlite, postgresql)")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Rooms of which every test is long are not even imported for the quick tests."""
    parts = collection_path.relative_to(_TESTS).parts if collection_path != _TESTS else ()
    is_quick = config.option.markexpr == "not long"
    return True if is_quick and parts and parts[0] in _LONG_ROOMS else None


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if _is_long(item, config.getoption("--databases")):
            item.add_marker(pytest.mark.long)
        if item.get_closest_marker("long") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(_LONG_SECONDS))


def _is_long(item: pytest.Item, databases: str) -> bool:
    """Tests with a browser or with processes that are killed, and the second database."""
    room = item.path.relative_to(_TESTS).parts[0]
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    words = [one for one in parameters.values() if isinstance(one, str)]
    again = databases == "marked" and "postgresql" in words
    return room in _LONG_ROOMS or again


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "location" not in metafunc.fixturenames:
        return
    wanted = metafunc.config.getoption("--databases")
    marked = metafunc.definition.get_closest_marker("databases")
    names = {"both": ("sqlite", "postgresql"), "marked": marked.args if marked else ()}.get(
        wanted, (wanted,)
    )
    if names:
        metafunc.parametrize("location", names, indirect=True)


@pytest.fixture(scope="session", autouse=True)
def shipped_hasher() -> Iterator[Callable[[], PasswordHasher]]:
    """Hashes with the least work that argon2 allows: a person costs 0.2 s otherwise.

    Gives what makes the shipped hasher.
    """
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    shipped = accounts._hasher
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_hasher", lambda: weak)
        yield shipped


@pytest.fixture(scope="session", autouse=True)
def copied_tables() -> Iterator[None]:
    """New workspaces on SQLite copy their empty tables."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workspace, "bring_up_to_date", empty_tables.bring_up_to_date)
        yield


@pytest.fixture(scope="session")
def postgres() -> servers.Server:
    """The PostgreSQL server of this test run; skips where there can be none."""
    pytest.importorskip("psycopg")
    try:
        return servers.shared_server()
    except servers.NoServer as why:
        pytest.skip(str(why))


@pytest.fixture
def empty_database(postgres: servers.Server) -> Iterator[URL]:
    """A database on the server without any tables."""
    with postgres.database() as url:
        yield url


@pytest.fixture
def postgres_location(postgres: servers.Server, tmp_path: Path) -> Iterator[str]:
    """The address of an empty workspace on the server."""
    with postgres.database(postgres.template()) as url:
        yield servers.location(url, tmp_path / "ws")


@pytest.fixture
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty workspace on the database that the test runs on."""
    if getattr(request, "param", "sqlite") == "postgresql":
        return request.getfixturevalue("postgres_location")
    return str(tmp_path / "ws")
