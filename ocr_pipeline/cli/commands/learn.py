"""`sohoa learn`: the network adapts to the hand of a book."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocr_pipeline.cli.options import JsonOption, WorkspaceOption, example, open_workspace
from ocr_pipeline.errors import ExitCode, Text, UsageError

if TYPE_CHECKING:
    from ocr_pipeline.processing.book_learning import LearntBook
    from ocr_pipeline.store.workspace import Workspace


_FORGOTTEN = Text(
    "đã bỏ nét chữ đã học; kết quả đọc trước đó lại được dùng",
    "the hand is taken away; the reading before it counts again",
)


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command(
        "learn",
        short_help="Học nét chữ riêng của sổ / adapt to a book's hand",
        epilog=example(
            "sohoa learn xalocthuan_hbd_tbt.KS.2016.01 -w ho_so/", "sohoa learn --all -w ho_so/"
        ),
    )(learn)


def learn(
    workspace: WorkspaceOption,
    book: Annotated[
        str,
        typer.Argument(
            metavar="[BOOK]", help="Mã sổ (xem sohoa book list). / Id (see sohoa book list)."
        ),
    ] = "",
    every: Annotated[bool, typer.Option("--all", help="Mọi sổ. / Every book.")] = False,
    forget: Annotated[
        bool,
        typer.Option(
            "--forget",
            help="Bỏ nét chữ đã học: kết quả đọc cũ lại được dùng. "
            "/ Take the hand away: the reading before it counts again.",
        ),
    ] = False,
    network: Annotated[
        bool,
        typer.Option(
            "--network",
            help="Mạng chữ viết của cơ quan học từ mọi sổ; cần sohoa network allow. "
            "/ The network of the office learns from all books; needs sohoa network allow.",
        ),
    ] = False,
    only_list: Annotated[
        bool,
        typer.Option(
            "--list",
            help="Cùng --network: chỉ liệt kê những gì sẽ dùng. "
            "/ With --network: only list what would be used.",
        ),
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", help="Hạt giống ngẫu nhiên. / Seed of all chance."),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            "--minutes",
            min=0.1,
            metavar="M",
            help="Dừng sau chừng này phút (--network: chạy lại sẽ học tiếp). "
            "/ Stop after so many minutes (--network: the next call goes on).",
        ),
    ] = None,
    promote: Annotated[
        bool,
        typer.Option(
            "--promote/--no-promote",
            help="Cùng --network: đưa mạng tốt hơn vào dùng, hay không. "
            "/ With --network: put a better network into use, or do not.",
        ),
    ] = True,
    also: Annotated[
        list[str] | None,
        typer.Option(
            "--also",
            metavar="WS",
            help="Cùng --network: học thêm từ không gian làm việc này của cơ quan (lặp lại). "
            "/ With --network: learn from this workspace of the office, too (repeat).",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Học nét chữ của sổ từ các trường đã xác nhận; chỉ giữ khi đọc tốt hơn.

    Learn the hand of a book from its confirmed fields, keep it only when it reads better.
    """
    from ocr_pipeline.cli.output import print_json
    from ocr_pipeline.processing.book_learning import (
        forget_book,
        learn_book,
        limits_of,
    )

    if network and not (book or every or forget or as_json):
        from ocr_pipeline.cli.network_session import learn_and_tell

        with ExitStack() as stack:
            others = [
                stack.enter_context(open_workspace(one)) for one in _once(workspace, also or [])
            ]
            opened = stack.enter_context(open_workspace(workspace))  # last: crashes are noted here
            return learn_and_tell(
                opened,
                only_list=only_list,
                seed=seed,
                minutes=minutes,
                promote=promote,
                others=others,
            )
    if network or only_list or not promote or also or bool(book) == every:
        raise UsageError(
            Text(
                "Cần một mã sổ, hoặc --all, hoặc --network",
                "Name a book, or --all, or --network",
            ),
            remedy=Text("Ví dụ: sohoa learn --all -w ho_so/", "E.g. sohoa learn --all -w ho_so/"),
        )
    unread = 0
    lines = []
    with open_workspace(workspace) as opened:
        for id_ in _books(opened, book):
            done = (
                forget_book(opened, id_)
                if forget
                else learn_book(opened, id_, limits=limits_of(seed, minutes))
            )
            if not as_json:
                _tell(id_, done, forget)
            if done is not None:
                unread += done.reread.unread
                lines.append(_as_json(done))
    if as_json:
        print_json({"books": lines})
    return ExitCode.FAILURES if unread else ExitCode.DONE


def _once(workspace: str, also: list[str]) -> list[str]:
    """The further workspaces.

    Raises:
        UsageError: one is named twice: what people entered there would count double.

    """
    places = [one if "://" in one else str(Path(one).resolve()) for one in (workspace, *also)]
    twice = [place for place in dict.fromkeys(places) if places.count(place) > 1]
    if twice:
        raise UsageError(
            Text(
                f"không gian làm việc {twice[0]} có hai lần", f"workspace {twice[0]} is named twice"
            ),
            remedy=Text("Bỏ một lần", "Leave one out"),
        )
    return also


def _books(workspace: Workspace, book: str) -> list[str]:
    """The ids; of one book, if it is named.

    Raises:
        NotFoundError: there is no such book.

    """
    from ocr_pipeline.review.errors import no_such
    from ocr_pipeline.store.books import load_books

    with workspace.read_session() as session:
        ids = [one.id for one in load_books(session)]
    if book and book not in ids:
        raise no_such("sổ", "book", book)
    return [book] if book else ids


def _tell(book: str, done: LearntBook | None, forget: bool) -> None:
    from ocr_pipeline.cli.output import say, warn
    from ocr_pipeline.processing.hand_trials import LearningResult

    if done is None:
        say(Text(f"Sổ {book} chưa học nét chữ nào", f"The book {book} has learnt no hand"))
        return
    if done.result is LearningResult.CLOSED:
        told = (
            Text("đã bỏ nét chữ; sổ đã duyệt nên không đọc lại gì",
                 "the hand is taken away; it is approved, so nothing is read again")
            if forget
            else Text("đã duyệt nên không học gì", "it is approved, so nothing is learnt")
        )  # fmt: skip
        say(Text(f"Sổ {book}: {told.vi}", f"{book}: {told.en}"))
        return
    what = _FORGOTTEN if forget else _learnt(done)
    say(Text(f"Sổ {book}: {what.vi}", f"{book}: {what.en}"))
    if done.reread.pages or done.result is LearningResult.KEPT or forget:
        again = done.reread
        before, after = again.doubts_before, again.doubts_after
        say(
            Text(
                f"Đọc lại {again.pages} trang, {again.changed} trường đọc khác đi; trường còn nghi "
                f"ngờ: {before} → {after}",
                f"Read {again.pages} pages again, {again.changed} fields read otherwise; open "
                f"fields: {before} → {after}",
            )
        )
    if done.reread.unread:
        warn(
            Text(
                f"{done.reread.unread} trang không đọc lại được; `sohoa run` sẽ thử lại",
                f"{done.reread.unread} pages could not be read again; `sohoa run` tries them",
            )
        )


def _learnt(done: LearntBook) -> Text:
    from ocr_pipeline.processing.hand_trials import LearningResult

    refused = sum(done.refused.values())
    if done.result is LearningResult.FOREIGN:
        return Text("mô hình cắm thêm không học được", "a plug-in model cannot learn")
    if done.result is LearningResult.FEW:
        return Text(
            f"mới có {done.fields} trường đã xác nhận dùng được ({refused} không dùng được), "
            "chưa đủ để học",
            f"{done.fields} confirmed fields can be used ({refused} cannot), too few to learn from",
        )
    wrong = f"{done.wrong_before} → {done.wrong_after}"
    figures = Text(
        f"{done.lines} dòng của {done.fields} trường đã xác nhận ({refused} trường không dùng "
        f"được); trên {done.tested} trường để riêng, ký tự sai {wrong} trong {done.letters}",
        f"{done.lines} lines of {done.fields} confirmed fields ({refused} cannot be used); of "
        f"{done.tested} fields held back, wrong characters {wrong} of {done.letters}",
    )
    ending = {
        LearningResult.KEPT: Text("giữ nét chữ mới", "the new hand is kept"),
        LearningResult.WORSE: Text("không tốt hơn, giữ như cũ", "no better, left as it was"),
        LearningResult.KNOWN: Text("không có gì mới để học", "nothing new to learn"),
    }[done.result]
    return Text(f"{figures.vi}: {ending.vi}", f"{figures.en}: {ending.en}")


def _as_json(done: LearntBook) -> dict[str, object]:
    return {
        "book": done.book,
        "result": done.result.value,
        "lines": done.lines,
        "fields": done.fields,
        "refused": {reason.value: count for reason, count in sorted(done.refused.items())},
        "tested": done.tested,
        "letters": done.letters,
        "wrong_before": done.wrong_before,
        "wrong_after": done.wrong_after,
        "pages": done.reread.pages,
        "changed": done.reread.changed,
        "doubts_before": done.reread.doubts_before,
        "doubts_after": done.reread.doubts_after,
        "unread": done.reread.unread,
    }
