"""Reading with Dask: real schedulers and workers on the loopback, the stages are fakes."""

import os
import threading
import time
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from ocr_pipeline.batch.cluster.host_identity import differences
from ocr_pipeline.batch.cluster.hosts import Hosts
from ocr_pipeline.batch.executor import ClusterGoneError, ExecutorTrouble, TaskDone
from ocr_pipeline.batch.run import RunConditions
from ocr_pipeline.batch.run_observer import RunObserver
from ocr_pipeline.batch.task_machine import RetryRules
from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.export.results import results
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.processing.page import PageJob
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.reports.status import status
from ocr_pipeline.scans.pages import PageRef
from ocr_pipeline.store.models import AttemptRow, LedgerRow
from ocr_pipeline.store.workspace import Workspace
from tests.builders import dask_cluster, fake_stages
from tests.builders.dask_cluster import DaskCluster, executor

KS1 = "xalocthuan_hbd_tbt.KS.2016.01"
WHY = ExecutorTrouble(Text("hỏng", "broken"), Text("sửa", "mend it"))


class Ear(RunObserver):
    """Keeps what it hears."""

    def __init__(self):
        self.notices, self.pauses, self.again = [], [], 0

    def noticed(self, cause):
        self.notices.append(cause.en)

    def paused(self, cause):
        self.pauses.append(cause.en)

    def resumed(self):
        self.again += 1


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler and two workers, kept up; the second one has a nanny."""
    folder = tmp_path_factory.mktemp("dask")
    os.environ[fake_stages.CALLS] = str(folder / "calls")
    cluster = DaskCluster(folder)
    cluster.calls = folder / "calls"
    cluster.start_scheduler()
    cluster.start_worker("one")
    cluster.start_worker("two", nanny=True)
    cluster.keep()
    yield cluster
    cluster.close()
    del os.environ[fake_stages.CALLS]


@pytest.fixture
def far(office, cluster, monkeypatch):
    """The office, its pages read by the cluster."""
    cluster.calls.unlink(missing_ok=True)
    monkeypatch.setenv(fake_stages.CALLS, str(cluster.calls))
    office.calls = cluster.calls
    office.dependencies = replace(
        office.dependencies, work=dask_cluster.work, executor=executor(patience=30, grace=2)
    )
    office.on_cluster = {"executor": "dask", "scheduler": cluster.address}
    return office


def direct(cluster, seconds=30.0, **options):
    conditions = RunConditions(executor="dask", scheduler=cluster.address)
    return executor(**options)(conditions, TaskLimits(seconds, 700, 0), "f1")


def hear(somebody, seconds=15.0):
    """The first events that come within `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if events := somebody.wait(0.5):
            return events
    raise AssertionError("nothing happened")


def when_called(office, times, deed):
    """Do something as soon as so many pages have been begun."""

    def wait():
        deadline = time.monotonic() + 20
        while len(office.called()) < times and time.monotonic() < deadline:
            time.sleep(0.02)
        deed()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def read_anew_locally(office, tmp_path, **options):
    """What the same scans give on this machine alone."""
    own = type(office.dependencies)().executor
    quick = RetryRules(rest=(0.1, 0.1))
    office.dependencies = replace(office.dependencies, executor=own, rules=quick)
    far, office.workspace = office.workspace, Workspace.open(str(tmp_path / "near"))
    office.run(**options)
    office.workspace, near = far, office.workspace
    return near


def ledger(workspace):
    with workspace.read_session() as session:
        return session.scalar(select(func.count()).select_from(LedgerRow))


def test_the_same_comes_of_it_as_locally_whatever_pages_do(far, cluster, tmp_path):
    pages = {
        "1.png": "record 1", "2.png": "blank", "3.png": "refused", "4.png": "bug",
        "5.png": "crash", "7.png": "hang", "8.png": "record 8",
    }  # fmt: skip
    far.book("ks1", pages)
    settings = RunSettings(page_seconds=1.0)
    far.run(settings=settings, **far.on_cluster)
    assert far.called().count("5.png") == far.called().count("7.png") == 3
    [book] = status(far.workspace)["books"]
    kinds = {row["page"]: row["kind"] for row in book["failures"]}
    assert kinds == {
        "3.png": "refused", "4.png": "failed", "5.png": "poisoned", "7.png": "poisoned"
    }  # fmt: skip
    near = read_anew_locally(far, tmp_path, settings=settings)
    assert list(results(near, KS1)) == list(results(far.workspace, KS1))
    assert status(near)["books"] == status(far.workspace)["books"]
    near.close()
    said = cluster.logs()
    assert "Compute Failed" not in said
    for word in ("Bưởi", "Nguyễn", "ks1", ".png"):  # Dask's logs know nothing of what is read
        assert word not in said, word


def test_a_killed_worker_costs_one_page_more_and_the_scheduler_two(far, cluster, capfd):
    far.book("ks1", {f"{n}.png": f"slow {n}" for n in range(1, 19)})
    far.book("ks2", {f"{n}.png": f"slow {n + 30}" for n in range(1, 19)})
    ear = Ear()

    def break_it():
        cluster.kill("one")
        when_called(far, 15, break_more).join()

    def break_more():
        cluster.kill("scheduler")
        time.sleep(0.5)
        cluster.start_scheduler()  # the worker that is left comes back by itself
        cluster.start_worker("one")

    breaker = when_called(far, 5, break_it)
    far.run(reporter=ear, **far.on_cluster)
    breaker.join()
    assert "Traceback" not in capfd.readouterr().err
    assert [book["records"] for book in status(far.workspace)["books"]] == [18, 18]
    assert ledger(far.workspace) == 36
    assert len(far.called()) <= 36 + 1 + 2
    with far.workspace.read_session() as session:
        assert list(session.scalars(select(AttemptRow))) == [], "nobody's fault"


def test_unfit_hosts_are_named_and_the_others_do_it_all(far, cluster):
    cluster.start_worker("old", **{dask_cluster.FINGERPRINT: "f0"})
    cluster.start_worker("poor", **{dask_cluster.LACKS: "1"})
    executor = direct(cluster)
    while executor.workers < 4:
        executor.wait(0.1)
    executor.close()
    far.book("ks1", {f"{n}.png": f"slow {n}" for n in range(1, 31)})
    ear = Ear()
    far.run(reporter=ear, **far.on_cluster)
    cluster.kill("old")
    cluster.kill("poor")
    assert status(far.workspace)["books"][0]["records"] == 30
    assert len(far.called()) == 30, "an unfit host reads nothing"
    said = sorted(ear.notices)
    assert len(said) == 2 and cluster.address.rsplit(":", 1)[0] in said[0]
    assert "Tesseract is missing" in said[0] and "for 10 minutes" in said[0]
    assert "page stage f1 ≠ f0" in said[1] or "handwriting model" in said[1]
    assert not ear.pauses


def test_when_no_host_is_fit_the_run_ends_and_says_why(far, cluster):
    page = far.scans / "1.png"
    fake_stages.write_page(page, "record 1")
    somebody = executor(grace=1.0)(
        RunConditions(scheduler=cluster.address), TaskLimits(30, 700, 0), "f9"
    )
    numbers = iter(range(1, 100))
    try:
        with pytest.raises(MachineError, match="software differs") as end:
            while True:
                if somebody.room:
                    somebody.begin(next(numbers), fake_stages.work, far_job(page))
                assert not any(isinstance(event, TaskDone) for event in somebody.wait(0.2))
    finally:
        somebody.close()
    assert not isinstance(end.value, ClusterGoneError) and somebody.trouble.cause == end.value.cause
    assert far.called() == []


def test_what_is_under_way_is_stopped_when_the_run_leaves(far, cluster):
    page = far.scans / "1.png"
    fake_stages.write_page(page, "hang")
    executor = direct(cluster)
    try:
        while executor.room < 2:
            executor.wait(0.1)
        for number in (1, 2):
            executor.begin(number, dask_cluster.work, far_job(page))
        assert executor.room == 0
        while len(far.called()) < 2:
            assert executor.wait(0.1) == []
    finally:
        executor.close()
    executor = direct(cluster)
    try:
        while executor.room < 2:
            executor.wait(0.1)
        executor.begin(1, fake_stages.square, 3)
        assert hear(executor) == [TaskDone(1, 9)], "well before the pages' limit of 30 seconds"
    finally:
        executor.close()


def far_job(path):
    return PageJob(PageRef(path, 0, path.name), "KS")


def test_nobody_there_is_told_and_then_the_end(tmp_path):
    cluster = DaskCluster(tmp_path / "dask")
    executor = direct(cluster, patience=2)
    with pytest.raises(ClusterGoneError, match="cannot be reached") as gone:
        hear(executor)
    assert "dask scheduler" in gone.value.remedy.vi and executor.trouble
    executor.close()
    cluster.start_scheduler()
    executor = direct(cluster, patience=4)
    try:
        assert executor.room == 0
        with pytest.raises(ClusterGoneError, match="has no workers") as gone:
            hear(executor)
        assert f"dask worker {cluster.address}" in gone.value.remedy.vi
        executor.begin(1, fake_stages.square, 3)  # too late: it comes back
        with pytest.raises(ClusterGoneError):
            executor.wait(0.1)
    finally:
        executor.close()
        cluster.close()


def test_an_address_that_makes_no_sense():
    executor = dask_cluster.executor()(RunConditions(scheduler="foo://x"), TaskLimits(), "f1")
    with pytest.raises(MachineError, match="foo://x"):
        hear(executor)
    executor.close()


def test_tasks_go_where_least_is_done_and_elsewhere_the_next_time():
    hosts = Hosts()
    hosts.update({"a": 2, "b": 1}, {"a", "b"})
    assert [hosts.place(n, 0.0) for n in (1, 2, 3, 4)] == ["a", "b", "a", None]
    hosts.free(1)
    hosts.free(2)
    assert hosts.place(5, 0.0, avoid={"b"}) == "a"
    assert hosts.place(6, 0.0, avoid={"b"}) == "b", "better than nobody"
    assert hosts.update({"a": 2}, {"a"}) == [(6, "b")]
    assert hosts.threads(0.0) == 2


def test_a_host_that_takes_no_tasks_at_the_moment_gets_none():
    hosts = Hosts()
    hosts.update({"a": 2}, ())
    assert hosts.threads(0.0) == 0 and hosts.place(1, 0.0) is None
    assert hosts.why_none(0.0) is None


def test_a_host_with_problems_in_a_row_rests_and_is_tried_again():
    hosts = Hosts()
    hosts.update({"a": 1}, {"a"})
    assert [hosts.problem("a", 0.0, WHY) for _ in range(2)] == [False, False]
    hosts.good("a")
    assert [hosts.problem("a", 0.0, WHY) for _ in range(3)] == [False, False, True]
    assert hosts.threads(1.0) == 0 and hosts.why_none(1.0) is WHY
    assert hosts.threads(601.0) == 1


def test_a_refused_host_stays_away_until_it_starts_anew():
    hosts = Hosts()
    hosts.update({"a": 1}, {"a"})
    assert hosts.refuse("a", 0.0, WHY) and not hosts.refuse("a", 0.0, WHY)
    hosts.update({"a": 1}, {"a"})
    assert hosts.threads(1e9) == 0
    hosts.update({}, ())
    hosts.update({"a": 1}, {"a"})
    assert hosts.threads(0.0) == 1


def test_a_host_where_all_die_is_left_alone_only_if_there_are_others():
    hosts = Hosts()
    hosts.update({"a": 1}, {"a"})
    assert not any(hosts.died("a", 0.0, WHY) for _ in range(20))
    hosts.update({"a": 1, "b": 1}, {"a", "b"})
    assert hosts.died("a", 0.0, WHY) and hosts.threads(0.0) == 1


def test_what_differs_is_said_in_words():
    here = {"numpy": "2.2.6", "layouts": "a" * 64, "page stage": "b" * 64}
    assert differences(here, dict(here)) == ""
    assert differences(here, {**here, "numpy": "2.1"}) == "numpy 2.2.6 ≠ 2.1"
    assert differences(here, {**here, "layouts": "c" * 64, "page stage": "d" * 64}) == "layouts"
    assert differences(here, {**here, "page stage": "d" * 64}) == "handwriting model"
