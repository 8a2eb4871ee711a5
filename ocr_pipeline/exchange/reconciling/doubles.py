"""Rows of one side that repeat another row of the same side."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ocr_pipeline.exchange.reconciling.person_choice import persons_of
from ocr_pipeline.exchange.reconciling.same_registration import is_same_registration

if TYPE_CHECKING:
    import duckdb

#: Rows that agree in one of these are looked at.
_BLOCKS = (
    "x.name_key = y.name_key and x.birth_year = y.birth_year",
    "x.name_key = y.name_key and x.father_key = y.father_key",
    "x.id_key = y.id_key",
    "x.name_key = y.name_key and x.mother_key = y.mother_key",
    "x.given = y.given and x.birth_year = y.birth_year and x.birth_month = y.birth_month "
    "and x.birth_day = y.birth_day and x.surname = y.surname",
    "x.given = y.given and x.mother_key = y.mother_key and x.birth_year = y.birth_year",
    "x.so <> '' and x.so = y.so and x.quyen_so = y.quyen_so and x.agency = y.agency",
)


def make_doubles_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table that `find_doubles` adds to, empty."""
    connection.execute("create table doubles (side varchar, person integer, double_of integer)")


def find_doubles(connection: duckdb.DuckDBPyConnection, side: str, role: str) -> None:
    """Add to `doubles`: side, person, double_of, of persons in a role that have no partner.

    The row that is repeated is the one with a partner; without one, the first.
    """
    connection.execute(
        "create or replace temp table own as select *, "
        f"person in (select person_{side} from links) as linked from side_{side} where role = ?",
        [role],
    )
    connection.execute("create or replace temp table lonely as select * from own where not linked")
    found: set[tuple[int, int, bool]] = set()
    for block in _BLOCKS:
        found |= set(
            connection.execute(
                "select x.person, y.person, y.linked from lonely x join own y "
                f"on {block} where x.person <> y.person and (y.linked or y.person < x.person)"
            ).fetchall()
        )
    people = persons_of(connection, side, sorted({n for pair in found for n in pair[:2]}))
    others: defaultdict[int, list[tuple[bool, int]]] = defaultdict(list)
    for person, other, linked in found:
        if is_same_registration(people[person], people[other]):
            others[person].append((not linked, other))
    double_of: dict[int, int] = {}
    for person in sorted(others):
        first = min(others[person])[1]
        double_of[person] = double_of.get(first, first)
    connection.execute(
        f"create or replace table doubles_{side} (person integer, double_of integer)"
    )
    if double_of:
        connection.execute(
            "insert into doubles select ?, unnest(?::integer[]), unnest(?::integer[])",
            [side, list(double_of), list(double_of.values())],
        )
