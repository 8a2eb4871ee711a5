"""Records of decisions: listed, short, of one form, and the files that they name are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "decisions"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
LONGEST_LINES = 40


def test_the_list_names_every_record_in_order() -> None:
    listed = re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", (FOLDER / "README.md").read_text("utf-8"))
    assert listed == [record.name for record in RECORDS]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_record_says_context_decision_and_consequences(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(record.stem[:4])}. ")
    assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.M) == ["Context", "Decision", "Consequences"]
    assert len(text.splitlines()) <= LONGEST_LINES


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_files_that_a_record_names_are_there(record: Path) -> None:
    for name in re.findall(r"`([a-z_]+(?:/[a-z_]+)+(?:\.[a-z]+)?)`", record.read_text("utf-8")):
        assert (ROOT / name).exists() or (ROOT / "ocr_pipeline" / name).exists(), name
