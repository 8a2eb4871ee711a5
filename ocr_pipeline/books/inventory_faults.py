"""What is wrong with a line of an inventory, and the line as it ought to stand."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from ocr_pipeline.books.inventory_words import column_spellings, inventory_words, titles
from ocr_pipeline.books.typed_agency import TypedAgency, UnitChoice
from ocr_pipeline.data_files import shortened
from ocr_pipeline.errors import InventoryError, Text

_LINES_SHOWN = 5


def fault(cause: Text, where: str, remedy: Text | None = None) -> InventoryError:
    """A fault of the inventory or of a line of it (`where`, as `books.csv:3`)."""
    return InventoryError(cause, where=where, remedy=remedy)


def damaged(where: str) -> InventoryError:
    """A file or line of which nothing can be made, for a reason that none of our rules knows."""
    return fault(
        Text("Không hiểu được nội dung", "Its contents cannot be made out"),
        where,
        Text(
            "Mở bằng Excel hoặc trình soạn thảo, ghi lại phần này rồi chạy lại",
            "Open it in Excel or an editor, write this part anew, and run again",
        ),
    )


def beyond_limits(where: str, reason: Text) -> InventoryError:
    """A file that takes too long or too much memory, or whose reader came to a hard end."""
    return fault(
        Text(
            f"Không mở được tệp trong giới hạn cho phép: {reason.vi}",
            f"The file cannot be opened within the limits: {reason.en}",
        ),
        where,
        Text(
            "Chép riêng các dòng của danh mục sổ sang một tệp mới “books.xlsx” hoặc “books.csv”",
            "Copy the lines of the inventory alone into a new file “books.xlsx” or “books.csv”",
        ),
    )


def no_single_value(key: str, where: str) -> InventoryError:
    """A key of a `book.yaml` that has a list, or keys of its own, for its value."""
    return fault(
        Text(f"Khóa “{key}” phải có một giá trị", f"The key “{key}” must have one value"),
        where,
        Text("Ghi một chữ hoặc một số", "Write one word or number"),
    )


def broken_line(reason: Text, where: str) -> InventoryError:
    """A line that cannot be read."""
    return fault(
        reason,
        where,
        Text("Sửa dòng này rồi chạy lại", "Correct this line, and run again"),
    )


def more_like_it(problems: Sequence[InventoryError], name: str) -> InventoryError:
    """What is said of the faults of a file that are too many to be told one by one."""
    lines = ", ".join(one.where.partition(":")[2] for one in problems[:_LINES_SHOWN])
    return fault(
        Text(
            f"Còn {len(problems)} dòng khác có lỗi (dòng {lines}, …)",
            f"{len(problems)} further lines are at fault (lines {lines}, …)",
        ),
        name,
        Text(
            "Sửa các lỗi đã nêu trước; kiểm tra danh mục sổ này có đúng của thư mục này không",
            "Correct those told first; check whether this inventory belongs to this folder",
        ),
    )


def unlisted(place: str, inventory: str) -> InventoryError:
    """A folder or file with scans that no inventory names."""
    return fault(
        Text("Sổ chưa có trong danh mục sổ", "The book is not in the inventory"),
        place,
        _line_to_add({"folder": place}, inventory),
    )


def unknown_keys(names: list[str], where: str) -> InventoryError:
    """Keys of a `book.yaml` that mean nothing."""
    known, keys = column_spellings().values(), ", ".join(f"“{name}”" for name in names)
    return fault(
        Text(f"Không có khóa nào tên {keys}", f"There is no key {keys}"),
        where,
        Text(
            f"Dùng một trong: {', '.join(spellings[1] for spellings in known)}",
            f"Use one of: {', '.join(spellings[0] for spellings in known)}",
        ),
    )


def missing_columns(where: str, missing: list[str]) -> InventoryError:
    """A table whose header lacks columns."""
    vi, en = titles(missing)
    return fault(
        Text(f"Danh mục sổ thiếu cột: {vi}", f"The inventory lacks the columns: {en}"),
        where,
        Text(f"Thêm các cột: {vi}", f"Add the columns: {en}"),
    )


def missing_values(values: Mapping[str, str], names: list[str], where: str) -> InventoryError:
    """A line with empty cells that no book can do without."""
    vi, en = titles(names)
    return fault(Text(f"Thiếu: {vi}", f"Missing: {en}"), where, _line_to_add(values, where))


def wrong_values(values: Mapping[str, str], names: list[str], where: str) -> InventoryError:
    """A line with values that cannot be what their columns say."""
    vi, en = titles(names)
    found = ", ".join(f"“{shortened(values[name])}”" for name in names)
    return fault(
        Text(f"Giá trị sai ở {vi}: {found}", f"Wrong value in {en}: {found}"),
        where,
        _line_to_add({**values, **dict.fromkeys(names, "")}, where),
    )


def no_result(formula: str, where: str) -> InventoryError:
    """A cell with a formula whose result no program has kept."""
    return fault(
        Text(
            f"Ô chứa công thức chưa có kết quả: “{formula}”",
            f"A cell holds a formula without its result: “{formula}”",
        ),
        where,
        Text(
            "Mở tệp bằng Excel rồi lưu lại, hoặc ghi giá trị thay cho công thức",
            "Open the file in Excel and save it, or write the value in the place of the formula",
        ),
    )


def unknown_agency(typed: TypedAgency, choice: UnitChoice, year: int, where: str) -> InventoryError:
    """A line whose units are in no list of their time, or stand there more than once."""
    several = "; ".join(", ".join(agency.units) for agency in choice.agencies[:4])
    if several:
        cause = Text(
            f"“{typed.text}” có thể là nhiều đơn vị: {several}",
            f"“{typed.text}” can be several units: {several}",
        )
        remedy = Text(
            "Ghi đủ tên và loại đơn vị (xã, phường, thị trấn; huyện, quận), có dấu",
            "Write the names in full, with the types of the units and all marks",
        )
        return fault(cause, where, remedy)
    within = f" (thuộc {choice.within})" if choice.within else ""
    inside = f" (within {choice.within})" if choice.within else ""
    near, flag = "; ".join(choice.nearest), column_spellings()["as_typed"]
    word = inventory_words().ticked[0]
    return fault(
        Text(
            f"Danh sách đơn vị hành chính của năm {year} không có “{choice.unknown}”{within}",
            f"The list of administrative units of {year} has no “{choice.unknown}”{inside}",
        ),
        where,
        Text(
            f"Sửa các cột xã, huyện, tỉnh; gần giống nhất: {near}. Đơn vị cũ mà danh sách chưa có "
            f"thì thêm cột “{flag[1]}” và ghi “{word}” ở dòng này",
            f"Correct the columns commune, district, province; nearest: {near}. For a former unit "
            f"that the list lacks, add the column “{flag[0]}” and write “{word}” in this line",
        ),
    )


def no_type_words(typed: TypedAgency, where: str) -> InventoryError:
    """Units to be taken as typed that do not say what they are."""
    return fault(
        Text(
            f"“{typed.text}” không ghi đủ loại đơn vị, nên không đặt được tên tệp",
            f"“{typed.text}” does not say which types its units have, so files cannot be named",
        ),
        where,
        Text(
            "Ghi loại trước mỗi tên, ví dụ: xã Lộc Thuận; huyện Bình Đại; tỉnh Bến Tre",
            "Write the type before each name, as in “xã Lộc Thuận”, “tỉnh Bến Tre”",
        ),
    )


def _line_to_add(values: Mapping[str, str], where: str) -> Text:
    """The line as it ought to stand in the inventory, with `?` for what a person must fill in."""
    names = ["folder", "type", "commune", "district", "province", "year_opened", "number"]
    optional = ("commune", "district")
    cells = [
        shortened(values.get(name, "")) or ("" if "type" in values and name in optional else "?")
        for name in names
    ]
    stream = io.StringIO()
    csv.writer(stream, lineterminator="").writerow(cells)
    header = ",".join(column_spellings()[name][0] for name in names)
    line, file = stream.getvalue(), where.partition(":")[0]
    return Text(
        f"Ghi vào {file} (cột {header}): {line}", f"Write into {file} (columns {header}): {line}"
    )
