"""Push and pull against a real Label Studio server; without one these tests say that they skip."""

import base64
import io
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from tests.builders import doubtful_stages, judges, label_studio_server
from tests.builders.books import PHUOC_NGAI, make_book
from tests.builders.run_office import RunOffice

pytest.importorskip("label_studio_sdk", reason="pip install 'sohoa[label-studio]' brings the SDK")

from ocr_pipeline.batch.run import RunDependencies
from ocr_pipeline.cli.app import run_program as sohoa
from ocr_pipeline.errors import ExitCode, UsageError
from ocr_pipeline.exchange.labelstudio import job
from ocr_pipeline.exchange.labelstudio.job import find_project, job_of
from ocr_pipeline.exchange.labelstudio.pull import pull
from ocr_pipeline.exchange.labelstudio.push import push
from ocr_pipeline.exchange.labelstudio.removal import remove
from ocr_pipeline.exchange.labelstudio.server import LabelStudioError, Server
from ocr_pipeline.registers.fields import State
from ocr_pipeline.review import audit
from ocr_pipeline.review.accounts import Role, create_user, list_users
from ocr_pipeline.review.field_decisions import Action, Decision, decide
from ocr_pipeline.store.entries import latest_entries
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.workspace import Workspace

SAMPLES = Path(__file__).parents[2] / "sample_scans" / "ks-2018"
pytestmark = [pytest.mark.long, pytest.mark.timeout(2400)]  # the first time installs the server
EARLIER_CONFIG = """<View><Header value="$caption"/><Image name="crop" value="$crop"/>
<TextArea name="value" toName="crop"/><Choices name="state" toName="crop"><Choice value="blank"/>
<Choice value="unreadable"/></Choices><Text name="why" value="$why"/>
<Text name="readings" value="$readings"/><Text name="place" value="$place"/></View>"""
BOOK = "xaphuocngai_hbt_tbt.KS.2018.01"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    try:
        program = label_studio_server.program()
    except label_studio_server.NotInstalled as error:
        pytest.skip(f"no Label Studio server here: {error}")
    server = label_studio_server.RunningServer(program, tmp_path_factory.mktemp("label-studio"))
    server.wait()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A workspace whose fields all wait for a person."""
    folder = tmp_path_factory.mktemp("prepared")
    work = RunDependencies(
        work=doubtful_stages.work, fingerprint=lambda _: "f", judge=judges.leave_all_to_people
    )
    office = RunOffice(folder, dependencies=work)
    (office.scans / "so").mkdir()
    for number in (1, 2):
        shutil.copy(SAMPLES / f"Trang {number + 3}.jpg", office.scans / "so" / f"{number}.jpg")
    office.list_book("so", make_book(agency=PHUOC_NGAI))
    office.run()
    with office.workspace as workspace:
        create_user(workspace, "lan", Role.OPERATOR, "một mật khẩu dài")
    return folder / "ws"


@pytest.fixture
def office(running, prepared, tmp_path):
    shutil.copytree(prepared, tmp_path / "ws")
    workspace = Workspace.open(tmp_path / "ws")
    server = Server(running.url, running.key)
    office = LabellingOffice(workspace, server)
    yield office
    remove(workspace, server, force=True)
    workspace.close()


class LabellingOffice:
    def __init__(self, workspace, server):
        self.workspace, self.server = workspace, server
        self.lan = next(user for user in list_users(workspace) if user.name == "lan")

    @property
    def project(self):
        return find_project(self.server, job_of(self.workspace.folder))

    def tasks(self):
        return {
            (task["data"]["place"].split(" · ")[1], task["data"]["code"]): task
            for task in self.server.tasks(self.project)
        }

    def annotate(self, page, code, text=None, choice=None, reading=None):
        """What an annotator's browser sends."""
        result = []
        if reading is not None:
            result.append(_result("reading", "choices", choices=[reading]))
        if text is not None:
            result.append(_result("value", "textarea", text=[text]))
        if choice is not None:
            result.append(_result("state", "choices", choices=[choice]))
        task = self.tasks()[f"{page} (1)", code]["id"]
        made = self.server._api.annotations.create(id=task, result=result, lead_time=4.5)
        return made.id

    def change(self, annotation, text):
        result = [_result("value", "textarea", text=[text])]
        self.server._api.annotations.update(id=annotation, result=result)

    def field(self, page, code):
        with self.workspace.read_session() as session:
            [record] = [r for r in load_records(session, BOOK) if r.page == page]
        return record.fields[code]

    def entry(self, page, code):
        with self.workspace.read_session() as session:
            return latest_entries(session, BOOK).get((page, 1, code))


def _result(name, kind, **value):
    return {"from_name": name, "to_name": "crop", "type": kind, "value": value}


def _width(data_url):
    with Image.open(io.BytesIO(base64.b64decode(data_url.partition(",")[2]))) as picture:
        return picture.width


def test_a_reading_is_chosen_by_its_number(office):
    push(office.workspace, office.server)
    office.annotate("1.jpg", "nksHoTen", "Trần Thị Bưởi", reading="Trần Thị Bười")
    assert pull(office.workspace, office.server).kept == 1
    assert office.entry("1.jpg", "nksHoTen").value == "Trần Thị Bười"
    office.annotate("2.jpg", "nksHoTen", "Lê Văn Khác", reading="Trần Thị Bười")
    done = pull(office.workspace, office.server)
    assert done.kept == 0 and len(done.refused) == 1  # two values: nobody can tell which counts
    assert office.entry("2.jpg", "nksHoTen") is None


@pytest.mark.parametrize("release", ["1.22.0", "1.9.2", "0.8", "nonsense"])
def test_a_server_with_the_hole_is_refused(running, monkeypatch, release):
    from label_studio_sdk.versions.client import VersionsClient

    told = VersionsClient.get

    def older(client, **options):
        return told(client, **options).model_copy(update={"release": release})

    monkeypatch.setattr(VersionsClient, "get", older)
    with pytest.raises(LabelStudioError) as caught:
        Server(running.url, running.key)
    assert "1.23" in str(caught.value.remedy)


def test_doubtful_fields_become_tasks_once(office):
    first = push(office.workspace, office.server)
    assert (first.added, first.known, first.removed) == (6, 0, 0)
    again = push(office.workspace, office.server)
    assert (again.project, again.added, again.known, again.removed) == (first.project, 0, 6, 0)
    task = office.tasks()["1.jpg (1)", "nksHoTen"]
    [prediction] = task["predictions"]
    assert prediction["score"] == pytest.approx(0.6)
    assert prediction["result"][0]["value"] == {"text": ["Trần Thị Bưởi"]}
    assert task["data"]["crop"].startswith("data:image/jpeg;base64,/9j/")
    keys = {one["hotkey"]: one["alias"] for one in task["data"]["choices"]}
    assert keys == {"1": "Trần Thị Bưởi", "2": "Trần Thị Bười"}
    assert _width(task["data"]["strip"]) > _width(task["data"]["crop"])
    [blank] = office.tasks()["1.jpg (1)", "nksNoiSinh"]["predictions"]
    assert blank["result"][0]["value"] == {"choices": ["blank"]}


def test_a_part_is_sent_when_only_a_part_is_wanted(office):
    assert push(office.workspace, office.server, kinds=["person_name"], limit=1).added == 1
    assert push(office.workspace, office.server, kinds=["person_name"]).added == 1
    assert push(office.workspace, office.server, books=["another"]).added == 0
    assert {code for _, code in office.tasks()} == {"nksHoTen"}


def test_corrections_come_back_once_with_person_and_time(office):
    push(office.workspace, office.server)
    office.annotate("1.jpg", "nksHoTen", "Võ Ngọc Như Ngọc")
    office.annotate("1.jpg", "so", "1/2018")
    office.annotate("1.jpg", "nksNoiSinh", choice="blank")
    office.annotate("2.jpg", "nksHoTen", choice="unreadable")
    before = datetime.now(UTC)
    done = pull(office.workspace, office.server)
    assert (done.kept, done.known, done.refused) == (4, 0, [])
    name = office.field("1.jpg", "nksHoTen")
    assert (name.value, name.state) == ("Võ Ngọc Như Ngọc", State.CORRECTED)
    assert office.field("1.jpg", "so").state is State.CONFIRMED
    assert office.field("1.jpg", "nksNoiSinh").state is State.BLANK
    assert office.field("2.jpg", "nksHoTen").state is State.UNREADABLE
    entry = office.entry("1.jpg", "nksHoTen")
    assert entry.user == "lan"
    assert entry.time.replace(tzinfo=UTC) <= before
    done = pull(office.workspace, office.server)
    assert (done.kept, done.known, done.refused) == (0, 4, [])
    assert office.entry("1.jpg", "nksHoTen") == entry
    assert audit.verify(office.workspace) is None
    assert push(office.workspace, office.server).added == 0


def test_somebody_elses_work_is_never_written_over(office):
    push(office.workspace, office.server)
    person = create_user(office.workspace, "minh", Role.OPERATOR, "một mật khẩu dài")
    field = office.tasks()["1.jpg (1)", "nksHoTen"]["data"]["field"]
    [mine] = decide(office.workspace, person, [Decision(field, Action.CORRECT, "Võ Thị Ngọc")])
    assert mine.ok
    office.annotate("1.jpg", "nksHoTen", "Võ Ngọc Như Ngọc")
    for _ in range(2):
        done = pull(office.workspace, office.server)
        assert done.kept == 0
        [refusal] = done.refused
        assert (refusal.value, refusal.standing) == ("Võ Ngọc Như Ngọc", "Võ Thị Ngọc")
        assert refusal.standing_by == "minh" and refusal.person == label_studio_server.EMAIL
        assert refusal.place == f"{BOOK} 1.jpg (1) nksHoTen"
    assert office.field("1.jpg", "nksHoTen").value == "Võ Thị Ngọc"


def test_who_changes_an_annotation_changes_his_own_entry(office):
    push(office.workspace, office.server)
    annotation = office.annotate("1.jpg", "nksHoTen", "Võ Ngọc Nhu Ngọc")
    pull(office.workspace, office.server)
    office.change(annotation, "Võ Ngọc Như Ngọc")
    done = pull(office.workspace, office.server)
    assert (done.kept, done.refused) == (1, [])
    assert office.field("1.jpg", "nksHoTen").value == "Võ Ngọc Như Ngọc"


def test_two_people_who_differ_are_told_and_neither_is_taken(office):
    push(office.workspace, office.server)
    office.annotate("1.jpg", "nksHoTen", "Võ Ngọc Như Ngọc")
    office.annotate("1.jpg", "nksHoTen", "Võ Ngọc Nhu Ngọc")
    done = pull(office.workspace, office.server)
    assert done.kept == 0 and len(done.refused) == 2
    assert office.entry("1.jpg", "nksHoTen") is None


def test_tasks_follow_what_is_decided_elsewhere(office):
    push(office.workspace, office.server)
    data = office.tasks()["1.jpg (1)", "nksHoTen"]["data"]
    decide(office.workspace, office.lan, [Decision(data["field"], Action.CONFIRM, data["value"])])
    done = push(office.workspace, office.server)
    assert done.removed >= 1  # its neighbours may have become clear, too
    left = office.tasks()
    assert ("1.jpg (1)", "nksHoTen") not in left and len(left) == 6 - done.removed
    states = {office.field(place.partition(" ")[0], code).state for place, code in left}
    assert states == {State.IN_REVIEW}


def test_people_without_an_account_are_named(office):
    push(office.workspace, office.server)
    office.annotate("1.jpg", "nksHoTen", "Võ Ngọc Như Ngọc")
    accounts = {label_studio_server.EMAIL: "nobody"}
    [refusal] = pull(office.workspace, office.server, accounts=accounts).refused
    assert label_studio_server.EMAIL in refusal.reason.vi
    assert (
        pull(office.workspace, office.server, accounts={label_studio_server.EMAIL: "lan"}).kept == 1
    )


def test_the_project_is_removed_when_nothing_in_it_is_wanted_any_more(office):
    push(office.workspace, office.server)
    office.annotate("1.jpg", "nksHoTen", "Võ Ngọc Như Ngọc")
    with pytest.raises(UsageError):
        remove(office.workspace, office.server)
    pull(office.workspace, office.server)
    assert remove(office.workspace, office.server) is not None
    assert office.project is None
    assert remove(office.workspace, office.server) is None


def test_from_the_command_line(office, running, tmp_path, capsys):
    key = tmp_path / "key.txt"
    key.write_text(running.key + "\n")
    there = ["--workspace", str(office.workspace.folder), "--url", running.url]
    there += ["--key-file", str(key)]
    assert sohoa(["labelstudio", "push", *there, "--json"]) is ExitCode.DONE
    assert json.loads(capsys.readouterr().out)["added"] == 6
    office.annotate("1.jpg", "nksHoTen", "Võ Ngọc Như Ngọc")
    assert sohoa(["labelstudio", "pull", *there, "--json"]) is ExitCode.DONE
    assert json.loads(capsys.readouterr().out) == {"kept": 1, "known": 0, "refused": []}
    assert sohoa(["labelstudio", "remove", *there]) is ExitCode.DONE
    key.write_text("0" * 40)
    assert sohoa(["labelstudio", "push", *there]) is ExitCode.FAILURES
    assert "khóa" in capsys.readouterr().err


def test_a_server_that_is_not_there():
    with pytest.raises(LabelStudioError) as caught:
        Server("http://127.0.0.1:9", "key")
    assert "127.0.0.1:9" in str(caught.value)


def test_a_project_of_an_earlier_version_takes_new_tasks(office, monkeypatch):
    monkeypatch.setattr(job, "labelling_config", lambda: EARLIER_CONFIG)
    push(office.workspace, office.server, limit=1)
    monkeypatch.undo()
    assert push(office.workspace, office.server).added == 5
    office.annotate("1.jpg", "nksHoTen", "Võ Ngọc Như Ngọc")
    assert pull(office.workspace, office.server).kept == 1


def test_tasks_of_another_job_are_left_alone(office):
    push(office.workspace, office.server)
    foreign = {"data": {"job": "another", "field": 1, "base": None, "value": "", "crop": ""}}
    for key in ("caption", "why", "readings", "place", "code", "strip"):
        foreign["data"][key] = "-"
    foreign["data"]["choices"] = []
    office.server.add_tasks(office.project, [foreign])
    assert push(office.workspace, office.server).removed == 0
    assert len(list(office.server.tasks(office.project))) == 7
