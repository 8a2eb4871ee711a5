from __future__ import annotations

from pathlib import Path

from PIL import Image

from ocr_pipeline.scans.duplicates import find_duplicates
from ocr_pipeline.scans.pages import digest, find_pages
from tests.scans.conftest import drawn_page


def test_copies_and_re_saved_copies_are_found_and_other_records_are_not(tmp_path: Path) -> None:
    first, second = (Image.fromarray(drawn_page(seed=seed)) for seed in (1, 2))
    first.save(tmp_path / "1.jpg", quality=90, dpi=(75, 75))
    second.save(tmp_path / "2.jpg", quality=90, dpi=(75, 75))
    (tmp_path / "3.jpg").write_bytes((tmp_path / "1.jpg").read_bytes())
    first.resize((500, 707)).save(tmp_path / "4.png", dpi=(60, 60))
    first.save(tmp_path / "5.jpg", quality=30)
    (tmp_path / "6.jpg").write_bytes(b"\xff\xd8\xff broken")
    pages, _ = find_pages(tmp_path)
    exact = find_duplicates(pages)
    assert [[page.name for page in group.pages] for group in exact] == [["1.jpg", "3.jpg"]]
    near = find_duplicates(pages, near=True)
    assert [(group.exact, [page.name for page in group.pages]) for group in near] == [
        (True, ["1.jpg", "3.jpg"]),
        (False, ["1.jpg", "4.png", "5.jpg"]),
    ]
    assert digest(pages[0]) == digest(pages[2]) != digest(pages[1])
