"""`sohoa network`: the networks that an office made from its corrections, and who allows that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ocr_pipeline.cli.options import (
    JsonOption,
    WorkspaceOption,
    example,
    look_at_workspace,
    open_workspace,
)
from ocr_pipeline.errors import ExitCode, Text

if TYPE_CHECKING:
    from ocr_pipeline.store.audit_actions import AuditAction
    from ocr_pipeline.store.workspace import Workspace

network_app = typer.Typer(
    short_help="Mạng chữ viết của cơ quan / networks of the office",
    no_args_is_help=True,
    help="Mạng chữ viết của cơ quan: cho phép học, xem, đưa vào dùng, trở lại.\n\n"
    "Handwriting networks of the office: allow learning, list, put into use, go back.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Tên của mạng. / Name of the network.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(network_app, name="network")


@network_app.command("allow", epilog=example("sohoa network allow -w ho_so/"))
def allow(workspace: WorkspaceOption) -> ExitCode:
    """Cho phép mạng chữ viết học từ các giá trị đã sửa; không gửi gì ra ngoài.

    Allow that corrections teach the handwriting network; nothing is sent anywhere.
    """
    from ocr_pipeline.cli.output import say

    _consent(workspace, given=True)
    say(
        Text(
            "Đã cho phép học từ các giá trị đã sửa của không gian làm việc này; mọi thứ ở lại "
            "trong cơ quan. Bắt đầu học: sohoa learn --network",
            "Learning from the corrections of this workspace is allowed; everything stays in the "
            "office. To learn: sohoa learn --network",
        )
    )
    return ExitCode.DONE


@network_app.command("forbid", epilog=example("sohoa network forbid -w ho_so/"))
def forbid(workspace: WorkspaceOption) -> ExitCode:
    """Không cho phép học nữa; mạng đã học vẫn còn, bỏ bằng sohoa network rollback.

    Withdraw the consent; networks made before stay, `sohoa network rollback` puts them out of use.
    """
    from ocr_pipeline.cli.output import say

    _consent(workspace, given=False)
    say(
        Text(
            "Từ nay không học từ các giá trị đã sửa của không gian làm việc này",
            "The corrections of this workspace teach nothing from now on",
        )
    )
    return ExitCode.DONE


@network_app.command(
    "list", epilog=example("sohoa network list -w ho_so/", "sohoa network list -w ho_so/ --json")
)
def list_(workspace: WorkspaceOption, as_json: JsonOption = False) -> ExitCode:
    """Liệt kê các mạng của cơ quan: mạng nào đang dùng, học từ đâu, đọc tốt hơn bao nhiêu.

    List the networks of the office: which one is in use, what taught it, how it reads.
    """
    from ocr_pipeline.cli.network_tables import tell_networks
    from ocr_pipeline.cli.output import print_json
    from ocr_pipeline.processing.learning_record_schema import load_learning_record
    from ocr_pipeline.processing.office_networks import OfficeNetworks
    from ocr_pipeline.store.learning_consent import learning_consent

    with look_at_workspace(workspace) as opened:
        networks = OfficeNetworks.of(opened.folder)
        with opened.read_session() as session:
            consent = learning_consent(session)
    found = [(one, load_learning_record(one.folder)) for one in networks.networks()]
    if not as_json:
        tell_networks(consent, networks.in_use, found)
        return ExitCode.DONE
    print_json(
        {
            "allowed": consent.given,
            "in_use": networks.in_use,
            "networks": [
                {"name": one.name, "in_use": one.in_use, **record.model_dump(mode="json")}
                for one, record in found
            ],
        }
    )
    return ExitCode.DONE


@network_app.command("promote", epilog=example("sohoa network promote 2026.11-4+1 -w ho_so/"))
def promote(name: Name, workspace: WorkspaceOption) -> ExitCode:
    """Đưa một mạng của cơ quan, hoặc mạng có sẵn khác, vào dùng; lần đang chạy giữ mạng của nó.

    Put a network of the office, or another shipped one, into use; a run that goes on keeps its own.
    """
    from ocr_pipeline.cli.output import say
    from ocr_pipeline.processing.office_networks import OfficeNetworks
    from ocr_pipeline.store.audit_actions import AuditAction

    with open_workspace(workspace) as opened:
        OfficeNetworks.of(opened.folder).promote(name)
        _note(opened, AuditAction.NETWORK_PROMOTED, name)
    say(
        Text(
            f"Từ lần chạy sau, máy đọc bằng mạng {name}",
            f"The next run reads with the network {name}",
        )
    )
    return ExitCode.DONE


@network_app.command(
    "rollback",
    epilog=example(
        "sohoa network rollback -w ho_so/", "sohoa network rollback --shipped -w ho_so/"
    ),
)
def rollback(
    workspace: WorkspaceOption,
    shipped: Annotated[
        bool,
        typer.Option(
            "--shipped", help="Trở lại mạng đi kèm phần mềm. / Go back to the shipped network."
        ),
    ] = False,
) -> ExitCode:
    """Trở lại mạng dùng trước đó, hoặc mạng đi kèm phần mềm.

    Go back to the network used before, or to the shipped one.
    """
    from ocr_pipeline.cli.output import say
    from ocr_pipeline.processing.office_networks import OfficeNetworks
    from ocr_pipeline.store.audit_actions import AuditAction
    from ocr_pipeline.usual_options import USUAL

    with open_workspace(workspace) as opened:
        now = OfficeNetworks.of(opened.folder).roll_back(to_shipped=shipped) or USUAL.model
        _note(opened, AuditAction.NETWORK_ROLLED_BACK, now)
    say(
        Text(
            f"Từ lần chạy sau, máy lại đọc bằng mạng {now}",
            f"The next run reads with the network {now} again",
        )
    )
    return ExitCode.DONE


def _consent(workspace: str, *, given: bool) -> None:
    from ocr_pipeline.store.audit import SYSTEM
    from ocr_pipeline.store.learning_consent import set_learning_consent

    with open_workspace(workspace) as opened, opened.transaction() as session:
        set_learning_consent(session, given, SYSTEM, account())


def _note(workspace: Workspace, action: AuditAction, network: str) -> None:
    from ocr_pipeline.store import audit

    with workspace.transaction() as session:
        audit.append(session, audit.SYSTEM, action, subject=network, details=account())


def account() -> dict[str, str]:
    """Who is at the command line, as far as the system knows: for the audit trail."""
    from ocr_pipeline.store.reading_lines import os_user

    try:
        return {"account": os_user()}
    except (OSError, KeyError, ImportError):  # no name for this number
        return {}
