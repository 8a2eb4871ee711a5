"""Failed logins: what waits, what does not, and how much is remembered."""

import pytest

from ocr_pipeline.review.login_attempts import LONGEST_PAUSE_SECONDS, LoginAttempts


class Ticks:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def attempts(ticks):
    return LoginAttempts(ticks)


def test_the_wait_grows_to_fifteen_minutes_and_no_further(attempts, ticks):
    waits = []
    for _ in range(40):
        while wait := attempts.begin("hoa", "10.0.0.7", "old"):
            waits.append(wait)
            ticks.now += wait
    assert waits[:6] == [15, 30, 60, 120, 240, 480]
    assert set(waits[6:]) == {900}
    assert len(waits) == 35


def test_tries_during_the_wait_make_it_no_longer(attempts, ticks):
    for _ in range(5):
        assert attempts.begin("hoa", "10.0.0.7", "old") == 0
    for _ in range(1000):
        assert attempts.begin("hoa", "10.0.0.7", "old") == 15
    ticks.now += 15
    assert attempts.begin("hoa", "10.0.0.7", "old") == 0


def test_another_name_and_another_address_do_not_wait(attempts):
    for _ in range(30):
        attempts.begin("hoa", "10.0.0.7", "old")
    assert attempts.begin("hoa", "10.0.0.7", "old") > 0
    assert attempts.begin("mai", "10.0.0.7", "old") == 0
    assert attempts.begin("hoa", "10.0.0.8", "old") == 0
    assert attempts.pause("mai", "10.0.0.7") == 0


def test_a_new_password_and_a_good_login_end_the_wait(attempts):
    for _ in range(6):
        attempts.begin("hoa", "10.0.0.7", "old")
    assert attempts.begin("hoa", "10.0.0.7", "new") == 0
    attempts.succeed("hoa", "10.0.0.7")
    assert len(attempts) == 0


def test_failures_of_an_hour_ago_count_no_more(attempts, ticks):
    for _ in range(5):
        attempts.begin("hoa", "10.0.0.7", "old")
    ticks.now += 3601
    assert [attempts.begin("hoa", "10.0.0.7", "old") for _ in range(5)] == [0] * 5


def test_a_password_tried_at_many_names_slows_down_and_locks_nobody_out(attempts, ticks):
    for number in range(500):
        assert attempts.begin(f"name{number}", "10.0.0.7", "") == 0
    assert attempts.pause("hoa", "10.0.0.7") == LONGEST_PAUSE_SECONDS <= 3
    assert attempts.begin("hoa", "10.0.0.7", "old") == 0
    assert attempts.pause("hoa", "10.0.0.8") == 0
    ticks.now += 3601
    assert attempts.pause("hoa", "10.0.0.7") == 0


def test_what_is_remembered_is_bounded_and_worn_out_names_stay(attempts):
    for _ in range(6):
        attempts.begin("hoa", "10.0.0.7", "old")
    for number in range(3000):
        attempts.begin(f"name{number}", "10.0.0.7", "")
    assert len(attempts) == 100
    assert attempts.begin("hoa", "10.0.0.7", "old") > 0
    for number in range(3000):
        attempts.begin("hoa", f"10.1.{number // 250}.{number % 250}", "old")
    assert len(attempts) == 1000


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::7", "2001:db8:1:2:ffff::9"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_addresses_that_one_machine_has_are_one(attempts, one, other):
    for _ in range(5):
        attempts.begin("hoa", one, "old")
    assert attempts.begin("hoa", other, "old") > 0
