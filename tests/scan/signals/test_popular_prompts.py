"""Groups that are a choice among many strangers with one program."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.signals.conftest import LogWithout, NullWeights
from tests.scan.small_logs import HOSTILE, Row
from tests.scan.weighed import (
    assert_not_in_this_log,
    least,
    mean_bits,
    weigh,
    weigh_one,
    with_hostile,
)
from tests.scan.worlds import TEMPLATES, made_up_words, ordinary, planted

from cautery.scan.signals.popular_prompts import CURVE

NAME = "popular_prompts"


def users_of_the_program(users: int) -> Callable[[int, int], Row]:
    """Make columns with which the first strangers send the planted accounts' prompts."""

    def columns(number: int, turn: int) -> Row:
        item = made_up_words(np.random.default_rng([29, number, turn]), 9)
        return {"input_text": TEMPLATES[turn % 2].format(item)} if number < users else {}

    return columns


def bits_with(read_log: ReadLog, users: int) -> float:
    """Weigh four planted accounts among strangers of whom some use their prompts."""
    facts = read_log(ordinary(90, columns=users_of_the_program(users)) + planted(4))
    return weigh_one(facts, NAME, named(facts, "planted")).bits


def test_private_prompts(read_log: ReadLog) -> None:
    """Nobody else knows a campaign's templates, and nothing is said then."""
    facts = read_log(ordinary(70) + planted(12))
    row = weigh_one(facts, NAME, named(facts, "planted"))
    assert (row.bits, row.observed) == (0.0, "0 strangers, 12 members")


def test_more_strangers_than_members(read_log: ReadLog) -> None:
    """As many strangers as members say nothing; twice as many take back what all users ask."""
    assert [bits_with(read_log, users) for users in (2, 4, 8)] == [0.0, 0.0, -5.7]


def test_never_below_the_curve(read_log: ReadLog) -> None:
    """However popular a prompt is, it takes back no more than what is said of a choice."""
    facts = read_log(ordinary(90, columns=users_of_the_program(90)) + planted(4))
    two = named(facts, "planted")[:3]
    assert weigh_one(facts, NAME, two).bits >= least(CURVE)


def test_campaigns_of_one_operator(read_log: ReadLog) -> None:
    """A larger campaign with the same templates is no crowd of strangers."""
    facts = read_log(ordinary(70) + planted(4) + planted(24, name="second", block=3, seed=5))
    rows = weigh(facts, NAME, named(facts, "planted"), named(facts, "second"))
    assert [row.bits for row in rows] == [0.0, 0.0]


def test_null(null_weights: NullWeights) -> None:
    """Random groups of strangers are not accused, and hardly any needs to be cleared."""
    rows = null_weights[NAME]
    assert max(row.bits for row in rows) == 0.0
    assert mean_bits(rows) >= -2.0


def test_never_speaks_for_a_campaign() -> None:
    """This signal only clears."""
    assert max(bits for _place, bits in CURVE) == 0.0


def test_missing_column(log_without: LogWithout) -> None:
    """Without prompts nothing is known of who else uses them."""
    assert_not_in_this_log(log_without("input_text"), NAME, ["input_text"])


def test_hostile_values(read_log: ReadLog) -> None:
    """Any text is a prompt, and none of it gets into the row."""
    odd = read_log(with_hostile(ordinary(12), {"input_text": (*HOSTILE, "", None)}))
    assert least(CURVE) <= weigh_one(odd, NAME, odd.account_ids).bits <= 0.0
