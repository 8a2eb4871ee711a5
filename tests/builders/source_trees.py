"""The source of the packages as syntax trees, parsed once in a process."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("ocr_pipeline", "review_ui")


@cache
def modules() -> list[Path]:
    """All modules of the packages, in the order of their paths."""
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a module; nobody changes it."""
    return ast.parse(path.read_text(encoding="utf-8"))
