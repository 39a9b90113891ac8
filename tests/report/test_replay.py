"""A decision repeated gives what the case says, and a changed case is found out."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from tests.report.judged import RULES, judged_campaign, judged_case, row

from cautery.records.campaign import BAND_FLOORS, Campaign, Member
from cautery.report.replay import Replay, is_rule, replay
from cautery.report.weighing_rules import AddedUp

GROUP = judged_campaign()


def repeated(
    place: int = 0, group: Campaign = GROUP, member: Member | None = None, **changes: Any
) -> Replay:
    """Repeat the decision about a member, of a changed group if one likes."""
    changed = replace(group, **changes)
    return replay(changed, member or group.members[place], RULES, same_rules=True)


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("permitted", [False, True])
def test_it_reproduces(place: int, permitted: bool) -> None:
    """Every member of a case comes out as the case says."""
    found = repeated(place, judged_campaign(permitted=permitted))
    assert found.differences == ()
    assert found.reproduces
    assert found.found == found.stated


def test_every_row_is_told_once() -> None:
    """Evidence and rules together are the rows of both waterfalls that say something."""
    found, member = repeated(), GROUP.members[0]
    told = [(r.weight.signal, r.weight.bits) for r in found.reasons]
    told += [(row.signal, row.bits) for _whose, row in found.rules]
    rows = [row for row in (*member.weights, *GROUP.weights) if row.bits or is_rule(row)]
    assert sorted(told) == sorted((row.signal, row.bits) for row in rows)
    whose = {reason.weight.signal: reason.whose for reason in found.reasons}
    assert whose["template"] == "own"
    assert whose["payment"] == "shared"
    assert whose["single_turn"] == "group"


def test_counterfactuals() -> None:
    """Without a reason the chance is what the rules give for the rows that are left."""
    found = repeated()
    for reason in found.reasons:
        signal = reason.weight.signal
        if reason.whose == "group":
            rest = RULES.group([row for row in GROUP.weights if row.signal != signal])
            expected = round(found.found.membership * rest.probability, 6)
            assert reason.without.group == rest.probability
        else:
            rows = [row for row in GROUP.members[0].weights if row.signal != signal]
            _, held = RULES.member(rows, 1.0, GROUP.stability)
            expected = round(held * found.found.group, 6)
            assert reason.without.membership == held
        assert reason.without.account == expected


def test_evidence_never_speaks_the_other_way() -> None:
    """To leave out what speaks against an account never makes it likelier, and the reverse."""
    for place in range(4):
        found = repeated(place)
        for reason in found.reasons:
            if reason.weight.bits > 0:
                assert reason.without.account <= found.found.account
            else:
                assert reason.without.account >= found.found.account


def test_ways_out() -> None:
    """Each set that is told lifts the account out of its band, and no smaller one does."""
    found = repeated()
    floor = dict(BAND_FLOORS)[found.found.band]
    assert found.ways_out
    length = len(found.ways_out[0])
    for some in found.ways_out:
        dropped = {(reason.whose, reason.weight.signal) for reason in some}
        assert without(dropped) < floor
        for fewer in combinations(dropped, length - 1):
            assert without(set(fewer)) >= floor
    weights = [sum(reason.weight.bits for reason in some) for some in found.ways_out]
    assert weights == sorted(weights)


def without(dropped: set[tuple[Any, str]]) -> float:
    """Compute the account's chance without some rows, by hand."""
    member = GROUP.members[0]
    group = RULES.group([row for row in GROUP.weights if ("group", row.signal) not in dropped])
    kept = [
        row for row in member.weights if not {("own", row.signal), ("shared", row.signal)} & dropped
    ]
    _, held = RULES.member(kept, member.stability, GROUP.stability)
    return held * group.probability


def test_more_than_three_reasons() -> None:
    """Where even three reasons do not decide, none are named."""
    rows = [row(f"trait_{number}", 1.0, "distillation", "behaviour") for number in range(20)]
    sure = replace(GROUP.members[0], weights=(), linked_probability=0.999998)
    found = replay(
        replace(GROUP, weights=(GROUP.weights[0], *rows)), sure, AddedUp("9"), same_rules=False
    )
    assert found.found.band == "very likely"
    assert (found.ways_out, found.more_ways_out) == ((), 0)
    assert found.group_bits_to_fall is not None
    assert found.group_bits_to_fall > 3


def test_margins() -> None:
    """So many bits less put the account under the floor; a tenth less than that does not."""
    found = repeated()
    floor = dict(BAND_FLOORS)[found.found.band]
    assert found.group_bits_to_fall is not None
    assert found.own_bits_to_fall is not None
    for held, other, bits in (
        (found.found.group, found.found.membership, found.group_bits_to_fall),
        (found.found.membership, found.found.group, found.own_bits_to_fall),
    ):
        assert weaker(held, bits) * other < floor + 1e-5
        assert weaker(held, bits - 0.1) * other >= floor - 1e-5


def weaker(chance: float, bits: float) -> float:
    """Take bits from a chance."""
    odds = chance / (1 - chance) * 2**-bits
    return odds / (1 + odds)


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "bits": ({"bits": GROUP.bits + 0.3}, "bits of the group"),
    "chance": ({"probability": 0.999}, "chance of the group"),
    "operator": ({"linked_probability": 0.2}, "chance of one operator"),
    "distillation": ({"distillation_probability": 0.2}, "chance of distillation"),
    "a row": (
        {"weights": tuple(replace(row, bits=row.bits + 1) for row in GROUP.weights)},
        "limits of the group",
    ),
    "no limits": (
        {"weights": tuple(row for row in GROUP.weights if not row.signal.endswith("_limit"))},
        "the limits of the group do not follow",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_changed_groups(name: str) -> None:
    """What was changed in a group is told."""
    changes, words = CHANGES[name]
    found = repeated(**changes)
    assert not found.reproduces
    assert any(words in difference for difference in found.differences)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"probability": 0.5}, "chance of the account"),
        ({"linked_probability": 0.5}, "chance of membership"),
        ({"band": "very likely"}, "band: the case says very likely, its rows give likely"),
        ({"most_probability": 0.7}, "chance of the account"),
        ({"stability": 0.1}, "chance of membership"),
    ],
)
def test_changed_members(changes: dict[str, Any], words: str) -> None:
    """What was changed of a member is told."""
    found = repeated(member=replace(GROUP.members[0], **changes))
    assert any(words in difference for difference in found.differences)


def test_other_weights() -> None:
    """A case of another version is added up: its own limits stay, and figures still decide."""
    rules = AddedUp("9.9")
    found = replay(GROUP, GROUP.members[0], rules, same_rules=False)
    assert found.reproduces
    assert found.rules_version == "9.9"
    changed = replace(GROUP, bits=GROUP.bits + 1)
    assert not replay(changed, GROUP.members[0], rules, same_rules=False).reproduces
    rows = [reason.without.group for reason in found.reasons if reason.whose == "group"]
    assert len(set(rows)) > 1


def test_a_member_without_rows() -> None:
    """Where a case has no rows for an account, its chance of membership is taken as it is."""
    bare = replace(GROUP.members[0], weights=())
    found = repeated(member=bare)
    assert found.reproduces
    assert {reason.whose for reason in found.reasons} == {"group"}


def test_an_account_in_no_band() -> None:
    """There is no way out of no band."""
    found = repeated(0, judged_campaign(permitted=True))
    assert found.ways_out == ()
    assert (found.group_bits_to_fall, found.own_bits_to_fall) == (None, None)


def test_the_whole_case() -> None:
    """Every account of every group is reproduced."""
    case = judged_case()
    for group in (*case.campaigns, *case.permitted_groups):
        for member in group.members:
            assert replay(group, member, RULES, same_rules=True).reproduces
