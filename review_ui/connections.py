"""One connection of the station: what is no plain HTTP is refused, who keeps nothing coming goes.

uvicorn limits the time of idle connections only. A connection that says nothing, a head that never
ends, a body that never comes and an answer that nobody fetches would stay for ever.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from enum import Enum
from typing import Any

import h11
from h11._receivebuffer import ReceiveBuffer
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol

# Proxies keep a connection for later requests: nginx 60 s, Caddy 120 s. The side that knows of the
# next request is the one to close, or a decision is sent into a connection that has just gone.
KEEP_ALIVE_SECONDS = 130

_BARE_LF = re.compile(rb"(?<!\r)\n")


class _Phase(Enum):
    HEAD = "head of a request"
    BODY = "body of a request"
    ANSWER = "work on an answer"
    KEPT = "kept for a later request"


class LimitedConnection(H11Protocol):
    """HTTP/1.1 by h11, strict about where a request ends, with limits on time and number.

    Attributes:
        room: connections that may be open at once. With one more, the one that has been silent
            longest goes: first those that did not come through the proxy, then those that never
            asked for anything. One whose request is being answered never goes.
        head_seconds: from the opening, or the first byte of a later request, to the end of a head.
        grace_seconds: what a body may take in any case, and how long nobody need fetch an answer.
        bytes_per_second: what a body must bring, and an answer must lose, after `grace_seconds`.
        look_seconds: between two looks at the limits.

    """

    room = 512
    head_seconds = 10.0
    grace_seconds = 20.0
    bytes_per_second = 500
    look_seconds = 1.0

    def __init__(
        self,
        config: Config,
        server_state: Any,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn._receive_buffer = _StrictBuffer()
        self._phase = _Phase.HEAD
        self._since = self.loop.time()  # when the phase began, less what we did not read
        self._heard = self._since  # when the last bytes came
        self._received = 0  # bytes in this phase
        self._unsent = 0  # bytes at the last look
        self._stalled_seconds = 0.0
        self._look_again: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Make room, and begin to watch the clock."""
        super().connection_made(transport)
        if len(self.connections) > self.room:
            self._make_room()
        self._look_again = self.loop.call_later(self.look_seconds, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Watch no more."""
        if self._look_again is not None:
            self._look_again.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes in."""
        self._heard = self.loop.time()
        self._received += len(data)
        super().data_received(data)
        self._note_phase()

    def on_response_complete(self) -> None:
        """Go on with what came meanwhile."""
        super().on_response_complete()
        self._note_phase()

    def resume_writing(self) -> None:
        """Note that somebody fetches the answer."""
        self._stalled_seconds = 0.0
        super().resume_writing()

    def shutdown(self) -> None:
        """End with the server: what has not been asked for in full is not waited for."""
        if self._phase in {_Phase.HEAD, _Phase.BODY}:
            self.transport.abort()
        else:
            super().shutdown()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be understood; in the midst of an answer nothing more can be said."""
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            super().send_400_response(msg)
        else:
            self.transport.close()

    def _note_phase(self) -> None:
        state = self.conn.their_state
        if state is h11.SEND_BODY:
            phase = _Phase.BODY
        elif state is not h11.IDLE:
            phase = _Phase.ANSWER
        else:
            phase = _Phase.HEAD if self.timeout_keep_alive_task is None else _Phase.KEPT
        if phase is not self._phase:
            self._phase, self._since, self._received = phase, self.loop.time(), 0

    def _look(self) -> None:
        if self.flow.read_paused:
            self._since += self.look_seconds
        if self._too_slow() or self._not_fetched():
            self.transport.abort()  # close() would wait for the other side
        else:
            self._look_again = self.loop.call_later(self.look_seconds, self._look)

    def _too_slow(self) -> bool:
        spent = self.loop.time() - self._since
        if self._phase is _Phase.HEAD:
            return spent > self.head_seconds
        if self._phase is _Phase.BODY:
            return spent > self.grace_seconds + self._received / self.bytes_per_second
        return False

    def _not_fetched(self) -> bool:
        unsent = self.transport.get_write_buffer_size()
        least = self.bytes_per_second * self.look_seconds
        if unsent and unsent > self._unsent - least:
            self._stalled_seconds += self.look_seconds
        else:
            self._stalled_seconds = 0.0
        self._unsent = unsent
        return self._stalled_seconds > self.grace_seconds

    def _make_room(self) -> None:
        others = [
            each
            for each in self.connections
            if isinstance(each, LimitedConnection)
            and each._may_go()
            and not each.transport.is_closing()
            and each is not self
        ]
        if others:
            min(others, key=LimitedConnection._worth).transport.abort()

    def _may_go(self) -> bool:
        return self._phase is not _Phase.ANSWER or self._stalled_seconds > self.look_seconds

    def _worth(self) -> tuple[bool, bool, float]:
        known = not self.config.proxy_headers or (
            self.client is not None and self.client[0] == self.config.forwarded_allow_ips
        )
        answered = self.cycle is not None and self.cycle.response_complete
        return known, answered, self._heard


class _StrictBuffer(ReceiveBuffer):
    """Refuses heads that another server could end, or measure, elsewhere than h11 does.

    h11 takes Content-Length together with Transfer-Encoding, lines that go on in the next one and
    lines that end in a bare LF; a proxy that takes them otherwise lets a second request through.
    """

    def maybe_extract_lines(self) -> list[bytearray] | None:
        """Lines of a head (or of what follows a chunked body), or None before its end.

        Raises:
            h11.LocalProtocolError: the head is not plain.

        """
        if self._data.startswith(b"\r\n"):
            self._extract(2)
            return []
        seen = self._multiple_lines_search
        end = self._data.find(b"\r\n\r\n", max(0, seen - 3))
        if _BARE_LF.search(self._data, seen, len(self._data) if end < 0 else end):
            raise h11.LocalProtocolError("a line of the head ends without CR")
        if end < 0:
            self._multiple_lines_search = len(self._data)
            return None
        lines = self._extract(end + 4)[:-4].split(b"\r\n")
        _check_framing(lines)
        return lines


def _check_framing(lines: list[bytearray]) -> None:
    if any(line.startswith((b" ", b"\t")) for line in lines):
        raise h11.LocalProtocolError("a line of the head goes on in the next one")
    names = Counter(bytes(line.partition(b":")[0]).lower() for line in lines)
    lengths, codings = names[b"content-length"], names[b"transfer-encoding"]
    if lengths + codings > 1:
        raise h11.LocalProtocolError("the length of the body is told more than once")
    if codings and lines[0].endswith(b"HTTP/1.0"):
        raise h11.LocalProtocolError("HTTP/1.0 knows no Transfer-Encoding")
