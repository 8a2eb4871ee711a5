"""Fields in which nothing is written, as far as the machine can tell."""

from __future__ import annotations

from ocr_pipeline.registers.fields import Field, Script

_NO_INK_CONFIDENCE = 0.99  # of an empty box; 0.93 where any ink was found in it


def is_blank(field: Field) -> bool:
    """Nothing is written there, as far as the machine can tell."""
    empty = not field.value and not field.as_written.strip()
    return empty and (field.script is Script.BLANK or field.special is None)


def holds_no_ink(field: Field) -> bool:
    """Nothing is written there, and no ink was found either."""
    return is_blank(field) and field.confidence >= _NO_INK_CONFIDENCE
