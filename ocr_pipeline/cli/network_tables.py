"""The networks of an office as tables for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ocr_pipeline.cli.output import print_table, say
from ocr_pipeline.errors import Text
from ocr_pipeline.learning.corrections import BookCorrections
from ocr_pipeline.learning.network_card import counts_of, share
from ocr_pipeline.processing.learning_record_schema import BookSides, LearningRecordFile
from ocr_pipeline.processing.office_networks import OfficeNetwork
from ocr_pipeline.store.learning_consent import LearningConsent
from ocr_pipeline.usual_options import USUAL


def tell_networks(
    consent: LearningConsent, in_use: str, found: Sequence[tuple[OfficeNetwork, LearningRecordFile]]
) -> None:
    """Whether learning is allowed, which network is in use, and how each reads."""
    yes, no = Text("có", "yes"), Text("không", "no")
    allowed = yes if consent.given else no
    say(
        Text(
            f"Cho phép học: {allowed.vi}. Đang dùng: {in_use or USUAL.model}",
            f"Learning allowed: {allowed.en}. In use: {in_use or USUAL.model}",
        )
    )
    if not found:
        return
    columns = (
        Text("mạng", "network"), Text("đang dùng", "in use"), Text("tạo lúc", "made"),
        Text("dòng đã học", "lines learnt"), Text("ký tự sai trước", "characters wrong before"),
        Text("ký tự sai sau", "characters wrong after"), Text("đúng trước", "right before"),
        Text("đúng sau", "right after"), Text("tốt hơn", "better"),
    )  # fmt: skip
    rows = [
        (
            one.name, "✓" if one.in_use else "–", record.made[:16], record.lines,
            _share(record.before.characters_wrong, record.before.characters),
            _share(record.after.characters_wrong, record.after.characters),
            _share(record.before.right, record.before.fields),
            _share(record.after.right, record.after.fields),
            "✓" if record.better else "–",
        )
        for one, record in found
    ]  # fmt: skip
    print_table(Text("Mạng của cơ quan", "Networks of the office"), columns, rows)


def _share(some: int, of: int) -> str:
    return f"{100 * some / of:.1f} %" if of else "–"


def tell_plan(books: Sequence[BookCorrections], sides: BookSides) -> None:
    """What would be used: each book with its side, and the fields that people entered by kind."""
    say(
        Text(
            "Sẽ dùng các trường mà cán bộ đã xác nhận hoặc sửa. Mọi thứ ở lại trong cơ quan.",
            "Fields that people confirmed or corrected are used. Everything stays in the office.",
        )
    )
    learns, compares = Text("dạy", "teaches"), Text("để so sánh", "compares")
    columns = (Text("sổ", "book"), Text("vai trò", "part"), Text("trường", "fields"))
    rows = [
        (one.book, str(compares if one.book in sides.held_back else learns), one.fields)
        for one in books
    ]
    print_table(Text("Các sổ", "Books"), columns, rows)
    kinds: Counter[str] = Counter()
    for one in books:
        kinds.update(one.kinds)
    of_kinds = (Text("loại trường", "kind of field"), Text("trường", "fields"))
    print_table(Text("Loại trường", "Kinds of fields"), of_kinds, sorted(kinds.items()))


def tell_figures(record: LearningRecordFile) -> None:
    """How the network before and the new one read the books held back."""
    names = {
        "characters": Text("ký tự sai", "characters wrong"),
        "right": Text("trường đúng", "fields right"),
        "accepted": Text("được chấp nhận", "accepted"),
        "wrong": Text("sai trong số được chấp nhận", "wrong among the accepted"),
    }
    before, after = counts_of(record.before), counts_of(record.after)
    columns = (Text("trên các sổ để riêng", "on books held back"), Text("trước", "before"),
               Text("sau", "after"))  # fmt: skip
    rows = [(str(names[one]), share(*before[one]), share(*after[one])) for one in names]
    print_table(Text("So sánh", "Comparison"), columns, rows)
    say(
        Text(
            "Độ tin cậy lấy theo mạng đi kèm phần mềm, chưa khớp lại với mạng mới",
            "Confidences are those of the shipped network, not fitted anew for the new one",
        )
    )
