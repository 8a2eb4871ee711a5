"""Tell others that a run has ended, by mail or by a webhook; the run's result never depends on it.

Addresses and servers are checked before the run begins (`plan_notices`): a slip is told at once and
not when everybody is asleep. Nothing that stands in a register is sent, only the morning report.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.errors import SohoaError, Text, UsageError
from ocr_pipeline.plugins import PluginGroup, plugins
from ocr_pipeline.reports.morning_report.report import MorningReport
from ocr_pipeline.reports.notices.channel import (
    MailChannel,
    NoticeChannel,
    WebhookChannel,
    shown,
)
from ocr_pipeline.reports.notices.mail import MailServer

FILE = "notify.yaml"
_SMTP = ("host", "port", "user", "password", "from", "security")
_DOCS = Text(
    "Xem mục “Thông báo khi xong” trong docs/vi/operator.md",
    "See “Notices” in docs/en/operator.md",
)


Value = str | int | None


class SmtpEntry(Strict):
    """The mail server as `notify.yaml` names it; what is missing comes from the environment."""

    host: Value = None
    port: Value = None
    user: Value = None
    password: Value = None
    sender: Annotated[Value, Field(alias="from")] = None
    security: Value = None


class NotifyFile(Strict):
    """`notify.yaml` of a workspace: whom to tell at the end of a run."""

    smtp: SmtpEntry = SmtpEntry()
    mail_to: str | tuple[str, ...] | None = None
    webhook: str | None = None
    channels: dict[str, dict[str, Any]] = {}
    """Options by name of a plug-in (entry points `sohoa.notices`)."""


@dataclass(frozen=True, slots=True)
class SentNotice:
    """What became of one notice.

    Attributes:
        to: the mail address, or scheme and host of the webhook.
        tries: how often it was tried.
        cause: why it could not be sent; None when it was.

    """

    to: str
    tries: int
    cause: Text | None = None

    def as_json(self) -> dict[str, Any]:
        """As the store keeps it."""
        cause = {"vi": self.cause.vi, "en": self.cause.en} if self.cause else None
        return {"to": self.to, "sent": cause is None, "tries": self.tries, "cause": cause}


@dataclass(frozen=True, slots=True)
class Notices:
    """Who is told of a run's end.

    Attributes:
        mail_to: addresses.
        server: the server that takes the mails; None when there are none.
        webhook: where a summary is posted; "" for nowhere.
        others: channels of other packages.

    """

    mail_to: tuple[str, ...] = ()
    server: MailServer | None = None
    webhook: str = field(default="", repr=False)  # may hold a token
    others: tuple[NoticeChannel, ...] = field(default=(), repr=False)  # options may hold secrets


def plan_notices(
    folder: Path,
    mail_to: Sequence[str] = (),
    webhook: str = "",
    environment: Mapping[str, str] = os.environ,
) -> Notices:
    """Who is to be told, from the command line, the environment and `notify.yaml` of a workspace.

    Args:
        folder: of the workspace.
        mail_to: addresses; those of the file when there are none.
        webhook: address; that of the file when "".
        environment: `SOHOA_SMTP_HOST`, `_PORT`, `_USER`, `_PASSWORD`, `_FROM`, `_SECURITY` go
            before the file.

    Raises:
        UsageError: an address makes no sense, mails are wanted and no server is known, or a channel
            is unknown or refuses its options.
        PluginError: the package that brings a channel is broken.

    """
    data = _read(folder / FILE)
    listed = (data.mail_to,) if isinstance(data.mail_to, str) else data.mail_to
    addresses = tuple(mail_to) or tuple(listed or ())
    webhook = webhook or data.webhook or ""
    for address in addresses:
        _require_address(address)
    if webhook:
        _require_url(webhook)
    server = _server(folder, data, environment) if addresses else None
    others = tuple(_other(folder, name, options) for name, options in data.channels.items())
    return Notices(addresses, server, webhook, others)


def send_notices(
    notices: Notices, report: MorningReport, html: Callable[[], str], text: Callable[[], str]
) -> list[SentNotice]:
    """Send everything; what cannot be sent is in the outcome, never an exception.

    Args:
        notices: who is to be told.
        report: of the run.
        html: makes its page.
        text: makes it as plain text.

    """
    return [
        SentNotice(channel.to, *_guarded(partial(channel.send, report, html, text)))
        for channel in _channels(notices)
    ]


def _channels(notices: Notices) -> Iterator[NoticeChannel]:
    if notices.server is not None:
        for address in notices.mail_to:
            yield MailChannel(notices.server, address)
    if notices.webhook:
        yield WebhookChannel(notices.webhook)
    yield from notices.others


def _guarded(send: Callable[[], tuple[int, Text | None]]) -> tuple[int, Text | None]:
    """The last line of defence: a bug in a notice must not cost the night's result."""
    try:
        return send()
    except SohoaError as error:
        return 1, error.cause
    except Exception as error:
        name = type(error).__name__
        return 1, Text(f"Lỗi chương trình ({name})", f"A bug in the software ({name})")


def _read(path: Path) -> NotifyFile:
    if not path.is_file():
        return NotifyFile()
    return load_data(path, NotifyFile, UsageError, _DOCS, secret=True)


def _server(folder: Path, data: NotifyFile, environment: Mapping[str, str]) -> MailServer:
    named = data.smtp.model_dump(by_alias=True, exclude_none=True)
    smtp = {key: str(value) for key, value in named.items()}
    for key in _SMTP:
        smtp[key] = environment.get(f"SOHOA_SMTP_{key.upper()}") or smtp.get(key, "")
    if not smtp["host"]:
        raise UsageError(
            Text("Chưa khai máy chủ thư", "No mail server is set"),
            where=f"{folder / FILE}, SOHOA_SMTP_HOST",
            remedy=_DOCS,
        )
    try:
        return MailServer.of(smtp)
    except ValueError as error:
        cause = Text(
            f"Thiết lập thư không hợp lệ: {error}", f"The mail settings are not valid: {error}"
        )
        raise UsageError(cause, where=str(folder / FILE), remedy=_DOCS) from error


def _other(folder: Path, name: str, options: Mapping[str, Any]) -> NoticeChannel:
    known = plugins(PluginGroup.NOTICES)
    where = f"{folder / FILE}: channels.{name}"
    if name not in known:
        names = ", ".join(known) or "–"
        raise UsageError(
            Text(
                f"Không có kênh thông báo “{name}”; có: {names}",
                f"There is no notice channel “{name}”; there are: {names}",
            ),
            where=where,
            remedy=_DOCS,
        )
    plugin = known[name]
    make = plugin.load()
    try:
        channel: NoticeChannel = make(options)
        if not callable(getattr(channel, "send", None)) or not isinstance(channel.to, str):
            raise TypeError("a channel needs `to` and `send`")
    except ValueError as error:
        raise UsageError(
            Text(
                f"Thiết lập của kênh “{name}” không hợp lệ: {error}",
                f"The settings of the channel “{name}” are not valid: {error}",
            ),
            where=where,
            remedy=_DOCS,
        ) from error
    except Exception as error:  # foreign code
        raise plugin.broken(error) from error
    return channel


def _require_address(address: Any) -> None:
    name, at, host = str(address).rpartition("@")
    if not (name and at and host) or any(c.isspace() or c in ',;<>"' for c in str(address)):
        raise UsageError(
            Text("Địa chỉ thư không đúng dạng", "The mail address has the wrong form"),
            where=f"--mail-to {address}",
            remedy=Text("Ví dụ: lan@xa.example", "For example: lan@xa.example"),
        )


def _require_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            Text(
                "Địa chỉ phải bắt đầu bằng http:// hoặc https://",
                "The address must begin with http:// or https://",
            ),
            where=f"--webhook {shown(url)}",
            remedy=Text("Ví dụ: https://bao.xa.example/sohoa", "E.g. https://bao.xa.example/sohoa"),
        )
