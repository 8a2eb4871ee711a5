"""What a keyed file gives when it is read, and cells of it to spoil."""

from ocr_pipeline.exchange.keyed_files.keyed_file import open_keyed
from ocr_pipeline.exchange.keyed_files.keyed_rows import AsideRow, KeyedRow
from tests.builders.keyed_files import HEADER


class Read:
    """All that opened files give."""

    def __init__(self, *paths, mapped=None):
        with open_keyed(paths, mapped) as keyed:
            self.refused, self.files = keyed.refused, keyed.files
            self.all = list(keyed.rows())
            self.count = keyed.count
        self.records = [row for row in self.all if isinstance(row, KeyedRow)]
        self.aside = [row for row in self.all if isinstance(row, AsideRow)]
        assert len(self.all) == self.count

    @property
    def row(self) -> KeyedRow:
        [row] = self.records
        return row

    @property
    def rules(self) -> set[str]:
        return {f.rule for row in self.records for f in row.faults}

    def steps(self, column):
        return [(m.rule, m.before, m.after) for m in self.row.mended if m.column == column]


def cell_of(sheet, name, row=2):
    return sheet.cell(row, HEADER.index(name) + 1)
