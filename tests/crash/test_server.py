"""The database server goes away in the middle of a run: it waits, goes on, and loses nothing."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.builders import postgres as servers
from tests.crash.office import DisturbedOffice


@pytest.fixture
def own_server():
    """A server of its own: others use the shared one."""
    pytest.importorskip("psycopg")
    with tempfile.TemporaryDirectory() as folder:
        try:
            cluster = servers._Cluster(Path(folder))
            cluster.initialise()
            url = cluster.start()
        except servers.NoServer as why:
            pytest.skip(str(why))
        try:
            yield cluster, url
        finally:
            cluster.stop()


def start_again(cluster, port: int) -> None:
    """As `cluster.start()`, at the same address."""
    settings = {**servers._SETTINGS, "port": str(port)}
    options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    program = str(cluster.programs / "postgres")
    cluster.process = subprocess.Popen(
        [*cluster.prefix, program, "-D", str(cluster.data), *options],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip


def test_the_server_is_restarted_in_the_middle_of_a_run(
    driver, many, many_undisturbed, tmp_path, own_server
):
    cluster, url = own_server
    office = DisturbedOffice(driver, many, tmp_path, servers.location(url, tmp_path / "ws"))
    supervisor = office.start(workers=2)
    supervisor.wait_until(lambda: sum(office.begun().values()) >= 6)
    cluster.stop()
    supervisor.wait_until(lambda: "paused" in supervisor.told())
    assert "cơ sở dữ liệu" in supervisor.told() and "database" in supervisor.told()
    start_again(cluster, url.port)
    assert supervisor.wait() == 0, supervisor.told()
    assert "resumed" in supervisor.told()
    office.check(many_undisturbed, again=0)
