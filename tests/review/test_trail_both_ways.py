"""Whatever is changed in the database by hand is found by `audit verify`, and named."""

import hashlib
import json
from contextlib import ExitStack
from itertools import islice

import pytest
from sqlalchemy import text

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.review import accounts, audit, policies
from ocr_pipeline.review.accounts import Role
from ocr_pipeline.review.field_decisions import Action
from ocr_pipeline.review.policies import ReviewMode, ReviewPolicy
from ocr_pipeline.store.approvals import ApprovalStep, add_step
from ocr_pipeline.store.audit import has_hash, line_hash
from ocr_pipeline.store.audit_check import trail_faults
from ocr_pipeline.store.codec import pack, unpack
from ocr_pipeline.store.page_decisions import DecisionKind, PageDecision, add_decision
from ocr_pipeline.store.review_models import AuditRow
from ocr_pipeline.store.trail_key import KEY_FILE
from tests.builders import postgres as servers
from tests.builders.review_station import ReviewStation
from tests.builders.tampering import tampered

BOOK = "xalocthuan_hbd_tbt.KS.2017.01"
PASSWORD = "một mật khẩu dài"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def busy(request, tmp_path_factory):
    """A station where people decided, keyed twice, asked, took back, approved and changed rules."""
    folder = tmp_path_factory.mktemp("busy")
    with ExitStack() as stack:
        address = str(folder / "ws")
        if request.param == "postgresql":
            server = request.getfixturevalue("postgres")
            url = stack.enter_context(server.database(server.template()))
            address = servers.location(url, folder / "ws")
        station = ReviewStation(address)
        stack.callback(station.ws.close)
        yield _made_busy(station)


def _made_busy(station):
    station.book([{"so": f"{62 + i}/2017", "?nksHoTen": 0.5, "?meHoTen": 0.5} for i in range(3)])
    for name, role in (("an", Role.OPERATOR), ("quan", Role.ADMIN)):
        accounts.create_user(station.ws, name, role, PASSWORD, by="quan", now=station.now)
    accounts.set_password(station.ws, "an", PASSWORD + "!", by="quan", now=station.now)
    accounts.set_role(station.ws, "an", Role.REVIEWER, by="quan", now=station.now)
    for kind in (FieldKind.DATE, FieldKind.PERSON_NAME):
        policies.set_policy(station.ws, station.admin, ReviewPolicy(kind=kind, sample=0.5))
    policies.unset_policy(station.ws, station.admin, "", FieldKind.DATE)
    for page in (1, 2, 3):
        station.decide(station.an, station.field(page, "nksHoTen"), value=f"Trần Thị Hoa {page}")
    station.undo(station.an)
    station.decide(station.binh, station.field(3, "nksHoTen"), Action.ASK, note="Hoa hay Hòa?")
    station.policy(kind=FieldKind.PERSON_NAME, mode=ReviewMode.DOUBLE)
    mother = station.field(1, "meHoTen")
    station.decide(station.an, mother, value="Lê Thị Tư")
    with station.ws.transaction() as session:
        aside = PageDecision(
            "3.jpg", f"{2:064x}", DecisionKind.ASIDE, {"reason": "cover"}, "chi", station.now
        )
        add_decision(session, BOOK, aside)
        for step in (ApprovalStep.APPROVE, ApprovalStep.WITHDRAW):
            add_step(session, BOOK, step, "dung", station.now)
    return station


def found(station, *statements, **values):
    """What is found after these statements, which leave nothing behind."""
    with tampered(station.ws, *statements, values=values) as session:
        return [(one.line, one.where, one.reason.en) for one in islice(trail_faults(session), 20)]


def line_about(station, action):
    """Number of the newest line that tells of this."""
    return [line["id"] for line in audit.export(station.ws) if line["action"] == action][-1]


def test_a_busy_station_left_alone_holds(busy):
    assert found(busy) == []


_ENTRY = (
    "INSERT INTO entries (id, book, page, position, code, value, as_written, state, user_name, "
    "time, base, digest, layout) SELECT {id}, book, page, position, 'so', '99/2017', '', "
    "'corrected', 'chi', time, NULL, digest, layout FROM entries WHERE id = 1"
)
_FIELD = "UPDATE fields SET value = '99/2017', state = 'corrected', lane = '', entry = {id}"
_APPROVAL = (
    "INSERT INTO approvals (id, book, action, user_name, time, note) "
    "SELECT 90, book, 'approve', 'dung', time, '' FROM approvals WHERE id = 1"
)
_PAGE_DECISION = (
    "INSERT INTO page_decisions (id, book, page, digest, action, details, user_name, time) "
    "SELECT 90, book, '1.jpg', digest, 'aside', details, user_name, time FROM page_decisions"
)
_KEYING = (
    "INSERT INTO decisions (id, field, book, page, position, code, kind, user_name, time, lane, "
    "action, state, value, as_written, was, was_state, confidence, seconds, keys, note, entry, "
    "withdrawn, digest, deed) SELECT 90, field, book, page, position, code, kind, 'chi', time, "
    "lane, action, state, value, as_written, was, was_state, confidence, seconds, keys, note, "
    "entry, withdrawn, digest, deed FROM decisions WHERE id = 1"
)
NO_LINE = "that no line of the audit trail tells of"


@pytest.mark.parametrize(
    ("statement", "where", "reason"),
    [
        (_ENTRY.format(id=90), f"{BOOK} 1.jpg 1 so (chi)", NO_LINE),
        (_APPROVAL, f"{BOOK} (dung)", NO_LINE),
        (_PAGE_DECISION, f"{BOOK} 1.jpg (chi)", NO_LINE),
        (_KEYING, f"{BOOK} 1.jpg 1 nksHoTen (chi)", NO_LINE),
        ("INSERT INTO policies VALUES ('', 'gender', 'single', 0, 0.1)", "gender", NO_LINE),
        (
            "INSERT INTO users SELECT 'ma', '', 'admin', password, active, created FROM users "
            "WHERE name = 'an'",
            "ma",
            NO_LINE,
        ),
        (
            f"INSERT INTO deletions VALUES ('{BOOK}', 'quan', '2026-03-02 08:00:00+00')",
            f"{BOOK} (quan)",
            NO_LINE,
        ),
        (
            "UPDATE decisions SET withdrawn = true WHERE id = 1",
            f"{BOOK} 1.jpg 1 nksHoTen (an)",
            "taken back and no line",
        ),
    ],
)
def test_what_is_added_by_hand_is_found(busy, statement, where, reason):
    line, told, why = found(busy, statement)[0]
    assert (line, told) == (0, where) and reason in why


def test_an_entry_with_the_value_that_its_field_shows_is_found(busy):
    shown = _FIELD.format(id=90) + f" WHERE id = {busy.field(1, 'so')}"
    assert found(busy, _ENTRY.format(id=90), shown) == [
        (0, f"{BOOK} 1.jpg 1 so (chi)", f"An entry {NO_LINE}")
    ]


_PASSWORD = "password = (SELECT password FROM users WHERE name = 'quan')"


@pytest.mark.parametrize(
    ("statement", "where", "action"),
    [
        ("UPDATE entries SET value = 'X' WHERE id = 4", "3.jpg 1 nksHoTen (an)", "undone"),
        ("UPDATE entries SET as_written = 'X' WHERE id = 4", "3.jpg 1 nksHoTen (an)", "undone"),
        ("UPDATE entries SET time = '2026-03-02' WHERE id = 4", "3.jpg 1 nksHoTen (an)", "undone"),
        ("UPDATE decisions SET user_name = 'x' WHERE id = 4", "3.jpg 1 nksHoTen (x)", "asked"),
        ("UPDATE decisions SET value = 'X' WHERE id = 5", "1.jpg 1 meHoTen (an)", "keyed"),
        ("DELETE FROM decisions WHERE id = 5", "5", "keyed"),
        ("UPDATE decisions SET withdrawn = false WHERE id = 3", "3.jpg 1 nksHoTen (an)", "undone"),
        ("UPDATE approvals SET user_name = 'x' WHERE action = 'withdraw'", "(x)", "withdraw"),
        ("DELETE FROM approvals WHERE action = 'withdraw'", "2", "withdraw"),
        ("UPDATE page_decisions SET page = '2.jpg'", "2.jpg (chi)", "page_aside"),
        ("DELETE FROM page_decisions", "1", "page_aside"),
    ],
)
def test_what_is_changed_or_removed_in_a_book_is_found_with_its_line(
    busy, statement, where, action
):
    line, told, _ = found(busy, statement)[0]
    assert (line, told) == (line_about(busy, action), f"{BOOK} {where}")


@pytest.mark.parametrize(
    ("statement", "where", "action"),
    [
        ("UPDATE users SET role = 'admin' WHERE name = 'an'", "an", "role_set"),
        ("UPDATE users SET active = false WHERE name = 'an'", "an", "role_set"),
        (f"UPDATE users SET {_PASSWORD} WHERE name = 'an'", "an", "role_set"),
        ("DELETE FROM users WHERE name = 'an'", "an", "role_set"),
        ("UPDATE policies SET sample = 0", "person_name", "policy_set"),
        ("UPDATE policies SET mode = 'single'", "person_name", "policy_set"),
        ("DELETE FROM policies", "person_name", "policy_set"),
    ],
)
def test_an_account_or_a_policy_changed_by_hand_is_found(busy, statement, where, action):
    [(line, told, _)] = found(busy, statement)
    assert (line, told) == (line_about(busy, action), where)


def test_an_entry_removed_with_all_that_names_it_is_found(busy):
    told = found(
        busy,
        "UPDATE decisions SET entry = NULL WHERE entry = 2",
        "UPDATE fields SET entry = NULL WHERE entry = 2",
        "DELETE FROM entries WHERE id = 2",
    )
    assert any(where == f"{BOOK} 2" and "gone" in why for _, where, why in told)


def test_a_line_added_with_a_right_chain_needs_the_key(busy):
    """Who has the database alone can count on with the hashes, and cannot make the seal."""
    head = audit.head(busy.ws)
    details = {"entry": 90, "rows": {"entries": {"90": "0" * 32}}}
    line = AuditRow(
        id=head["id"] + 1, time="2026-03-02T09:00:00.000+00:00", user="chi", action="decided",
        book=BOOK, subject="1.jpg 1 so", details=json.dumps(details), previous=head["hash"],
    )  # fmt: skip
    line.hash = line_hash(line)
    values = ", ".join(
        f"'{value}'" if isinstance(value, str) else str(value)
        for value in (line.id, line.time, line.user, line.action, line.book, line.subject,
                      line.details, line.previous, line.hash, "f" * 32)
    )  # fmt: skip
    columns = "id, time, user_name, action, book, subject, details, previous, hash, seal"
    told = found(busy, _ENTRY.format(id=90), f"INSERT INTO audit ({columns}) VALUES ({values})")
    assert (line.id, "", "This line was not written by the program: its seal is wrong") in told
    assert any(at == line.id and where == f"{BOOK} 1.jpg 1 so (chi)" for at, where, _ in told)


def test_a_trail_cut_off_with_its_rows_is_known_by_a_noted_head(busy):
    head, last = audit.head(busy.ws), line_about(busy, "withdraw")
    assert last == head["id"]
    cut = (
        "DELETE FROM approvals WHERE action = 'withdraw'", f"DELETE FROM audit WHERE id = {last}"
    )  # fmt: skip
    with tampered(busy.ws, *cut) as session:
        assert list(trail_faults(session)) == [] and not has_hash(session, head["hash"])


@pytest.fixture
def key_file(busy):
    path = busy.ws.folder / KEY_FILE
    kept = path.rename(path.with_suffix(".kept"))
    path.write_bytes(kept.read_bytes())
    yield path
    kept.rename(path)


def test_without_its_key_a_trail_says_so_once(busy, key_file):
    key_file.unlink()
    [(line, where, why)] = found(busy)
    assert line == 0 and where.endswith(KEY_FILE) and "back-up" in why


def test_without_its_key_a_workspace_without_lines_says_so(station):
    station.book([{}])
    assert audit.faults(station.ws, 5) == []
    (station.ws.folder / KEY_FILE).unlink()
    [fault] = audit.faults(station.ws, 5)
    assert fault.where.endswith(KEY_FILE)


def test_with_another_key_no_line_passes(busy, key_file):
    key_file.write_bytes(b"x" * 32)
    told = found(busy)
    assert len(told) == 20 and all("seal" in why or "altered" in why for _, _, why in told)


def test_the_key_is_for_its_owner_alone(busy):
    assert (busy.ws.folder / KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_the_trail_holds_no_values_and_no_hashes_that_can_be_guessed(busy):
    told = json.dumps(list(audit.export(busy.ws)), ensure_ascii=False)
    with busy.ws.read_session() as session:
        values = set(session.scalars(text("SELECT value FROM entries WHERE value <> ''")))
    for value in values:
        assert value not in told and hashlib.sha256(value.encode()).hexdigest() not in told
    assert '"content"' not in told


def changed(payload, code, value):
    """The payload of a record with another value of one field, accepted by the machine."""
    told = unpack(payload)
    told["fields"][code] |= {"value": value, "as_written": value, "state": "accepted"}
    return pack(told)


def test_a_present_value_changed_by_hand_is_found(busy):
    so = busy.field(1, "so")
    assert found(busy, f"UPDATE fields SET value = '99/2017' WHERE id = {so}") == [
        (0, f"{BOOK} 1.jpg 1 so", "The present value of the field does not follow from the "
         "reading and what was entered"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "change", ["state = 'accepted'", "entry = 1", "state = 'confirmed', entry = NULL", "lane = ''"]
)
def test_a_field_that_says_it_is_settled_is_found(busy, change):
    doubt = busy.field(2, "meHoTen")
    told = found(busy, f"UPDATE fields SET {change} WHERE id = {doubt}")
    assert [where for _, where, _ in told] == [f"{BOOK} 2.jpg 1 meHoTen"]


def test_a_field_removed_by_hand_is_found(busy):
    told = found(busy, f"DELETE FROM fields WHERE id = {busy.field(1, 'so')}")
    assert [where for _, where, _ in told] == [f"{BOOK} 1.jpg 1 so"]


def test_a_reading_changed_in_the_judged_record_is_found(busy):
    with busy.ws.read_session() as session:
        payload = session.scalar(text("SELECT payload FROM records WHERE page = '1.jpg'"))
    told = found(
        busy,
        "UPDATE records SET payload = :payload WHERE page = '1.jpg'",
        f"UPDATE fields SET value = '99/2017' WHERE id = {busy.field(1, 'so')}",
        payload=changed(bytes(payload), "so", "99/2017"),
    )
    [(_, where, why)] = told
    assert where == f"{BOOK} 1.jpg 1" and "machine read" in why


def test_a_result_changed_in_the_ledger_is_found(busy):
    with busy.ws.read_session() as session:
        query = "SELECT input, payload FROM ledger ORDER BY input LIMIT 1"
        digest, payload = session.execute(text(query)).one()
    told = unpack(bytes(payload))
    told["records"][0]["fields"]["so"]["value"] = "99/2017"
    forged = pack(told)
    told = found(
        busy,
        f"UPDATE ledger SET payload = :new, checksum = :sum WHERE input = '{digest}'",
        new=forged,
        sum=hashlib.sha256(forged).hexdigest(),
    )
    assert [where for _, where, _ in told] == [f"{BOOK} 1.jpg"]


@pytest.mark.parametrize(
    "change",
    ["page = '4.jpg' WHERE page = '3.jpg'", "position = 2 WHERE page = '1.jpg'",
     "ordinal = 9 WHERE page = '1.jpg'"],
)  # fmt: skip
def test_a_record_put_elsewhere_by_hand_is_found(busy, change):
    told = found(busy, f"UPDATE records SET {change}")
    assert any("machine read of the record" in why for _, _, why in told)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ("UPDATE books SET type = 'KH'", BOOK),
        ("UPDATE books SET judged = 'x'", BOOK),
        ("UPDATE pages SET kind = 'blank' WHERE name = '1.jpg'", f"{BOOK} 1.jpg"),
        ("UPDATE pages SET kind = 'aside' WHERE name = '2.jpg'", f"{BOOK} 2.jpg"),
        ("UPDATE pages SET digest = 'd', kind = 'duplicate' WHERE name = '1.jpg'", f"{BOOK} 1.jpg"),
        ("UPDATE pages SET layout = 'other' WHERE name = '1.jpg'", f"{BOOK} 1.jpg 1"),
    ],
)
def test_a_book_or_page_changed_by_hand_is_found(busy, change, where):
    assert where in [one for _, one, _ in found(busy, change)]


def test_a_record_removed_from_an_approved_book_is_found(busy):
    told = found(
        busy,
        "DELETE FROM fields WHERE record IN (SELECT id FROM records WHERE page = '1.jpg')",
        "DELETE FROM records WHERE page = '1.jpg'",
        "DELETE FROM approvals WHERE action = 'withdraw'",  # as it was while it was approved
    )
    assert (0, f"{BOOK} 1.jpg") in [(line, where) for line, where, _ in told]
