"""Names of types that many modules share are defined once."""

import ast
from collections import defaultdict
from pathlib import Path

import numpy as np

from ocr_pipeline import arrays, json_types
from tests.builders.source_trees import modules, tree_of

HOMES = {Path(arrays.__file__), Path(json_types.__file__)}


def aliases(path: Path) -> dict[str, str]:
    """Public type aliases of a module: name and what it stands for, as written."""
    found = {}
    for node in tree_of(path).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript | ast.Attribute):
            target, meaning = node.targets[0], ast.unparse(node.value).replace("npt.", "")
            if isinstance(target, ast.Name) and target.id[0].isupper() and not target.id.isupper():
                found[target.id] = meaning
    return found


def test_shared_names_are_not_defined_again():
    shared = {name for home in HOMES for name in aliases(home)}
    again = [
        f"{path.name}: {name}"
        for path in modules()
        if path not in HOMES
        for name in aliases(path).keys() & shared
    ]
    assert not again


def test_an_alias_of_an_array_or_of_json_has_one_meaning_everywhere():
    places = defaultdict(set)
    for path in modules():
        for name, meaning in aliases(path).items():
            if meaning.startswith("NDArray") or meaning == "dict[str, Any]":
                places[name].add(path.name)
    assert not {name: found for name, found in places.items() if len(found) > 1}


def test_the_names_stand_for_what_stages_hand_over():
    page = np.zeros((2, 3), np.uint8)
    assert arrays.Gray.__args__[1].__args__ == (page.dtype.type,)
    assert isinstance(np.random.default_rng(1), arrays.Rng)
