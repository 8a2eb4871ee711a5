import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from ocr_pipeline.batch.results import results

SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
import fake_stages
from ocr_pipeline.batch.run import Conditions, Means, run
from ocr_pipeline.store.workspace import Workspace
means = Means(work=fake_stages.work, fingerprint=lambda _: "f1", judge=fake_stages.judge)
if __name__ == "__main__":
    run(Workspace.open({ws!r}), Path({scans!r}), conditions=Conditions(workers=2), means=means)
"""


def test_killed_at_any_moment_the_next_run_goes_on_and_ends_the_same(office, tmp_path):
    office.book("ks1", {f"{n}.png": f"slow {n}" for n in range(1, 13)})
    script = tmp_path / "script.py"
    script.write_text(
        SCRIPT.format(
            tests=str(Path(__file__).parent),
            ws=str(tmp_path / "killed"),
            scans=str(office.scans),
        )
    )
    process = subprocess.Popen([sys.executable, str(script)])
    deadline = time.monotonic() + 20
    while len(office.called()) < 5 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    at_kill = office.called()
    assert 5 <= len(at_kill) < 12
    time.sleep(1.0)
    assert len(office.called()) <= len(at_kill) + 2  # the workers died with their parent

    before = len(office.called())
    subprocess.run([sys.executable, str(script)], check=True)
    repeated = len(office.called()) - 12
    assert repeated <= 2, "at most one page a worker is done again"
    assert len(office.called()) > before

    office.run(workers=2)  # the same, never interrupted
    from ocr_pipeline.store.workspace import Workspace

    [book] = ["xalocthuan_hbd_tbt.KS.2016.01"]
    with Workspace.open(tmp_path / "killed") as killed:
        assert list(results(killed, book)) == list(results(office.workspace, book))
