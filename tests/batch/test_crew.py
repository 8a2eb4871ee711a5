import fake_stages

from ocr_pipeline.batch.crew import run_jobs
from ocr_pipeline.batch.worker import Failure


def test_every_job_ends_once_whichever_workers_die():
    done = list(run_jobs(fake_stages.square, range(1, 24), workers=2, seconds=30))
    assert sorted(job for job, _ in done) == list(range(1, 24))
    for job, outcome in done:
        if job % 7 == 0:
            assert isinstance(outcome, Failure) and "died" in outcome.cause.en
        else:
            assert outcome == job * job


def test_leaving_early_stops_the_workers():
    results = run_jobs(fake_stages.square, iter(range(1, 10**9)), workers=2, seconds=30)
    assert next(results)[1] != 0
    results.close()


def test_nothing_to_do_starts_nothing():
    assert list(run_jobs(fake_stages.square, [], workers=2, seconds=30)) == []
