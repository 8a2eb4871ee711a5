"""Processes watched by strace: whom they ask, where they write.

Every process that a watched one starts is watched, too. No root rights are needed.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from pathlib import Path

import psutil

#: Services of this machine that ask others for a name's address. Opening `/etc/hosts` asks nobody:
#: `tesseract --version` looks its own machine up there (libcurl makes OpenLDAP do so).
_RESOLVERS = ("/run/systemd/resolve/", "/run/avahi-daemon/")
_SOCKET = re.compile(r'sun_path="([^"]+)"')
_CALLS = "connect,sendto,sendmsg,sendmmsg,open,openat,creat,mkdir,mkdirat"
_OPENED = re.compile(
    r'\b(?:open|openat|creat|mkdir|mkdirat)\((?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"([^"]*)"(.*)'
)
_ADDRESS = re.compile(
    r'sin6?_port=htons\((\d+)\).*?(?:inet_addr|inet_pton)\((?:AF_INET6, )?"([^"]+)'
)
_DNS_PORT = 53


class CannotWatch(Exception):
    """No process can be watched here; the message says why."""


@dataclass(frozen=True)
class Deeds:
    """What a watched process and all that it started did.

    Attributes:
        asked: addresses as `host:port` on other machines, or of a name server on this one; sockets
            of services that find out the address of a name.
        written: files opened for writing and folders made, whether or not that succeeded.

    """

    asked: set[str]
    written: set[Path]


@cache
def require_strace() -> None:
    """Raises `CannotWatch` where strace is missing or may not watch."""
    if shutil.which("strace") is None:
        raise CannotWatch("strace is not installed (apt-get install strace)")
    tried = subprocess.run(
        ["strace", "-f", "-o", os.devnull, "true"], capture_output=True, text=True, timeout=30
    )
    if tried.returncode:
        raise CannotWatch(f"strace may not watch here: {tried.stderr.strip()}")


def watched(command: list[str], log: Path) -> list[str]:
    """The command that runs another one and writes what it does to a file."""
    require_strace()
    options = ["-f", "-qq", "-y", "--seccomp-bpf", "-s", "4096", "-e", f"trace={_CALLS}"]
    return ["strace", *options, "-e", "signal=none", "-o", str(log), *command]


def stop(process: subprocess.Popen) -> None:
    """End what a process of `watched` watches, as SIGTERM does; strace ends with it."""
    for child in psutil.Process(process.pid).children():
        child.terminate()
    process.wait(60)


def deeds(log: Path, folder: Path) -> Deeds:
    """Read what strace has written of a process that was started in `folder`."""
    asked, written = set(), set()
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        for port, host in _ADDRESS.findall(line):
            if int(port) == _DNS_PORT or not ip_address(host).is_loopback:
                asked.add(f"{host}:{port}")
        asked |= {path for path in _SOCKET.findall(line) if path.startswith(_RESOLVERS)}
        if opened := _OPENED.search(line):
            parent, name, rest = opened.groups()
            path = folder / _plain(parent or "") / _plain(name)
            if re.search("O_CREAT|O_WRONLY|O_RDWR", rest) or "open" not in opened[0]:
                written.add(path)
    return Deeds(asked, written)


def _plain(quoted: str) -> str:
    """A string of strace's, which writes bytes outside of ASCII in octal, as it was."""
    return quoted.encode("latin-1").decode("unicode_escape").encode("latin-1").decode("utf-8")
