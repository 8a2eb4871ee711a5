"""Answers that no Label Studio of ours has given are refused one by one; others count."""

from pathlib import Path

import pytest

from ocr_pipeline.exchange.labelstudio.job import job_of
from ocr_pipeline.exchange.labelstudio.pull import pull
from tests.builders.review_office import ReviewOffice


class Answers:
    """A server that has one project with these tasks."""

    def __init__(self, job: str, tasks: list) -> None:
        self._job, self._tasks = job, tasks

    def projects(self):
        return [(1, f"sohoa-job:{self._job}")]

    def people(self):
        return {3: "quan@example.org"}

    def tasks(self, _project: int):
        return self._tasks


@pytest.fixture
def office(tmp_path: Path):
    made = ReviewOffice(tmp_path)
    yield made
    made.close()


def task(job: str, data=None, **annotation):
    said = {
        "id": 7, "completed_by": 3, "lead_time": 4.2, "updated_at": "2026-03-02T08:00:00Z",
        "result": [{"from_name": "value", "value": {"text": ["Nguyễn Văn A"]}}], **annotation,
    }  # fmt: skip
    own = {"job": job, "field": 1, "base": None, "value": "Nguyễn", **(data or {})}
    return {"id": 5, "data": own, "annotations": [said]}


@pytest.mark.parametrize(
    "odd",
    [
        {"id": 10**30}, {"id": "x"}, {"updated_at": "hôm qua"}, {"result": [3]},
        {"result": [{"from_name": "value", "value": {"text": ["x" * 3000]}}]},
        {"result": [{"from_name": "value", "value": {"text": ["\ud800"]}}]},
        {"result": [{"from_name": "value", "value": 5}]},
        {"data": {"field": 2**31}}, {"data": {"field": -1}}, {"data": {"base": "x"}},
    ],
)  # fmt: skip
def test_an_odd_answer_is_refused_and_the_next_one_is_looked_at(office: ReviewOffice, odd: dict):
    job = job_of(office.workspace.folder)
    tasks = [task(job, **odd), {"data": []}, "x", task(job)]
    refused = pull(office.workspace, Answers(job, tasks)).refused  # type: ignore[arg-type]
    assert [one.place for one in refused[:3]] == ["task 5", "task None", "task None"]
    assert all("cannot be made out" in one.reason.en for one in refused[:3])
    assert len(refused) == 4 and "no account" in refused[3].reason.en
