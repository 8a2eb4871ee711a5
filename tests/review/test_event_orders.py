"""Whatever people do in whatever order: no edit is lost or written over, nobody judges himself."""

import shutil
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ocr_pipeline.registers.fields import State
from ocr_pipeline.review import audit, queue
from ocr_pipeline.review.errors import StaleError
from ocr_pipeline.review.field_decisions import Action, Decision, decide
from ocr_pipeline.review.queue import Lane
from ocr_pipeline.review.rights import may
from ocr_pipeline.store.entries import latest_entries
from ocr_pipeline.store.policies import ReviewMode

pytestmark = pytest.mark.databases("sqlite", "postgresql")

VALUES = ("Trần Thị Hoa", "Trần Thị Hoài", "Trần Thị Hoà Bình")
CODES = ("nksHoTen", "meHoTen", "nksDanToc")  # names are keyed twice, the group once

people = st.sampled_from(["an", "binh", "chi", "dung"])
lanes = st.sampled_from(Lane)
orders = st.sampled_from(["field", "record"])
actions = st.sampled_from(Action)


class AnyOrder(RuleBasedStateMachine):
    """Four people, two records, fields keyed once and twice, screens that grow old."""

    make_station = None

    @initialize()
    def open(self):
        self.folder = Path(mkdtemp(prefix="sohoa-orders-"))
        self.station = type(self).make_station(self.folder / "ws")
        self.station.policy(kind="person_name", mode=ReviewMode.DOUBLE)
        unsure = {f"?{code}": 0.5 for code in CODES}
        self.station.book([unsure, {"so": "63/2017", **unsure}])
        self.screens = defaultdict(dict)  # what each person has before him, by field
        self.kept = []  # entries as they were acknowledged

    def person(self, name):
        station = self.station
        return {u.name: u for u in (station.an, station.binh, station.chi, station.dung)}[name]

    @rule(
        name=people, lane=lanes, count=st.integers(1, 6), order=st.sampled_from(["field", "record"])
    )
    def take(self, name, lane, count, order):
        user = self.person(name)
        if not may(user, queue.RIGHTS[lane]):
            return
        for item in self.station.take(user, lane, order, count):
            self.screens[name][item.field] = item
            said = [d for d in self.open_about(item.field) if d.user == name]
            assert not said, "offered a field in which he had a say"

    @rule(minutes=st.sampled_from([1, 6, 11]))
    def time_passes(self, minutes):
        self.station.now += timedelta(minutes=minutes)

    @rule(
        name=people, data=st.data(), value=st.sampled_from(VALUES), action=st.sampled_from(Action)
    )
    def decide(self, name, data, value, action):
        """Decide anything that is on the screen, however old it is."""
        if not self.screens[name]:
            return
        item = data.draw(st.sampled_from(list(self.screens[name].values())))
        if action is Action.CONFIRM:
            value = item.value or value
        before = self.newest(item.field)
        said = Decision(item.field, action, value, base=item.base, lane=item.lane, note="?")
        [outcome] = decide(self.station.ws, self.person(name), [said], self.station.now)
        after = self.newest(item.field)
        if outcome.entry is not None and after != before:
            assert before == item.base, "a save that was stale was kept"
            assert after == outcome.entry
            self.kept.append((item.field, outcome.entry))
        if not outcome.ok:
            assert after == before, "a refused decision changed something"

    @rule(name=people)
    def undo(self, name):
        try:
            item = self.station.undo(self.person(name))
        except StaleError:
            return
        if item is not None:
            self.screens[name][item.field] = item

    @invariant()
    def leases_are_of_one_person(self):
        if not hasattr(self, "station"):
            return
        from ocr_pipeline.store.review_models import LeaseRow

        with self.station.ws.read_session() as session:
            rows = session.query(LeaseRow).all()
        assert len({row.field for row in rows}) == len(rows)

    @invariant()
    def nothing_is_lost(self):
        """Every acknowledged entry is there, and every entry answers one that was there."""
        if not hasattr(self, "station"):
            return
        entries = {entry.id: entry for entry in self.station.entries()}
        assert {number for _, number in self.kept} <= set(entries)
        with self.station.ws.read_session() as session:
            newest = latest_entries(session, self.station.make_book().id)
        for (page, _, code), entry in newest.items():
            row = self.station.row(self.station.field(int(page[0]), code))
            assert row.entry == entry.id
            if entry.state is not State.READ:
                assert (row.value, row.state) == (entry.value, entry.state.value)
            shown = self.station.shown(int(page[0]), code)
            assert (shown.value, shown.state.value) == (row.value, row.state)

    @invariant()
    def queues_fit_what_is_open(self):
        if not hasattr(self, "station"):
            return
        for page in (1, 2):
            for code in CODES:
                row = self.station.row(self.station.field(page, code))
                opened = self.open_about(row.id)
                keyed = [d for d in opened if d.action != Action.ASK]
                assert len({d.user for d in keyed}) == len(keyed) <= 2
                if any(d.action == Action.ASK for d in opened):
                    assert row.lane == Lane.SENIOR
                elif keyed:
                    assert row.lane == (Lane.SECOND, Lane.ARBITRATION)[len(keyed) - 1]
                elif row.state == "in_review":
                    assert row.lane == Lane.DOUBT

    @invariant()
    def nobody_judges_himself(self):
        """Among the decisions that led to one entry of a field keyed twice are two people."""
        if not hasattr(self, "station"):
            return
        led = defaultdict(list)
        for decision in self.station.decisions():
            if decision.entry and not decision.withdrawn:
                led[decision.entry].append(decision)
        for own in led.values():
            keyed = [d for d in own if d.action != Action.ASK]
            assert len({d.user for d in own}) == len(own), "one person had two says"
            last = keyed[-1]
            if last.kind == "person_name" and last.lane not in (Lane.SENIOR, Lane.ARBITRATION):
                assert len(keyed) == 2 and keyed[0].value == keyed[1].value
            if last.lane == Lane.ARBITRATION:
                assert len(keyed) == 3

    def open_about(self, field):
        return [
            d
            for d in self.station.decisions()
            if d.field == field and d.entry is None and not d.withdrawn
        ]

    def newest(self, field):
        return self.station.row(field).entry

    def teardown(self):
        if hasattr(self, "station"):
            assert audit.verify(self.station.ws) is None
            self.station.ws.close()
            shutil.rmtree(self.folder)


@pytest.fixture
def station_class(station):
    return type(station)


@pytest.mark.long
def test_any_order_of_events(station_class):
    from hypothesis.stateful import run_state_machine_as_test

    AnyOrder.make_station = station_class
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=10,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
