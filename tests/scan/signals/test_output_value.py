"""Groups that collect long answers, pipelines that want labels, and answers like everybody's."""

from __future__ import annotations

import pytest
from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.signals.conftest import LogWithout, NullWeights
from tests.scan.small_logs import Row, SmallLog
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

from cautery.scan.signals.output_value import CURVE

NAME = "output_value"
USUAL = 100
"""Tokens of everybody's answers."""


def answers(tokens: object) -> ByExchange:
    """Make all answers of this length."""
    return lambda _number, _turn: {"output_tokens": tokens}


def collectors(name: str, block: int, tokens: object) -> SmallLog:
    """Make a group whose answers all have this length."""
    return ordinary(6, name=name, block=block, columns=answers(tokens))


STRANGERS = ordinary(12, columns=answers(USUAL))


def test_longer_answers_weigh_more(read_log: ReadLog) -> None:
    """Answers of an article weigh up, labels of a token down, and the usual length not at all."""
    lengths = {"label": 1, "short": 30, "same": USUAL, "long": 300, "article": 4_000}
    log = STRANGERS
    for place, (name, tokens) in enumerate(lengths.items()):
        log += collectors(name, place + 3, tokens)
    facts = read_log(log)
    rows = weigh(facts, NAME, *(named(facts, name) for name in lengths))
    bits = [row.bits for row in rows]
    assert bits == sorted(bits)
    assert (bits[0], bits[2], bits[-1]) == (least(CURVE), 0.0, most(CURVE))
    assert bits[1] < 0.0 < bits[3]
    assert rows[-1].observed == "4000 tokens an answer"
    assert rows[-1].usual == "100 tokens"


def test_harvest_alone_counts(read_log: ReadLog) -> None:
    """Short answers of the cover traffic do not hide the long ones of the harvest."""

    def mixed(_number: int, turn: int) -> Row:
        return {"output_tokens": 1 if turn < 4 else 2_000}

    facts = read_log(STRANGERS + planted(8, cover=0.5, columns=mixed))
    row = weigh_one(facts, NAME, named(facts, "planted"))
    assert row.observed == "2000 tokens an answer"
    assert row.bits == most(CURVE)


def test_no_strangers(read_log: ReadLog) -> None:
    """Where everybody is in the group there is no usual length and no weight."""
    facts = read_log(collectors("all", 3, 2_000))
    assert weigh_one(facts, NAME, facts.account_ids).bits == 0.0


def test_null(null_weights: NullWeights) -> None:
    """Random groups of strangers collect answers like everybody's."""
    rows = null_weights[NAME]
    assert abs(mean_bits(rows)) <= 0.15
    assert max(abs(row.bits) for row in rows) <= 0.5


def test_missing_column(log_without: LogWithout) -> None:
    """Without token usage nothing is known of the answers' length."""
    facts = log_without("output_tokens")
    assert_not_in_this_log(facts, NAME, ["output_tokens"])


def test_unknown_is_not_short(read_log: ReadLog) -> None:
    """A group whose token usage the log does not carry is neither cleared nor accused."""
    facts = read_log(STRANGERS + collectors("streamed", 3, None))
    assert weigh_one(facts, NAME, named(facts, "streamed")).bits == 0.0


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_negative_counts(read_log: ReadLog) -> None:
    """A counter below zero, which some gateways write for unknown, gives no bits that are not."""
    facts = read_log(STRANGERS + collectors("broken", 3, -50))
    assert abs(weigh_one(facts, NAME, named(facts, "broken")).bits) <= -least(CURVE)


def test_hostile_values(read_log: ReadLog) -> None:
    """Numbers that no counter holds are unknown, and the largest that fit add up."""

    def odd(_number: int, turn: int) -> Row:
        return {"output_tokens": (2**31 - 1, *HOSTILE_NUMBERS[4:])[turn % 6]}

    facts = read_log(STRANGERS + ordinary(6, name="odd", block=3, columns=odd))
    row = weigh_one(facts, NAME, named(facts, "odd"))
    assert row.bits == most(CURVE)
