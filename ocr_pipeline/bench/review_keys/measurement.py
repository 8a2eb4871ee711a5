"""Count the keys of a review on a copy of a workspace."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ocr_pipeline.bench.review_keys.key_report import ReviewKeys, key_report
from ocr_pipeline.bench.review_keys.truth_reviewer import FieldPlace, TruthReviewer
from ocr_pipeline.errors import Text, UsageError
from ocr_pipeline.review.queue import Order
from ocr_pipeline.store.database_copy import copy_database
from ocr_pipeline.store.trail_key import KEY_FILE
from ocr_pipeline.store.workspace import DATABASE, Workspace

Truth = Mapping[str, Any]

#: Files besides the database: the key of the trail, and what the fields were read with.
_COPIED = (KEY_FILE, "run.json")


def measure_keys(workspace: Workspace, truths: Sequence[Truth], order: Order) -> ReviewKeys:
    """Let a reviewer who knows the truth clear the doubtful fields of a copy of the workspace.

    Args:
        workspace: as `sohoa run` left it; stays as it is.
        truths: one per book (`training.evaluation.load_truths`); other books are left alone.
        order: how the fields are taken.

    Raises:
        UsageError: the workspace is on a database server, or has none of these books.

    """
    if workspace.engine.dialect.name != "sqlite":
        raise UsageError(
            Text(
                "Phép đo này cần một không gian làm việc là thư mục",
                "This measurement needs a workspace that is a folder",
            ),
            where=workspace.location,
            remedy=Text(
                "Chạy sohoa run với --workspace THƯ_MỤC rồi đo trên đó",
                "Run sohoa run with --workspace FOLDER and measure there",
            ),
        )
    with tempfile.TemporaryDirectory(prefix="sohoa-keys-") as folder:
        copy_database(workspace, Path(folder) / DATABASE)
        for name in _COPIED:
            if (workspace.folder / name).exists():
                shutil.copy(workspace.folder / name, Path(folder) / name)
        with Workspace.open(folder, create=False) as copy:
            reviewer = TruthReviewer(copy, true_values(truths))
            if not reviewer.books:
                raise UsageError(
                    Text(
                        "Không sổ nào có đáp án nằm trong không gian làm việc này",
                        "None of the books with known truth is in this workspace",
                    ),
                    where=workspace.location,
                    remedy=Text(
                        "Chạy sohoa run trên các sổ có truth.json trước",
                        "Run sohoa run on the books that have a truth.json first",
                    ),
                )
            return key_report(order, reviewer.review(order))


def true_values(truths: Sequence[Truth]) -> dict[FieldPlace, str]:
    """True value by field."""
    return {
        (str(truth["book"]), str(page["page"]), int(record["position"]), code): str(own["value"])
        for truth in truths
        for page in truth["pages"]
        for record in page.get("records", ())
        for code, own in record["fields"].items()
    }
