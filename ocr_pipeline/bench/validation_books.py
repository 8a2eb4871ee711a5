"""Books in the hands of writers that no network has learnt from, drawn to measure on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.resources import shipped
from ocr_pipeline.usual_options import USUAL

_STROKES = ("vnondb_strokes.npz", "vnondb_line_strokes.npz")
_LAYOUTS = ("KS-2016", "KT-2016", "KH-2016")
_STRANGE = 0.15  # share of the syllables of names that no list holds
_CONDITIONS = ("flatbed-office", "flatbed-clean", "flatbed-office")


def require_strokes(data: Path) -> None:
    """Make sure that the strokes of the validation writers are there.

    Raises:
        BadInputError: they are not.

    """
    for name in _STROKES:
        if not (data / name).is_file():
            raise BadInputError(
                Text(
                    f"Không có tệp nét bút {name} của người viết thật",
                    f"There is no file {name} with strokes of real writers",
                ),
                where=str(data),
                remedy=Text(
                    "Chỉ ra thư mục dữ liệu chữ viết bằng --data, hoặc nêu các sổ đã có truth.json",
                    "Name the folder of handwriting data with --data, or books with a truth.json",
                ),
            )


def draw_validation_books(
    data: Path, out: Path, writers: Sequence[int], pages: int, seed: int, cache: Path | None = None
) -> list[Path]:
    """Draw a book a writer, all in handwriting.

    Args:
        data: folder with the strokes of real writers.
        out: folder to write into.
        writers: numbers of validation writers (0–33).
        pages: of each book.
        seed: of all chance.
        cache: folder where the letters found in the strokes are kept.

    Returns:
        The folders of the books.

    Raises:
        BadInputError: the strokes are not there.

    """
    from ocr_pipeline.training.book_recipes import HandSpec, random_recipe
    from ocr_pipeline.training.drawn_books import generate_books
    from ocr_pipeline.training.hand_choice import HandChoice

    require_strokes(data)
    recipe = random_recipe(
        seed, [HandSpec(writer=one) for one in writers], _LAYOUTS, pages, len(writers),
        conditions=_CONDITIONS, typed=0.0, dpi=(150,), strange=_STRANGE,
    )  # fmt: skip
    hands = HandChoice(out, data, shipped("models") / USUAL.model, cache)
    return [drawn.folder for drawn in generate_books(recipe, out, hands)]
