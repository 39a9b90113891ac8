"""Limits are rows that keep one kind of evidence from deciding alone, and the sum stays a sum."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.limit_rows import KINDS, ROWS, STEP, limit, row, rows_of, total

from cautery.scan.evidence import PRIOR_BITS
from cautery.scan.limits import (
    ALIKE_BITS,
    ALIKE_TO_LOOK_AT_BITS,
    BEYOND_LINKAGE,
    HIDDEN_LINKS_KEPT,
    LEAST_ALONE_BITS,
    LEAST_ASKED_BITS,
    LEAST_INFRASTRUCTURE_BITS,
    MOST_CONTENT_BITS,
    MOST_LINKAGE_BITS,
    ONE_FAMILY_BITS,
    UNASKED_BITS,
    counts_as_asked,
    counts_as_linked,
    limits_of,
)
from cautery.scan.weighing import rounded


def test_nothing_to_limit() -> None:
    """Without rows, or with modest ones, no limit is set."""
    assert limits_of([], PRIOR_BITS) == []
    modest = [row("shared_payment", 2.0), row("rubric_grading", 1.0), row("co_activity", 1.0)]
    assert limits_of(modest, PRIOR_BITS) == []


def test_linkage() -> None:
    """Beyond the ceiling a part counts, and only as far as something else speaks for a harvest."""
    at = [row("co_activity", MOST_LINKAGE_BITS)]
    assert limits_of(at, PRIOR_BITS) == []
    above = [*at, row("shared_payment", 4.0)]
    assert limit(above, "linkage_limit") == pytest.approx(-4.0)
    asked = [*above, row("rubric_grading", 2.0)]
    assert limit(asked, "linkage_limit") == pytest.approx(-4.0 * (1 - BEYOND_LINKAGE), abs=STEP / 2)
    (found,) = limits_of(above, PRIOR_BITS)
    assert (found.aspect, found.family) == ("linkage", "context")
    assert found.observed == f"+{MOST_LINKAGE_BITS + 4:.1f} bits in all"


def test_content() -> None:
    """Words count up to their ceiling and not beyond."""
    linked = row("co_activity", MOST_LINKAGE_BITS)
    for beyond in (0.0, 0.1, 5.0):
        asked = [row("rubric_grading", 4.0), row("reasoning_elicitation", MOST_CONTENT_BITS - 4)]
        found = limit([linked, *asked, row("rubric_grading", beyond)], "content_limit")
        assert found == pytest.approx(-beyond)


def test_content_against_a_campaign_is_not_held_back() -> None:
    """A ceiling takes away only: harmless words count in full."""
    assert limit([row("rubric_grading", -9.0), row("shared_payment", 2.0)], "content_limit") == 0


def test_hidden_links() -> None:
    """Where one link is strong, missing others speak only in part against one owner."""
    rows = [row("shared_payment", 4.0), row("shared_address", -1.0), row("shared_network", -1.0)]
    expected = 2.0 * (1 - HIDDEN_LINKS_KEPT)
    assert limit(rows, "hidden_links") == pytest.approx(expected, abs=STEP / 2)
    weak = [row("shared_payment", 1.0), *rows[1:]]
    assert limit(weak, "hidden_links") == 0


def test_payers_that_stay_apart_count_in_full() -> None:
    """An address in common does not give back what separate payers say."""
    assert limit([row("shared_address", 4.0), row("shared_payment", -2.0)], "hidden_links") == 0


def test_behaviour_is_no_link_to_hide() -> None:
    """Lack of synchrony is no missing link, and synchrony makes up for none."""
    assert limit([row("shared_payment", 4.0), row("co_activity", -2.0)], "hidden_links") == 0
    assert limit([row("co_activity", 4.0), row("shared_address", -2.0)], "hidden_links") == 0


def test_alike_is_not_linked() -> None:
    """What is asked for outweighs the linkage by so many bits and no more."""
    asked = [row("shared_payment", 0.0), row("repeated_templates", 9.0)]
    assert total(asked) == ALIKE_BITS
    assert total([*asked, row("shared_payment", 2.0)]) == pytest.approx(2 * 2.0 + ALIKE_BITS)
    assert limit([*asked, row("shared_payment", 6.0)], "alike_limit") == 0


def test_more_may_count_where_payers_are_not_known() -> None:
    """Without payments nothing clears a group: what it asks may have it looked at."""
    asked = [row("repeated_templates", 9.0)]
    assert total(asked) == ALIKE_TO_LOOK_AT_BITS
    missing = replace(row("shared_payment", 0.0), available=False)
    assert total([*asked, missing]) == ALIKE_TO_LOOK_AT_BITS
    held = [*asked, row("reasoning_elicitation", 5.0), row("co_activity", 4.0)]
    assert limit(held, "one_family_limit") < 0
    assert PRIOR_BITS + total(held) == pytest.approx(ONE_FAMILY_BITS)


def test_against_linkage() -> None:
    """Accounts that surely have different owners are no pool, whatever they ask for."""
    rows = [row("shared_payment", -ALIKE_BITS - 2), row("repeated_templates", 8.0)]
    assert total(rows, "distillation") == 0
    harmless = [row("shared_payment", -5.0), row("repeated_templates", -2.0)]
    assert limits_of(harmless, PRIOR_BITS) == []


def test_which_rows_count_for_which_verdict() -> None:
    """Ceilings count for neither of the first two verdicts, what is given back does."""
    rows = rows_of([80, -20, -20, 0, 0, 50, 80, 50, 50, 20, 0])
    limits = {one.signal: one for one in limits_of(rows, PRIOR_BITS)}
    assert set(limits) == {"hidden_links", "linkage_limit", "content_limit", "alike_limit"}
    assert [name for name, one in limits.items() if counts_as_linked(one)] == ["hidden_links"]
    assert [name for name, one in limits.items() if counts_as_asked(one)] == ["content_limit"]
    assert [one.signal for one in rows if counts_as_linked(one)] == [kind[0] for kind in KINDS[:6]]
    assert [one.signal for one in rows if counts_as_asked(one)] == [kind[0] for kind in KINDS[6:]]


def test_absent_is_not_clean() -> None:
    """A link that the log cannot feed says nothing and has nothing to give back."""
    missing = replace(row("shared_address", 0.0), available=False)
    assert limits_of([row("shared_payment", 4.0), missing], PRIOR_BITS) == []


@given(ROWS)
def test_ceilings_only_take_and_hidden_links_only_give(tenths: list[int]) -> None:
    """Each limit stands once at most, has its sign, and is written to one decimal."""
    found = limits_of(rows_of(tenths), PRIOR_BITS)
    assert len({one.signal for one in found}) == len(found)
    for one in found:
        assert (one.bits > 0) is (one.signal == "hidden_links")
        assert one.bits == rounded(one.bits) != 0
        assert one.available
        assert one.sentence.endswith(".")


@given(ROWS)
def test_what_is_held(tenths: list[int]) -> None:
    """Words stay under their ceiling, and what is asked under what the linkage bears."""
    rows = rows_of(tenths)
    limits = limits_of(rows, PRIOR_BITS)
    content = sum(one.bits for one in rows if one.family == "content")
    content += limit(rows, "content_limit")
    assert content <= MOST_CONTENT_BITS + STEP / 2
    linkage = total(rows, "linkage")
    assert total(rows, "distillation") <= max(linkage + ALIKE_BITS, 0.0) + STEP / 2
    without = sum(one.bits for one in rows if one.aspect == "linkage")
    given_back = sum(one.bits for one in limits if one.signal == "hidden_links")
    beyond = BEYOND_LINKAGE * max(without + given_back - MOST_LINKAGE_BITS, 0.0)
    assert linkage <= MOST_LINKAGE_BITS + beyond + STEP / 2


@given(ROWS)
def test_what_is_given_back(tenths: list[int]) -> None:
    """Missing links are never made into evidence: at most their own bits come back."""
    rows = rows_of(tenths)
    back = limit(rows, "hidden_links")
    against = [one.bits for one in rows if one.family == "infrastructure" and one.bits < 0]
    assert 0 <= back <= -sum(against) + STEP / 2
    strongest = max(one.bits for one in rows if one.family == "infrastructure")
    assert back <= max(strongest, 0.0)


@given(ROWS, st.integers(0, len(KINDS) - 1))
def test_more_evidence_never_lowers_the_chance(tenths: list[int], place: int) -> None:
    """A tenth of a bit more of any row never makes less of the whole."""
    more = list(tenths)
    more[place] += 1
    assert total(rows_of(more)) >= total(rows_of(tenths))


@given(ROWS, st.permutations(range(len(KINDS))))
def test_order_of_rows(tenths: list[int], order: list[int]) -> None:
    """The order of the signals does not matter."""
    rows = rows_of(tenths)
    turned = [rows[place] for place in order]
    assert [(one.signal, one.bits) for one in limits_of(turned, PRIOR_BITS)] == [
        (one.signal, one.bits) for one in limits_of(rows, PRIOR_BITS)
    ]


def test_one_kind_of_evidence_is_held_under_likely() -> None:
    """Behaviour alone is for a person to look at; a shared card lifts the limit."""
    alone = [row("co_activity", 6.0), row("repeated_templates", 6.0), row("group_size", 2.0)]
    assert PRIOR_BITS + total(alone) == pytest.approx(ONE_FAMILY_BITS)
    both = [*alone, row("shared_payment", LEAST_INFRASTRUCTURE_BITS)]
    assert limit(both, "one_family_limit") == 0


def test_replays_are_a_second_kind_of_evidence() -> None:
    """Who sends back another's reasoning has it from there: no likeness of prompts."""
    replays = replace(row("shared_address", LEAST_ALONE_BITS), signal="signature_replay")
    alone = [row("repeated_templates", 8.0), row("rubric_grading", 6.0), row("co_activity", 6.0)]
    assert limit(alone, "one_family_limit") < 0
    assert limit([*alone, replays], "one_family_limit") == 0


def test_shared_addresses_alone_want_more() -> None:
    """Where no payment is known, members of one programme share addresses too."""
    alone = [row("co_activity", 6.0), row("repeated_templates", 6.0), row("group_size", 2.0)]
    alone.append(row("verified_identity", 0.0))
    some = [*alone, row("shared_address", LEAST_ALONE_BITS - 0.1)]
    assert limit(some, "one_family_limit") < 0
    assert limit([*some, row("shared_payment", 0.0)], "one_family_limit") == 0
    assert limit([*alone, row("shared_address", LEAST_ALONE_BITS)], "one_family_limit") == 0


def test_addresses_lift_nothing_where_nobody_could_be_cleared() -> None:
    """Without payments and verified identities a programme's members look like a pool."""
    alone = [row("co_activity", 6.0), row("repeated_templates", 6.0), row("group_size", 2.0)]
    shared = [*alone, row("shared_address", 4.0), row("shared_network", 3.0)]
    assert limit(shared, "one_family_limit") == 0
    assert limit(shared, "uncleared_limit") < 0
    assert PRIOR_BITS + total(shared) == pytest.approx(ONE_FAMILY_BITS)
    for signal in ("shared_payment", "verified_identity"):
        assert limit([*shared, row(signal, 0.0)], "uncleared_limit") == 0


def test_soft_links_are_no_second_kind_of_evidence() -> None:
    """An hour of sign-up, a client or, where addresses are known, a network lifts no limit."""
    alone = [row("co_activity", 6.0), row("repeated_templates", 6.0), row("group_size", 2.0)]
    alone.append(row("verified_identity", 0.0))
    soft = [*alone, row("sign_up_cohort", 3.0), row("shared_device", 3.0)]
    assert limit(soft, "one_family_limit") < 0
    network = row("shared_network", 3.0)
    assert limit([*soft, network], "one_family_limit") == 0
    assert limit([*soft, network, row("shared_address", 0.0)], "one_family_limit") < 0


def test_one_owner_is_no_harvest() -> None:
    """Accounts of one sure owner who ask little of a harvest are looked at, and not accused."""
    owner = [row("shared_payment", 5.0), row("shared_address", 4.0), row("co_activity", 9.0)]
    little = [*owner, row("repeated_templates", LEAST_ASKED_BITS - 0.1)]
    enough = [*owner, row("repeated_templates", LEAST_ASKED_BITS)]
    assert PRIOR_BITS + total(enough) > UNASKED_BITS
    assert limit(enough, "asked_limit") == 0
    assert limit(little, "asked_limit") < 0
    assert PRIOR_BITS + total(little) == pytest.approx(UNASKED_BITS)


def test_no_limit_where_there_is_nothing_to_hold() -> None:
    """A group that is not likely anyway keeps its bits."""
    assert limit([row("shared_payment", 5.0)], "asked_limit") == 0
