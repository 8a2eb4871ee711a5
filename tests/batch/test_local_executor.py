"""The local executor where a worker takes its task along without a word."""

import time
from concurrent.futures import Future

import pytest

from ocr_pipeline.batch.executor import TaskDone, TaskGivenBack
from ocr_pipeline.batch.local_executor import LocalExecutor, run_jobs
from ocr_pipeline.batch.task_machine import RetryRules
from ocr_pipeline.processes import slot
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.processing.failure import Failure
from tests.builders import fake_stages


@pytest.fixture
def executor():
    executor = LocalExecutor(1, TaskLimits(seconds=30, nice=0))
    yield executor
    executor.close()


def heard(executor, seconds=20.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if events := executor.wait(0.05):
            return events
    raise AssertionError("nothing happened")


def test_a_task_that_nobody_took_up_is_given_back_and_the_slot_works_on(executor, monkeypatch):
    monkeypatch.setattr(slot, "_PATIENCE_SECONDS", 0.2)
    with monkeypatch.context() as patch:
        patch.setattr(slot.ProcessPool, "schedule", lambda *_, **__: Future())
        executor.begin(1, fake_stages.square, 2)
    assert executor.room == 0
    [event] = heard(executor)
    assert isinstance(event, TaskGivenBack) and event.number == 1
    monkeypatch.setattr(slot, "_PATIENCE_SECONDS", 60.0)
    executor.begin(2, fake_stages.square, 3)
    assert heard(executor) == [TaskDone(2, 9)]


def test_what_cannot_be_sent_is_a_failure_and_no_death(executor):
    executor.begin(1, fake_stages.square, lambda: None)
    [event] = heard(executor)
    assert isinstance(event, TaskDone) and isinstance(event.outcome, Failure)


def test_every_job_ends_once_whichever_workers_die():
    jobs = run_jobs(
        fake_stages.square,
        range(1, 9),
        workers=2,
        limits=TaskLimits(),
        rules=RetryRules(rest=(0.1,)),
    )
    done = dict(jobs)
    assert set(done) == set(range(1, 9))
    assert isinstance(done.pop(7), Failure)
    assert all(outcome == job * job for job, outcome in done.items())


def test_a_job_that_nobody_took_up_is_begun_again(monkeypatch):
    monkeypatch.setattr(slot, "_PATIENCE_SECONDS", 0.2)
    schedule, lost = slot.ProcessPool.schedule, [Future()]

    def lose_the_first(pool, *given, **options):
        if lost:
            return lost.pop()
        monkeypatch.setattr(slot, "_PATIENCE_SECONDS", 60.0)
        return schedule(pool, *given, **options)

    monkeypatch.setattr(slot.ProcessPool, "schedule", lose_the_first)
    assert dict(run_jobs(fake_stages.square, [3], workers=1, limits=TaskLimits())) == {3: 9}


def test_leaving_early_stops_the_workers():
    results = run_jobs(fake_stages.square, iter(range(1, 10**9)), workers=2, limits=TaskLimits())
    assert next(results)[1] != 0
    results.close()
