"""`sohoa export` and `sohoa check`: official packages, and whether the import would take them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocr_pipeline.cli.options import JsonOption, WorkspaceOption, example, open_workspace
from ocr_pipeline.errors import ExitCode
from ocr_pipeline.usual_options import USUAL


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command(
        "export",
        short_help="Xuất Excel + zip / write Excel + zip",
        epilog=example(
            "sohoa export --all --workspace ho_so/ --out goi/",
            "sohoa export --all --unapproved -w ho_so/ --out thu/",
            "sohoa export --all --draft -w ho_so/ --out nhap/",
            "sohoa export --all --format jsonl -w ho_so/ --out du_lieu/",
        ),
    )(export)
    app.command(
        "check",
        short_help="Kiểm tra trước khi nhập / would the import accept it?",
        epilog=example("sohoa check goi/"),
    )(check)


def export(
    workspace: WorkspaceOption,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="Thư mục kết quả. / Folder for the packages."),
    ],
    books: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[BOOK…]", help="Mã các sổ (xem sohoa status). / Book ids (see sohoa status)."
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Mọi sổ. / All books.")] = False,
    draft: Annotated[
        bool,
        typer.Option(
            "--draft",
            help="Bản nháp .xls có đánh dấu ô nghi ngờ. / A draft .xls with doubtful cells marked.",
        ),
    ] = False,
    format: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="NAME",
            help="Định dạng: `xls`, `draft`, `jsonl` hoặc của gói mở rộng. "
            "/ Format: `xls`, `draft`, `jsonl` or a plug-in's.",
        ),
    ] = "",
    generation: Annotated[
        str,
        typer.Option(
            "--generation",
            metavar="1437|158",
            help="Thế hệ của mẫu Excel (158 chỉ có cho KS). / Generation of the Excel template.",
        ),
    ] = USUAL.generation,
    variant: Annotated[
        str,
        typer.Option(
            "--variant",
            metavar="N",
            help="Biến thể theo số cột, ví dụ 52 cho CMC. / Variant by number of columns.",
        ),
    ] = "",
    number_padding: Annotated[
        int,
        typer.Option(
            "--number-padding",
            min=1,
            metavar="N",
            help="Số chữ số của số đăng ký trong tên PDF. / Digits of the number in PDF names.",
        ),
    ] = USUAL.number_padding,
    no_date: Annotated[
        bool,
        typer.Option(
            "--no-date",
            help="Tên PDF không có ngày (quy tắc cũ). / No date in PDF names (old rule).",
        ),
    ] = False,
    unapproved: Annotated[
        bool,
        typer.Option(
            "--unapproved",
            help="Xuất cả sổ đã xong mà chưa duyệt; một tệp đi kèm nói rõ. "
            "/ Also finished books that nobody approved; a note beside them says so.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> ExitCode:
    """Xuất Excel + zip chính thức của sổ đã duyệt; sổ chưa xuất được thì nói rõ vì sao.

    Write the official Excel + zip of approved books; says why a book is not ready.
    """
    from ocr_pipeline.books.naming import NamingRule
    from ocr_pipeline.cli.package_tables import tell_exports
    from ocr_pipeline.errors import Text, UsageError
    from ocr_pipeline.export.book_exports import ExportChoices, export_books
    from ocr_pipeline.export.exporters import DRAFT, OFFICIAL

    if bool(books) == every:
        raise UsageError(
            Text("Hãy ghi mã sổ, hoặc dùng --all", "Name the books, or use --all"),
            remedy=Text("Xem mã sổ bằng `sohoa status`", "`sohoa status` lists the books"),
        )
    usual = DRAFT if draft else OFFICIAL
    if draft and format not in ("", DRAFT):
        raise UsageError(
            Text("Không dùng --draft cùng --format", "--draft and --format exclude each other"),
            remedy=Text("Chỉ dùng một trong hai", "Use one of the two"),
        )
    naming = NamingRule(number_padding=number_padding, with_date=not no_date)
    choices = ExportChoices(out, format or usual, generation, variant, naming, unapproved)
    with open_workspace(workspace) as opened:
        exports = export_books(opened, None if every else books, choices)
        refused = tell_exports(exports, as_json=as_json)
    return ExitCode.FAILURES if refused else ExitCode.DONE


def check(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH…",
            readable=False,  # one that may not be read is that path's fault, the others go on
            help="Tệp .xls, hoặc thư mục; .zip cùng tên được kiểm cùng. "
            "/ .xls files or folders; the .zip of the same name is checked along.",
        ),
    ],
    as_json: JsonOption = False,
) -> ExitCode:
    """Phần mềm Hộ tịch 158 có chấp nhận các tệp này không? Chỉ rõ dòng, cột và cách sửa.

    Would the import accept these files? Each fault with row, column and remedy.
    """
    from ocr_pipeline.cli.package_tables import check_packages

    return ExitCode.FAILURES if check_packages(paths, as_json=as_json) else ExitCode.DONE
