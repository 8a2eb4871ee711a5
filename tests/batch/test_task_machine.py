"""The state machine of a run under any order of events (no processes, no clock)."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ocr_pipeline.batch.task_machine import DeathVerdict, RetryRules, TaskMachine, TaskState

RULES = RetryRules(deaths=3, rest=(2.0, 20.0), interruptions=2)


def leased(machine, now=0.0):
    lease = machine.lease(now)
    assert lease is not None
    return lease


def test_tasks_go_in_their_order_and_urgent_ones_first():
    machine = TaskMachine(RULES)
    for key in ("a", "b", "c"):
        machine.add(key, urgent=key == "c")
    assert [leased(machine).key for _ in range(3)] == ["c", "a", "b"]
    assert machine.lease(0.0) is None


def test_a_task_rests_after_a_death_and_is_poisoned_by_the_third():
    machine = TaskMachine(RULES)
    machine.add("a")
    assert machine.died(leased(machine).number, 10.0) is DeathVerdict.AGAIN
    assert machine.lease(11.9) is None and machine.next_time() == 12.0
    assert machine.died(leased(machine, 12.0).number, 12.0) is DeathVerdict.AGAIN
    assert machine.lease(31.9) is None
    last = leased(machine, 32.0)
    assert last.alone and last.deaths == 2
    assert machine.died(last.number, 33.0) is DeathVerdict.POISONED
    assert machine.standing("a") is None and machine.unsettled == 0


def test_the_last_try_is_alone_and_comes_after_everything_else():
    machine = TaskMachine(RULES)
    machine.add("suspect", deaths=2)
    machine.add("a")
    first = leased(machine)
    assert first.key == "a"
    assert machine.lease(0.0) is None, "not alone yet"
    machine.finished(first.number)
    assert machine.lease(0.0, lonely=False) is None
    lease = leased(machine)
    assert lease.key == "suspect" and lease.alone
    machine.add("b")
    assert machine.lease(0.0) is None, "nothing beside it"
    machine.finished(lease.number)
    assert leased(machine).key == "b"


def test_what_runs_ended_with_twice_is_tried_alone_but_not_blamed():
    machine = TaskMachine(RULES)
    machine.add("a", interruptions=2)
    lease = leased(machine)
    assert lease.alone and lease.deaths == 0


def test_a_book_waits_until_its_pages_are_settled_whichever_way():
    machine = TaskMachine(RetryRules(deaths=1))
    for page in ("1", "2"):
        machine.add(page)
    machine.add("book", after=["1", "2", "long gone"], urgent=True)
    one, two = leased(machine), leased(machine)
    assert machine.lease(0.0) is None and machine.standing("book") is TaskState.BLOCKED
    machine.finished(one.number)
    assert machine.lease(0.0) is None
    assert machine.died(two.number, 0.0) is DeathVerdict.POISONED
    assert leased(machine).key == "book"


def test_what_was_given_back_keeps_its_place_and_its_good_name():
    machine = TaskMachine(RULES)
    machine.add("a")
    machine.add("b")
    first = leased(machine)
    assert machine.given_back(first.number) is DeathVerdict.AGAIN
    again = leased(machine)
    assert again.key == "a" and again.deaths == 0 and again.number != first.number
    assert machine.finished(first.number) is DeathVerdict.STALE, "the first worker comes too late"


def test_a_task_is_added_once_and_never_when_poisoned():
    machine = TaskMachine(RULES)
    machine.add("a")
    with pytest.raises(ValueError):
        machine.add("a")
    with pytest.raises(ValueError):
        machine.add("b", deaths=3)


class AnyOrder(RuleBasedStateMachine):
    """Workers finish, die, vanish and report late in any order; a model counts along."""

    @initialize()
    def start(self):
        self.machine = TaskMachine(RULES)
        self.now = 0.0
        self.after = {}
        self.deaths = {}
        self.kept, self.poisoned = [], []
        self.under_way, self.over = {}, set()

    @rule(
        urgent=st.booleans(),
        deaths=st.integers(0, 2),
        interruptions=st.integers(0, 3),
        data=st.data(),
    )
    def add(self, urgent, deaths, interruptions, data):
        key = len(self.after)
        after = data.draw(st.sets(st.sampled_from(range(key)), max_size=3)) if key else set()
        self.machine.add(
            key, urgent=urgent, deaths=deaths, interruptions=interruptions, after=after
        )
        self.after[key], self.deaths[key] = after, deaths

    @rule(lonely=st.booleans())
    def lease(self, lonely):
        lease = self.machine.lease(self.now, lonely=lonely)
        if lease is None:
            return
        assert lease.number not in self.under_way and lease.number not in self.over
        assert lease.key not in [other.key for other in self.under_way.values()]
        assert lease.key not in self.settled
        assert self.after[lease.key] <= self.settled, "what it waits for is settled"
        assert lease.deaths == self.deaths[lease.key]
        if lease.alone:
            assert not self.under_way
        self.under_way[lease.number] = lease

    @property
    def settled(self):
        return set(self.kept) | set(self.poisoned)

    def _end(self, data):
        number = data.draw(st.sampled_from(sorted(self.under_way)))
        self.over.add(number)
        return self.under_way.pop(number)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def finish(self, data):
        lease = self._end(data)
        assert self.machine.finished(lease.number) is DeathVerdict.KEEP
        self.kept.append(lease.key)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def die(self, data):
        lease = self._end(data)
        self.deaths[lease.key] += 1
        verdict = self.machine.died(lease.number, self.now)
        if self.deaths[lease.key] == RULES.deaths:
            assert verdict is DeathVerdict.POISONED
            self.poisoned.append(lease.key)
        else:
            assert verdict is DeathVerdict.AGAIN
            assert self.machine.standing(lease.key) is TaskState.WAITING

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def give_back(self, data):
        assert self.machine.given_back(self._end(data).number) is DeathVerdict.AGAIN

    @precondition(lambda self: self.over)
    @rule(data=st.data(), how=st.sampled_from(["finished", "died", "given_back"]))
    def report_late(self, data, how):
        number = data.draw(st.sampled_from(sorted(self.over)))
        late = getattr(self.machine, how)
        assert (late(number, self.now) if how == "died" else late(number)) is DeathVerdict.STALE

    @rule(seconds=st.floats(0, 30))
    def wait(self, seconds):
        self.now += seconds

    @invariant()
    def nothing_is_lost_or_done_twice(self):
        if not hasattr(self, "machine"):
            return
        settled = self.kept + self.poisoned
        assert len(settled) == len(set(settled))
        assert self.machine.unsettled == len(self.after) - len(settled)
        for key in self.after:
            assert (self.machine.standing(key) is None) == (key in self.settled)
        alone = [lease for lease in self.under_way.values() if lease.alone]
        assert not alone or len(self.under_way) == 1
        assert {lease.number for lease in self.machine.leases} == set(self.under_way)

    def teardown(self):
        """From any state the run comes to its end."""
        if not hasattr(self, "machine"):
            return
        for number in list(self.under_way):
            assert self.machine.finished(number) is DeathVerdict.KEEP
        for _ in range(10 * len(self.after) + 10):
            lease = self.machine.lease(self.now)
            if lease is not None:
                self.machine.finished(lease.number)
            elif self.machine.next_time() is not None:
                self.now = max(self.now, self.machine.next_time())
        assert self.machine.unsettled == 0


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
