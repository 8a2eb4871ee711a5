"""Every link of every page leads somewhere, and messages name pages that exist."""

import re
import subprocess

import pytest

from tests.builders.markdown import HANDBOOK, ROOT, page

LISTED = subprocess.run(
    ["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=False
).stdout.split()
PAGES = [ROOT / name for name in LISTED if (ROOT / name).is_file()] or sorted(
    ROOT.glob("docs/**/*.md")
)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_resolve(path):
    for link in page(path).links:
        if re.match(r"[a-z]+:", link):
            continue
        file, _, fragment = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), link
        if fragment:
            assert page(target).anchors >= {unquoted(fragment)}, link


@pytest.mark.parametrize("language", ["vi", "en"])
def test_links_of_the_handbook_are_named_after_what_they_lead_to(language):
    for path in (HANDBOOK / language).glob("*.md"):
        named = re.findall(r"\[([^\]]*)\]\([^)]*\)", path.read_text(encoding="utf-8"))
        assert not [name for name in named if name.endswith(".md")], path


def test_messages_name_pages_that_exist():
    suffixes = ("*.py", "*.yaml", "*.html", "*.js", "*.toml", "Makefile")
    for source in (found for one in suffixes for found in ROOT.rglob(one)):
        if any(part.startswith(".") or part in ("tests", "node_modules") for part in source.parts):
            continue
        for name in re.findall(r"docs/[a-z/-]+\.md", source.read_text(encoding="utf-8")):
            assert (ROOT / name).is_file(), f"{source}: {name}"


def test_each_page_of_the_handbook_is_reached_from_its_contents():
    for language in ("vi", "en"):
        folder = HANDBOOK / language
        linked = {link.partition("#")[0] for link in page(folder / "README.md").links}
        assert {path.name for path in folder.glob("*.md")} - {"README.md"} <= linked


def unquoted(fragment):
    from urllib.parse import unquote

    return unquote(fragment)
