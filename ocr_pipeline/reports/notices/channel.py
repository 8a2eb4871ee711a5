"""The interface of every notice channel, and the two that are ours: mail and webhook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from ocr_pipeline.errors import Text
from ocr_pipeline.reports.morning_report.report import MorningReport
from ocr_pipeline.reports.notices.mail import MailServer, send_mail
from ocr_pipeline.reports.notices.webhook import post_summary

SendOutcome = tuple[int, Text | None]
"""How often it was tried, and why it could not be sent (None when it was)."""


class NoticeChannel(Protocol):
    """Tells somebody that a run has ended.

    The entry point of a plug-in (`sohoa.notices`) is called with the options that stand under its
    name in `notify.yaml`, before the run begins; a `ValueError` then says what is wrong with them.
    """

    @property
    def to(self) -> str:
        """Whom it tells, as the report shows it: no password, no token."""
        ...

    def send(
        self, report: MorningReport, html: Callable[[], str], text: Callable[[], str]
    ) -> SendOutcome:
        """Send it once the run has ended; an exception counts as not sent.

        Args:
            report: of the run: counts, no value of a register and no name of a citizen.
            html: makes its page.
            text: makes it as plain text.

        """
        ...


@dataclass(frozen=True, slots=True)
class MailChannel:
    """The report by mail to one address."""

    server: MailServer
    to: str

    def send(
        self, report: MorningReport, html: Callable[[], str], text: Callable[[], str]
    ) -> SendOutcome:
        """As `send_mail`."""
        return send_mail(self.server, self.to, report, html(), text())


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """The summary as JSON to an address of the web."""

    url: str = field(repr=False)  # may hold a token

    @property
    def to(self) -> str:
        """Scheme and host: the rest may be a secret."""
        return shown(self.url)

    def send(
        self, report: MorningReport, html: Callable[[], str], text: Callable[[], str]
    ) -> SendOutcome:
        """As `post_summary`."""
        return post_summary(self.url, report)


def shown(url: str) -> str:
    """Scheme and host of a webhook: the rest may be a secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}"
