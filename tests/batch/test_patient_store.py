from contextlib import contextmanager

import pytest

from ocr_pipeline.batch.patient_store import PatientStore
from ocr_pipeline.errors import DatabaseUnreachableError, Text


class Away:
    """A workspace whose store does not answer the first times."""

    def __init__(self, times: int) -> None:
        self.times, self.tried = times, 0

    @contextmanager
    def transaction(self):
        self.tried += 1
        if self.tried <= self.times:
            raise DatabaseUnreachableError(Text("Không trả lời", "No answer"))
        yield "session"

    read_session = transaction


class Told:
    """What the run's observer and its log are told, and how long the run rests."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.rested = 0.0

    def paused(self, cause) -> None:
        self.heard.append(f"paused: {cause.en}")

    def resumed(self) -> None:
        self.heard.append("resumed")

    def warning(self, event, **_) -> None:
        self.heard.append(event)

    def rest(self, seconds: float) -> None:
        self.rested += seconds


def patient(times: int) -> tuple[PatientStore, Away, Told]:
    away, told = Away(times), Told()
    return PatientStore(away, told, told, told.rest), away, told  # type: ignore[arg-type]


@pytest.mark.parametrize("way", ["change", "read"])
def test_a_store_that_does_not_answer_is_asked_again_and_the_run_says_so(way):
    store, away, told = patient(2)
    assert getattr(store, way)(lambda session: f"done in {session}") == "done in session"
    waited = ["the store does not answer", "paused: No answer"]
    assert told.heard == [*waited, *waited, "resumed"]
    assert (away.tried, told.rested) == (3, 10.0)


def test_one_that_answers_is_not_spoken_of():
    store, _, told = patient(0)
    assert store.read(str.upper) == "SESSION"
    assert told.heard == [] and told.rested == 0


def test_after_ten_minutes_the_run_gives_up():
    store, away, told = patient(10**6)
    with pytest.raises(DatabaseUnreachableError):
        store.change(str)
    assert told.rested == 600.0 and away.tried == 121
    assert "resumed" not in told.heard


def test_what_goes_wrong_in_the_action_itself_is_no_reason_to_wait():
    store, _, told = patient(0)
    with pytest.raises(ZeroDivisionError):
        store.change(lambda session: 1 / 0)
    assert told.heard == []
