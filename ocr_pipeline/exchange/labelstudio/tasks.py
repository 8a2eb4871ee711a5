"""Fields as Label Studio tasks, and its annotations as what people said; no network here."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from ocr_pipeline.json_types import Json
from ocr_pipeline.review.field_items import FieldItem
from ocr_pipeline.store.states import LARGEST_ID, Action
from ocr_pipeline.store.times import utc
from ocr_pipeline.text.normalise import nfc
from ocr_pipeline.written_paths import storable

MODEL_VERSION = "sohoa"
_MOST_CHOICES = 6  # each has a number key
_LONGEST_VALUE = 2000  # letters, as in the review station
_MOST_SECONDS = 86_400.0
_STATES = {"blank": Action.BLANK, "unreadable": Action.UNREADABLE}


@dataclass(frozen=True, slots=True)
class Annotation:
    """What an annotator said about a field.

    Attributes:
        annotation: its id in Label Studio.
        field: id of the field.
        base: newest entry about the field when the task was made.
        person: e-mail of the annotator.
        time: when it was last changed (UTC).
        action: confirm, correct, blank or unreadable.
        value: as typed; "" for blank and unreadable.
        seconds: how long it took.

    """

    annotation: int
    field: int
    base: int | None
    person: str
    time: datetime
    action: Action
    value: str
    seconds: float = 0.0

    @property
    def mark(self) -> str:
        """What tells this version of the annotation from all others."""
        return f"{self.stem}@{self.time.isoformat(timespec='microseconds')}"

    @property
    def stem(self) -> str:
        """What all versions of the annotation have in common."""
        return f"label-studio:{self.annotation}"

    @property
    def content(self) -> tuple[Action, str]:
        """The decision itself."""
        action = Action.CORRECT if self.action is Action.CONFIRM else self.action
        return action, self.value


@cache
def labelling_config() -> str:
    """The labelling config of the project (`labelling.xml`)."""
    return Path(__file__).with_name("labelling.xml").read_text(encoding="utf-8")


def task_of(item: FieldItem, job: str, crop: bytes, strip: bytes) -> Json:
    """A task with the machine's reading as its prediction.

    Args:
        item: the field.
        job: identity of the workspace.
        crop: JPEG of the field; goes into the task itself, so that it is deleted with it.
        strip: JPEG of the rows that it stands in; likewise.

    """
    choices = _choices(item)
    return {
        "data": {
            "job": job,
            "field": item.field,
            "base": item.base,
            "value": item.value,
            "book": item.book,
            "code": item.code,
            "kind": item.kind.value,
            "caption": f"{item.caption.vi} / {item.caption.en}",
            "why": " · ".join(doubt.message.vi for doubt in item.doubts) or "–",
            "choices": choices,
            # Projects of earlier versions show this line, and take no task without it.
            "readings": " | ".join(choice["value"] for choice in choices) or "–",
            "place": f"{item.book} · {item.page_name} ({item.position})",
            "crop": _picture(crop),
            "strip": _picture(strip),
        },
        "predictions": [
            {
                "model_version": MODEL_VERSION,
                "score": round(item.confidence, 6),
                "result": [_prediction(item)],
            }
        ],
    }


def _choices(item: FieldItem) -> list[Json]:
    """What a number key chooses: the codes of the field if it has some, else its readings.

    The alias is what comes back with the annotation: the value itself.
    """
    labels = {option.value: f"{option.value} = {option.label.vi}" for option in item.options}
    readings = [candidate.value or candidate.text for candidate in item.n_best]
    found = labels or {reading: reading for reading in readings if reading}
    return [
        {"value": label, "alias": value, "hotkey": str(number)}
        for number, (value, label) in enumerate(list(found.items())[:_MOST_CHOICES], start=1)
    ]


def _picture(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}"


def identity_of(item: FieldItem) -> Json:
    """What a task must say to be about the present state of the field."""
    return {"base": item.base, "value": item.value}


def annotation_in(
    data: Mapping[str, Any], annotation: Mapping[str, Any], person: str
) -> Annotation | None:
    """What an annotation says; None when it says nothing (skipped, or left empty).

    Args:
        data: of its task.
        annotation: as Label Studio gives it.
        person: e-mail of the annotator.

    Raises:
        Exception: any, for a task or annotation that no Label Studio of ours has made.

    """
    if annotation.get("was_cancelled"):
        return None
    text, reading, state = _read(annotation.get("result") or ())
    shown = nfc(str(data["value"]))
    if reading and text not in ("", shown, reading):
        raise ValueError("a reading and another text")  # nobody can tell which of them counts
    value = reading or text
    action = _STATES.get(state)
    if action is None:
        if not value:
            return None
        action = Action.CONFIRM if value == shown else Action.CORRECT
    if len(value) > _LONGEST_VALUE or not storable(value) == value:
        raise ValueError("no value that a field can hold")
    return Annotation(
        annotation=_number(annotation["id"]),
        field=_number(data["field"]),
        base=None if data["base"] is None else _number(data["base"]),
        person=person,
        time=_time(annotation["updated_at"]),
        action=action,
        value="" if state in _STATES else value,
        seconds=min(max(0.0, float(annotation.get("lead_time") or 0.0)), _MOST_SECONDS),
    )


def _number(value: object) -> int:
    """The number of a row; what no database can keep is none."""
    number = int(str(value))
    if not 0 <= number <= LARGEST_ID:
        raise ValueError("no number of a row")
    return number


def _read(results: Sequence[Mapping[str, Any]]) -> tuple[str, str, str]:
    """Text, chosen reading and state of an annotation; of several of a kind the last one counts."""
    text = reading = state = ""
    for result in results:
        value = result.get("value", {})
        if result.get("from_name") == "value":
            text = nfc(" ".join(value.get("text") or ())).strip()
        elif result.get("from_name") == "reading":
            reading = nfc(next(iter(value.get("choices") or ()), "")).strip()
        elif result.get("from_name") == "state":
            state = next(iter(value.get("choices") or ()), "")
    return text, reading, state


def _reads_blank(item: FieldItem) -> bool:
    return not item.value and not item.as_written.strip()


def _prediction(item: FieldItem) -> Json:
    return _blank() if _reads_blank(item) else _text(item.value or item.as_written)


def _text(value: str) -> Json:
    return {
        "from_name": "value",
        "to_name": "crop",
        "type": "textarea",
        "value": {"text": [value]},
    }


def _blank() -> Json:
    return {
        "from_name": "state",
        "to_name": "crop",
        "type": "choices",
        "value": {"choices": ["blank"]},
    }


def _time(text: str | datetime) -> datetime:
    given = text if isinstance(text, datetime) else datetime.fromisoformat(text)
    return utc(given)
