"""No citizen's name in logs, crash traces, reports, notices, or on the screen."""

import ast
import functools
import json
from dataclasses import replace
from pathlib import Path

import pytest

import ocr_pipeline
from ocr_pipeline.batch.run import RunConditions, run
from ocr_pipeline.batch.task_machine import RetryRules
from ocr_pipeline.cli import run_session
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.registers.fields import State
from ocr_pipeline.reports.notices import mail, webhook
from ocr_pipeline.reports.notices.delivery import Notices
from ocr_pipeline.reports.notices.mail import MailServer
from ocr_pipeline.store.entries import Entry, add_entries
from ocr_pipeline.store.workspace_log import KEYS, open_log
from tests.builders import fake_stages, judges
from tests.builders.source_trees import tree_of

NAMES = ("Trần", "Bưởi", "Nguyễn", "Văn Tám", "Lý Thị Tý", "1/2016", "22/2016")
KS1 = "xalocthuan_hbd_tbt.KS.2016.01"


def faulty_judge(book, records):
    """As the usual one; a bug in the second book quotes what it was given."""
    if book.number == 2:
        raise KeyError(f"Nguyễn {records[0].fields['nksHoTen'].value}")
    return judges.accept_sure(book, records)


@pytest.fixture
def told(office, monkeypatch, capsys):
    """All that a night with every kind of fault says, by where it says it."""
    sent: dict[str, str] = {}
    monkeypatch.setattr(
        mail, "_hand_in", lambda server, message: sent.update(mail=message.as_string())
    )
    monkeypatch.setattr(
        webhook._OPENER, "open", lambda request, timeout: Answer(sent, request.data)
    )
    dependencies = replace(
        office.dependencies, judge=faulty_judge, rules=RetryRules(rest=(0.1, 0.1))
    )
    monkeypatch.setattr(run_session, "run", functools.partial(run, dependencies=dependencies))
    office.book("ks1", {"1.png": "record 1"})
    office.run(dependencies=dependencies)
    with office.workspace.transaction() as session:
        add_entries(
            session, KS1, [Entry("1.png", 1, "nksHoTen", "Lý Thị Tý", State.CORRECTED, "hoa")]
        )
    for page, words in {"2.png": "bug", "3.png": "crash-once", "4.png": "refused"}.items():
        fake_stages.write_page(office.scans / "ks1" / page, words)
    office.book("ks2", {"1.png": "record 22"})
    code = run_session.run_and_tell(
        office.workspace,
        office.scans,
        settings=RunSettings(),
        conditions=RunConditions(workers=1, nice=0),
        notices=Notices(("lan@xa.example",), MailServer("h", 25, "none"), "http://h.example/"),
    )
    assert code == 1
    said = capsys.readouterr()
    folder = office.workspace.folder
    files = {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("sohoa.db")
    }
    return {"stdout": said.out, "stderr": said.err, **sent, **files}


class Answer:
    def __init__(self, sent, data):
        sent["webhook"] = data.decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


def test_a_night_of_faults_names_nobody(told):
    assert {"mail", "webhook", "stdout", "stderr", "logs/sohoa.log"} <= set(told)
    assert any(name.endswith("report.html") for name in told)
    log = told["logs/sohoa.log"]
    assert "ValueError" in log and "KeyError" in log and '"died"' in log  # the faults took place
    for place, words in told.items():
        for name in NAMES:
            assert name not in words, f"{name} in {place}"
    assert "lan@xa" not in log
    for line in log.splitlines():
        assert set(json.loads(line)) <= KEYS | {"event", "level", "timestamp"}
    [text] = [words for name, words in told.items() if name.endswith("report.txt")]
    assert "lan@xa.example" in text and "http://h.example" in text
    assert text.count("sent") == 2 and "not sent" not in text
    assert "2.png" in text and "4.png" in text


def test_a_key_nobody_has_thought_about_is_left_out(office):
    with open_log(office.workspace) as log:
        log.info("page", book=KS1, value="Nguyễn Văn Tám", name="Nguyễn Văn Tám")
    [line] = (office.workspace.logs / "sohoa.log").read_text().splitlines()
    assert "Nguyễn" not in line and json.loads(line)["book"] == KS1


def test_every_line_of_the_log_uses_keys_that_are_kept():
    """A key that is left out says nothing to anybody: it belongs into `KEYS` or out of the call."""
    root = Path(ocr_pipeline.__file__).parent
    calls = 0
    for path in [*root.glob("batch/**/*.py"), *root.glob("cli/*.py")]:
        for node in ast.walk(tree_of(path)):
            if is_log_call(node):
                calls += 1
                used = {keyword.arg for keyword in node.keywords}
                assert used <= KEYS, f"{path.name}:{node.lineno} {used - KEYS}"
                assert len(node.args) == 1, f"{path.name}:{node.lineno}: values belong into keys"
    assert calls > 5


def is_log_call(node) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    target = node.func.value
    name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
    return name in ("log", "_log") and node.func.attr in ("info", "warning", "error", "debug")
