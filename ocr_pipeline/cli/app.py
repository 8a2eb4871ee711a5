"""The `sohoa` program: its commands, and what becomes of errors."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Any, cast

import typer

import ocr_pipeline
from ocr_pipeline.cli.commands import (
    backup,
    bench,
    bench_learn,
    bench_link,
    bench_reconcile,
    bench_store,
    book,
    delete,
    doctor,
    export,
    inventory,
    keyed,
    labelstudio,
    layout,
    learn,
    link,
    network,
    read,
    reconcile,
    report,
    run,
    serve,
    sheets,
    split,
    train,
    user,
)
from ocr_pipeline.cli.options import note_command
from ocr_pipeline.cli.output import note_crash, say_error
from ocr_pipeline.errors import ExitCode, SohoaError, Text, UsageError
from ocr_pipeline.os_errors import refused_path
from ocr_pipeline.written_paths import WRITTEN_ERRORS, storable

app = typer.Typer(
    name="sohoa",
    help="Số hóa sổ hộ tịch: ảnh quét → tệp Excel (.xls) và .zip chính thức.\n\n"
    "Scanned civil-status registers in, official Excel and zip packages out.",
    epilog="Sổ tay: docs/vi/README.md, hoặc mục “Sổ tay” trong trạm rà soát (sohoa serve).\n\n"
    "Handbook: docs/en/README.md, or “Handbook” in the review station (sohoa serve).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (
    run, serve, user, labelstudio, export, inventory, sheets, keyed, split, link, reconcile, report,
    backup, book, delete, layout, read, bench, bench_link, bench_reconcile, bench_store, train,
    learn, network, doctor, bench_learn,
):  # fmt: skip
    module.register(app)

#: Typer brings its own copy of click or uses the one installed, depending on its version.
WrongUsage = cast(
    type[Exception],
    next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"),
)

_INTERRUPTED = 130  # what typer makes of Ctrl-C in some versions


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"sohoa {ocr_pipeline.__version__}")
        raise typer.Exit


@app.callback()
def _program(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="In phiên bản. / Print the version.",
            callback=_show_version,
            is_eager=True,
        ),
    ] = False,
) -> None:
    """Options of the program itself; its help is the one given above."""
    note_command(context.invoked_subcommand or "python")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `sohoa` with these arguments (those of the process when None) and exit with its code."""
    sys.exit(int(run_program(arguments)))


def run_program(arguments: Sequence[str] | None = None) -> ExitCode:
    """Run `sohoa` and return its exit code; errors are told on stderr, never as a traceback."""
    _speak_utf8()
    try:
        outcome = app(
            list(arguments) if arguments is not None else None,
            prog_name="sohoa",
            standalone_mode=False,
        )
        return _tell_stopped() if outcome == _INTERRUPTED else ExitCode(int(outcome or 0))
    except WrongUsage as error:
        return _tell_usage(error)
    except SohoaError as error:
        say_error(error.cause, where=error.where, remedy=error.remedy)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _tell_stopped()
    except BrokenPipeError:
        sys.stderr.close()
        return ExitCode.DONE
    except Exception as error:  # the last line of defence: no traceback reaches a user
        if unfit := _word_that_is_no_text(error, sys.argv[1:] if arguments is None else arguments):
            say_error(unfit.cause, where=unfit.where, remedy=unfit.remedy)
            return unfit.exit_code
        if refused := refused_path(error):
            say_error(refused.cause, where=refused.where, remedy=refused.remedy)
            return refused.exit_code
        log = note_crash(error)
        say_error(
            Text(
                f"Lỗi chương trình ({type(error).__name__})",
                f"A bug in the software ({type(error).__name__})",
            ),
            where=str(log),
            remedy=Text(
                "Gửi tệp nhật ký này cho người hỗ trợ; dữ liệu đã đọc vẫn còn",
                "Send this log file to support; what has been read is safe",
            ),
        )
        return ExitCode.FAILURES


def _word_that_is_no_text(error: Exception, arguments: Sequence[str]) -> UsageError | None:
    """What to tell when a name was asked for by bytes that are no letters: no store has any such.

    Paths may be such bytes, so they are not refused before.
    """
    odd = next((word for word in arguments if storable(word) != word), None)
    if odd is None or not isinstance(error, UnicodeEncodeError):
        return None
    return UsageError(
        Text("Không phải chữ (UTF-8)", "This is no text (UTF-8)"),
        where=odd,
        remedy=Text("Gõ lại tên này", "Type the name again"),
    )


def _tell_stopped() -> ExitCode:
    say_error(
        Text("Đã dừng theo yêu cầu", "Stopped as you asked"),
        remedy=Text(
            "Chạy lại cùng lệnh để làm tiếp từ chỗ dừng",
            "Run the same command to go on from here",
        ),
    )
    return ExitCode.FAILURES


def _tell_usage(error: Any) -> ExitCode:
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return ExitCode.USAGE
    say_error(
        Text("Lệnh viết chưa đúng", error.format_message()),
        remedy=Text("Xem: sohoa LỆNH --help", "See: sohoa COMMAND --help"),
    )
    return ExitCode.USAGE


def _speak_utf8() -> None:
    """Windows consoles and pipes may have another encoding that lacks Vietnamese letters."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors=WRITTEN_ERRORS)
