"""YAML and JSON with one meaning: what stands there is what is read, and a small file stays small.

YAML 1.1 reads `010` as 8, `1:30` as 90, `no` as false and `2018-01-01` as a day. People who write
an inventory mean none of these. Here a number is written in tens, true and false are `true` and
`false`, and all else is text; tags, keys given twice and files that grow without end are refused.
"""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

#: Levels of lists and keys inside each other; the deepest file of ours has 6.
MOST_LEVELS = 40
#: Values once all aliases are written out; the largest file of ours has 1,500.
MOST_VALUES = 100_000
#: Digits of a whole number: no more fit into 63 bits.
MOST_DIGITS = 18

_TAG = "tag:yaml.org,2002:"


class DataRefusalError(ValueError):
    """Data that is well formed and that we do not take.

    Attributes:
        reason: `key_twice`, `tag`, `digits`, `levels`, `values`, `circle`, `no_number`.
        problem: what is objected to, as it stands in the file.
        problem_mark: where it stands in a YAML file; None for JSON.

    """

    def __init__(self, reason: str, node: yaml.Node | None = None, problem: str = "") -> None:
        super().__init__(problem)
        self.reason, self.problem = reason, problem
        self.problem_mark = None if node is None else node.start_mark


def read_json(text: str) -> Any:
    """What a JSON text holds; a key given twice and what is no number (`NaN`) are refused.

    Raises:
        json.JSONDecodeError: it is no JSON.
        DataRefusalError: it is JSON that we do not take.

    """
    try:
        return json.loads(
            text, object_pairs_hook=_keys_once, parse_constant=_no_number, parse_int=_plain_int
        )
    except RecursionError as error:
        raise DataRefusalError("levels") from error


def _keys_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in found if keys.count(key) > 1)
        raise DataRefusalError("key_twice", problem=twice)
    return found


def _no_number(word: str) -> Any:
    raise DataRefusalError("no_number", problem=word)


def _plain_int(text: str) -> int:
    if len(text) > MOST_DIGITS + 1:
        raise DataRefusalError("digits")
    return int(text)


def read_yaml(text: str) -> object:
    """What a YAML text holds: dicts, lists, str, int, float, bool and None.

    Args:
        text: one document; an empty one holds None.

    Raises:
        yaml.YAMLError: it is no YAML.
        DataRefusalError: it is YAML that we do not take.

    """
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _measured(node, {}, set(), 0)
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _measured(
    node: yaml.Node, known: dict[int, tuple[int, int]], above: set[int], level: int
) -> tuple[int, int]:
    """How many values and levels a node has with its aliases written out.

    Args:
        node: any.
        known: those measured already; an alias is the node itself once more.
        above: those that `node` lies in.
        level: how many these are.

    """
    if not isinstance(node, yaml.CollectionNode):
        return 1, 0
    if id(node) in known:
        return known[id(node)]
    if id(node) in above:
        raise DataRefusalError("circle", node)
    if level >= MOST_LEVELS:
        raise DataRefusalError("levels", node)
    above.add(id(node))
    values, levels = 1, 0
    for below in _below(node):
        more, deeper = _measured(below, known, above, level + 1)
        values, levels = values + more, max(levels, deeper)
        if values > MOST_VALUES:
            raise DataRefusalError("values", below)
        if level + 1 + levels > MOST_LEVELS:
            raise DataRefusalError("levels", below)
    above.remove(id(node))
    known[id(node)] = values, levels + 1
    return values, levels + 1


def _below(node: yaml.CollectionNode) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [one for pair in node.value for one in pair]
    return list(node.value)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML, in C where there is one, with the plain values of this module only."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012
    yaml_constructors: dict[str | None, Any] = {}  # noqa: RUF012

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[tuple[str, str]] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != f"{_TAG}merge":
                if (key.tag, key.value) in seen:
                    raise DataRefusalError("key_twice", key, key.value)
                seen.add((key.tag, key.value))
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping

    def plain_int(self, node: yaml.ScalarNode) -> int:
        """A whole number in tens; zeros in front change nothing."""
        text = self.construct_scalar(node)
        if len(text) > MOST_DIGITS + 1:
            raise DataRefusalError("digits", node)
        return int(text)

    def plain_float(self, node: yaml.ScalarNode) -> float:
        """A number with a point."""
        text = self.construct_scalar(node)
        if len(text) > 2 * MOST_DIGITS:
            raise DataRefusalError("digits", node)
        return float(text)

    def plain_bool(self, node: yaml.ScalarNode) -> bool:
        """`true` or `false`."""
        return bool(self.construct_scalar(node).lower() == "true")

    def refuse_tag(self, node: yaml.Node) -> None:
        """Tags make objects of text: nobody who fills in a form needs them."""
        raise DataRefusalError("tag", node, node.tag.replace(_TAG, "!!"))


for _name, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,2})?", "-+.0123456789"),
    ("merge", r"<<", "<"),
):
    _whole = re.compile(rf"(?:{_pattern})\Z")
    _Loader.add_implicit_resolver(f"{_TAG}{_name}", _whole, [*_first, *["" * (_name == "null")]])

for _name, _construct in (
    ("int", _Loader.plain_int),
    ("float", _Loader.plain_float),
    ("bool", _Loader.plain_bool),
    ("null", yaml.SafeLoader.construct_yaml_null),
    ("str", yaml.SafeLoader.construct_yaml_str),
    ("seq", yaml.SafeLoader.construct_yaml_seq),
    ("map", yaml.SafeLoader.construct_yaml_map),
):
    _Loader.add_constructor(f"{_TAG}{_name}", _construct)
_Loader.add_constructor(None, _Loader.refuse_tag)
