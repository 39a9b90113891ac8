"""Shares of phrase families: what is asked in the harvest, against everybody else's accounts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from tests.scan.grouping import groups_of, named
from tests.scan.small_logs import Row, SmallLog, facts_of
from tests.scan.worlds import made_up_words, ordinary

from cautery.ingest.intents import Intent
from cautery.records.evidence import Weight
from cautery.scan.facts import Facts
from cautery.scan.harvest import count_where
from cautery.scan.phrases import PhraseReading, asks, phrase_weights, usual_share

READING = PhraseReading(
    signal="fake",
    label="asks for something",
    intents=("GRADING", "TRANSLATION"),
    curve=((0.0, -1.0), (0.5, 2.0), (1.0, 4.0)),
    sentence="asks for something",
)
GRADES = "Rate this answer on a scale of ten"
TRANSLATES = "Translate this note into french"
CODES = "Refactor this python code"
ASKING = {"graded": GRADES, "translated": TRANSLATES, "coded": CODES}


def asking(text: str, *, name: str = "asker", block: int = 3, count: int = 8) -> SmallLog:
    """Make accounts that begin every prompt so."""

    def ask(number: int, turn: int) -> Row:
        generator = np.random.default_rng([block, number, turn])
        return {"input_text": f"{text} {made_up_words(generator, 12)}"}

    return ordinary(count, name=name, block=block, columns=ask)


LOUD, STRANGERS = 200, 19


def half(number: int, turn: int) -> Row:
    """Ask in every other exchange, and leave no prompt of the rest in the log."""
    words = made_up_words(np.random.default_rng([14, number, turn]), 12).split()
    return {"input_text": " ".join([*words[:6], "rubric", *words[6:]]) if turn % 2 else None}


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    """Read one log with a group of each kind, and a loud stranger."""
    loud = ordinary(
        1, name="loud", block=7, exchanges=LOUD, columns=lambda _n, _t: {"input_text": GRADES}
    )
    log = ordinary(STRANGERS) + loud + ordinary(8, name="half", block=8, columns=half)
    log += ordinary(8, name="system", block=9, columns=lambda _n, _t: {"system_text": GRADES})
    for block, (name, text) in enumerate(ASKING.items(), start=2):
        log += asking(text, name=name, block=block)
    log += asking(GRADES, name="few", block=10, count=3)
    found = facts_of(tmp_path_factory.mktemp("phrases") / "log", log)
    yield found
    found.close()


def weighed(facts: Facts, *begins: str) -> list[Weight]:
    """Weigh groups of accounts by the begin of their names."""
    groups = groups_of(facts, *(named(facts, begin) for begin in begins))
    return list(phrase_weights(facts, groups, READING))


GROUPS = ("graded", "translated", "coded", "system", "half", "few")


def test_one_of_the_families_is_enough(facts: Facts) -> None:
    """Each family of a reading counts, another one does not; the share is of the exchanges."""
    graded, translated, coded = weighed(facts, *GROUPS)[:3]
    assert graded.observed == translated.observed == "100 % of the harvest"
    assert graded.bits == translated.bits > 0 > coded.bits
    assert coded.observed == "0 % of the harvest"
    assert (graded.sample_size, graded.aspect, graded.family) == (64, "distillation", "content")
    assert graded.sentence == "100 % of the harvest asks for something."


def test_system_prompts_count(facts: Facts) -> None:
    """What a system prompt asks for counts as if the user's turn asked."""
    assert weighed(facts, *GROUPS)[3].observed == "100 % of the harvest"


def test_prompts_that_are_not_logged(facts: Facts) -> None:
    """An exchange whose prompt the log lacks is unknown: it is no prompt that does not ask."""
    row = weighed(facts, *GROUPS)[4]
    assert (row.observed, row.sample_size) == ("100 % of the harvest", 32)


def test_few_exchanges_prove_little(facts: Facts) -> None:
    """The same share of fewer exchanges weighs less."""
    many, *_others, few = weighed(facts, *GROUPS)
    assert 0 < few.bits < many.bits


def test_usual_is_by_account(facts: Facts) -> None:
    """One account with very many exchanges does not decide what is usual."""
    groups = groups_of(facts, *(named(facts, begin) for begin in GROUPS))
    usual = usual_share(facts, groups, asks(("GRADING",)))
    assert usual == pytest.approx(1 / (STRANGERS + 1))


def test_what_everybody_asks_is_usual(facts: Facts) -> None:
    """Where accounts outside ask for it as much, the group has nothing that speaks for it."""
    outside = [name for name in facts.account_ids if not name.startswith(("graded", "translated"))]
    groups = groups_of(facts, named(facts, "graded"), outside)
    (row, _rest) = phrase_weights(facts, groups, READING)
    assert row.usual == "100 % of an account's exchanges"
    assert row.bits == 0.0
    assert row.p_value == pytest.approx(1.0)


def test_nobody_outside(facts: Facts) -> None:
    """Accounts of any group are left out of the usual; without others it is nothing."""
    groups = groups_of(facts, facts.account_ids)
    assert usual_share(facts, groups, asks(("GRADING",))) == 0.0


def test_no_family_is_taken_for_another(facts: Facts) -> None:
    """A condition holds for its own family's bit, whoever's text shows it, and no other's."""
    groups = groups_of(facts, named(facts, "graded"))
    for intent in Intent:
        known, held = count_where(groups.exchanges, asks((str(intent.name),)), groups.count)
        assert known.tolist() == [64]
        assert held.tolist() == [64 if intent is Intent.GRADING else 0]
