"""Schemas of `training/data`: what invented people, clerks, papers and scans are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.registers.types import RegisterType

DATA = Path(__file__).parent / "data"

Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(gt=0)]
Range = tuple[float, float]
"""Lowest and highest number to draw from."""

Speech = Literal["north", "south"]
Notes = dict[RegisterType, list[str]]


def load_values(name: str, model: type[BaseModel]) -> dict[str, Any]:
    """A file of `training/data`, checked, as the plain values that it holds."""
    return load_data(DATA / name, model).model_dump(exclude_unset=True, by_alias=True)


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

    surnames: list[str]
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
    """A wording and how often it is drawn against the others."""

    text: str
    weight: Weight


class Purpose(WeightedText):
    """A purpose of a certificate with the code of its tick box."""

    code: str


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
    purposes: list[Purpose]


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
    purposes: list[Purpose]
    unseen: UnseenWords


Habits = list[tuple[str, Weight]]
"""Forms with their weights."""


class ClerkHabitsFile(Strict):
    """`clerk_habits.yaml`: ways in which clerks write the same thing.

    Attributes:
        short_units: what stands for a type word of a unit when a clerk abbreviates.
        id_words: words before the number of an identity paper, by code; `id_names`: its name.
        groups: spellings of ethnic groups.

    """

    dates: Habits
    times: Habits
    places: list[tuple[Literal["full", "bare", "short"], Weight]]
    separators: Habits
    short_units: dict[str, list[str]]
    id_words: dict[str, list[str]]
    id_names: dict[str, list[str]]
    groups: dict[str, list[str]]


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


class Condition(Strict):
    """How pages look and are taken; units as in `conditions.yaml`.

    `perspective`, `shade` and `shadow` belong to phones.
    """

    device: Literal["flatbed", "phone"]
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
    perspective: Range | None = None
    shade: Range | None = None
    shadow: Share | None = None


ConditionFile = dict[str, Condition]
"""`conditions.yaml`, by name."""


class Ink(Strict):
    """Colour of full ink (red, green, blue; 0–255), and its darkness."""

    colour: tuple[int, int, int]
    darkness: Share


class FillingHabitsFile(Strict):
    """`filling_habits.yaml`: inks by name, and titles of covers by register type."""

    inks: dict[str, Ink]
    titles: dict[RegisterType, str]


class SyllablesFile(Strict):
    """`syllables.yaml`: what syllables are made of; words are separated by blanks.

    Attributes:
        common: tiers of common syllables, the most common first.

    """

    onsets: tuple[str, ...]
    open_rimes: str
    stops: str
    q_rimes: str
    common: tuple[str, ...]


PhraseFile = dict[str, list[str]]
"""`phrases.yaml`: phrases by kind."""
