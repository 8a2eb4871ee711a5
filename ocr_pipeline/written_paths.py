"""How a path is written where only text can stand: the database, JSON, screens, a terminal.

Names of files are bytes. A name from an archive made on Windows may be no UTF-8, and any name may
hold a line break. Such bytes are written as `<E1>`, `<0A>`: people can read the name, and
`unwritten` gives the path back exactly.
"""

from __future__ import annotations

import codecs
import os
import re

#: Control characters, marks that turn the direction of writing, and bytes that are no UTF-8.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_MARK = re.compile("<(?:[89A-F][0-9A-F]|[01][0-9A-F]|7F|3C)>")
_MARK_BYTES = re.compile(_MARK.pattern.encode())

WRITTEN_ERRORS = "written"
"""Name of the codec error handler under which a stream writes what is no UTF-8 as `<E1>`."""


def written(path: str | os.PathLike[str]) -> str:
    """The path as text that can be stored and shown; an ordinary path stays as it is."""
    text = os.fspath(path)
    return shown(_MARK.sub(lambda mark: f"<3C>{mark[0][1:]}", text))


def unwritten(text: str) -> str:
    """The path that `written` was given."""
    if not _MARK.search(text):
        return text
    data = _MARK_BYTES.sub(lambda mark: bytes([int(mark[0][1:3], 16)]), os.fsencode(text))
    return os.fsdecode(data)


def shown(text: str) -> str:
    """A name in one line of text; what `written` gave stays as it is."""
    return _UNFIT.sub(_marked, text)


def storable(text: str) -> str:
    """A message whose paths may hold bytes that are no UTF-8, as text; its line breaks stay."""
    return _SURROGATES.sub(_marked, text.replace("\x00", "<00>"))


def _marked(found: re.Match[str]) -> str:
    try:
        data = found[0].encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character of Windows' own encoding
        data = found[0].encode("utf-8", "surrogatepass")
    return "".join(f"<{byte:02X}>" for byte in data)


def _write_unfit(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    left = error.object[error.start : error.end]
    return storable(left) if _SURROGATES.search(left) else "?" * len(left), error.end


codecs.register_error(WRITTEN_ERRORS, _write_unfit)
