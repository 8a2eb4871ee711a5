"""`policy.yaml` of an office is part of the judgement; doctor shows where values come from."""

import pytest

from ocr_pipeline.checks.acceptance import NO_CONFIDENCE
from ocr_pipeline.errors import BadInputError
from ocr_pipeline.processing.judgement import policy_of
from ocr_pipeline.processing.office_policy import office_policy
from ocr_pipeline.reading.confidence import UNCALIBRATED_CAP
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.reports.doctor import Health, examine
from ocr_pipeline.store.policies import ReviewPolicy, save_policy
from tests.builders.run_office import office

__all__ = ["office"]
BOOK = "xalocthuan_hbd_tbt.KS.2016.01"


def write(office, text):
    (office.workspace.folder / "policy.yaml").write_text(text, "utf-8")


@pytest.fixture
def location():
    return None


def test_a_changed_policy_judges_books_anew_and_reads_no_page_again(office):
    office.book("ks1", {"1.png": "record 1"})
    assert office.run().read == 1
    assert office.called() == ["1.png"]
    judged = len(judgements(office))
    office.run()
    assert len(judgements(office)) == judged
    write(office, "thresholds: {person_name: 0.9999}\n")
    assert office.run().read == 0
    assert office.called() == ["1.png"] and len(judgements(office)) == judged + 1


def judgements(office):
    with office.workspace.read_session() as session:
        from ocr_pipeline.store.records import last_judgement

        state = last_judgement(session, BOOK)
    seen = office.__dict__.setdefault("judgements", [])
    if state not in seen:
        seen.append(state)
    return seen


def test_the_station_goes_before_the_office_and_the_office_before_what_is_shipped(office):
    write(office, "error_budget: 0.002\nthresholds: {person_name: 0.99, date: 0.98}\n")
    with office.workspace.transaction() as session:
        save_policy(session, ReviewPolicy(kind="date", threshold=0.9), "quan")
        policy = policy_of(session, BOOK)
    assert policy.error_budget == 0.002
    assert policy.needed(FieldKind.PERSON_NAME) == 0.99
    assert policy.needed(FieldKind.DATE) == 0.9
    assert policy.needed(FieldKind.PLACE) == 0.95
    found = {finding.name: finding.seen for finding in examine(office.workspace.folder)}
    own = str(office.workspace.folder / "policy.yaml")
    assert found["policy error_budget"] == f"0.002 ({own})"
    assert found["policy threshold"] == "0.95 (ocr_pipeline/checks/acceptance.yaml)"
    assert found["policy threshold person_name"] == f"0.99 ({own})"


def test_no_threshold_accepts_what_is_marked_as_unknown(office):
    with office.workspace.transaction() as session:
        save_policy(session, ReviewPolicy(kind="date", threshold=0.2), "quan")  # of an old version
        assert policy_of(session, BOOK).needed(FieldKind.DATE) > UNCALIBRATED_CAP
    assert NO_CONFIDENCE == UNCALIBRATED_CAP


@pytest.mark.parametrize(
    "text",
    [
        "thresholds: {nonsense: 0.9}",
        "threshold: 1.5",
        "threshold: 0.5",
        "thresholds: {date: 0}",
        "treshold: 0.9",
        "- a",
    ],
)
def test_a_slip_is_told_with_its_key_before_anything_is_read(office, text):
    office.book("ks1", {"1.png": "record 1"})
    write(office, text)
    with pytest.raises(BadInputError) as told:
        office.run()
    assert "policy.yaml" in told.value.where and told.value.remedy and not office.called()
    with pytest.raises(BadInputError):
        office_policy(office.workspace.folder)
    [finding] = [one for one in examine(office.workspace.folder) if one.name == "policy"]
    assert finding.health is Health.MISSING
