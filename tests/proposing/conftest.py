from __future__ import annotations

import cv2
import pytest

from ocr_pipeline.layout.loading import LoadedLayout, load_layouts

cv2.setNumThreads(0)


@pytest.fixture(scope="session")
def layouts() -> dict[str, LoadedLayout]:
    return {loaded.layout.id: loaded for loaded in load_layouts()}
