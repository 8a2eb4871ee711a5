"""What the fields of a record say for each row: log-odds against any other record of the country.

For each field, the row's text is compared with the ink, and with how many people have a text that
fits as well: a common value says little. A row that differs in a field loses no more than the share
of such slips, so that one wrong number does not undo eight right fields.

Brothers and sisters share parents and home, twins share all but name and number: such fields
together prove no more than the share of such rows allows. Without that, the page of a child whose
row is missing goes to the row of its sister.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Floats
from ocr_pipeline.exchange.linking.ink_fit import WORST_FIT, RecordInk
from ocr_pipeline.exchange.linking.link_rules import LinkRules, RelationRule, Sharing
from ocr_pipeline.exchange.linking.row_values import row_value
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.types import RegisterType

#: Kinds whose texts are long and have many forms: each costs ten times what a name costs.
LONG_KINDS = frozenset(
    {FieldKind.PLACE, FieldKind.AGENCY, FieldKind.FREE_TEXT, FieldKind.DATE_WORDS}
)


@dataclass(frozen=True, slots=True)
class RowColumns:
    """What the rows of a book say, by field of a form.

    Attributes:
        values: by code: the value of each row; None where a row's file has no such column.
        count: of these rows.
        total: rows that came into question before these were picked out of them.

    """

    values: Mapping[str, Sequence[str | None]]
    count: int
    total: int

    @classmethod
    def of(
        cls,
        rows: Sequence[Mapping[str, str]],
        type: RegisterType,
        codes: Sequence[str],
        total: int = 0,
    ) -> RowColumns:
        """The values of rows for the fields of a form; `total` where more came into question."""
        values = {code: [row_value(row, type, code) for row in rows] for code in codes}
        return cls(values, len(rows), max(total, len(rows)))


def evidence(record: RecordInk, columns: RowColumns, rules: LinkRules) -> Floats:
    """What a record says for each row.

    Returns:
        (rows,) natural log-odds, row against none; the order in the book is not among it.

    """
    shared = np.zeros((len(Sharing), columns.count))
    for code, ink in record.fields.items():
        values = columns.values.get(code)
        if values is None or not ink.is_telling:
            continue
        most = rules.long_values if ink.field.kind in LONG_KINDS else rules.values
        likely = ink.likeliest([value for value in values if value], most)
        fits = ink.fits([*likely, ""])
        fit = np.array([_fit(value, fits) for value in values])
        said = np.array([value is not None for value in values])
        shared[rules.relations.sharing(code)] += _log_odds(fit, said, rules, code, record)
    return _together(shared, columns.total, rules.relations)


def _together(shared: Floats, rows: int, relations: RelationRule) -> Floats:
    """All fields together: what others share proves no more than how rare such others are."""
    of_relatives = np.minimum(shared[Sharing.BY_RELATIVES], math.log(rows / relations.siblings))
    of_twins = shared[Sharing.BY_TWINS] + of_relatives
    found: Floats = shared[Sharing.BY_NOBODY] + np.minimum(
        of_twins, math.log(rows / relations.twins)
    )
    return found


def _fit(value: str | None, fits: Mapping[str, float]) -> float:
    return fits.get(value or "", WORST_FIT) if value is not None else 0.0


def _log_odds(
    fit: Floats, said: npt.NDArray[np.bool_], rules: LinkRules, code: str, record: RecordInk
) -> Floats:
    """Log-odds by one field; 0 of rows that say nothing of it."""
    if not said.any():
        return np.zeros(len(fit))
    rule = rules.kind(record.fields[code].field.kind)
    fitting = np.where(said, np.exp(fit), 0.0)
    # Of all others: that the row itself fits does not make its text a common one.
    usual = (fitting.sum() - fitting) / max(int(said.sum()) - 1, 1) + rule.rare
    odds = np.log((1 - rule.slips) * fitting / usual + rule.slips)
    return np.where(said, odds, 0.0)
