"""Accounts that work from the same rare templates, and users of one program's default prompt."""

from __future__ import annotations

import numpy as np
from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.signals.conftest import LogWithout, NullWeights
from tests.scan.small_logs import HOSTILE, Row
from tests.scan.weighed import (
    assert_not_in_this_log,
    mean_bits,
    weigh,
    weigh_one,
    with_hostile,
)
from tests.scan.worlds import TEMPLATES, made_up_words, ordinary, planted

from cautery.scan.signals.repeated_templates import MOST_BITS

NAME = "repeated_templates"


def test_planted_group(read_log: ReadLog) -> None:
    """A group that lives on templates nobody else knows weighs as much as the signal gives."""
    facts = read_log(ordinary(70) + planted(12))
    row = weigh_one(facts, NAME, named(facts, "planted"))
    assert row.bits == MOST_BITS
    assert row.observed == "12 of 12 accounts, 100 % of traffic"


def test_popular_program(read_log: ReadLog) -> None:
    """Users of a default prompt that a third of all strangers send as well weigh nothing."""

    def default(number: int, turn: int) -> Row:
        item = made_up_words(np.random.default_rng([19, number, turn]), 9)
        return {"input_text": TEMPLATES[0].format(item)} if number % 3 == 0 else {}

    facts = read_log(ordinary(90, columns=default))
    users = facts.account_ids[::3][:12]
    assert weigh_one(facts, NAME, users).bits == 0.0


def test_rarer_weighs_more(read_log: ReadLog) -> None:
    """The more strangers know the templates, the less they weigh."""
    bits = []
    for strangers in (0, 20):

        def known(number: int, turn: int, some: int = strangers) -> Row:
            item = made_up_words(np.random.default_rng([29, number, turn]), 9)
            return {"input_text": TEMPLATES[turn % 2].format(item)} if number < some else {}

        facts = read_log(ordinary(70, columns=known) + planted(12))
        bits.append(weigh_one(facts, NAME, named(facts, "planted")).bits)
    assert bits[0] > bits[1] == 0.0


def test_cover_weighs_less_only_if_thick(read_log: ReadLog) -> None:
    """Half the traffic as cover changes nothing, nine parts of ten do."""
    log = planted(12, exchanges=20, cover=0.5, templates=TEMPLATES[:1])
    log += planted(12, name="thin", block=3, exchanges=20, cover=0.9, templates=TEMPLATES[1:])
    facts = read_log(ordinary(70) + log)
    half, thin = weigh(facts, NAME, named(facts, "planted"), named(facts, "thin"))
    assert half.bits == MOST_BITS
    assert 0.0 < thin.bits < half.bits
    assert half.observed == "12 of 12 accounts, 50 % of traffic"


def test_outsiders_in_the_group(read_log: ReadLog) -> None:
    """Members that do not know the templates lower the weight of their group."""
    facts = read_log(ordinary(70) + planted(12))
    pure = weigh_one(facts, NAME, named(facts, "planted"))
    mixed = weigh_one(facts, NAME, [*named(facts, "planted"), *named(facts, "ordinary")[:6]])
    assert 0.0 < mixed.bits < pure.bits
    assert mixed.observed.startswith("12 of 18 accounts")


def test_groups_of_one_operator(read_log: ReadLog) -> None:
    """A second group with the same templates does not make them common."""
    facts = read_log(ordinary(100) + planted(12) + planted(12, name="second", block=3, seed=5))
    rows = weigh(facts, NAME, named(facts, "planted"), named(facts, "second"))
    assert [row.bits for row in rows] == [MOST_BITS] * 2


def test_without_templates(read_log: ReadLog) -> None:
    """People who write what they need have no templates in common."""
    facts = read_log(ordinary(40))
    row = weigh_one(facts, NAME, facts.account_ids[:12])
    assert (row.bits, row.observed) == (0.0, "0 of 12 accounts, 0 % of traffic")


def test_null(null_weights: NullWeights) -> None:
    """Random groups of strangers, a quarter of whom use one program, weigh about nothing."""
    rows = null_weights[NAME]
    assert abs(mean_bits(rows)) <= 0.2
    assert max(row.bits for row in rows) <= 0.5


def test_missing_column(log_without: LogWithout) -> None:
    """Without prompts nothing is known of templates."""
    facts = log_without("input_text")
    assert_not_in_this_log(facts, NAME, ["input_text"])


def test_dropped_text(read_log: ReadLog) -> None:
    """Sketches are made when the log is read, so dropping the text changes no weight."""
    log = ordinary(40) + planted(8)
    kept, dropped = read_log(log), read_log(log, drop_text=True)
    assert weigh_one(kept, NAME, named(kept, "planted")) == weigh_one(
        dropped, NAME, named(dropped, "planted")
    )


def test_hostile_values(read_log: ReadLog) -> None:
    """A frame of escapes is a template like others, and none of it gets into the row."""
    frame = f"{HOSTILE[0]} one two three {HOSTILE[3]} four five six {{}} {HOSTILE[4]} seven eight"
    facts = read_log(ordinary(60) + planted(8, templates=(frame,)))
    assert weigh_one(facts, NAME, named(facts, "planted")).bits > 0.0
    odd = read_log(with_hostile(ordinary(12), {"input_text": (*HOSTILE, "", None)}))
    assert 0.0 <= weigh_one(odd, NAME, odd.account_ids).bits <= MOST_BITS
