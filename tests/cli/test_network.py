"""`sohoa network`: consent, the list, promoting and going back, all told by the audit trail."""

import json

import pytest

from ocr_pipeline.cli import network_session
from ocr_pipeline.errors import ExitCode
from ocr_pipeline.learning.comparison import NetworkComparison
from ocr_pipeline.learning.learning_rules_schema import learning_rules
from ocr_pipeline.learning.network_learning import LearningSummary
from ocr_pipeline.processing.book_learning import LearningLimits, limits_of
from ocr_pipeline.processing.learning_record_schema import ReadingFigures
from ocr_pipeline.processing.office_networks import OfficeNetworks, model_in
from ocr_pipeline.store.audit import lines
from ocr_pipeline.store.audit_check import trail_faults
from ocr_pipeline.store.workspace import Workspace
from tests.builders.office_models import office_network


@pytest.fixture
def folder(tmp_path):
    Workspace.open(tmp_path / "ws").close()
    return tmp_path / "ws"


def trail(folder):
    with Workspace.open(folder) as opened, opened.read_session() as session:
        assert list(trail_faults(session)) == []
        return [(row.action, row.subject) for row in lines(session)]


def test_consent_is_given_and_withdrawn_by_name(sohoa, folder):
    def allowed():
        return json.loads(sohoa("network", "list", "-w", folder, "--json").out)["allowed"]

    assert allowed() is False
    assert sohoa("network", "allow", "-w", folder).code is ExitCode.DONE
    assert allowed() is True
    assert sohoa("network", "forbid", "-w", folder).code is ExitCode.DONE
    assert allowed() is False
    assert [action for action, _ in trail(folder)] == ["learning_allowed", "learning_forbidden"]
    with Workspace.open(folder) as opened, opened.read_session() as session:
        assert json.loads(next(lines(session)).details)["account"]


def test_a_network_is_promoted_listed_and_left_again(sohoa, folder):
    office_network(OfficeNetworks.of(folder), "2026.11-4+1")
    listed = sohoa("network", "list", "-w", folder).out
    assert "2026.11-4+1" in listed and "8.0 %" in listed and "5.0 %" in listed
    assert sohoa("network", "promote", "2026.11-4+1", "-w", folder).code is ExitCode.DONE
    assert model_in(folder, "htr").endswith("2026.11-4+1")
    assert json.loads(sohoa("network", "list", "-w", folder, "--json").out)["in_use"]
    back = sohoa("network", "rollback", "-w", folder)
    assert back.code is ExitCode.DONE and "htr" in back.out
    assert model_in(folder, "htr") == "htr"
    assert trail(folder) == [
        ("network_promoted", "2026.11-4+1"), ("network_rolled_back", "htr"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "arguments", [("promote", "none"), ("rollback",)], ids=["unknown", "nothing before"]
)
def test_what_cannot_be_done_is_told_with_what_can(sohoa, folder, arguments):
    done = sohoa("network", *arguments, "-w", folder)
    assert done.code is ExitCode.USAGE and "→" in done.err
    assert trail(folder) == []


def test_every_rule_that_a_network_breaks_is_told():
    before = ReadingFigures(characters=9, fields=9, right=9, accepted=9)
    after = ReadingFigures(characters=9, characters_wrong=9, fields=9, accepted=9, accepted_wrong=9)
    worse = NetworkComparison(before, after, unseen=9, unseen_changed=9)
    assert set(worse.faults(learning_rules().promotion)) == set(network_session._BROKEN_RULES)


def test_wishes_of_the_command_reach_the_learning(sohoa, folder, monkeypatch):
    asked = []
    monkeypatch.setattr(network_session, "plan_learning", lambda _, others: ([], None))
    monkeypatch.setattr(network_session, "tell_plan", lambda *_: None)
    monkeypatch.setattr(network_session, "require_training_extra", lambda: None)

    def learn(_ws, wishes, *, told, others):
        asked.append(wishes)
        return LearningSummary()

    monkeypatch.setattr(network_session, "learn_network", learn)
    done = sohoa("learn", "--network", "--seed", 7, "--minutes", 30, "--no-promote", "-w", folder)
    assert done.code == ExitCode.FAILURES  # the time was over before its end
    [wishes] = asked
    assert (wishes.seed, wishes.minutes, wishes.promote) == (7, 30, False)
    assert sohoa("learn", "--all", "--no-promote", "-w", folder).code == ExitCode.USAGE
    assert sohoa("learn", "--all", "--also", folder, "-w", folder).code == ExitCode.USAGE
    twice = sohoa("learn", "--network", "--also", f"{folder}/.", "-w", folder)
    assert twice.code == ExitCode.USAGE and "twice" in twice.err
    assert limits_of(7, 0.5).fitting.seed == 7 and limits_of(None, 0.5).seconds == 30
    assert limits_of(None, None) == LearningLimits()
