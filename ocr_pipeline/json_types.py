"""The type of what is written as JSON."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
"""A JSON object: keys and any JSON values."""
