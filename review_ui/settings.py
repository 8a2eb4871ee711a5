"""Choices of one running server: who may reach it, under which name, and how much it takes in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from ocr_pipeline.errors import Text, UsageError
from ocr_pipeline.review.uploads import UploadLimits

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Settings:
    """How the server is reached, and its limits.

    Attributes:
        public_url: address people type when a TLS reverse proxy stands in front
            (`https://sohoa.example`); "" when they come straight to a loopback address.
        max_body: bytes of a request that are still taken in.
        picture_hours: how long the address of a picture stays good.
        memory_mb: memory for pictures held ready.
        prepare: make the pictures of waiting pages before anybody asks.
        lock_after: time without key, click or touch after which a page covers itself and asks for
            the password; shorter than `accounts.IDLE`, after which the server ends the session and
            gives back what the person held.
        max_upload: bytes of a file that is sent to be imported.
        scans: folder of scans that imports go to and runs read; None for `scans` in the workspace.

    """

    public_url: str = ""
    max_body: int = 1_000_000
    picture_hours: float = 12.0
    memory_mb: int = 256
    prepare: bool = True
    lock_after: timedelta = timedelta(minutes=10)
    max_upload: int = UploadLimits().file_bytes
    scans: Path | None = None

    @property
    def secure(self) -> bool:
        """Whether people come by TLS."""
        return self.public_url.startswith("https://")

    @property
    def cookie(self) -> str:
        """Name of the session cookie; with TLS the browser itself guards `__Host-` names."""
        return "__Host-sohoa" if self.secure else "sohoa"

    def known_host(self, host: str) -> bool:
        """Whether a `Host` header names this server (others are tricks with foreign DNS names)."""
        name = (urlsplit(f"//{host}").hostname or "").lower()
        return name in LOOPBACK_NAMES or (bool(self.public_url) and name == self._public_name)

    def own_origin(self, origin: str, host: str) -> bool:
        """Whether an `Origin` header is this server itself, reached under `host`."""
        if self.public_url:
            return origin == self._public_origin
        return origin == f"http://{host}"

    @property
    def _public_name(self) -> str:
        return (urlsplit(self.public_url).hostname or "").lower()

    @property
    def _public_origin(self) -> str:
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}".lower()


def checked_address(host: str, public_url: str) -> None:
    """Refuse to be reachable from other machines unless TLS stands in front.

    Args:
        host: address to listen on.
        public_url: what `Settings.public_url` will be.

    Raises:
        UsageError: `host` is no loopback address and `public_url` is not given, or the latter is
            not an https address.

    """
    if public_url:
        parts = urlsplit(public_url)
        if parts.scheme != "https" or not parts.hostname or parts.path not in ("", "/"):
            raise UsageError(
                Text(
                    "Địa chỉ sau --behind-tls phải có dạng https://tên-máy",
                    "The address after --behind-tls must look like https://name",
                ),
                where=public_url,
            )
    elif not is_loopback(host):
        raise UsageError(
            Text(
                "Từ chối mở ra mạng khi không có TLS: mật khẩu và dữ liệu hộ tịch sẽ đi qua mạng "
                "mà không được mã hóa",
                "Refusing to be reachable from the network without TLS: passwords and civil-status "
                "data would travel unencrypted",
            ),
            where=host,
            remedy=Text(
                "Dùng 127.0.0.1, hoặc đặt một máy chủ ủy quyền TLS phía trước và thêm "
                "--behind-tls https://tên-máy (xem docs/vi/installation.md)",
                "Use 127.0.0.1, or put a TLS reverse proxy in front and add "
                "--behind-tls https://name (see docs/en/installation.md)",
            ),
        )


def checked_proxy(proxy: str) -> None:
    """Refuse to believe what anybody says about where a request comes from.

    Args:
        proxy: address of the proxy, or several or networks, with commas between them.

    Raises:
        UsageError: it names no addresses, or all there are.

    """
    try:
        networks = [ip_network(part.strip()) for part in proxy.split(",")]
    except ValueError:
        networks = []
    if not networks or any(network.prefixlen == 0 for network in networks):
        raise UsageError(
            Text(
                "--proxy phải là địa chỉ IP của máy chủ ủy quyền, không phải mọi địa chỉ",
                "--proxy must be the IP address of the proxy, not every address",
            ),
            where=proxy[:100],
            remedy=Text("Ví dụ: --proxy 10.0.0.2", "For example: --proxy 10.0.0.2"),
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine itself can reach `host`."""
    if host in LOOPBACK_NAMES:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
