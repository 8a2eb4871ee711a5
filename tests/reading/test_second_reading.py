"""A second network says how probable it holds what the first has found, and the other way round."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from ocr_pipeline.errors import MachineError
from ocr_pipeline.layout.field_crops import FieldCrop, RecordCrops
from ocr_pipeline.layout.schema import LayoutField
from ocr_pipeline.reading.boosted_trees import LEAF, BoostedTrees, TreeFile
from ocr_pipeline.reading.confidence import (
    FEATURES,
    PAGE_MEANS,
    PAIR_INPUTS,
    SECOND_FEATURES,
    Calibration,
    pair_file,
)
from ocr_pipeline.reading.decoding import search, settle, shares
from ocr_pipeline.reading.language import ALPHABET
from ocr_pipeline.reading.models import Model, SecondModel, has_second, load_model, load_second
from ocr_pipeline.reading.reader import Reader
from ocr_pipeline.reading.second_reading import (
    ReadingPair,
    SecondReading,
    as_first_says,
    weigh_both,
)
from ocr_pipeline.registers.fields import Box, Field, FieldKind, Script
from ocr_pipeline.resources import shipped

Letters = Sequence[str | dict[str, float]]
"""What a network says of a line: characters, or probabilities of several in one place."""


@dataclass
class Speaker:
    """A recogniser that says the same of every line."""

    said: Letters
    alphabet: str = ALPHABET
    name: str = "speaker 1"
    lines: int = 0

    def scores(self, lines: Sequence[np.ndarray]) -> list[np.ndarray]:
        self.lines += len(lines)
        return [self._spelled() for _ in lines]

    def _spelled(self) -> np.ndarray:
        out = np.full((2 * len(self.said) + 1, 1 + len(self.alphabet)), 1e-9)
        out[1::2, 0] = out[-1, 0] = 1
        for place, letter in enumerate(self.said):
            several = {letter: 1.0} if isinstance(letter, str) else letter
            for character, probability in several.items():
                out[2 * place, self.alphabet.index(character) + 1] = probability
        return np.log(out / out.sum(axis=1, keepdims=True)).astype(np.float32)


LINE = np.full((110, 600), 255, np.uint8)
LINE[40:70, 100:300:8] = 30


def always(odds: float) -> Calibration:
    """A confidence that says the same of every field (natural log of its odds)."""
    table = ((0.0, 1.0), (0.0, 1.0))
    leaf = TreeFile(baseline=odds, feature=((LEAF,),), threshold=((0.0,),), left=((0,),),
                    right=((0,),), value=((0.0,),))  # fmt: skip
    return Calibration(BoostedTrees.of(leaf), {"": 0.0}, table)


def model(said: Letters | Speaker, own: Calibration | None = None) -> Model:
    speaker = said if isinstance(said, Speaker) else Speaker(said)
    return Model(speaker, own or Calibration(), "f" * 64, Path())


def reader(first: Letters, second: Letters | Speaker | None = None) -> Reader:
    other = None if second is None else SecondModel(model(second), Calibration())
    return Reader(model(first), second=other)


def page(kind: FieldKind = FieldKind.DATE) -> list[RecordCrops]:
    field = LayoutField(code="nksNgaySinh", kind=kind, lines=((0.0, 0.0, 40.0, 8.0),))
    crop = FieldCrop("nksNgaySinh", kind, field, [LINE], [], Box(1, 2, 3, 4))
    return [RecordCrops(1, {"nksNgaySinh": crop})]


def read(first: Letters, second: Letters | Speaker | None = None) -> Field:
    [record] = reader(first, second).read_page(page())
    return record.fields["nksNgaySinh"]


def date(*day: str | dict[str, float]) -> Letters:
    return [*day, *"/5/1985"]


UNSURE = date("1", {"2": 0.55, "7": 0.45})
CROPPED = date("1", {"2": 0.6, "3": 0.4})  # the 7 lies below what the first's search keeps


def test_what_both_hold_probable_wins_over_what_the_first_holds_most_probable():
    assert read(UNSURE).value == "12.05.1985"
    found = read(UNSURE, date("1", {"2": 0.05, "7": 0.95}))
    assert found.value == "17.05.1985"
    assert {one.value for one in found.n_best} >= {"12.05.1985", "17.05.1985"}
    assert found.as_written == "12/5/1985"  # its own reading, no other network involved
    assert found.versions == {"model": "speaker 1", "second": "speaker 1"}
    assert "second" not in read(UNSURE).versions


def test_a_first_network_that_is_sure_is_not_overruled():
    sure = date("1", {"2": 0.99, "7": 0.01})
    assert read(sure, date("1", {"2": 0.2, "7": 0.8})).value == "12.05.1985"


@pytest.mark.parametrize(("odds", "asked", "confidence"), [(6.0, 0, 0.9975), (3.0, 1, 0.5)])
def test_the_second_reads_what_the_first_is_not_sure_of(odds, asked, confidence):
    second = Speaker(date("1", "7"))
    both = Reader(model(UNSURE, always(odds)), second=SecondModel(model(second), always(0.0)))
    [record] = both.read_page(page())
    found = record.fields["nksNgaySinh"]
    assert second.lines == asked
    assert found.confidence == pytest.approx(confidence, abs=1e-4)
    assert ("second" in found.versions) == bool(asked)
    assert found.value == ("17.05.1985" if asked else "12.05.1985")


def test_what_the_reading_without_the_hand_doubts_is_read_by_both():
    """Both are compared field by field, so that one does not hear more than the other."""
    second = Speaker(date("1", "7"))
    other = SecondModel(model(second), always(6.0))
    before = model(date("1", "7"), always(0.0))
    both = Reader(model(UNSURE, always(6.0)), before=(before,), second=other)
    [record] = both.read_page(page())
    assert second.lines == 1  # once for the two of them
    found = record.fields["nksNgaySinh"]
    assert (found.value, found.confidence > 0.99) == ("17.05.1985", True)


def test_fields_that_one_network_reads_know_nothing_of_the_second():
    """The means over a page's fields are those of the first alone, whatever the second reads."""
    sheets = page()
    field = replace(sheets[0].fields["nksNgaySinh"], code="nksNgayDangKy")
    sheets[0].fields["nksNgayDangKy"] = field
    second = SecondModel(model(date("1", "7")), Calibration())
    alone = Reader(model(UNSURE)).observe(sheets)[0]
    both = Reader(model(UNSURE), second=second).observe(sheets)[0]
    own = [FEATURES.index(name) for name in PAGE_MEANS]
    for code in alone:
        assert len(alone[code].features) == len(FEATURES)
        assert len(both[code].features) == len(FEATURES) + len(SECOND_FEATURES)
        assert alone[code].features[own].tolist() == both[code].features[own].tolist()


def test_a_reading_that_only_the_second_has_found_can_be_chosen_by_a_person():
    assert "17.05.1985" not in {one.value for one in read(CROPPED).n_best}
    found = read(CROPPED, date("1", "7"))
    assert "17.05.1985" in {one.value for one in found.n_best}


def test_characters_that_the_second_network_does_not_know_stay_possible():
    few = ALPHABET.replace("2", "")
    assert read(date("1", "2"), Speaker(date("1", "7"), few)).value == "12.05.1985"


@pytest.mark.parametrize(("first", "second"), [("", UNSURE), (UNSURE, "")])
def test_a_field_in_which_one_of_them_reads_nothing(first, second):
    found = read(first, second)
    alone = read(first)
    assert (found.value, found.script) == (alone.value, alone.script)
    assert (found.script is Script.BLANK) == (not first)


def test_the_first_network_is_remembered_as_it_was_alone():
    [seen] = reader(UNSURE, date("1", "7")).observe(page())
    known = dict(zip((*FEATURES, *SECOND_FEATURES), seen["nksNgaySinh"].features, strict=True))
    assert np.isfinite(list(known.values())).all()
    assert known["second_agrees"] == 1 and known["second_distance"] == 0
    assert known["first_alone"] < 0 < known["second_alone"]  # log odds of the 17th
    assert known["distance"] > 0 and known["page_second_agrees"] == 1


def test_hypotheses_weighed_by_both_can_be_weighed_by_the_first_again():
    [crop] = page()[0].fields.values()
    [first], [second] = (reader(said).scores([crop]) for said in (UNSURE, date("1", "7")))
    [pool], [own] = (search([one], ALPHABET) for one in (first, second))
    reading = SecondReading(ALPHABET, second.lines, second, own)
    [both] = weigh_both([ReadingPair(first, pool, second, reading)], ALPHABET)
    assert settle(first, ALPHABET, both).candidates[0].value == "17.05.1985"
    again = shares("date", as_first_says(both))
    for value, share in shares("date", pool).items():
        assert again.get(value, 0.0) == pytest.approx(share, abs=0.01)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("models") / "htr", tmp_path / "htr"))


def test_the_shipped_networks_read_together():
    first = load_model()
    second = load_second(first, "free")
    assert second is not None and second.model.fingerprint == load_model("free").fingerprint
    assert second.calibration.fitted and second.calibration.trees != first.calibration.trees
    assert second.calibration.blank == first.calibration.blank
    assert has_second("htr", "free")
    assert load_second(first, "") is None and not has_second("htr", "")


def test_a_network_that_no_confidence_was_fitted_with_is_refused_or_left_out(copy: Path):
    own = copy / pair_file("free")
    data = json.loads(own.read_text("utf-8"))
    assert tuple(data["inputs"]) == PAIR_INPUTS
    own.write_text(json.dumps({**data, "second": "free of another year"}), "utf-8")
    first = load_model(str(copy))
    assert load_second(first, "free") is None  # what is usual is not insisted on
    assert not has_second(str(copy), "free")
    with pytest.raises(MachineError, match="--second"):
        load_second(first, str(shipped("models") / "free"))
    own.unlink()
    assert load_second(first, "free") is None
    assert load_model(str(copy)).fingerprint != first.fingerprint


def test_a_damaged_confidence_of_two_networks_is_told(copy: Path):
    (copy / pair_file("free")).write_text("{}", "utf-8")
    with pytest.raises(MachineError, match="calibrate"):
        load_second(load_model(str(copy)), "free")
