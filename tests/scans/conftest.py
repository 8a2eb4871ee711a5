from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image


def drawn_page(width: int = 620, height: int = 877, seed: int = 0) -> np.ndarray:
    """An RGB page with lines of writing, darker at the top left: turning it is noticed."""
    rng = np.random.default_rng(seed)
    page = np.full((height, width, 3), (244, 240, 230), np.uint8)
    for y in range(height // 8, height - 40, 34):
        word = "".join(chr(97 + rng.integers(26)) for _ in range(24))
        cv2.putText(page, word, (width // 10, y), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (40, 50, 120), 2)
    cv2.rectangle(page, (20, 20), (width // 3, 60), (20, 20, 20), -1)
    return np.clip(page + rng.normal(0, 3, page.shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def page() -> np.ndarray:
    return drawn_page()


@pytest.fixture(scope="session")
def jpeg(page: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("jpeg") / "trang 1.jpg"
    Image.fromarray(page).save(path, quality=90, dpi=(75, 75))
    return path
