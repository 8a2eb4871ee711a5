"""What became of every person, written as the tables of `reconciliation`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ocr_pipeline.exchange.reconciling.compared_fields import compared_fields
from ocr_pipeline.exchange.reconciling.field_comparisons import ID_PROVINCE, ID_SEX, ID_YEAR
from ocr_pipeline.exchange.reconciling.match_model_schema import match_model
from ocr_pipeline.exchange.reconciling.reconciliation import PERSON_COLUMNS, TABLES

if TYPE_CHECKING:
    import duckdb

_MOST_CANDIDATES = 5

_LINKED = f"""
create table linked_outcomes as
with differing as (
    select person_a, person_b, count(*) as n from compared where verdict = 'differs' group by all
)
select
    case when d.n > 0 then 'differ'
        when a.id_key is null and b.id_key is not null then 'agree_id_missing'
        else 'agree' end as kind,
    a.type, a.unit, l.person_a, l.person_b, null::integer as double_of, l.probability,
    case when d.n > 0 then 'fields_differ'
        when a.id_key is null and b.id_key is not null then 'id_to_assign'
        when a.id_key is null then 'no_id_anywhere'
        else 'all_agree' end as reason,
    case when kind = 'agree_id_missing' then b.id_key else '' end as proposed,
    case when kind = 'agree_id_missing' then {ID_SEX} end as proposed_sex,
    case when kind = 'agree_id_missing' then {ID_YEAR} end as proposed_year,
    case when kind = 'agree_id_missing' then {ID_PROVINCE} end as proposed_province,
    a.registered
from links l
join side_a a on a.person = l.person_a
join side_b b on b.person = l.person_b
left join differing d using (person_a, person_b)
"""

# A person without a partner: a double; or rows of the other side are left that may be theirs; or
# they are not found. A row that is somebody else's already is no candidate unless it is as alike.
_ALONE = """
create or replace temp table alone_{side} as
with free as (
    select p.person_{side} as person, p.person_{other} as candidate, p.probability, p.acceptable,
        p.person_{other} in (select person_{other} from links) as taken
    from possible p
    where p.person_{side} not in (select person_{side} from links)
        and p.person_{other} not in (select person from doubles where side = '{other}')
), judged as (
    select *, probability >= {same} and (acceptable or not taken) as close,
        acceptable and not taken as weak
    from free
), best as (
    select person, bool_or(close and acceptable) as close, bool_or(weak or close) as weak,
        max(probability) filter (where close or weak) as probability
    from judged group by person
)
select s.person, s.type, s.unit, s.registered, d.double_of,
    case when d.person is not null then 'double'
        when b.close or b.weak then 'several' else 'not_found' end as kind,
    case when d.person is not null then 'same_registration'
        when b.close then 'close_candidates'
        when b.weak then 'weak_candidate'
        when b.person is not null then 'person_taken'
        else 'nobody_alike' end as reason,
    case when d.person is null and (b.close or b.weak) then b.probability else 0 end as probability
from side_{side} s
left join doubles d on d.side = '{side}' and d.person = s.person
left join best b on b.person = s.person
where s.person not in (select person_{side} from links)
"""

_OUTCOMES = """
create table outcomes as
with every as (
    from linked_outcomes
    union all by name
    select kind, type, unit, person as person_a, null::integer as person_b, double_of, probability,
        reason, '' as proposed, null::boolean as proposed_sex, null::boolean as proposed_year,
        null::boolean as proposed_province, registered from alone_a
    union all by name
    select kind, type, unit, null::integer as person_a, person as person_b, double_of, probability,
        reason, '' as proposed, null::boolean as proposed_sex, null::boolean as proposed_year,
        null::boolean as proposed_province, registered from alone_b
)
select (row_number() over (order by type, unit, right(registered, 4), registered[4:5], registered,
    person_a nulls last, person_b) - 1)::integer as outcome, * exclude (registered)
from every order by outcome
"""

_CANDIDATES = f"""
create table candidates as
with rows as (
    select o.outcome, p.person_b as person, p.probability from outcomes o
    join possible p on p.person_a = o.person_a where o.kind = 'several'
    union all
    select o.outcome, p.person_a, p.probability from outcomes o
    join possible p on p.person_b = o.person_b where o.kind = 'several'
)
select outcome, person, probability,
    row_number() over (partition by outcome order by probability desc, person)::integer as place
from rows qualify place <= {_MOST_CANDIDATES} order by outcome, place
"""


def write_outcome_tables(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the four Parquet files; each appears whole."""
    connection.execute(_LINKED)
    same = match_model().choice.same_person
    for side, other in (("a", "b"), ("b", "a")):
        connection.execute(_ALONE.format(side=side, other=other, same=same))
    connection.execute(_OUTCOMES)
    connection.execute(_CANDIDATES)
    connection.execute(
        "create table comparisons as select o.outcome, c.field, c.value_a, c.value_b, c.verdict, "
        "c.kind from compared c join outcomes o using (person_a, person_b) "
        "order by o.outcome, c.place"
    )
    columns = ", ".join(f'"{name}"' for name in (*PERSON_COLUMNS[1:], *compared_fields()))
    connection.execute(
        f"create view persons as select 'a' as side, {columns} from side_a "
        f"union all select 'b' as side, {columns} from side_b"
    )
    for name in TABLES:
        path, passing = folder / f"{name}.parquet", folder / f".{name}.parquet.part"
        target = str(passing).replace("'", "''")
        connection.execute(f"copy {name} to '{target}' (format parquet, compression zstd)")
        passing.replace(path)
