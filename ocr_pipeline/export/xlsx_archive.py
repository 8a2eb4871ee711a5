"""An `.xlsx` without the time at which it was packed: the same sheets give the same bytes."""

from __future__ import annotations

import io
import re
import zipfile

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")


def without_times(data: bytes) -> bytes:
    """The same archive without the time at which it was packed."""
    held = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as packed,
        zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as again,
    ):
        for entry in packed.infolist():
            content = packed.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>2000-01-01T00:00:00Z", content)
            info = zipfile.ZipInfo(entry.filename, _ZIP_TIME)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            again.writestr(info, content)
    return held.getvalue()
