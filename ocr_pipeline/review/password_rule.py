"""Which passwords people may choose: long enough, and not what a guesser tries first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.errors import Text, UsageError
from ocr_pipeline.text.normalise import nfc, strip_marks

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200

_LEAST_OWN = 5  # different signs that no word, name, year or walk explains; four are 10^4 tries
_SHORTEST_WALK = 3
_SHORTEST_NAME = 4  # of a login name that may not stand in it; "an" stands in many a word
_SHORTEST_PART = 3
_SHIFTED = str.maketrans("!@#$%^&*()", "1234567890")
_LOOK_ALIKE = str.maketrans("@$013457!", "asoieasti")
_YEAR = "(?:19|20)[0-9]{2}"
_RUN = r"(.)\1{2,}"

Word = Annotated[str, Field(pattern=r"^[a-z0-9]{3,40}$")]


class CommonPasswordsFile(Strict):
    """`common_passwords.yaml`.

    Attributes:
        words: what common passwords are made of, in groups.
        rows: keys or letters that follow each other, in groups.

    """

    words: list[list[Word]]
    rows: list[list[Word]]


def normalised(password: str) -> str:
    """The password as it is hashed: NFC, so that every keyboard types the same."""
    return nfc(password)


def usable(password: str) -> bool:
    """Whether it can be the password of anybody: short enough to be hashed, and real letters.

    Old passwords may be shorter than new ones must be: those people can still log in.
    """
    if len(password) > 4 * LONGEST_PASSWORD:  # NFC makes at most three signs of a letter one
        return False
    return len(normalised(password)) <= LONGEST_PASSWORD and not _strange(password)


def check_new_password(password: str, name: str, display: str = "") -> None:
    """Refuse a password that is too short, too long, or among the first that are guessed.

    Args:
        password: as it was typed.
        name: the login name.
        display: the full name; "" when there is none.

    Raises:
        UsageError: with what to do instead; the password is not told.

    """
    if not usable(password):
        raise _refused(
            name,
            f"Mật khẩu dài quá {LONGEST_PASSWORD} ký tự hoặc có ký tự điều khiển",
            f"The password has more than {LONGEST_PASSWORD} characters, or control characters",
        )
    if len(normalised(password)) < SHORTEST_PASSWORD:
        raise _refused(
            name,
            f"Mật khẩu phải có ít nhất {SHORTEST_PASSWORD} ký tự",
            f"A password has at least {SHORTEST_PASSWORD} characters",
        )
    names = _names(name, display)
    if any(whole in _letters(password) for whole in names[:2] if len(whole) >= _SHORTEST_NAME):
        raise _refused(
            name,
            "Mật khẩu không được chứa tên đăng nhập hoặc họ tên",
            "The password must not contain the login name or the full name",
        )
    if _is_common(password, names):
        raise _refused(
            name,
            "Mật khẩu này quá dễ đoán: từ thường dùng, tên, năm, dãy phím hoặc ký tự lặp lại",
            "This password is guessed too easily: common words, names, years, rows of keys or "
            "repeated characters",
        )


def _refused(name: str, vi: str, en: str) -> UsageError:
    remedy = Text(
        "Chọn mật khẩu khác, ví dụ vài từ không liên quan tới nhau mà chỉ bạn nghĩ ra",
        "Choose another one, for example a few unrelated words that only you would think of",
    )
    return UsageError(Text(vi, en), where=name[:100], remedy=remedy)


def _strange(password: str) -> bool:
    """Control characters and halves of letters, which no keyboard types."""
    return any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in password)


def _names(name: str, display: str) -> list[str]:
    """Login name and full name as letters alone, then their parts."""
    parts = [*re.split(r"[\W_\d]+", strip_marks(name)), *strip_marks(display).split()]
    return [_letters(name), _letters(display), *map(_letters, parts)]


def _letters(text: str) -> str:
    """Small letters and digits without marks, blanks and signs."""
    return "".join(filter(str.isalnum, _folded(text)))


def _folded(text: str) -> str:
    """Small letters without marks, one form of each."""
    return strip_marks(unicodedata.normalize("NFKC", text).casefold())


def _is_common(password: str, names: Iterable[str]) -> bool:
    folded = "".join(_folded(password).split())
    if _letters(password).isdigit():  # numbers of telephones and identity cards, days of birth
        return True
    known = _known(tuple(sorted({name for name in names if len(name) >= _SHORTEST_PART})))
    return any(_own_signs(one, known) < _LEAST_OWN for one in _readings(folded))


def _readings(folded: str) -> Iterator[str]:
    """What a guesser makes of it: as it is, digits for shifted keys, letters for look-alikes."""
    yield folded
    yield folded.translate(_SHIFTED)
    yield folded.translate(_LOOK_ALIKE)


def _own_signs(reading: str, known: re.Pattern[str]) -> int:
    """How many different signs are left without what is known."""
    letters = "".join(filter(str.isalnum, reading))
    signs = {sign for sign in reading if not sign.isalnum()}
    return len(set(known.sub("", letters)) | signs)


def _known(names: tuple[str, ...]) -> re.Pattern[str]:
    words, walks = _common()
    longest_first = sorted({*words, *names}, key=len, reverse=True)
    return re.compile("|".join([_RUN, *walks, *map(re.escape, longest_first), _YEAR]))


@cache
def _common() -> tuple[frozenset[str], tuple[str, ...]]:
    """The words, and every walk over a row as an expression, long ones first."""
    file = load_data(Path(__file__).with_name("common_passwords.yaml"), CommonPasswordsFile)
    rows = [row for group in file.rows for row in group]
    walks = {
        row[start:end]
        for one in rows
        for row in (one, one[::-1])
        for start in range(len(row))
        for end in range(start + _SHORTEST_WALK, len(row) + 1)
    }
    words = frozenset(word for group in file.words for word in group)
    return words, tuple(sorted(walks, key=len, reverse=True))
