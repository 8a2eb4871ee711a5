"""A real Label Studio server on this machine, in a virtual environment of its own.

It is installed once into `.venv-label-studio/` beside `.venv/` (some 700 MB, a few minutes) and
kept, with a database that is ready: making one takes about as long as all tests that use it.
`SOHOA_LABEL_STUDIO` may name another environment's `label-studio` program.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.builders.ports import free_port

ROOT = Path(__file__).parents[2]
VENV = ROOT / ".venv-label-studio"
VERSION = "1.23.2"
EMAIL, PASSWORD, KEY = "lan@xa.example", "mat khau rat dai", "5" * 40
_INSTALL_SECONDS, _START_SECONDS = 1500, 600


class NotInstalled(Exception):
    """Label Studio cannot be had here; the message says why."""


class RunningServer:
    """A server with one account, whose data lie in `folder`."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.key = KEY
        self._data = folder / "label_studio.sqlite3"
        self._ready = program.parents[1] / f"label_studio-{VERSION}.sqlite3"
        if self._ready.is_file():
            shutil.copy(self._ready, self._data)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / "server.log"
        environment = os.environ | {
            "COLLECT_ANALYTICS": "false",
            "LATEST_VERSION_CHECK": "false",
            "SENTRY_DSN": "",
            "FRONTEND_SENTRY_DSN": "",
            "DEBUG": "false",
            "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
            "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
        }
        command = [
            program, "start", "--data-dir", folder, "--internal-host", "127.0.0.1",
            "--port", self.port, "--no-browser", "--username", EMAIL, "--password", PASSWORD,
            "--user-token", self.key, "--log-level", "ERROR",
        ]  # fmt: skip
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(part) for part in command],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait(self) -> None:
        """Until it answers."""
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            if self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=5):
                    return self._keep()
            except (urllib.error.URLError, OSError):
                time.sleep(0.5)
        self.stop()
        raise RuntimeError(f"Label Studio did not start:\n{self._log.read_text()[-2000:]}")

    def _keep(self) -> None:
        """Keep the fresh database for the next time."""
        if self._ready.is_file():
            return
        part = self._ready.with_suffix(".part")
        part.unlink(missing_ok=True)
        with sqlite3.connect(self._data) as fresh, sqlite3.connect(part) as copy:
            fresh.backup(copy)
        copy.close()
        fresh.close()
        part.replace(self._ready)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def program() -> Path:
    """The `label-studio` program; installed when it is missing.

    Raises:
        NotInstalled: with the reason.

    """
    given = os.environ.get("SOHOA_LABEL_STUDIO")
    if given:
        return Path(given)
    found = VENV / ("Scripts" if os.name == "nt" else "bin") / "label-studio"
    stamp = VENV / f".label-studio-{VERSION}"
    if not stamp.exists():
        _install()
        stamp.touch()
    return found


def _install() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True, timeout=300)
        python = VENV / ("Scripts" if os.name == "nt" else "bin") / "python"
        subprocess.run(
            [str(python), "-m", "pip", "install", "-q", f"label-studio=={VERSION}"],
            check=True,
            timeout=_INSTALL_SECONDS,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
    except (subprocess.SubprocessError, OSError) as error:
        shutil.rmtree(VENV, ignore_errors=True)
        said = getattr(error, "stderr", b"") or b""
        last = said.decode(errors="replace").strip().splitlines()[-1:] or [type(error).__name__]
        raise NotInstalled(f"pip install label-studio=={VERSION}: {last[0]}") from error
