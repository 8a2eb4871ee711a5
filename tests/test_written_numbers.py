"""Numbers are written by one formatter: with a comma for readers of Vietnamese."""

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ocr_pipeline
import review_ui
from ocr_pipeline.errors import Text
from ocr_pipeline.written_numbers import number, numbers, short_number
from tests.builders.source_trees import modules, tree_of

TREES = (Path(ocr_pipeline.__file__).parent, Path(review_ui.__file__).parent)
TERMINAL = {"bench_tables.py"}  # tables of a bench, both languages in one line


@pytest.mark.parametrize(
    ("value", "digits", "vi", "en"),
    [
        (0.2, 1, "0,2", "0.2"),
        (1234567.5, 1, "1\xa0234\xa0567,5", "1\xa0234\xa0567.5"),
        (1234, 0, "1\xa0234", "1\xa0234"),
        (-0.25, 2, "-0,25", "-0.25"),
    ],
)
def test_a_number_is_written_as_its_readers_write_it(value, digits, vi, en):
    assert (number(value, digits), number(value, digits, "en")) == (vi, en)
    assert Text("{x} %", "{x} %").format(x=numbers(value, digits)) == Text(f"{vi} %", f"{en} %")


@given(st.floats(-1e9, 1e9))
def test_the_languages_differ_by_the_sign_alone(value):
    vi, en = short_number(value), short_number(value, "en")
    assert "." not in vi and "," not in en and vi.replace(",", ".") == en


def decimals_in_vietnamese(path: Path) -> list[str]:
    """Vietnamese halves of messages that write a decimal by themselves."""
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Text" and node.args:
            for part in ast.walk(node.args[0]):
                spec = part.format_spec if isinstance(part, ast.FormattedValue) else None
                if spec and re.search(r"\.[1-9]\d*[fg%]", ast.unparse(spec)):
                    found.append(f"{path.name}:{node.lineno}")
    return found


def test_no_message_writes_its_own_decimals():
    looked_at = [path for path in modules() if path.name not in TERMINAL]
    assert len(looked_at) > 300
    assert not [one for path in looked_at for one in decimals_in_vietnamese(path)]


def test_no_template_and_no_script_writes_its_own_decimals():
    written = [
        path
        for tree in TREES
        for kind in ("html", "js")
        for path in tree.rglob(f"*.{kind}")
        if "evaluation" not in path.parts  # the report of a training, for its engineer
    ]
    assert len(written) > 80
    own = re.compile(r'"%[.\d]*[fg]|toFixed|toLocaleString|\|\s*round(?!\(1\) \}\}%;?")')
    found = {path.name for path in written if own.search(path.read_text(encoding="utf-8"))}
    assert found == {"words.js"}  # the formatter of the scripts; widths in a style keep their point
