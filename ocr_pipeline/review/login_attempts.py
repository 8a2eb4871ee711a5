"""Failed logins of one running program: counted per name and address, bounded, by a clock that
never jumps.

The counts live in memory: wall clocks are set by hand and jump by days, and a monotonic clock
means nothing to another process. A station that starts anew gives five free tries again.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from threading import Lock
from weakref import WeakKeyDictionary

from ocr_pipeline.store.workspace import Workspace

LONGEST_WAIT_SECONDS = 15 * 60.0
LONGEST_PAUSE_SECONDS = 2.0

_FREE_TRIES = 5
_FIRST_WAIT_SECONDS = 15.0
_MOST_DOUBLINGS = 10  # beyond the longest wait already
_REMEMBERED_SECONDS = 3600.0
_FREE_NAMES = 10  # a whole office that starts its week behind one proxy
_PAUSE_STEP_SECONDS = 0.1
_MOST_ADDRESSES = 1000
_MOST_NAMES = 100  # of one address; 100 kB an address at names of 100 letters
_LONGEST_ADDRESS = 100
_NETWORK_BITS = 64  # one household or office has a whole /64 of IPv6


@dataclass(slots=True)
class _Failures:
    count: int
    last: float  # seconds of the clock
    secret: str


class LoginAttempts:
    """Who tried to log in from where, and failed.

    Attributes:
        clock: seconds of a clock that only goes forward; tests have their own.

    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._lock = Lock()
        self._found: OrderedDict[str, dict[str, _Failures]] = OrderedDict()

    def begin(self, name: str, address: str, secret: str) -> float:
        """Count an attempt as failed before its password is looked at.

        So many attempts at the same time gain nothing.

        Args:
            name: the login name, tidy; also one that does not exist.
            address: where the attempt comes from.
            secret: hash of the present password, "" without one; a new one ends the wait.

        Returns:
            Seconds until the next attempt counts, up to `LONGEST_WAIT_SECONDS`; 0 when this
            one does.

        """
        with self._lock:
            now = self.clock()
            names = self._names(_network(address), now)
            found = names.get(name)
            if found is None or found.secret != secret:
                if found is None and len(names) >= _MOST_NAMES:
                    del names[min(names, key=lambda one: (names[one].count, names[one].last))]
                found = names[name] = _Failures(0, now, secret)
            wait = found.last + _wait_seconds(found.count) - now
            if wait > 0:
                return min(wait, LONGEST_WAIT_SECONDS)
            found.count, found.last = found.count + 1, now
            return 0.0

    def succeed(self, name: str, address: str) -> None:
        """The attempt was good: it and the failures of this name from there count no more."""
        with self._lock:
            self._found.get(_network(address), {}).pop(name, None)

    def pause(self, name: str, address: str) -> float:
        """Seconds to let pass before an attempt is looked at, up to `LONGEST_PAUSE_SECONDS`.

        More than 0 where many other names failed from one address: somebody tries one password
        at all names. Nobody is refused: a person with the right password waits this long.
        """
        with self._lock:
            names = self._names(_network(address), self.clock())
            others = len(names) - (name in names) - _FREE_NAMES
            return min(max(0, others) * _PAUSE_STEP_SECONDS, LONGEST_PAUSE_SECONDS)

    def __len__(self) -> int:
        """How many pairs of name and address are remembered."""
        with self._lock:
            return sum(map(len, self._found.values()))

    def _names(self, network: str, now: float) -> dict[str, _Failures]:
        """Failures of one address by name, without those too old to count."""
        names = self._found.setdefault(network, {})
        self._found.move_to_end(network)
        for name in [n for n, one in names.items() if now - one.last > _REMEMBERED_SECONDS]:
            del names[name]
        while len(self._found) > _MOST_ADDRESSES:
            self._found.popitem(last=False)
        return names


def attempts_of(workspace: Workspace) -> LoginAttempts:
    """The failed logins of an open workspace in this process."""
    with _opening:
        return _by_workspace.setdefault(workspace, LoginAttempts())


_opening = Lock()
_by_workspace: WeakKeyDictionary[Workspace, LoginAttempts] = WeakKeyDictionary()


def _wait_seconds(failures: int) -> float:
    """How long a name waits after so many failures: doubling from failure to failure."""
    over = failures - _FREE_TRIES
    if over < 0:
        return 0.0
    doublings: int = 2 ** min(over, _MOST_DOUBLINGS)
    return min(_FIRST_WAIT_SECONDS * doublings, LONGEST_WAIT_SECONDS)


def _network(address: str) -> str:
    """What counts as one address: itself, or its network where one machine has many."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:_LONGEST_ADDRESS]
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        host_bits = 128 - _NETWORK_BITS
        return str(IPv6Address(int(parsed) >> host_bits << host_bits))
    return str(parsed)
