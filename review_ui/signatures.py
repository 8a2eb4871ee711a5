"""What this server signs with: form tokens and addresses of pictures."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer

from ocr_pipeline.store.files import written_once

FILE = "server.key"
_BYTES = 32


def server_key(folder: Path) -> bytes:
    """The workspace's signing key, made once; only the owner of the folder can read it."""
    path = folder / FILE
    if path.is_file():
        return path.read_bytes()
    return written_once(path, secrets.token_bytes(_BYTES))


class Signer:
    """Signs on behalf of one server.

    Args:
        key: the server's key.
        picture_hours: how long the address of a picture stays good.

    """

    def __init__(self, key: bytes, picture_hours: float) -> None:
        self._key = key
        self._seconds = int(picture_hours * 3600)

    def form_token(self, session: str) -> str:
        """The token that proves a request was made from a page of this session."""
        return hmac.new(self._key, b"form\0" + session.encode(), hashlib.sha256).hexdigest()

    def is_form_token(self, token: str, session: str) -> bool:
        """Whether `token` is the form token of this session."""
        return hmac.compare_digest(token.encode(), self.form_token(session).encode())

    def picture_token(self, user: str, what: list[Any]) -> str:
        """An address that shows a picture to `user` alone."""
        return self._serializer(user).dumps(what)

    def picture(self, user: str, token: str) -> list[Any] | None:
        """What a picture token of `user` stands for; None when forged, another's, or too old."""
        try:
            return list(self._serializer(user).loads(token, max_age=self._seconds))
        except (BadSignature, TypeError):
            return None

    def _serializer(self, user: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._key, salt=f"picture\0{user}")
