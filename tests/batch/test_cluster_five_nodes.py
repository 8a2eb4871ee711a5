"""Five nodes lose two workers and the scheduler, and no page."""

import threading
import time
from dataclasses import replace

import pytest
from sqlalchemy import select

from ocr_pipeline.batch.run import RunDependencies
from ocr_pipeline.export.results import results
from ocr_pipeline.reports.status import status
from ocr_pipeline.store.models import AttemptRow, LedgerRow
from ocr_pipeline.store.workspace import Workspace
from tests.builders import fake_stages
from tests.builders.dask_cluster import DaskCluster, executor
from tests.builders.network_nodes import NotPermitted, network

WORKERS = ["one", "two", "three", "four"]
PAGES = 120


@pytest.fixture
def net():
    try:
        with network(["scheduler", *WORKERS]) as net:
            yield net
    except NotPermitted as why:
        pytest.skip(f"no network namespaces here: {why}")


@pytest.fixture
def cluster(net, tmp_path, monkeypatch, office):
    """A scheduler and four workers, each on a node of its own."""
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP", "11s")  # a cut cable; else 30 s
    prefixes = {name: net.prefix(name) for name in net.nodes}
    cluster = DaskCluster(tmp_path / "dask", net.nodes["scheduler"], prefixes)
    cluster.start_scheduler()
    for name in WORKERS:
        cluster.start_worker(name)
    cluster.keep()
    yield cluster
    cluster.close()


@pytest.mark.long
def test_two_workers_and_the_scheduler_go_and_every_page_is_there_once(
    net, cluster, office, tmp_path
):
    for book in range(1, 4):
        first = book * 100
        office.book(f"ks{book}", {f"{n}.png": f"slow {first + n}" for n in range(PAGES // 3)})

    def wait_for(calls):
        deadline = time.monotonic() + 30
        while len(office.called()) < calls and time.monotonic() < deadline:
            time.sleep(0.02)

    def destroy():
        wait_for(15)
        cluster.kill("one")  # its process is gone, for good
        wait_for(40)
        cluster.kill("scheduler")
        time.sleep(1)
        cluster.start_scheduler()
        wait_for(70)
        net.cut("two")  # its cable is pulled, for good

    destroyer = threading.Thread(target=destroy)
    destroyer.start()
    dependencies = replace(office.dependencies, executor=executor(patience=60))
    office.run(dependencies=dependencies, executor="dask", scheduler=cluster.address)
    destroyer.join()

    state = status(office.workspace)
    assert [book["records"] for book in state["books"]] == [PAGES // 3] * 3
    with office.workspace.read_session() as session:
        inputs = list(session.scalars(select(LedgerRow.input).where(LedgerRow.stage == "page")))
        assert len(inputs) == len(set(inputs)) == PAGES
        assert list(session.scalars(select(AttemptRow))) == []
    again = len(office.called()) - PAGES
    assert again <= 1 + 1 + 3, "a page for each worker lost, one a worker for the scheduler"

    near = replace(dependencies, work=fake_stages.work, executor=RunDependencies().executor)
    far, office.workspace = office.workspace, Workspace.open(str(tmp_path / "near"))
    office.run(dependencies=near, workers=2)
    assert status(office.workspace)["books"] == state["books"]
    for book in state["books"]:
        assert list(results(office.workspace, book["id"])) == list(results(far, book["id"]))
    office.workspace.close()
    office.workspace = far
