"""Pairs of persons of both sides that may be the same one, with their probability."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from ocr_pipeline.exchange.reconciling.match_model_schema import (
    MatchComparisonEntry,
    MatchModelFile,
    match_model,
)

if TYPE_CHECKING:
    import duckdb
    from splink.comparison_library import CustomComparison
    from splink.internals.comparison_level_creator import ComparisonLevelCreator

#: Columns that the comparisons read, besides the keys of the blocks.
_COMPARED = (
    "person", "name_key", "name_bare", "surname", "given", "given_bare", "middle", "birth_year",
    "birth_month", "birth_day", "sex_code", "father_key", "father_bare", "mother_key",
    "mother_bare", "spouse_key", "birth_district", "home_district", "home_commune", "id_key",
)  # fmt: skip


def find_candidates(connection: duckdb.DuckDBPyConnection, role_a: str, role_b: str) -> None:
    """Write the table `pairs`: person_a, person_b, probability, weight (bits of evidence).

    Reads the tables `side_a` and `side_b`, of them the persons in the roles given. Pairs that no
    block brings together, or whose probability is negligible, are not in it.
    """
    model = match_model()
    for side, role in (("a", role_a), ("b", role_b)):
        _make_blocks(connection, model, side, role)
    _drop_crowded(connection, model)
    _score(connection, model)


def _make_blocks(
    connection: duckdb.DuckDBPyConnection, model: MatchModelFile, side: str, role: str
) -> None:
    keys = []
    for number, columns in enumerate(model.blocks):
        given = " and ".join(f"{name} is not null" for name in columns)
        keys.append(f"case when {given} then hash({', '.join(columns)}) end as block_{number}")
    connection.execute(
        f"create or replace table blocked_{side} as select {', '.join(_COMPARED)}, "
        f"{', '.join(keys)} from side_{side} where role = ?",
        [role],
    )


def _drop_crowded(connection: duckdb.DuckDBPyConnection, model: MatchModelFile) -> None:
    """Forget the keys of groups that would give too many pairs."""
    for number in range(len(model.blocks)):
        block = f"block_{number}"
        crowded = connection.execute(
            f"with a as (select {block}, count(*) n from blocked_a where {block} is not null "
            f"group by 1 having n > 1), b as (select {block}, count(*) n from blocked_b where "
            f"{block} is not null group by 1) select {block} from a join b using ({block}) "
            "where a.n * b.n > ?",
            [model.most_pairs],
        ).fetchall()
        for side in ("a", "b"):
            if crowded:
                connection.execute(
                    f"update blocked_{side} set {block} = null "
                    f"where {block} in (select unnest(?::ubigint[]))",
                    [[key for (key,) in crowded]],
                )


def _score(connection: duckdb.DuckDBPyConnection, model: MatchModelFile) -> None:
    import splink
    from splink import Linker, SettingsCreator, block_on

    counts = [
        connection.execute(f"select count(*) from blocked_{side}").fetchall()[0][0]
        for side in ("a", "b")
    ]
    prior = min(max(min(counts), 1) / max(counts[0] * counts[1], 1), 0.5)
    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="person",
        probability_two_random_records_match=prior,
        comparisons=[
            _comparison(name, one, min(counts) >= model.frequency_from)
            for name, one in model.comparisons.items()
        ],
        blocking_rules_to_generate_predictions=[
            block_on(f"block_{number}") for number in range(len(model.blocks))
        ],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )
    api = splink.DuckDBAPI(connection=connection)
    sides = [api.register(f"blocked_{side}", dataset_display_name=side) for side in ("a", "b")]
    linker = Linker(sides, settings, log_level=logging.ERROR)
    found = linker.inference.predict(threshold_match_probability=model.least_probability)
    connection.execute(
        "create or replace table pairs as select "
        "case when source_dataset_l = 'a' then person_l else person_r end as person_a, "
        "case when source_dataset_l = 'a' then person_r else person_l end as person_b, "
        "match_probability as probability, match_weight as weight "
        f"from {found.physical_name}"
    )
    found.drop_table_from_database_and_remove_from_cache()


def _comparison(name: str, entry: MatchComparisonEntry, has_frequencies: bool) -> CustomComparison:
    from splink.comparison_level_library import CustomLevel, ElseLevel
    from splink.comparison_library import CustomComparison

    levels: list[ComparisonLevelCreator | dict[str, Any]] = [
        CustomLevel(entry.missing).configure(is_null_level=True)
    ]
    for one in entry.levels:
        kind = CustomLevel(one.when) if one.when else ElseLevel()
        level = kind.configure(m_probability=one.m, u_probability=one.u)
        if one.frequency and has_frequencies:
            level = level.configure(tf_adjustment_column=one.frequency)
        levels.append(level)
    return CustomComparison(levels, output_column_name=name)
