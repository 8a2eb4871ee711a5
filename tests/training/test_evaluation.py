"""`evaluate`: what is measured, with known numbers, and that nothing is left out in silence."""

import json
import re
from itertools import count

import numpy as np
import pytest

from ocr_pipeline.errors import BadInputError
from ocr_pipeline.training.evaluation import evaluate, load_results, load_truths
from ocr_pipeline.training.evaluation.metrics import wilson

BOOK = "xalocthuan_hbd_tbt.KS.2006.01"


def true_page(name, fields, kind="record", **more):
    records = [{"position": n + 1, "fields": f} for n, f in enumerate(fields)]
    return {"page": name, "kind": kind, "records": records, **more}


def field(text, value=None):
    return {"as_written": text, "value": text if value is None else value, "script": "handwritten"}


def reading(text, confidence, state="accepted", kind="person_name", value=None, **more):
    return {
        "value": text if value is None else value,
        "as_written": text,
        "confidence": confidence,
        "state": state,
        "kind": kind,
        "n_best": [],
        "box": [0, 0, 1, 1],
        "doubts": [],
        **more,
    }


def line(page, fields, record=1, book=BOOK, **more):
    return {"book": book, "page": page, "record": record, "fields": fields, **more}


def book(*pages, name=BOOK):
    return {"book": name, "pages": list(pages)}


def many(right, confidence, pages=20, fields=50):
    """Truth and results of pages × fields with given arrays of right/wrong and confidence."""
    number = count()
    truth, results = [], []
    for page in range(pages):
        expected, got = {}, {}
        for code in range(fields):
            i = next(number)
            expected[f"f{code}"] = field("Lê Văn Sỹ")
            text = "Lê Văn Sỹ" if right[i] else "Lê Văn Sĩ"
            state = "accepted" if confidence[i] > 0.9 else "in_review"
            got[f"f{code}"] = reading(text, float(confidence[i]), state)
        truth.append(true_page(f"{page}.jpg", [expected]))
        results.append(line(f"{page}.jpg", got))
    return [book(*truth)], results


def test_known_numbers():
    truth = book(
        true_page(
            "1.jpg",
            [
                {
                    "nksHoTen": field("Nguyễn Thị Hoa"),
                    "nksNgaySinh": field("5/7/2006", "05.07.2006"),
                    "ghiChu": field(""),
                    "nguoiKy": field("Trần Văn Tám"),
                }
            ],
        )
    )
    results = [
        line(
            "1.jpg",
            {
                "nksHoTen": reading("Nguyễn Thị Hòa", 0.6, "in_review"),
                "nksNgaySinh": reading("5-7-2006", 0.99, kind="date", value="05.07.2006"),
                "ghiChu": reading("", 0.98, "blank", kind="free_text"),
                "nguoiKy": reading("Trần Văn Tám", 0.95),
            },
        )
    ]
    report = evaluate([truth], results)
    every = report.overall
    assert (every.fields, every.blank_agreed, every.missing) == (3, 1, 0)
    assert every.exact.value == pytest.approx(2 / 3)
    assert every.cer_written.value == pytest.approx(3 / (14 + 8 + 12))
    assert every.cer_value.value == pytest.approx(1 / (14 + 10 + 12))
    assert (every.accepted_fields, every.accepted_errors) == (2, 0)
    assert every.coverage["0.01"].value == pytest.approx(2 / 3)
    assert set(report.by_kind) == {"person_name", "date", "free_text"}
    assert report.by_kind["date"].cer_written.value == pytest.approx(2 / 8)
    assert report.by_kind["free_text"].fields == 0


def test_effort_is_what_people_confirm_for_nothing_and_what_they_put_right():
    read = {
        "a": reading("Lê Văn Sỹ", 0.5, "in_review"),  # right: looked at for nothing
        "b": reading("Lê Văn Sĩ", 0.5, "in_review"),  # wrong
        "c": reading("Lê Văn Sĩ", 0.99),  # nobody looks
        "d": reading("Lê Văn Sỹ", 0.5, "confirmed"),  # somebody has looked
    }
    truth = book(true_page("1.jpg", [{code: field("Lê Văn Sỹ") for code in "abcde"}]))
    report = evaluate([truth], [line("1.jpg", read)], spent=(7, 12.5))
    effort = report.as_dict()["effort"]
    assert effort == {
        "needless": 2, "corrected": 1, "per_record": 3.0, "keys": 7, "seconds": 12.5,
    }  # fmt: skip
    assert "2 trường xác nhận không cần thiết" in report.to_html()
    assert evaluate([truth], [line("1.jpg", read)]).effort.keys is None


def test_calibrated_confidences_have_small_error_and_overconfident_ones_do_not():
    rng = np.random.default_rng(1)
    sure = rng.uniform(0.5, 1, 1000)
    right = rng.uniform(0, 1, 1000) < sure
    good = evaluate(*many(right, sure)).overall
    bad = evaluate(*many(right, np.full(1000, 0.99))).overall
    assert good.ece.value < 0.05 < 0.15 < bad.ece.value
    assert good.ece.low <= good.ece.value * 1.5
    assert bad.ece.low < bad.ece.value < bad.ece.high
    assert bad.coverage["0.01"].value == 0  # all equally sure: they can only be taken together


def test_coverage_is_the_largest_share_within_the_risk():
    sure = np.linspace(1, 0, 1000)
    right = np.ones(1000, bool)
    right[[300, 500, 600, 601, 602, 603, 604]] = False
    every = evaluate(*many(right, sure)).overall
    assert every.coverage["0.005"].value == pytest.approx(0.601)  # 3 wrong in 601; 4 in 602 is more
    assert every.coverage["0.01"].value == 1.0
    risks = dict(every.curve)
    assert risks[1.0] == pytest.approx(0.007)


def test_intervals_are_wilson_and_seeded():
    estimate = wilson(99, 100)
    assert (estimate.low, estimate.high) == pytest.approx((0.9455, 0.9982), abs=1e-4)
    assert wilson(0, 0).value is None
    rng = np.random.default_rng(2)
    data = many(rng.random(1000) < 0.9, rng.random(1000))
    assert evaluate(*data).to_json() == evaluate(*data).to_json()
    assert evaluate(*data).overall.ece != evaluate(*data, seed=5).overall.ece


def test_missing_records_fields_and_books_count_as_wrong_and_not_covered():
    two = {"nksHoTen": field("Lê Văn An"), "nguoiKy": field("Võ Văn Bé")}
    truths = [
        book(true_page("1.jpg", [two, two]), true_page("2.jpg", [two])),
        book(true_page("1.jpg", [two]), name="never.KS.2006.02"),
    ]
    results = [
        line("1.jpg", {"nksHoTen": reading("Lê Văn An", 0.9)}),
        line("1.jpg", {"nksHoTen": reading("Xa", 0.9)}, book="other.KS.2006.03"),
    ]
    report = evaluate(truths, results)
    every, counts = report.overall, report.counts
    assert (every.fields, every.missing) == (8, 7)
    assert every.exact.value == pytest.approx(1 / 8)
    assert every.coverage["0.01"].value == pytest.approx(1 / 8)
    assert every.cer_written.value == pytest.approx(7 / 8)
    assert (counts.records_in_truth, counts.records_missing, counts.fields_missing) == (4, 3, 1)
    assert counts.books_without_results == ["never.KS.2006.02"]
    assert counts.books_without_truth == ["other.KS.2006.03"]
    assert report.by_kind["person_name"].fields == 4  # both books: kind known from other results
    assert counts.wrong_number_of_records == [f"{BOOK}: 1.jpg"]


def test_a_record_read_from_another_page_is_an_error():
    truths = [book(true_page("1.jpg", [], kind="blank"), true_page("2.jpg", [], kind="other"))]
    results = [
        line("1.jpg", {"nksHoTen": reading("Lê Văn An", 0.999), "ghiChu": reading("", 1, "blank")}),
        line("9.jpg", {"nksHoTen": reading("Lê Văn An", 0.999)}),
    ]
    report = evaluate(truths, results, outcomes={(BOOK, "2.jpg"): "refused"})
    assert report.counts.records_on_other_pages == [f"{BOOK}: 1.jpg", f"{BOOK}: 9.jpg"]
    assert report.counts.records_surplus == 2
    assert (report.overall.accepted_fields, report.overall.accepted_errors) == (2, 2)
    assert report.counts.pages["other", "refused"] == 1
    assert report.counts.pages["not in truth", "with records"] == 1
    assert len(report.wrong_accepted) == 2


def test_an_empty_place_read_as_empty_is_no_surplus_record():
    truths = [book(true_page("1.jpg", [{"so": field("1"), "trangSo": field("7")}]))]
    shared = {"trangSo": reading("7", 0.99, box=[5, 5, 9, 9])}
    results = [
        line("1.jpg", {"so": reading("1", 0.99, box=[0, 9, 1, 1]), **shared}),
        line("1.jpg", {"so": reading("", 0.9, "blank", box=[0, 20, 1, 1]), **shared}, record=2),
    ]
    report = evaluate(truths, results)
    assert report.counts.records_surplus == 0 and report.counts.wrong_number_of_records == []
    assert (report.overall.fields, report.overall.exact.value) == (2, 1.0)


def test_pages_cut_at_the_wrong_places_are_named():
    names = {f"f{i}": field(f"Người thứ {i} ở đây") for i in range(6)}
    truths = [book(true_page("1.jpg", [names], layout="KS-2016"), true_page("2.jpg", [names]))]
    nonsense = {f"f{i}": reading("qwzkjx", 0.4, "in_review") for i in range(6)}
    right = {code: reading(f["value"], 0.9) for code, f in names.items()}
    report = evaluate(truths, [line("1.jpg", right, layout="KS-2006"), line("2.jpg", nonsense)])
    assert report.counts.misplaced == [f"{BOOK}: 2.jpg"]
    assert report.counts.wrong_layout == [f"{BOOK}: 1.jpg"]


def test_what_people_entered_does_not_count_for_the_machine():
    truths = [book(true_page("1.jpg", [{"nksHoTen": field("Lê Văn An")}]))]
    entered = reading("Lê Văn An", 0.4, "corrected") | {
        "n_best": [{"text": "Lê Văn Ân", "value": "Lê Văn Ân", "probability": 0.4}]
    }
    every = evaluate(truths, [line("1.jpg", {"nksHoTen": entered})]).overall
    assert (every.exact.value, every.accepted_fields) == (0.0, 0)


def test_empty_truth_gives_a_report_that_says_so(tmp_path):
    report = evaluate([], [])
    data, page = report.write(tmp_path)
    assert json.loads(data.read_text())["overall"]["exact"]["value"] is None
    assert "Không có trường nào" in page.read_text(encoding="utf-8")


def test_html_stands_alone_and_escapes(tmp_path):
    truths = [book(true_page("<b>1.jpg", [{"nksHoTen": field("Lê <script>")}]))]
    results = [line("<b>1.jpg", {"nksHoTen": reading("Lê <i>", 0.97)})]
    _, page = evaluate(truths, results).write(tmp_path)
    html = page.read_text(encoding="utf-8")
    assert "<script" not in html and "<i>" not in html and "&lt;i&gt;" in html
    assert not re.search(r'(src|href)="(?!#)', html.replace('xlink:href="#', ""))
    assert html.count("<svg") == 3
    assert html.index("Độ chính xác") < html.index("Accuracy")


def test_truth_files_are_found_and_checked(tmp_path):
    folder = tmp_path / "Sổ khai sinh"
    folder.mkdir()
    (folder / "truth.json").write_text(json.dumps(book()), encoding="utf-8")
    assert load_truths(tmp_path) == [book()]
    assert load_results(["", json.dumps(line("1.jpg", {}))])[0]["page"] == "1.jpg"
    (folder / "truth.json").write_text('{"book": "x", "pages": [{}]}', encoding="utf-8")
    for place in (tmp_path, tmp_path / "none"):
        with pytest.raises(BadInputError):
            load_truths(place)


def test_a_record_needs_nobody_when_all_its_fields_were_accepted():
    truth = book(true_page("1.jpg", [{"a": field("An"), "b": field("")} for _ in range(4)]))
    blank = reading("", 0.99, "blank")
    results = [
        line("1.jpg", {"a": reading("An", 0.99), "b": blank}, 1),
        line("1.jpg", {"a": reading("Ân", 0.99), "b": blank}, 2),  # nobody looks, and it is wrong
        line("1.jpg", {"a": reading("An", 0.99), "b": reading("", 0.4, "in_review")}, 3),
    ]  # the fourth was not read
    found = evaluate([truth], results).as_dict()["records"]
    assert (found["records"], found["unattended"], found["wrong"]) == (4, 2, 1)
    assert found["share"]["value"] == 0.5


def test_empty_boxes_and_written_ones_among_them():
    truth = book(true_page("1.jpg", [{c: field("An" if c == "d" else "") for c in "abcd"}]))
    blank, doubtful = reading("", 0.99, "blank"), reading("", 0.4, "in_review")
    read = {"a": blank, "b": blank, "c": doubtful, "d": blank}
    found = evaluate([truth], [line("1.jpg", read)]).as_dict()["empty"]
    assert (found["empty"], found["taken"]) == (3, 3)
    assert found["accepted"]["value"] == pytest.approx(2 / 3)
    assert found["written"]["value"] == pytest.approx(1 / 3)


def test_case_and_commas_of_a_place_are_no_fault_of_the_reading():
    truth = book(true_page("1.jpg", [{"p": field("Xã Phước Tuy - Huyện Ba Tri")}]))
    got = reading("x", 0.99, kind="place", value="Xã Phước Tuy, huyện Ba Tri")
    assert evaluate([truth], [line("1.jpg", {"p": got})]).overall.exact.value == 1
    other = reading("x", 0.99, kind="place", value="Xã Phước Tây, huyện Ba Tri")
    assert evaluate([truth], [line("1.jpg", {"p": other})]).overall.exact.value == 0
