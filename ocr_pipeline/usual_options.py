"""The usual choices of a run and an export: the only place where their values stand.

Functions, dataclasses and the command line take their defaults from here. It imports nothing, so
that `sohoa --help` stays quick.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UsualOptions:
    """What is done where nobody says otherwise.

    Attributes:
        model: shipped handwriting model.
        second: another one, which reads the same fields; "" reads with one alone.
        page_seconds: a page that takes longer is given up, and its worker killed.
        page_mb: memory limit of a page's worker and the programs it starts (MB, 10⁶ bytes).
        nice: how far workers step back for everybody else on the machine (0–19).
        keep_free_mb: below this much free disk (MB) a run pauses.
        patience_seconds: seconds of pausing after which a run stops.
        generation: of the Excel template: letter 1437 of 2019, the one that every type has.
        number_padding: digits of the number in names of PDFs (letter 1437, section 4.3).

    """

    model: str = "htr"
    second: str = "free"
    page_seconds: float = 180.0
    page_mb: int = 2000
    nice: int = 5
    keep_free_mb: float = 2000.0
    patience_seconds: float = 900.0
    generation: str = "1437"
    number_padding: int = 3


USUAL = UsualOptions()
