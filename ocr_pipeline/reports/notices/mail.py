"""Send the morning report by SMTP: the text in the body, the page attached."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime, localtime, make_msgid
from pathlib import PurePath

from ocr_pipeline.errors import Text
from ocr_pipeline.reports.morning_report.report import MorningReport
from ocr_pipeline.reports.morning_report.verdict import verdict

SECURITY = {"starttls": 587, "tls": 465, "none": 25}
"""How the connection is kept secret, with the usual port."""

_SECONDS = 20.0  # that the server may take for each answer
_TRIES = 3
_REST_SECONDS = 5.0  # seconds before the next try, growing


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed in.

    Attributes:
        host: of the server.
        port: of the server.
        security: a key of `SECURITY`.
        user: to log in; "" without.
        password: to log in.
        sender: address in From.

    """

    host: str
    port: int
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> MailServer:
        """From texts `host`, `port`, `user`, `password`, `from`, `security`; "" for the usual.

        Raises:
            ValueError: one of them makes no sense.

        """
        security = settings["security"] or "starttls"
        if security not in SECURITY:
            raise ValueError(f"security: {', '.join(SECURITY)}")
        port = settings["port"] or str(SECURITY[security])
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise ValueError("port: 1–65535")
        user = settings["user"]
        sender = settings["from"] or (user if "@" in user else f"sohoa@{socket.getfqdn()}")
        return cls(settings["host"], int(port), security, user, settings["password"], sender)


def send_mail(
    server: MailServer,
    to: str,
    report: MorningReport,
    html: str,
    text: str,
    *,
    rest: float = _REST_SECONDS,
) -> tuple[int, Text | None]:
    """Send the report to one person; returns the number of tries and, if in vain, the cause."""
    message = make_message(server.sender, to, report, html, text)
    cause: Text | None = None
    for number in range(1, _TRIES + 1):
        try:
            _hand_in(server, message)
            return number, None
        except smtplib.SMTPNotSupportedError:
            return number, _NO_TLS
        except smtplib.SMTPResponseException as error:
            cause = _said(error.smtp_code)
            if error.smtp_code >= 500:  # it will say so again
                return number, cause
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            cause = _said(code)
            if code >= 500:
                return number, cause
        except ssl.SSLError:
            return number, _BAD_TLS
        except (OSError, smtplib.SMTPException) as error:
            cause = _unreachable(error)
        if number < _TRIES:
            time.sleep(rest * number)
    return _TRIES, cause


def make_message(sender: str, to: str, report: MorningReport, html: str, text: str) -> EmailMessage:
    """The mail: subject in both languages, text as body, the page as attachment."""
    words = verdict(report).sentence
    message = EmailMessage()
    message["Subject"] = f"sohoa {PurePath(report.workspace).name}: {words.vi} / {words.en}"
    message["From"], message["To"] = sender, to
    message["Date"] = format_datetime(localtime())
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or None)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    name = f"{report.run.ended.astimezone():%Y-%m-%d-%H%M}.html"
    message.add_attachment(html, subtype="html", filename=name)
    return message


def _hand_in(server: MailServer, message: EmailMessage) -> None:
    secure = ssl.create_default_context()
    if server.security == "tls":
        with smtplib.SMTP_SSL(
            server.host, server.port, timeout=_SECONDS, context=secure
        ) as connection:
            _log_in_and_send(connection, server, message)
        return
    with smtplib.SMTP(server.host, server.port, timeout=_SECONDS) as connection:
        if server.security == "starttls":
            connection.starttls(context=secure)
        _log_in_and_send(connection, server, message)


def _log_in_and_send(connection: smtplib.SMTP, server: MailServer, message: EmailMessage) -> None:
    if server.user:
        connection.login(server.user, server.password)
    connection.send_message(message)


_NO_TLS = Text(
    "Máy chủ thư không hỗ trợ STARTTLS hoặc đăng nhập (xem `security`)",
    "The mail server offers no STARTTLS or no login (see `security`)",
)
_BAD_TLS = Text(
    "Không xác minh được chứng thư của máy chủ thư",
    "The mail server's certificate cannot be verified",
)


def _said(code: int) -> Text:
    """What the server answered; its words are left out: they may quote anything."""
    return Text(f"Máy chủ thư từ chối (mã {code})", f"The mail server refused (code {code})")


def _unreachable(error: Exception) -> Text:
    name = type(error).__name__
    return Text(
        f"Không kết nối được máy chủ thư ({name})", f"The mail server did not answer ({name})"
    )
