"""What was used once is not used again, in bounded memory."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from cautery.guard.authentication.replay_cache import ReplayCache


@given(
    first=st.floats(0, 1e6),
    later=st.lists(st.floats(0, 89.9), min_size=1, max_size=5),
)
def test_nothing_is_taken_twice_within_the_window(first: float, later: list[float]) -> None:
    """Whenever it comes again within the window, in whatever order, it is known."""
    cache = ReplayCache(window_seconds=90)
    assert cache.first_use("k", "j", first)
    assert not any(cache.first_use("k", "j", first + after) for after in later)


def test_memory_is_given_back() -> None:
    """What cannot come back is forgotten."""
    cache = ReplayCache(window_seconds=90, most_proofs=100_000)
    for second in range(1000):
        for number in range(10):
            cache.first_use(f"k-{number}", f"j-{second}", float(second))
    assert len(cache) <= 10 * 180


def test_a_clock_that_goes_back_forgets_nothing() -> None:
    """A correction of the clock opens no window for replays."""
    cache = ReplayCache(window_seconds=90)
    assert cache.first_use("k", "j", 1000.0)
    assert not cache.first_use("k", "j", 900.0)
    assert cache.first_use("k", "j-2", 900.0)
    assert not cache.first_use("k", "j-2", 1000.0)


def test_a_full_memory_refuses() -> None:
    """What cannot be remembered is not taken; the old ones stay known."""
    cache = ReplayCache(window_seconds=90, most_proofs=16)
    taken = [cache.first_use(f"k-{number}", "j", 0.0) for number in range(20)]
    assert taken == [True] * 16 + [False] * 4
    assert not cache.first_use("k-0", "j", 1.0)


def test_one_owner_does_not_lock_the_others_out() -> None:
    """Whoever floods the memory fills an eighth of it."""
    cache = ReplayCache(window_seconds=90, most_proofs=80)
    assert sum(cache.first_use("loud", f"j-{number}", 0.0) for number in range(1000)) == 10
    assert cache.first_use("quiet", "j", 0.0)


def test_names_do_not_run_into_each_other() -> None:
    """The end of an owner is not the beginning of a proof."""
    cache = ReplayCache(window_seconds=90)
    assert cache.first_use("a", "bc", 0.0)
    assert cache.first_use("ab", "c", 0.0)


def test_of_many_at_once_one_is_first() -> None:
    """However many threads bring the same proof, one of them is the first."""
    cache = ReplayCache(window_seconds=90)
    start, first = threading.Barrier(8), []

    def bring() -> None:
        start.wait()
        for number in range(200):
            if cache.first_use("k", f"j-{number}", 0.0):
                first.append(number)

    threads = [threading.Thread(target=bring) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(first) == list(range(200))
