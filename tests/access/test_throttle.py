"""A password can be tried a few times, then not for a while, from wherever."""

from capsule_flows.throttle import TRIES_AN_ACCOUNT, TRIES_AN_ADDRESS, WINDOW_S, Throttle, keys_of


class Clock:
    """A clock that the test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_account_is_closed_for_a_while_after_ten_failures_from_anywhere() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for number in range(TRIES_AN_ACCOUNT):
        assert throttle.wait_s(keys_of("ada", f"10.0.0.{number}")) == 0
        throttle.count(keys_of("ada", f"10.0.0.{number}"))
    assert throttle.wait_s(keys_of("ada", "10.0.1.1")) == WINDOW_S
    assert throttle.wait_s(keys_of("ben", "10.0.1.1")) == 0
    clock.now = WINDOW_S + 1
    assert throttle.wait_s(keys_of("ada", "10.0.1.1")) == 0


def test_an_address_that_tries_many_accounts_is_closed_for_all_of_them() -> None:
    throttle = Throttle(Clock())
    for number in range(TRIES_AN_ADDRESS):
        throttle.count(keys_of(f"person-{number}", "10.0.0.1"))
    assert throttle.wait_s(keys_of("ada", "10.0.0.1")) == WINDOW_S
    assert throttle.wait_s(keys_of("ada", "10.0.0.2")) == 0


def test_the_right_password_forgets_the_failures_before_it() -> None:
    throttle = Throttle(Clock())
    for _ in range(TRIES_AN_ACCOUNT - 1):
        throttle.count(keys_of("ada", "10.0.0.1"))
    throttle.count(keys_of("ada", "10.0.0.1"))
    throttle.succeeded(keys_of("ada", "10.0.0.1"))
    assert throttle.wait_s(keys_of("ada", "10.0.0.1")) == 0


def test_what_is_past_takes_no_memory() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for number in range(100):
        throttle.count(keys_of(f"person-{number}", f"10.0.0.{number}"))
    clock.now = WINDOW_S + 1
    throttle.wait_s(keys_of("ada", "10.0.0.1"))
    assert len(throttle._failures) == 0
