"""Records, books and messages as JSON, and JSON as compressed bytes: the form the store keeps."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ocr_pipeline.books.book import Agency, Book
from ocr_pipeline.errors import ExitCode, SohoaError, Text
from ocr_pipeline.foreign_files import foreign_file
from ocr_pipeline.json_types import Json
from ocr_pipeline.reading.cover import Cover, CoverField
from ocr_pipeline.registers.fields import (
    Box,
    Candidate,
    Doubt,
    Field,
    FieldKind,
    Record,
    Script,
    Severity,
    Special,
    State,
)


class DatabaseBrokenError(SohoaError):
    """What the database holds of a page, record or book is damaged: a disk, or somebody's hand."""

    exit_code = ExitCode.ENVIRONMENT


def _damaged() -> DatabaseBrokenError:
    return DatabaseBrokenError(
        Text(
            "Một phần dữ liệu trong cơ sở dữ liệu bị hỏng",
            "Part of the data in the database is damaged",
        ),
        remedy=Text(
            "Kiểm tra ổ đĩa và khôi phục từ bản sao lưu (docs/vi/installation.md)",
            "Check the disk, and restore the back-up (docs/en/installation.md)",
        ),
    )


def pack(data: Any) -> bytes:
    """JSON with sorted keys, compressed: the same data always gives the same bytes."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return zlib.compress(text.encode("utf-8"), 6)


def unpack(payload: bytes) -> Any:
    """What `pack` was given.

    Raises:
        DatabaseBrokenError: it is damaged.

    """
    with foreign_file(_damaged):
        return json.loads(zlib.decompress(payload))


def record_to_json(record: Record) -> Json:
    """A record with everything known of its fields."""
    data: Json = {
        "page": record.page,
        "position": record.position,
        "layout": record.layout,
        "fields": {code: field_to_json(field) for code, field in record.fields.items()},
    }
    if record.part_of:
        data["part_of"] = record.part_of
    return data


def record_from_json(data: Mapping[str, Any], *, page: str | None = None) -> Record:
    """The record `record_to_json` was given; on `page` instead of its own one if that is given.

    Raises:
        DatabaseBrokenError: it is damaged.

    """
    with foreign_file(_damaged):
        return Record(
            page=data["page"] if page is None else page,
            position=data["position"],
            layout=data["layout"],
            fields={code: field_from_json(code, field) for code, field in data["fields"].items()},
            part_of=data.get("part_of", 0),
        )


def field_to_json(field: Field) -> Json:
    """A field; its code is left to the key it stands under. What is empty is left out."""
    data: Json = {
        "kind": field.kind.value,
        "as_written": field.as_written,
        "value": field.value,
        "confidence": field.confidence,
        "state": field.state.value,
        "box": [field.box.x, field.box.y, field.box.width, field.box.height],
        "script": field.script.value,
    }
    if field.n_best:
        data["n_best"] = [[c.text, c.value, c.probability] for c in field.n_best]
    if field.doubts:
        data["doubts"] = [
            [d.rule, d.severity.value, d.message.vi, d.message.en] for d in field.doubts
        ]
    if field.special is not None:
        data["special"] = field.special.value
    if field.versions:
        data["versions"] = dict(field.versions)
    return data


def field_from_json(code: str, data: Mapping[str, Any]) -> Field:
    """The field `field_to_json` was given."""
    special = data.get("special")
    return Field(
        code=code,
        kind=FieldKind(data["kind"]),
        as_written=data["as_written"],
        value=data["value"],
        confidence=data["confidence"],
        state=State(data["state"]),
        n_best=tuple(Candidate(*candidate) for candidate in data.get("n_best", ())),
        doubts=tuple(
            Doubt(rule, Severity(severity), Text(vi, en))
            for rule, severity, vi, en in data.get("doubts", ())
        ),
        box=Box(*data["box"]),
        script=Script(data["script"]),
        special=Special(special) if special else None,
        versions=data.get("versions", {}),
    )


def cover_to_json(cover: Cover) -> Json:
    """A cover as it was read."""
    return {
        "fields": {
            name: {
                "value": field.value,
                "as_written": field.as_written,
                "sure": field.sure,
                "others": list(field.others),
            }
            for name, field in cover.fields.items()
        },
        "agency": asdict(cover.agency) if cover.agency else None,
        "turn": cover.turn,
        "other_words": cover.other_words,
    }


def cover_from_json(data: Mapping[str, Any]) -> Cover:
    """The cover `cover_to_json` was given."""
    return Cover(
        {
            name: CoverField(**{**field, "others": tuple(field["others"])})
            for name, field in data["fields"].items()
        },
        Agency(**data["agency"]) if data["agency"] else None,
        data["turn"],
        data["other_words"],
    )


def book_to_json(book: Book) -> Json:
    """All that is known of a book, without its place on this machine."""
    data = asdict(book)
    del data["id"], data["path"]
    return {key: getattr(value, "value", value) for key, value in data.items()}


NOTICES = "notices"
"""Key beside those of a book: what its line in the inventory was understood as."""


def book_from_json(identity: str, path: str, data: Mapping[str, Any]) -> Book:
    """The book `book_to_json` was given, with its id and where its scans are now.

    Raises:
        DatabaseBrokenError: it is damaged.

    """
    with foreign_file(_damaged):
        data = {key: value for key, value in data.items() if key != NOTICES}
        agency = Agency(**data["agency"])
        return Book(**{**data, "id": identity, "path": Path(path), "agency": agency})


def message_columns(cause: Text | None, remedy: Text | None) -> dict[str, str]:
    """Cause and remedy as the columns of every table with messages; "" where there is none."""
    return {
        f"{name}_{language}": getattr(text, language) if text else ""
        for name, text in (("cause", cause), ("remedy", remedy))
        for language in ("vi", "en")
    }


def message_to_json(message: Text | None) -> Json | None:
    """A message in both languages."""
    return None if message is None else {"vi": message.vi, "en": message.en}


def message_from_json(data: Mapping[str, str] | None) -> Text | None:
    """The message `message_to_json` was given."""
    return None if data is None else Text(data["vi"], data["en"])
