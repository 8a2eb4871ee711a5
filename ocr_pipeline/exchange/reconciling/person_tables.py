"""All persons of a side in one table of the database engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.exchange.keyed_files.keyed_file import KeyedFiles
from ocr_pipeline.exchange.keyed_files.keyed_rows import KeyedRow
from ocr_pipeline.exchange.keyed_files.keyed_tally import KeyedTally
from ocr_pipeline.exchange.reconciling.compared_fields import compared_fields
from ocr_pipeline.exchange.reconciling.person_reading import (
    MATCH_COLUMNS,
    head_columns,
    province_codes,
    read_persons,
    row_digest,
)
from ocr_pipeline.exchange.splitting.registering_agency import (
    StatedAgency,
    find_agencies,
    stated_agency,
)
from ocr_pipeline.text.normalise import key
from ocr_pipeline.text.places import short_name

if TYPE_CHECKING:
    import duckdb

_HEAD: dict[str, str] = {
    "person": "INTEGER", "file": "VARCHAR", "sheet": "VARCHAR", "row": "INTEGER",
    "role": "VARCHAR", "type": "VARCHAR", "digest": "VARCHAR", "stated": "INTEGER",
    "agency": "VARCHAR", "registered": "VARCHAR", "so": "VARCHAR", "quyen_so": "VARCHAR",
}  # fmt: skip
_BATCH = 20_000


def fill_person_table(
    connection: duckdb.DuckDBPyConnection,
    side: str,
    keyed: KeyedFiles,
    advance: Callable[[], None],
) -> KeyedTally:
    """Read the rows of a side into the table `side_a` or `side_b`.

    Returns:
        What was read: rows, mended cells, faults.

    Raises:
        BadInputError: no row tells of a person.

    """
    columns = _HEAD | dict.fromkeys(compared_fields(), "VARCHAR") | dict(MATCH_COLUMNS)
    definition = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    connection.execute(f"create table read_{side} ({definition})")
    tally = KeyedTally()
    for file in keyed.files:
        for fault in file.faults:
            tally.add_fault(fault)
    stated: dict[StatedAgency, int] = {}
    lines: list[tuple[object, ...]] = []
    count = 0
    for row in keyed.rows():
        tally.add(row)
        advance()
        if not isinstance(row, KeyedRow):
            continue
        said = stated_agency(row)
        at = stated.setdefault(said, len(stated))
        digest, head = row_digest(row), head_columns(row)
        for one in read_persons(row):
            lines.append(
                (
                    count, row.key.file, row.key.sheet, row.key.row, one.role,
                    str(row.template.type), digest, at, said.text, *head, *one.values, *one.match,
                )
            )  # fmt: skip
            count += 1
        if len(lines) >= _BATCH:
            _append(connection, side, columns, lines)
    _append(connection, side, columns, lines)
    if not count:
        raise BadInputError(
            Text("Không dòng nào có họ tên hoặc ngày sinh", "No row has a name or a date of birth"),
            where=", ".join(str(file.path) for file in keyed.files),
            remedy=Text(
                "Xem tệp có đúng cột họ tên, ngày sinh không",
                "See whether the file has columns of names and dates of birth",
            ),
        )
    _add_units(connection, side, stated)
    return tally


def _append(
    connection: duckdb.DuckDBPyConnection,
    side: str,
    columns: dict[str, str],
    lines: list[tuple[object, ...]],
) -> None:
    if not lines:
        return
    import pyarrow

    batch = pyarrow.table(dict(zip(columns, map(list, zip(*lines, strict=True)), strict=True)))
    connection.register("batch", batch)
    names = ", ".join(f'"{name}"' for name in columns)
    connection.execute(f"insert into read_{side} ({names}) select {names} from batch")
    connection.unregister("batch")
    lines.clear()


def _add_units(
    connection: duckdb.DuckDBPyConnection, side: str, stated: dict[StatedAgency, int]
) -> None:
    """Make `side_a` or `side_b`: the persons with the unit of their lists."""
    import pyarrow

    found = find_agencies(stated)
    units, codes = [], []
    for said in stated:
        agency = found[said].agency
        keyed = ", ".join(filter(None, said.units))
        units.append(", ".join(agency.units) if agency else keyed)
        codes.append(province_codes([key(short_name(agency.province))]) if agency else "")
    table = pyarrow.table(
        {"stated": pyarrow.array(stated.values(), pyarrow.int32()), "unit": units, "codes": codes}
    )
    connection.register("agencies", table)
    connection.execute(
        f"create table side_{side} as select r.* exclude (stated, birth_provinces), s.unit, "
        f"birth_provinces || s.codes as provinces from read_{side} r "
        "join agencies s using (stated) order by person"
    )
    connection.execute(f"drop table read_{side}")
    connection.unregister("agencies")
