"""Records that need nobody, beside the fields that were accepted: told alike everywhere."""

from __future__ import annotations

import pytest

from ocr_pipeline.cli.status_tables import tell_status, tell_unattended
from ocr_pipeline.reports.status import status
from ocr_pipeline.review.field_decisions import Action
from ocr_pipeline.review.queue import Lane
from ocr_pipeline.review.review_figures import dashboard
from ocr_pipeline.store.lane_changes import draw_sample
from ocr_pipeline.store.unattended import count_unattended, summed_unattended
from tests.builders.review_station import ReviewStation, book_of_births

databases = pytest.mark.databases("sqlite", "postgresql")


def counts(station: ReviewStation):
    with station.ws.read_session() as session:
        return count_unattended(session)


def births(count: int) -> list[dict[str, object]]:
    return [{"so": f"{62 + i}/2017", "ghiChu": ""} for i in range(count)]


@databases
def test_a_record_with_one_doubtful_field_needs_somebody_also_when_he_is_done(station):
    first, *rest = births(4)
    book = station.book([first | {"?nksHoTen": 0.6, "?meHoTen": 0.6}, *rest])
    before = counts(station)[book.id]
    assert (before.records, before.unattended) == (4, 3)
    assert before.fields - before.accepted == 2
    assert (before.record_share, before.field_share) == (0.75, before.accepted / before.fields)
    for item in station.take(station.an):
        assert station.say(station.an, item, Action.CONFIRM, item.value).ok
    assert counts(station)[book.id] == before


@databases
def test_an_accepted_field_that_a_person_changes_costs_the_record(station):
    book = station.book(births(2))
    assert counts(station)[book.id].unattended == 2
    assert station.decide(station.chi, station.field(1, "nksHoTen"), value="Trần Thị Bưởi").ok
    field = station.field(2, "ghiChu")
    assert station.decide(station.chi, field, Action.BLANK).ok  # empty as before, by a person
    assert station.row(field).state == "blank"
    found = counts(station)[book.id]
    assert (found.unattended, found.fields - found.accepted) == (0, 2)


@databases
def test_a_sample_keyed_or_not_leaves_the_record_what_it_is(station):
    book = station.book(births(2))
    before = counts(station)[book.id]
    station.policy(sample=1.0)
    with station.ws.transaction() as session:
        draw_sample(session, book.id)
    assert counts(station)[book.id] == before
    right, wrong = station.take(station.chi, lane=Lane.SAMPLE, kind="ethnic_group")[:2]
    assert station.say(station.chi, right, value="Kinh").ok
    assert station.say(station.chi, wrong, value="Hoa").ok
    assert counts(station)[book.id] == before
    station.undo(station.chi)
    assert counts(station)[book.id] == before


@databases
def test_the_whole_is_the_sum_of_the_books_and_all_doors_tell_the_same(station, capsys):
    station.book([births(1)[0] | {"?meHoTen": 0.6}])
    other = station.book(births(3), book_of_births(2))
    all_ = summed_unattended(counts(station).values())
    assert (all_.records, all_.unattended) == (4, 3)
    told = status(station.ws)
    assert [(one["records"], one["unattended"]) for one in told["books"]] == [(1, 0), (3, 3)]
    shown = dashboard(station.ws, station.now, station.later(hours=1))["unattended"]
    assert [(one["book"], one["unattended"]) for one in shown][0] == ("", 3)
    assert {one["book"]: one["accepted"] for one in shown}[other.id] == told["books"][1]["accepted"]
    tell_status(told)
    tell_unattended(told)
    said = capsys.readouterr().out
    assert "\t0 (0%)\t" in said and "\t3 (100%)\t" in said
    assert "Records that need nobody: 3 of 4 (75.0 %)" in said


def test_a_workspace_without_records_says_nothing(station, capsys):
    tell_unattended(status(station.ws))
    assert capsys.readouterr().out == ""
    assert summed_unattended([]).record_share == 0.0
    assert dashboard(station.ws, station.now, station.later(hours=1))["unattended"] == []
