"""Save edits one after the other, telling each as soon as it is acknowledged; until killed."""

import sys

from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.field_decisions import Action, Decision, decide
from ocr_pipeline.store.workspace import Workspace


def main(location: str, user: str, fields: list[int]) -> None:
    who = User(user, Role.OPERATOR)
    with Workspace.open(location) as ws:
        bases: dict[int, int | None] = {}
        for number in range(10**6):
            field = fields[number % len(fields)]
            value = f"Trần Thị {'Hoa Hòa Mai Lan Cúc'.split()[number % 5]} {user.title()}"
            said = Decision(field, Action.CORRECT, value, base=bases.get(field), note=str(number))
            [outcome] = decide(ws, who, [said])
            if outcome.conflict is not None:  # what an earlier process saved, or another person
                bases[field] = outcome.conflict.entry
                continue
            assert outcome.ok, outcome
            bases[field] = outcome.entry
            print(outcome.entry, field, value, sep="\t", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], [int(argument) for argument in sys.argv[3:]])
