"""The latest run in words, for a terminal and for the station."""

from __future__ import annotations

from datetime import datetime

from ocr_pipeline.errors import Text
from ocr_pipeline.json_types import Json
from ocr_pipeline.reports.figure_wording import clock, day_and_clock, duration
from ocr_pipeline.written_numbers import number, numbers

_PHASES = {
    "looking": Text("đang tìm sổ", "looking for books"),
    "reading": Text("đang đọc", "reading"),
    "paused": Text("tạm dừng", "paused"),
    "stopping": Text(
        "đang dừng, đọc nốt các trang đang dở", "stopping, finishing what is under way"
    ),
}
_ENDINGS = {
    "done": Text("đã xong", "done"),
    "until": Text("đã dừng đúng giờ đã định", "stopped at the time it was given"),
    "asked": Text("đã dừng theo yêu cầu", "stopped because somebody asked"),
    "disk": Text("đã dừng: đĩa sắp đầy", "stopped: the disk is nearly full"),
    "memory": Text("đã dừng: thiếu bộ nhớ", "stopped: short of memory"),
    "cluster": Text("đã dừng: mất cụm máy", "stopped: the cluster has gone"),
    "error": Text("đã dừng vì lỗi", "stopped by an error"),
    "interrupted": Text("bị ngắt (mất điện hoặc bị tắt)", "interrupted (power or kill)"),
}


def run_lines(run: Json) -> list[Text]:
    """The latest run in a few lines, the most urgent first; for a terminal.

    Args:
        run: as `run_state.run_state` has it.

    """
    return [*run_words(run), *_go_on(run)]


def run_words(run: Json) -> list[Text]:
    """The same without commands, for people who see no terminal."""
    lines = [_headline(run), _figures(run)]
    if run["running"]:
        lines += _outlook(run)
    cause, remedy = run["cause"], run["remedy"]
    if cause["vi"] and run["ending"] != "done":
        todo_vi = f" → {remedy['vi']}" if remedy["vi"] else ""
        todo_en = f" → {remedy['en']}" if remedy["en"] else ""
        lines.append(Text(f"  {cause['vi']}{todo_vi}", f"  {cause['en']}{todo_en}"))
    return lines


def _go_on(run: Json) -> list[Text]:
    command = run["go_on"]
    return [Text(f"  Làm tiếp: {command}", f"  Go on with: {command}")] if command else []


def _headline(run: Json) -> Text:
    what = _PHASES.get(run["phase"]) if run["running"] else _ENDINGS.get(run["ending"])
    what = what or Text(run["phase"], run["phase"])
    when = day_and_clock(_time(run["started"]))
    if run["running"]:
        return Text(
            f"Lần chạy {run['id']} ({run['host']}, từ {when}): {what.vi}",
            f"Run {run['id']} ({run['host']}, since {when}): {what.en}",
        )
    end = day_and_clock(_time(run["ended"] or run["updated"]))
    return Text(
        f"Lần chạy {run['id']} ({run['host']}, {when} → {end}): {what.vi}",
        f"Run {run['id']} ({run['host']}, {when} → {end}): {what.en}",
    )


def _figures(run: Json) -> Text:
    done, expected = number(run["done"]), number(run["pages_expected"])
    pace = run["pages_per_minute"]
    rate = numbers(pace, 0 if pace >= 10 else 1) if pace else Text("–", "–")
    bad_vi, bad_en = f"lỗi {run['failed']}", f"failures {run['failed']}"
    if run["poisoned"]:
        bad_vi += f" (làm dừng tiến trình đọc: {run['poisoned']})"
        bad_en += f" (poisoned: {run['poisoned']})"
    return Text(
        f"  {done}/{expected} trang · {rate.vi} trang/phút · {bad_vi} · sổ xong "
        f"{run['books_done']}/{run['books']}",
        f"  {done}/{expected} pages · {rate.en} pages/min · {bad_en} · books done "
        f"{run['books_done']}/{run['books']}",
    )


def _outlook(run: Json) -> list[Text]:
    lines = []
    until = run["until"]
    if run["phase"] == "reading" and run["seconds_left"] is not None:
        left, ready = duration(run["seconds_left"]), day_and_clock(_time(run["ready"]))
        lines.append(
            Text(f"  Còn {left.vi}, xong lúc {ready}", f"  {left.en} left, ready at {ready}")
        )
    if until:
        stop, rest = clock(_time(until)), run["left_at_until"]
        vi, en = f"  Dừng lúc {stop}", f"  Stops at {stop}"
        if rest:
            vi, en = (
                f"{vi}: khi đó còn khoảng {number(rest)} trang",
                (f"{en} with about {number(rest)} pages left"),
            )
        lines.append(Text(vi, en))
    if run["silent"]:
        span = duration(run["silent"])
        lines.append(
            Text(
                f"  Không có tín hiệu từ {span.vi} trước: kiểm tra máy {run['host']}",
                f"  No signal for {span.en}: check {run['host']}",
            )
        )
    return lines


def _time(iso: str) -> datetime:
    return datetime.fromisoformat(iso)
