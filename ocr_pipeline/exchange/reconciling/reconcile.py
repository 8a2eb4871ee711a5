"""Two databases compared: who of one side is who of the other, and whether the records agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ocr_pipeline.exchange.keyed_files.keyed_file import KeyedFiles
from ocr_pipeline.exchange.reconciling.differences import AgreementRules, agreement_rules
from ocr_pipeline.exchange.reconciling.reconciliation import Reconciliation


@dataclass(frozen=True, slots=True)
class ReconcileSettings:
    """How two sides are compared.

    Attributes:
        rules: which differences count as agreement.
        threads: of the database engine.
        memory_mb: that the database engine may use; it writes to disk beyond.

    """

    rules: AgreementRules = field(default_factory=agreement_rules)
    threads: int = 2
    memory_mb: int = 2500


def reconcile(
    side_a: KeyedFiles,
    side_b: KeyedFiles,
    out: Path,
    settings: ReconcileSettings | None = None,
    advance: Callable[[], None] = lambda: None,
) -> Reconciliation:
    """Compare two sides and write the tables of `reconciliation` into a folder.

    Every person of both sides stands in exactly one outcome. Nothing is changed in either side.
    The same input gives the same tables.

    Args:
        side_a: the opened files of the civil-status database.
        side_b: those of the population database.
        out: folder for the tables; it is made, and tables of an earlier run there are replaced.
        settings: None for the usual ones.
        advance: called after each row read.

    Raises:
        BadInputError: a side has no row that tells of a person.
        MachineError: the extra `reconcile` is not installed, or the folder cannot be written to.

    """
    raise NotImplementedError
