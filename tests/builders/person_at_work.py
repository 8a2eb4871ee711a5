"""One of many who work on the same books at the same time: a person, or the batch (a program)."""

import json
import random
import sys
import time

from sqlalchemy.orm import make_transient

from ocr_pipeline.checks.book_judgement import judge_book
from ocr_pipeline.processing.judgement import judge_and_store
from ocr_pipeline.review import field_decisions, queue
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.errors import StaleError
from ocr_pipeline.review.field_decisions import Action, Decision
from ocr_pipeline.review.queue import Lane, QueueFilter
from ocr_pipeline.store.books import book_pages, load_books
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.workspace import Workspace

PATIENCE = 60.0  # seconds: on a loaded machine somebody decides nothing in the time given
_NAMES = ("Trần Thị Hoa", "Trần Thị Hòa", "Lê Văn Tám")


def tell(**line) -> None:
    print(json.dumps(line), flush=True)


def person(ws: Workspace, name: str, until: float) -> None:
    """Takes fields and decides them, takes some back, keys some for the second time."""
    chance = random.Random(name)
    who = User(name, Role.REVIEWER)
    decided = 0
    while time.monotonic() < until or (not decided and time.monotonic() < until + PATIENCE):
        lane = chance.choice((Lane.DOUBT, Lane.DOUBT, Lane.SECOND, Lane.ARBITRATION))
        order = chance.choice(("field", "record"))
        for item in queue.take(ws, who, QueueFilter(lane=lane), order, chance.randint(1, 4)):
            taken = time.monotonic()
            value = {
                "person_name": chance.choice(_NAMES),
                "date": f"{chance.randint(1, 28):02d}.06.2017",
            }.get(item.kind.value, f"{chance.randint(1, 99):02d}/2017")
            said = Decision(item.field, Action.CORRECT, value, base=item.base, lane=item.lane)
            [outcome] = field_decisions.decide(ws, who, [said])
            done = time.monotonic()
            if outcome.ok:
                decided += 1
                tell(
                    user=name, field=item.field, entry=outcome.entry, value=value,
                    taken=taken, done=done,
                )  # fmt: skip
        if chance.random() < 0.15:
            try:
                field_decisions.undo(ws, who)
            except StaleError:
                pass
            queue.release(ws, who, [one.field for one in queue.take(ws, who, QueueFilter())])


def warm_up(ws: Workspace) -> None:
    """Load what the rules need: it takes seconds, once."""
    with ws.read_session() as session:
        for book in load_books(session):
            judge_book(book, load_records(session, book.id)[:1])


def batch(ws: Workspace, books: list[str], until: float) -> None:
    """Judges the books whenever people have entered something; pages go and come back."""
    rounds = 0
    while time.monotonic() < until:
        for book in books:
            judged = judge_and_store(ws, book)
            tell(judged=judged)
            time.sleep(0.1)
        if rounds % 3 == 1:
            vanish_and_return(ws, books[0])
        rounds += 1


def vanish_and_return(ws: Workspace, book: str) -> None:
    """The last page of the book is gone for one judgement: its fields come back as others."""
    with ws.transaction() as session:
        *_, last = book_pages(session, book)
        session.delete(last)
    tell(judged=judge_and_store(ws, book))
    with ws.transaction() as session:
        make_transient(last)
        last.id = None
        session.add(last)
    tell(judged=judge_and_store(ws, book))


def main(location: str, seconds: str, what: str, *arguments: str) -> None:
    with Workspace.open(location) as ws:
        warm_up(ws)
        tell(ready=True)
        sys.stdin.readline()  # all begin together
        until = time.monotonic() + float(seconds)
        if what == "person":
            person(ws, arguments[0], until)
        else:
            batch(ws, list(arguments), until)


if __name__ == "__main__":
    main(*sys.argv[1:])
