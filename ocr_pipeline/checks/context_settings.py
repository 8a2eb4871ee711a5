"""The settings of `context.yaml`: what a book knows that a single field does not."""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from ocr_pipeline.data_files import DataValueError, Strict, load_data
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.types import RegisterType

Probability = Annotated[float, Field(ge=0, le=1)]
"""Between 0 and 1; likelihoods that multiply a reading's probability too."""

Span = tuple[int, int, Probability]
"""From, to, and the probability of the whole span of steps."""


class Link(Strict):
    """Two fields of a record that say the same thing.

    Attributes:
        fields: codes of the two.
        same: what of them is compared.
        differ: how often they really differ.
        many: how much an agreement is worth against none.
        types: registers it holds for; empty: all.
        contradicts: whether disagreement is evidence against both.
        read_together: whether the page stage has weighed the two together already.
        part: only part of the value is compared.
        ceiling: highest confidence through this link; None: that of the file.

    """

    fields: tuple[str, str]
    same: Literal["date", "surname", "name"]
    differ: Probability
    many: Annotated[float, Field(ge=1)]
    types: tuple[RegisterType, ...] = ()
    contradicts: bool = False
    read_together: bool = False
    part: bool = False
    ceiling: Probability | None = None


class DateBounds(Strict):
    """Dates lie within `oldest` years before the registration; others are less likely."""

    oldest: Annotated[int, Field(gt=0)]
    outside: Probability


class PersonalNumberOdds(Strict):
    """Likelihoods of identity numbers that cannot be right, and what counts as sure.

    Attributes:
        shape: of numbers that do not have the shape of their paper.
        pass_anyway: share of the misread numbers that have it all the same.
        province: of personal numbers whose province does not exist.
        sex: of those of another sex; `birth_year`: of another year.
        sure: least confidence of the sex and birth date that they are compared with.
        ceiling: no confidence goes above it by this alone.

    """

    shape: Probability
    pass_anyway: Probability
    province: Probability
    sex: Probability
    birth_year: Probability
    sure: Probability
    ceiling: Probability


class StepSettings(Strict):
    """Steps between the values of a column in records that follow each other.

    Attributes:
        code: of the column.
        spans: steps and their probability.
        otherwise: of each step outside all spans.
        unread: of each value before or after an unread one.

    """

    code: str
    spans: tuple[Span, ...]
    otherwise: Annotated[Probability, Field(alias="else")]
    unread: Probability


class OfficialSettings(Strict):
    """Officials of a book: signers, their positions, registrars, and the office that registers.

    Attributes:
        codes: of their columns.
        records: fewest records in which a column must be read, where nobody has confirmed one.
        share: of the records that take one of the book's own values.
        trials: how many records this share is worth against those of the book.
        usual: likelihood of a value by itself.
        confirmed: how many readings one decision of people is worth.
        fresh: records that new values have as weight.
        unread: share of what is no value anywhere that counts as one value that recurs.
        known: values, beside the confirmed, that records may take which did not read them.
        missed: likelihood of such a value against another one, if its strokes were those read.
        stroke: natural log that each other stroke takes from it.
        misread: how often a book misreads a name in the same way every time.
        against: share of the first reading's confidence that a value against it lacks.

    """

    codes: tuple[str, ...]
    records: Annotated[int, Field(ge=1)]
    share: Probability
    trials: Annotated[float, Field(gt=0)]
    usual: Annotated[float, Field(gt=0)]
    confirmed: Annotated[float, Field(ge=1)]
    fresh: Annotated[float, Field(ge=0)]
    unread: Probability
    known: Annotated[int, Field(ge=0)]
    missed: Annotated[float, Field(ge=0)]
    stroke: Annotated[float, Field(gt=0)]
    misread: Annotated[float, Field(gt=0, lt=1)]
    against: Probability


class RecurringSettings(Strict):
    """Values of short closed lists that recur through a book.

    Attributes:
        suffixes: of their columns.
        share: of the records that take one of the book's own values.
        other: likelihood of any other value.
        records: fewest records in which a column must be read.

    """

    suffixes: tuple[str, ...]
    share: Probability
    other: Probability
    records: Annotated[int, Field(ge=1)]


class PlaceSettings(Strict):
    """Places that come back in a book.

    Attributes:
        kinds: of fields that hold places.
        per_record: factor gained by each record that has the place too.
        unknown: likelihood of a place that names units which do not exist.
        pass_anyway: by kind, share of the misread places whose units exist all the same.
        most: highest factor.
        home: factor of the address of the book's own agency, whole and with nothing besides.
        records: fewest records in which a column must be read.

    """

    kinds: tuple[FieldKind, ...]
    per_record: Annotated[float, Field(ge=0)]
    unknown: Probability
    pass_anyway: dict[FieldKind, Probability]
    most: Annotated[float, Field(ge=1)]
    home: Annotated[float, Field(ge=1)]
    records: Annotated[int, Field(ge=1)]


class KnownUnitSettings(Strict):
    """Parts of places that a book knows.

    Attributes:
        kinds: of fields that hold places.
        home: records that each unit of the book's own agency is worth.
        confirmed: records that a decision of people is worth.
        least: records in which a part must stand to be known.
        fresh: records that a part is worth which stands nowhere else.
        missed: likelihood of a place that no reading has, if its strokes were those read.
        stroke: natural log that each other stroke takes from it.
        ceiling: no confidence above it for a place put right: it goes to a person.

    """

    kinds: tuple[FieldKind, ...]
    home: Annotated[float, Field(ge=0)]
    confirmed: Annotated[float, Field(ge=0)]
    least: Annotated[float, Field(ge=0)]
    fresh: Annotated[float, Field(gt=0)]
    missed: Annotated[float, Field(ge=0)]
    stroke: Annotated[float, Field(gt=0)]
    ceiling: Probability


class ListedUnitSettings(Strict):
    """Parts of places that stand in no list of units.

    Attributes:
        kinds: of fields that hold places.
        right: how often the listed unit that a part looks like is meant.
        sure: a reading of this confidence is not overruled; the listed unit is a suggestion.
        ceiling: no confidence above it for a place put right: it goes to a person.

    """

    kinds: tuple[FieldKind, ...]
    right: Annotated[Probability, Field(lt=1)]
    sure: Probability
    ceiling: Probability


class Tail(Strict):
    """A monotone table from the confidence that context leaves to how often it was right.

    Attributes:
        said: confidences, rising from 0 to 1.
        found: share of the values that were right at each.

    """

    said: tuple[Probability, ...]
    found: tuple[Probability, ...]

    @model_validator(mode="after")
    def _rises(self) -> Tail:
        whole = len(self.said) == len(self.found) >= 2 and self.said[0] == 0 and self.said[-1] == 1
        rising = all(a < b for a, b in pairwise(self.said))
        if not (whole and rising and list(self.found) == sorted(self.found)):
            raise DataValueError(
                "không phải là bảng tăng từ 0 đến 1", "no table rising from 0 to 1"
            )
        return self

    def of(self, confidence: float) -> float:
        """How often values of this confidence were right, between the points of the table."""
        place = min(bisect_right(self.said, confidence), len(self.said) - 1)
        low, high = self.said[place - 1], self.said[place]
        share = (confidence - low) / (high - low)
        return self.found[place - 1] + share * (self.found[place] - self.found[place - 1])


class ContextSettings(Strict):
    """`context.yaml`.

    Attributes:
        constants: attribute of the book by column.
        constant_holds: how sure the inventory is of them.
        uneven_dates: likelihood of dates with a day of one figure before a month with a zero.
        ceiling: no confidence above it by context alone.
        tail: from what context says to what was found.

    """

    links: tuple[Link, ...]
    bounds: DateBounds
    uneven_dates: Probability
    identity: PersonalNumberOdds
    numbers: StepSettings
    dates: StepSettings
    pages: StepSettings
    officials: OfficialSettings
    recurring: RecurringSettings
    places: PlaceSettings
    known_units: KnownUnitSettings
    listed_units: ListedUnitSettings
    constants: dict[str, Literal["volume"]]
    constant_holds: Probability
    ceiling: Probability
    tail: Tail


@cache
def context_settings() -> ContextSettings:
    """The content of `context.yaml`."""
    return load_data(Path(__file__).with_name("context.yaml"), ContextSettings)
