"""What the screen of a book's print is told."""

from __future__ import annotations

from pydantic import Field

from review_ui.schemas import MessageOut, ResponseModel


class DraftFieldOut(ResponseModel):
    """A field and where it went."""

    code: str
    moved_mm: float = Field(description="against the form as a whole")
    off_mm: float = Field(description="its own line from where the box expects it, on other pages")
    confirmed: bool


class PrintDraftOut(ResponseModel):
    """What was learned and waits to be confirmed."""

    state: str = Field(description="learning, ready or failed")
    by: str
    like: str = Field(description="the installed layout that comes nearest")
    pages: int = Field(description="pages looked at")
    fitted_before: int = Field(description="of these, how many the installed layout fits")
    checked: int = Field(description="pages it was held against but not learned from")
    accepted: int = Field(description="of these, how many it fits")
    holds: bool
    fields: list[DraftFieldOut]
    missing: list[str]
    reworded: list[str]
    cause: MessageOut | None
    remedy: MessageOut | None


class RereadingOut(ResponseModel):
    """How far the book has been read again."""

    done: int
    pages: int
    failed: MessageOut | None
    is_finished: bool


class BookPrintOut(ResponseModel):
    """What is known of how a book is printed."""

    book: str
    version: int = Field(description="of the print in force; 0 for the installed layouts")
    refused: int = Field(
        description="pages refused alike; 0 where nothing speaks for another print"
    )
    pages: int
    residual_mm: float = Field(description="left on pages that were read alike but not well, or 0")
    draft: PrintDraftOut | None
    rereading: RereadingOut | None
