"""What the one reader of data files refuses, and how it says so."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field

from ocr_pipeline.data_files import (
    ShippedDataError,
    Strict,
    WordPair,
    load_data,
    parse_data,
)
from ocr_pipeline.errors import BadInputError, InventoryError, Text


class Stall(Strict):
    fruit: Literal["xoài", "dừa"]
    price: Annotated[int, Field(ge=0)] = 0


class Market(Strict):
    name: WordPair
    stalls: tuple[Stall, ...] = ()


def refusal(text: str | bytes, where: str = "chợ.yaml") -> BadInputError:
    with pytest.raises(InventoryError) as caught:
        parse_data(text, Market, where, InventoryError, Text("xem hướng dẫn", "see the handbook"))
    assert caught.value.where.startswith(where)
    assert caught.value.remedy is not None
    return caught.value


def test_a_file_becomes_its_model(tmp_path: Path):
    path = tmp_path / "chợ.yaml"
    path.write_text("\ufeffname: [Chợ, Market]\nstalls: [{fruit: dừa}]\n", encoding="utf-8")
    market = load_data(path, Market)
    assert market == Market(name=["Chợ", "Market"], stalls=({"fruit": "dừa"},))
    assert market.name == Text("Chợ", "Market")
    path.with_suffix(".json").write_text('{"name": ["a", "b"]}', encoding="utf-8")
    assert load_data(path.with_suffix(".json"), Market).stalls == ()


@pytest.mark.parametrize(
    ("text", "key", "vi", "en"),
    [
        ("name: [a, b]\nstals: []", "stals", "không có khóa nào", "no key of this name"),
        ("nane: [a, b]", "nane", "không có khóa nào", "no key of this name"),
        ("stalls: []", "name", "thiếu khóa này", "missing"),
        ("name: [a]", "name", "phải là [tiếng Việt, tiếng Anh]", "must be [Vietnamese, English]"),
        ("name: [a, b]\nstalls: [{fruit: táo}]", "stalls[0].fruit", "'xoài', 'dừa'", "'táo'"),
        ("name: [a, b]\nstalls: [{fruit: dừa, price: -3}]", "stalls[0].price", "≥ 0", "-3"),
        ("name: [a, b]\nstalls: [{fruit: dừa, price: rẻ}]", "stalls[0].price", "'rẻ'", "'rẻ'"),
        ("[]", "/", "[]", "[]"),
        ("# chưa có gì", "name", "thiếu khóa này", "missing"),
    ],
)
def test_a_fault_is_named_by_key_and_cause_in_both_languages(text, key, vi, en):
    cause = refusal(text).cause
    assert f"“{key}”" in cause.vi and vi in cause.vi
    assert f"“{key}”" in cause.en and en in cause.en


def test_a_key_given_twice_is_refused_where_it_stands():
    error = refusal("name: [a, b]\nstalls: []\nname: [c, d]\n")
    assert error.where == "chợ.yaml:3"
    assert "“name”" in error.cause.vi


def test_a_key_may_replace_one_that_is_merged_in():
    text = "xoài: &a {x: 1, y: 2}\ndừa: {<<: *a, x: 3}\nmít: {<<: *a, y: 4}\n"
    found = parse_data(text, dict[str, dict[str, int]], "chợ.yaml")
    assert found["dừa"] == {"x": 3, "y": 2}
    assert found["mít"] == {"x": 1, "y": 4}


@pytest.mark.parametrize(
    ("data", "where", "place", "said"),
    [
        ("name: [a, b\nstalls: []", "chợ.yaml", "chợ.yaml:2", "YAML"),
        ('{"name": 1,\n}', "chợ.json", "chợ.json:2", "JSON"),
        ("name: [Chợ, Market]".encode("utf-16"), "chợ.yaml", "chợ.yaml", "UTF-8"),
    ],
)
def test_what_is_no_data_is_refused_at_its_line(data, where, place, said):
    error = refusal(data, where)
    assert error.where == place
    assert said in error.cause.vi and said in error.cause.en


def test_only_the_first_fault_is_told_with_the_number_of_others():
    cause = refusal("stals: []\nnam: []").cause
    assert "và 2 lỗi khác" in cause.vi
    assert "and 2 more" in cause.en


def test_what_a_secret_file_holds_is_not_shown():
    with pytest.raises(BadInputError) as caught:
        parse_data("name: mật-khẩu", Market, "thư.yaml", BadInputError, secret=True)
    assert "name" in str(caught.value) and "mật-khẩu" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_shipped_data_that_is_missing_stops_the_machine(tmp_path: Path):
    with pytest.raises(ShippedDataError, match="không đọc được tệp"):
        load_data(tmp_path / "chợ.yaml", Market)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("010", 10), ("-07", -7), ("1:30", "1:30"), ("1_000", "1_000"), ("0x1F", "0x1F"),
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("true", True), ("~", None),
        ("2018-01-31", "2018-01-31"), (".nan", ".nan"), (".inf", ".inf"), ("1.50", 1.5),
        ("'010'", "010"), ("=", "="), ("1e3", "1e3"), ("", None),
    ],
)  # fmt: skip
def test_a_plain_value_is_what_stands_there(text, value):
    [found] = parse_data(f"số: {text}\n", dict[str, object], "chợ.yaml").values()
    assert (found, type(found)) == (value, type(value))


def nested(levels: int) -> str:
    return "name: " + "[" * levels + "]" * levels


#: Nine values, each of which stands for nine of the line before.
BOMB = "a0: &a0 [x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)
)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("name: !!python/object/apply:os.system [id]", 1, "!!python/object/apply:os.system"),
        ("name: [a, b]\nstalls: !!set {a}", 2, "!!set"),
        ("name: !!binary aGk=", 1, "!!binary"),
        (f"name: {'7' * 5000}", 1, "too many digits"),
        (f"name: {'7' * 5000}.5", 1, "too many digits"),
        (nested(60), 1, "too many levels"),
        (nested(900), 1, "too many levels"),
        (BOMB, 5, "too many values"),
        ("name: &a [*a]", 1, "contains itself"),
    ],
)
def test_yaml_that_does_harm_is_refused_at_its_line(text, line, said):
    error = refusal(text)
    assert error.where == f"chợ.yaml:{line}"
    assert said in error.cause.en


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"name": 1, "name": 2}', "“name” stands there twice"),
        ('{"name": NaN}', "“NaN” is no number"),
        ('{"name": -Infinity}', "“-Infinity” is no number"),
        (f'{{"name": {"7" * 5000}}}', "too many digits"),
        ("[" * 100_000, "too many levels"),
    ],
)
def test_json_is_taken_as_strictly(text, said):
    assert said in refusal(text, "chợ.json").cause.en


class Scale(Strict):
    weight: float


@pytest.mark.parametrize("text", ["nan", ".nan", "inf", "-.inf", "1e999"])
def test_what_is_no_number_is_not_taken_for_one(text):
    with pytest.raises(BadInputError, match="weight"):
        parse_data(f"weight: {text}", Scale, "cân.yaml", BadInputError)


def test_a_pipe_and_a_folder_in_the_place_of_a_file_are_named_at_once(tmp_path: Path):
    os.mkfifo(tmp_path / "ống.yaml")
    (tmp_path / "kho.yaml").mkdir()
    for name, said in (("ống.yaml", "no ordinary file"), ("kho.yaml", "it is a folder")):
        with pytest.raises(BadInputError, match=said) as caught:
            load_data(tmp_path / name, Market, BadInputError)
        assert caught.value.where == str(tmp_path / name)


def test_a_file_that_nobody_writes_by_hand_is_too_large(tmp_path: Path):
    with (tmp_path / "chợ.yaml").open("wb") as file:
        file.truncate(3_000_000)
    with pytest.raises(BadInputError, match="the file is too large"):
        load_data(tmp_path / "chợ.yaml", Market, BadInputError)
