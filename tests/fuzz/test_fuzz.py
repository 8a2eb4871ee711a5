"""The fuzzer's short run, and that it sees what it looks for."""

from pathlib import Path

import pytest

from tests.fuzz import trial
from tests.fuzz.inputs import Input
from tests.fuzz.specimens import KINDS, make_input
from tests.fuzz.trial import Tally, try_all

# A damaged archive may hold a name twice: that is the damage.
pytestmark = [pytest.mark.filterwarnings("ignore:Duplicate name"), pytest.mark.timeout(600)]

QUICK = ("scan", "inventory", "package", "names", "data")


def finds(tally: Tally) -> str:
    return "\n".join(f"{name}: {outcome.find}" for name, outcome in tally.finds)


def test_damaged_files_are_answered_in_words():
    tally = try_all((str(number), make_input(1, number, QUICK)) for number in range(100))
    assert finds(tally) == ""
    assert set(tally.doors) == set(QUICK) and tally.inputs == 100


@pytest.mark.long  # some 5 minutes: whole processes, pages, the station
@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_of_each_kind_are_answered_in_words(kind):
    count = {"process": 12, "page": 25, "model": 12}.get(kind, 60)
    assert finds(try_all((str(n), make_input(2, n, (kind,))) for n in range(count))) == ""


def test_a_seed_makes_the_same_inputs_again():
    made = [[make_input(3, number).as_json() for number in range(40)] for _ in range(2)]
    assert made[0] == made[1]
    assert len(set(made[0])) == 40


def test_a_find_is_kept_and_can_be_tried_again(tmp_path: Path):
    given = make_input(3, 1, ("inventory",))
    given.door = "nowhere"
    for kept in (tmp_path, None):
        tally = try_all([("3-1", given)], kept)
        assert "KeyError" in finds(tally)
        given = Input.from_json((tmp_path / "3-1.json").read_text("utf-8"))
    assert "KeyError" in (tmp_path / "3-1.txt").read_text("utf-8")


def test_a_hang_and_too_much_memory_are_finds(monkeypatch: pytest.MonkeyPatch):
    given = make_input(3, 1, ("data",))
    monkeypatch.setattr(trial, "MOST_MEGABYTES", 1)
    assert "MB of memory" in finds(try_all([("a", given)]))
    monkeypatch.setattr(trial, "MOST_SECONDS", 0.0)
    assert "no answer after" in finds(try_all([("b", given)]))
