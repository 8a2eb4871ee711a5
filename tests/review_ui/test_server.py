"""The real server in a process of its own: killed at any moment, used by many, refused to open."""

import signal
import socket
import subprocess
import threading

import httpx
import pytest

from ocr_pipeline.review import accounts
from ocr_pipeline.review.accounts import Role
from ocr_pipeline.store.entries import latest_entries
from ocr_pipeline.store.workspace import Workspace
from tests.builders.review_office import BOOK, PASSWORD, fill
from tests.builders.served_station import SERVE, PersonOnline, serving


@pytest.fixture
def workspace(tmp_path):
    with Workspace.open(tmp_path / "ws") as workspace:
        fill(workspace, tmp_path / "scans", records=12)
        yield workspace


def entries(workspace):
    """Values people entered, by page and code."""
    with workspace.read_session() as session:
        found = latest_entries(session, BOOK.id)
    return {(page, code): entry for (page, _, code), entry in found.items()}


def work_until_killed(workspace, moment):
    """Values the server said it has kept, by page and code, before it was killed.

    The kill comes `moment` seconds after the first acknowledgement, however slow the machine is.
    """
    kept = {}
    with serving(workspace.folder) as (address, process):
        person = PersonOnline(address, "an")
        items = [item for item in person.take(60) if item["kind"] == "person_name"]
        assert items
        killer = threading.Timer(moment, process.send_signal, [signal.SIGKILL])
        try:
            for number, item in enumerate(items):
                value = f"Nguyễn Văn {chr(ord('A') + number)}n"
                if person.correct(item, value):
                    kept[item["page_name"], item["code"]] = value
                if not number:
                    killer.start()
        except httpx.HTTPError:
            pass  # dead in the middle of a request
        killer.join()
    return kept


@pytest.mark.long
def test_a_killed_server_loses_nothing_that_was_acknowledged(workspace):
    accounts.create_user(workspace, "an", Role.OPERATOR, PASSWORD)
    kept = {}
    for moment in (0.04, 0.3):
        again = work_until_killed(workspace, moment)
        assert not set(kept) & set(again)  # it went on where it was
        kept |= again
    assert kept, "the server was killed before it had kept anything"
    found = entries(workspace)
    for place, value in kept.items():
        assert found[place].value == value


@pytest.mark.long
def test_many_people_at_once_lose_nothing_and_get_in_nobodys_way(workspace):
    names = ["an", "bình", "chi", "dũng"]
    for name in names:
        accounts.create_user(workspace, name, Role.OPERATOR, PASSWORD)
    got = {name: [] for name in names}
    faults = []
    all_are_there = threading.Barrier(len(names), timeout=100)

    def work(address, name):
        try:
            person = PersonOnline(address, name)
            all_are_there.wait()  # who signs in late on a busy machine would find little left
            while items := person.take(3):
                for item in items:
                    if item["crop"]:
                        assert person.client.get(item["crop"]["url"]).status_code == 200
                    if item["code"] == "nksHoTen":  # a signer tells of others: more would be asked
                        assert person.correct(item, f"Người của {name}")
                    else:
                        said = {"field": item["field"], "action": "unreadable"}
                        answer = person.client.post("/api/decide", json={"decisions": [said]})
                        assert answer.json()["outcomes"][0]["ok"], answer.text
                    got[name].append((item["page_name"], item["code"]))
        except Exception as error:
            faults.append(error)

    with serving(workspace.folder) as (address, _):
        threads = [threading.Thread(target=work, args=(address, name)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(150)
    assert not faults
    places = [place for own in got.values() for place in own]
    assert len(places) == len(set(places)) == 48
    found = entries(workspace)
    for name, own in got.items():
        assert all(found[place].user == name for place in own)
    assert min(len(own) for own in got.values()) >= 3  # everybody got a portion
    assert not list(workspace.logs.glob("sohoa-crash-*"))


def test_serve_says_what_to_open_and_who_is_missing(workspace):
    with serving(workspace.folder) as (address, process):
        assert httpx.get(f"{address}/login").status_code == 200
        told = "".join(process.stdout.readline() for _ in range(3))
        assert f"sohoa user add NAME --role admin --workspace {workspace.folder}" in told
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


@pytest.mark.long
def test_serve_refuses_the_network_without_tls_and_a_port_in_use(workspace):
    command = [*SERVE, "--workspace", str(workspace.folder)]
    refused = subprocess.run([*command, "--host", "0.0.0.0"], capture_output=True, text=True)
    assert refused.returncode == 2 and "--behind-tls" in refused.stderr
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        taken = subprocess.run([*command, "--port", port], capture_output=True, text=True)
    assert taken.returncode == 4 and "--port" in taken.stderr
    assert "Traceback" not in refused.stderr + taken.stderr
