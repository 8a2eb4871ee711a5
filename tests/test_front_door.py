"""`import ocr_pipeline`: what it offers resolves, is documented, is typed, and costs nothing."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import ocr_pipeline


@pytest.mark.parametrize("name", ocr_pipeline.__all__)
def test_every_name_resolves_and_is_documented(name):
    offered = getattr(ocr_pipeline, name)
    assert offered.__doc__ and len(offered.__doc__) > 20
    assert offered.__module__.startswith("ocr_pipeline.")


def test_nothing_else_is_public():
    assert ocr_pipeline.__all__ == sorted(ocr_pipeline.__all__)
    assert set(dir(ocr_pipeline)) == {*ocr_pipeline.__all__, "__version__"}
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = ocr_pipeline.no_such_name


def test_type_checkers_see_the_same_names_from_the_same_modules():
    tree = ast.parse(Path(ocr_pipeline.__file__).read_text("utf-8"))
    [checked] = [node for node in tree.body if isinstance(node, ast.If)]
    typed = {alias.name: node.module for node in checked.body for alias in node.names}
    assert typed == {name: f"ocr_pipeline.{home}" for name, home in ocr_pipeline._HOMES.items()}
    assert set(typed) == set(ocr_pipeline.__all__)


def test_importing_it_imports_no_library():
    code = "import sys; old = set(sys.modules); import ocr_pipeline; print(*set(sys.modules) - old)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    ours = {name for name in done.stdout.split() if name.startswith("ocr_pipeline")}
    assert ours == {"ocr_pipeline"}
    assert not {"numpy", "cv2", "sqlalchemy", "pydantic"} & set(done.stdout.split())
