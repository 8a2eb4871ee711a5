"""A process that is killed at any moment loses no edit that it had acknowledged."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ocr_pipeline.review import audit
from ocr_pipeline.store.workspace import Workspace
from tests.builders import edit_saver

pytestmark = pytest.mark.databases("sqlite", "postgresql")

SAVER = Path(edit_saver.__file__)


def start(station, user, fields):
    command = [sys.executable, str(SAVER), station.location, user, *map(str, fields)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def kill_after(process, lines, seconds):
    """Wait for some acknowledgements, then a moment, and kill; returns all that were given."""
    told = [process.stdout.readline() for _ in range(lines)]
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate()
    whole = "".join(told) + rest
    return [line.split("\t") for line in whole[: whole.rfind("\n")].split("\n")]


@pytest.mark.long
def test_two_savers_killed_again_and_again(station):
    station.book([{"so": f"{62 + i}/2017", "?nksHoTen": 0.5} for i in range(4)])
    fields = [station.field(page, "nksHoTen") for page in (1, 2, 3, 4)]
    acknowledged = []
    for round_, seconds in enumerate((0.0, 0.03)):
        # two people on the same fields, so that each meets what the other has saved
        savers = [start(station, user, fields) for user in ("an", "binh")]
        for saver in savers:
            acknowledged += kill_after(saver, 5 + round_, seconds)
    assert len(acknowledged) > 20
    with Workspace.open(station.location) as ws:
        assert audit.verify(ws) is None
    kept = {entry.id: entry for entry in station.entries()}
    for number, _, value in acknowledged:
        assert kept[int(number)].value == value
    bases = [entry.base for entry in kept.values() if entry.base]
    assert len(bases) == len(set(bases)), "two entries answer the same one: one was written over"
    for field in fields:
        newest = max(entry.id for entry in kept.values() if entry.page == page_of(station, field))
        assert station.row(field).entry == newest
        assert station.row(field).value == kept[newest].value


def page_of(station, field):
    from ocr_pipeline.store.models import RecordRow

    with station.ws.read_session() as session:
        return session.get_one(RecordRow, station.row(field).record).page
