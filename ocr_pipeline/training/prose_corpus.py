"""Vietnamese prose from free software: what the open language model learns common words from.

`python -m ocr_pipeline.training.prose_corpus OUT.txt.gz FOLDER…` collects sentences from HTML pages
and message catalogues (`.mo`). Debian's `libreoffice-help-vi`, `libreoffice-l10n-vi`,
`maint-guide-vi` and `/usr/share/locale/vi` hold some 35,000; unpack packages with `dpkg -x`.
"""

from __future__ import annotations

import argparse
import gettext
import gzip
import html
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ocr_pipeline.text.syllables import syllables

_CODE = re.compile(r"[<>{}\\|=%$@#~^_*]")
_WORD = re.compile(r"[^\W\d_]+")
_SHARE = 0.9  # of a sentence's words that must be Vietnamese syllables


def sentences(folders: Iterable[Path]) -> list[str]:
    """All different sentences of the folders' pages and catalogues, NFC, in order of the alphabet.

    Left out is what is not Vietnamese, has no marks at all, or looks like code.
    """
    return sorted({s for folder in folders for text in _texts(folder) for s in _split(text)})


def _texts(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.html")):
        page = path.read_text("utf-8", errors="ignore")
        page = re.sub(r"(?s)<(script|style).*?</\1>", "", page)
        yield html.unescape(re.sub(r"<[^>]+>", "\n", page))
    for path in sorted(folder.rglob("*.mo")):
        try:
            with path.open("rb") as file:
                catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        except (OSError, UnicodeDecodeError):
            continue
        yield from (re.sub(r"[_&](?=\w)", "", v) for k, v in catalogue.items() if k)


def _split(text: str) -> Iterator[str]:
    for part in re.split(r"\n+|(?<=[.!?]) ", unicodedata.normalize("NFC", text)):
        sentence = " ".join(part.split())
        words = _WORD.findall(sentence.lower())
        known = sum(word in syllables() for word in words)
        if 3 <= len(words) <= 60 and known >= _SHARE * len(words) and not _CODE.search(sentence):
            if not sentence.isascii():
                yield sentence


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="ocr_pipeline.training.prose_corpus")
    parser.add_argument("out", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    options = parser.parse_args(arguments)
    found = sentences(options.folders)
    data = "\n".join(found).encode()
    options.out.write_bytes(gzip.compress(data, mtime=0))
    print(f"{len(found)} sentences, {sum(len(s.split()) for s in found)} words")
    return 0


if __name__ == "__main__":
    sys.exit(main())
