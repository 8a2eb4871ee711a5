"""The arrows of docs/architecture.md, checked mechanically."""

from importlinter.cli import lint_imports


def test_arrows_point_down():
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == 0
