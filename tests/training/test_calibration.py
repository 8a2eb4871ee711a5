from dataclasses import replace

import numpy as np
import pytest

from ocr_pipeline.errors import BadInputError
from ocr_pipeline.reading.boosted_trees import LEAF, BoostedTrees, TreeFile
from ocr_pipeline.reading.confidence import (
    FEATURES,
    INPUTS,
    SECOND_FEATURES,
    UNCALIBRATED_CAP,
    Calibration,
)
from ocr_pipeline.reading.reader import FieldObservation
from ocr_pipeline.registers.fields import Candidate, Field, FieldKind, Script
from ocr_pipeline.training import calibration as calibration_module
from ocr_pipeline.training.calibration import Sample, fit, fit_pair, write

pytest.importorskip("sklearn")


def samples(books: int = 18, fields: int = 250) -> list[Sample]:
    """Fields whose chance of being right is half as certain as their margin says."""
    rng = np.random.default_rng(3)
    out = []
    for book in range(books):
        for _ in range(fields):
            x = rng.normal(0, 1, len(FEATURES))
            x[FEATURES.index("margin")] = rng.normal(2, 3)
            chance = 1 / (1 + np.exp(-0.5 * x[FEATURES.index("margin")] - x[1]))
            kind = FieldKind.DATE if rng.random() < 0.5 else FieldKind.PERSON_NAME
            right = rng.random() < chance
            seen = FieldObservation(Field("x", kind, "a", "a"), x)
            out.append(Sample(f"book {book}", "1.jpg", kind, seen, "a" if right else "b", ""))
        blank = FieldObservation(Field("y", FieldKind.DATE, script=Script.BLANK), np.zeros(0), 0.2)
        out.append(Sample(f"book {book}", "1.jpg", FieldKind.DATE, blank, "", ""))
    return out


@pytest.mark.long
def test_fitted_probabilities_mean_what_they_say(tmp_path) -> None:
    fitted = fit(samples(), sources="invented numbers")
    assert fitted.after.ece < 0.06 < fitted.before.ece
    assert fitted.after.log_loss < fitted.before.log_loss
    first = write(fitted, tmp_path).read_bytes()
    assert write(fit(samples(), sources="invented numbers"), tmp_path).read_bytes() == first
    calibration = Calibration.load(tmp_path)
    assert calibration.fitted
    low, high = np.zeros(len(FEATURES)), np.zeros(len(FEATURES))
    low[FEATURES.index("margin")], high[FEATURES.index("margin")] = -6, 12
    assert calibration.probability("date", low) < 0.2
    assert 0.95 < calibration.probability("date", high) < 1
    assert calibration.probability("a kind never seen", high) > 0.9
    assert calibration.blank_probability(0.0) > 0.9  # 15 seen


@pytest.mark.long
def test_all_books_are_learnt_from_and_the_quality_is_that_of_a_fit_without_some() -> None:
    fitted = fit(samples(), sources="")
    books, apart = fitted.data["books"]["fit"], fitted.data["books"]["test"]
    assert set(books) == {s.book for s in samples()} and len(apart) == len(books) // 6
    misread = [replace(s, value="b", as_written="b") if s.book in apart else s for s in samples()]
    changed = fit(misread, sources="")
    assert changed.data["trees"] != fitted.data["trees"]
    assert changed.after.right == 0 and changed.after.log_loss > fitted.after.log_loss
    assert changed.before.fields == fitted.before.fields


@pytest.mark.parametrize(
    ("text", "value", "truth", "written", "right"),
    [
        ("20/04/18", "", "20.04.2018", "20/04/18", True),
        ("20-4-18", "", "20.04.2018", "20/04/18", True),
        ("29/04/18", "", "20.04.2018", "20/04/18", False),
        ("21 tuổi", "", "1997", "21t", True),
        ("27 tuổi", "", "1997", "21t", False),
        ("20/04/18", "20.04.1918", "20.04.2018", "20/04/18", False),
        ("20/04/2018", "20.04.2018", "20.04.2018", "20/04/2018", True),
        ("", "", "20.04.2018", "20/04/18", False),
        ("abc", "", "20.04.2018", "20/04/2018", False),
    ],
)
def test_a_short_year_read_rightly_is_right_before_it_has_a_value(
    text, value, truth, written, right
):
    """Its book gives the century later; 0.01 for all of them had been learnt otherwise."""
    n_best = (Candidate(text, value, 0.9),) if text else ()
    reading = Field("x", FieldKind.DATE, text, value, n_best=n_best)
    seen = FieldObservation(reading, np.zeros(len(FEATURES)))
    assert Sample("book", "1.jpg", FieldKind.DATE, seen, truth, written).right is right


def test_too_few_books_are_refused() -> None:
    with pytest.raises(BadInputError, match="6"):
        fit(samples(2), sources="")


@pytest.fixture(scope="module")
def pairs() -> list[Sample]:
    """The samples as both networks read them: the second says the same of all."""
    more = np.zeros(len(SECOND_FEATURES))
    return [
        replace(
            s,
            observation=replace(
                s.observation,
                features=np.concatenate([s.observation.features, more]),
                alone=s.observation,
            ),
        )
        if len(s.observation.features)
        else s
        for s in samples()
    ]


@pytest.mark.long
def test_a_model_is_calibrated_alike_whether_a_second_network_has_read_or_not(pairs) -> None:
    assert fit(pairs, sources="").data == fit(samples(), sources="").data


def sure_from(margin: float) -> Calibration:
    """A confidence that is sure of fields with more than this margin."""
    tree = TreeFile(baseline=0.0, feature=((FEATURES.index("margin"), LEAF, LEAF),),
                    threshold=((margin, 0.0, 0.0),), left=((1, 0, 0),), right=((2, 0, 0),),
                    value=((0.0, 0.0, 9.0),))  # fmt: skip
    return Calibration(BoostedTrees.of(tree), {"": 0.0})


@pytest.mark.long
def test_the_confidence_of_two_networks_learns_from_what_the_first_doubts(pairs) -> None:
    """Fields that it is sure of do not count, whatever they are."""
    margin, own = FEATURES.index("margin"), sure_from(5.0)
    fitted = fit_pair(pairs, own, sources="", second="other 1").data
    changed = [
        replace(s, value="b", as_written="b")
        if s.observation.alone is not None and s.observation.alone.features[margin] > 5.0
        else s
        for s in pairs
    ]
    assert 100 < sum(a != b for a, b in zip(pairs, changed, strict=True)) < len(pairs) / 2
    assert fit_pair(changed, own, sources="", second="other 1").data == fitted
    assert fit_pair(changed, sure_from(9.0), sources="", second="other 1").data != fitted
    assert fitted["second"] == "other 1" and "blank" not in fitted


def test_means_over_a_page_are_those_of_the_fields_that_both_would_read() -> None:
    names = (*FEATURES, *SECOND_FEATURES)
    found = []
    for place, margin in enumerate((9.0, 0.0, 0.0)):  # sure, not sure, not sure
        alone = np.zeros(len(FEATURES))
        alone[FEATURES.index("margin")] = margin
        both = np.concatenate([alone, np.zeros(len(SECOND_FEATURES))])
        both[names.index("second_gap")] = -float(place)
        reading = Field("x", FieldKind.DATE, "a", "a")
        seen = FieldObservation(reading, both, alone=FieldObservation(reading, alone))
        found.append(Sample("book", "1.jpg", FieldKind.DATE, seen, "a"))
    kept = calibration_module._doubted(found, sure_from(5.0))
    mean = names.index("page_second_gap")
    assert [s.observation.features[mean] for s in kept] == [-2.0, -1.0]


@pytest.mark.long
def test_boxes_without_ink_are_believed_and_those_with_two_strokes_are_not(tmp_path) -> None:
    def found_blank(ink: float, written: str, book: int) -> Sample:
        seen = FieldObservation(
            Field("y", FieldKind.DATE, script=Script.BLANK), np.zeros(0), ink_mm2=ink
        )
        return Sample(f"book {book}", "1.jpg", FieldKind.DATE, seen, written, written)

    blanks = [found_blank(0.0, "", k % 18) for k in range(600)]
    blanks += [found_blank(0.1, "", k % 18) for k in range(100)]
    dittos = [found_blank(0.75, '"', k % 18) for k in range(40)]
    write(fit([*samples(), *blanks, *dittos], sources=""), tmp_path)
    calibration = Calibration.load(tmp_path)
    assert calibration.blank_probability(0.0) > 0.99
    assert calibration.blank_probability(0.75) < 0.2
    steps = [calibration.blank_probability(ink) for ink in np.linspace(0, 20, 100)]
    assert steps == sorted(steps, reverse=True)


@pytest.mark.long
def test_ends_of_letters_from_the_line_above_are_believed_to_be_no_writing(tmp_path) -> None:
    """Much ink, and no character is probable in it; what is pale stands lower."""

    def found_blank(ink: float, hanging: float, loudest: float, written: str, k: int) -> Sample:
        reading = Field("y", FieldKind.FREE_TEXT, script=Script.BLANK)
        seen = FieldObservation(reading, np.zeros(0), ink, hanging, loudest)
        return Sample(f"book {k % 18}", "1.jpg", FieldKind.FREE_TEXT, seen, written, written)

    ends = [found_blank(0.5 + k % 8, 0.5 + k % 8, 0.02, "", k) for k in range(200)]
    pale = [found_blank(0.5 + k % 8, 0.0, 0.02, "Tân An", k) for k in range(60)]
    marks = [found_blank(0.5 + k % 3, 0.3, 0.6, "-nt-", k) for k in range(60)]
    empty = [found_blank(0.0, 0.0, 0.0, "", k) for k in range(600)]
    write(fit([*samples(), *ends, *pale, *marks, *empty], sources=""), tmp_path)
    blank = Calibration.load(tmp_path).blank_probability
    for ink in (0.7, 3.0, 7.0):
        assert 0.95 < blank(ink, 0.02, ink) < blank(0.0, 0.0, 0.0)
        assert blank(ink, 0.02, 0.0) < 0.6 and blank(ink, 0.6, ink) < 0.6


@pytest.mark.long
def test_a_mark_for_nothing_is_as_sure_as_marks_in_fields_of_its_kind_were(tmp_path) -> None:
    """In remarks a slash says that nothing is written, in a signer's column it may be a ditto."""

    def found_mark(kind: FieldKind, value: str, k: int) -> Sample:
        reading = Field("y", kind, "/", script=Script.BLANK)
        return Sample(
            f"book {k % 18}", "1.jpg", kind, FieldObservation(reading, np.zeros(0), 4.0), value
        )

    remarks = [found_mark(FieldKind.FREE_TEXT, "", k) for k in range(200)]
    signers = [found_mark(FieldKind.POSITION, "Chủ tịch" if k % 2 else "", k) for k in range(80)]
    reading = Field("y", FieldKind.DATE, script=Script.BLANK)
    empty = FieldObservation(reading, np.zeros(0))
    boxes = [Sample(f"book {k % 18}", "1.jpg", FieldKind.DATE, empty, "") for k in range(600)]
    write(fit([*samples(), *remarks, *signers, *boxes], sources=""), tmp_path)
    nothing = Calibration.load(tmp_path).nothing_probability
    assert nothing("free_text", 4.0) > 0.97
    assert nothing("position", 4.0) < 0.6
    assert nothing("position", 4.0) < nothing("a kind never seen", 4.0) < nothing("free_text", 4.0)
    assert Calibration(nothing={"": 1.0}).nothing_probability("date", 4.0) == UNCALIBRATED_CAP


def test_the_written_trees_say_what_the_fitted_ones_say(tmp_path) -> None:
    fitted = fit(samples(), sources="")
    write(fitted, tmp_path)
    calibration = Calibration.load(tmp_path)
    kept = [s for s in samples() if len(s.observation.features)]
    sure = [calibration.probability(s.kind, s.observation.features) for s in kept]
    right = np.array([s.right for s in kept])
    for low, high in ((0.0, 0.4), (0.4, 0.7), (0.7, 0.9), (0.9, 1.0)):
        among = (np.array(sure) >= low) & (np.array(sure) < high)
        assert among.sum() > 100 and low - 0.05 < right[among].mean() < high + 0.05


@pytest.mark.parametrize(("name", "way"), [("margin", 1), ("weakest", 1), ("page_edits", -1)])
@pytest.mark.long
def test_more_of_a_feature_moves_the_confidence_one_way_only(name, way) -> None:
    model = calibration_module._grow(calibration_module._Table.of(samples(), INPUTS), seed=0)
    rng = np.random.default_rng(5)
    for _ in range(50):
        x = np.tile(rng.normal(0, 2, len(FEATURES)), (20, 1))
        x[:, FEATURES.index(name)] = np.linspace(-8, 12, 20)
        steps = way * np.diff(model.predict(["date"] * 20, x))
        assert (steps >= -1e-9).all()
