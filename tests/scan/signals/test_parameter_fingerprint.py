"""Accounts that one rare client speaks for, and users of a popular one."""

from __future__ import annotations

from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.signals.conftest import LogWithout, NullWeights
from tests.scan.small_logs import HOSTILE, Row, SmallLog
from tests.scan.weighed import (
    HOSTILE_NUMBERS,
    assert_not_in_this_log,
    mean_bits,
    weigh,
    weigh_one,
    with_hostile,
)
from tests.scan.worlds import ordinary, planted

from cautery.scan.signals.parameter_fingerprint import MOST_BITS

NAME = "parameter_fingerprint"
POPULAR: Row = {"temperature": 1.0, "max_tokens": 4_096, "user_agent": "official/2.1"}


def users(name: str, block: int, count: int, columns: Row) -> SmallLog:
    """Make accounts with one client."""
    return ordinary(count, name=name, block=block, columns=lambda _n, _t: columns)


def test_planted_group(read_log: ReadLog) -> None:
    """A combination that nobody else has weighs up, the more so in a larger log."""
    small = read_log(ordinary(30) + planted(8))
    large = read_log(ordinary(120) + planted(8))
    few, many = (weigh_one(facts, NAME, named(facts, "planted")) for facts in (small, large))
    assert 0.0 < few.bits < many.bits <= MOST_BITS
    assert many.observed == "100 % with one combination"
    assert many.usual == "0 % of other accounts use it"


def test_popular_client(read_log: ReadLog) -> None:
    """The official client's defaults, which most strangers use as well, weigh next to nothing."""
    facts = read_log(users("most", 1, 60, POPULAR) + users("group", 3, 12, POPULAR) + ordinary(20))
    row = weigh_one(facts, NAME, named(facts, "group"))
    assert row.observed == "100 % with one combination"
    assert row.bits <= 0.2


def test_rarer_weighs_more(read_log: ReadLog) -> None:
    """The more strangers use the combination, the less it weighs."""
    bits = []
    for strangers in (0, 16):
        log = users("same", 3, strangers, POPULAR) + ordinary(40 - strangers, block=4)
        facts = read_log(log + users("group", 5, 8, POPULAR))
        bits.append(weigh_one(facts, NAME, named(facts, "group")).bits)
    assert bits[0] > bits[1]


def test_mixed_clients(read_log: ReadLog) -> None:
    """A group of which no combination fills half weighs nothing."""

    def varied(number: int, _turn: int) -> Row:
        return {"max_tokens": 1_000 + number % 3, "user_agent": f"own/{number % 3}"}

    facts = read_log(ordinary(30) + ordinary(12, name="mixed", block=3, columns=varied))
    assert weigh_one(facts, NAME, named(facts, "mixed")).bits == 0.0


def test_cover_is_left_out(read_log: ReadLog) -> None:
    """Chat clients of the cover traffic do not hide the harvest's one client."""
    facts = read_log(ordinary(60) + planted(8) + planted(8, name="half", block=3, cover=0.5))
    plain, covered = (named(facts, name) for name in ("planted", "half"))
    rows = [weigh_one(facts, NAME, members) for members in (plain, covered)]
    assert rows[1].observed == "100 % with one combination"
    assert rows[1].bits > 0.0


def test_other_groups_are_no_strangers(read_log: ReadLog) -> None:
    """A second group of the same operator does not make the combination common."""
    facts = read_log(ordinary(60) + planted(8) + planted(8, name="second", block=3))
    both = weigh(facts, NAME, named(facts, "planted"), named(facts, "second"))
    assert both[0].bits == both[1].bits > 0.0
    assert {row.usual for row in both} == {"0 % of other accounts use it"}


def test_no_strangers(read_log: ReadLog) -> None:
    """Where everybody is in the group nothing is rare."""
    facts = read_log(planted(8))
    assert weigh_one(facts, NAME, facts.account_ids).bits == 0.0


def test_null(null_weights: NullWeights) -> None:
    """Random groups of strangers with clients of their own weigh nothing."""
    rows = null_weights[NAME]
    assert abs(mean_bits(rows)) <= 0.1
    assert max(row.bits for row in rows) <= 0.3


def test_missing_column(log_without: LogWithout) -> None:
    """A log without request parameters tells no combination."""
    facts = log_without("max_tokens")
    assert_not_in_this_log(facts, NAME, ["max_tokens"])


def test_hostile_values(read_log: ReadLog) -> None:
    """Any text and number is a combination like others, and none gets into the row."""
    columns = {
        "user_agent": (*HOSTILE, "", None, "a|b", "a\\|b"),
        "header_order": HOSTILE,
        "temperature": HOSTILE_NUMBERS,
        "max_tokens": (*HOSTILE_NUMBERS, 7),
    }
    facts = read_log(with_hostile(ordinary(16), columns))
    assert 0.0 <= weigh_one(facts, NAME, facts.account_ids[:8]).bits <= MOST_BITS
