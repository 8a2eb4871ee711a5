"""The column type of paths: any name a file can have, on every database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text
from sqlalchemy.types import TypeDecorator

from ocr_pipeline.written_paths import unwritten, written


class WrittenPath(TypeDecorator[str]):
    """A path of this machine; the table holds it as `written_paths.written` gives it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """The path as the table holds it."""
        return None if value is None else written(value)

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:
        """The path as the machine knows it."""
        return None if value is None else unwritten(value)
