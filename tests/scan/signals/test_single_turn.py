"""Groups that never react to an answer, people who talk, and logs in which nobody does."""

from __future__ import annotations

from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.signals.conftest import LogWithout, NullWeights
from tests.scan.small_logs import Row
from tests.scan.weighed import (
    HOSTILE_NUMBERS,
    assert_not_in_this_log,
    least,
    mean_bits,
    most,
    weigh,
    weigh_one,
)
from tests.scan.worlds import ByExchange, ordinary, planted

from cautery.scan.signals.single_turn import CURVE

NAME = "single_turn"


def talk(single: float, *, of: int = 10) -> ByExchange:
    """Make this share of an account's exchanges single turns and the rest conversations."""
    return lambda _number, turn: {"message_count": 1 if turn % of < single * of else 5}


STRANGERS = ordinary(20, exchanges=10, columns=talk(0.5))


def test_planted_group(read_log: ReadLog) -> None:
    """A group that never reacts to an answer weighs nearly what the curve gives."""
    group = ordinary(20, name="planted", block=3, exchanges=30, columns=talk(1.0))
    facts = read_log(STRANGERS + group)
    row = weigh_one(facts, NAME, named(facts, "planted"))
    assert 0.6 * most(CURVE) <= row.bits <= most(CURVE)
    assert (row.observed, row.usual) == ("100 %", "50 % of an account's exchanges")
    assert row.p_value is not None
    assert row.p_value < 1e-9


def test_everybody_is_single(read_log: ReadLog) -> None:
    """Where a batch interface has no conversations, a group without them weighs nothing."""
    facts = read_log(ordinary(30, columns=talk(1.0)))
    row = weigh_one(facts, NAME, facts.account_ids[:10])
    assert (row.observed, row.bits) == ("100 %", 0.0)


def test_people_in_conversation(read_log: ReadLog) -> None:
    """Accounts that nearly always talk are weighed down, and the more the further down."""
    log = STRANGERS
    for block, share in ((3, 0.0), (4, 0.3), (5, 0.6), (6, 1.0)):
        log += ordinary(6, name=f"g{share}-", block=block, exchanges=10, columns=talk(share))
    facts = read_log(log)
    groups = [named(facts, f"g{share}-") for share in (0.0, 0.3, 0.6, 1.0)]
    bits = [row.bits for row in weigh(facts, NAME, *groups)]
    assert bits == sorted(bits)
    assert bits[0] < -1.0
    assert bits[-1] > 0.0


def test_few_exchanges_prove_little(read_log: ReadLog) -> None:
    """Three single turns weigh less than two hundred."""
    log = ordinary(20, name="many", block=3, exchanges=10, columns=talk(1.0))
    log += ordinary(1, name="few", block=4, exchanges=3, columns=talk(1.0))
    facts = read_log(STRANGERS + log)
    many, few = weigh(facts, NAME, named(facts, "many"), named(facts, "few"))
    assert few.bits < many.bits


def test_system_prompt_is_no_turn(read_log: ReadLog) -> None:
    """A request of a system prompt and one question has no earlier turn."""

    def framed(_number: int, _turn: int) -> Row:
        return {"message_count": 2, "system_text": "You help with everything."}

    facts = read_log(STRANGERS + ordinary(6, name="framed", block=3, columns=framed))
    assert weigh_one(facts, NAME, named(facts, "framed")).observed == "100 %"


def test_cover_is_left_out(read_log: ReadLog) -> None:
    """Conversations of the cover traffic do not hide the single turns of the harvest."""

    def mixed(_number: int, turn: int) -> Row:
        return {"message_count": 7 if turn < 4 else 1}

    facts = read_log(STRANGERS + planted(8, cover=0.5, columns=mixed))
    assert weigh_one(facts, NAME, named(facts, "planted")).observed == "100 %"


def test_null(null_weights: NullWeights) -> None:
    """Random groups of strangers, who talk in three exchanges of ten, weigh about nothing."""
    rows = null_weights[NAME]
    assert abs(mean_bits(rows)) <= 0.3
    assert max(row.bits for row in rows) <= 0.4
    assert all(row.p_value is not None and row.p_value > 1e-3 for row in rows)


def test_missing_column(log_without: LogWithout) -> None:
    """Without the number of messages nothing is known of turns."""
    facts = log_without("message_count")
    assert_not_in_this_log(facts, NAME, ["message_count"])


def test_unknown_clears_nobody(read_log: ReadLog) -> None:
    """A group whose turns the log does not carry is neither cleared nor accused."""
    unknown = ordinary(6, name="unknown", block=3, columns=lambda _n, _t: {"message_count": None})
    facts = read_log(ordinary(20) + unknown)
    row = weigh_one(facts, NAME, named(facts, "unknown"))
    assert (row.sample_size, row.bits) == (0, 0.0)


def test_hostile_values(read_log: ReadLog) -> None:
    """Numbers that no list of messages has are read or unknown, and the bits stay bounded."""

    def odd(number: int, turn: int) -> Row:
        return {"message_count": HOSTILE_NUMBERS[(number + turn) % len(HOSTILE_NUMBERS)]}

    facts = read_log(STRANGERS + ordinary(9, name="odd", block=3, columns=odd))
    row = weigh_one(facts, NAME, named(facts, "odd"))
    assert least(CURVE) <= row.bits <= most(CURVE)
