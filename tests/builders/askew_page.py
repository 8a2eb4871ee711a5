"""A sample page photographed so askew that the machine refuses it, with the true corners."""

from pathlib import Path

import cv2
import numpy as np

from ocr_pipeline.scans.pages import PageRef, load_page

SAMPLES = Path(__file__).parents[2] / "sample_scans"
PAGE = SAMPLES / "ks-2018" / "Trang 5.jpg"

#: Where the corners of the page lie on the photograph, clockwise from the form's top left.
ASKEW = ((340.0, 200.0), (1150.0, 440.0), (1290.0, 1690.0), (140.0, 1420.0))
SIZE = (1600, 1880)


def page_pixels(page: Path = PAGE) -> np.ndarray:
    return load_page(PageRef(page, 0, page.name)).pixels


def to_scene(corners=ASKEW, page: Path = PAGE) -> np.ndarray:
    """(3, 3): pixels of the straight page → pixels of the photograph."""
    height, width = page_pixels(page).shape[:2]
    ends = [[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]]
    return cv2.getPerspectiveTransform(np.float32(ends), np.float32(corners))


def photograph(path: Path, corners=ASKEW, size=SIZE, page: Path = PAGE) -> None:
    """Write the page as it lies on a dark, grainy table."""
    matrix, page = to_scene(corners, page), page_pixels(page)
    grain = np.random.default_rng(1).normal(0, 10, (size[1], size[0], 3))
    table = np.clip(np.array([90, 70, 50]) + grain, 0, 255).astype(np.uint8)
    inside = cv2.warpPerspective(np.full(page.shape[:2], 255, np.uint8), matrix, size)
    moved = cv2.warpPerspective(page, matrix, size, flags=cv2.INTER_AREA)
    table[inside > 127] = moved[inside > 127]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".jpg", table[:, :, ::-1])[1].tobytes())


def sideways(path: Path, source: Path) -> None:
    """Write the photograph turned a quarter clockwise."""
    picture = cv2.imdecode(np.frombuffer(source.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    path.write_bytes(cv2.imencode(".jpg", np.rot90(picture, -1))[1].tobytes())
