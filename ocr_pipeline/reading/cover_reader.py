"""Reads the cover of a book: Tesseract its print, the handwriting network what is written on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod

import cv2
import numpy as np
from rapidfuzz import fuzz

from ocr_pipeline.arrays import Gray
from ocr_pipeline.books.book import Agency
from ocr_pipeline.books.typed_agency import choose_units, typed_agency
from ocr_pipeline.imaging.page_content import may_be_cover
from ocr_pipeline.layout.field_crops import SCALE, FieldCrop, RecordCrops
from ocr_pipeline.layout.leader_removal import erase_leader
from ocr_pipeline.layout.pose import turned
from ocr_pipeline.layout.schema import LayoutField
from ocr_pipeline.reading.cover import Cover, CoverField, CoverName
from ocr_pipeline.reading.cover_print import (
    CoverBlank,
    PrintedLine,
    blanks_of,
    lines_of,
    without_leaders,
    words_of,
)
from ocr_pipeline.reading.cover_title import CoverTitle, find_title
from ocr_pipeline.reading.cover_words import cover_words
from ocr_pipeline.reading.reader import Reader
from ocr_pipeline.registers.fields import Candidate, Field, FieldKind, Script
from ocr_pipeline.text.dates import parse_date
from ocr_pipeline.text.normalise import key
from ocr_pipeline.text.numbers import parse_number_year

_LONG_SIDE_MM = 297.0  # registers are A4, those in A3 have the same proportions
_LEADER_MM = 0.9  # above and below the foot of the captions
_MOST_NUMBER = 400  # books of a register in one year
_YEARS = range(1900, 2101)
_AGENCY_YEAR = 2019  # whose units are looked at when the year is not known
_MOST_CANDIDATES = 3  # of a unit that are tried together with those of the others
_TURNS = (0, 180)
_VOLUME_NAMES = frozenset({"number", "year", "opened", "closed"})
_DISAGREED = 0.5  # confidence of what Tesseract and the network read otherwise
_MOST_WAYS = 8  # of putting them together
_LEVELS = ("commune", "district", "province")
_KINDS: Mapping[str, tuple[FieldKind, str]] = {
    "number": (FieldKind.NUMBER_YEAR, ""),
    "year": (FieldKind.DATE, "year"),
    "opened": (FieldKind.DATE, ""),
    "closed": (FieldKind.DATE, ""),
    "agency": (FieldKind.AGENCY, ""),
    **dict.fromkeys(_LEVELS, (FieldKind.PLACE, "")),
}


@dataclass(frozen=True, slots=True)
class _Said:
    """What stands in one blank, or in the blanks of one date.

    Attributes:
        candidates: readings, best first; print that Tesseract is sure of stands alone.
        printed: the reading is print.

    """

    candidates: tuple[Candidate, ...]
    printed: bool = False

    @property
    def text(self) -> str:
        return self.candidates[0].text if self.candidates else ""

    @property
    def confidence(self) -> float:
        return self.candidates[0].probability if self.candidates else 0.0


class CoverReader:
    """Reads covers with one handwriting reader.

    Args:
        reader: reads what is written in the blanks.

    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def read(self, gray: Gray, turns: Sequence[int] = (0,)) -> Cover | None:
        """What a cover says; None for a page without the title of a register.

        Args:
            gray: (H, W) uint8, flat and straight, ink on white paper.
            turns: degrees clockwise that are tried, until a title is found.

        Raises:
            MachineError: Tesseract or its Vietnamese data are missing.
            TransientError: Tesseract was killed.

        """
        scale = max(gray.shape) / _LONG_SIDE_MM
        bare = without_leaders(gray, scale)
        for turn in turns:
            page = turned(bare, turn)
            lines = lines_of(words_of(page))
            title = find_title(lines)
            if title is not None:
                return replace(self._cover(page, lines, title, scale), turn=turn)
        return None

    def read_if_cover(self, gray: Gray) -> Cover | None:
        """As `read`, for a page that may be anything: None where it may hold a record.

        A page with a title is a cover when it has a caption of one, and hardly any other print.
        """
        cover = self.read(gray, _TURNS) if may_be_cover(gray) else None
        if cover is None or not cover.sure("type") or not _VOLUME_NAMES.intersection(cover.fields):
            return None
        return cover if cover.other_words <= cover_words().limits.most_words else None

    def _cover(
        self, page: Gray, lines: Sequence[PrintedLine], title: CoverTitle, scale: float
    ) -> Cover:
        rest = [line for at, line in enumerate(lines) if at not in title.lines]
        blanks = blanks_of(rest, (page.shape[1], page.shape[0]), scale)
        said = self._said(page, blanks, scale)
        fields = {"type": CoverField(title.type.value, title.text, title.sure), **_volume(said)}
        fields |= _days(said, fields)
        agency, field = _agency(said, _printed_agency(rest), fields)
        if field is not None:
            fields["agency"] = field
        known = {id(word) for blank in blanks for word in blank.words}
        others = sum(id(word) not in known for line in rest for word in line.words)
        return Cover(fields, agency, other_words=others)

    def _said(self, page: Gray, blanks: Sequence[CoverBlank], scale: float) -> dict[str, _Said]:
        """What stands in the blanks, by name; the first blank of a name counts."""
        first: dict[str, CoverBlank] = {}
        for blank in blanks:
            first.setdefault(blank.name, blank)
        crops = {}
        for name, (kind, lexicon) in _KINDS.items():
            parts = [first[one] for one in _parts(name) if one in first]
            if name in first:
                crops[name] = _crop(page, name, kind, lexicon, parts, scale)
        [record] = self._reader.read_page([RecordCrops(1, crops)])
        said = {}
        for name, field in record.fields.items():
            words = [word for one in _parts(name) if one in first for word in first[one].words]
            sure = [word.confidence for word in words]
            limits = cover_words().limits
            if name in (*_LEVELS, "agency") and sure and min(sure) >= limits.sure_print:
                text = " ".join(word.text for word in words)
                alike = _digits(text) == _digits(field.as_written)
                trust = min(sure) if alike else min(sure[0], _DISAGREED)
                said[name] = _Said((Candidate(text, text, trust),), printed=alike)
            elif field.script is not Script.BLANK and field.as_written:
                said[name] = _Said(_candidates(field))
        return said


def _digits(text: str) -> str:
    """The digits of a unit's name: `phường 3` is easily read as `phường 5`, which exists, too."""
    return "".join(character for character in text if character.isdecimal())


def _parts(name: str) -> tuple[str, ...]:
    return (name, f"{name} month", f"{name} year") if name in ("opened", "closed") else (name,)


def _candidates(field: Field) -> tuple[Candidate, ...]:
    doubted = field.special is not None
    return tuple(
        replace(one, probability=min(one.probability, 0.5) if doubted else one.probability)
        for one in field.n_best[:_MOST_CANDIDATES]
    )


def _crop(
    page: Gray,
    name: str,
    kind: FieldKind,
    lexicon: str,
    parts: Sequence[CoverBlank],
    scale: float,
) -> FieldCrop:
    lines = [_line(page, blank, scale) for blank in parts]
    join = "." if len(parts) > 1 else " "
    entry = LayoutField(
        code=name, kind=kind, lines=((0, 0, 10, 10),) * len(lines), join=join, lexicon=lexicon
    )
    box = parts[0].box
    return FieldCrop(name, kind, entry, lines, [], box)


def _line(page: Gray, blank: CoverBlank, scale: float) -> Gray:
    """The picture of a blank at 200 dpi, what is left of its leader taken off."""
    box = blank.box
    cut = page[box.y : box.y + box.height, box.x : box.x + box.width]
    size = (
        max(round(cut.shape[1] * SCALE / scale), 1),
        max(round(cut.shape[0] * SCALE / scale), 1),
    )
    method = cv2.INTER_AREA if scale > SCALE else cv2.INTER_LINEAR
    line = np.asarray(cv2.resize(cut, size, interpolation=method), np.uint8)
    foot, reach = round((blank.foot - box.y) * SCALE / scale), round(_LEADER_MM * SCALE)
    erase_leader(line[max(foot - reach, 0) : foot + reach], SCALE)
    return line


# --- Number, year, days


def _volume(said: Mapping[str, _Said]) -> dict[CoverName, CoverField]:
    """Number and year; what two places say alike counts for more."""
    found: dict[CoverName, CoverField] = {}
    volume = said.get("number", _Said(()))
    if volume.candidates:
        found["number"] = _number(volume)
    years = [_years_of(said[name]) for name in ("number", "year", "opened") if name in said]
    seen = [one for one in years if one is not None]
    if seen:
        found["year"] = _agreed_year(seen)
    elif "year" in said:
        found["year"] = CoverField("", said["year"].text)
    return found


def _number(volume: _Said) -> CoverField:
    parsed = [parse_number_year(one.value) for one in volume.candidates]
    numbers = [str(one[0]) for one in parsed if one and 0 < one[0] <= _MOST_NUMBER]
    first = parsed[0]
    good = first is not None and numbers[:1] == [str(first[0])]
    sure = good and volume.confidence >= cover_words().limits.sure_value
    others = tuple(dict.fromkeys(numbers[1:] if good else numbers))
    return CoverField(numbers[0] if good else "", volume.text, sure, others)


@dataclass(frozen=True, slots=True)
class _Years:
    """Years that one place may say, likeliest first, and how sure the first is."""

    values: tuple[str, ...]
    text: str
    confidence: float


def _years_of(said: _Said) -> _Years | None:
    values = []
    for at, one in enumerate(said.candidates):
        parsed, date = parse_number_year(one.value), parse_date(one.value)
        year = parsed[1] if parsed and "/" in one.value else date.year if date else None
        if year in _YEARS:
            values.append(str(year))
        elif at == 0:
            return None
    return _Years(tuple(dict.fromkeys(values)), said.text, said.confidence) if values else None


def _agreed_year(seen: Sequence[_Years]) -> CoverField:
    """The first year read; sure where no other place speaks against it."""
    limits = cover_words().limits
    first, *rest = seen
    value = first.values[0]
    agreed = all(one.values[0] == value for one in rest)
    least = limits.likely_value if rest else limits.sure_value
    others = [year for one in seen for year in one.values if year != value]
    return CoverField(
        value, first.text, agreed and first.confidence >= least, tuple(dict.fromkeys(others))
    )


def _days(
    said: Mapping[str, _Said], fields: Mapping[CoverName, CoverField]
) -> dict[CoverName, CoverField]:
    """The days on which the book was opened and closed."""
    limits = cover_words().limits
    found: dict[CoverName, CoverField] = {}
    for name in ("opened", "closed"):
        if name not in said:
            continue
        date = parse_date(said[name].candidates[0].value)
        whole = date is not None and date.complete and date.year in _YEARS
        value = date.dotted() if date is not None and whole else ""
        sure = bool(value) and said[name].confidence >= limits.sure_value
        found[name] = CoverField(value, said[name].text, sure)
    opened, closed = (parse_date(found[n].value) if n in found and found[n].value else None
                      for n in ("opened", "closed"))  # fmt: skip
    year = fields["year"].value if "year" in fields else ""
    if opened and str(opened.year) != year:
        found["opened"] = replace(found["opened"], sure=False)
    if closed and ((opened and closed < opened) or (year and closed.year < int(year))):
        found["closed"] = replace(found["closed"], sure=False)
    return found


# --- Agency


def _printed_agency(lines: Sequence[PrintedLine]) -> str:
    """The agency where it is printed in one line: `ỦY BAN NHÂN DÂN XÃ A, HUYỆN B, TỈNH C`."""
    least = cover_words().limits.sure_print
    for line in lines:
        text = key(line.text, accents=False)
        units = sum(
            f" {word} " in f" {text} "
            for word in ("xa", "phuong", "thi tran", "huyen", "quan", "tinh", "thanh pho")
        )
        if units >= 2 and min(word.confidence for word in line.words) >= least:
            return line.text
    return ""


def _agency(
    said: Mapping[str, _Said], printed: str, fields: Mapping[CoverName, CoverField]
) -> tuple[Agency | None, CoverField | None]:
    """The agency of the gazetteer that what stands on the cover means."""
    year = _AGENCY_YEAR
    if "year" in fields and fields["year"].sure:
        year = int(fields["year"].value)
    if printed and (agency := _chosen((printed, "", ""), year)) is not None:
        return agency, CoverField(", ".join(agency.units), printed, bool(agency.commune))
    levels = {level: said[level] for level in _LEVELS if level in said}
    if not levels and "agency" in said:
        levels = {"commune": said["agency"]}
    if not levels:
        return None, None
    text = ", ".join(one.text for one in levels.values())
    agency, sure = _best_agency(levels, year)
    agency = agency or _nearest_agency(text, year)
    value = ", ".join(agency.units) if agency is not None else ""
    return agency, CoverField(value, text, sure)


def _best_agency(levels: Mapping[str, _Said], year: int) -> tuple[Agency | None, bool]:
    """The likeliest readings that together are one agency; sure where they are the first ones."""
    limits = cover_words().limits
    named = [[(level, one) for one in said.candidates] for level, said in levels.items()]
    ways = sorted(
        product(*named), key=lambda way: -prod(max(one.probability, 1e-6) for _, one in way)
    )
    for at, way in enumerate(ways[:_MOST_WAYS]):
        cells = {level: one.value or one.text for level, one in way}
        agency = _chosen(tuple(cells.get(level, "") for level in _LEVELS), year)
        if agency is not None:
            printed = all(said.printed for said in levels.values())
            likely = all(one.probability >= limits.sure_value for _, one in way)
            whole = bool(agency.commune)  # else the blank of the commune may have been missed
            return agency, at == 0 and (printed or likely) and whole
    return None, False


def _nearest_agency(text: str, year: int) -> Agency | None:
    """The agency that reads most like the text, where it is near enough to be offered."""
    typed = typed_agency(text, "", "")
    for near in choose_units(typed, year).nearest:
        alike = fuzz.ratio(key(near, accents=False), key(typed.text, accents=False))
        if alike >= 100 * cover_words().limits.near_agency:
            return _chosen((near, "", ""), year)
    return None


def _chosen(cells: tuple[str, ...], year: int) -> Agency | None:
    typed = typed_agency(*cells)
    if not typed.cells["province"]:
        return None
    found = choose_units(typed, year).agencies
    return found[0] if len(found) == 1 else None
