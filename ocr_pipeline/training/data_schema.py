"""Schemas of `training/data`: what invented people, clerks, papers and scans are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from ocr_pipeline.data_files import Strict
from ocr_pipeline.registers.types import RegisterType

DATA = Path(__file__).parent / "data"

Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(gt=0)]
Range = tuple[float, float]
"""Lowest and highest number to draw from."""

Speech = Literal["north", "south"]
Notes = dict[RegisterType, list[str]]


class Region(Strict):
    """A province.

    Attributes:
        code: of personal numbers; `cmnd`: first digits of old identity cards.
        groups: shares of ethnic groups; the rest is Kinh.

    """

    code: Annotated[str, Field(pattern=r"^\d{3}$")]
    cmnd: Annotated[str, Field(pattern=r"^\d{2}$")]
    speech: Speech
    groups: dict[str, Share] = {}


class GroupNames(Strict):
    """Names of an ethnic group; a list that is missing is the general one."""

    surnames: list[str] = []
    male: list[str] = []
    female: list[str] = []
    given_first: bool = False


class GivenNames(Strict):
    """Given and middle names of the general list."""

    male: list[str]
    male_old: list[str]
    female: list[str]
    female_old: list[str]
    male_middle: list[str]
    female_middle: list[str]


class WeightedText(Strict):
    """A wording, how often it is drawn against the others, and the code of its tick box or ""."""

    text: str
    weight: Weight
    code: str = ""


class Authorities(Strict):
    """Who issues papers; `{province}` is filled in."""

    cmnd: str
    cccd_2016: str
    cccd_2018: str
    hospital: str


class Positions(Strict):
    """Offices of those who sign."""

    chief: str
    deputy: str
    registrar: str


class UnseenWords(Strict):
    """Words that only sample and evaluation books use."""

    hamlets: dict[Speech, list[str]]
    birthplaces: list[WeightedText]
    deathplaces: list[WeightedText]
    causes_of_death: list[str]
    notes: Notes
    marital_status: list[str]
    purposes: list[WeightedText]


class SocietyFile(Strict):
    """`society.yaml`: what invented people are made of."""

    regions: dict[str, Region]
    names: dict[str, GroupNames]
    given: GivenNames
    hamlets: dict[Speech, list[str]]
    birthplaces: list[WeightedText]
    deathplaces: list[WeightedText]
    causes_of_death: list[str]
    notes: Notes
    authorities: Authorities
    short_authorities: dict[str, str]
    positions: Positions
    marital_status: list[str]
    purposes: list[WeightedText]
    unseen: UnseenWords


Habits = list[tuple[str, Weight]]
"""Forms with their weights."""


class ClerkHabitsFile(Strict):
    """`clerk_habits.yaml`: ways in which clerks write the same thing.

    Attributes:
        short_units: what stands for a type word of a unit when a clerk abbreviates.
        id_words: words before the number of an identity paper, by code; `id_names`: its name.
        groups: spellings of ethnic groups.
        ditto_marks: what stands for the same as above; "" where a clerk repeats himself.
        nothing_marks: what stands in boxes that stay empty; "" where a clerk leaves them so.

    """

    dates: Habits
    times: Habits
    places: list[tuple[Literal["full", "bare", "short"], Weight]]
    separators: Habits
    short_units: dict[str, list[str]]
    id_words: dict[str, list[str]]
    id_names: dict[str, list[str]]
    groups: dict[str, list[str]]
    ditto_marks: list[str]
    nothing_marks: list[str]


class PaperRanges(Strict):
    """How light, yellow and stained a book's paper is, in grey levels."""

    light: Range
    yellow: Range
    stains: Range


class PrintRanges(Strict):
    """How dark the print is (0–1), and how far captions are off, in mm."""

    darkness: Range
    shift: Range


class InkRanges(Strict):
    """How faded the ink is, 0–1."""

    faded: Range


class PageCondition(Strict):
    """How pages look and are taken; units as in `conditions.yaml`."""

    paper: PaperRanges
    print: PrintRanges
    ink: InkRanges
    skew: Range
    margin: Range
    bend: Range
    bleed: Range
    stamp: Share
    fold: Share
    noise: Range
    blur: Range
    quality: Range


class FlatbedCondition(PageCondition):
    """Pages on a flatbed scanner."""

    device: Literal["flatbed"]


class PhoneCondition(PageCondition):
    """Pages photographed: the camera held askew, the light uneven."""

    device: Literal["phone"]
    perspective: Range
    shade: Range
    shadow: Share


AnyCondition = FlatbedCondition | PhoneCondition

ConditionFile = dict[str, Annotated[AnyCondition, Field(discriminator="device")]]
"""`conditions.yaml`, by name."""


class Ink(Strict):
    """Colour of full ink (red, green, blue; 0–255), and its darkness."""

    colour: tuple[int, int, int]
    darkness: Share


class FillingHabitsFile(Strict):
    """`filling_habits.yaml`: inks by name, and titles of covers by register type."""

    inks: dict[str, Ink]
    titles: dict[RegisterType, str]


class CoverRow(Strict):
    """A row of print on a cover: share of the page's height, em in mm, and its text with blanks."""

    y: Share
    size: Annotated[float, Field(gt=0, le=30)]
    face: Literal["regular", "bold", "italic"] = "regular"
    text: str


class CoverPrint(Strict):
    """How one house prints covers: the years of its books, frame, kind of blanks, rows of print."""

    years: tuple[int, int]
    frame: bool
    leader: Literal["dots", "line"]
    rows: tuple[CoverRow, ...]


class CoverPrintFile(Strict):
    """`cover_prints.yaml`: covers by the name of their print."""

    prints: dict[str, CoverPrint]


PhraseFile = dict[str, list[str]]
"""`phrases.yaml`: phrases by kind."""
