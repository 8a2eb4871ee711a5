"""Every data file has a schema that reads it, and each schema refuses a misspelt key by name.

The first line of a data file says which: `# Schema: module.Name`. A new file without one fails.
"""

from __future__ import annotations

import ast
import importlib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ocr_pipeline.data_files import ShippedDataError, load_data, parse_data
from tests.builders.source_trees import PACKAGES, ROOT, modules, tree_of

FILES = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*")
    if path.suffix in {".yaml", ".yml", ".toml", ".json"}
)
FILES.append(ROOT / "sample_scans" / "recipe.yaml")

#: A key of each kind of file, and how it is misspelt: once at the top, once deep inside.
SLIPS = {
    "checks/acceptance.yaml": ["error_budget:"],
    "checks/context.yaml": ["ceiling: 0.998", "per_record:"],
    "checks/judge.yaml": ["expected:\n", "severity: confidence"],
    "checks/rules.yaml": ["persons:", "pattern: '\\d+'", "columns: [trangSo]", 'sex: "1"'],
    "checks/short_years.yaml": ["book_years:", "most: 115"],
    "exchange/inventorying/data/work_order.yaml": ["plans:\n", "types: [KH]", "refused: 0.1"],
    "exchange/keyed_files/data/headers.yaml": ["units:", "spellings:"],
    "exchange/keyed_files/data/mending.yaml": ["mended:", "do_vi:", "harmless:"],
    "exchange/keyed_files/data/row_words.yaml": ["totals:", "months:"],
    "exchange/reconciling/data/compared_fields.yaml": ["fields:", "columns:", "roles: ["],
    "exchange/reconciling/data/differences.yaml": ["differences:", "agrees: true", "cause_vi:"],
    "exchange/reconciling/data/match_model.yaml": ["blocks:\n", "missing:", "when:", "possible:"],
    "exchange/reconciling/data/reasons.yaml": ["reasons:", "vi:"],
    "exchange/reconciling/data/list_words.yaml": ["folders:", "do_vi:", "needs: text"],
    "exchange/linking/data/link.yaml": ["no_row:", "strays:", "same_sure:"],
    "exchange/linking/data/link_words.yaml": ["sheets:", "title:", "persons:"],
    "exchange/reporting/data/form.yaml": ["measures:", "by: program", "hour:", "least_weeks:"],
    "exchange/reporting/data/report_words.yaml": ["carried:"],
    "exchange/splitting/data/split.yaml": ["folders:", "reasons:", "file:"],
    "export/faults.yaml": ["do_vi:"],
    "export/remedies.yaml": ["default:", "refused_columns:", "number_form:"],
    "learning/learning_rules.yaml": ["held_back:", "lines:", "most_unseen_changed:"],
    "processing/aside.yaml": ['vi: "Trang trống"'],
    "proposing/data/captions.yaml": ["of_person:\n", "prefix: nks", "columns: [HoTen]"],
    "reading/data/covers.yaml": ["limits:", "sure_value:"],
    "reading/data/grammars.yaml": ["grammars: ["],
    "reading/data/kinds.yaml": ["defaults:", "bonus: 1.0"],
    "reading/data/marks.yaml": ["ditto_ink_mm2:"],
    "registers/data/ditto_marks.yaml": ["writings:", "sure: 0.997"],
    "reading/data/places.yaml": ["offices:", "bare:"],
    "reading/data/ties.yaml": ["surname:"],
    "registers/data/codes.yaml": ["provisional:"],
    "registers/data/derive.yaml": [
        "paper_only:",
        "split: copy",
        "rule: province_of",
        'absent: "6"',
    ],
    "registers/data/templates/KS-158.yaml": ["sheet:", "kind: date, mandatory"],
    "reports/morning_report/endings.yaml": ["tone: fair, vi", "done_with_failures:"],
    "reports/morning_report/hours.yaml": ["keystroke:", "date_words:"],
    "reports/morning_report/titles.yaml": ["stage:", "refused:", "id_type:"],
    "scans/data/file_names.yaml": ["unfinished: [", "litter:"],
    "review/audit_actions.yaml": ["login_failed:"],
    "review/captions.yaml": ["persons:"],
    "review/common_passwords.yaml": ["words:", "rows:"],
    "review/offers/offers.yaml": ["weights:", "weight: 0.0"],
    "review/rights.yaml": ["approver:"],
    "books/data/inventory.yaml": ["ticked:", "required:", "year_opened: [", "single: ["],
    "review_ui/access.yaml": ["GET /login:"],
    "review_ui/shortcuts.yaml": ["taken:", "instead:"],
    "training/configs/attention.yaml": ["decay_lines:", "hidden:"],
    "training/configs/fine_tuning.yaml": ["pull:"],
    "training/data/clerk_habits.yaml": ["short_units:"],
    "training/data/conditions.yaml": ["skew:", "darkness:"],
    "training/data/hand_fonts.yaml": ["scope:", "held_out:"],
    "training/data/cover_prints.yaml": ["prints:", "leader:"],
    "training/data/filling_habits.yaml": ["titles:", "colour:"],
    "training/data/society.yaml": ["marital_status:", "weight: 4", "speech:", "given_first:"],
    "text/data/letters.yaml": ["vowels:", "look_alikes:"],
    "text/data/legacy_encodings.yaml": ["names:"],
    "text/data/syllables.yaml": ["onsets:"],
    "sample_scans/recipe.yaml": ["unseen:", "condition:", "font:"],
}

#: Files whose keys are all names of things: no key can be told from a misspelt one by itself.
#: Words of screens are compared between the two languages, messages by those who ask for them.
FREE = {
    "ocr_pipeline/review/messages.yaml",
    "ocr_pipeline/training/data/phrases.yaml",
    "review_ui/i18n/en.yaml",
    "review_ui/i18n/vi.yaml",
}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def schema_of(path: Path) -> Any:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    mark, _, name = first.partition("# Schema: ")
    assert name and not mark, f"{named(path)} does not begin with “# Schema: module.Name”"
    module, _, attribute = name.rpartition(".")
    if of_training(path):
        pytest.importorskip("torch")
    return getattr(importlib.import_module(module), attribute)


def of_training(path: Path) -> bool:
    """Whether the schema needs PyTorch, which the quick tests do without."""
    return path.parent.name == "configs"


def marked(path: Path, *values: str) -> Any:
    marks = [pytest.mark.long] if of_training(path) else []
    return pytest.param(path, *values, marks=marks)


def slips() -> list[tuple[Path, str]]:
    return [
        (next(path for path in FILES if named(path).endswith(end)), key)
        for end, keys in SLIPS.items()
        for key in keys
    ]


@pytest.mark.parametrize("path", [marked(file) for file in FILES], ids=named)
def test_every_data_file_follows_the_schema_that_it_names(path: Path):
    assert load_data(path, schema_of(path)) is not None


def test_a_slip_is_tried_in_every_kind_of_file():
    tried = {schema_name(path) for path, _ in slips()}
    assert {schema_name(path) for path in FILES if named(path) not in FREE} == tried


def schema_name(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0]


@pytest.mark.parametrize(
    ("path", "key"), [marked(*slip) for slip in slips()], ids=lambda value: str(value)[-40:]
)
def test_a_misspelt_key_is_refused_with_its_name(path: Path, key: str):
    text = path.read_text(encoding="utf-8")
    head, found, tail = text.partition(key)
    assert found, f"{named(path)} has no {key}"
    wrong = f"{head}{key[0]}x{key[1:]}{tail}"
    slip = f"{key[0]}x{key[1:]}".partition(":")[0]
    with pytest.raises(ShippedDataError) as caught:
        parse_data(wrong, schema_of(path), named(path))
    assert caught.value.where == named(path)
    assert slip in caught.value.cause.vi and slip in caught.value.cause.en


@cache
def nodes() -> list[tuple[Path, ast.AST]]:
    return [(path, node) for path in modules() for node in ast.walk(tree_of(path))]


def test_every_schema_that_a_file_names_is_the_one_that_reads_it():
    used = {
        node.args[1].id
        for _, node in nodes()
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "load_data"
        and isinstance(node.args[1], ast.Name)
    }
    assert {schema_name(path).rpartition(".")[2] for path in FILES} <= used


def test_data_files_are_read_by_one_module_and_yaml_by_one_loader():
    loaders = {
        ("yaml", "safe_load"), ("yaml", "load"), ("yaml", "SafeLoader"), ("yaml", "full_load"),
        ("tomllib", "load"), ("tomllib", "loads"),
    }  # fmt: skip
    readers = {
        named(path)
        for path, node in nodes()
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in loaders
    }
    assert readers == {"ocr_pipeline/strict_data.py"}
    callers = {
        named(path)
        for path, node in nodes()
        if isinstance(node, ast.Name) and node.id == "read_yaml"
    }
    assert callers == {"ocr_pipeline/data_files.py"}
