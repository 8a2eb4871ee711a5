"""What the linking of pages to keyed rows goes by: `link.yaml`."""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Annotated

from pydantic import Field

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.registers.fields import FieldKind

Share = Annotated[float, Field(gt=0, lt=1)]


class KindRule(Strict):
    """How a kind of field counts when a page is compared with rows.

    Attributes:
        slips: share of right links in which row and page differ in such a field, or in which the
            page says the same in a way that is not known.
        rare: share of all people who have a value that no row of the book has.

    """

    slips: Share
    rare: Share


class OrderRule(Strict):
    """How much the order of pages and rows counts.

    Attributes:
        strays: share of pages that stand out of order.
        reach: pages on either side by which the order is told.
        sure: probability of a link from which it tells something of the order.

    """

    strays: Share
    reach: Annotated[int, Field(ge=1)]
    sure: Share


class Sharing(IntEnum):
    """Who shares a field with the person of a record, as a rule."""

    BY_RELATIVES = 0  # brothers and sisters, too
    BY_TWINS = 1
    BY_NOBODY = 2


class RelationRule(Strict):
    """What relatives have in common.

    Attributes:
        siblings: rows of brothers and sisters that a record has in the files, on average.
        twins: the same of twins.
        relatives: beginnings of the codes of fields about parents and other relatives.
        telling: fields that tell twins apart.

    """

    siblings: Share
    twins: Share
    relatives: frozenset[str]
    telling: frozenset[str]

    def sharing(self, code: str) -> Sharing:
        """Who shares a field."""
        if code in self.telling:
            return Sharing.BY_NOBODY
        beginning = "".join(takewhile(str.islower, code))
        return Sharing.BY_RELATIVES if beginning in self.relatives else Sharing.BY_TWINS


class LinkCalibration(Strict):
    """Log-odds of a link are `shift + scale` × those of the evidence; `scale` above 0: monotone."""

    shift: float
    scale: Annotated[float, Field(gt=0)]


class VerdictWeights(Strict):
    """Log-odds that a field of the page says what its row says: a weighted sum.

    Attributes:
        base: its constant.
        same: the reading of the page has the value of the row.
        same_sure: in that case, per unit of log-odds of the confidence of the reading.
        other_sure: in the other case, the same.
        fit: per nat by which the row's text fits the ink worse than the free reading (at most 0).
        rival: per nat by which the best other reading fits the ink better than the row's text.

    """

    base: float
    same: Annotated[float, Field(ge=0)]
    same_sure: Annotated[float, Field(ge=0)]
    other_sure: Annotated[float, Field(le=0)]
    fit: Annotated[float, Field(ge=0)]
    rival: Annotated[float, Field(le=0)]


class VerdictRule(Strict):
    """When a field counts as agreeing or differing.

    Attributes:
        agrees: probability of agreement from which it agrees.
        differs: probability of a difference from which it differs, by kind of field; `*` for all
            others.
        unlike: nats below the free reading at which another value never counts as agreeing.
        weights: by kind of field; `*` for all others.

    """

    agrees: Share
    differs: dict[FieldKind | str, Share]
    unlike: Annotated[float, Field(lt=0)]
    weights: dict[FieldKind | str, VerdictWeights]

    def of(self, kind: FieldKind) -> VerdictWeights:
        """The weights of a kind."""
        return self.weights.get(kind) or self.weights["*"]

    def differs_from(self, kind: FieldKind) -> float:
        """The probability of a difference from which a field of a kind differs."""
        return self.differs.get(kind, self.differs["*"])


class LinkRules(Strict):
    """`link.yaml`.

    Attributes:
        no_row: share of pages without a row.
        accept: probability from which a link is accepted without a person.
        values: values of a field that are compared with the ink, the likeliest of all.
        long_values: the same of long texts: addresses, dates in words.
        rows_at_once: rows of a book that are all compared with the ink; of more, those that look
            like a record are picked out first.
        rows_each: how many of them for each record.
        offered: rows that are offered for a page in the queue.
        order: how much the order counts.
        relations: what relatives have in common.
        calibration: from evidence to probability.
        kinds: how kinds of fields count; `*` for all others.
        verdicts: how fields of a linked row are verified.

    """

    no_row: Share
    accept: Share
    values: Annotated[int, Field(ge=2)]
    long_values: Annotated[int, Field(ge=1)]
    rows_at_once: Annotated[int, Field(ge=1)]
    rows_each: Annotated[int, Field(ge=5)]
    offered: Annotated[int, Field(ge=1)]
    order: OrderRule
    relations: RelationRule
    calibration: LinkCalibration
    kinds: dict[FieldKind | str, KindRule]
    verdicts: VerdictRule

    def kind(self, kind: FieldKind) -> KindRule:
        """How fields of a kind count."""
        return self.kinds.get(kind) or self.kinds["*"]


@cache
def link_rules() -> LinkRules:
    """The shipped rules."""
    return load_data(Path(__file__).parent / "data" / "link.yaml", LinkRules)
