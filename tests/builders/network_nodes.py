"""Network namespaces, one for each node of a cluster: nodes meet over a bridge, as over a switch.

Needs root and `ip` (iproute2). All see the same files, like hosts with a shared folder.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class NotPermitted(Exception):
    """This machine does not allow it, or lacks `ip`."""


class Network:
    """Nodes `10.88.7.2`, `10.88.7.3` …; this process is at `10.88.7.1`."""

    HERE = "10.88.7.1"

    def __init__(self, tag: str) -> None:
        self._tag, self._bridge = tag, f"{tag}br"
        self.nodes: dict[str, str] = {}

    def prefix(self, name: str) -> list[str]:
        """What goes before a command so that it runs on a node."""
        return ["ip", "netns", "exec", f"{self._tag}-{name}"]

    def cut(self, name: str) -> None:
        """Pull the plug: the node's packets vanish without a word."""
        _ip("link", "set", self._wire(name), "down")

    def mend(self, name: str) -> None:
        """Put it in again."""
        _ip("link", "set", self._wire(name), "up")

    def _wire(self, name: str) -> str:
        return f"{self._tag}v{list(self.nodes).index(name)}"

    def _lay(self, names: list[str]) -> None:
        _ip("link", "add", self._bridge, "type", "bridge")
        _ip("addr", "add", f"{self.HERE}/24", "dev", self._bridge)
        _ip("link", "set", self._bridge, "up")
        for number, name in enumerate(names):
            space, wire = f"{self._tag}-{name}", f"{self._tag}v{number}"
            self.nodes[name] = f"10.88.7.{number + 2}"
            _ip("netns", "add", space)
            _ip("link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", space)
            _ip("link", "set", wire, "master", self._bridge, "up")
            _ip("-n", space, "addr", "add", f"{self.nodes[name]}/24", "dev", "eth0")
            _ip("-n", space, "link", "set", "eth0", "up")
            _ip("-n", space, "link", "set", "lo", "up")

    def _clear(self) -> None:
        for name in self.nodes:
            with suppress(NotPermitted):
                _ip("netns", "del", f"{self._tag}-{name}")
        with suppress(NotPermitted):
            _ip("link", "del", self._bridge)


@contextmanager
def network(names: list[str]) -> Iterator[Network]:
    """A network with these nodes; it is gone afterwards.

    Raises:
        NotPermitted: there can be none here.

    """
    if shutil.which("ip") is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        raise NotPermitted("network namespaces need root and iproute2")
    net = Network(f"so{os.getpid() % 100000}")
    try:
        net._lay(names)
        yield net
    finally:
        net._clear()


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True)
    if done.returncode:
        raise NotPermitted(f"ip {' '.join(words)}: {done.stderr.strip()}")
