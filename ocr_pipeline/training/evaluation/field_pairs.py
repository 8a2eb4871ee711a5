"""Truth and readings side by side: every field of either side becomes an item, none is dropped."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.plain_files import read_plain
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.rows import same_cells
from ocr_pipeline.text.places import official_writing

Truth = Mapping[str, Any]
"""A book's truth: {"book", "pages": [{"page", "kind", "records": [{"position", "fields"}]}]}."""

ResultLine = Mapping[str, Any]
"""One record of `sohoa results`: {"book", "page", "record", "fields"}."""

PageOutcomes = Mapping[tuple[str, str], str]
"""What became of a page by (book, page): `read`, `refused`, `failed` … in the caller's words."""

UNKNOWN_KIND = "unknown"
_BY_PEOPLE = frozenset({"confirmed", "corrected", "unreadable"})
_UNSEEN_BY_PEOPLE = frozenset({"accepted", "blank"})
_PLACES = frozenset({FieldKind.PLACE, FieldKind.AGENCY})


@dataclass(frozen=True, slots=True)
class ComparedField:
    """One field: what is true and what the machine says.

    Attributes:
        position: of its record on the page.
        confidence: 0–1; None where the machine read nothing (record or field missing).
        accepted: the machine's reading goes out without a person having looked.
        surplus: read where the truth has no record.

    """

    book: str
    page: str
    position: int
    code: str
    kind: str
    script: str
    true_value: str
    true_written: str
    value: str
    written: str
    confidence: float | None
    accepted: bool
    surplus: bool = False

    @property
    def filled(self) -> bool:
        """Something is written there, or the machine says so."""
        return any((self.true_value, self.true_written, self.value, self.written))

    @property
    def right(self) -> bool:
        """The machine has the true value, or one that gives the same cells."""
        same = same_cells(self.code, self.value, self.true_value)
        return same and self.confidence is not None and not self.surplus


@dataclass(slots=True)
class PairCounts:
    """Everything that could not be compared field by field: nothing is left out in silence."""

    books_in_truth: int = 0
    books_without_results: list[str] = field(default_factory=list)
    books_without_truth: list[str] = field(default_factory=list)
    records_in_truth: int = 0
    records_missing: int = 0
    records_surplus: int = 0
    records_twice: int = 0
    fields_missing: int = 0
    fields_without_truth: int = 0
    pages: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(kind in truth, what became of it) -> pages."""
    records_on_other_pages: list[str] = field(default_factory=list)
    """Pages without records in truth from which records were read."""
    wrong_number_of_records: list[str] = field(default_factory=list)
    wrong_layout: list[str] = field(default_factory=list)
    misplaced: list[str] = field(default_factory=list)
    """Pages on which hardly a character fits: cut at the wrong places, or hopelessly read."""


def load_truths(path: Path) -> list[Truth]:
    """The truth file `path`, or every `truth.json` below the folder `path`, in order of names.

    Raises:
        BadInputError: no truth file there, or one that is not as described in `Truth`.

    """
    files = sorted(path.rglob("truth.json")) if path.is_dir() else [path]
    if not files or not files[0].is_file():
        raise BadInputError(
            Text("không có tệp truth.json", "no truth.json file"),
            where=str(path),
            remedy=Text(
                "Chỉ tới tệp truth.json hoặc thư mục chứa nó",
                "Point to a truth.json file or to a folder that holds one",
            ),
        )
    return [_checked(_json(_text_of(file), file), file) for file in files]


def _text_of(file: Path) -> str:
    try:
        return read_plain(file).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unusable(file, "UTF-8") from error


def load_results(lines: Iterable[str]) -> list[ResultLine]:
    """The JSON lines of `sohoa results`; empty lines are skipped."""
    return [_json(line, Path("results")) for line in lines if line.strip()]


def pair(
    truths: Sequence[Truth],
    results: Iterable[ResultLine],
    outcomes: PageOutcomes | None = None,
    kinds: Mapping[str, str] | None = None,
) -> tuple[list[ComparedField], PairCounts]:
    """Match records by (book, page, position) and fields by code.

    A record or field without a reading becomes an item that is wrong and not covered; a record read
    where the truth has none becomes items with empty truth.

    Args:
        truths: one per book.
        results: records of any books.
        outcomes: what became of each page; without it, `with records` or `without records`.
        kinds: kind by field code, for codes that no result mentions.

    """
    counts = PairCounts(books_in_truth=len(truths))
    read: dict[tuple[str, str, int], ResultLine] = {}
    for line in results:
        key = (str(line["book"]), _text(line["page"]), int(line["record"]))
        counts.records_twice += key in read
        read[key] = line
    kind_of = dict(kinds or {})
    for line in read.values():
        for code, entry in line["fields"].items():
            kind_of.setdefault(code, entry.get("kind", UNKNOWN_KIND))
    known = {str(truth["book"]) for truth in truths}
    seen = {book for book, _, _ in read}
    counts.books_without_truth = sorted(seen - known)
    counts.books_without_results = sorted(known - seen)
    items: list[ComparedField] = []
    for truth in truths:
        items += _book_items(truth, read, outcomes, kind_of, counts)
    return items, counts


def _book_items(
    truth: Truth,
    read: dict[tuple[str, str, int], ResultLine],
    outcomes: PageOutcomes | None,
    kind_of: Mapping[str, str],
    counts: PairCounts,
) -> list[ComparedField]:
    book = str(truth["book"])
    found: dict[str, dict[int, ResultLine]] = {}
    for (owner, name, position), line in read.items():
        if owner == book:
            found.setdefault(name, {})[position] = line
    items: list[ComparedField] = []
    for page in truth["pages"]:
        name = _text(page["page"])
        lines = found.pop(name, {})
        outcome = (outcomes or {}).get((book, name)) or (
            "with records" if lines else "without records"
        )
        counts.pages[page["kind"], outcome] += 1
        items += _page_items(book, page, lines, kind_of, counts)
    for name, lines in sorted(found.items()):
        counts.pages["not in truth", "with records"] += 1
        items += _page_items(book, {"page": name, "records": []}, lines, kind_of, counts)
    return items


def _page_items(
    book: str,
    page: Mapping[str, Any],
    lines: Mapping[int, ResultLine],
    kind_of: Mapping[str, str],
    counts: PairCounts,
) -> list[ComparedField]:
    name, records = _text(page["page"]), page.get("records", [])
    place = f"{book}: {name}"
    true = {int(record["position"]): record for record in records}
    lines = {n: line for n, line in lines.items() if n in true or not _says_nothing(n, lines)}
    counts.records_in_truth += len(true)
    counts.records_missing += len(true.keys() - lines.keys())
    counts.records_surplus += len(lines.keys() - true.keys())
    if lines and not true:
        counts.records_on_other_pages.append(place)
    elif lines and lines.keys() != true.keys():
        counts.wrong_number_of_records.append(place)
    layouts = {line.get("layout") for line in lines.values()}
    if page.get("layout") and lines and layouts - {None, page["layout"]}:
        counts.wrong_layout.append(place)
    items: list[ComparedField] = []
    for position in sorted(true.keys() | lines.keys()):
        expected = true.get(position, {}).get("fields", {})
        got = lines[position]["fields"] if position in lines else {}
        if position in true:
            counts.fields_missing += len(expected.keys() - got.keys()) if got else 0
            counts.fields_without_truth += len(got.keys() - expected.keys())
        codes = expected if position in true else got
        items += [
            _item((book, name, position), code, kind_of, expected.get(code), got.get(code))
            for code in codes
        ]
    return items


def _says_nothing(position: int, lines: Mapping[int, ResultLine]) -> bool:
    """An empty place of a table: nothing read but what all records of the sheet share."""
    others = [line["fields"] for number, line in lines.items() if number != position]
    return all(
        _machine_reading(got) == ("", "")
        or any(code in fields and fields[code]["box"] == got["box"] for fields in others)
        for code, got in lines[position]["fields"].items()
    )


def _item(
    place: tuple[str, str, int],
    code: str,
    kind_of: Mapping[str, str],
    true: Mapping[str, Any] | None,
    got: Mapping[str, Any] | None,
) -> ComparedField:
    expected, read = true or {}, _machine_reading(got) if got is not None else None
    written = _text(expected.get("as_written"))
    kind = kind_of.get(code, UNKNOWN_KIND)
    value = _text(expected["value"]) if "value" in expected else written
    return ComparedField(
        *place,
        code=code,
        kind=kind,
        script=str(expected.get("script", "")),
        true_value=_one_writing(kind, value),
        true_written=written,
        value=_one_writing(kind, read[0]) if read else "",
        written=read[1] if read else "",
        confidence=float(got["confidence"]) if got is not None else None,
        accepted=got is not None and got["state"] in _UNSEEN_BY_PEOPLE,
        surplus=true is None,
    )


def _one_writing(kind: str, value: str) -> str:
    """Places in the official writing: a truth may have the case and the commas of the paper."""
    return official_writing(value) if kind in _PLACES else value


def _machine_reading(got: Mapping[str, Any]) -> tuple[str, str]:
    """(value, as written) of the machine: where people have answered, its best reading before."""
    if got["state"] in _BY_PEOPLE and got.get("n_best"):
        best = got["n_best"][0]
        return _text(best.get("value")), _text(best.get("text"))
    return _text(got.get("value")), _text(got.get("as_written"))


def _text(value: object) -> str:
    return unicodedata.normalize("NFC", str(value if value is not None else "")).strip()


def _json(text: str, where: Path) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unusable(where, str(error)) from error
    if not isinstance(value, dict):
        raise _unusable(where, "not an object")
    return value


def _checked(truth: dict[str, Any], where: Path) -> Truth:
    try:
        for page in truth["pages"]:
            _ = page["page"], page["kind"]
            for record in page.get("records", []):
                _ = int(record["position"]), [told.keys() for told in record["fields"].values()]
        _ = truth["book"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unusable(where, f"{type(error).__name__} {error}") from error
    return truth


def _unusable(where: Path, detail: str) -> BadInputError:
    return BadInputError(
        Text(f"không đọc được tệp này: {detail}", f"this file cannot be used: {detail}"),
        where=str(where),
        remedy=Text(
            "Xem ví dụ trong docs/evaluation.md hoặc tạo lại tệp",
            "See the example in docs/evaluation.md, or make the file again",
        ),
    )
