"""Absorbing: who works through a group's templates as its members do belongs to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.scan.grouping import fed_links, groups_of, named
from tests.scan.small_logs import Row, SmallLog, facts_of
from tests.scan.worlds import TEMPLATES, made_up_words, ordinary, planted

from cautery.scan.absorbing import ABSORB_FEWEST, absorb
from cautery.scan.candidates import Candidates
from cautery.scan.facts import Facts
from cautery.scan.groups import NO_GROUP, Basis

NOTHING = np.zeros(0, dtype=np.int64)
PLANTED = 12
TURNS = 12
COVER = 6
PASSING_TURNS = 40


def asks_alike(_number: int, turn: int) -> Row:
    """Ask what the planted group asks, each template too seldom to repeat it."""
    item = made_up_words(np.random.default_rng([8, turn]), 9)
    return {"input_text": TEMPLATES[turn % len(TEMPLATES)].format(item)}


def asks_seldom(number: int, turn: int) -> Row:
    """Ask what the planted group asks, but for a small part of the exchanges."""
    return asks_alike(number, turn) if turn < ABSORB_FEWEST else {}


def mixed() -> SmallLog:
    """A planted group with cover traffic, strangers, and three accounts that ask the same."""
    log = ordinary(90) + planted(PLANTED, exchanges=TURNS, cover=COVER / TURNS)
    for name, block, exchanges in (("late", 6, ABSORB_FEWEST + 1), ("once", 7, ABSORB_FEWEST - 1)):
        log += ordinary(1, name=name, block=block, exchanges=exchanges, columns=asks_alike)
    return log + ordinary(1, name="passing", block=8, exchanges=PASSING_TURNS, columns=asks_seldom)


@pytest.fixture(scope="module", name="facts")
def _facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    found = facts_of(tmp_path_factory.mktemp("absorbing") / "log", mixed())
    yield found
    found.close()


@pytest.fixture(scope="module", name="silent")
def _silent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    log = mixed().without("input_text")
    found = facts_of(tmp_path_factory.mktemp("silent") / "log", log)
    yield found
    found.close()


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("carried")


def absorbed(
    facts: Facts, *members: Sequence[str], kinds: Sequence[Basis] = ("both",)
) -> tuple[Candidates, NDArray[np.float64]]:
    """Bring in accounts by the planted templates, as if the first pass had found the groups."""
    group_of = groups_of(facts, *members).group_of
    links = fed_links(facts)
    speaking = np.unique(np.asarray(links["template"].names, dtype=np.int64))
    found = absorb(
        facts, Candidates(group_of=group_of, basis=tuple(kinds), speaking=speaking), links
    )
    return found.candidates, found.odds


def test_absorb(facts: Facts) -> None:
    """A small account that repeats no shingle joins the group if its exchanges fit."""
    found, odds = absorbed(facts, named(facts, "planted"))
    inside = [facts.account_ids[account] for account in np.flatnonzero(found.group_of == 0)]
    assert inside == sorted([*named(facts, "planted"), "late-000"])
    assert np.all(odds[found.group_of == 0] > 0)
    assert np.all(odds[found.group_of < 0] == -np.inf)


def test_one_exchange_is_a_coincidence(facts: Facts) -> None:
    """An account whose one exchange carries the templates stays out."""
    found, _odds = absorbed(facts, named(facts, "planted"))
    assert found.group_of[facts.account_ids.index("once-000")] == NO_GROUP


def test_who_asks_the_same_seldom_passes_by(facts: Facts) -> None:
    """Two exchanges of forty are not what a member with half of them would show."""
    found, _odds = absorbed(facts, named(facts, "planted"))
    assert found.group_of[facts.account_ids.index("passing-000")] == NO_GROUP


def test_absorb_from_a_weaker_group(facts: Facts) -> None:
    """Members that a pass on infrastructure put aside come back; one of two families stays."""
    members = named(facts, "planted")
    aside, _odds = absorbed(facts, members[:8], members[8:], kinds=("both", "infrastructure"))
    assert aside.basis == ("both",)
    assert np.sum(aside.group_of == 0) == PLANTED + 1


def test_a_member_of_another_group_moves(facts: Facts) -> None:
    """An account that was put into the wrong group of both families goes where its templates are.

    The strangers of the second group have no template of their own.
    """
    members = named(facts, "planted")
    strangers = named(facts, "ordinary")[:6]
    found, _odds = absorbed(facts, members[:-1], [*strangers, members[-1]], kinds=("both", "both"))
    place = facts.account_ids.index
    assert found.group_of[place(members[-1])] == found.group_of[place(members[0])]
    assert found.group_of[place(strangers[0])] != found.group_of[place(members[0])]


def test_absorb_needs_speaking_templates(facts: Facts) -> None:
    """A group of one family, or templates that do not speak, bring nobody in."""
    members = named(facts, "planted")
    for kind in ("infrastructure", "behaviour"):
        found, _odds = absorbed(facts, members, kinds=(kind,))
        assert np.sum(found.group_of == 0) == PLANTED
    mute = Candidates(
        group_of=groups_of(facts, members).group_of, basis=("both",), speaking=NOTHING
    )
    silent_groups = absorb(facts, mute, fed_links(facts))
    same, odds = silent_groups.candidates, silent_groups.odds
    assert same is mute
    assert np.all(odds == -np.inf)


def test_absorb_without_text(silent: Facts) -> None:
    """A log without prompts has no templates to bring accounts in by."""
    group_of = groups_of(silent, named(silent, "planted")).group_of
    mute = Candidates(group_of=group_of, basis=("both",), speaking=NOTHING)
    assert absorb(silent, mute, fed_links(silent)).candidates is mute
