"""Connections that mean no good: they keep nobody out, and nothing is smuggled through them."""

import resource
import signal
import socket
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlencode

import httpx
import pytest
import uvicorn

from ocr_pipeline.review import accounts
from ocr_pipeline.review.accounts import Role
from ocr_pipeline.store.workspace import Workspace
from review_ui.connections import LimitedConnection
from tests.builders.review_office import PASSWORD, fill
from tests.builders.served_station import PersonOnline, serving

HANG_SECONDS = 30
HALF_OPEN = (
    b"",
    b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ",
    b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 90\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nname=",
)
BEGIN = "POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n"
SMUGGLED = {
    "length and chunks": BEGIN + "Content-Length: 5\r\n" + CHUNKED + "\r\n0\r\n\r\n",
    "chunks and length": BEGIN + CHUNKED + "CONTENT-LENGTH: 5\r\n\r\n0\r\n\r\n",
    "two lengths": BEGIN + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "one length twice": BEGIN + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
    "signed length": BEGIN + "Content-Length: +1\r\n\r\na",
    "unknown coding": BEGIN + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "masked coding": BEGIN + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "coding twice": BEGIN + CHUNKED + CHUNKED + "\r\n0\r\n\r\n",
    "coding of 1.0": (BEGIN + CHUNKED + "\r\n0\r\n\r\n").replace("HTTP/1.1", "HTTP/1.0"),
    "line that goes on": BEGIN + "X-A: b\r\n Content-Length: 1\r\n\r\na",
    "coding that goes on": BEGIN + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "bare LF": BEGIN + "X-A: b\nContent-Length: 1\r\n\r\na",
    "bare LF at the end": BEGIN + "Content-Length: 1\r\n\na",
    "bare LF everywhere": (BEGIN + "\r\n").replace("\r\n", "\n"),
    "bare CR": BEGIN + "X-A: b\rContent-Length: 1\r\n\r\na",
    "space before the colon": BEGIN + "Content-Length : 1\r\n\r\na",
    "second request": "GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    + BEGIN
    + "Content-Length: 5\r\n"
    + CHUNKED
    + "\r\n0\r\n\r\n",
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("connections")
    with Workspace.open(folder / "ws") as workspace:
        fill(workspace, folder / "scans", records=4)
        accounts.create_user(workspace, "an", Role.OPERATOR, PASSWORD)
        yield workspace
        assert not list(workspace.logs.glob("sohoa-crash-*"))


@pytest.fixture(scope="module")
def station(workspace):
    """Host and port of a server that may open 256 files until it asks for more."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as stack:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
        try:
            address, _ = stack.enter_context(serving(workspace.folder))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
        yield address


def reached(address):
    url = httpx.URL(address)
    return socket.create_connection((url.host, url.port), timeout=HANG_SECONDS)


def all_received(connection):
    got = b""
    with suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            got += piece
    return got


def work(address):
    person = PersonOnline(address, "an")
    item = person.take(1)[0]
    if item["kind"] == "person_name":
        assert person.correct(item, "Nguyễn Văn An")
    else:
        said = {"field": item["field"], "action": "unreadable"}
        answer = person.client.post("/api/decide", json={"decisions": [said]})
        assert answer.json()["outcomes"][0]["ok"], answer.text
    person.client.close()


@pytest.mark.parametrize("count", [100, pytest.param(1000, marks=pytest.mark.long)])
def test_half_open_requests_keep_nobody_out(station, count):
    held = []
    try:
        for number in range(count):
            held.append(reached(station))
            held[-1].sendall(HALF_OPEN[number % len(HALF_OPEN)])
        work(station)
    finally:
        for connection in held:
            connection.close()


@pytest.mark.parametrize("case", SMUGGLED)
def test_a_request_whose_end_is_in_doubt_is_refused_and_nothing_follows(station, case):
    with reached(station) as connection:
        # In one piece: what arrives after the server closed resets the connection, and the
        # kernel then throws away answers that the client has not read yet.
        following = "GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        connection.sendall((SMUGGLED[case] + following).encode())
        answers = all_received(connection)  # ends because the server closes
    first = b"HTTP/1.1 200" if case == "second request" else b"HTTP/1.1 400"
    assert answers.startswith(first)
    assert answers.count(b"HTTP/1.1 ") == (2 if case == "second request" else 1)
    assert b"HTTP/1.1 400" in answers


@pytest.mark.parametrize("piece", [1, 7, 10_000])
def test_plain_requests_in_pieces_use_one_connection(station, piece):
    form = urlencode({"name": "an", "password": PASSWORD}).encode()
    head = BEGIN + "Content-Type: application/x-www-form-urlencoded\r\n"
    asked = (
        f"{head}Content-Length: {len(form)}\r\n\r\n".encode() + form,
        f"{head}{CHUNKED}\r\n{len(form):x}\r\n".encode() + form + b"\r\n0\r\nX-A: b\r\n\r\n",
    )
    with reached(station) as connection:
        for request in asked:
            for start in range(0, len(request), piece):
                connection.sendall(request[start : start + piece])
            with connection.makefile("rb") as answer:
                assert answer.readline().startswith(b"HTTP/1.1 303")
                while answer.readline() != b"\r\n":
                    pass


class Hasty(LimitedConnection):
    head_seconds = 0.4
    grace_seconds = 0.4
    bytes_per_second = 20
    look_seconds = 0.05


class Crowded(LimitedConnection):
    room = 8


async def application(scope, receive, send):
    """Answers with the size of the body, or with more than a socket holds."""
    if scope["type"] != "http":
        return
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message["body"])
        more = message["more_body"]
    body = bytes(50_000_000) if scope["path"] == "/large" else str(size).encode()
    length = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": length})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def hasty(**options):
    """A server with short limits in a thread, and where to reach it."""
    config = uvicorn.Config(
        application, port=0, lifespan="off", log_level="error", **{"http": Hasty} | options
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", server.server_state.connections
    finally:
        server.should_exit = True
        thread.join(HANG_SECONDS)


def until(happens):
    end = time.monotonic() + HANG_SECONDS
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("sent", [*HALF_OPEN, b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n"])
def test_who_sends_or_fetches_nothing_is_let_go(sent):
    with hasty() as (address, connections), reached(address) as connection:
        connection.sendall(sent)
        until(lambda: connections)
        until(lambda: not connections)


def test_a_head_in_drops_is_let_go():
    with hasty() as (address, _), reached(address) as connection:
        connection.sendall(HALF_OPEN[1])
        end = time.monotonic() + HANG_SECONDS
        with pytest.raises(OSError):
            while time.monotonic() < end:
                connection.sendall(b"a")
                time.sleep(0.02)


def test_a_slow_body_that_keeps_coming_is_taken_whole():
    with hasty() as (address, _), reached(address) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000\r\n\r\n")
        for _ in range(60):
            connection.sendall(bytes(50))
            time.sleep(0.02)  # 1.2 s in all, three times the grace
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")


def test_the_silent_go_first_and_an_answered_one_stays():
    with hasty(http=Crowded) as (address, connections):
        with httpx.Client(base_url=address, timeout=HANG_SECONDS) as client:
            client.get("/")
            (mine,) = connections
            held = [reached(address) for _ in range(40)]
            until(lambda: len(connections) == Crowded.room)
            assert client.post("/", content=b"abc").text == "3"
            assert mine in connections
            for connection in held:
                connection.close()


def test_strangers_go_before_the_proxy():
    behind = {"proxy_headers": True, "forwarded_allow_ips": "127.0.0.1"}
    with hasty(http=Crowded, **behind) as (address, connections), reached(address):
        until(lambda: connections)
        (of_the_proxy,) = connections
        url = httpx.URL(address)
        strangers = [
            socket.create_connection((url.host, url.port), HANG_SECONDS, ("127.0.0.2", 0))
            for _ in range(40)
        ]
        until(lambda: len(connections) == Crowded.room)
        assert of_the_proxy in connections
        for connection in strangers:
            connection.close()


@pytest.mark.long
def test_a_server_that_is_stopped_waits_for_no_half_open_request(workspace):
    held = []
    with serving(workspace.folder) as (address, process):
        for number in range(60):
            held.append(reached(address))
            held[-1].sendall(HALF_OPEN[number % len(HALF_OPEN)])
        assert httpx.get(f"{address}/login").status_code == 200  # all before have been taken in
        process.terminate()
        told = process.communicate(timeout=2 * HANG_SECONDS)[1]
        assert process.returncode in (0, -signal.SIGTERM)
    for one in held:
        one.close()
    assert "Traceback" not in told, told
