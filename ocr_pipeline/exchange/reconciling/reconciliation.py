"""The result of a reconciliation: four tables in a folder, and typed objects from them.

The tables are Parquet files; a million persons a side take some 200 MB. Any program that reads
Parquet can count in them; `Reconciliation.query` does so in SQL, with the tables under their names.

`persons`: side VARCHAR, person INTEGER (the number on its side), file, sheet VARCHAR, row INTEGER,
    role, type, digest, agency, unit, registered, so, quyen_so VARCHAR, and one VARCHAR column for
    each compared field (`name`, `sex`, `birth`, …): see `ComparedPerson`.
`outcomes`: outcome INTEGER (0 …, the order of lists), kind VARCHAR (`OutcomeKind`), type, unit
    VARCHAR, person_a, person_b INTEGER (NULL where there is none), double_of INTEGER (a person of
    the same side, NULL for none), probability DOUBLE, reason VARCHAR, proposed VARCHAR (the ID, ""
    for none), proposed_sex, proposed_year, proposed_province BOOLEAN (NULL: cannot be told).
`comparisons`: outcome INTEGER, field, value_a, value_b, verdict, kind VARCHAR: only fields that are
    `counts_as_equal` or `differs`, in the order of `compared_fields.yaml`.
`candidates`: outcome INTEGER, place INTEGER (from 1), person INTEGER (of the other side),
    probability DOUBLE: only for `several`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.exchange.keyed_files.findings import RowKey
from ocr_pipeline.exchange.keyed_files.keyed_rows import AsideRow
from ocr_pipeline.exchange.keyed_files.keyed_tally import KeyedTally
from ocr_pipeline.exchange.reconciling.outcome import (
    ComparedPerson,
    FieldComparison,
    FieldVerdict,
    OutcomeCandidate,
    OutcomeKind,
    PersonOutcome,
    ProposedNumber,
)

if TYPE_CHECKING:
    import duckdb

TABLES = ("persons", "outcomes", "comparisons", "candidates")
#: Columns of `persons` before those of the compared fields.
PERSON_COLUMNS = (
    "side", "person", "file", "sheet", "row", "role", "type", "digest", "agency", "unit",
    "registered", "so", "quyen_so",
)  # fmt: skip
_BATCH = 2000


@dataclass(slots=True)
class Reconciliation:
    """The tables of one reconciliation, on disk.

    Attributes:
        folder: where `persons.parquet` and the others lie.
        tally_a: what was read of side a: rows, mended cells, faults; empty when opened again.
        tally_b: the same of side b.
        aside_a: rows of side a that are no record; empty when opened again.
        aside_b: the same of side b.

    """

    folder: Path
    tally_a: KeyedTally = field(default_factory=KeyedTally)
    tally_b: KeyedTally = field(default_factory=KeyedTally)
    aside_a: list[AsideRow] = field(default_factory=list)
    aside_b: list[AsideRow] = field(default_factory=list)
    _database: duckdb.DuckDBPyConnection | None = field(
        default=None, init=False, repr=False, compare=False
    )

    def connection(self) -> duckdb.DuckDBPyConnection:
        """An own connection that sees the tables as views under their names.

        All share one database: to open one takes 30 ms, and lists ask hundreds of times.
        """
        if self._database is None:
            database: duckdb.DuckDBPyConnection = engine().connect()
            for name in TABLES:
                path = str(self.folder / f"{name}.parquet").replace("'", "''")
                database.execute(f"create view {name} as select * from read_parquet('{path}')")
            self._database = database
        return self._database.cursor()

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of a SELECT over the tables; `?` in it stand for `values`."""
        with self.connection() as connection:
            return connection.execute(sql, list(values)).fetchall()

    def counts(self) -> dict[OutcomeKind, int]:
        """Outcomes by class; classes without one count 0."""
        found = dict(self.query("select kind, count(*) from outcomes group by kind"))
        return {kind: found.get(kind.value, 0) for kind in OutcomeKind}

    def outcomes(self, where: str = "true", *values: object) -> Iterator[PersonOutcome]:
        """Outcomes as objects, in the order of lists, without holding all of them.

        Args:
            where: a condition of SQL on the columns of `outcomes`, e.g. `kind = ? and type = 'KS'`.
            values: what its `?` stand for.

        """
        with self.connection() as connection:
            rows = connection.execute(
                f"select outcome from outcomes where {where} order by outcome", list(values)
            )
            while numbers := [number for (number,) in rows.fetchmany(_BATCH)]:
                with connection.cursor() as other:
                    yield from _outcomes(other, numbers)


def engine() -> Any:
    """The module `duckdb`, if all that reconciling needs is there.

    Raises:
        MachineError: the extra `reconcile` is not installed.

    """
    try:
        import duckdb
        import pyarrow
        import splink
    except ImportError as error:
        raise MachineError(
            Text(
                f"Thiếu thư viện đối chiếu: {error.name}",
                f"A library for reconciling is missing: {error.name}",
            ),
            remedy=Text(
                "Cài đặt: pip install 'sohoa[reconcile]'", "Run: pip install 'sohoa[reconcile]'"
            ),
        ) from error
    assert pyarrow and splink
    return duckdb


def _outcomes(connection: duckdb.DuckDBPyConnection, numbers: list[int]) -> Iterator[PersonOutcome]:
    chosen = "outcome in (select unnest(?::integer[]))"

    def rows(sql: str, *values: object) -> list[dict[str, Any]]:
        result = connection.execute(sql, list(values))
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    found = rows(f"select * from outcomes where {chosen} order by outcome", numbers)
    compared: dict[int, list[FieldComparison]] = {}
    for row in rows(f"select * from comparisons where {chosen}", numbers):
        compared.setdefault(row.pop("outcome"), []).append(
            FieldComparison(**row | {"verdict": FieldVerdict(row["verdict"])})
        )
    others: dict[int, list[tuple[int, float]]] = {}
    for row in rows(f"select * from candidates where {chosen} order by place", numbers):
        others.setdefault(row["outcome"], []).append((row["person"], row["probability"]))
    wanted = {("a", row["person_a"]) for row in found} | {("b", row["person_b"]) for row in found}
    for row in found:
        own, other = ("a", "b") if row["person_b"] is None else ("b", "a")
        wanted.add((own, row["double_of"]))
        wanted |= {(other, person) for person, _ in others.get(row["outcome"], ())}
    persons: dict[tuple[str, int | None], ComparedPerson] = {}
    for side in ("a", "b"):
        asked = [person for one, person in wanted if one == side and person is not None]
        sql = "select * from persons where side = ? and person in (select unnest(?::integer[]))"
        for row in rows(sql, side, asked):
            persons[side, row["person"]] = _person(row)
    for row in found:
        own, other = ("a", "b") if row["person_b"] is None else ("b", "a")
        number = row["outcome"]
        proposed = ProposedNumber(
            row["proposed"], row["proposed_sex"], row["proposed_year"], row["proposed_province"]
        )
        yield PersonOutcome(
            number, OutcomeKind(row["kind"]), row["type"], row["unit"],
            persons.get(("a", row["person_a"])), persons.get(("b", row["person_b"])),
            row["probability"], row["reason"], tuple(compared.get(number, ())),
            proposed if proposed.number else None, persons.get((own, row["double_of"])),
            tuple(OutcomeCandidate(persons[other, at], p) for at, p in others.get(number, ())),
        )  # fmt: skip


def _person(row: dict[str, Any]) -> ComparedPerson:
    values = {name: value or "" for name, value in row.items() if name not in PERSON_COLUMNS}
    return ComparedPerson(
        row["side"], row["person"], RowKey(row["file"], row["sheet"], row["row"]), row["role"],
        row["type"], row["digest"], row["agency"], row["unit"], row["registered"], row["so"],
        row["quyen_so"], values,
    )  # fmt: skip
