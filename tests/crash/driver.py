"""Starts runs for crash tests: a process that has everything imported and forks a run when asked.

Reads one JSON object a line from stdin and answers each with one on stdout:
`{"do": "start", …}` → `{"pid"}`; `{"do": "wait", "pid"}` → `{"status"}` as `Popen.returncode`;
`poll` is `wait` without waiting (null while it goes on).
The forked process is the supervisor; its workers are started as always (spawn).
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from pathlib import Path

TOKEN = "SOHOA_CRASH_TOKEN"
"""Environment variable of all processes of a test: nobody of them may be left over."""


def main() -> None:
    from tests.crash import (
        supervisor,  # all that is heavy: workers, which import this file, do without
    )

    supervisor.warm_up()
    with os.fdopen(os.dup(1), "w", buffering=1) as answers:
        for line in sys.stdin:
            order = json.loads(line)
            if order["do"] == "start":
                pid = os.fork()
                if not pid:
                    become(supervisor, order)
                answers.write(json.dumps({"pid": pid}) + "\n")
            else:
                pid, status = os.waitpid(order["pid"], os.WNOHANG if order["do"] == "poll" else 0)
                code = os.waitstatus_to_exitcode(status) if pid else None
                answers.write(json.dumps({"status": code}) + "\n")


def become(supervisor, order) -> None:
    """Be the supervisor that the order asks for; never returns."""
    code = 70
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.environ.update(order["environment"])
        null, log = os.open(os.devnull, os.O_RDONLY), Path(order["log"])
        told = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        for target, source in ((0, null), (1, told), (2, told)):
            os.dup2(source, target)
        if user := order.get("user"):
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        code = supervisor.obey(order)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
