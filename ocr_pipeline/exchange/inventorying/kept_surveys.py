"""Surveys of books that were looked at already, so that a stopped inventory goes on."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ocr_pipeline.books.folder_walk import files_below
from ocr_pipeline.errors import Text
from ocr_pipeline.exchange.inventorying.book_survey import BookSurvey
from ocr_pipeline.processing.settings import combined_hash
from ocr_pipeline.store.codec import cover_from_json, cover_to_json


class KeptSurveys:
    """A file with one line a book; a line counts while the book's files are what they were.

    Args:
        path: of the file; it is made with the first survey.
        settings: fingerprint of all else that a survey depends on.

    """

    def __init__(self, path: Path, settings: str) -> None:
        self._path, self._settings = path, settings
        self._known: dict[str, dict[str, Any]] = {}
        for line in path.read_bytes().splitlines() if path.is_file() else []:
            try:
                entry = json.loads(line)
                self._known[entry["key"]] = entry["survey"]
            except (ValueError, TypeError, KeyError):  # cut off when the machine went down
                continue

    def find(self, book: Path) -> BookSurvey | None:
        """The survey of a book, if it was made with the same files and settings."""
        data = self._known.get(self._key(book))
        try:
            return None if data is None else _from_json(data)
        except (TypeError, KeyError, ValueError, AttributeError):  # of another version
            return None

    def keep(self, book: Path, survey: BookSurvey) -> None:
        """Add the survey of a book."""
        line = json.dumps({"key": self._key(book), "survey": _to_json(survey)}, ensure_ascii=False)
        with self._path.open("ab") as file:
            file.write(line.encode() + b"\n")

    def remove(self) -> None:
        """Delete the file: the inventory is finished."""
        self._path.unlink(missing_ok=True)

    def _key(self, book: Path) -> str:
        files = sorted(files_below(book)) if book.is_dir() else [book]
        stamps = []
        for file in files:
            try:
                status = file.stat()
            except OSError:
                continue
            stamps.append(f"{file}\0{status.st_size}\0{status.st_mtime_ns}")
        return combined_hash(self._settings, *stamps)


def _to_json(survey: BookSurvey) -> dict[str, Any]:
    data = asdict(survey)
    data["faults"] = [[fault.vi, fault.en] for fault in survey.faults]
    data["cover"] = cover_to_json(survey.cover) if survey.cover else None
    return data


def _from_json(data: dict[str, Any]) -> BookSurvey:
    cover = cover_from_json(data["cover"]) if data["cover"] else None
    faults = tuple(Text(*fault) for fault in data["faults"])
    return BookSurvey(**{**data, "cover": cover, "faults": faults})
