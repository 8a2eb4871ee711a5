"""The key of a workspace's audit trail: a file beside the database, never in it.

Who can write into the database alone can neither add a line to the trail nor change a row that one
of its lines tells of without being found: both carry digests made with this key. They are keyed,
not plain hashes, because most values are short: the hash of a name or a number is found again by
hashing all names and numbers. Who has the key as well is found only by a head noted elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from ocr_pipeline.store.files import file_errors_explained, written_once

KEY_FILE = "trail.key"

_BYTES = 32
_DIGITS = 32  # hexadecimal: 128 bits, so that a million pages carry 32 MB of them


def trail_key(folder: Path) -> bytes:
    """The key of the workspace in `folder`, made when it is first asked for (mode 0600).

    Raises:
        MachineError: the folder cannot be written to; `DiskFullError` where the disk is full.

    """
    if (kept := kept_key(folder)) is not None:
        return kept
    with file_errors_explained(folder):
        return written_once(folder / KEY_FILE, secrets.token_hex(_BYTES).encode())


def kept_key(folder: Path) -> bytes | None:
    """The key of the workspace in `folder`; None when it has none (any more)."""
    with suppress(FileNotFoundError):
        return (folder / KEY_FILE).read_bytes()
    return None


def keyed_digest(key: bytes, *parts: Any) -> str:
    """A digest of these parts (JSON-able) that only who has the key can make: 32 hex digits."""
    told = json.dumps(parts, ensure_ascii=False, sort_keys=True).encode("utf-8")
    return hmac.new(key, told, hashlib.sha256).hexdigest()[:_DIGITS]
