"""`sohoa user` and `sohoa audit`: accounts of the review station and its audit trail."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ocr_pipeline.cli.options import (
    JsonOption,
    WorkspaceOption,
    example,
    look_at_workspace,
    open_workspace,
)
from ocr_pipeline.errors import ExitCode

user_app = typer.Typer(
    short_help="Tài khoản của trạm rà soát / accounts of the review station",
    no_args_is_help=True,
    help="Tài khoản của trạm rà soát.\n\nAccounts of the review station.",
)
audit_app = typer.Typer(
    short_help="Nhật ký thao tác / the audit trail",
    no_args_is_help=True,
    help="Nhật ký thao tác: ai đã xem, đã sửa gì.\n\nThe audit trail: who saw and changed what.",
)


_MOST = 200  # findings told of: one slip may concern every row of a table


class RoleName(StrEnum):
    """Roles as the command line takes them (`review.accounts.Role`)."""

    OPERATOR = "operator"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    ADMIN = "admin"


Name = Annotated[str, typer.Argument(metavar="NAME", help="Tên đăng nhập. / Login name.")]
FromStdin = Annotated[
    bool,
    typer.Option(
        "--password-stdin",
        help="Đọc mật khẩu từ đầu vào chuẩn thay vì hỏi. "
        "/ Read the password from standard input instead of asking.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(user_app, name="user")
    app.add_typer(audit_app, name="audit")


@user_app.command(
    "add",
    epilog=example(
        "sohoa user add quan --role admin -w ho_so/",
        "echo 'cay-da-ben-nuoc' | sohoa user add an --role operator --password-stdin -w ho_so/",
    ),
)
def add(
    name: Name,
    role: Annotated[RoleName, typer.Option("--role", help="Vai trò. / Role.")],
    workspace: WorkspaceOption,
    display: Annotated[
        str, typer.Option("--display", metavar="TEXT", help="Họ tên đầy đủ. / Full name.")
    ] = "",
    password_stdin: FromStdin = False,
) -> ExitCode:
    """Thêm người dùng; mật khẩu được hỏi hai lần, không hiện ra.

    Add a person; the password is asked for twice and not shown.
    """
    from ocr_pipeline.cli.output import say
    from ocr_pipeline.errors import Text
    from ocr_pipeline.review.accounts import Role, create_user

    with open_workspace(workspace) as opened:
        password = _password(password_stdin)
        user = create_user(opened, name, Role(role), password, display)
    say(Text(f"Đã thêm {user.name} ({user.role})", f"Added {user.name} ({user.role})"))
    return ExitCode.DONE


@user_app.command("list", epilog=example("sohoa user list -w ho_so/"))
def list_(workspace: WorkspaceOption, as_json: JsonOption = False) -> ExitCode:
    """Liệt kê người dùng và vai trò.

    List people and their roles.
    """
    from dataclasses import asdict

    from ocr_pipeline.cli.output import print_json, print_table
    from ocr_pipeline.errors import Text
    from ocr_pipeline.review.accounts import list_users

    with look_at_workspace(workspace) as opened:
        users = list_users(opened)
    if as_json:
        print_json({"users": [asdict(user) for user in users]})
        return ExitCode.DONE
    columns = (Text("tên", "name"), Text("vai trò", "role"), Text("họ tên", "full name"),
               Text("hoạt động", "active"))  # fmt: skip
    rows = [(u.name, u.role.value, u.display, "✓" if u.active else "–") for u in users]
    print_table(Text("Người dùng", "People"), columns, rows)
    return ExitCode.DONE


@user_app.command("passwd", epilog=example("sohoa user passwd an -w ho_so/"))
def passwd(name: Name, workspace: WorkspaceOption, password_stdin: FromStdin = False) -> ExitCode:
    """Đặt mật khẩu mới; các phiên đang mở của người đó bị đóng.

    Set another password; the person's open sessions are closed.
    """
    from ocr_pipeline.cli.output import say
    from ocr_pipeline.errors import Text
    from ocr_pipeline.review.accounts import set_password

    with open_workspace(workspace) as opened:
        set_password(opened, name, _password(password_stdin))
    say(Text("Đã đặt mật khẩu mới", "The password has been set"))
    return ExitCode.DONE


@user_app.command(
    "disable",
    epilog=example("sohoa user disable an -w ho_so/", "sohoa user disable an --undo -w ho_so/"),
)
def disable(
    name: Name,
    workspace: WorkspaceOption,
    undo: Annotated[
        bool, typer.Option("--undo", help="Mở khóa tài khoản. / Unlock the account.")
    ] = False,
) -> ExitCode:
    """Khóa tài khoản; những gì người đó đã làm vẫn còn.

    Lock an account; what the person has done stays.
    """
    from ocr_pipeline.cli.output import say
    from ocr_pipeline.errors import Text
    from ocr_pipeline.review.accounts import set_active

    with open_workspace(workspace) as opened:
        set_active(opened, name, undo)
    done = (
        Text("Đã mở khóa tài khoản", "The account is unlocked")
        if undo
        else Text("Đã khóa tài khoản", "The account is locked")
    )
    say(done)
    return ExitCode.DONE


@audit_app.command(
    "verify",
    epilog=example("sohoa audit verify -w ho_so/", "sohoa audit verify --head 81f0… -w ho_so/"),
)
def verify(
    workspace: WorkspaceOption,
    noted: Annotated[
        str,
        typer.Option(
            "--head",
            metavar="HASH",
            help="Mã băm đã ghi lại lần trước: phải còn trong nhật ký thao tác. "
            "/ A hash noted before: it must still be in the trail.",
        ),
    ] = "",
    as_json: JsonOption = False,
) -> ExitCode:
    """Đối chiếu nhật ký thao tác với dữ liệu, cả hai chiều; in mã băm cuối để ghi lại nơi khác.

    Check the trail and the data against each other; prints the last hash to note elsewhere.
    """
    from ocr_pipeline.cli.output import print_json, say, say_error
    from ocr_pipeline.errors import Text
    from ocr_pipeline.review import audit

    with look_at_workspace(workspace) as opened:
        found = audit.faults(opened, _MOST)
        head = audit.head(opened)
        lost = bool(noted) and not audit.knows(opened, noted)
    good = not found and not lost
    if as_json:
        told = [{"id": one.line, "where": one.where, "reason": one.reason.en} for one in found]
        print_json(
            {
                "holds": good, "broken": told[0] if told else None, "faults": told,
                "head_lost": lost, "head": head,
            }
        )  # fmt: skip
        return ExitCode.DONE if good else ExitCode.FAILURES
    for one in found:
        line = f"#{one.line}" if one.line else ""
        say_error(one.reason, where=" ".join(filter(None, (line, one.where))))
    if lost:
        say_error(
            Text(
                "Mã băm đã ghi không còn trong nhật ký thao tác",
                "The noted hash is not in the audit trail",
            ),
            where=noted,
        )
    if good:
        say(
            Text(
                f"Nhật ký thao tác nguyên vẹn: {head['id']} dòng, mã băm cuối {head['hash']}",
                f"The audit trail is whole: {head['id']} lines, last hash {head['hash']}",
            )
        )
    return ExitCode.DONE if good else ExitCode.FAILURES


@audit_app.command(
    "export",
    epilog=example(
        "sohoa audit export --person an --out an.jsonl -w ho_so/",
        "sohoa audit export --book xalocthuan_hbd_tbt.KS.2017.01 -w ho_so/",
    ),
)
def export(
    workspace: WorkspaceOption,
    book: Annotated[
        str, typer.Option("--book", metavar="BOOK", help="Chỉ của một sổ. / Of one book.")
    ] = "",
    person: Annotated[
        str, typer.Option("--person", metavar="NAME", help="Chỉ của một người. / Of one person.")
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Tệp kết quả; không có thì in ra. / File; else printed."
        ),
    ] = None,
) -> ExitCode:
    """Xuất nhật ký thao tác, mỗi dòng một đối tượng JSON.

    Export the trail, one JSON object a line.
    """
    import json
    import sys

    from ocr_pipeline.review import audit
    from ocr_pipeline.store.files import atomic_write

    with look_at_workspace(workspace) as opened:
        told = audit.export(opened, book=book, person=person)
        lines = (json.dumps(line, ensure_ascii=False) + "\n" for line in told)
        if out is None:
            sys.stdout.writelines(lines)
            return ExitCode.DONE
        with atomic_write(out) as temporary, temporary.open("w", encoding="utf-8") as file:
            file.writelines(lines)
    return ExitCode.DONE


def _password(from_stdin: bool) -> str:
    """The password: a line of standard input, or asked for twice without showing it."""
    import sys

    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    prompt = "Mật khẩu / Password"
    return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=True, err=True))
