"""How a run ended and what that means for the morning: one sentence, and the commands to go on."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from ocr_pipeline.data_files import Wording, load_data
from ocr_pipeline.errors import Text
from ocr_pipeline.processing.form_pages import IllFittingBook
from ocr_pipeline.reports.commands import run_command
from ocr_pipeline.reports.figure_wording import clock
from ocr_pipeline.reports.morning_report.report import MorningReport
from ocr_pipeline.store.runs import RunEnding
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.written_numbers import number

_MOST_ADAPTED = 3  # books named at once
_IN_STATION = Text(
    ", trong trạm rà soát ở trang của sổ (“Học bản in của sổ này”) hoặc bằng lệnh",
    ", in the review station on the page of the book (“Learn this book's print”) or in a terminal",
)
Tone = Literal["good", "fair", "bad"]


class EndingEntry(Wording):
    """What an ending means, and how good that is."""

    tone: Tone


EndingFile = dict[RunEnding | Literal["running", "done_with_failures"], EndingEntry]
"""`endings.yaml`, by ending; `running` goes on, `done_with_failures` leaves pages for a person."""


@dataclass(frozen=True, slots=True)
class RunVerdict:
    """One sentence on top, and how good it is: `good`, `fair` or `bad`."""

    sentence: Text
    tone: Tone


@dataclass(frozen=True, slots=True)
class NextStep:
    """Something to do next, with the exact command where there is one."""

    what: Text
    command: str = ""


def verdict(report: MorningReport) -> RunVerdict:
    """How the run ended, in one sentence."""
    run, places = report.run, report.failures + len(report.problems)
    key = run.ending or "running"
    if key == RunEnding.DONE and places:
        key = "done_with_failures"
    entry = _endings()[key]
    sentence = entry.message.format(
        time=clock(run.ended),
        left=number(run.left),
        pages=number(report.pages),
        failures=number(places),
    )
    return RunVerdict(sentence, entry.tone)


def next_steps(report: MorningReport) -> tuple[NextStep, ...]:
    """What to do now, in the order in which it should be done."""
    run = report.run
    again = run_command(run.scans, report.workspace)
    where = f"--workspace {shlex.quote(report.workspace)}"
    steps = []
    if run.ending and run.ending != RunEnding.DONE:
        until = f" --until {clock(run.until)}" if run.until else ""
        steps.append(
            NextStep(Text("Chạy tiếp phần còn lại", "Go on with what is left"), again + until)
        )
    elif report.page_kinds.get(PageKind.FAILED):
        what = Text("Đọc lại các trang gặp lỗi chương trình", "Try the failed pages again")
        steps.append(NextStep(what, again))
    steps += _other_houses(report, where)
    if report.review or report.failures:
        what = Text("Rà soát trong trình duyệt", "Review in the browser")
        steps.append(NextStep(what, f"sohoa serve {where}"))
    if report.page_kinds.get(PageKind.POISONED):
        what = Text(
            "Thử lại các trang đã làm dừng tiến trình đọc "
            "(trên máy có nhiều bộ nhớ hơn, hoặc sau khi quét lại)",
            "Try the poisoned pages again (with more memory, or after scanning them anew)",
        )
        steps.append(NextStep(what, f"{again} --retry"))
    if report.problems:
        steps.append(
            NextStep(
                Text(
                    "Sửa danh mục sổ theo các dòng dưới đây",
                    "Correct the inventory as listed below",
                )
            )
        )
    steps += _exports(report, where)
    return tuple(steps)


def _other_houses(report: MorningReport, where: str) -> list[NextStep]:
    """Books whose forms another house printed: a few of their pages teach how."""
    return [
        NextStep(
            _why_learned(one),
            f"sohoa layout adapt {shlex.quote(one.book)} {where}",
        )
        for one in report.ill_fitting[:_MOST_ADAPTED]
    ]


def _why_learned(one: IllFittingBook) -> Text:
    if not one.refused:
        off = number(one.residual_mm, 2)
        return Text(
            f"Học cách in của sổ {one.book}: {number(one.pages)} trang đọc theo {one.layout} khớp "
            f"giống nhau nhưng chưa sát (còn lệch {off} mm){_IN_STATION.vi}",
            f"Learn how {one.book} is printed: its {one.pages} pages read with {one.layout} fit "
            f"alike but not well ({one.residual_mm:.2f} mm are left){_IN_STATION.en}",
        )
    return Text(
        f"Học cách in của sổ {one.book}: {number(one.refused)} trong {number(one.pages)} "
        f"trang bị từ chối giống nhau (gần {one.layout}){_IN_STATION.vi}",
        f"Learn how {one.book} is printed: {one.refused} of its {one.pages} pages were "
        f"refused alike (near {one.layout}){_IN_STATION.en}",
    )


def _exports(report: MorningReport, where: str) -> list[NextStep]:
    if not report.books:
        return []
    finished = [book.id for book in report.books if book.finished]
    if finished and len(finished) == len(report.books):
        what = Text(
            "Duyệt các sổ trong trạm rà soát, rồi xuất gói chính thức",
            "Approve the books in the review station, then write the packages",
        )
        return [NextStep(what, f"sohoa export --all {where} --out goi/")]
    steps = [
        NextStep(
            Text("Xuất bản nháp cho người nhập liệu", "Write drafts for the clerks"),
            f"sohoa export --all --draft {where} --out nhap/",
        )
    ]
    if finished:
        some = " ".join(shlex.quote(book) for book in finished[:3])
        what = Text(
            f"Duyệt rồi xuất {len(finished)} sổ đã xong (ví dụ)",
            f"Approve the {len(finished)} finished books, then write their packages (for example)",
        )
        steps.append(NextStep(what, f"sohoa export {some} {where} --out goi/"))
    return steps


@cache
def _endings() -> Mapping[str, EndingEntry]:
    endings = load_data(Path(__file__).with_name("endings.yaml"), EndingFile)
    return {str(ending): entry for ending, entry in endings.items()}
