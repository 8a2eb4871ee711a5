"""All persons of a side in one table of the database engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.exchange.keyed_files.keyed_file import KeyedFiles
from ocr_pipeline.exchange.keyed_files.keyed_rows import AsideRow, KeyedRow
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


@dataclass(slots=True)
class ReadSide:
    """What was read of a side.

    Attributes:
        tally: rows, mended cells, faults.
        aside: rows that are no record.
        stated: what rows say of their agency, with its number in the table.
        table: Parquet file with a row for each person.
        persons: how many.

    """

    tally: KeyedTally
    table: Path
    aside: list[AsideRow] = field(default_factory=list)
    stated: dict[StatedAgency, int] = field(default_factory=dict)
    persons: int = 0


def read_side(keyed: KeyedFiles, table: Path, advance: Callable[[], None]) -> ReadSide:
    """Read the rows of a side into a file that `make_person_table` takes.

    Args:
        keyed: the opened files.
        table: the file to be written.
        advance: called after each row.

    Raises:
        BadInputError: no row tells of a person.
        OSError: the disk is full.

    """
    read = ReadSide(KeyedTally(), table)
    for file in keyed.files:
        for fault in file.faults:
            read.tally.add_fault(fault)
    with _PersonWriter(table) as writer:
        for row in keyed.rows():
            read.tally.add(row)
            advance()
            if isinstance(row, AsideRow):
                read.aside.append(row)
            else:
                _add_persons(read, row, writer)
    if not read.persons:
        raise BadInputError(
            Text("Không dòng nào có họ tên hoặc ngày sinh", "No row has a name or a date of birth"),
            where=", ".join(str(file.path) for file in keyed.files),
            remedy=Text(
                "Xem tệp có đúng cột họ tên, ngày sinh không",
                "See whether the file has columns of names and dates of birth",
            ),
        )
    return read


def _add_persons(read: ReadSide, row: KeyedRow, writer: _PersonWriter) -> None:
    filled, type = row.filled(), str(row.template.type)
    said = stated_agency(row)
    key, at = row.key, read.stated.setdefault(said, len(read.stated))
    head = (type, row_digest(filled), at, said.text, *head_columns(filled))
    for one in read_persons(type, filled):
        writer.add(
            (read.persons, key.file, key.sheet, key.row, one.role, *head, *one.values, *one.match)
        )
        read.persons += 1


def make_person_table(connection: duckdb.DuckDBPyConnection, side: str, read: ReadSide) -> None:
    """Make the table `side_a` or `side_b` of what was read: the persons with their units."""
    import pyarrow

    found = find_agencies(read.stated)
    units, codes = [], []
    for said in read.stated:
        agency = found[said].agency
        keyed = ", ".join(filter(None, said.units))
        units.append(", ".join(agency.units) if agency else keyed)
        codes.append(province_codes([key(short_name(agency.province))]) if agency else "")
    numbers = pyarrow.array(read.stated.values(), pyarrow.int32())
    table = pyarrow.table({"stated": numbers, "unit": units, "codes": codes})
    connection.register("agencies", table)
    connection.execute(
        f"create table side_{side} as select r.* exclude (stated, birth_provinces), s.unit, "
        "birth_provinces || s.codes as provinces from read_parquet(?) r "
        "join agencies s using (stated) order by person",
        [str(read.table)],
    )
    connection.unregister("agencies")


class _PersonWriter:
    """Writes persons into a Parquet file, some thousands at a time."""

    def __init__(self, path: Path) -> None:
        import pyarrow
        from pyarrow import parquet

        columns = _HEAD | dict.fromkeys(compared_fields(), "VARCHAR") | dict(MATCH_COLUMNS)
        types = {
            "VARCHAR": pyarrow.string(), "INTEGER": pyarrow.int32(),
            "SMALLINT": pyarrow.int16(), "TINYINT": pyarrow.int8(),
        }  # fmt: skip
        self._schema = pyarrow.schema([(name, types[kind]) for name, kind in columns.items()])
        self._writer = parquet.ParquetWriter(path, self._schema)
        self._lines: list[tuple[object, ...]] = []

    def __enter__(self) -> _PersonWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._writer.close()

    def add(self, line: tuple[object, ...]) -> None:
        self._lines.append(line)
        if len(self._lines) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        import pyarrow

        if not self._lines:
            return
        columns = zip(self._schema, zip(*self._lines, strict=True), strict=True)
        arrays = [pyarrow.array(values, field.type) for field, values in columns]
        self._writer.write_table(pyarrow.Table.from_arrays(arrays, schema=self._schema))
        self._lines.clear()
