import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from ocr_pipeline.cli.app import run_program as sohoa
from ocr_pipeline.errors import BadInputError, ExitCode, MachineError
from ocr_pipeline.registers.fields import State
from ocr_pipeline.review import deletion
from ocr_pipeline.review.errors import NotAllowedYetError
from ocr_pipeline.store import audit
from ocr_pipeline.store.approvals import ApprovalStep, add_step
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.entries import Entry, add_entries
from ocr_pipeline.store.review_models import LeaseRow
from ocr_pipeline.store.workspace import DATABASE, Workspace
from tests.builders import fake_stages
from tests.builders.run_office import RunOffice

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
BOOK = "xalocthuan_hbd_tbt.KS.2016.01"
NAME = "Nguyễn Thị Bưởi"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prepared")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(fake_stages.CALLS, str(folder / "calls"))
        office = RunOffice(folder)
        office.book("so", {"1.png": "record 1", "2.png": "record 2"})
        office.run()
        with office.workspace as workspace:
            with workspace.transaction() as session:
                entry = Entry("1.png", 1, "nksHoTen", NAME, State.CORRECTED, "lan")
                add_entries(session, BOOK, [entry])
                audit.append(session, "lan", AuditAction.DECIDED, book=BOOK)
            (folder / "ws" / "pictures" / "ab").mkdir(parents=True)
            (folder / "ws" / "pictures" / "ab" / "ab12-34.jpg").write_bytes(b"jpeg")
    return folder


@pytest.fixture
def job(prepared, tmp_path):
    shutil.copytree(prepared / "ws", tmp_path / "ho_so")
    workspace = Workspace.open(tmp_path / "ho_so")
    yield workspace
    workspace.close()


def hand_over(workspace):
    with workspace.transaction() as session:
        add_step(session, BOOK, ApprovalStep.APPROVE, "minh", NOW)
        add_step(session, BOOK, ApprovalStep.HAND_OVER, "minh", NOW)


def test_a_job_goes_and_leaves_a_certificate_without_names(job, prepared):
    hand_over(job)
    path = deletion.delete_job(job, now=NOW)
    assert not job.folder.exists() and path == job.folder.parent / "ho_so.deletion.json"
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    text = path.read_text(encoding="utf-8")
    assert NAME not in text and "Bưởi" not in text and "lan" not in text.split('"not_deleted"')[0]
    told = json.loads(text)
    assert told["format"] == deletion.FORMAT and told["begun"] == told["finished"]
    [book] = told["books"]
    assert book == {
        "id": BOOK, "type": "KS", "state": "handed_over", "pages": 2, "records": 2, "fields": 4,
        "entries": 1, "page_decisions": 0,
    }  # fmt: skip
    assert told["entries"]["number"] == 1 and len(told["entries"]["sha256"]) == 64
    assert told["audit"]["lines"] == 4 and told["audit"]["holds"] is True
    assert told["files"]["pictures"]["files"] == 1
    assert {DATABASE, "logs", "run.json"} <= set(told["files"])
    assert told["in_spite_of"] == []
    assert (prepared / "scans" / "so" / "1.png").is_file()


def test_the_certificate_tells_one_content_from_another(prepared, tmp_path):
    hashes = set()
    for place, extra in (("one", ()), ("two", ()), ("three", ("Nguyễn Thị Bười",))):
        shutil.copytree(prepared / "ws", tmp_path / place)
        workspace = Workspace.open(tmp_path / place)
        with workspace.transaction() as session:
            for value in extra:
                entry = Entry("2.png", 1, "nksHoTen", value, State.CORRECTED, "lan")
                add_entries(session, BOOK, [entry])
        path = deletion.delete_job(workspace, force=True, now=NOW)
        hashes.add(json.loads(path.read_text(encoding="utf-8"))["entries"]["sha256"])
    assert len(hashes) == 2


def test_an_unfinished_job_stays(job):
    with pytest.raises(NotAllowedYetError) as caught:
        deletion.delete_job(job)
    assert BOOK in caught.value.cause.vi
    with job.transaction() as session:
        add_step(session, BOOK, ApprovalStep.APPROVE, "minh", NOW)
    with pytest.raises(NotAllowedYetError):  # approved, but not handed over
        deletion.delete_job(job)
    assert (job.folder / DATABASE).is_file()
    assert not deletion.certificate_path(job.folder).exists()
    path = deletion.delete_job(job, force=True, now=NOW)
    told = json.loads(path.read_text(encoding="utf-8"))
    assert BOOK in told["in_spite_of"][0]["en"] and not job.folder.exists()


def test_a_job_that_somebody_works_on_stays(job):
    hand_over(job)
    with job.transaction() as session:
        session.add(LeaseRow(field=1, user="lan", until=NOW + timedelta(minutes=5)))
    with pytest.raises(NotAllowedYetError):
        deletion.delete_job(job, now=NOW)
    deletion.delete_job(job, now=NOW + timedelta(minutes=6))


def test_pictures_at_label_studio_are_remembered(job):
    hand_over(job)
    (job.folder / deletion.LABEL_STUDIO).write_text("{}")
    with pytest.raises(NotAllowedYetError) as caught:
        deletion.delete_job(job)
    assert "labelstudio remove" in caught.value.cause.en


def test_a_deletion_that_was_interrupted_is_finished(job, monkeypatch):
    hand_over(job)

    def power_cut(_path):
        raise OSError(5, "power cut")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", power_cut)
        with pytest.raises(MachineError, match="power cut"):
            deletion.delete_job(job, now=NOW)
    path = deletion.certificate_path(job.folder)
    assert json.loads(path.read_text(encoding="utf-8"))["finished"] is None
    assert not job.folder.exists()  # nobody can work on half a job
    assert deletion.resume(job.folder, now=NOW) == path
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    told = json.loads(path.read_text(encoding="utf-8"))
    assert told["finished"] and told["books"][0]["id"] == BOOK
    assert deletion.resume(job.folder) is None


def test_a_certificate_outlives_what_it_is_about(job):
    hand_over(job)
    with pytest.raises(BadInputError):
        deletion.delete_job(job, certificate=job.folder / "logs" / "c.json")
    there = deletion.certificate_path(job.folder)
    there.write_text("{}")
    with pytest.raises(BadInputError):
        deletion.delete_job(job)
    assert (job.folder / DATABASE).is_file()


def test_the_command_asks_for_the_name(job, tmp_path, capsys):
    hand_over(job)
    job.close()
    folder = str(job.folder)
    assert sohoa(["delete", "--workspace", folder]) is ExitCode.USAGE
    assert sohoa(["delete", "--workspace", folder, "--confirm", "hoso"]) is ExitCode.USAGE
    assert "--confirm ho_so" in capsys.readouterr().err
    target = tmp_path / "luu" / "ho_so.json"
    arguments = ["--confirm", "ho_so", "--certificate", str(target)]
    assert sohoa(["delete", "--workspace", folder, *arguments]) is ExitCode.DONE
    assert target.is_file() and not job.folder.exists()
    assert sohoa(["delete", "--workspace", folder, "--confirm", "ho_so"]) is ExitCode.USAGE
