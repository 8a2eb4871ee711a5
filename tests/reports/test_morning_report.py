import re
import shlex
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from sqlalchemy import select

from ocr_pipeline.checks.findings import rules
from ocr_pipeline.errors import BadInputError, MachineError
from ocr_pipeline.processing import form_pages
from ocr_pipeline.registers.fields import FieldKind, State
from ocr_pipeline.reports.morning_report import (
    as_html,
    as_text,
    make_report,
    write_report,
)
from ocr_pipeline.reports.morning_report.fault_groups import group
from ocr_pipeline.reports.morning_report.report import FaultGroup
from ocr_pipeline.reports.morning_report.review_time import model_seconds, seconds_for
from ocr_pipeline.reports.morning_report.titles import rule_title, title
from ocr_pipeline.reports.morning_report.verdict import next_steps, verdict
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.entries import Entry, add_entries
from ocr_pipeline.store.locks import run_lock
from ocr_pipeline.store.models import FieldRow
from ocr_pipeline.store.page_residuals import residuals
from ocr_pipeline.store.policies import raised_thresholds
from ocr_pipeline.store.review_models import DecisionRow
from ocr_pipeline.store.runs import RunEnding
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.totals import FailedPage
from tests.builders import finished_runs

KS1 = "xalocthuan_hbd_tbt.KS.2016.01"


@pytest.fixture
def night(office):
    """A small night: two books, one with pages that cannot be read."""
    office.book("ks1", {"1.png": "record 1", "2.png": "blank", "3.png": "record 2"})
    office.book(
        "ks2", {"1.png": "record 9", "2.png": "refused 1", "3.png": "bug", "4.png": "refused 2"}
    )
    office.summary = office.run()
    return office


def test_pages_taken_for_blank_pages_are_named_and_what_is_missing_there_first(office):
    office.book("ks1", {"1.png": "record 1", "2.png": "blank", "3.png": "record 2"})
    office.book("ks2", {"1.png": "record 1", "7.png": "blank", "8.png": "record 4"})
    summary = office.run()
    made = make_report(office.workspace, summary.run)
    missing, plain = made.no_record
    assert missing.first == ("xalocthuan_hbd_tbt.KS.2016.02 7.png",)
    assert missing.remedy.en.startswith("02–03/2016 is missing here")
    assert plain.first == (f"{KS1} 2.png",) and plain.remedy is None
    for shown in (as_html(made), as_text(made)):
        assert shown.index("02–03/2016") < shown.index(f"{KS1} 2.png")


def test_files_that_are_no_pages_and_twins_are_named(office):
    office.book("ks1", {"1.png": "record 1", "2.png": "record 1", "3.png": "record 2"})
    (office.scans / "ks1" / "ghi chú.txt").write_text("của cán bộ", encoding="utf-8")
    made = make_report(office.workspace, office.run().run)
    assert {(one.kind, one.first) for one in made.remarks} == {
        ("duplicate", (f"{KS1} 2.png",)),
        ("skipped", (f"{KS1} ghi chú.txt",)),
    }
    for shown in (as_html(made), as_text(made)):
        assert "ghi chú.txt" in shown and f"{KS1} 2.png" in shown


@pytest.mark.databases("sqlite", "postgresql")
def test_the_figures_are_those_of_the_store(night):
    made = make_report(night.workspace, night.summary.run)
    assert (made.run.done, made.run.left, made.run.ending) == (7, 0, "done")
    assert made.page_kinds == {"record": 3, "blank": 1, "refused": 2, "failed": 1}
    assert (made.records, made.accepted, made.review) == (3, 3, 3)
    assert made.wrong == pytest.approx(3 * (1 - 0.999))
    first, second = made.books
    assert (first.id, first.pages, first.failures, first.read) == (KS1, 3, 0, True)
    assert (second.failures, second.records) == (3, 1)
    kinds = {line.kind: line for line in made.kinds}
    assert kinds["number_year"].accepted == 3 and kinds["person_name"].review == 3
    assert made.layouts == {"KS-2016": 3}
    assert [(one.kind, one.pages) for one in made.faults] == [("refused", 2), ("failed", 1)]


def test_records_that_need_nobody_stand_beside_the_fields_accepted(night):
    """Each record of the night has a sure number and a doubtful name: half of the fields."""
    made = make_report(night.workspace, night.summary.run)
    with night.workspace.transaction() as session:
        rows = session.scalars(select(FieldRow).where(FieldRow.book == made.books[1].id))
        for row in rows:
            row.state, row.lane = "accepted", ""
    assert (made.unattended.unattended, made.unattended.field_share) == (0, 0.5)
    made = make_report(night.workspace, night.summary.run)
    assert [(one.unattended.unattended, one.records) for one in made.books] == [(0, 2), (1, 1)]
    text = as_text(made)
    assert "records that need nobody" in text and "1 of 3 (33.3 %)" in text
    assert "records 1, need nobody 1 (100 %)" in text
    page = as_html(made)
    assert "<b>33,3 %</b><span>bản ghi không cần ai xem</span>" in page
    assert '<td class="n">1 (100 %)</td>' in page and '<td class="n">0 (0 %)</td>' in page


def test_only_the_books_of_its_folder_are_in_a_report(night, tmp_path):
    number = finished_runs.begin(night.workspace, tmp_path / "elsewhere")
    made = make_report(night.workspace, number)
    assert made.books == () and made.page_kinds == {} and made.kinds == () and made.faults == ()
    assert "0" in as_text(made)


def test_no_value_of_a_field_and_no_name_gets_into_it(night):
    made = make_report(night.workspace, night.summary.run)
    for words in (as_html(made), as_text(made)):
        assert KS1 in words and "2.png" in words
        for secret in ("Bưởi", "Trần Thị", "1/2016", "9/2016", "Văn Tám"):
            assert secret not in words


@pytest.mark.databases("sqlite", "postgresql")
def test_hours_come_from_what_people_needed_here(night):
    def name_line():
        lines = make_report(night.workspace, night.summary.run).kinds
        return next(line for line in lines if line.kind == "person_name")

    assert (name_line().seconds, name_line().decisions) == (model_seconds("person_name"), 0)
    with night.workspace.transaction() as session:
        session.add_all(decision(number, 20.0) for number in range(30))
        session.add(decision(31, 4000.0))  # a break
        session.add(decision(32, 900.0, withdrawn=True))
    assert (name_line().seconds, name_line().decisions) == (pytest.approx(20.0), 30)
    assert name_line().hours == pytest.approx(3 * 20 / 3600)
    text = as_text(make_report(night.workspace, night.summary.run))
    assert "30 real decisions" in text


def test_a_run_raises_the_threshold_of_a_kind_whose_samples_are_wrong_and_tells_it(night):
    def told():
        return as_text(make_report(night.workspace, night.run().run))

    assert "samples were wrong" not in told()
    with night.workspace.transaction() as session:
        said = Entry("1.png", 1, "nksHoTen", "Trần Thị Mận", State.CORRECTED, "lan")
        [entry] = add_entries(session, KS1, [said])
        for number in range(12):
            row = decision(number, 5.0, entry=entry)
            row.lane, row.confidence, row.value = "sample", 0.96, "x" if number < 3 else ""
            session.add(row)
    english = "Person names” in " + KS1 + " was raised to 0.961 because 3 of 12 samples were wrong"
    assert english in told()
    assert f"sổ {KS1} được nâng lên 0,961 vì 3 trong 12 trường mẫu sai" in told()
    with night.workspace.read_session() as session:
        assert raised_thresholds(session) == {(KS1, "person_name"): 0.961}


def decision(number, seconds, **columns):
    return DecisionRow(
        field=number, book=KS1, page="1.png", position=1, code="nksHoTen", kind="person_name",
        user="lan", time=datetime.now(UTC), lane="doubt", action="confirm", state="confirmed",
        value="", was="", was_state="in_review", confidence=0.6, seconds=seconds, **columns,
    )  # fmt: skip


def test_a_few_decisions_prove_nothing():
    assert seconds_for("date", {"date": (29, 50.0)}) == (model_seconds("date"), 0)
    assert seconds_for("date", {"date": (30, 50.0)}) == (50.0, 30)


def test_the_model_of_hours_is_the_stated_sum():
    # 2 mental acts and a key; in half of the cases hand, mental act and 16 × 1.3 keys
    assert model_seconds("person_name") == pytest.approx(
        2 * 1.35 + 0.28 + 0.5 * (0.4 + 1.35 + 16 * 1.3 * 0.28)
    )
    assert model_seconds("tick") < model_seconds("person_name") < model_seconds("date_words")


def test_two_hundred_like_failures_are_one_line():
    pages = [page(f"{n}.jpg", f"Lệch {n},5 mm", f"{n}.5 mm off") for n in range(200)]
    pages += [page("x.jpg", "Khác", "Another", kind="fault"), page("y.jpg", "Khác", "Another")]
    first, *others = group(pages)
    assert (first.pages, first.cause.vi, first.cause.en) == (200, "Lệch … mm", "… mm off")
    assert first.first == tuple(f"so.KS {n}.jpg" for n in range(5))
    assert sorted((one.kind, one.pages) for one in others) == [("fault", 1), ("refused", 1)]
    text = as_text(finished_runs.report(faults=(first, *others)))
    assert "200 × fits no layout: … mm off" in text and "… +195" in text and "7.jpg" not in text


def test_a_figure_that_all_share_stays():
    [only] = group(page(name, "Trang 300 dpi", "300 dpi") for name in ("1.jpg", "2.jpg"))
    assert only.cause.vi == "Trang 300 dpi"


def page(name, vi, en, kind="refused"):
    return FailedPage("so.KS", name, kind, vi, en, "Xem trang", "Look at it")


@pytest.mark.parametrize("ending", [ending for ending in RunEnding if ending != "done"])
def test_every_ending_that_leaves_work_says_so_and_how_to_go_on(ending):
    made = finished_runs.report({"ending": ending.value, "left": 340, "cause": finished_runs.WHY})
    words = verdict(made)
    assert "340" in words.sentence.vi and "340" in words.sentence.en
    assert words.tone != "good"
    assert next_steps(made)[0].command == "sohoa run '/so quet' --workspace '/ho so'"
    assert "hỏng" in as_html(made) and "broken" in as_text(made)


def test_the_time_that_was_set_is_set_again():
    made = finished_runs.report({"ending": "until", "left": 3, "until": finished_runs.END})
    clock = f"{finished_runs.END.astimezone():%H:%M}"
    assert clock in verdict(made).sentence.vi
    assert next_steps(made)[0].command.endswith(f" --until {clock}")


def test_a_perfect_night_is_told_as_one():
    made = finished_runs.report()
    assert verdict(made).tone == "good"
    commands = [step.command for step in next_steps(made)]
    assert commands[0] == "sohoa serve --workspace '/ho so'"
    assert all("sohoa run" not in command for command in commands)


def test_finished_books_can_be_exported_all_at_once():
    done = replace(finished_runs.BOOK, review=0)
    made = finished_runs.report(books=(done,), kinds=())
    [step] = next_steps(made)
    assert shlex.split(step.command)[:3] == ["sohoa", "export", "--all"]
    half = finished_runs.report(books=(done, replace(finished_runs.BOOK, id="xa.KS.2016.02")))
    assert any("sohoa export xa.KS.2016.01 " in step.command for step in next_steps(half))


def test_poisoned_pages_are_tried_again_only_on_request():
    made = finished_runs.report(
        page_kinds={"record": 9, "poisoned": 1},
        faults=(FaultGroup("poisoned", finished_runs.WHY, None, 1, ("xa.KS 1.jpg",)),),
    )
    assert verdict(made).tone == "fair"
    assert any(step.command.endswith(" --retry") for step in next_steps(made))


def test_a_run_that_died_is_told_as_interrupted(night):
    number = finished_runs.begin(night.workspace, night.scans)
    made = make_report(night.workspace)
    assert (made.run.id, made.run.ending, made.run.left) == (number, "interrupted", 700)
    assert next_steps(made)[0].command.startswith("sohoa run ")
    with run_lock(night.workspace):
        assert make_report(night.workspace).run.ending == ""


class Looks(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.links = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href", "srcset")]


def test_the_page_stands_alone_and_takes_nothing_for_markup():
    bad = "<script>alert(1)</script>"
    faults = (FaultGroup("fault", finished_runs.WHY, None, 1, (f"xa.KS {bad}.jpg",)),)
    html = as_html(finished_runs.report({"scans": f"/{bad}", "host": bad}, faults=faults))
    looks = Looks()
    looks.feed(html)
    assert "script" not in looks.tags and "link" not in looks.tags and looks.links == []
    assert not re.search(r"url\(|@import|https?://", html)
    assert html.count("&lt;script&gt;") >= 3


def test_a_thousand_books_do_not_make_a_thousand_pages():
    books = tuple(replace(finished_runs.BOOK, id=f"xa.KS.{n:04}") for n in range(1000))
    html = as_html(finished_runs.report(books=books))
    assert html.count("xa.KS.") == 300 and "700 other books" in html


def test_reports_lie_by_time_one_folder_a_run(night):
    made = make_report(night.workspace, night.summary.run)
    written = write_report(night.workspace, made)
    folder = night.workspace.folder / "reports" / f"{made.run.ended.astimezone():%Y-%m-%d-%H%M}"
    assert written.html == folder / "report.html" and written.text == folder / "report.txt"
    assert written.text.read_text(encoding="utf-8") == as_text(made)
    assert write_report(night.workspace, made).html == written.html  # the same run again
    other = write_report(night.workspace, replace(made, run=replace(made.run, id=99)))
    assert other.html.parent.name == f"{folder.name}-2"
    assert sorted(path.name for path in folder.iterdir()) == ["report.html", "report.txt", "run"]


def test_a_workspace_that_takes_no_report_says_so(night):
    (night.workspace.folder / "reports").write_text("a file, not a folder")
    with pytest.raises(MachineError) as caught:
        write_report(night.workspace, make_report(night.workspace))
    assert "status --report" in caught.value.remedy.en


def test_without_a_run_there_is_no_report(office):
    with pytest.raises(BadInputError):
        make_report(office.workspace)


def test_everything_has_a_name_in_both_languages():
    for kind in FieldKind:
        assert title("kind", kind.value).vi != kind.value
    for kind in PageKind:
        assert title("page", kind.value).vi != kind.value
    for scope in ("record", "book"):
        for rule in rules(scope):
            assert rule_title(rule.id).vi != rule.id
            assert "{" not in rule_title(rule.id).vi + rule_title(rule.id).en
    assert "%" in rule_title("unsure").vi and "{" not in rule_title("unsure").en
    assert rule_title("corners_by_hand").en.startswith("The page was cut")
    assert rule_title("unheard_of").en == "unheard_of"


def test_books_can_be_loaded_beside_it(night):
    """The report looks at one state of the store and keeps nobody waiting."""
    with night.workspace.transaction() as session:
        assert len(load_books(session)) == 2
        assert make_report(night.workspace).records == 3


def test_a_book_refused_alike_is_proposed_to_be_learned(office):
    """Three of its pages came near one form; a single page of a book says nothing."""
    near = "refused near KS-2016"
    refused = {"1.png": near, "2.png": f"{near} a", "3.png": f"{near} b"}
    office.book("ks1", {**refused, "4.png": "record 4"})
    office.book("ks2", {"1.png": near, "2.png": "record 2", "3.png": "record 3"})
    made = make_report(office.workspace, office.run().run)
    [one] = made.ill_fitting
    assert (one.book, one.layout, one.refused, one.pages) == (KS1, "KS-2016", 3, 4)
    [step] = [step for step in next_steps(made) if "adapt" in step.command]
    assert shlex.split(step.command)[:4] == ["sohoa", "layout", "adapt", KS1]
    assert "3 of its 4 pages" in step.what.en
    assert step.command in as_text(made)


def test_a_book_that_fits_alike_but_not_well_is_proposed_too(office, monkeypatch):
    """Three pages with the same rest are another print; one bad scan among good ones is none."""
    pages = {f"{number}.png": f"record {number}" for number in (1, 2, 3)}
    office.book("ks1", pages)
    office.book("ks2", pages)
    run = office.run().run
    with office.workspace.read_session() as session:
        other = next(book.id for book in load_books(session) if book.id != KS1)
        layout = office.page(KS1, "1.png").layout
        assert residuals(session, KS1, layout, 12) == [0.0] * 3, "these pages say nothing of it"
        assert residuals(session, KS1, layout, 2) == [0.0] * 2
    left = {KS1: [0.37, 0.41, 0.39], other: [0.15, 0.8, 0.16]}
    monkeypatch.setattr(form_pages, "residuals", lambda session, book, *_: left[book])
    made = make_report(office.workspace, run)
    [one] = made.ill_fitting
    assert (one.book, one.refused, one.pages, one.residual_mm) == (KS1, 0, 3, 0.39)
    [step] = [step for step in next_steps(made) if "adapt" in step.command]
    assert "0.39 mm" in step.what.en and "0,39 mm" in step.what.vi
