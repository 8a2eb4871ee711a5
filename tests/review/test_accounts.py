from datetime import UTC, datetime, timedelta

import pytest

from ocr_pipeline.errors import UsageError
from ocr_pipeline.review import accounts, audit, rights
from ocr_pipeline.review.accounts import BadLoginError, Role, ThrottledError, User
from ocr_pipeline.review.errors import NotAllowedYetError, NotFoundError
from ocr_pipeline.review.login_attempts import attempts_of
from ocr_pipeline.review.rights import ForbiddenError
from ocr_pipeline.store import people
from ocr_pipeline.store.workspace import Workspace

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
GOOD = "cây-đa-bến-nước"


@pytest.fixture
def ticks(ws):
    """The clock of failed logins in seconds, which a test moves."""
    now = [0.0]
    attempts_of(ws).clock = lambda: now[0]
    return now


@pytest.fixture
def ws(tmp_path):
    with Workspace.open(tmp_path) as ws:
        yield ws


def log_in(ws, name="hoa", password=GOOD, address="10.0.0.7", now=NOW):
    return accounts.authenticate(ws, name, password, address, now)


def test_a_person_logs_in_and_out(ws):
    accounts.create_user(ws, "Hoa", Role.OPERATOR, GOOD, "Trần Thị Hoa", by="quan", now=NOW)
    user = log_in(ws, name=" HOA ")
    assert user == User("hoa", Role.OPERATOR, "Trần Thị Hoa")
    token = accounts.open_session(ws, user, NOW)
    assert accounts.session_user(ws, token, NOW) == user
    accounts.close_session(ws, token, NOW)
    assert accounts.session_user(ws, token, NOW) is None
    assert [line["action"] for line in audit.export(ws, person="hoa")] == [
        "user_added", "login", "logout",
    ]  # fmt: skip


def test_nothing_in_the_database_gives_a_login_away(ws):
    accounts.create_user(ws, "hoa", Role.OPERATOR, GOOD, now=NOW)
    token = accounts.open_session(ws, log_in(ws), NOW)
    data = b"".join(path.read_bytes() for path in ws.folder.glob("sohoa.db*"))
    assert GOOD.encode() not in data and token.encode() not in data
    assert b"$argon2id$" in data


def test_a_stolen_hash_costs_memory_and_time_for_every_guess(shipped_hasher):
    """At least what OWASP asks of argon2id: 19 MiB and two passes."""
    hasher = shipped_hasher()
    assert hasher.memory_cost >= 19 * 1024 and hasher.time_cost >= 2
    assert hasher.hash(GOOD).startswith("$argon2id$")


def test_sessions_time_out_when_idle_and_in_the_end(ws):
    accounts.create_user(ws, "hoa", Role.OPERATOR, GOOD, now=NOW)
    token = accounts.open_session(ws, log_in(ws), NOW)
    at = NOW
    while at < NOW + accounts.LONGEST:
        assert accounts.session_user(ws, token, at)
        at += accounts.IDLE
    assert accounts.session_user(ws, token, at + timedelta(minutes=1)) is None
    token = accounts.open_session(ws, log_in(ws), NOW)
    late = NOW + accounts.IDLE + timedelta(seconds=1)
    assert accounts.session_user(ws, token, late) is None


@pytest.mark.parametrize("change", ["password", "role", "active"])
def test_a_change_ends_the_sessions(ws, change):
    accounts.create_user(ws, "hoa", Role.OPERATOR, GOOD, now=NOW)
    token = accounts.open_session(ws, log_in(ws), NOW)
    if change == "password":
        accounts.set_password(ws, "hoa", "another one", now=NOW)
    elif change == "role":
        accounts.set_role(ws, "hoa", Role.REVIEWER, now=NOW)
    else:
        accounts.set_active(ws, "hoa", False, now=NOW)
    assert accounts.session_user(ws, token, NOW) is None


def test_wrong_logins_are_alike_and_throttled(ws, ticks):
    accounts.create_user(ws, "hoa", Role.OPERATOR, GOOD, now=NOW)
    accounts.create_user(ws, "mai", Role.OPERATOR, GOOD, now=NOW)
    accounts.set_active(ws, "mai", False, now=NOW)
    told = set()
    for name, password in (("hoa", "wrong one"), ("nobody", GOOD), ("mai", GOOD)):
        with pytest.raises(BadLoginError) as error:
            log_in(ws, name, password)
        told.add(str(error.value))
    assert len(told) == 1
    for _ in range(4):
        with pytest.raises(BadLoginError):
            log_in(ws, password="wrong one")
    with pytest.raises(ThrottledError) as error:
        log_in(ws)  # even with the right one
    assert error.value.seconds == 15
    ticks[0] += 15
    assert log_in(ws)
    assert log_in(ws)  # a good login makes up for the failures


def test_an_unknown_name_waits_as_a_known_one(ws, ticks):
    accounts.create_user(ws, "hoa", Role.OPERATOR, GOOD, now=NOW)
    waits = {"hoa": [], "nobody": []}
    for name, found in waits.items():
        for _ in range(9):
            try:
                log_in(ws, name, "wrong one")
            except ThrottledError as error:
                found.append(error.seconds)
                ticks[0] += error.seconds
            except BadLoginError:
                pass
    assert waits["hoa"] == waits["nobody"] == [15, 30]


@pytest.mark.parametrize("days", [-1, 1])
def test_a_wall_clock_that_jumps_locks_nobody(ws, ticks, days):
    accounts.create_user(ws, "hoa", Role.OPERATOR, GOOD, now=NOW)
    odd = NOW + timedelta(days=days)
    for _ in range(5):
        with pytest.raises(BadLoginError):
            log_in(ws, password="wrong one", now=odd)
    for now in (odd, NOW):
        with pytest.raises(ThrottledError) as error:
            log_in(ws, now=now)
        assert error.value.seconds == 15
    ticks[0] += 15
    assert log_in(ws)


def test_thirty_wrong_tries_at_one_name_keep_nobody_else_at_the_address_out(ws, ticks):
    for name in ("hoa", "mai"):
        accounts.create_user(ws, name, Role.OPERATOR, GOOD, now=NOW)
    for _ in range(30):
        with pytest.raises((BadLoginError, ThrottledError)):
            log_in(ws, password="wrong one")
    assert log_in(ws, "mai").name == "mai"
    with pytest.raises(ThrottledError):
        log_in(ws)


def test_another_password_ends_the_wait(ws, ticks):
    accounts.create_user(ws, "hoa", Role.OPERATOR, GOOD, now=NOW)
    for _ in range(6):
        with pytest.raises((BadLoginError, ThrottledError)):
            log_in(ws, password="wrong one")
    accounts.set_password(ws, "hoa", GOOD + "!", now=NOW)
    assert log_in(ws, password=GOOD + "!")


def test_an_old_short_password_still_logs_in_and_an_endless_one_is_never_hashed(ws, monkeypatch):
    accounts.create_user(ws, "hoa", Role.OPERATOR, GOOD, now=NOW)
    with ws.transaction() as session:
        people.find_user(session, "hoa").password = accounts._hasher().hash("cũ")
    assert log_in(ws, password="cu\u0303")
    monkeypatch.setattr(accounts, "_hasher", lambda: pytest.fail("hashed"))
    for wrong in ("x" * 201, "x" * 1_000_000, "\udcff"):
        with pytest.raises(BadLoginError):
            log_in(ws, password=wrong)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("hoa", "short"),
        ("hoa", "x" * 1001),
        ("", GOOD),
        ("a b", GOOD),
        ("dieuhoa1", "DieuHoa1"),
    ],
)
def test_bad_names_and_passwords_are_refused(ws, name, password):
    with pytest.raises(UsageError):
        accounts.create_user(ws, name, Role.OPERATOR, password, now=NOW)
    assert not accounts.any_user(ws)


def test_a_name_is_given_once_and_unknown_ones_are_told(ws):
    accounts.create_user(ws, "hoa", Role.OPERATOR, GOOD, now=NOW)
    with pytest.raises(UsageError):
        accounts.create_user(ws, "HOA", Role.ADMIN, GOOD, now=NOW)
    with pytest.raises(NotFoundError):
        accounts.set_password(ws, "lan", GOOD, now=NOW)


def test_the_last_administrator_stays(ws):
    accounts.create_user(ws, "quan", Role.ADMIN, GOOD, now=NOW)
    for change in (
        lambda: accounts.set_active(ws, "quan", False, now=NOW),
        lambda: accounts.set_role(ws, "quan", Role.OPERATOR, now=NOW),
    ):
        with pytest.raises(NotAllowedYetError):
            change()
    accounts.create_user(ws, "lan", Role.ADMIN, GOOD, now=NOW)
    accounts.set_active(ws, "quan", False, now=NOW)
    assert [user.name for user in accounts.list_users(ws) if user.active] == ["lan"]


def test_rights_grow_from_role_to_role_and_misspelt_ones_are_bugs():
    table = rights._table()
    assert set(table) == set(Role)
    assert table["operator"] < table["reviewer"] < table["approver"] < table["admin"]
    operator = User("hoa", Role.OPERATOR)
    assert rights.may(operator, "review") and not rights.may(operator, "approve")
    with pytest.raises(ForbiddenError):
        rights.require(operator, "people")
    with pytest.raises(ValueError):
        rights.may(operator, "aprove")
    assert not rights.may(User("hoa", Role.ADMIN, active=False), "review")
