"""Who of one side is who of the other: one partner at most, twins and siblings told apart."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ocr_pipeline.exchange.reconciling.assignment import Pair, best_assignment, groups_of_pairs
from ocr_pipeline.exchange.reconciling.match_model_schema import match_model
from ocr_pipeline.exchange.reconciling.same_registration import (
    SIDE_PERSON_SQL,
    SidePerson,
    is_same_registration,
    side_person,
)

if TYPE_CHECKING:
    import duckdb

#: Bits of evidence by which the best choice has to be better than the next one: 8 to 1.
_CLEAR_BITS = 3.0
#: Added to every weight, so that all pairs that are possible have a positive one.
_SHIFT = 10.0
# Given names that can be one name mistyped. Others are those of twins and siblings, unless the
# personal ID says that it is the same person.
_SAME_GIVEN = (
    "(a.given_bare = b.given_bare or a.id_key = b.id_key or "
    "(damerau_levenshtein(a.given_bare, b.given_bare) <= 1 "
    "and greatest(length(a.given_bare), length(b.given_bare)) > 2) or "
    "list_sort(string_split(a.name_bare, ' ')) = list_sort(string_split(b.name_bare, ' ')))"
)

# Dates that can be one date mistyped: one part of three differs, day and month are exchanged, or
# nothing that both sides know differs. Brothers and sisters have others.
_NEAR_BIRTH = (
    "(a.birth_year is null or b.birth_year is null or a.id_key = b.id_key or "
    "coalesce((a.birth_year <> b.birth_year)::int, 0) + "
    "coalesce((a.birth_month <> b.birth_month)::int, 0) + "
    "coalesce((a.birth_day <> b.birth_day)::int, 0) <= 1 or (a.birth_year = b.birth_year and "
    "a.birth_month = b.birth_day and a.birth_day = b.birth_month))"
)


def make_choice_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables that `choose_persons` adds to, empty."""
    pair = "person_a integer, person_b integer, probability double"
    connection.execute(f"create table links ({pair})")
    connection.execute(
        f"create table possible ({pair}, weight double, acceptable boolean, alone boolean)"
    )


def choose_persons(connection: duckdb.DuckDBPyConnection) -> None:
    """Add to `links`: person_a, person_b, probability; and to `possible`: the pairs worth a look.

    Reads `pairs`, `side_a` and `side_b`. `possible` has, besides the pairs' columns, `acceptable`
    (given name and date can be one, mistyped) and `alone` (neither person is in another pair).
    """
    choice = match_model().choice
    connection.execute(
        "create or replace temp table looked_at as select p.*, "
        f"coalesce({_SAME_GIVEN}, false) and ({_NEAR_BIRTH} or a.name_key = b.name_key) "
        "as acceptable, "
        "count(*) over (partition by p.person_a) + count(*) over (partition by p.person_b) = 2 "
        "as alone from pairs p join side_a a on a.person = p.person_a "
        "join side_b b on b.person = p.person_b where p.probability >= ? "
        f"and (acceptable or {_NEAR_BIRTH})",
        [choice.possible],
    )
    connection.execute("insert into possible select * from looked_at")
    sure = "acceptable and probability >= ?"
    connection.execute(
        "insert into links select person_a, person_b, probability from looked_at "
        f"where alone and {sure}",
        [choice.same_person],
    )
    entangled = connection.execute(
        f"select person_a, person_b, weight, {sure} from looked_at where not alone "
        "order by person_a, person_b",
        [choice.same_person],
    ).fetchall()
    chosen = _choose(connection, entangled)
    if chosen:
        connection.execute(
            "insert into links select person_a, person_b, probability from looked_at "
            "where (person_a, person_b) in (select unnest(?::integer[]), unnest(?::integer[]))",
            [[a for a, _ in chosen], [b for _, b in chosen]],
        )


def _choose(
    connection: duckdb.DuckDBPyConnection, pairs: list[tuple[int, int, float, bool]]
) -> list[Pair]:
    weights = {(a, b): weight + _SHIFT for a, b, weight, _ in pairs}
    sure = {(a, b) for a, b, _, is_sure in pairs if is_sure}
    persons_a = persons_of(connection, "a", sorted({a for a, _ in weights}))
    persons_b = persons_of(connection, "b", sorted({b for _, b in weights}))
    chosen: list[Pair] = []
    for group in groups_of_pairs(weights):
        own = {pair: weights[pair] for pair in group}
        best = best_assignment(own)
        clear = _ClearChoice(own, best, persons_a, persons_b)
        chosen += [pair for pair in best if pair in sure and clear.is_clear(pair)]
    return chosen


def persons_of(
    connection: duckdb.DuckDBPyConnection, side: str, numbers: list[int]
) -> dict[int, SidePerson]:
    """Persons of a side by their numbers."""
    found = connection.execute(
        f"select {SIDE_PERSON_SQL} from side_{side} where person in (select unnest(?::integer[]))",
        [numbers],
    ).fetchall()
    return {row[0]: side_person(row) for row in found}


class _ClearChoice:
    """Whether a chosen pair is clearly better than what else could have been chosen."""

    def __init__(
        self,
        weights: dict[Pair, float],
        best: list[Pair],
        persons_a: dict[int, SidePerson],
        persons_b: dict[int, SidePerson],
    ) -> None:
        self._weights = weights
        self._partner_of_b = {b: a for a, b in best}
        self._partner_of_a = dict(best)
        self._persons_a, self._persons_b = persons_a, persons_b
        self._of_a: defaultdict[int, list[int]] = defaultdict(list)
        self._of_b: defaultdict[int, list[int]] = defaultdict(list)
        for a, b in weights:
            self._of_a[a].append(b)
            self._of_b[b].append(a)

    def is_clear(self, pair: Pair) -> bool:
        a, b = pair
        others_b = [one for one in self._of_a[a] if one != b]
        others_a = [one for one in self._of_b[b] if one != a]
        return all(self._loses_to_b(pair, other) for other in others_b) and all(
            self._loses_to_a(pair, other) for other in others_a
        )

    def _loses_to_b(self, pair: Pair, other: int) -> bool:
        a, b = pair
        if is_same_registration(self._persons_b[b], self._persons_b[other]):
            return True
        gain = self._weights[a, other] - self._weights[pair]
        if (owner := self._partner_of_b.get(other)) is not None:
            gain += self._weights.get((owner, b), 0.0) - self._weights[owner, other]
        return gain < -_CLEAR_BITS

    def _loses_to_a(self, pair: Pair, other: int) -> bool:
        a, b = pair
        if other in self._partner_of_a:
            return True  # the exchange is looked at from the other side
        if is_same_registration(self._persons_a[a], self._persons_a[other]):
            return True
        return self._weights[other, b] - self._weights[pair] < -_CLEAR_BITS
