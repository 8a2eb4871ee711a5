"""The doors of the program: each takes a folder with what others made, and must answer in words.

A door returns what it said. What leaves it as an exception other than `SohoaError` is a find.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

import numpy as np

from ocr_pipeline.errors import SohoaError
from tests.fuzz.damage import damaged
from tests.fuzz.inputs import Input

_CODES = range(5)
_BUG = ("A bug in the software", "Lỗi chương trình", "Traceback (most recent call last)")


class FindError(Exception):
    """Something that must not happen; the message says what."""


def _look_at(errors: list[SohoaError]) -> list[str]:
    for error in errors:
        if not (error.cause.vi and error.cause.en):
            raise FindError(f"an error without words: {error!r}")
        str(error).encode("utf-8")  # names that are no text must be written out
    return [error.cause.en for error in errors]


def scan(folder: Path) -> list[str]:
    """Pages are found, hashed and loaded."""
    from ocr_pipeline.scans.pages import digest, find_pages, load_page, picture_digest

    refs, errors = find_pages(folder)
    for ref in refs[:4]:
        try:
            digest(ref), picture_digest(ref)
            page = load_page(ref)
            if page.pixels.dtype != np.uint8 or page.pixels.ndim != 3 or not page.pixels.size:
                raise FindError(f"no picture: {page.pixels.shape}")
            load_page(ref, max_dpi=100)
        except SohoaError as error:
            errors.append(error)  # type: ignore[arg-type]
    return _look_at(list(errors))


def inventory(folder: Path) -> list[str]:
    """The books of a folder and what lies beside them."""
    from ocr_pipeline.books.inventory import read_inventory
    from ocr_pipeline.scans.strays import find_strays

    found = read_inventory(folder)
    errors: list[SohoaError] = [*found.problems]
    errors += find_strays(folder, [book.path for book in found.books])
    return _look_at(errors) + [one.text.en for one in found.notices]


def names(folder: Path) -> list[str]:
    """A folder of odd names, as inventory and as book."""
    return inventory(folder) + scan(folder) + scan(folder / "so1")


def package(folder: Path) -> list[str]:
    """The check before the import."""
    from ocr_pipeline.export.preimport.check import check_paths

    return [one.message.en for report in check_paths([folder]) for one in report.faults] + [
        json.dumps(report.as_dict(), default=str) and "" for report in check_paths([folder])
    ]


def data(folder: Path) -> list[str]:
    """Settings that people write: policy, notices, the last run."""
    from ocr_pipeline.processing.office_policy import policy_values
    from ocr_pipeline.processing.settings import saved_settings
    from ocr_pipeline.reports.notices.delivery import plan_notices

    said = []
    for read in (
        lambda: policy_values(folder, ()),
        lambda: plan_notices(folder, environment={}),
        lambda: saved_settings(folder),
    ):
        try:
            read()
        except SohoaError as error:
            said.append(error)
    return _look_at(said)


def layout(folder: Path) -> list[str]:
    """A form is loaded, checked and drawn."""
    from ocr_pipeline.layout import authoring
    from ocr_pipeline.layout.loading import load_layouts

    loaded = load_layouts(folder)
    for one in loaded:
        authoring.check(folder / "KS" / "2016")
        authoring.preview(one)
    return [one.layout.id for one in loaded]


def model(folder: Path) -> list[str]:
    """A model is loaded and reads a line."""
    from ocr_pipeline.reading.models import load_model

    load_model(f"{folder}/mau").recogniser.scores([np.full((40, 300), 200, np.uint8)])
    return []


def page(folder: Path) -> list[str]:
    """A page is read with all that the night does to it."""
    from ocr_pipeline.processing.page import PageJob, process_page
    from ocr_pipeline.processing.page_outcome import packed
    from ocr_pipeline.processing.settings import RunSettings
    from ocr_pipeline.scans.pages import find_pages

    refs, errors = find_pages(folder)
    results = [process_page(PageJob(ref, "KS", "", RunSettings())) for ref in refs[:1]]
    for result in results:
        packed(result)
    return _look_at(list(errors)) + [str(result.cause) for result in results]


def ingest(folder: Path) -> list[str]:
    """Books and pages into a workspace."""
    from ocr_pipeline.processing.ingest import ingest_book
    from ocr_pipeline.processing.scan_source import ScanSource
    from ocr_pipeline.processing.scanned_books import find_scanned_books
    from ocr_pipeline.store.workspace import Workspace

    with tempfile.TemporaryDirectory() as place:
        shutil.copytree(_empty_workspace(), f"{place}/ws")
        with Workspace.open(f"{place}/ws") as workspace:
            for book in find_scanned_books(workspace, folder):
                ingest_book(workspace, book, ScanSource(), False)
    return []


@cache
def _empty_workspace() -> Path:
    from ocr_pipeline.store.workspace import Workspace

    folder = Path(tempfile.mkdtemp(prefix="sohoa-fuzz-ws-")) / "ws"
    Workspace.open(folder).close()
    return folder


@cache
def _office() -> tuple[object, object, list[tuple[str, str]]]:
    """A station with somebody signed in, and its routes."""
    from tests.builders.review_office import ReviewOffice

    office = ReviewOffice(Path(tempfile.mkdtemp(prefix="sohoa-fuzz-office-")))
    routes = sorted(
        (method, route.path)
        for route in office.app.routes
        for method in getattr(route, "methods", None) or ()
        if method in ("GET", "POST", "PUT", "DELETE") and "logout" not in route.path
    )
    return office, office.browser("quan"), routes


def station(folder: Path) -> list[str]:
    """A request to a route of the review station."""
    import re
    from urllib.parse import quote

    office, browser, routes = _office()
    asked = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    method, path = routes[asked["route"] % len(routes)]
    parts = iter(asked["parts"] * 9)
    address = re.sub(
        r"\{[^}]*\}",
        lambda _: quote(next(parts)[:200].encode("utf-8", "surrogatepass")) or "1",
        path,
    )
    try:
        answer = browser.client.request(  # type: ignore[attr-defined]
            method,
            address,
            params={
                key: value[:300].encode("utf-8", "replace") for key, value in asked["query"].items()
            },
            content=asked["body"].encode("utf-8", "replace"),
            headers={
                "content-type": "application/json",
                "sec-fetch-site": "same-origin",
                "origin": "http://127.0.0.1",
                "x-csrf": browser.csrf,  # type: ignore[attr-defined]
            },
            follow_redirects=False,
        )
    except ValueError as error:
        if "URL" in type(error).__name__ + str(error):
            return ["no address"]
        raise
    crashes = office.crashes()  # type: ignore[attr-defined]
    if answer.status_code >= 500 or crashes:
        for path in office.workspace.logs.glob("sohoa-crash-*"):  # type: ignore[attr-defined]
            path.unlink()
        raise FindError(f"{method} {address}: {answer.status_code}\n" + "\n".join(crashes))
    return [f"{method} {answer.status_code}"]


class _LabelStudio:
    """Label Studio as `pull` sees it, with the answers of the input."""

    def __init__(self, tasks: list[object], job: str) -> None:
        self._tasks, self._job = tasks, job

    def projects(self) -> list[tuple[int, str]]:
        """One project."""
        return [(1, f"sohoa-job:{self._job}")]

    def people(self) -> dict[int, str]:
        """One person."""
        return {3: "quan@example.org"}

    def tasks(self, _project: int) -> list[object]:
        """What the input says."""
        return self._tasks


def answers(folder: Path) -> list[str]:
    """What Label Studio says people said."""
    from ocr_pipeline.exchange.labelstudio.job import job_of
    from ocr_pipeline.exchange.labelstudio.pull import pull

    office, _, _ = _office()
    workspace = office.workspace  # type: ignore[attr-defined]
    job = job_of(workspace.folder)
    text = (folder / "tasks.json").read_text(encoding="utf-8").replace('"JOB"', json.dumps(job))
    told = pull(workspace, _LabelStudio(json.loads(text), job))  # type: ignore[arg-type]
    return [one.reason.en for one in told.refused]


@cache
def reconciliation() -> Path:
    """A folder with lists of a reconciliation."""
    from tests.builders.reconciled import Province, write_lists

    folder = Path(tempfile.mkdtemp(prefix="sohoa-fuzz-lists-")) / "doi_chieu"
    province = Province()
    for make in (province.id_missing, province.differ, province.several):
        make(*(["birth"] if make == province.differ else []))
    write_lists(province, folder)
    return folder


def returned(folder: Path) -> list[str]:
    """A list that comes back with decisions."""
    from ocr_pipeline.exchange.reconciling.returned_intake import take_in_returned

    with tempfile.TemporaryDirectory() as place:
        own = Path(place) / "doi_chieu"
        shutil.copytree(reconciliation(), own)
        intake = take_in_returned(
            sorted(folder.iterdir()), own, by="quan", at="2026-11-28T09:00:00"
        )
        return [fault.cause.en for fault in intake.taken.faults]


@cache
def _full_workspace() -> Path:
    """A workspace with a book that was read."""
    from tests.builders.review_office import ReviewOffice

    folder = Path(tempfile.mkdtemp(prefix="sohoa-fuzz-full-"))
    ReviewOffice(folder).close()
    return folder / "ws"


def arguments(folder: Path, command: list[str]) -> list[str]:
    """A command with its arguments, in this process."""
    from ocr_pipeline.cli.app import run_program

    said = io.StringIO()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        workspace = Path(place) / "ws"
        shutil.copytree(_full_workspace(), workspace)
        words = [
            part.replace("{in}", str(folder)).replace("{ws}", str(workspace)) for part in command
        ]
        kept, tempfile.tempdir = tempfile.tempdir, place
        stdin, sys.stdin = sys.stdin, io.StringIO("một mật khẩu dài\n")
        before = Path.cwd()
        try:
            os.chdir(place)
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                code = run_program(words)
        finally:
            os.chdir(before)
            tempfile.tempdir, sys.stdin = kept, stdin
        logs = [path.read_text("utf-8", "replace") for path in Path(place).rglob("sohoa-crash-*")]
    text = "\n".join([said.getvalue(), *logs])
    if any(bug in text for bug in _BUG):
        raise FindError(f"{words}\n{text[-4000:]}")
    return [f"{words[0]}: {code}"]


def _hurt(workspace: Path, seed: bytes) -> None:
    """Damage one file of a workspace, the database most often."""
    random = Random(seed)
    files = sorted(path for path in workspace.rglob("*") if path.is_file())
    databases = [path for path in files if path.suffix == ".db"]
    path = random.choice(databases if random.random() < 0.6 and databases else files)
    path.write_bytes(damaged(path.read_bytes(), random))


def process(folder: Path, command: list[str]) -> list[str]:
    """A command in a process of its own, as people start it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        workspace = Path(place) / "ws"
        damage = folder / "damage"
        if damage.is_file():
            shutil.copytree(_full_workspace(), workspace)
            _hurt(workspace, damage.read_bytes())
        arguments = [part.format(**{"in": folder, "ws": workspace}) for part in command]
        code = "from ocr_pipeline.cli.app import main; main()"
        ended = subprocess.run(  # `trial.Keeper` ends it when it hangs
            [sys.executable, "-c", code, *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": place},
            check=False,
        )
        text = (ended.stdout + ended.stderr).decode("utf-8", "replace")
        if ended.returncode not in _CODES:
            raise FindError(f"exit code {ended.returncode}\n{text[-2000:]}")
        logs = [path.read_text("utf-8", "replace") for path in workspace.rglob("sohoa*.log")]
        logs += [path.read_text("utf-8", "replace") for path in Path(place).glob("sohoa-crash-*")]
        for said in (text, *logs):
            if any(words in said for words in _BUG):
                raise FindError(
                    f"{arguments[0]}: a bug is told of\n{said[-3000:]}\n" + "\n".join(logs)[-3000:]
                )
    return [f"{arguments[0]}: {ended.returncode}"]


DOORS: dict[str, Callable[[Path], list[str]]] = {
    "scan": scan,
    "inventory": inventory,
    "names": names,
    "package": package,
    "data": data,
    "layout": layout,
    "model": model,
    "page": page,
    "ingest": ingest,
    "station": station,
    "answers": answers,
    "returned": returned,
}


def knock(given: Input, folder: Path) -> list[str]:
    """Try an input at its door.

    Args:
        given: the input.
        folder: where it lies.

    Raises:
        Exception: whatever is a find.

    """
    if given.door == "process":
        return process(folder, given.command)
    if given.door == "arguments":
        return arguments(folder, given.command)
    try:
        return DOORS[given.door](folder)
    except SohoaError as error:
        said = _look_at([error])
    if any(words in one for one in said for words in _BUG):
        raise FindError(said[0])
    return said
