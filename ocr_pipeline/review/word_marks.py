"""Where the words of a field's value stand on its page: what is marked on the picture."""

from __future__ import annotations

from dataclasses import dataclass

from ocr_pipeline.registers.fields import Box, FieldKind
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import no_such
from ocr_pipeline.review.field_items import make_items
from ocr_pipeline.review.hidden_values import hidden_lanes
from ocr_pipeline.review.rights import require
from ocr_pipeline.review.written_fields import PlacedWord, written_fields
from ocr_pipeline.store.keyings import find_field
from ocr_pipeline.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class FieldWords:
    """The words of a field's value on its page.

    Attributes:
        page: id of the page.
        box: where the field stands on the upright page.
        kind: what it holds.
        words: in order, none where nothing may be told or is found; None while it is looked at.

    """

    page: int
    box: Box
    kind: FieldKind
    words: tuple[PlacedWord, ...] | None


def field_words(ws: Workspace, user: User, field: int) -> FieldWords:
    """Where the words of a field stand; looks at the page in the background.

    Raises:
        NotFoundError: there is no such field.
        ForbiddenError: the person may not review.

    """
    require(user, "review")
    with ws.read_session() as session:
        row = find_field(session, field)
        rows = [row] if row is not None else []
        items = make_items(session, rows, queue=False, hidden=hidden_lanes(user))
    if not items:
        raise no_such("trường", "field", field)
    [item] = items
    texts = [one.text for one in item.n_best if one.value == item.value]
    words = written_fields().words(ws, field, item.value, texts)
    return FieldWords(item.page, item.box, item.kind, words)
