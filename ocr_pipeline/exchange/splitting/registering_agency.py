"""Which agency registered a row, by the names that units had at the time of its registration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ocr_pipeline.books.book import Agency
from ocr_pipeline.books.typed_agency import UnitChoice, choose_units, typed_agency
from ocr_pipeline.errors import Text
from ocr_pipeline.exchange.keyed_files.keyed_rows import REGISTRATION_DATE, KeyedRow
from ocr_pipeline.exchange.splitting.split_words import reason
from ocr_pipeline.text.places import Level

_AGENCY_COLUMNS = ("noiDangKy", "noiCap")
#: Years of lists of units that are tried after that of the registration: two levels, three levels.
_OTHER_TIMES = (2026, 2024)
_LEVELS: tuple[Level, ...] = ("commune", "district", "province")


@dataclass(frozen=True, slots=True)
class StatedAgency:
    """What rows say of their agency; rows that say the same have the same agency.

    Attributes:
        text: the column of the registering agency.
        units: commune, district and province of the unit that keyed the row; "" where unknown.
        year: of the registration; 0 when it is not known.

    """

    text: str
    units: tuple[str, str, str]
    year: int


@dataclass(frozen=True, slots=True)
class FoundAgency:
    """The agency that rows belong to, or why none is known.

    Attributes:
        agency: by the names of its time; None when it is not known.
        note: why it is not known, or what people should know of how it was found.
        nearest: full addresses that look most like an unknown one.

    """

    agency: Agency | None
    note: Text | None = None
    nearest: tuple[str, ...] = ()

    @property
    def level(self) -> Level | None:
        """Which level registers; None when the agency is not known."""
        if self.agency is None:
            return None
        if self.agency.commune:
            return "commune"
        return "district" if self.agency.district else "province"


def stated_agency(row: KeyedRow) -> StatedAgency:
    """What a row says of its agency."""
    column = next((name for name in _AGENCY_COLUMNS if name in row.template.by_name), "")
    commune, district, province = [row.units.get(level, "") for level in _LEVELS]
    registered = row.values.get(REGISTRATION_DATE, "")
    year = int(registered[-4:]) if registered else 0  # `dd.mm.yyyy`
    return StatedAgency(row.written(column), (commune, district, province), year)


def find_agencies(
    stated: Iterable[StatedAgency], province: str = ""
) -> Mapping[StatedAgency, FoundAgency]:
    """The agency of each statement.

    Args:
        stated: what the rows of a file say.
        province: of rows that name none; "" takes the one that most other rows name.

    """
    found = {one: _find(one, province) for one in stated}
    usual = province or _usual_province(found.values())
    if not usual:
        return found
    for one, agency in found.items():
        if agency.agency is None:
            again = _find(one, usual)
            note = again.note or reason("usual_province")
            found[one] = FoundAgency(again.agency, note, again.nearest)
    return found


def _usual_province(found: Iterable[FoundAgency]) -> str:
    counts = Counter(one.agency.province for one in found if one.agency)
    return counts.most_common(1)[0][0] if counts else ""


def _find(stated: StatedAgency, province: str) -> FoundAgency:
    commune, district, own_province = stated.units
    cells = (stated.text, "", "")
    note = None
    if not stated.text:
        if not (commune or district):
            return FoundAgency(None, reason("empty"))
        cells, note = (commune, district, own_province), reason("of_keying_unit")
    typed = typed_agency(*cells)
    if not typed.cells["province"]:
        above = own_province or province
        if not above:
            return FoundAgency(None, reason("no_province"))
        typed = typed_agency(typed.cells["commune"], typed.cells["district"], above)
    first: UnitChoice | None = None
    for year in dict.fromkeys((stated.year or _OTHER_TIMES[-1], *_OTHER_TIMES)):
        choice = choose_units(typed, year)
        if len(choice.agencies) == 1:
            other = stated.year and first is not None
            return FoundAgency(choice.agencies[0], reason("other_time") if other else note)
        first = first or choice
    assert first is not None
    if first.agencies:
        names = tuple(", ".join(agency.units) for agency in first.agencies)
        return FoundAgency(None, reason("several"), names)
    return FoundAgency(None, reason("unknown", part=first.unknown or typed.text), first.nearest)
