"""Two databases compared: who of one side is who of the other, and whether the records agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocr_pipeline.exchange.keyed_files.keyed_file import KeyedFiles
from ocr_pipeline.exchange.keyed_files.passing_folder import passing_folder
from ocr_pipeline.exchange.reconciling.candidate_pairs import find_candidates
from ocr_pipeline.exchange.reconciling.differences import AgreementRules, agreement_rules
from ocr_pipeline.exchange.reconciling.doubles import (
    find_doubles,
    make_doubles_table,
    separate_repeated_links,
)
from ocr_pipeline.exchange.reconciling.field_comparisons import compare_fields
from ocr_pipeline.exchange.reconciling.outcome_tables import write_outcome_tables
from ocr_pipeline.exchange.reconciling.person_choice import choose_persons, make_choice_tables
from ocr_pipeline.exchange.reconciling.person_tables import make_person_table
from ocr_pipeline.exchange.reconciling.reconciliation import Reconciliation, engine
from ocr_pipeline.exchange.reconciling.side_reading import read_sides

_BORN = "nks"


@dataclass(frozen=True, slots=True)
class ReconcileSettings:
    """How two sides are compared.

    Attributes:
        rules: which differences count as agreement.
        threads: of the database engine; with two or more, both sides are read at once.
        memory_mb: that the database engine may use; it writes to disk beyond.

    """

    rules: AgreementRules = field(default_factory=agreement_rules)
    threads: int = 2
    memory_mb: int = 2500


def reconcile(
    side_a: KeyedFiles,
    side_b: KeyedFiles,
    out: Path,
    settings: ReconcileSettings | None = None,
    advance: Callable[[], None] = lambda: None,
) -> Reconciliation:
    """Compare two sides and write the tables of `reconciliation` into a folder.

    Every person of both sides stands in exactly one outcome. Nothing is changed in either side.
    The same input gives the same tables.

    Args:
        side_a: the opened files of the civil-status database.
        side_b: those of the population database.
        out: folder for the tables; it is made, and tables of an earlier run there are replaced.
        settings: None for the usual ones.
        advance: called after each row read.

    Raises:
        BadInputError: a side has no row that tells of a person.
        MachineError: the extra `reconcile` is not installed, or the folder cannot be written to.

    """
    settings = settings or ReconcileSettings()
    out.mkdir(parents=True, exist_ok=True)
    with passing_folder() as folder, _working_place(folder, settings) as connection:
        read_a, read_b = read_sides(side_a, side_b, folder, advance, settings.threads)
        make_person_table(connection, "a", read_a)
        make_person_table(connection, "b", read_b)
        make_choice_tables(connection)
        make_doubles_table(connection)
        for role_a, role_b in _role_pairs(connection):
            find_candidates(connection, role_a, role_b)
            choose_persons(connection)
        separate_repeated_links(connection)
        for side in ("a", "b"):
            for role in _roles(connection, side):
                find_doubles(connection, side, role)
        _drop_passing(connection)
        compare_fields(connection, settings.rules)
        write_outcome_tables(connection, out)
    return Reconciliation(out, read_a.tally, read_b.tally, read_a.aside, read_b.aside)


@contextmanager
def _working_place(folder: Path, settings: ReconcileSettings) -> Iterator[Any]:
    """A database of its own beside which nothing stays."""
    config = {"threads": settings.threads, "memory_limit": f"{settings.memory_mb}MB"}
    connection = engine().connect(str(folder / "persons.duckdb"), config=config)
    try:
        yield connection
    finally:
        connection.close()


def _drop_passing(connection: Any) -> None:
    """Forget what only the search for persons needed: a million persons a side leave 1 GB."""
    for name in ("pairs", "blocked_a", "blocked_b", "looked_at", "own", "lonely"):
        connection.execute(f"drop table if exists {name}")


def _roles(connection: Any, side: str) -> list[str]:
    found = connection.execute(f"select distinct role from side_{side} order by role").fetchall()
    return [role for (role,) in found]


def _role_pairs(connection: Any) -> Iterator[tuple[str, str]]:
    """Who of a is looked for as whom of b: the same role; without it, the person of a birth."""
    roles_b = _roles(connection, "b")
    for role in _roles(connection, "a"):
        if role in roles_b:
            yield role, role
        elif _BORN in roles_b:
            yield role, _BORN
