"""`sohoa layout`: author and test layouts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocr_pipeline.cli.options import (
    JsonOption,
    LayoutsOption,
    TaughtInOption,
    WorkspaceOption,
    example,
    open_workspace,
)
from ocr_pipeline.errors import ExitCode, Text

layout_app = typer.Typer(
    short_help="Soạn và thử biểu mẫu / author and test layouts",
    no_args_is_help=True,
    help="Soạn và thử biểu mẫu.\n\nAuthor and test layouts.",
)

Folder = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER", help="Thư mục có layout.yaml. / Folder that holds layout.yaml."
    ),
]
OutPicture = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Tệp ảnh PNG kết quả. / The picture to write, PNG."),
]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(layout_app, name="layout")


@layout_app.command(
    "new",
    epilog=example(
        "sohoa layout new trang.jpg --id KS-1990 --type KS",
        "sohoa layout new mau/KS/2016-a --like KS-2016 --id KS-2016-A --scan trang.jpg",
    ),
)
def new(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="SCAN…",
            help="Thư mục cho biểu mẫu mới (không có thì theo mã), và ảnh quét của sổ. / "
            "Folder of the new layout (by its id when left out), and scans of the book.",
        ),
    ],
    identity: Annotated[
        str, typer.Option("--id", metavar="ID", help="Mã biểu mẫu mới. / Id of the new layout.")
    ],
    like: Annotated[
        str,
        typer.Option(
            "--like", metavar="ID", help="Biểu mẫu giống nhất. / The most similar layout."
        ),
    ] = "",
    scan: Annotated[
        Path | None,
        typer.Option("--scan", metavar="FILE", help="Ảnh quét biểu mẫu. / Scan of the form."),
    ] = None,
    type_: Annotated[
        str, typer.Option("--type", metavar="CODE", help="Loại sổ. / Register type: KS, KT, KH…")
    ] = "",
    era: Annotated[
        str, typer.Option("--era", metavar="ERA", help="Thời kỳ của biểu mẫu. / Era of the form.")
    ] = "",
    title: Annotated[
        str,
        typer.Option("--title", metavar="TEXT", help="Tên biểu mẫu. / What people call the form."),
    ] = "",
    size: Annotated[
        str,
        typer.Option("--size", metavar="WxH", help="Khổ trang tính bằng mm. / Page size in mm."),
    ] = "",
    layouts: LayoutsOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Bắt đầu một biểu mẫu mới: máy đề xuất từ ảnh quét, hoặc chép biểu mẫu tương tự.

    Start a layout: proposed from scans of a form unlike all others, or copied from a similar one.
    """
    from ocr_pipeline.cli.layout_proposing import NewLayout, start_layout

    asked = NewLayout(tuple(paths), identity, like, scan, type_, era, title, size, layouts)
    return start_layout(asked, as_json=as_json)


@layout_app.command("check", epilog=example("sohoa layout check mau/KS/2016-a"))
def check(folder: Folder, layouts: LayoutsOption = None, as_json: JsonOption = False) -> ExitCode:
    """Tìm những chỗ sẽ làm đọc sai: ô chồng nhau, thiếu mốc, dễ nhầm với biểu mẫu khác.

    Look for what would make pages be read wrongly: boxes, anchors, forms too much alike.
    """
    from ocr_pipeline.cli.layout_files import tell_remarks
    from ocr_pipeline.cli.output import print_json
    from ocr_pipeline.layout.authoring import check as remarks_on
    from ocr_pipeline.layout.loading import load_layouts

    remarks = remarks_on(folder, load_layouts(layouts))
    if as_json:
        keys = ("serious", "key", "vi", "en")
        rows = [(r.serious, r.key, r.message.vi, r.message.en) for r in remarks]
        print_json({"remarks": [dict(zip(keys, row, strict=True)) for row in rows]})
    else:
        tell_remarks(remarks)
    return ExitCode.FAILURES if any(remark.serious for remark in remarks) else ExitCode.DONE


@layout_app.command(
    "preview", epilog=example("sohoa layout preview mau/KS/2016-a --scan trang.jpg --out xem.png")
)
def preview(
    folder: Folder,
    scan: Annotated[
        Path | None,
        typer.Option(
            "--scan", metavar="FILE", help="Ảnh một trang đã quét. / A scanned page of this form."
        ),
    ] = None,
    out: OutPicture = None,
    redraw: Annotated[
        bool,
        typer.Option(
            "--redraw", help="Vẽ lại reference.png trước. / Draw reference.png anew first."
        ),
    ] = False,
) -> ExitCode:
    """Vẽ các ô lên trang quét (hoặc lên biểu mẫu trống) để người xem đánh giá.

    Draw the fields on a scan (or on the empty form) for a person to judge.
    """
    from ocr_pipeline.cli.layout_files import open_flat, tell_picture, write_picture
    from ocr_pipeline.layout import authoring
    from ocr_pipeline.layout.loading import load_layout

    if redraw:
        authoring.redraw(folder)
    picture, registration = authoring.preview(
        load_layout(folder), open_flat(scan) if scan else None
    )
    target = out or folder / "preview.png"
    write_picture(target, picture)
    tell_picture(target, registration.accepted, registration.reason)
    return ExitCode.DONE if registration.accepted else ExitCode.FAILURES


@layout_app.command(
    "adapt",
    epilog=example(
        "sohoa layout adapt xalocthuan_hbd_tbt.KS.2016.01 -w ho_so/",
        "sohoa layout adapt xalocthuan_hbd_tbt.KS.2016.01 -w ho_so/ --forget",
    ),
)
def adapt(
    book: Annotated[
        str,
        typer.Argument(
            metavar="BOOK", help="Mã sổ (xem sohoa book list). / Id (see sohoa book list)."
        ),
    ],
    workspace: WorkspaceOption,
    page: Annotated[
        list[str] | None,
        typer.Option(
            "--page",
            metavar="NAME",
            help="Học từ các trang này (lặp lại). / Learn from these pages (repeat).",
        ),
    ] = None,
    out: OutPicture = None,
    layouts: LayoutsOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Chỉ xem, không lưu. / Only show, keep nothing.")
    ] = False,
    anyway: Annotated[
        bool,
        typer.Option(
            "--anyway", help="Lưu dù còn trường chưa xác nhận. / Keep it although unconfirmed."
        ),
    ] = False,
    forget: Annotated[
        bool,
        typer.Option("--forget", help="Bỏ bản in đã học lần cuối. / Take back what was learned."),
    ] = False,
    as_json: JsonOption = False,
) -> ExitCode:
    """Học cách in của một sổ từ vài trang, rồi dời các ô của biểu mẫu gần nhất theo đó.

    Learn how a book is printed from a few of its pages, and move the nearest layout onto it.
    """
    from ocr_pipeline.cli.layout_adapting import AdaptationRequest, adapt_book, forget_book

    with open_workspace(workspace) as opened:
        if forget:
            forget_book(opened, book)
            return ExitCode.DONE
        asked = AdaptationRequest(book, tuple(page or ()), out, layouts, dry_run, anyway)
        return adapt_book(opened, asked, as_json=as_json)


@layout_app.command(
    "detect",
    epilog=example(
        "sohoa layout detect trang.jpg --out xem.png",
        "sohoa layout detect trang.jpg --workspace ho_so/",
    ),
)
def detect(
    scan: Annotated[
        Path, typer.Argument(metavar="SCAN", help="Ảnh một trang đã quét. / A scanned page.")
    ],
    out: OutPicture = None,
    workspace: TaughtInOption = "",
    layouts: LayoutsOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Trang này theo biểu mẫu nào trong các biểu mẫu đã cài?

    Which of the installed layouts is on this page, and which way up?
    """
    from ocr_pipeline.cli.layout_files import (
        known_layouts,
        open_flat,
        tell_detection,
        write_picture,
    )
    from ocr_pipeline.layout.authoring import detect_page

    found, picture = detect_page(open_flat(scan), known_layouts(workspace, layouts))
    if out:
        write_picture(out, picture)
    tell_detection(found, out, as_json=as_json)
    return ExitCode.DONE if found.layout_id else ExitCode.FAILURES


@layout_app.command("gallery", epilog=example("sohoa layout gallery bieu_mau/"))
def gallery(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="Thư mục kết quả. / Folder to write to."),
    ],
    layouts: LayoutsOption = None,
) -> ExitCode:
    """Vẽ mọi biểu mẫu đã cài, mỗi biểu mẫu một ảnh, và một trang xem trong trình duyệt.

    Draw every installed form with its fields, and a page that shows them in a browser.
    """
    from ocr_pipeline.cli.layout_files import write_gallery
    from ocr_pipeline.cli.output import say
    from ocr_pipeline.layout.loading import load_layouts

    page = write_gallery(folder, load_layouts(layouts))
    say(Text(f"Hãy mở trang: {page}", f"Open the page: {page}"))
    return ExitCode.DONE
