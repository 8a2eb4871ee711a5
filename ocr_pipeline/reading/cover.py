"""What the cover of a book says: its register, agency, number, year and days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ocr_pipeline.books.book import Agency
from ocr_pipeline.errors import Text
from ocr_pipeline.registers.types import RegisterType

CoverName = Literal["type", "agency", "number", "year", "opened", "closed"]


@dataclass(frozen=True, slots=True)
class CoverField:
    """One thing that a cover says.

    Attributes:
        value: code of the register type, units of the agency (smallest first, comma separated),
            digits, or dd.mm.yyyy; "" where it was not made out.
        as_written: what stands there, as it was read.
        sure: whether it may be taken over without a look.
        others: further values that the writing may have, likeliest first.

    """

    value: str
    as_written: str = ""
    sure: bool = False
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cover:
    """A cover as it was read.

    Attributes:
        fields: what it says, by name; what it has no place for, or leaves blank, is not there.
        agency: the agency, where exactly one of the gazetteer fits what stands there.
        turn: degrees clockwise that bring it upright.
        other_words: words of print in it that belong to no title, caption or agency.

    """

    fields: Mapping[CoverName, CoverField] = field(default_factory=dict)
    agency: Agency | None = None
    turn: int = 0
    other_words: int = 0

    def value(self, name: CoverName) -> str:
        """The value of a field; "" where there is none."""
        return self.fields[name].value if name in self.fields else ""

    def values(self, name: CoverName) -> tuple[str, ...]:
        """All values that the writing of a field may have, likeliest first."""
        found = self.fields.get(name)
        return () if found is None else tuple(filter(None, (found.value, *found.others)))

    def told(self) -> Text:
        """What was made out, as people read it: `Bìa sổ khai sinh, quyển 1/2018, xã …`."""
        code = self.value("type")
        label = RegisterType(code).label if code else None
        volume = "/".join(filter(None, (self.value("number"), self.value("year"))))
        opened, closed = self.value("opened"), self.value("closed")
        vi = [
            f"Bìa sổ {label.vi}" if label else "Bìa sổ",
            f"quyển {volume}" if volume else "",
            self.value("agency"),
            f"mở {opened}" if opened else "",
            f"khóa {closed}" if closed else "",
        ]
        en = [
            f"A cover: {label.en}" if label else "A cover",
            f"book {volume}" if volume else "",
            self.value("agency"),
            f"opened {opened}" if opened else "",
            f"closed {closed}" if closed else "",
        ]
        return Text(", ".join(filter(None, vi)), ", ".join(filter(None, en)))

    def sure(self, name: CoverName) -> bool:
        """Whether the field is there and sure."""
        return name in self.fields and self.fields[name].sure
