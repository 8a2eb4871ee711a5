"""Texts as clerks write them into registers: names, dates, places, numbers, notes. Seeded."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Rng
from ocr_pipeline.data_files import load_data
from ocr_pipeline.text import lexicons
from ocr_pipeline.training.data_schema import DATA, PhraseFile

Item = TypeVar("Item")


@dataclass(frozen=True)
class TextLists:
    """Names by frequency, places and phrases that texts are made from."""

    surnames: tuple[list[str], npt.NDArray[np.float64]]
    middles: tuple[list[str], npt.NDArray[np.float64]]
    givens: tuple[list[str], npt.NDArray[np.float64]]
    places: list[tuple[str, str, str]]
    phrases: dict[str, list[str]]


@cache
def lists() -> TextLists:
    """The lists of `text/data`, with this package's phrases."""
    return TextLists(
        surnames=_weighted("surnames"),
        middles=_weighted("middle_names"),
        givens=_weighted("given_names"),
        places=_places(),
        phrases=load_data(DATA / "phrases.yaml", PhraseFile),
    )


def _weighted(name: str) -> tuple[list[str], npt.NDArray[np.float64]]:
    """Entries with probabilities; flatter than life, so that rare names are learnt too."""
    found = lexicons.rows(name)
    weight = np.sqrt(np.array([float(row[1]) for row in found]))
    return [row[0] for row in found], weight / weight.sum()


def _places() -> list[tuple[str, str, str]]:
    """Province, district (or none, since July 2025) and commune of every commune."""
    out: list[tuple[str, str, str]] = []
    for name in ("places_until_2025", "places_from_2025"):
        province = district = ""
        for level, unit, *_ in lexicons.rows(name):
            if level == "1":
                province, district = unit, ""
            elif level == "2":
                district = unit
            else:
                out.append((province, district, unit))
    return out


def _pick(rng: Rng, items: list[Item]) -> Item:
    return items[int(rng.integers(len(items)))]


def phrase(rng: Rng, kind: str) -> str:
    """One of the listed phrases of a kind."""
    return str(_pick(rng, lists().phrases[kind]))


_OF_A_SEX = ("Thị", "Văn")
"""Middle names that stand once in a name, before all others."""


def person_name(rng: Rng) -> str:
    """Surname, middle names, given name; a quarter in capitals, as many clerks write them."""
    known = lists()
    parts = [str(rng.choice(known.surnames[0], p=known.surnames[1]))]
    roll = rng.random()
    if roll < 0.25:
        parts.append("Thị" if rng.random() < 0.6 else "Văn")
    if roll > 0.12:
        middle = str(rng.choice(known.middles[0], p=known.middles[1]))
        if middle.split()[0] in _OF_A_SEX:  # nobody is called Thị Thị Thu or Văn Thị Thu
            del parts[1:]
        parts.append(middle)
    parts.append(str(rng.choice(known.givens[0], p=known.givens[1])))
    name = " ".join(parts)
    roll = rng.random()
    return name.upper() if roll < 0.25 else name


def _day(rng: Rng) -> tuple[int, int, int]:
    year = int(rng.integers(1900, 2027)) if rng.random() < 0.3 else int(rng.integers(1945, 2026))
    month = int(rng.integers(1, 13))
    return int(rng.integers(1, calendar.monthrange(year, month)[1] + 1)), month, year


def date(rng: Rng) -> str:
    """A date in digits: full, month and year, or year alone."""
    d, m, y = _day(rng)
    day = f"{d:02d}" if rng.random() < 0.65 else str(d)
    month = f"{m:02d}" if rng.random() < 0.6 else str(m)
    roll = rng.random()
    if roll < 0.62:
        sep = str(rng.choice(["/", "/", "/", "-", "-", ".", ".", " / ", " - "]))
        year = str(y) if rng.random() < 0.93 else f"{y % 100:02d}"
        return sep.join([day, month, year])
    if roll < 0.82:
        text = f"ngày {day} tháng {month} năm {y}"
        if rng.random() < 0.3:
            text = f"{day} tháng {month} năm {y}"
        return text[0].upper() + text[1:] if rng.random() < 0.5 else text
    if roll < 0.9:
        return str(y)
    return _pick(rng, [f"{month}/{y}", f"tháng {month} năm {y}", f"năm {y}", f"{day}", f"{month}"])


_DIGITS = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"]


def _below_hundred(rng: Rng, number: int) -> str:
    """1–99 in words, with clerks' variants."""
    tens, unit = divmod(number, 10)
    if tens == 0:
        return _digit(rng, unit)
    if unit == 0:
        last = ""
    elif unit == 1 and tens > 1:
        last = "mốt" if rng.random() < 0.8 else "một"
    elif unit == 5:
        last = str(rng.choice(["lăm", "lăm", "năm", "nhăm"]))
    elif unit == 4 and tens > 1:
        last = "tư" if rng.random() < 0.5 else "bốn"
    else:
        last = _digit(rng, unit)
    head = "mười" if tens == 1 else f"{_digit(rng, tens)} mươi"
    if tens > 1 and last and rng.random() < 0.1:
        head = _digit(rng, tens)
    return f"{head} {last}".strip()


def _digit(rng: Rng, unit: int) -> str:
    return "bẩy" if unit == 7 and rng.random() < 0.2 else _DIGITS[unit]


def date_words(rng: Rng) -> str:
    """A date in words, in one of the ways clerks write it."""
    d, m, y = _day(rng)
    day = _below_hundred(rng, d)
    if d <= 10 and rng.random() < 0.5:
        day = f"{'mồng' if rng.random() < 0.6 else 'mùng'} {day}"
    month = {1: "giêng", 4: "tư", 12: "chạp"}.get(m) if rng.random() < 0.3 else None
    month = month or ("tư" if m == 4 else _below_hundred(rng, m))
    thousand = "nghìn" if rng.random() < 0.6 else "ngàn"
    hundreds, rest = divmod(y % 1000, 100)
    year = f"{_DIGITS[y // 1000]} {thousand} {_DIGITS[hundreds]} trăm"
    if 0 < rest < 10:
        year += f" {'linh' if rng.random() < 0.5 else 'lẻ'} {_digit(rng, rest)}"
    elif rest:
        year += f" {_below_hundred(rng, rest)}"
    text = f"ngày {day} tháng {month} năm {year}"
    if rng.random() < 0.2:
        text = text.replace("tháng", ", tháng" if rng.random() < 0.5 else "tháng")
        text = text.replace(" ,", ",")
    return _cased(rng, text)


def _cased(rng: Rng, text: str) -> str:
    roll = rng.random()
    if roll < 0.45:
        return text[0].upper() + text[1:]
    if roll < 0.65:
        return text.title()
    return text.upper() if roll < 0.7 else text


def place(rng: Rng) -> str:
    """A place from the smallest unit to the largest, whole or in part, long or abbreviated."""
    province, district, commune = _pick(rng, lists().places)
    if rng.random() < 0.6:  # addresses mostly name a province without its kind
        province = province.removeprefix("Tỉnh ").removeprefix("Thành phố ")
    parts = [p for p in (commune, district, province) if p]
    roll = rng.random()
    if roll < 0.1:
        parts = [province]
    elif roll < 0.3:
        parts = parts[:1] if rng.random() < 0.5 else parts[1:]
    elif roll < 0.55:
        hamlet = phrase(rng, "hamlet")
        name = _pick(rng, [str(int(rng.integers(1, 30))), str(rng.choice(lists().givens[0]))])
        parts.insert(0, f"{hamlet} {name}")
    elif roll < 0.62:
        parts.insert(0, phrase(rng, "maternity"))
    if rng.random() < 0.3:
        parts = [_short(rng, p) for p in parts]
    if rng.random() < 0.3:
        parts = [p if p[:1].isdigit() else p[0].lower() + p[1:] for p in parts[:-1]] + parts[-1:]
    separator = str(rng.choice([", ", ", ", ", ", " - ", " "], p=[0.3, 0.25, 0.2, 0.15, 0.1]))
    return separator.join(parts)


_SHORT = {
    "Thành phố": ["TP", "Tp", "TP.", "T.P"],
    "Thị trấn": ["TT", "TTr", "T.T"],
    "Thị xã": ["TX", "Tx", "T.X"],
    "Huyện": ["H.", "H", "h."],
    "Quận": ["Q.", "Q"],
    "Phường": ["P.", "P", "Ph."],
    "Xã": ["X.", "xã", ""],
    "Tỉnh": ["T.", ""],
}


def _short(rng: Rng, unit: str) -> str:
    for word, forms in _SHORT.items():
        if unit.startswith(word):
            return f"{_pick(rng, forms)} {unit[len(word) + 1 :]}".strip()
    return unit


def number_year(rng: Rng) -> str:
    """Number and year, `01/2018`, as `so` and `quyenSo` stand on paper."""
    number = int(rng.integers(1, 400 if rng.random() < 0.6 else 30))
    form = _pick(rng, ["{:02d}", "{:02d}", "{:03d}", "{}"]).format(number)
    roll = rng.random()
    if roll < 0.5:
        return f"{form}/{int(rng.integers(1980, 2026))}"
    if roll < 0.6:
        return f"Số {form}"
    return f"{form}/" if roll < 0.65 else form


def number(rng: Rng) -> str:
    """A plain number of one to six digits."""
    return str(int(rng.integers(1, 10 ** int(rng.integers(1, 7)))))


def id_number(rng: Rng) -> str:
    """An identity card of 9 digits, a personal ID of 12, or a passport."""
    roll = rng.random()
    if roll < 0.45:
        text = f"{int(rng.integers(10**8, 4 * 10**8)):09d}"
    elif roll < 0.9:
        text = f"{int(rng.integers(1, 97)):03d}{int(rng.integers(4))}{int(rng.integers(10**8)):08d}"
    else:
        text = f"{_pick(rng, list('BCN'))}{int(rng.integers(10**6, 10**8))}"
    if rng.random() < 0.12:
        text = " ".join(text[i : i + 3] for i in range(0, len(text), 3))
    return text


def id_document(rng: Rng) -> str:
    """Kind and number of a paper, now and then with date and place of issue."""
    text = f"{phrase(rng, 'id_type')} {id_number(rng)}"
    if rng.random() < 0.3:
        text = text.replace(" ", ": ", 1) if rng.random() < 0.3 else text
        province = _pick(rng, lists().places)[0].removeprefix("Tỉnh ").removeprefix("Thành phố ")
        issuer = f"{phrase(rng, 'id_issuer')} {province}"
        link = _pick(rng, [" do ", ", ", " "])
        text += (
            f"{link}{issuer} cấp ngày {int(rng.integers(1, 29)):02d}/{int(rng.integers(1, 13)):02d}"
        )
        text += f"/{int(rng.integers(1978, 2025))}"
    return text


def time(rng: Rng) -> str:
    """Hour and minute of a death."""
    hour, minute = int(rng.integers(24)), int(rng.integers(60))
    return str(
        _pick(
            rng,
            [
                f"{hour} giờ {minute:02d} phút",
                f"{hour}h{minute:02d}",
                f"{hour:02d}:{minute:02d}",
                f"{hour} giờ",
                f"{hour} giờ {minute}",
                f"{hour}g{minute:02d}",
            ],
        )
    )


def free_text(rng: Rng) -> str:
    """Notes, causes of death, occupations, papers, purposes; sometimes with number and date."""
    kind = _pick(
        rng,
        [
            "note",
            "note",
            "death_cause",
            "death_cause",
            "occupation",
            "death_paper",
            "marital",
            "purpose",
        ],
    )
    text = phrase(rng, kind)
    if kind in ("death_paper", "note", "marital") and rng.random() < 0.3:
        text += (
            f" {int(rng.integers(1, 999))}/{_pick(rng, ['QĐ', 'GBT', 'UBND', 'GCT', 'QĐ-UBND'])}"
        )
        text += f" ngày {date(rng)}" if rng.random() < 0.5 else ""
    return _as_is_or_lower(rng, text)


def _as_is_or_lower(rng: Rng, text: str) -> str:
    if rng.random() < 0.15 and len(text) > 1 and text[1].islower():
        return text[0].lower() + text[1:]
    return text


def agency(rng: Rng) -> str:
    """The agency that registers."""
    _, district, commune = _pick(rng, lists().places)
    unit = commune if rng.random() < 0.7 else f"{commune}, {district}".removesuffix(", ")
    text = f"{phrase(rng, 'agency')} {unit[0].lower() + unit[1:] if rng.random() < 0.4 else unit}"
    return text.upper() if rng.random() < 0.1 else text


def mark(rng: Rng) -> str:
    """What clerks write for "as above", and for "nothing"."""
    ditto = ['"', '"', '"', "nt", "nt", "-nt-", '-"-', "//", "-//-", "như trên", "n.t"]
    nothing = ["-", "-", "/", "x", "--"]
    return str(_pick(rng, ditto if rng.random() < 0.7 else nothing))


def _listed(kind: str) -> Callable[[Rng], str]:
    def from_list(rng: Rng) -> str:
        return phrase(rng, kind)

    return from_list


#: Kinds of fields (as in `registers.fields.Kind`, and ditto and other marks that may stand in any)
#: → their text, with how often training sees them.
KINDS: dict[str, tuple[Callable[[Rng], str], float]] = {
    "person_name": (person_name, 0.25),
    "date": (date, 0.16),
    "date_words": (date_words, 0.09),
    "time": (time, 0.02),
    "number_year": (number_year, 0.06),
    "number": (number, 0.03),
    "sex": (_listed("sex"), 0.01),
    "ethnic_group": (_listed("ethnic_group"), 0.03),
    "nationality": (_listed("nationality"), 0.02),
    "relation": (_listed("relation"), 0.03),
    "id_type": (_listed("id_type"), 0.01),
    "id_number": (id_number, 0.07),
    "id_document": (id_document, 0.04),
    "place": (place, 0.19),
    "agency": (agency, 0.03),
    "position": (_listed("position"), 0.02),
    "free_text": (free_text, 0.06),
    "mark": (mark, 0.02),
}


def field_text(rng: Rng, kind: str | None = None) -> tuple[str, str]:
    """A text of the given kind, or of a kind drawn by frequency: (kind, text)."""
    if kind is None:
        weights = np.array([w for _, w in KINDS.values()])
        kind = str(rng.choice(list(KINDS), p=weights / weights.sum()))
    return kind, KINDS[kind][0](rng)
