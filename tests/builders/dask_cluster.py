"""A Dask cluster of real processes for tests, started with Dask's own commands."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from ocr_pipeline.batch.cluster import ClusterExecutor
from ocr_pipeline.batch.cluster.host_identity import PAGE_STAGE
from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.processing.page import PageJob
from tests.builders import fake_stages
from tests.builders.ports import free_port

FINGERPRINT = "SOHOA_TEST_FINGERPRINT"
ROOT = Path(__file__).parents[2]  # `tests` is found there


def identity(job) -> dict[str, str]:
    """What hosts of a test compare: as their environment says."""
    found = os.environ.get(FINGERPRINT, "f1")
    return {PAGE_STAGE: found} if isinstance(job, PageJob) else {"judging": found}


LACKS = "SOHOA_TEST_LACKS"


def work(job):
    """As `fake_stages.work`, on a host that may lack something."""
    if os.environ.get(LACKS):
        raise MachineError(Text("Thiếu Tesseract", "Tesseract is missing"))
    return fake_stages.work(job)


def executor(**options):
    """Makes a cluster's executor for `Means`."""

    def make(conditions, limits, fingerprint):
        return ClusterExecutor(
            conditions.scheduler, limits, fingerprint, identity_of=identity, **options
        )

    return make


class DaskCluster:
    """A scheduler and workers on this machine.

    Args:
        folder: for logs and scratch files.
        host: address at which the scheduler listens.
        prefixes: what goes before each node's commands, e.g. `ip netns exec …`, by its name.

    """

    def __init__(self, folder: Path, host: str = "127.0.0.1", prefixes=None) -> None:
        self._folder, self._host, self._port = folder, host, free_port()
        self._prefixes = prefixes or {}
        self._processes: dict[str, subprocess.Popen] = {}
        self._commands: dict[str, tuple] = {}
        self._lock, self._over = threading.Lock(), threading.Event()
        self._keeper: threading.Thread | None = None
        folder.mkdir(exist_ok=True)

    @property
    def address(self) -> str:
        return f"tcp://{self._host}:{self._port}"

    def start_scheduler(self) -> None:
        self._start(
            "scheduler",
            ["scheduler", "--host", self._host, "--port", str(self._port), "--no-dashboard"],
        )

    def start_worker(self, name: str, threads: int = 1, nanny: bool = False, **environment) -> None:
        command = ["worker", self.address, "--nthreads", str(threads), "--name", name]
        command += ["--no-dashboard", "--local-directory", str(self._folder / name)]
        command += [] if nanny else ["--no-nanny"]
        if name in self._prefixes:
            command += ["--interface", "eth0"]
        self._start(name, command, environment)

    def keep(self) -> None:
        """From now on, start again whatever ends by itself, like systemd's `Restart=always`."""
        self._keeper = threading.Thread(target=self._keep_up, daemon=True)
        self._keeper.start()

    def kill(self, name: str) -> None:
        """SIGKILL, for good; nothing has time to say good-bye."""
        with self._lock:
            process = self._processes.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def log(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text()

    def logs(self) -> str:
        return "".join(path.read_text() for path in sorted(self._folder.glob("*.log")))

    def close(self) -> None:
        self._over.set()
        if self._keeper is not None:
            self._keeper.join()
        for process in self._processes.values():
            process.terminate()
        deadline = time.monotonic() + 2
        for name in list(self._processes):
            with suppress(subprocess.TimeoutExpired):
                self._processes[name].wait(max(0.1, deadline - time.monotonic()))
            self.kill(name)

    def _keep_up(self) -> None:
        while not self._over.wait(0.2):
            with self._lock:
                ended = [name for name, one in self._processes.items() if one.poll() is not None]
                for name in ended:
                    self._start(name, *self._commands[name])

    def _start(self, name: str, command: list[str], environment=None) -> None:
        self._commands[name] = command, environment
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        with (self._folder / f"{name}.log").open("a") as log:
            self._processes[name] = subprocess.Popen(
                [*self._prefixes.get(name, []), sys.executable, "-m", "dask", *command],
                env={**os.environ, "PYTHONPATH": path, **(environment or {})},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
