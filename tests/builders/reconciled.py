"""Reconciliations with known outcomes, for tests of what is made of them."""

from dataclasses import replace
from unittest.mock import patch

import duckdb

from ocr_pipeline.exchange.keyed_files.findings import RowKey
from ocr_pipeline.exchange.keyed_files.keyed_file import KeyedFiles
from ocr_pipeline.exchange.keyed_files.keyed_tally import KeyedTally
from ocr_pipeline.exchange.reconciling import reconcile_lists
from ocr_pipeline.exchange.reconciling.compared_fields import compared_fields
from ocr_pipeline.exchange.reconciling.outcome import (
    ComparedPerson,
    FieldComparison,
    FieldVerdict,
    OutcomeCandidate,
    OutcomeKind,
    PersonOutcome,
    ProposedNumber,
)
from ocr_pipeline.exchange.reconciling.reconcile import ReconcileSettings
from ocr_pipeline.exchange.reconciling.reconciliation import PERSON_COLUMNS, Reconciliation

UNITS = (
    "xã Phước Ngãi, huyện Ba Tri, tỉnh Bến Tre",
    "xã Hoằng Phú, huyện Hoằng Hóa, tỉnh Thanh Hóa",
    "xã Hoằng Phụ, huyện Hoằng Hóa, tỉnh Thanh Hóa",
    "",
)
VALUES = {
    "name": "Nguyễn Văn An", "sex": "1", "birth": "01.03.2005", "father": "Nguyễn Văn Tư",
    "mother": "Trần Thị Bé", "home_town": "xã Phước Ngãi, huyện Ba Tri, tỉnh Bến Tre",
}  # fmt: skip


class Province:
    """Persons of both sides and what became of them, written as the engine writes them."""

    def __init__(self, unit=UNITS[0]):
        self.unit, self.persons, self.outcomes = unit, [], []

    def person(self, side, type="KS", role="nks", unit=None, **values):
        number = sum(one.side == side for one in self.persons)
        own = VALUES | values
        person = ComparedPerson(
            side, number, RowKey(f"/du_lieu/{side}.xlsx", "", number + 2), role, type,
            f"{number:016x}", "UBND " + (self.unit if unit is None else unit),
            self.unit if unit is None else unit, "15.03.2005", f"{number + 1:02d}/2005", "01/2005",
            {name: own.get(name, "") for name in compared_fields()},
        )  # fmt: skip
        self.persons.append(person)
        return person

    def add(self, kind, a=None, b=None, **more):
        first = a or b
        probability = {"not_found": 0.0, "double": 0.0}.get(kind, 0.9996)
        outcome = PersonOutcome(
            len(self.outcomes), OutcomeKind(kind), first.type, first.unit, a, b, probability,
            more.pop("reason", "fields_differ"), **more,
        )  # fmt: skip
        self.outcomes.append(outcome)
        return outcome

    def agree(self, **values):
        number = f"0832050{len(self.persons):05d}"
        a = self.person("a", personal_id=number, **values)
        return self.add("agree", a, self.person("b", personal_id=number, **values))

    def id_missing(self, sex=True, year=True, province=None, **values):
        number = f"0832050{len(self.persons):05d}"
        a, b = self.person("a", **values), self.person("b", personal_id=number, **values)
        proposed = ProposedNumber(number, sex, year, province)
        return self.add("agree_id_missing", a, b, proposed=proposed, reason="id_to_assign")

    def differ(self, *fields, **values):
        b_values = {"birth": "03.01.2005", "name": "Nguyễn An", "home_town": "xã Tân Xuân"}
        kinds = {
            "birth": "day_month_swapped", "name": "middle_name_missing",
            "home_town": "commune_other",
        }  # fmt: skip
        a = self.person("a", **values)
        b = self.person("b", **(values | {name: b_values[name] for name in fields}))
        compared = tuple(
            FieldComparison(name, a.values[name], b.values[name], FieldVerdict.DIFFERS, kinds[name])
            for name in compared_fields()
            if name in fields
        )
        passed = FieldComparison(
            "mother", "Trần Thị Bé", "TRẦN THỊ BÉ", FieldVerdict.COUNTS_AS_EQUAL, "letter_case"
        )
        return self.add("differ", a, b, comparisons=(*compared, passed))

    def several(self, side="a", **values):
        """Two candidates of the other side, who stand in outcomes of their own."""
        own = self.person(side, **values)
        other = "b" if side == "a" else "a"
        twins = [self.person(other, **values), self.person(other, **values)]
        candidates = tuple(OutcomeCandidate(one, 0.6 - n / 10) for n, one in enumerate(twins))
        for twin in twins:
            self.not_found(twin)
        return self.add("several", **{side: own}, candidates=candidates, reason="close_candidates")

    def not_found(self, person=None, side="a", **values):
        person = person or self.person(side, **values)
        return self.add("not_found", **{person.side: person}, reason="nobody_alike")

    def double(self, of, **values):
        side = of.side
        own = self.person(side, **values)
        return self.add("double", **{side: own}, double_of=of, reason="same_registration")

    def written(self, folder):
        """The tables, with the outcomes in the order of lists."""
        order = sorted(self.outcomes, key=lambda one: (one.type, one.unit))
        self.outcomes = [replace(one, number=number) for number, one in enumerate(order)]
        folder.mkdir(parents=True, exist_ok=True)
        fields = list(compared_fields())
        kinds = {"person": "integer", "row": "integer"}
        columns = [f'"{n}" {kinds.get(n, "varchar")}' for n in (*PERSON_COLUMNS, *fields)]
        tables = {
            "persons": (", ".join(columns), [
                (p.side, p.number, p.key.file, p.key.sheet, p.key.row, p.role, p.type, p.digest,
                 p.agency, p.unit, p.registered, p.so, p.quyen_so, *(p.values[f] for f in fields))
                for p in self.persons
            ]),
            "outcomes": (
                "outcome integer, kind varchar, type varchar, unit varchar, person_a integer, "
                "person_b integer, double_of integer, probability double, reason varchar, "
                "proposed varchar, proposed_sex boolean, proposed_year boolean, "
                "proposed_province boolean",
                [(o.number, o.kind.value, o.type, o.unit, o.a and o.a.number, o.b and o.b.number,
                  o.double_of and o.double_of.number, o.probability, o.reason,
                  o.proposed.number if o.proposed else "", o.proposed and o.proposed.sex,
                  o.proposed and o.proposed.year, o.proposed and o.proposed.province)
                 for o in self.outcomes],
            ),
            "comparisons": (
                "outcome integer, field varchar, value_a varchar, value_b varchar, "
                "verdict varchar, kind varchar",
                [(o.number, c.field, c.value_a, c.value_b, c.verdict.value, c.kind)
                 for o in self.outcomes for c in o.comparisons],
            ),
            "candidates": (
                "outcome integer, place integer, person integer, probability double",
                [(o.number, n, c.person.number, c.probability)
                 for o in self.outcomes for n, c in enumerate(o.candidates, 1)],
            ),
        }  # fmt: skip
        with duckdb.connect() as connection:
            for name, (schema, rows) in tables.items():
                connection.execute(f"create table {name} ({schema})")
                if rows:
                    marks = ", ".join("?" * len(rows[0]))
                    connection.executemany(f"insert into {name} values ({marks})", rows)
                connection.execute(f"copy {name} to '{folder / name}.parquet' (format parquet)")
        return Reconciliation(folder)


def write_lists(province, folder, settings=None, compared=None):
    """Lists and summary of a province; what the summary says. `compared` notes each comparison."""

    def engine(side_a, side_b, tables, chosen, advance):
        if compared is not None:
            compared.append(tables)
        result = province.written(tables)
        for side in ("a", "b"):
            tally = KeyedTally(records=sum(one.side == side for one in province.persons))
            setattr(result, f"tally_{side}", tally)
        return result

    sides = [KeyedFiles() for _ in range(2)]
    with patch.object(reconcile_lists, "reconcile", engine):
        return reconcile_lists.reconcile_into(*sides, folder, settings or ReconcileSettings())
