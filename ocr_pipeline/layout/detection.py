"""Which installed layout is on this page, and which way up? "None of these" is a normal answer.

`Detection.registration` is the registration that decided it: callers need not register again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ocr_pipeline.arrays import Gray
from ocr_pipeline.errors import Text
from ocr_pipeline.layout.loading import LoadedLayout
from ocr_pipeline.layout.pose import PageSearch, Pose
from ocr_pipeline.layout.registration import Registration, register

LEAST_LIKENESS = 0.16  # correlation of lines below which no layout is looked at closely
_CLOSE = 0.6  # candidates at least this fraction as good as the best are looked at closely
_CANDIDATES = 4
_SURE_SHARE = 0.7  # share of words found with which no other candidate is looked at
_LEAST_NEAR = 0.2  # share of words found below which a layout that does not fit is no hint either


@dataclass(frozen=True, slots=True)
class Detection:
    """What a page is.

    Attributes:
        layout_id: the layout, or None when no installed layout fits.
        turn: degrees clockwise (0, 90, 180, 270) that bring the page upright; the best guess when
            no layout fits.
        score: share (0–1) of the layout's printed words found in their places.
        runner_up: score of the best other layout looked at; 0 when there was none.
        reason: why no layout fits.
        registration: where the layout lies; None when no layout fits.
        nearest: id of the layout that comes nearest when none fits; "" when none was like it.
        likeness: when none fits, how like the lines of any layout those of the page are, at most 1.

    """

    layout_id: str | None
    turn: int
    score: float
    runner_up: float = 0.0
    reason: Text | None = None
    registration: Registration | None = None
    nearest: str = ""
    likeness: float = 0.0


def detect(
    gray: Gray, layouts: Sequence[LoadedLayout], prior: str = "", least: float = LEAST_LIKENESS
) -> Detection:
    """Find the layout of a page and its orientation.

    Args:
        gray: (H, W) uint8, ink on light paper, 100 dpi or more, in any of the four turns.
        layouts: the installed layouts.
        prior: id of the layout the book is known to have; looked at first.
        least: a layout whose lines are less like those of the page is not looked at closely.

    """
    search = PageSearch(gray)
    tried = _Tried(gray)
    expected = [loaded for loaded in layouts if loaded.layout.id == prior]
    guess = search.glance(expected or layouts)
    if guess is not None and guess[1].score >= least and tried.sure(*guess):
        return _found(guess[0], tried.best[guess[0].layout.id, guess[1].turn], 0.0)
    for loaded in expected:
        result = _expected(search, loaded, tried, least)
        if result is not None:
            return _found(loaded, result, 0.0)
    for small in (False, True):
        candidates = _candidates(search, layouts, small, least)
        least = max([least, *(pose_.score for _, pose_ in candidates)])
        for loaded, pose_ in candidates:
            if tried.sure(loaded, pose_):
                break
        if any(result.accepted for result in tried.best.values()):
            break
    return _decide(layouts, tried.best, least)


class _Tried:
    """Registrations of one page, the best of each layout and turn."""

    def __init__(self, gray: Gray) -> None:
        self._gray = gray
        self._poses: set[tuple[str, Pose]] = set()
        self.best: dict[tuple[str, int], Registration] = {}

    def sure(self, loaded: LoadedLayout, pose: Pose) -> bool:
        """Lay the layout there, if not done yet; whether it fits beyond doubt in that turn."""
        key = (loaded.layout.id, pose.turn)
        if (loaded.layout.id, pose) not in self._poses:
            self._poses.add((loaded.layout.id, pose))
            result = register(self._gray, loaded, pose.turn, pose)
            self.best[key] = _better(self.best.get(key), result)
        return self.best[key].accepted and self.best[key].evidence.words >= _SURE_SHARE


def _expected(
    search: PageSearch, loaded: LoadedLayout, tried: _Tried, least: float
) -> Registration | None:
    """A sure registration of the layout the book should have, looked for at all scales."""
    usual = _usual_turn(search.small, loaded)
    attempts: tuple[Callable[[], list[Pose]], ...] = (
        lambda: search.poses(loaded, turns=(usual,)),
        lambda: [pose for pose in search.poses(loaded) if pose.turn != usual],
        lambda: search.poses(loaded, small=True),
    )
    for poses in attempts:
        for pose in poses()[:1]:
            if pose.score >= least and tried.sure(loaded, pose):
                return tried.best[loaded.layout.id, pose.turn]
    return None


def _usual_turn(gray: Gray, loaded: LoadedLayout) -> int:
    """0 when the picture is as wide or as tall as the layout's page, 90 otherwise."""
    page = loaded.layout.page
    return 0 if (gray.shape[1] > gray.shape[0]) == (page.width > page.height) else 90


def _candidates(
    search: PageSearch, layouts: Sequence[LoadedLayout], small: bool, least: float
) -> list[tuple[LoadedLayout, Pose]]:
    """The poses worth a closer look, best first; none with a score below `least`."""
    pairs = [(loaded, pose) for loaded in layouts for pose in search.poses(loaded, small=small)]
    pairs.sort(key=lambda pair: -pair[1].score)
    if not pairs:
        return []
    least = max(least, _CLOSE * pairs[0][1].score)
    return [pair for pair in pairs if pair[1].score >= least][:_CANDIDATES]


def _decide(
    layouts: Sequence[LoadedLayout],
    tried: dict[tuple[str, int], Registration],
    likeness: float,
) -> Detection:
    ranked = sorted(tried.items(), key=lambda item: -_merit(item[1]))
    accepted = [item for item in ranked if item[1].accepted]
    if not accepted:
        turn = ranked[0][1].turn if ranked else 0
        score = ranked[0][1].evidence.words if ranked else 0.0
        nearest = ranked[0][0][0] if score >= _LEAST_NEAR else ""
        return Detection(
            None, turn, score, reason=_no_layout(ranked), nearest=nearest, likeness=likeness
        )
    (best, _), registration = accepted[0]
    others = [result.evidence.words for (name, _), result in ranked if name != best]
    loaded = next(loaded for loaded in layouts if loaded.layout.id == best)
    return _found(loaded, registration, max(others, default=0.0))


def _better(one: Registration | None, other: Registration) -> Registration:
    return other if one is None or _merit(other) > _merit(one) else one


def _merit(result: Registration) -> float:
    return result.evidence.words * result.coverage


def _found(loaded: LoadedLayout, result: Registration, runner_up: float) -> Detection:
    return Detection(loaded.layout.id, result.turn, result.evidence.words, runner_up, None, result)


def _no_layout(ranked: list[tuple[tuple[str, int], Registration]]) -> Text:
    reason = ranked[0][1].reason if ranked else None
    if reason is None:
        return Text("không giống biểu mẫu nào đã cài", "like none of the installed layouts")
    name = ranked[0][0][0]
    return Text(
        f"không khớp biểu mẫu nào đã cài; gần nhất là {name}: {reason.vi}",
        f"fits none of the installed layouts; nearest is {name}: {reason.en}",
    )
