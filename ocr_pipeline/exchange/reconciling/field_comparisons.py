"""The fields of linked persons compared: table `compared`."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from ocr_pipeline.exchange.reconciling.compared_fields import compared_fields
from ocr_pipeline.exchange.reconciling.differences import AgreementRules
from ocr_pipeline.exchange.reconciling.value_differences import difference

if TYPE_CHECKING:
    import duckdb

_ID = "personal_id"
_BATCH = 50_000
_LINKED = "links l join side_a a on a.person = l.person_a join side_b b on b.person = l.person_b"
# Parents in each other's column are one mistake, not two.
_SWAPPED = "a.father_key = b.mother_key and a.mother_key = b.father_key"
#: Sex and birth year coded in a personal ID (3 digits province, 1 century and sex, 2 year).
ID_SEX = "case when b.id_key[4]::int % 2 = 1 then '2' else '1' end = a.sex_code"
ID_YEAR = "1900 + 100 * (b.id_key[4]::int // 2) + b.id_key[5:6]::int = a.birth_year"
ID_PROVINCE = "case when a.provinces <> '' then contains(a.provinces, b.id_key[1:3] || '|') end"
_ID_KINDS = f"""case
    when a.id_key is not null and b.id_key is null then 'missing_b'
    when a.id_key <> b.id_key then 'id_other'
    when a.id_key is not null or b.id_key is null then ''
    when a.sex_code = b.sex_code and not {ID_SEX} then 'id_contradicts'
    when a.birth_year = b.birth_year and not {ID_YEAR} then 'id_contradicts'
    when not {ID_PROVINCE} then 'id_province'
    when b.id_key in (select id_key from shared_ids) then 'id_taken'
    else '' end"""


def compare_fields(connection: duckdb.DuckDBPyConnection, rules: AgreementRules) -> None:
    """Write `compared`: person_a, person_b, place, field, value_a, value_b, verdict, kind.

    Reads `links`, `side_a`, `side_b`. Only fields that are not letter by letter equal stand in it;
    `place` is that of the field in `compared_fields.yaml`. A field that one whole side never has is
    not compared.
    """
    _shared_ids(connection)
    connection.execute(
        "create table found (person_a integer, person_b integer, place integer, field varchar, "
        "value_a varchar, value_b varchar, kind varchar)"
    )
    for place, (name, entry) in enumerate(compared_fields().items()):
        if name == _ID:
            connection.execute(
                f"insert into found select l.person_a, l.person_b, {place}, '{name}', a.{name}, "
                f"b.{name}, {_ID_KINDS} as kind from {_LINKED} where kind <> ''"
            )
        elif _on_both_sides(connection, name):
            _insert(connection, place, name, entry.how)
    _add_verdicts(connection, rules)


def _on_both_sides(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    return all(
        connection.execute(f"select exists(from side_{side} where {name} <> '')").fetchall()[0][0]
        for side in ("a", "b")
    )


def _insert(connection: duckdb.DuckDBPyConnection, place: int, name: str, how: str) -> None:
    """Add to `found` the pairs whose values of a field differ, some thousands at a time."""
    import pyarrow

    swapped = _SWAPPED if name in ("father", "mother") else "false"
    with connection.cursor() as reading:
        batches = reading.sql(
            f"select l.person_a, l.person_b, a.{name} as value_a, b.{name} as value_b, "
            f"coalesce({swapped}, false) as swapped from {_LINKED} where a.{name} <> b.{name}"
        ).to_arrow_reader(_BATCH)
        for batch in batches:
            values = (batch.column(at).to_pylist() for at in (2, 3, 4))
            kinds = [
                "parents_swapped" if is_swapped else _kind(how, a, b)
                for a, b, is_swapped in zip(*values, strict=True)
            ]
            table = pyarrow.table(
                {
                    **{at: batch.column(at) for at in ("person_a", "person_b")},
                    **{at: batch.column(at) for at in ("value_a", "value_b")},
                    "kind": pyarrow.array(kinds, pyarrow.string()),
                }
            )
            connection.register("differing", table)
            connection.execute(
                f"insert into found select person_a, person_b, {place}, '{name}', value_a, "
                "value_b, kind from differing where kind <> ''"
            )
            connection.unregister("differing")


_kind = lru_cache(maxsize=1 << 16)(difference)  # addresses and groups of people come again


def _shared_ids(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `shared_ids`: IDs of side b that also belong to a row of somebody else."""
    connection.execute(
        "create temp table shared_ids as "
        "select b.id_key from links l join side_b b on b.person = l.person_b "
        "join side_a own on own.person = l.person_a join side_a other on other.id_key = b.id_key "
        "where other.given_bare <> own.given_bare and other.birth_year <> own.birth_year "
        "union select id_key from side_b where id_key is not null "
        "group by id_key having count(distinct given_bare) > 1 and count(distinct birth_year) > 1"
    )


def _add_verdicts(connection: duckdb.DuckDBPyConnection, rules: AgreementRules) -> None:
    import pyarrow

    names = [(field, kind) for field in compared_fields() for kind in rules.kinds]
    table = pyarrow.table(
        {
            "field": [field for field, _ in names],
            "kind": [kind for _, kind in names],
            "verdict": ["counts_as_equal" if rules.agrees(*one) else "differs" for one in names],
        }
    )
    connection.register("verdicts", table)
    connection.execute(
        "create table compared as select f.* exclude (kind), v.verdict::varchar as verdict, f.kind "
        "from found f join verdicts v using (field, kind)"
    )
    connection.execute("drop table found")
    connection.unregister("verdicts")
