"""Scans for the pages of a station's book, so that it can be exported."""

from pathlib import Path

import cv2
import numpy as np
from sqlalchemy import select

from ocr_pipeline.scans.pages import PageRef, digest
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.workspace import Workspace


def give_scans(workspace: Workspace, folder: Path) -> None:
    """Draw a scan for each page of the workspace: `folder/<name of the page>`."""
    with workspace.transaction() as session:
        for number, row in enumerate(session.scalars(select(PageRow).order_by(PageRow.id))):
            path = folder / row.name
            grey = np.full((800, 600, 3), 200 + number, np.uint8)
            path.write_bytes(cv2.imencode(".jpg", grey)[1].tobytes())
            row.path, row.digest = str(path), digest(PageRef(path, 0, path.name))
