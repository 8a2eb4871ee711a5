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
    "x.mother_key = y.mother_key and x.birth_year = y.birth_year and "
    "x.birth_month = y.birth_month and x.birth_day = y.birth_day",
    "x.given = y.given and x.mother_key = y.mother_key and x.birth_month = y.birth_month and "
    "x.birth_day = y.birth_day",
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
    single = _one_elsewhere(connection, side)
    others: defaultdict[int, list[tuple[bool, int]]] = defaultdict(list)
    for person, other, linked in found:
        one = (person, other) in single
        if is_same_registration(people[person], people[other], one_elsewhere=one):
            others[person].append((not linked, other))
    double_of: dict[int, int] = {}
    for person in sorted(others):
        first = min(others[person])[1]
        double_of[person] = double_of.get(first, first)
    if double_of:
        connection.execute(
            "insert into doubles select ?, unnest(?::integer[]), unnest(?::integer[])",
            [side, list(double_of), list(double_of.values())],
        )


def _one_elsewhere(connection: duckdb.DuckDBPyConnection, side: str) -> set[tuple[int, int]]:
    """Persons without a partner whose only possible one is that of another row, with that row."""
    other = "b" if side == "a" else "a"
    found = connection.execute(
        f"with only_one as (select person_{side} as person, any_value(person_{other}) as elsewhere "
        f"from possible where person_{side} not in (select person_{side} from links) "
        f"group by 1 having count(distinct person_{other}) = 1 and bool_or(acceptable)) "
        f"select o.person, l.person_{side} from only_one o "
        f"join links l on l.person_{other} = o.elsewhere"
    ).fetchall()
    return set(found)


def separate_repeated_links(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep one of the links between rows that are repeated on both sides.

    A registration that stands twice on each side gives two links; then nobody would learn that the
    rows are doubles.
    """
    candidates = connection.execute(
        "with l as (select l.person_a, l.person_b, a.name_key, a.birth_year, a.birth_month, "
        "a.birth_day, a.mother_key, a.role, b.name_key as name_b from links l "
        "join side_a a on a.person = l.person_a join side_b b on b.person = l.person_b) "
        "select x.person_a, x.person_b, y.person_a, y.person_b from l x join l y "
        "on x.name_key = y.name_key and x.birth_year = y.birth_year "
        "and x.birth_month = y.birth_month and x.birth_day = y.birth_day and x.role = y.role "
        "and x.mother_key is not distinct from y.mother_key and x.name_b = y.name_b "
        "where x.person_a < y.person_a order by all"
    ).fetchall()
    people_a = persons_of(connection, "a", sorted({n for row in candidates for n in row[::2]}))
    people_b = persons_of(connection, "b", sorted({n for row in candidates for n in row[1::2]}))
    repeated = {
        later
        for first, first_b, later, later_b in candidates
        if is_same_registration(people_a[first], people_a[later])
        and is_same_registration(people_b[first_b], people_b[later_b])
    }
    if repeated:
        connection.execute(
            "delete from links where person_a in (select unnest(?::integer[]))", [sorted(repeated)]
        )
