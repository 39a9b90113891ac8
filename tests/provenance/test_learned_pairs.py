"""Which pairs count: not shown before, once each, in contexts of the exposure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.provenance.student_cases import GUMBEL, SELF_HASH, number_key, profile_of

from cautery.provenance.learned_pairs import (
    chosen_occurrences,
    exposed_pairs,
    once_for_key,
    unrepeated_pairs,
)
from cautery.provenance.radioactive_evidence import evidence_of_keys
from cautery.provenance.suspect_material import Exposure, Sample
from cautery.records.key import Key
from cautery.watermark.positions import Positions
from cautery.watermark.scoring import Plan
from cautery.watermark.verification import plan_of

PLAN = plan_of(profile_of(*GUMBEL[:2]))
KEY = number_key(1)


def ids(*tokens: int) -> NDArray[np.int64]:
    """Token ids."""
    return np.array(tokens, dtype=np.int64)


def pairs_of(found: Positions) -> list[tuple[int, ...]]:
    """Context and token of each pair."""
    return [
        (*row, token)
        for row, token in zip(found.context.tolist(), found.token.tolist(), strict=True)
    ]


def once(plan: Plan, samples: list[Sample], key: Key) -> Positions:
    """What the suspect chose, each pair once."""
    return unrepeated_pairs(chosen_occurrences(plan, samples, key))


def test_a_pair_counts_once_over_all_texts() -> None:
    """In the order of the texts."""
    samples = [Sample(tokens=ids(1, 2, 3)), Sample(tokens=ids(1, 2, 3, 1, 2, 3))]
    found = pairs_of(once(PLAN, samples, KEY))
    assert found == [(-1, -1, 1), (-1, 1, 2), (1, 2, 3), (2, 3, 1), (3, 1, 2)]


def test_what_the_prompt_showed_does_not_count() -> None:
    """A pair of the prompt is left out of the answer, though the answer's other texts have it."""
    shown = Sample(tokens=ids(1, 2, 3, 9, 1, 2, 3), start=4)
    assert pairs_of(once(PLAN, [shown], KEY)) == [
        (3, 9, 1),
        (9, 1, 2),
    ]
    unshown = Sample(tokens=ids(1, 2, 3), start=2)
    assert (1, 2, 3) in pairs_of(once(PLAN, [shown, unshown], KEY))


def test_predictions_take_the_place_of_the_text() -> None:
    """Each is a pair of its own, in the text's context, unless the text showed it earlier."""
    predictions = np.array([[-1, -1], [5, -1], [3, 4], [7, 8], [7, 7], [3, 6]])
    forced = Sample(tokens=ids(1, 2, 3, 1, 2, 3), start=6, predictions=predictions)
    found = pairs_of(once(PLAN, [forced], KEY))
    # (1, 2, 3) is predicted at place 2, before the text has shown it, and at place 5, after it.
    assert found == [(-1, 1, 5), (1, 2, 3), (1, 2, 4), (2, 3, 7), (2, 3, 8), (3, 1, 7), (1, 2, 6)]
    late = np.full((6, 1), -1)
    late[5] = 3
    copied = Sample(tokens=ids(1, 2, 3, 1, 2, 3), start=6, predictions=late)
    assert pairs_of(once(PLAN, [copied], KEY)) == []


def test_an_exposure_is_our_answer_alone() -> None:
    """Its prompt gives context and no pair."""
    found = exposed_pairs(PLAN, Exposure(tokens=ids(1, 2, 3, 4), start=2), KEY)
    assert pairs_of(found) == [(1, 2, 3), (2, 3, 4)]


def test_the_filter_reads_contexts_and_never_tokens() -> None:
    """A pair counts if its context was exposed, whichever token we had written there."""
    (one,) = evidence_of_keys(
        PLAN, [Sample(tokens=ids(1, 2, 3, 4))], [Exposure(tokens=ids(1, 2, 9))], [KEY]
    )
    assert pairs_of(one.pairs) == [(-1, -1, 1), (-1, 1, 2), (1, 2, 3)]
    assert one.exposed_contexts == 3


def test_an_exposure_is_of_the_keys_that_it_names() -> None:
    """An account's text is no exposure to another's key; text without labels is to every key."""
    keys = [number_key(1, account_id="a"), number_key(2, account_id="b"), number_key(3)]
    samples = [Sample(tokens=ids(1, 2, 3, 4))]
    labelled = [Exposure(tokens=ids(1, 2, 3, 4), account_id="a", epoch="e")]
    found = evidence_of_keys(PLAN, samples, labelled, keys)
    assert [len(one.pairs) for one in found] == [4, 0, 4]
    found = evidence_of_keys(PLAN, samples, [Exposure(tokens=ids(1, 2, 3, 4))], keys)
    assert [len(one.pairs) for one in found] == [4, 4, 4]
    other = Exposure(tokens=ids(1), campaign_id="c", epoch="e2")
    assert not other.may_hold(number_key(1, epoch="e1"))
    assert other.may_hold(number_key(1, campaign_id="c"))
    assert not other.may_hold(number_key(1, campaign_id="d"))


def test_a_label_that_is_missing_rules_no_key_out() -> None:
    """An account whose campaign nobody told may be of any; one that is known to be of none is not.

    The table of a gateway has accounts and no campaigns. Were it read as "of no campaign", no
    campaign's key could ever show.
    """
    account = Exposure(tokens=ids(1), account_id="a")
    assert account.may_hold(number_key(1, campaign_id="c"))
    assert not replace(account, campaign_known=True).may_hold(number_key(1, campaign_id="c"))
    assert replace(account, campaign_known=True).may_hold(number_key(1))
    assert Exposure(tokens=ids(1), campaign_id="c").may_hold(number_key(1, account_id="a"))


def test_what_a_key_reads_alike_counts_once() -> None:
    """A self-hash reads a minimum: different contexts share their luck, and count once."""
    plan = plan_of(profile_of(*SELF_HASH[:2]))
    samples = [Sample(tokens=ids(5, 1, 2)), Sample(tokens=ids(6, 1, 2))]
    chosen = once(plan, samples, KEY)
    kept = once_for_key(plan, chosen, KEY)
    assert len(kept) < len(chosen)
    inputs = plan.scheme.prf_inputs(kept, KEY, plan.parameters)
    assert len(np.unique(inputs)) == len(inputs)


def test_contexts_without_a_key_are_left_out() -> None:
    """The seed of a left-hash is the key times a token: after token 0 all keys are one."""
    plan = plan_of(profile_of("hf-kgw", (("vocab_size", 100),)))
    samples = [Sample(tokens=ids(5, 0, 7, 8))]
    for key in (KEY, number_key(2)):
        assert pairs_of(once(plan, samples, key)) == [(5, 0), (7, 8)]
        exposed = exposed_pairs(plan, Exposure(tokens=ids(0, 7, 8, 0, 9)), key)
        assert pairs_of(exposed) == [(7, 8), (8, 0)]


def test_a_left_hash_reads_a_sum() -> None:
    """Contexts of the same sum share a seed, whatever the scheme says of repetitions."""
    given_fields = (("scheme", "lefthash"), ("context_width", 2))
    plan = plan_of(profile_of("vllm-sbw", given_fields))
    samples = [Sample(tokens=ids(1, 2, 7), start=2), Sample(tokens=ids(2, 1, 7), start=2)]
    chosen = once(plan, samples, KEY)
    assert (len(chosen), len(once_for_key(plan, chosen, KEY))) == (2, 1)


@given(
    st.lists(st.lists(st.integers(0, 3), max_size=12), min_size=1, max_size=4),
    st.integers(0, 6),
)
def test_no_pair_was_shown_or_counts_twice(texts: list[list[int]], start: int) -> None:
    """Whatever the texts: pairs are distinct, and some text has each without having shown it."""
    samples = [Sample(tokens=ids(*text), start=min(start, len(text))) for text in texts]
    found = pairs_of(once(PLAN, samples, KEY))
    assert len(found) == len(set(found))
    for pair in found:
        places = [
            [n for n in range(len(text)) if pair == (*([-1, -1, *text][n : n + 2]), text[n])]
            for text in texts
        ]
        assert any(
            where and min(where) >= sample.start
            for where, sample in zip(places, samples, strict=True)
        )


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_texts_does_not_matter(order: int) -> None:
    """The same pairs, whichever text comes first."""
    samples = [Sample(tokens=ids(1, 2, 3)), Sample(tokens=ids(3, 2, 3))][::order]
    found = set(pairs_of(once(PLAN, samples, KEY)))
    assert found == {(-1, -1, 1), (-1, 1, 2), (1, 2, 3), (-1, -1, 3), (-1, 3, 2), (3, 2, 3)}
