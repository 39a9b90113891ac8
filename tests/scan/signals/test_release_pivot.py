"""Groups that jump to a new served model within a day, and logs in which everybody does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.scan.conftest import ReadLog
from tests.scan.grouping import groups_of, named
from tests.scan.signals.conftest import NullWeights
from tests.scan.small_logs import HOSTILE, Row, SmallLog, exchange, moment
from tests.scan.weighed import (
    assert_not_in_this_log,
    at,
    least,
    mean_bits,
    most,
    weigh,
    weigh_one,
)
from tests.scan.worlds import DAY, HOUR, ordinary

from cautery.scan.signals.release_pivot import CURVE, FEWEST_EXCHANGES, WINDOW_SECONDS, pivot

NAME = "release_pivot"
RELEASE = 2 * DAY + 5 * HOUR
OLD, NEW = "served-1", "served-2"


def released(model: str = NEW, second: float = RELEASE) -> SmallLog:
    """Make the release of one served model."""
    return SmallLog(releases=({"model": model, "released_at": moment(second)},))


def callers(name: str, share: float, *, accounts: int = 8, new: str = NEW) -> SmallLog:
    """Make accounts that call every two hours, this share of it on the new model after release."""
    rows = []
    for number in range(accounts):
        for turn in range(5 * DAY // (2 * HOUR)):
            second = turn * 2 * HOUR + number
            place = (number * 3 + turn) % 10
            model = new if second >= RELEASE and place < share * 10 else OLD
            rows.append(exchange(f"{name}-{number:03d}", second, request_model=model))
    return SmallLog(exchanges=tuple(rows))


SLOW = callers("stranger", 0.1, accounts=20)


def test_planted_group(read_log: ReadLog) -> None:
    """A group that moves nearly all at once, where others wait, weighs what the curve gives."""
    facts = read_log(SLOW + callers("fast", 0.9, accounts=24) + released())
    row = weigh_one(facts, NAME, named(facts, "fast"))
    assert row.bits == most(CURVE)
    assert (row.observed, row.usual) == ("90 % within 24 h", "10 %")


def test_everybody_moves(read_log: ReadLog) -> None:
    """Where an alias moves everybody to the new model, a group weighs nothing."""
    facts = read_log(callers("stranger", 0.9, accounts=20) + callers("fast", 0.9) + released())
    row = weigh_one(facts, NAME, named(facts, "fast"))
    assert (row.bits, row.observed, row.usual) == (0.0, "90 % within 24 h", "90 %")


def test_faster_weighs_more(read_log: ReadLog) -> None:
    """The more of a group moves beyond what others do, the more it weighs."""
    shares = (0.0, 0.5, 0.6, 0.8, 1.0)
    log = callers("stranger", 0.5, accounts=20) + released()
    for share in shares:
        log += callers(f"g{share}-", share)
    facts = read_log(log)
    bits = [
        row.bits for row in weigh(facts, NAME, *(named(facts, f"g{share}-") for share in shares))
    ]
    assert bits == sorted(bits)
    assert bits[0] < bits[1] == 0.0 < bits[-1]
    assert bits[0] == least(CURVE)


def test_late_movers(read_log: ReadLog) -> None:
    """Who moves after the first day is a customer who read the announcement."""
    late = RELEASE + WINDOW_SECONDS

    def slow(_number: int, turn: int) -> Row:
        second = turn * 2 * HOUR
        return {"time_start": moment(second), "request_model": NEW if second >= late else OLD}

    group = ordinary(8, name="late", block=3, exchanges=60, columns=slow)
    facts = read_log(SLOW + group + released())
    assert weigh_one(facts, NAME, named(facts, "late")).bits <= 0.0


def test_few_exchanges(read_log: ReadLog) -> None:
    """A share of too few exchanges in the window is chance."""
    accounts = (FEWEST_EXCHANGES - 1) // 12
    facts = read_log(SLOW + callers("few", 1.0, accounts=accounts) + released())
    row = weigh_one(facts, NAME, named(facts, "few"))
    assert row.bits == 0.0


def test_strongest_release_counts(read_log: ReadLog) -> None:
    """Of several releases the one that moved the group most is weighed and told."""
    log = SLOW + callers("fast", 0.9) + released() + released("served-3", 4 * DAY)
    first, both = (
        weigh_one(facts, NAME, named(facts, "fast"))
        for facts in (read_log(SLOW + callers("fast", 0.9) + released()), read_log(log))
    )
    assert both == first


@pytest.mark.parametrize("second", [-400 * DAY, 20 * DAY])
def test_release_outside_the_log(read_log: ReadLog, second: float) -> None:
    """A release before or after the log moves nobody."""
    facts = read_log(SLOW + callers("fast", 0.9) + released(second=second))
    row = weigh_one(facts, NAME, named(facts, "fast"))
    assert (row.bits, row.sample_size) == (0.0, 0)


def test_no_strangers(read_log: ReadLog) -> None:
    """Where everybody is in the group there is no usual speed."""
    facts = read_log(callers("fast", 0.9) + released())
    assert weigh_one(facts, NAME, facts.account_ids).bits == 0.0


def test_pivot(read_log: ReadLog) -> None:
    """Shares are of the exchanges in the day after the release, its first second included."""
    seconds = (RELEASE - 1, RELEASE, RELEASE + WINDOW_SECONDS - 1, RELEASE + WINDOW_SECONDS)
    models: Callable[[int], str | None] = (OLD, NEW, None, NEW).__getitem__
    rows = [
        exchange(name, second, request_model=models(place))
        for name in ("a", "b", "c")
        for place, second in enumerate(seconds)
    ]
    facts = read_log(SmallLog(exchanges=tuple(rows)) + released())
    ((_model, released_us),) = facts.releases
    found = pivot(facts, groups_of(facts, ["a"], ["b"]), NEW, released_us // 1_000_000)
    assert (found.share.tolist(), found.exchanges.tolist()) == ([0.5, 0.5], [2, 2])
    assert found.accounts.tolist() == [1, 1]
    assert found.other is not None
    assert found.other.tolist() == [0.5, 0.5]
    nobody = pivot(facts, groups_of(facts, ["a", "b", "c"]), NEW, released_us // 1_000_000)
    assert nobody.other is None


def test_one_busy_account_moves_nobody_else(read_log: ReadLog) -> None:
    """A member with most of the group's exchanges on the new model weighs as one account."""
    busy = SmallLog(
        exchanges=tuple(
            exchange("calm-busy", RELEASE + place, request_model=NEW) for place in range(500)
        )
    )
    facts = read_log(SLOW + callers("calm", 0.1, accounts=12) + busy + released())
    calm = weigh_one(facts, NAME, named(facts, "calm"))
    assert (calm.sample_size or 0) > 500
    assert calm.bits <= at(CURVE, 0.1)


def test_null(null_weights: NullWeights) -> None:
    """Random groups of strangers move as fast as strangers."""
    rows = null_weights[NAME]
    assert abs(mean_bits(rows)) <= 0.3
    assert max(row.bits for row in rows) <= 1.5


def test_missing_columns(read_log: ReadLog) -> None:
    """Without releases, or without served models, nothing is known of moves."""
    assert_not_in_this_log(read_log(SLOW), NAME, ["releases"])
    unnamed = (SLOW + released()).without("request_model")
    assert_not_in_this_log(read_log(unnamed), NAME, ["request_model"])


def test_hostile_values(read_log: ReadLog) -> None:
    """A model of any name is released and moved to, and its name does not get into the row."""
    name = "".join(HOSTILE[:4])
    facts = read_log(SLOW + callers("fast", 0.9, new=name) + released(name))
    assert weigh_one(facts, NAME, named(facts, "fast")).bits >= at(CURVE, 0.5)


def test_absent_models(read_log: ReadLog) -> None:
    """Exchanges of which the log does not know the model are no move."""
    nameless = callers("fast", 0.9).without("request_model")
    facts = read_log(SLOW + nameless + released())
    assert weigh_one(facts, NAME, named(facts, "fast")).bits <= 0.0
