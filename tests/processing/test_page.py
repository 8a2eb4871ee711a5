from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from ocr_pipeline.errors import MachineError, ScanError, Text, TransientError
from ocr_pipeline.foreign_files import foreign_file
from ocr_pipeline.processing.page import PageJob, read_page
from ocr_pipeline.processing.page_outcome import packed
from ocr_pipeline.processing.settings import combined_hash, page_fingerprint
from ocr_pipeline.processing.stages import Stages
from ocr_pipeline.scans.pages import PageRef, load_page
from ocr_pipeline.scans.scan_part import ScanPart
from ocr_pipeline.store.states import PageKind
from tests.builders import fake_stages

JOB = PageJob(PageRef(Path("1.jpg"), 0, "1.jpg"), "KS")
WHY = Text("vì", "because")


def loaded(id_, type_):
    return SimpleNamespace(layout=SimpleNamespace(id=id_, type=type_))


def stages(**changed):
    flat = SimpleNamespace(gray=np.zeros((9, 9), np.uint8), to_original=np.eye(3))
    usual = Stages(
        load=lambda ref: "image",
        flatten=lambda image: flat,
        content=lambda gray: "content",
        deepen=lambda flat: SimpleNamespace(**{**vars(flat), "gray": flat.gray + 1}),
        detect=lambda gray, layouts, prior: SimpleNamespace(
            layout_id="KS-2016", turn=180, registration=None
        ),
        shines_through=lambda gray, found, layouts, prior: False,
        register=lambda gray, layout, turn: SimpleNamespace(accepted=True, residual_mm=0.2),
        register_given=lambda gray, layout, pose, trust: SimpleNamespace(
            accepted=True, residual_mm=0.2, reason=None
        ),
        cut=lambda flat, layout, aligned: ["crops"],
        read=lambda crops, page, layout, home: [fake_stages.two_field_record(page, "7")],
        layouts={"KS-2016": loaded("KS-2016", "KS"), "KT-2016": loaded("KT-2016", "KT")},
        fingerprint="f",
    )
    return replace(usual, **changed)


def raising(error):
    def stage(*_):
        raise error

    return stage


def test_a_page_is_read_and_every_stage_timed():
    result = read_page(JOB, stages())
    assert (result.kind, result.layout, result.turn) == (PageKind.RECORD, "KS-2016", 180)
    assert [record.page for record in result.records] == ["1.jpg"]
    assert list(result.seconds) == ["load", "flatten", "detect", "register", "cut", "read"]
    assert result.to_original == (1, 0, 0, 0, 1, 0, 0, 0, 1)


NO_FORM = SimpleNamespace(layout_id=None, turn=0, reason=WHY, nearest="")


def test_bare_paper_is_blank_and_no_form_is_looked_for():
    looked = raising(AssertionError("blank pages are many: they must stay cheap"))
    result = read_page(JOB, stages(content=lambda gray: "blank", detect=looked))
    assert result.kind is PageKind.BLANK and not result.records and result.cause.vi


@pytest.mark.parametrize("look", ["cover", "pale", "faint", "dark"])
def test_a_page_on_which_a_form_lies_is_a_record_whatever_it_looks_like(look):
    result = read_page(JOB, stages(content=lambda gray: look))
    assert result.kind is PageKind.RECORD and len(result.records) == 1


@pytest.mark.parametrize(
    ("look", "through", "kind"),
    [
        ("cover", False, PageKind.COVER),
        ("faint", False, PageKind.BLANK),
        ("pale", True, PageKind.BLANK),
        ("content", True, PageKind.BLANK),
        ("pale", False, PageKind.REFUSED),
        ("dark", False, PageKind.REFUSED),
        ("content", False, PageKind.REFUSED),
    ],
)
def test_a_page_without_a_form_is_refused_unless_nothing_is_lost_with_it(look, through, kind):
    result = read_page(
        JOB,
        stages(
            content=lambda gray: look,
            detect=lambda *_: NO_FORM,
            shines_through=lambda *_: through,
        ),
    )
    assert result.kind is kind and result.cause.vi and not result.records
    if kind is PageKind.REFUSED:
        assert WHY.vi in result.cause.vi and result.remedy


@pytest.mark.parametrize(("look", "level"), [("content", 0), ("pale", 1), ("faint", 1)])
def test_a_pale_page_is_read_with_darker_ink(look, level):
    seen = []
    read_page(
        JOB,
        stages(
            content=lambda gray: look,
            register=lambda gray, layout, turn: (
                seen.append(int(gray[0, 0])) or SimpleNamespace(accepted=True, residual_mm=0.2)
            ),
            cut=lambda flat, layout, aligned: seen.append(int(flat.gray[0, 0])) or ["crops"],
        ),
    )
    assert seen == [level, level]


def test_a_page_of_another_register_is_not_read():
    found = SimpleNamespace(layout_id="KT-2016", turn=0)
    result = read_page(JOB, stages(detect=lambda *_: found))
    assert result.kind is PageKind.OTHER and "KT" in result.cause.vi and result.remedy


def test_no_page_is_cut_without_a_form_that_fits():
    cut = raising(AssertionError("cut up blindly"))
    nothing = SimpleNamespace(layout_id=None, turn=0, reason=WHY, nearest="")
    off = SimpleNamespace(accepted=False, residual_mm=3.0, reason=WHY)
    for changed in ({"detect": lambda *_: nothing}, {"register": lambda *_: off}):
        result = read_page(JOB, stages(cut=cut, **changed))
        assert result.kind is PageKind.REFUSED
        assert result.cause == WHY and result.remedy


class Halves:
    """A scan as loaded; a part of it knows its number."""

    part = None

    def cut_by(self, part):
        half = Halves()
        half.part = part
        return half


def test_each_form_of_a_scan_is_read_as_a_page_of_its_own(monkeypatch):
    parts = (ScanPart(1, 0, 0, 5, 9), ScanPart(2, 5, 0, 5, 9))
    monkeypatch.setattr(ScanPart, "cut", lambda part, image: image.cut_by(part))
    seen = []

    def flatten(image):
        seen.append(image.part)
        return SimpleNamespace(gray=np.zeros((9, 9), np.uint8), to_original=np.eye(3))

    two = stages(load=lambda ref: Halves(), flatten=flatten, divide=lambda *_: parts)
    result = read_page(JOB, two)
    assert seen == [None, *parts] and result.parts == parts
    [other] = result.further
    assert [record.page for record in result.records] == ["1.jpg"]
    assert [record.page for record in other.records] == ["1.jpg (2)"]
    assert result.kind is other.kind is PageKind.RECORD


def test_a_part_of_a_scan_is_not_divided_again_and_names_itself_when_it_fits_no_form():
    nothing = SimpleNamespace(layout_id=None, turn=0, reason=WHY, nearest="")
    part = replace(JOB, ref=replace(JOB.ref, part=ScanPart(2, 0, 0, 5, 9)))
    divide = raising(AssertionError("divided again"))
    result = read_page(part, stages(divide=divide, detect=lambda *_: nothing))
    assert result.kind is PageKind.REFUSED and result.parts is None
    assert "nhiều biểu mẫu" in result.cause.vi and WHY.vi in result.cause.vi
    assert "part 2" in result.cause.en


def test_a_fault_of_the_scan_is_a_result_and_one_of_the_machine_stops_the_run():
    result = read_page(JOB, stages(load=raising(ScanError(WHY, where="1.jpg", remedy=WHY))))
    assert (result.kind, result.cause, result.remedy) == (PageKind.FAULT, WHY, WHY)
    with pytest.raises(MachineError):
        read_page(JOB, stages(load=raising(MachineError(WHY))))


def test_what_says_nothing_about_the_page_is_no_result():
    with pytest.raises(TransientError):
        read_page(JOB, stages(load=raising(TransientError(WHY))))
    with pytest.raises(
        TransientError, match="not exist"
    ):  # it was there when the book was looked at
        read_page(JOB, stages(load=load_page))


def test_a_fingerprint_changes_with_model_and_layouts_but_not_with_their_order():
    assert page_fingerprint(["a", "b"], "m") == page_fingerprint(["b", "a"], "m")
    assert page_fingerprint(["a", "b"], "m") != page_fingerprint(["a", "b"], "m2")
    assert page_fingerprint(["a", "b"], "m") != page_fingerprint(["a", "c"], "m")
    assert combined_hash("ab", "c") != combined_hash("a", "bc")


def test_where_an_unforeseen_fault_came_from_is_for_the_log_and_not_for_the_result():
    def load(ref):
        with foreign_file(lambda: ScanError(WHY, where=ref.name)):
            raise ZeroDivisionError("Nguyễn Văn A")

    result = read_page(JOB, stages(load=load))
    assert (result.kind, result.cause) == (PageKind.FAULT, WHY)
    kept = packed(result)
    assert kept.trace.endswith("ZeroDivisionError") and "Nguyễn" not in kept.trace
    assert kept.payload == packed(replace(result, trace="")).payload
