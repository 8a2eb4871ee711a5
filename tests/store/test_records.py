from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import (
    Box,
    Candidate,
    Doubt,
    Field,
    FieldKind,
    Record,
    Script,
    Severity,
    Special,
    State,
)
from ocr_pipeline.store import codec
from ocr_pipeline.store.books import load_books, save_book
from ocr_pipeline.store.entries import Entry, EntryConflictError, add_entries, latest_entries
from ocr_pipeline.store.records import count_fields, load_records, replace_records
from ocr_pipeline.store.workspace import Workspace
from tests.builders.books import make_book

BOOK = replace(make_book("KT", year=2016), id="b1")

texts = st.text(max_size=20)
fields = st.builds(
    Field,
    code=st.just("nktHoTen"),
    kind=st.sampled_from(FieldKind),
    as_written=texts,
    value=texts,
    confidence=st.floats(0, 1),
    state=st.sampled_from(State),
    n_best=st.lists(st.builds(Candidate, texts, texts, st.floats(0, 1)), max_size=3).map(tuple),
    doubts=st.lists(
        st.builds(Doubt, texts, st.sampled_from(Severity), st.builds(Text, texts, texts)),
        max_size=2,
    ).map(tuple),
    box=st.builds(Box, *[st.integers(0, 9999)] * 4),
    script=st.sampled_from(Script),
    special=st.none() | st.sampled_from(Special),
    versions=st.dictionaries(texts, texts, max_size=2),
)


@given(fields)
def test_a_record_comes_back_as_it_went(field):
    record = Record("tờ 1.jpg", 2, "KT-2016", {field.code: field})
    data = codec.unpack(codec.pack(codec.record_to_json(record)))
    assert codec.record_from_json(data) == record


pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def workspace(location):
    with Workspace.open(location) as workspace:
        with workspace.transaction() as session:
            save_book(session, BOOK)
        yield workspace


def field(code, value, state=State.IN_REVIEW):
    return Field(code, FieldKind.PERSON_NAME, value, value, 0.5, state)


def keep(workspace, *fields):
    record = Record("1.jpg", 1, "KT-2016", {f.code: f for f in fields})
    with workspace.transaction() as session:
        replace_records(session, "b1", [record])


def test_a_book_comes_back_as_it_went(workspace):
    with workspace.read_session() as session:
        assert load_books(session) == [BOOK]


def test_entries_are_added_laid_over_and_counted(workspace):
    keep(workspace, field("nktHoTen", "Lê Văn Tam"), field("nguoiKy", "Ngô Thị Lan"))
    with workspace.transaction() as session:
        add_entries(
            session,
            "b1",
            [Entry("1.jpg", 1, "nktHoTen", "Lê Văn Tám", State.CORRECTED, "hoa")],
        )
    with workspace.read_session() as session:
        [record] = load_records(session, "b1")
        assert count_fields(session)["b1"] == {"corrected": 1, "in_review": 1}
    name = record.fields["nktHoTen"]
    assert (name.value, name.as_written, name.state) == (
        "Lê Văn Tám",
        "Lê Văn Tám",
        State.CORRECTED,
    )


def test_the_entries_of_a_page_are_those_of_all_its_records(workspace):
    records = [
        Record("1.jpg", place, "KT-2016", {"nktHoTen": field("nktHoTen", "Lê Văn Tam")})
        for place in (1, 2)
    ]
    with workspace.transaction() as session:
        replace_records(session, "b1", records)
        add_entries(
            session,
            "b1",
            [Entry("1.jpg", n, "nktHoTen", "Lê Văn Tám", State.CORRECTED, "hoa") for n in (1, 2)],
        )
    with workspace.read_session() as session:
        of_page = latest_entries(session, "b1", "1.jpg")
        assert of_page == latest_entries(session, "b1") and len(of_page) == 2
        assert list(latest_entries(session, "b1", "1.jpg", 2)) == [("1.jpg", 2, "nktHoTen")]
        assert not latest_entries(session, "b1", "2.jpg")


def test_an_entry_about_an_older_state_is_refused(workspace):
    keep(workspace, field("nktHoTen", "Lê Văn Tam"))
    first = Entry("1.jpg", 1, "nktHoTen", "Lê Văn Tám", State.CORRECTED, "hoa")
    with workspace.transaction() as session:
        add_entries(session, "b1", [first])
    with pytest.raises(EntryConflictError), workspace.transaction() as session:
        add_entries(session, "b1", [first])
    with workspace.read_session() as session:
        newest = latest_entries(session, "b1")
    assert [entry.user for entry in newest.values()] == ["hoa"]


def test_people_cannot_enter_what_does_not_exist(workspace):
    keep(workspace, field("nktHoTen", "Lê Văn Tam"))
    for entry in (
        Entry("1.jpg", 1, "khong", "x", State.CORRECTED, "hoa"),
        Entry("1.jpg", 1, "nktHoTen", "x", State.ACCEPTED, "hoa"),
    ):
        with pytest.raises(ValueError), workspace.transaction() as session:
            add_entries(session, "b1", [entry])
