"""The order in which books are best worked on, and what their condition is called."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.errors import Text, UsageError
from ocr_pipeline.registers.types import RegisterType

Share = Annotated[float, Field(ge=0, le=1)]
Condition = Literal["good", "fair", "poor", "unknown"]
CONDITIONS: dict[Condition, Text] = {
    "good": Text("rõ", "good"),
    "fair": Text("trung bình", "fair"),
    "poor": Text("khó đọc", "poor"),
}


class OrderEntry(Strict):
    """Books that come at one place: their types, conditions, and opened before a year."""

    types: tuple[RegisterType, ...] = ()
    condition: tuple[Condition, ...] = ()
    before: int | None = None

    def fits(self, type: str, condition: Condition, year: int | None) -> bool:
        """Whether a book belongs there; one of an unknown year is not before any."""
        if self.before is not None and (year is None or year >= self.before):
            return False
        return (not self.types or type in self.types) and (
            not self.condition or condition in self.condition
        )


class OrderPlan(Strict):
    """Groups of books, those to be worked on first at the beginning."""

    groups: tuple[OrderEntry, ...]


class ConditionLimits(Strict):
    """Up to which share of refused pages, and from which mean confidence on."""

    refused: Share
    confidence: Share


class WorkOrderFile(Strict):
    """`work_order.yaml`: plans by name, the usual one, and what the conditions mean."""

    plans: dict[str, OrderPlan]
    usual: str
    conditions: dict[Literal["good", "fair"], ConditionLimits]
    sampled_pages: Annotated[int, Field(ge=1, le=100)]

    def plan(self, name: str) -> OrderPlan:
        """The plan of a name; the usual one for "".

        Raises:
            UsageError: there is none.

        """
        found = self.plans.get(name or self.usual)
        if found is None:
            names = ", ".join(self.plans)
            raise UsageError(
                Text("Không có kế hoạch này", "There is no such plan"),
                where=name,
                remedy=Text(f"Chọn: {names}", f"Choose: {names}"),
            )
        return found

    def condition(self, refused: float, confidence: float) -> Condition:
        """What a book is called by its sampled pages."""
        for name, limits in self.conditions.items():
            if refused <= limits.refused and confidence >= limits.confidence:
                return name
        return "poor"


def rank(plan: OrderPlan, type: str, condition: Condition, year: int | None) -> int:
    """Which group of a plan a book belongs to, from 1."""
    fitting = (n for n, one in enumerate(plan.groups, start=1) if one.fits(type, condition, year))
    return next(fitting, len(plan.groups) + 1)


@cache
def work_order(path: Path | None = None) -> WorkOrderFile:
    """The shipped orders, or those of an office's own file.

    Raises:
        BadInputError: the office's file is no such file.

    """
    return load_data(path or Path(__file__).parent / "data" / "work_order.yaml", WorkOrderFile)
