from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cautery.guard.rules import Limit
from cautery.guard.state_limits import PENDING_SECONDS, Limits

LIMIT = Limit(
    name="a",
    scope="account",
    unit="requests",
    amount=10,
    window_seconds=10,
    burst=5,
    mode="enforce",
    shared=True,
    capacity=64,
)
TOKENS = replace(LIMIT, name="t", unit="tokens", amount=100, burst=100)
IDS = ("", "acct-1", "", "")


def take(limits: Limits, request_id: str = "r", tokens: float = 0, now: float = 100.0) -> bool:
    """Ask for one request of the account."""
    return not limits.take(request_id, IDS, tokens, now)


@given(pauses=st.lists(st.floats(0.0, 3.0), max_size=200))
def test_no_window_gets_more_than_rate_and_burst(pauses: list[float]) -> None:
    """GCRA's promise: in any stretch of time, at most the burst and what came back in it."""
    limits = Limits([LIMIT], seed=1)
    now, passed = 100.0, []
    for number, pause in enumerate(pauses):
        now += pause
        if take(limits, f"r{number}", now=now):
            passed.append(now)
    for first, begin in enumerate(passed):
        for last in range(first, len(passed)):
            assert last - first + 1 <= 5 + (passed[last] - begin) * 1.0 + 1e-6


@given(
    estimates=st.lists(st.integers(0, 500), min_size=1, max_size=30),
    used=st.integers(0, 500),
)
def test_settling_leaves_what_was_used(estimates: list[int], used: int) -> None:
    """However wrong the estimates, the debt is what was used."""
    limits = Limits([replace(TOKENS, burst=1e9)], seed=1)
    rate = limits.rates[0]
    for number, estimate in enumerate(estimates):
        assert take(limits, f"r{number}", estimate)
    for number in range(len(estimates)):
        assert limits.settle(f"r{number}", used, 100.0)
    buckets = rate.buckets
    owed = max(buckets.until) - 100.0
    # The floor at "nothing owed" can only cut refunds, so what is left is never too little.
    assert owed >= len(estimates) * used * rate.seconds_per_unit - 1e-6


def test_an_answer_is_settled_once() -> None:
    """A second report of the same request gives nothing back."""
    limits = Limits([TOKENS], seed=1)
    assert take(limits, "r", 90)
    assert limits.settle("r", 10, 100.0)
    assert not limits.settle("r", 0, 100.0)
    assert not limits.settle("never asked", 0, 100.0)


def test_a_request_larger_than_the_burst_passes_once() -> None:
    """It passes from a full bucket, and all of it is owed."""
    limits = Limits([TOKENS], seed=1)
    assert take(limits, "r1", 1_000)
    assert not take(limits, "r2", 1, now=100.0 + 89)
    assert take(limits, "r3", 1, now=100.0 + 92)


def test_an_overrun_in_shadow_is_not_charged() -> None:
    """Nobody waits for it, so its debt must not grow."""
    limits = Limits([replace(LIMIT, mode="shadow")], seed=1)
    results = [take(limits, f"r{n}") for n in range(100)]
    assert results == [True] * 5 + [False] * 95
    assert take(limits, "later", now=101.5)


def test_one_enforced_overrun_charges_no_other_limit() -> None:
    """A request that a limit stops takes nothing from the limits that would let it pass."""
    wide = replace(LIMIT, name="wide", burst=1_000)
    limits = Limits([replace(LIMIT, burst=1), wide], seed=1)
    for number in range(50):
        take(limits, f"r{number}")
    debts = [max(0.0, until - 100.0) for until in limits.rates[0].buckets.until]
    assert sum(debts) == 2.0


def test_waiting_answers_are_bounded() -> None:
    """The oldest estimate stands when too many wait, and old ones are forgotten."""
    limits = Limits([replace(TOKENS, burst=1e6)], seed=1, most_pending=3)
    for number in range(4):
        assert limits.full() == (number > 2)
        take(limits, f"r{number}", 10)
    assert not limits.settle("r0", 0, 100.0)
    assert limits.settle("r3", 0, 100.0)
    take(limits, "late", 10, now=101.0 + PENDING_SECONDS)
    assert not limits.settle("r1", 0, 102.0 + PENDING_SECONDS)


def test_nothing_waits_where_usage_is_never_told() -> None:
    """An adapter that does not see answers leaves nothing behind."""
    limits = Limits([TOKENS], seed=1, most_pending=1, settling=False)
    take(limits, "r", 10)
    assert not limits.full()


def test_off_and_empty_identifiers_are_not_limited() -> None:
    """A rule that is off is not asked; nobody's requests are not counted together."""
    limits = Limits([replace(LIMIT, mode="off"), replace(LIMIT, name="b", scope="key")], seed=1)
    assert len(limits.rates) == 1
    assert all(take(limits, f"r{n}") for n in range(100))


def test_default_limits_of_a_million_accounts_fit() -> None:
    """Requests and tokens of key, account and organisation: 130 MB, in use or not."""
    limits = Limits(
        [
            replace(LIMIT, name=f"{scope}-{unit}", scope=scope, unit=unit, capacity=1 << 21)
            for scope in ("key", "account", "organisation")
            for unit in ("requests", "tokens")
        ],
        seed=1,
    )
    assert limits.memory_bytes < 135_000_000
