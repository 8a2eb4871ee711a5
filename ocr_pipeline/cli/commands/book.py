"""`sohoa book`: books put right after they were read."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from ocr_pipeline.cli.options import (
    JsonOption,
    WorkspaceOption,
    example,
    look_at_workspace,
    open_workspace,
)
from ocr_pipeline.errors import Text, UsageError

if TYPE_CHECKING:
    from ocr_pipeline.books.book import Book
    from ocr_pipeline.registers.types import RegisterType
    from ocr_pipeline.review.book_changes import BookFigures
    from ocr_pipeline.store.workspace import Workspace

book_app = typer.Typer(
    short_help="Sửa sổ sau khi đã đọc / put books right afterwards",
    no_args_is_help=True,
    help="Sửa sổ sau khi đã đọc: số sổ, ảnh nằm nhầm sổ, sổ thừa.\n\n"
    "Put books right after they were read: number, scans in the wrong book, books too many.",
)

BookId = Annotated[
    str,
    typer.Argument(metavar="BOOK", help="Mã sổ (xem sohoa book list). / Id (see sohoa book list)."),
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Dù sổ đã bàn giao. / Although it was handed over.")
]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(book_app, name="book")


@book_app.command("list", epilog=example("sohoa book list -w ho_so/"))
def list_(workspace: WorkspaceOption, as_json: JsonOption = False) -> None:
    """Liệt kê các sổ: mã, thư mục, số trang, số trang mất ảnh, số quyết định, tình trạng.

    List the books: id, folder, pages, pages whose scan is gone, decisions, state.
    """
    from ocr_pipeline.cli.output import print_json, print_table
    from ocr_pipeline.review.book_changes import book_list
    from ocr_pipeline.written_paths import written

    with look_at_workspace(workspace) as opened:
        lines = book_list(opened)
    if as_json:
        print_json({"books": [_as_json(line) for line in lines]})
        return
    columns = (
        Text("sổ", "book"), Text("trang", "pages"), Text("mất ảnh", "gone"),
        Text("quyết định", "decisions"), Text("tình trạng", "state"), Text("thư mục", "folder"),
    )  # fmt: skip
    rows = [
        (one.book.id, one.pages, one.gone, one.decisions, one.state.value, written(one.book.path))
        for one in lines
    ]
    print_table(Text("Các sổ", "Books"), columns, rows)


@book_app.command(
    "rename",
    epilog=example(
        "sohoa book rename xalocthuan_hbd_tbt.KS.2016.01 --number 3 -w ho_so/",
        "sohoa book rename xalocthuan_hbd_tbt.KS.2016.01 --year 2017 --type KT -w ho_so/",
    ),
)
def rename(
    book: BookId,
    workspace: WorkspaceOption,
    number: Annotated[
        int | None, typer.Option("--number", min=1, metavar="N", help="Số quyển. / Number.")
    ] = None,
    year: Annotated[
        int | None,
        typer.Option("--year", min=1800, max=2200, metavar="YEAR", help="Năm mở sổ. / Year."),
    ] = None,
    type_: Annotated[
        str, typer.Option("--type", metavar="TYPE", help="Loại sổ: KS, KH … / Register type.")
    ] = "",
    commune: Annotated[
        str | None, typer.Option("--commune", metavar="NAME", help="Cấp xã. / Commune.")
    ] = None,
    district: Annotated[
        str | None, typer.Option("--district", metavar="NAME", help="Cấp huyện. / District.")
    ] = None,
    province: Annotated[
        str | None, typer.Option("--province", metavar="NAME", help="Cấp tỉnh. / Province.")
    ] = None,
    force: ForceOption = False,
) -> None:
    """Sửa số, năm, loại hoặc cơ quan của sổ; mã sổ đổi theo, mọi quyết định đi theo.

    Correct number, year, type or agency of a book; its id follows, and all that was decided.
    """
    from ocr_pipeline.cli.output import say
    from ocr_pipeline.review.book_changes import rename_book

    agency = {"commune": commune, "district": district, "province": province}
    with open_workspace(workspace) as opened:
        meant = _book(opened, book)
        meant = replace(
            meant,
            number=number or meant.number,
            year_opened=year or meant.year_opened,
            type=_type(type_) if type_ else meant.type,
            agency=replace(meant.agency, **{k: v for k, v in agency.items() if v is not None}),
        )
        done = rename_book(opened, book, meant, force=force)
    say(
        Text(
            f"Sổ {book} nay là {done.book}: {done.pages} trang, {done.decisions} quyết định",
            f"The book {book} is {done.book} now: {done.pages} pages, {done.decisions} decisions",
        )
    )
    say(
        Text(
            "Sửa dòng của sổ trong danh mục sổ cho khớp trước lần chạy sau",
            "Correct the book's line in the inventory before the next run",
        )
    )


@book_app.command(
    "move",
    epilog=example(
        "sohoa book move xaan_hbd_tbt.KS.2016.01 --to xaan_hbd_tbt.KS.2016.02 -w ho_so/",
    ),
)
def move(
    book: BookId,
    workspace: WorkspaceOption,
    to: Annotated[
        str,
        typer.Option("--to", metavar="BOOK", help="Sổ nay có các ảnh. / The book with the scans."),
    ],
    pages: Annotated[
        list[str] | None,
        typer.Option(
            "--page", metavar="NAME", help="Chỉ trang này; lặp lại được. / Only this; repeatable."
        ),
    ] = None,
    force: ForceOption = False,
) -> None:
    """Chuyển quyết định của người sang sổ nay có các ảnh quét đó; không đọc lại gì.

    Give what people decided to the book that has these scans now; nothing is read again.
    """
    from ocr_pipeline.cli.output import say
    from ocr_pipeline.review.book_changes import move_pages

    with open_workspace(workspace) as opened:
        done = move_pages(opened, book, to, pages or (), force=force)
    say(
        Text(
            f"Đã chuyển {done.decisions} quyết định của {done.pages} ảnh từ {book} sang {to}",
            f"Moved {done.decisions} decisions on {done.pages} scans from {book} to {to}",
        )
    )
    if not done.left:
        say(
            Text(
                f"Sổ {book} không còn trang nào nên không còn trong danh sách",
                f"The book {book} has no page any more and is taken out",
            )
        )


@book_app.command(
    "remove", epilog=example("sohoa book remove xalocthuan_hbd_tbt.KS.2016.01 --yes -w ho_so/")
)
def remove(
    book: BookId,
    workspace: WorkspaceOption,
    yes: Annotated[bool, typer.Option("--yes", help="Không hỏi lại. / Do not ask.")] = False,
    force: ForceOption = False,
) -> None:
    """Bỏ một sổ thừa khỏi không gian làm việc; quyết định vẫn giữ trong nhật ký thao tác.

    Take out a book that should not be there; what was decided stays in the trail.
    """
    from ocr_pipeline.cli.output import say
    from ocr_pipeline.review.book_changes import remove_book

    with open_workspace(workspace) as opened:
        _book(opened, book)
        _require_yes(book, yes)
        done = remove_book(opened, book, force=force)
    say(
        Text(
            f"Đã bỏ sổ {book}: {done.pages} trang; vẫn giữ {done.decisions} quyết định dưới mã này",
            f"Took out {book}: {done.pages} pages; {done.decisions} decisions stay under its id",
        )
    )
    say(
        Text(
            "Bỏ dòng của sổ khỏi danh mục sổ, nếu không lần chạy sau sẽ thêm lại sổ",
            "Take its line out of the inventory, or the next run brings the book back",
        )
    )


def _book(workspace: Workspace, id_: str) -> Book:
    """The book with this id.

    Raises:
        NotFoundError: there is none.

    """
    from ocr_pipeline.review.errors import no_such
    from ocr_pipeline.store.books import load_books

    with workspace.read_session() as session:
        found = load_books(session, [id_])
    if not found:
        raise no_such("sổ", "book", id_)
    return found[0]


def _type(name: str) -> RegisterType:
    from ocr_pipeline.registers.types import RegisterType

    try:
        return RegisterType(name.upper())
    except ValueError:
        known = ", ".join(one.value for one in RegisterType)
        raise UsageError(
            Text(f"Không có loại sổ {name}", f"There is no register type {name}"),
            where="--type",
            remedy=Text(f"Chọn một trong: {known}", f"Choose one of: {known}"),
        ) from None


def _require_yes(book: str, yes: bool) -> None:
    if not yes and sys.stdin.isatty():
        question = Text(f"Bỏ sổ {book}?", f"Take out the book {book}?")
        yes = typer.confirm(str(question), default=False)
    if not yes:
        raise UsageError(
            Text("Chưa xác nhận, không bỏ sổ nào", "Not confirmed, no book is taken out"),
            where=book,
            remedy=Text("Thêm --yes", "Add --yes"),
        )


def _as_json(line: BookFigures) -> dict[str, object]:
    from ocr_pipeline.written_paths import written

    return {
        "id": line.book.id,
        "type": line.book.type.value,
        "year": line.book.year_opened,
        "number": line.book.number,
        "path": written(line.book.path),
        "state": line.state.value,
        "pages": line.pages,
        "gone": line.gone,
        "decisions": line.decisions,
    }
