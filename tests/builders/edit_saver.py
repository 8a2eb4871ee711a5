"""Save edits one after the other, telling each as soon as it is acknowledged; until killed."""

import sys

from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.decision import Decision, DecisionOutcome
from ocr_pipeline.review.field_decisions import Action, decide
from ocr_pipeline.store.workspace import Workspace


def corrected(
    ws: Workspace, who: User, field: int, value: str, base: int | None, note: str
) -> DecisionOutcome:
    said = Decision(field, Action.CORRECT, value, base=base, note=note)
    [outcome] = decide(ws, who, [said])
    return outcome


def main(location: str, user: str, fields: list[int]) -> None:
    who = User(user, Role.OPERATOR)
    with Workspace.open(location) as ws:
        bases: dict[int, int | None] = {}
        for number in range(10**6):
            field = fields[number % len(fields)]
            value = f"Trần Thị {'Hoa Hòa Mai Lan Cúc'.split()[number % 5]} {user.title()}"
            outcome = corrected(ws, who, field, value, bases.get(field), note=str(number))
            # What an earlier process or another person saved is answered at once: a saver that
            # went on to the next field came back to a base outdated anew, and the faster of two
            # kept the slower from ever saving.
            while outcome.conflict is not None:
                base = outcome.conflict.entry
                outcome = corrected(ws, who, field, value, base, note=str(number))
            assert outcome.ok, outcome
            bases[field] = outcome.entry
            print(outcome.entry, field, value, sep="\t", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], [int(argument) for argument in sys.argv[3:]])
