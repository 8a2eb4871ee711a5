"""The networks of an office: which one reads, how one goes back, what a kill leaves behind."""

import json
import shutil

import pytest

from ocr_pipeline.errors import BadInputError, MachineError, UsageError
from ocr_pipeline.processing.office_networks import (
    OfficeNetworks,
    clear,
    current_settings,
    model_in,
)
from ocr_pipeline.processing.settings import RunSettings, save_settings
from ocr_pipeline.reading.models import load_model
from ocr_pipeline.resources import shipped
from ocr_pipeline.store import files
from tests.builders.office_models import office_network


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "ws"
    folder.mkdir()
    return folder


@pytest.fixture
def networks(workspace):
    return OfficeNetworks.of(workspace)


def test_the_shipped_network_reads_until_another_is_promoted(workspace, networks):
    assert model_in(workspace, "htr") == "htr" and not networks.folder.exists()
    made = office_network(networks, "2026.11-4+1")
    assert model_in(workspace, "htr") == "htr"  # made is not yet in use
    assert model_in(workspace, "2026.11-4+1") == str(made)  # to try it
    networks.promote("2026.11-4+1")
    assert model_in(workspace, "htr") == str(made)
    assert model_in(workspace, "/srv/other") == "/srv/other"
    save_settings(workspace, RunSettings(model="htr", page_seconds=7.0))
    assert current_settings(workspace) == RunSettings(model=str(made), page_seconds=7.0)


def test_one_goes_back_step_by_step_or_to_the_shipped_one_at_once(networks):
    for name in ("2026.11-4+1", "2026.11-4+2"):
        assert networks.next_name("2026.11-4") == name
        office_network(networks, name)
        networks.promote(name)
    assert networks.roll_back() == "2026.11-4+1" == networks.in_use
    assert networks.roll_back() == "" == networks.in_use
    with pytest.raises(UsageError):
        networks.roll_back()
    networks.promote("2026.11-4+2")
    networks.promote("2026.11-4+1")
    assert networks.roll_back(to_shipped=True) == "" == networks.in_use
    assert networks.names() == ["2026.11-4+1", "2026.11-4+2"]  # none is deleted by going back
    assert networks.next_name("2027.01-1") == "2027.01-1+3"


def test_workspaces_of_an_office_share_a_folder(tmp_path):
    shared = tmp_path / "office" / "networks"
    shared.parent.mkdir()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "policy.yaml").write_text("networks: ../office/networks\n")
    office_network(OfficeNetworks.of(tmp_path / "one"), "2026.11-4+1")
    OfficeNetworks.of(tmp_path / "one").promote("2026.11-4+1")
    for name in ("one", "two"):
        found = model_in(tmp_path / name, "htr")
        assert (shared / "2026.11-4+1").samefile(found)
        assert not (tmp_path / name / "models").exists()


def test_a_damaged_network_is_not_promoted(networks):
    made = office_network(networks, "2026.11-4+1")
    (made / "model.onnx").write_text("another")
    with pytest.raises(MachineError) as told:
        networks.promote("2026.11-4+1")
    assert "sohoa network rollback" in told.value.remedy.en
    assert networks.in_use == ""


def test_a_network_damaged_in_use_is_told_with_the_way_back(workspace, networks):
    made = office_network(networks, "2026.11-4+1")
    networks.promote("2026.11-4+1")
    (made / "learnt.json").write_text("{}")
    with pytest.raises(MachineError) as told:
        load_model(model_in(workspace, "htr"))
    assert "sohoa network rollback" in told.value.remedy.vi and "learnt.json" in told.value.where
    shutil.rmtree(made)
    with pytest.raises(MachineError) as told:
        model_in(workspace, "htr")
    assert "sohoa network rollback" in told.value.remedy.en
    networks.roll_back()
    assert model_in(workspace, "htr") == "htr"


@pytest.mark.parametrize("broken", ["{", '{"networks": ["../../etc"]}', '{"other": 1}'])
def test_a_damaged_list_of_networks_in_use_can_be_left(workspace, networks, broken):
    office_network(networks, "2026.11-4+1")
    (networks.folder / "in-use.json").write_text(broken)
    with pytest.raises(MachineError) as told:
        model_in(workspace, "htr")
    assert "--shipped" in told.value.remedy.en
    networks.roll_back(to_shipped=True)
    assert model_in(workspace, "htr") == "htr"


def test_a_kill_while_promoting_leaves_the_one_before_in_use(networks, monkeypatch):
    for name in ("2026.11-4+1", "2026.11-4+2"):
        office_network(networks, name)
    networks.promote("2026.11-4+1")

    def killed(point):
        raise KeyboardInterrupt

    for_good = files.reached
    monkeypatch.setattr(files, "reached", killed)  # the file is written, not yet renamed
    with pytest.raises(KeyboardInterrupt):
        networks.promote("2026.11-4+2")
    monkeypatch.setattr(files, "reached", for_good)
    assert networks.in_use == "2026.11-4+1"


def test_a_kill_while_learning_leaves_no_network(networks):
    with pytest.raises(KeyboardInterrupt), networks.at_work() as work:
        work.mkdir()
        (work / "learnt.json").write_text("{}")
        (work / "checkpoint.pt").write_bytes(b"half")
        raise KeyboardInterrupt
    assert networks.names() == [] and networks.networks() == []
    with networks.at_work() as work:  # nobody holds it any more; what was begun is there to go on
        assert (work / "checkpoint.pt").read_bytes() == b"half"
        with pytest.raises(MachineError), networks.at_work():
            pass
        clear(work)
    assert not work.exists()


def test_a_network_that_does_not_fit_its_checksums_is_not_added(networks):
    good = office_network(networks, "2026.11-4+1")
    with networks.at_work() as work:
        shutil.copytree(good, work)
        (work / "alphabet.txt").write_text("x")
        with pytest.raises(MachineError):
            networks.add(work, "2026.11-4+2")
    assert networks.names() == ["2026.11-4+1"]


def test_the_fingerprint_follows_from_the_network_in_use(tmp_path, workspace, networks):
    before = load_model(model_in(workspace, "htr"))
    made = networks.folder / "2026.11-4+1"
    made.parent.mkdir()
    shutil.copytree(shipped("models") / "htr", made)
    (made / "learnt.json").write_text("{}")
    (made / "calibration.json").unlink()
    networks.promote("2026.11-4+1")
    after = load_model(model_in(workspace, "htr"))
    assert after.fingerprint != before.fingerprint


def test_a_policy_that_names_no_folder_is_told(workspace):
    (workspace / "policy.yaml").write_text("networks: [1]\n")
    with pytest.raises(BadInputError):
        model_in(workspace, "htr")


def test_what_is_written_is_for_us_alone(networks):
    made = office_network(networks, "2026.11-4+1")
    networks.promote("2026.11-4+1")
    for path in (made, made / "model.onnx", networks.folder, networks.folder / "in-use.json"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert json.loads((networks.folder / "in-use.json").read_text()) == {
        "networks": ["2026.11-4+1"]
    }


def test_another_shipped_network_is_put_into_use_and_networks_are_made_from_it(workspace, networks):
    assert networks.base == "htr"
    networks.promote("free")
    assert model_in(workspace, "htr") == "free" and networks.base == "free"
    assert load_model(model_in(workspace, "htr")).folder == shipped("models") / "free"
    office_network(networks, "2026.11-4+1")
    networks.promote("2026.11-4+1")
    assert networks.base == "free"  # what it was made from stays what the next is made from
    networks.roll_back()
    assert networks.roll_back() == "" and networks.base == "htr"
    with pytest.raises(UsageError):
        networks.promote("none-such")
