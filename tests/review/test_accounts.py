from datetime import UTC, datetime, timedelta

import pytest

from ocr_pipeline.errors import UsageError
from ocr_pipeline.review import accounts, audit, rights
from ocr_pipeline.review.accounts import BadLoginError, Role, ThrottledError, User
from ocr_pipeline.review.errors import NotAllowedYetError, NotFoundError
from ocr_pipeline.review.rights import ForbiddenError
from ocr_pipeline.store.workspace import Workspace

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
GOOD = "cây-đa-bến-nước"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    """Real argon2, but with the least work it allows."""
    from argon2 import PasswordHasher

    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(accounts, "_hasher", lambda: hasher)
    monkeypatch.setattr(accounts, "_nobody", lambda: hasher.hash("nobody knows"))


@pytest.fixture
def ws(tmp_path):
    with Workspace.open(tmp_path) as ws:
        yield ws


def log_in(ws, name="hoa", password=GOOD, address="10.0.0.7", after=0.0):
    return accounts.authenticate(ws, name, password, address, NOW + timedelta(seconds=after))


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


def test_wrong_logins_are_alike_and_throttled(ws):
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
    assert log_in(ws, after=16)
    assert log_in(ws)  # a good login makes up for the failures


def test_waiting_doubles_and_counts_for_unknown_names_too(ws):
    waits, at = [], 0.0
    for _ in range(8):
        try:
            log_in(ws, "nobody", "wrong one", after=at)
        except ThrottledError as error:
            waits.append(error.seconds)
            at += error.seconds
        except BadLoginError:
            pass
    assert waits == [15, 30]


def test_many_names_from_one_address_are_throttled(ws):
    for number in range(20):
        with pytest.raises(BadLoginError):
            log_in(ws, f"name{number}", "wrong one")
    with pytest.raises(ThrottledError):
        log_in(ws, "name99", "wrong one")
    with pytest.raises(BadLoginError):
        log_in(ws, "name99", "wrong one", address="10.0.0.8")


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
