"""The card of a network that an office made: what taught it, how it reads, what is not known."""

from __future__ import annotations

from ocr_pipeline.processing.learning_record_schema import LearningRecordFile, ReadingFigures
from ocr_pipeline.store.error_bound import lower_bound, upper_bound

_CARD = """# {name}: a network of this office

Made {made} by `{command}`, seed {seed}, from {base} (SHA-256 of its files {fingerprint}), with
{lines} lines of writing that people of the office confirmed or corrected. It may have kept traces
of that writing: treat it like the registers.

| taught by fields of kind | number |
|---|---|
{kinds}

Books that taught it: {learnt}. Books held back, which taught nothing: {held}.

## Figures

On fields of the books held back, before the judgement of the book; beside {beside}. Bounds are
exact (Clopper, Pearson), each at 95 %. Fields that people look at are mostly those of which the
machine was unsure: shares are lower than of all fields.

| | before | after |
|---|---|---|
| characters wrong | {characters_before} | {characters_after} |
| fields right | {right_before} | {right_after} |
| accepted | {accepted_before} | {accepted_after} |
| wrong among the accepted | {wrong_before} | {wrong_after} |

Of {unseen} fields there that the network before accepts and nobody looked at, this one accepts
{changed} with another value.

Better by the rules of promotion: {verdict}.

## Limits

- Confidences: {calibration}.
- Characters are counted against texts that the network before found in the ink, which favours it.
"""

_CALIBRATION = {
    "taken over": "those of the shipped network were taken over; they were not fitted on what this "
    "network reads",
    "widened": "those of the shipped network, lowered by what {seen} fields that people entered in "
    "the books held back say of them; where few of these lie, the network counts as wrong twice as "
    "often as it says. None was raised. Blank boxes and ticks keep those of the shipped network",
}


def network_card(name: str, record: LearningRecordFile) -> str:
    """The card in Markdown."""
    before, after = record.before, record.after
    kinds = "\n".join(f"| {kind} | {number} |" for kind, number in record.kinds.items())
    shares = {
        f"{what}_{when}": share(*counts)
        for when, figures in (("before", before), ("after", after))
        for what, counts in counts_of(figures).items()
    }
    return _CARD.format(
        name=name, made=record.made, command=record.command, seed=record.seed, base=record.base,
        fingerprint=record.base_fingerprint[:12], lines=record.lines, kinds=kinds,
        learnt=", ".join(record.books.learnt), held=", ".join(record.books.held_back),
        beside=record.beside or "the shipped network", unseen=record.unseen,
        changed=record.unseen_changed,
        calibration=_CALIBRATION[record.calibration].format(seen=record.calibrated_on),
        verdict="yes" if record.better else "no (" + ", ".join(record.faults) + ")", **shares,
    )  # fmt: skip


def counts_of(figures: ReadingFigures) -> dict[str, tuple[int, int]]:
    """The shares that figures tell, each as how many of how many."""
    return {
        "characters": (figures.characters_wrong, figures.characters),
        "right": (figures.right, figures.fields),
        "accepted": (figures.accepted, figures.fields),
        "wrong": (figures.accepted_wrong, figures.accepted),
    }


def share(some: int, of: int) -> str:
    """`12.5 % (3 of 24; 3.5–29.2 %)`, with exact bounds."""
    if not of:
        return "–"
    low, high = 100 * lower_bound(some, of), 100 * upper_bound(some, of)
    return f"{100 * some / of:.1f} % ({some} of {of}; {low:.1f}–{high:.1f} %)"
