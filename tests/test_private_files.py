"""Nobody else on the machine can open what is ours, whatever the umask."""

import os
import shutil
import stat
import subprocess
import sys

import pytest

from ocr_pipeline.crash_log import write_trace
from ocr_pipeline.private_files import make_private, open_to_others, tighten
from ocr_pipeline.processing import book_hands, book_print, joined_scans, office_layouts
from ocr_pipeline.reports.doctor import Health, examine
from ocr_pipeline.resources import shipped
from ocr_pipeline.review import pictures
from ocr_pipeline.store.files import write_text
from ocr_pipeline.store.workspace import DATABASE, Workspace
from ocr_pipeline.store.workspace_log import open_log
from review_ui.signatures import server_key

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")


@pytest.fixture(params=[0o000, 0o022], ids=["umask 000", "umask 022"])
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def use(folder):
    with Workspace.open(folder) as workspace:
        with workspace.transaction() as session:
            session.connection().exec_driver_sql("CREATE TABLE t (x)")
        with open_log(workspace) as log:
            log.info("begun", run=1)
        write_trace(ValueError(), workspace.logs)
        server_key(folder)
        write_text(folder / "reports" / "1" / "report.html", "x", within=folder)
        beside = [folder / f"{DATABASE}{end}" for end in ("", "-wal", "-shm")]
        assert [mode(path) for path in beside if path.exists()] and beside[0].exists()
        assert list(open_to_others(folder)) == []


def test_a_workspace_is_private_with_all_in_it(umask, tmp_path):
    use(tmp_path / "above" / "ws")
    assert list(open_to_others(tmp_path / "above")) == []
    assert os.umask(umask) == umask, "the umask belongs to whoever calls us"


def test_a_folder_that_was_there_becomes_private_with_the_first_use(umask, tmp_path):
    (tmp_path / "ws").mkdir()
    use(tmp_path / "ws")


def test_a_workspace_of_the_version_before_is_tightened(umask, tmp_path):
    folder = tmp_path / "ws"
    use(folder)
    (folder / "notify.yaml").write_text("password: x")
    for kept in (book_hands, book_print, joined_scans, office_layouts, pictures):
        write_text(folder / kept.FOLDER / "1" / "x", "x", within=folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    with Workspace.open(folder, create=False):
        assert list(open_to_others(folder)) == []


def test_what_the_operator_put_beside_the_workspace_keeps_its_modes(tmp_path):
    scans = tmp_path / "scans"
    scans.mkdir()
    (scans / "1.jpg").write_bytes(b"x")
    for path, bits in ((tmp_path, 0o755), (scans, 0o755), (scans / "1.jpg", 0o644)):
        path.chmod(bits)
    with Workspace.open(tmp_path):
        found = list(open_to_others(tmp_path))
    assert found == [tmp_path, scans, scans / "1.jpg"]
    assert [mode(path) for path in found] == [0o755, 0o755, 0o644]


def test_links_are_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o755)
    outside.chmod(0o755)
    inside = tmp_path / "ws"
    inside.mkdir()
    inside.chmod(0o755)
    (inside / "link").symlink_to(outside)
    tighten(inside)
    assert mode(inside) == 0o700 and mode(outside) == 0o755


def test_doctor_names_what_is_open_to_others(tmp_path):
    folder = tmp_path / "ws"
    use(folder)
    [good] = [one for one in examine(folder) if one.name == "privacy"]
    assert good.health is Health.GOOD
    (folder / "reports" / "1" / "report.html").chmod(0o604)
    [poor] = [one for one in examine(folder) if one.name == "privacy"]
    assert poor.health is Health.POOR and "reports/1/report.html (604)" in poor.seen
    assert str(folder) in poor.remedy.vi


def test_what_belongs_to_somebody_else_is_no_error(tmp_path, monkeypatch):
    def refused(*_):
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.chmod", refused)
    make_private(tmp_path)


@pytest.mark.long
def test_after_a_run_and_an_export_nothing_is_open(tmp_path):
    """Child processes of the run, too."""
    program = (
        "import os, sys; os.umask(0); from ocr_pipeline.cli.app import run_program;"
        "sys.exit(run_program(sys.argv[1:]))"
    )
    scans = shutil.copytree(shipped("sample_scans") / "ks-1987", tmp_path / "scans" / "ks-1987")
    shutil.copy(shipped("sample_scans") / "books.csv", scans.parent)
    folder = tmp_path / "ws"
    for command in (
        ["run", str(scans.parent), "--workers", "1", "-w", str(folder)],
        ["export", "--all", "--draft", "-w", str(folder), "--out", str(folder / "drafts")],
        ["doctor", "-w", str(folder)],
    ):
        done = subprocess.run([sys.executable, "-c", program, *command], timeout=300, check=False)
        assert done.returncode in (0, 1)
    assert list((folder / "drafts").rglob("*.xls")) and list(open_to_others(folder)) == []
