"""Measurements and check-ups in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ocr_pipeline.bench.layout_accuracy import FEW, LayoutAccuracy
from ocr_pipeline.bench.line_speed import LineSpeed
from ocr_pipeline.bench.page_speed import PageSpeed
from ocr_pipeline.bench.review_keys.key_report import KeyFigures, ReviewKeys
from ocr_pipeline.bench.scaling import PROVINCE_RECORDS
from ocr_pipeline.cli.output import console, print_table, say
from ocr_pipeline.errors import Text
from ocr_pipeline.reports.doctor import Health, HealthFinding

_MARKS = {Health.GOOD: ("✓", "green"), Health.POOR: ("!", "yellow"), Health.MISSING: ("✗", "red")}


def tell_health(findings: Sequence[HealthFinding]) -> None:
    """One line for each thing looked at, with its remedy below when it needs one."""
    out = console()
    for finding in findings:
        mark, style = _MARKS[finding.health]
        out.print(f"{mark} {finding.name}: {finding.seen}", style=style, markup=False)
        if finding.remedy is not None:
            out.print(f"    → {finding.remedy.vi}", markup=False)
            out.print(f"    → {finding.remedy.en}", style="dim", markup=False)
    if any(finding.health is Health.MISSING for finding in findings):
        say(
            Text("Còn thiếu điều kiện bắt buộc (✗)", "Something that is required is missing (✗)"),
            style="red",
        )
    else:
        say(Text("Máy đã sẵn sàng", "This machine is ready"), style="green")


def tell_speed(speed: PageSpeed) -> None:
    """What a measurement of pages gave."""
    say(
        Text(
            f"{speed.pages_per_minute} trang mỗi phút với {speed.workers} tiến trình đọc "
            f"({speed.read} trên {speed.pages} trang được đọc)",
            f"{speed.pages_per_minute} pages a minute with {speed.workers} workers "
            f"({speed.read} of {speed.pages} pages read)",
        ),
        style="bold",
    )
    say(
        Text(
            f"Bộ nhớ cao nhất của một tiến trình đọc: {speed.peak_memory_mb:.0f} MB",
            f"Peak memory of a worker: {speed.peak_memory_mb:.0f} MB",
        )
    )
    say(
        Text(
            f"Một tiến trình đọc: {speed.one_worker} trang mỗi phút; hiệu suất khi chạy cùng lúc: "
            f"{100 * speed.efficiency:.0f} %",
            f"One worker: {speed.one_worker} pages a minute; kept when all work: "
            f"{100 * speed.efficiency:.0f} %",
        )
    )
    say(
        Text(
            f"Mỗi trang còn tốn {1000 * speed.run_seconds:.1f} ms của chính lần chạy và "
            f"{1000 * speed.judging_seconds:.1f} ms để kiểm tra sổ",
            f"A page costs the run itself {1000 * speed.run_seconds:.1f} ms besides, and judging "
            f"its book {1000 * speed.judging_seconds:.1f} ms",
        )
    )
    total = sum(speed.stages.values()) or 1.0
    print_table(
        Text("Thời gian từng bước", "Time by stage"),
        (Text("bước", "stage"), Text("giây/trang", "seconds/page"), Text("phần", "share")),
        [
            (name, f"{seconds:.3f}", f"{100 * seconds / total:.0f} %")
            for name, seconds in speed.stages.items()
        ],
    )

    print_table(
        Text(
            f"Một tỉnh: {PROVINCE_RECORDS} bản ghi, mỗi trang một bản ghi",
            f"A province: {PROVINCE_RECORDS} records, one a page",
        ),
        (Text("số lõi", "cores"), Text("giờ", "hours")),
        [(at, f"{spent:.1f}") for at, spent in speed.province_hours.items()],
    )


def tell_times(title: Text, milliseconds: Mapping[str, Mapping[str, float]]) -> None:
    """How long things took: `median`, `worst` and `cpu` by what was done."""
    print_table(
        title,
        (
            Text("việc", "what"),
            Text("trung vị, ms", "median ms"),
            Text("lâu nhất, ms", "worst ms"),
            Text("CPU, ms", "CPU ms"),
        ),
        [(what, one["median"], one["worst"], one["cpu"]) for what, one in milliseconds.items()],
    )


def tell_line_speed(speed: LineSpeed) -> None:
    """What a measurement of single lines gave."""
    rows = [
        (Text("mạng chữ viết", "network"), speed.lines_per_second),
        (Text("mạng và giải mã", "network and decoding"), speed.decoded_per_second),
        (Text("Tesseract", "Tesseract"), speed.tesseract_per_second),
    ]
    print_table(
        Text(f"Dòng mỗi giây, {speed.workers} tiến trình đọc", f"{speed.workers} processes"),
        (Text("việc", "what"), Text("dòng/giây", "lines/second")),
        [(str(name), f"{rate:.1f}") for name, rate in rows if rate],
    )
    if speed.ratio:
        say(
            Text(
                f"Nhanh gấp {speed.ratio:.0f} lần Tesseract",
                f"{speed.ratio:.0f} times as fast as Tesseract",
            )
        )
    say(
        Text(
            f"Bộ nhớ cao nhất của một tiến trình đọc: {speed.peak_memory_mb:.0f} MB",
            f"Peak memory of a worker: {speed.peak_memory_mb:.0f} MB",
        )
    )


def tell_layouts(found: LayoutAccuracy) -> None:
    """How surely pages were told apart and laid out."""
    print_table(
        Text("Nhận ra và căn biểu mẫu", "Pages told apart and laid out"),
        (
            Text("trang", "pages of"),
            Text("số trang", "pages"),
            Text("từ chối", "refused"),
            Text("sai biểu mẫu", "wrong layout"),
            Text("lệch dòng", "shifted"),
            Text("trung vị, mm", "median mm"),
            Text("99 %, mm", "99 % mm"),
            Text("giây", "seconds"),
        ),
        [
            (
                name, one.pages, one.refused, one.wrong, one.shifted,
                one.median_mm, one.worst_mm, one.seconds,
            )
            for name, one in found.hardships.items()
        ],
    )  # fmt: skip
    for pair, count in found.confusions.items():
        say(Text(f"Nhầm {count} trang: {pair}", f"Taken for another, {count} pages: {pair}"))
    say(
        Text(
            f"Nhận ra một trang: {found.seconds_few:.2f} giây CPU với {FEW} biểu mẫu, "
            f"{found.seconds_all:.2f} với tất cả",
            f"To tell a page: {found.seconds_few:.2f} s of CPU with {FEW} layouts, "
            f"{found.seconds_all:.2f} with all",
        )
    )


def tell_keys(found: ReviewKeys) -> None:
    """What a review costs in key presses."""
    overall, shares = found.overall, found.overall.shares
    say(
        Text(
            f"{overall.per_field:.2f} phím một trường nghi ngờ, {found.keys_per_record:.1f} phím "
            f"một bản ghi ({overall.fields} trường, {found.records} bản ghi, kiểu gõ Telex)",
            f"{overall.per_field:.2f} keys a doubtful field, {found.keys_per_record:.1f} keys a "
            f"record ({overall.fields} fields, {found.records} records, Telex)",
        ),
        style="bold",
    )
    say(
        Text(
            f"Gõ lại cả giá trị, không dùng con trỏ để sửa: {overall.retyped_per_field:.2f} phím "
            f"một trường, {found.retyped_per_record:.1f} một bản ghi",
            f"Values typed anew instead of edited: {overall.retyped_per_field:.2f} keys a field, "
            f"{found.retyped_per_record:.1f} a record",
        )
    )
    say(
        Text(
            f"Chữ có dấu tính một phím: {overall.plain_per_field:.2f} phím một trường",
            f"A letter with its marks as one key: {overall.plain_per_field:.2f} keys a field",
        )
    )
    told = {
        "confirmed": Text("đúng sẵn dưới Enter", "right under Enter"),
        "picked": Text("chọn bằng số", "picked by number"),
        "blank": Text("để trống (F4)", "empty (F4)"),
        "typed": Text("phải gõ", "typed"),
        "settled": Text("khỏi bấm", "settled by another"),
        "missed": Text("không nhập được", "cannot be entered"),
    }
    print_table(
        Text("Các trường được quyết định thế nào", "How the fields were decided"),
        (Text("cách", "way"), Text("tỷ lệ", "share")),
        [(f"{told[way].vi} / {told[way].en}", _percent(share)) for way, share in shares.items()],
    )
    where = found.standing
    say(
        Text(
            f"Trường phải gõ mà giá trị đã có: ở bản ghi {where['record']}, trong sổ "
            f"{where['book']}, trong danh mục sổ {where['inventory']}; chưa có ở đâu "
            f"{where['nowhere']}",
            f"Typed although known: in the record {where['record']}, in the book {where['book']}, "
            f"in the inventory {where['inventory']}; nowhere {where['nowhere']}",
        )
    )
    for title, groups in (
        (Text("Theo loại", "By kind"), found.by_kind),
        (Text("Theo cột, tốn nhất trước", "By column, the dearest first"), found.by_column),
    ):
        print_table(title, _KEY_COLUMNS, [_key_row(*one) for one in groups.items()][:_COLUMNS_TOLD])


_COLUMNS_TOLD = 20
_KEY_COLUMNS = (
    Text("nhóm", "group"),
    Text("số trường", "fields"),
    Text("phím", "keys"),
    Text("phím/trường", "keys a field"),
    Text("phải gõ", "typed"),
)


def _key_row(name: str, own: KeyFigures) -> tuple[str, int, int, str, str]:
    return name, own.fields, own.keys, f"{own.per_field:.2f}", _percent(own.shares["typed"])


def tell_accuracy(report: dict[str, Any]) -> None:
    """The main figures of an evaluation, overall and by field kind."""
    columns = (
        Text("loại", "kind"),
        Text("số trường", "fields"),
        Text("đúng", "right"),
        Text("CER", "CER"),
        Text("tự chấp nhận", "accepted"),
        Text("đúng trong số tự chấp nhận", "right among accepted"),
    )
    groups = {"tất cả / all": report["overall"], **report["by_kind"]}
    print_table(
        Text("Độ chính xác", "Accuracy"),
        columns,
        [(name, *_figures(figures)) for name, figures in groups.items()],
    )
    effort = report["effort"]
    say(
        Text(
            f"Công của người rà soát: {effort['needless']} trường xác nhận không cần thiết, "
            f"{effort['corrected']} trường phải sửa ({effort['per_record']} trường một bản ghi)",
            f"Human effort: {effort['needless']} fields confirmed needlessly, "
            f"{effort['corrected']} corrected ({effort['per_record']} a record)",
        )
    )
    if effort["keys"] is not None:
        say(
            Text(
                f"Đã dùng {effort['keys']} phím trong {effort['seconds']:.0f} giây",
                f"Spent so far: {effort['keys']} keys in {effort['seconds']:.0f} seconds",
            )
        )


def _figures(figures: dict[str, Any]) -> list[str]:
    fields, right = figures["fields"], figures["accepted_error"]["value"]
    return [
        str(fields),
        _percent(figures["exact"]["value"]),
        _percent(figures["cer_value"]["value"]),
        _percent(figures["accepted"]["value"]),
        _percent(None if right is None else 1 - right),
    ]


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def tell_links(figures: Mapping[str, Any]) -> None:
    """How right the links are, and by kind of field how differences are found."""
    share = _percent
    say(
        Text(
            f"{figures['records_with_row']} bản ghi có dòng: máy gắn {figures['accepted']} "
            f"({share(figures['accepted_share'])}), đúng {share(figures['accepted_right_share'])}",
            f"{figures['records_with_row']} records with a row: {figures['accepted']} linked "
            f"({share(figures['accepted_share'])}), "
            f"{share(figures['accepted_right_share'])} of them right",
        )
    )
    kinds = {**figures["kinds"], "*": figures["fields"]}
    print_table(
        Text("Chỗ khác nhau", "Differences"),
        (Text("loại", "kind"), Text("so", "compared"), Text("máy xác định", "judged"),
         Text("đặt sẵn", "planted"), Text("tìm được", "recall"), Text("đúng", "precision")),
        [
            (kind, one["compared"], share(one["judged_share"]), one["planted"],
             share(one["recall"]), share(one["precision"]))
            for kind, one in kinds.items()
        ],
    )  # fmt: skip
