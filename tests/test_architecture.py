"""The arrows of docs/architecture.md and the order of the tests, checked mechanically."""

from pathlib import Path

from importlinter.cli import lint_imports

import ocr_pipeline

PACKAGE = Path(ocr_pipeline.__file__).parent
TESTS = Path(__file__).parent

#: Folders that test no single room: both doors at once, disturbed runs, what tests build with.
EXTRAS = {"builders", "crash", "docs", "e2e", "fuzz", "plugins", "review_ui"}


def folders_of(parent: Path) -> set[str]:
    """Folders with Python files, whatever a run may have left beside them."""
    return {path.name for path in parent.iterdir() if any(path.glob("*.py"))}


def test_arrows_point_down():
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == 0


def test_every_folder_of_tests_is_a_room_of_the_package():
    assert folders_of(TESTS) - EXTRAS <= folders_of(PACKAGE)


def test_every_room_has_tests():
    assert folders_of(PACKAGE) <= folders_of(TESTS)


def test_tests_import_each_other_by_full_name_and_nothing_else_is_put_on_the_path():
    for path in TESTS.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert "sys.path" + "." not in source, path
        assert "\nfrom ." not in source, path
