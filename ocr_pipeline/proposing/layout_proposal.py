"""What is proposed of an unknown form: a layout, and how sure each part of it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum

from ocr_pipeline.arrays import Gray
from ocr_pipeline.errors import Text
from ocr_pipeline.json_types import Json
from ocr_pipeline.layout.loading import LoadedLayout
from ocr_pipeline.layout.schema import BoxMm, Layout

SURE = 0.75
"""From this score on a part is taken as it is; under it a person should look."""


class Source(StrEnum):
    """What a part of the proposal was concluded from."""

    CAPTION = "caption"  # printed words that the list of captions has
    PRINT = "print"  # printed words that it does not have
    SECTION = "section"  # printed words, and the heading they stand under
    NEIGHBOUR = "neighbour"  # the blank follows another one
    TICK_BOX = "tick_box"  # a box to tick, and the words beside it


@dataclass(frozen=True, slots=True)
class PartNote:
    """How sure one part of the proposed layout is.

    Attributes:
        key: place in the layout: `fields.<code>`, `captions[n]`, `rules[n]`, `leaders[n]`.
        score: 0 (a guess) … 1 (certain); compare with `SURE`.
        source: what it was concluded from.
        reason: why, in plain words.

    """

    key: str
    score: float
    source: Source
    reason: Text


@dataclass(frozen=True, slots=True)
class OpenBlank:
    """A blank of the form for which no column is known: a person chooses one, or leaves it.

    Attributes:
        lines: boxes of its lines of writing in mm.
        words: the printed words before or above it; "" when there are none.
        reason: why no column was chosen.

    """

    lines: tuple[BoxMm, ...]
    words: str
    reason: Text


@dataclass(frozen=True, slots=True)
class FormEvidence:
    """What speaks for a form on the scan.

    Attributes:
        captions: known captions that were found.
        blanks: those of them with a blank to write on.
        leaders: dotted and ruled lines to write on.
        rules: ruled lines of frames and tables.
        ticks: tick boxes.

    """

    captions: int
    blanks: int
    leaders: int
    rules: int
    ticks: int


@dataclass(frozen=True, slots=True, eq=False)
class LayoutProposal:
    """A proposed layout with notes on its parts.

    Attributes:
        layout: as it would be saved; may lack fields, never breaks the schema.
        reference: (H, W) uint8, the form alone, at `layout.reference_dpi`.
        sheet: (H, W) uint8 at `SHEET_DPI`, what was looked at: the print that the pages share, or
            the one straightened page, writing and all.
        notes: one for each field, caption, rule and leader.
        blanks: blanks without a column.
        evidence: what speaks for a form at all.
        turn: quarter turns in degrees by which the scan was turned to be upright.
        pages: how many pages show the print.
        left_out: indices of the pages that show another print; nothing was concluded from them.

    """

    layout: Layout
    reference: Gray
    sheet: Gray
    notes: tuple[PartNote, ...]
    blanks: tuple[OpenBlank, ...]
    evidence: FormEvidence
    turn: int = 0
    pages: int = 1
    left_out: tuple[int, ...] = ()

    @property
    def loaded(self) -> LoadedLayout:
        """The layout as pages are read with it; it has no fingerprint yet."""
        return LoadedLayout(self.layout, self.reference, "")

    @property
    def about_pages(self) -> Text | None:
        """What a person should know of the pages that were looked at; None: nothing."""
        told = [
            Text(
                f"Hình là phần in chung của {self.pages} trang; chữ viết của từng trang đã bỏ.",
                f"The picture is the print that {self.pages} pages share, without their writing.",
            )
        ] * (self.pages > 1)
        if self.left_out:
            count = len(self.left_out)
            told.append(
                Text(
                    f"{count} trang không dùng, vì in khác trang đầu.",
                    f"Not used, for their print differs from that of the first page: {count}.",
                )
            )
        if not told:
            return None
        return Text(" ".join(one.vi for one in told), " ".join(one.en for one in told))

    def note(self, key: str) -> PartNote | None:
        """The note on a part, by its key."""
        return next((note for note in self.notes if note.key == key), None)

    def as_json(self) -> Json:
        """Everything but the pictures."""
        return {
            "layout": self.layout.model_dump(mode="json", exclude_defaults=True),
            "notes": [{**asdict(note), "sure": note.score >= SURE} for note in self.notes],
            "blanks": [asdict(blank) for blank in self.blanks],
            "evidence": asdict(self.evidence),
            "turn": self.turn,
            "pages": self.pages,
            "left_out": list(self.left_out),
        }
