"""Works through a queue in Chromium as a person would, and says what each action costs."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Any

from ocr_pipeline.review import accounts
from ocr_pipeline.review.accounts import Role
from ocr_pipeline.store.workspace import Workspace
from review_ui.server import served
from review_ui.settings import Settings

PASSWORD = "cây đa bến nước"
SCREEN: Any = {"width": 1366, "height": 768}
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
#: Action, filter, keys of one field (a text is typed), how many fields.
ACTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("confirm", "", ("Enter",)),
    ("pick a reading", "kind=person_name", ("2",)),
    ("blank", "kind=place", ("F4",)),
    ("unreadable", "kind=place", ("F8",)),
    ("type a date", "kind=date", ("12052018", "Enter")),
    ("type a name, completed", "kind=person_name", ("nguy", "Tab", " Anh", "Enter")),
)
_PATIENCE_MS = 120_000  # for a machine that is busy with other things
_SEEN = "() => document.querySelector('#screen').dataset.sight === 'seen'"
_READ = """() => {
  const measured = (name) => performance.getEntriesByName(name).map((entry) => entry.duration);
  const asked = (path) => performance.getEntriesByType("resource")
    .filter((entry) => entry.name.endsWith(path)).map((entry) => entry.duration);
  const [take, decide] = ["/api/queue/take", "/api/decide"].map(asked);
  return {next: measured("field:next"), take, decide};
}"""


@dataclass(frozen=True, slots=True)
class ActionCost:
    """What an action costs: keys a field, ms from its last key to the next field on the screen."""

    action: str
    fields: int
    keys: float
    median_ms: float
    p95_ms: float
    worst_ms: float


@dataclass(frozen=True, slots=True)
class QueueWalk:
    """All that was measured; `take_ms` and `decide_ms` are 95th percentiles of the requests."""

    costs: list[ActionCost]
    next_p95_ms: float
    take_ms: float
    decide_ms: float


def measure(workspace: Workspace, chromium: str, fields: int, pause_s: float) -> QueueWalk:
    """Decide `fields` fields by confirming and a tenth of that by each other action.

    Args:
        workspace: one with enough doubtful fields.
        chromium: the browser's program.
        fields: how many to confirm.
        pause_s: how long the eye rests on a field before the key is pressed.

    """
    from playwright.sync_api import sync_playwright

    accounts.create_user(workspace, "do", Role.REVIEWER, PASSWORD)
    costs, requests = [], {"next": [], "take": [], "decide": []}  # type: ignore[var-annotated]
    with served(workspace, Settings(prepare=False)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        page = browser.new_context(viewport=SCREEN, locale="vi-VN").new_page()
        page.set_default_timeout(_PATIENCE_MS)
        _log_in(page, address)
        for action, query, keys in ACTIONS:
            page.goto(f"{address}/review?{query}")
            number = fields if action == "confirm" else max(5, fields // 10)
            pressed = sum(_decide(page, keys, pause_s) for _ in range(number))
            page.wait_for_function(
                "() => document.querySelector('#save-state').dataset.state === 'saved'"
            )
            found = page.evaluate(_READ)
            for name, durations in found.items():
                requests[name] += durations
            costs.append(_cost(action, pressed / number, found["next"]))
        browser.close()
    return QueueWalk(costs, *(_p95(requests[name]) for name in ("next", "take", "decide")))


def _decide(page: Any, keys: tuple[str, ...], pause_s: float) -> int:
    """Decide the field on the screen; returns the number of keys."""
    page.wait_for_function(_SEEN)
    turn = page.evaluate("() => document.querySelector('#screen').dataset.turn")
    page.wait_for_timeout(pause_s * 1000)
    pressed = 0
    for key in keys:
        if key == "Tab":
            page.wait_for_function("() => !document.querySelector('#suggestions').hidden")
        if len(key) > 1 and key not in ("Enter", "Tab", "F4", "F8"):
            page.keyboard.type(key)
            pressed += len(key)
        else:
            page.keyboard.press(key)
            pressed += 1
    page.wait_for_function("(t) => document.querySelector('#screen').dataset.turn !== t", arg=turn)
    return pressed


def _log_in(page: Any, address: str) -> None:
    page.goto(f"{address}/login")
    page.fill("[name=name]", "do")
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _cost(action: str, keys: float, durations: list[float]) -> ActionCost:
    return ActionCost(
        action, len(durations), keys, statistics.median(durations), _p95(durations), max(durations)
    )


def _p95(durations: list[float]) -> float:
    return sorted(durations)[max(0, int(len(durations) * 0.95 + 0.5) - 1)] if durations else 0.0
