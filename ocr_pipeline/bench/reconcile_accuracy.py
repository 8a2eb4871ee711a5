"""How well two invented databases are reconciled: counted against the known truth."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ocr_pipeline.bench.invented_databases import InventedDatabases
from ocr_pipeline.bench.invented_events import EventType
from ocr_pipeline.exchange.keyed_files.keyed_file import open_keyed_sides
from ocr_pipeline.exchange.reconciling.reconcile import reconcile
from ocr_pipeline.exchange.reconciling.reconciliation import Reconciliation

_FIELDS = (
    "name", "sex", "birth", "birth_place", "home_town", "father", "mother", "ethnic_group",
)  # fmt: skip


@dataclass(slots=True)
class ReconcileAccuracy:
    """Shares between 0 and 1; None where there is nothing to count.

    Attributes:
        rows: of both sides.
        seconds_reading: from the first row of side a to the last one of side b.
        seconds_reconciling: from there to the last table.
        seconds_cpu: of both together, all threads and the process that reads side b; without the
            processes that open the files.
        peak_memory_mb: of this process, the drawing of the databases included.
        right_person: pairs of class agree that are one person.
        right_twin: the same among twins.
        agree_right: pairs of class agree of which no field means something else.
        recall: persons of both sides whose rows were linked.
        differ_recall: linked or not, pairs of persons that differ and are classed so.
        fields_named: pairs classed differ, of one person, whose fields are just the right ones.
        kinds_named: fields that differ by one known error whose kind is the right one.
        doubles_right: rows called a double that are one of the row that is named.
        doubles_called: doubles that are called a double of a row of the same person.
        ids_of_others: IDs proposed that belong to somebody else: a count, not a share.
        without_person: rows that are classed, and rightly, without anybody looking at them.
        counts: outcomes by class.
        missed: fields that were named wrongly, by field.
        kinds: by kind of a planted error, how many there are in linked rows of one person where the
            other row has none in that field, how many are found, and how many of these under their
            kind; an error in a place is found under several kinds.

    """

    rows: int = 0
    seconds_reading: float = 0.0
    seconds_reconciling: float = 0.0
    seconds_cpu: float = 0.0
    peak_memory_mb: float = 0.0
    right_person: float | None = None
    right_twin: float | None = None
    agree_right: float | None = None
    recall: float | None = None
    differ_recall: float | None = None
    fields_named: float | None = None
    kinds_named: float | None = None
    doubles_called: float | None = None
    doubles_right: float | None = None
    ids_of_others: int = 0
    without_person: float | None = None
    counts: dict[str, int] = field(default_factory=dict)
    missed: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)


def measure_reconciling(
    rows: int,
    seed: int,
    often_a: float = 1.0,
    event: EventType = "KS",
    *,
    read_a: bool = False,
) -> ReconcileAccuracy:
    """Draw two databases of some `rows` persons, reconcile them, and count.

    Side a holds the register `event` and errs `often_a` times as often as usual; `read_a`: a
    machine has read it, and nobody has reviewed that.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        databases = InventedDatabases(folder, rows, seed, often_a, event, read_a=read_a)
        databases.write()
        started = last_row = time.monotonic()
        cpu = _processor_seconds()

        def advance() -> None:
            nonlocal last_row
            last_row = time.monotonic()

        with open_keyed_sides([([file], None) for file in databases.files]) as sides:
            side_a, side_b = sides
            result = reconcile(side_a, side_b, folder / "result", advance=advance)
        ended = time.monotonic()
        cpu = _processor_seconds() - cpu
        accuracy = count_accuracy(result, folder)
    accuracy.seconds_reading = round(last_row - started, 1)
    accuracy.seconds_reconciling = round(ended - last_row, 1)
    accuracy.seconds_cpu = round(cpu, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    accuracy.peak_memory_mb = round(peak / 1024, 1)
    return accuracy


def _processor_seconds() -> float:
    """Of this process and of those that it has started and that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def count_accuracy(result: Reconciliation, folder: Path) -> ReconcileAccuracy:
    """Compare the tables of a reconciliation with the truth beside the invented files."""
    with _truth(result, folder) as (connection, ask):
        found = ReconcileAccuracy(rows=ask("select count(*) from persons"))
        agree = "linked where kind like 'agree%'"
        found.right_person = ask(f"select avg(same::int) from {agree}")
        found.right_twin = ask(f"select avg(same::int) from {agree} and twin")
        found.agree_right = ask(f"select avg((same and true_fields = [])::int) from {agree}")
        found.recall = ask(_RECALL)
        found.differ_recall = ask(_DIFFER_RECALL)
        found.fields_named = ask(
            "select avg((true_fields = named)::int) from linked where kind = 'differ' and same"
        )
        found.kinds_named = ask(_KINDS)
        found.doubles_called = ask(_DOUBLES)
        found.doubles_right = ask(_DOUBLES_RIGHT)
        found.ids_of_others = ask(f"select count(*) from {agree} and proposed <> '' and not same")
        found.without_person = ask(_WITHOUT_PERSON)
        found.counts = {kind.value: count for kind, count in result.counts().items()}
        for name in (*_FIELDS, "personal_id"):
            found.missed[name] = ask(
                f"select count(*) from linked where same and "
                f"contains(true_fields, '{name}') <> contains(named, '{name}')"
            )
        kinds = connection.execute(_BY_KIND).fetchall()
        found.kinds = {kind: tuple(counts) for kind, *counts in kinds}
    return found


@contextmanager
def _truth(result: Reconciliation, folder: Path) -> Iterator[Any]:
    with result.connection() as connection:
        for side in "ab":
            connection.execute(
                f"create temp table t{side} as select p.person as own, t.* "
                f"from persons p join read_parquet('{folder}/truth_{side}.parquet') t "
                f"on t.line = p.row and t.role = p.role where p.side = '{side}'"
            )
        differing = ", ".join(f"case when {_differs(name)} then '{name}' end" for name in _FIELDS)
        connection.execute(
            f"create temp table linked as select o.*, a.person = b.person as same, a.twin, "
            f"list_sort(list_filter([{differing}, {_ID_DIFFERS}], lambda x: x is not null)) "
            "as true_fields, list_sort(coalesce(n.named, [])) as named, a.errors as errors_a, "
            "b.errors as errors_b from outcomes o join ta a on a.own = o.person_a "
            "join tb b on b.own = o.person_b left join (select outcome, list(field) as named "
            "from comparisons where verdict = 'differs' group by 1) n using (outcome)"
        )

        def ask(sql: str) -> Any:
            value = connection.execute(sql).fetchall()[0][0]
            return round(value, 5) if isinstance(value, float) else value

        yield connection, ask


def _differs(name: str) -> str:
    """SQL: the field means something else in both rows."""
    if name not in ("home_town", "birth_place"):
        return f"a.{name} <> b.{name}"
    # Commune now, commune until 2025, district; what one side does not say cannot differ. Where a
    # side writes the commune of 2026, the communes until 2025 cannot be compared.
    now, before, district = (
        f"(split_part(a.{name}, '/', {at}) <> '?' and split_part(b.{name}, '/', {at}) <> '?' "
        f"and split_part(a.{name}, '/', {at}) <> split_part(b.{name}, '/', {at}))"
        for at in (1, 2, 3)
    )
    return f"({now} or {before} or {district})"


_ID_DIFFERS = (
    "case when (a.personal_id <> '' and a.personal_id <> b.personal_id) or (a.personal_id = '' "
    "and contains(b.errors, 'personal_id:id_contradicts')) then 'personal_id' end"
)
_RECALL = (
    "select avg((l.person is not null)::int) from (select distinct ta.person from ta join tb "
    "using (person)) both_sides left join (select distinct ta.person from linked "
    "join ta on ta.own = person_a where same) l using (person)"
)
_DIFFER_RECALL = (
    "with true_pairs as (select min(ta.own) as own, ta.person from ta semi join tb using (person) "
    "group by 2), singles as (select person from ta group by 1 having count(*) = 1 intersect "
    "select person from tb group by 1 having count(*) = 1), wanted as (select a.own from ta a "
    "join tb b using (person) join singles using (person) where "
    + " or ".join(f"({_differs(name)})" for name in _FIELDS)
    + f" or {_ID_DIFFERS} is not null) "
    "select avg((o.kind = 'differ')::int) from wanted join outcomes o on o.person_a = own"
)
_KINDS = (
    "with named as (select l.outcome, c.field, c.kind, regexp_extract(l.errors_a, c.field || "
    "':([a-z_]+)', 1) as one, regexp_extract(l.errors_b, c.field || ':([a-z_]+)', 1) as other "
    "from linked l join comparisons c using (outcome) where l.same and c.verdict = 'differs') "
    "select avg((kind = one || other)::int) from named where (one = '') <> (other = '') "
    "and field not in ('home_town', 'birth_place', 'personal_id')"
)
_BY_KIND = (
    "with planted as (select outcome, unnest(string_split(errors_a, '|')) as error, errors_b "
    "as other from linked where same and errors_a <> '' union all select outcome, "
    "unnest(string_split(errors_b, '|')), errors_a from linked where same and errors_b <> ''), "
    "parts as (select outcome, split_part(error, ':', 1) as field, split_part(error, ':', 2) "
    "as kind from planted where not contains(other, split_part(error, ':', 1) || ':')) "
    "select p.kind, count(*), count(c.kind), count(*) filter (c.kind = p.kind) from parts p "
    "left join comparisons c on c.outcome = p.outcome and c.field = p.field "
    "and c.verdict = 'differs' group by 1 order by 2 desc"
)
_DOUBLES = (
    "with every as (select 'a' as side, own, person from ta union all select 'b', own, person "
    "from tb), spare as (select side, person, count(*) - 1 as n from every group by all "
    "having n > 0), called as (select x.side, x.person, count(*) as n from outcomes o join every x "
    "on (x.side = 'a' and x.own = o.person_a) or (x.side = 'b' and x.own = o.person_b) "
    "join every y on y.side = x.side and y.own = o.double_of and y.person = x.person "
    "where o.kind = 'double' group by all) "
    "select sum(least(coalesce(c.n, 0), s.n)) / sum(s.n) from spare s left join called c "
    "using (side, person)"
)
_DOUBLES_RIGHT = (
    "with every as (select 'a' as side, own, person from ta union all select 'b', own, person "
    "from tb) select avg((x.person = y.person)::int) from outcomes o join every x "
    "on (x.side = 'a' and x.own = o.person_a) or (x.side = 'b' and x.own = o.person_b) "
    "join every y on y.side = x.side and y.own = o.double_of where o.kind = 'double'"
)
_WITHOUT_PERSON = (
    "with every as (select 'a' as side, own, person from ta union all select 'b', own, person "
    "from tb), right_ones as (select 2 * count(*) as n from linked where same and "
    "(kind = 'differ') = (true_fields <> []) union all select count(*) from outcomes o "
    "join every x on x.own = o.person_a and x.side = 'a' where o.kind = 'not_found' "
    "and x.person not in (select person from tb) union all select count(*) from outcomes o "
    "join every x on x.own = o.person_b and x.side = 'b' where o.kind = 'not_found' "
    "and x.person not in (select person from ta) union all select count(*) from outcomes o "
    "join every x on (x.side = 'a' and x.own = o.person_a) or (x.side = 'b' and "
    "x.own = o.person_b) join every y on y.side = x.side and y.own = o.double_of "
    "and y.person = x.person where o.kind = 'double') "
    "select sum(n) / (select count(*) from every) from right_ones"
)
