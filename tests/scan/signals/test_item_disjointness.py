"""A work queue that is split between accounts, a class with one sheet, and a popular program."""

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
    most,
    weigh,
    weigh_one,
    with_hostile,
)
from tests.scan.worlds import TEMPLATES, made_up_words, ordinary, planted

from cautery.scan.signals.item_disjointness import CURVE, FEWEST_EXCHANGES, PLAIN_CURVE

NAME = "item_disjointness"


def sheet(tasks: int, frame: str = TEMPLATES[0]) -> Callable[[int, int], Row]:
    """Have every account ask the items of one list of so many, each from another place on."""

    def asked(number: int, turn: int) -> Row:
        item = made_up_words(np.random.default_rng([13, (number + turn) % tasks]), 9)
        return {"input_text": frame.format(item)}

    return asked


def test_planted_group(read_log: ReadLog) -> None:
    """One rare template, many accounts and no item twice weigh as much as the curve gives."""
    facts = read_log(ordinary(60) + planted(12))
    row = weigh_one(facts, NAME, named(facts, "planted"))
    assert row.bits == most(CURVE)
    assert row.sample_size == 96
    assert row.observed == "0 % of items met by two accounts"


def test_class(read_log: ReadLog) -> None:
    """A class works through one sheet, so that all items are met by many: weighed down."""
    facts = read_log(ordinary(40) + ordinary(12, name="pupil", block=3, columns=sheet(8)))
    row = weigh_one(facts, NAME, named(facts, "pupil"))
    assert row.bits == least(CURVE)
    assert row.observed == "100 % of items met by two accounts"


def test_more_overlap_weighs_less(read_log: ReadLog) -> None:
    """The longer the list that accounts share, the fewer meet on an item, the more it weighs."""
    log, tasks = ordinary(40), (8, 40, 5_000)
    for place, count in enumerate(tasks):
        frame = f"Number {place} of the kind: {TEMPLATES[0]} as of kind {place}"
        asked = sheet(count, frame)
        spread = {8: 1, 40: 5, 5_000: 311}[count]

        def columns(
            number: int, turn: int, ask: Callable[[int, int], Row] = asked, step: int = spread
        ) -> Row:
            return ask(number * step, turn)

        log += ordinary(12, name=f"of-{count}-", block=3 + place, columns=columns)
    facts = read_log(log)
    bits = [row.bits for row in weigh(facts, NAME, *(named(facts, f"of-{n}-") for n in tasks))]
    assert bits == sorted(bits)
    assert bits[0] < 0.0 < bits[-1]


def test_popular_program(read_log: ReadLog) -> None:
    """Strangers who use one program's default prompt split no queue, though no item comes twice."""

    def default(number: int, turn: int) -> Row:
        item = made_up_words(np.random.default_rng([19, number, turn]), 9)
        return {"input_text": TEMPLATES[0].format(item)} if number % 3 == 0 else {}

    facts = read_log(ordinary(90, columns=default))
    users = [name for place, name in enumerate(facts.account_ids) if place % 3 == 0][:12]
    assert weigh_one(facts, NAME, users).bits == 0.0


def test_own_repeats_are_no_meetings(read_log: ReadLog) -> None:
    """An account that asks its own item again, to sample answers, meets nobody."""

    def again(number: int, turn: int) -> Row:
        item = made_up_words(np.random.default_rng([23, number, turn // 2]), 9)
        return {"input_text": TEMPLATES[0].format(item)}

    facts = read_log(ordinary(40) + planted(12, columns=again))
    row = weigh_one(facts, NAME, named(facts, "planted"))
    assert row.observed == "0 % of items met by two accounts"
    assert row.bits > 0.0


def test_chance_of_so_few_meetings(read_log: ReadLog) -> None:
    """Retries that all stay in their account are a queue by the birthday null; a class is none."""

    def again(number: int, turn: int) -> Row:
        item = made_up_words(np.random.default_rng([23, number, turn // 2]), 9)
        return {"input_text": TEMPLATES[0].format(item)}

    log = ordinary(40) + planted(12, columns=again)
    facts = read_log(log + ordinary(12, name="pupil", block=3, columns=sheet(8, TEMPLATES[1])))
    queue, lesson = weigh(facts, NAME, named(facts, "planted"), named(facts, "pupil"))
    assert queue.p_value is not None
    assert queue.p_value < 1e-9
    assert lesson.p_value is not None
    assert lesson.p_value > 0.5


def test_too_few_exchanges(read_log: ReadLog) -> None:
    """A handful of items that nobody shares is no queue."""
    accounts = FEWEST_EXCHANGES // 4 - 1
    facts = read_log(ordinary(40) + planted(accounts, exchanges=4))
    row = weigh_one(facts, NAME, named(facts, "planted"))
    assert row.sample_size == 4 * accounts
    assert row.bits == 0.0


def test_cover_is_left_out(read_log: ReadLog) -> None:
    """Greetings that all accounts send as cover do not make the queue's items meet."""

    def greeting(_number: int, turn: int) -> Row:
        return {"input_text": "good morning"} if turn < 4 else {}

    facts = read_log(ordinary(40) + planted(12, cover=0.5, columns=greeting))
    row = weigh_one(facts, NAME, named(facts, "planted"))
    assert row.sample_size == 48
    assert row.bits == most(CURVE)


def test_without_templates(read_log: ReadLog) -> None:
    """Without a template, disjoint items say nothing, and common ones still clear."""

    def common(_number: int, turn: int) -> Row:
        return {"input_text": f"hello {turn}"}

    facts = read_log(ordinary(40) + ordinary(12, name="common", block=3, columns=common))
    plain, met = weigh(facts, NAME, named(facts, "ordinary")[:12], named(facts, "common"))
    assert plain.bits == 0.0
    assert least(PLAIN_CURVE) <= met.bits < 0.0
    assert most(PLAIN_CURVE) == 0.0


def test_null(null_weights: NullWeights) -> None:
    """Random groups of strangers, a quarter of whom use one program, weigh about nothing."""
    rows = null_weights[NAME]
    assert abs(mean_bits(rows)) <= 0.2
    assert max(row.bits for row in rows) <= 0.5


def test_missing_column(log_without: LogWithout) -> None:
    """Without prompts nothing is known of items."""
    facts = log_without("input_text")
    assert_not_in_this_log(facts, NAME, ["input_text"])


def test_dropped_text(read_log: ReadLog) -> None:
    """Hashes are made when the log is read, so dropping the text changes no weight."""
    log = ordinary(40) + planted(8)
    kept, dropped = read_log(log), read_log(log, drop_text=True)
    assert weigh_one(kept, NAME, named(kept, "planted")) == weigh_one(
        dropped, NAME, named(dropped, "planted")
    )


def test_hostile_values(read_log: ReadLog) -> None:
    """Any prompt is an item, an absent one is none, and the bits stay bounded."""
    facts = read_log(with_hostile(ordinary(24), {"input_text": (*HOSTILE, "", None)}))
    row = weigh_one(facts, NAME, facts.account_ids[:12])
    assert least(CURVE) <= row.bits <= 0.0
    assert row.sample_size is not None
    assert row.sample_size < 12 * 8
