"""Scores, replay and verdicts with every scheme of the shelf."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from cautery.records.detection import Verdict
from cautery.records.key import Key, Layer, Secret
from cautery.registry import SCHEMES
from cautery.watermark.attribution import attribute
from cautery.watermark.deduplicate import Deduplicate
from cautery.watermark.detection import detect
from cautery.watermark.positions import Positions
from cautery.watermark.scoring import Documents, Plan, score, shared_positions
from cautery.watermark.wrong_key_replay import replay, wrong_keys

GIVEN: dict[str, tuple[dict[str, Any], int]] = {
    "hf_synthid": ({"ngram_len": 5}, 30 * 8),
    "hf_kgw": ({"vocab_size": 500}, 8),
    "cautery_two_layer": ({}, 32),
}
"""Parameters and bytes of a key, where they are not none and 8."""


def plan_of(name: str, mode: str) -> Plan:
    """Make a plan with the scheme's defaults."""
    scheme = SCHEMES.load(name)
    return Plan(
        scheme=scheme,
        parameters=scheme.parameters(GIVEN.get(name, ({}, 8))[0]),
        deduplicate=Deduplicate(mode),
        false_positive_rate=1e-6,
    )


def keys_of(plan: Plan, name: str, count: int) -> list[Key]:
    """Draw keys of both layers."""
    sizes = Secret(bytes(GIVEN.get(name, ({}, 8))[1]))
    shared = Key(key_id="", value=sizes)
    account = Key(key_id="", value=sizes, layer=Layer.ACCOUNT)
    drawn = [*wrong_keys(plan, shared, count, 1), *wrong_keys(plan, account, count, 2)]
    return [
        Key(key_id=f"key-{place}", value=one.value, layer=one.layer)
        for place, one in enumerate(drawn)
    ]


def text_of(length: int) -> NDArray[np.int64]:
    """Draw a text with a repeated paragraph."""
    half = np.random.default_rng(7).integers(0, 500, size=length // 2)
    return np.concatenate([half, half]).astype(np.int64)


@pytest.mark.parametrize("mode", ["none", "context", "context-token", "prf-input"])
@pytest.mark.parametrize("name", SCHEMES.names())
def test_together_is_one_by_one(name: str, mode: str) -> None:
    """Keys scored together, of both layers, get what each gets alone."""
    plan = plan_of(name, mode)
    keys, text = keys_of(plan, name, 3), text_of(120)
    together = score(plan, text, keys)
    over_documents = score(plan, text, keys, Documents())
    for place, key in enumerate(keys):
        alone = score(plan, text, [key])
        assert together.statistics[place] == alone.statistics[0]
        assert together.counts[place] == alone.counts[0] == over_documents.counts[place]
    if mode != "none":
        assert together.counts.max() <= 70


@pytest.mark.parametrize("name", SCHEMES.names())
def test_wrong_keys_do_not_detect(name: str) -> None:
    """Every scheme goes through detection and replay; an unmarked short text is too short."""
    plan = plan_of(name, "context-token")
    keys, text = keys_of(plan, name, 5), text_of(60)
    found = detect(plan, "text", text, keys)
    assert found.verdict is Verdict.TOO_SHORT
    assert found.tokens_needed is not None
    assert found.log10_p is not None
    wrong = replay(plan, text, keys)
    assert wrong.log10_p[0] == found.log10_p
    assert wrong.calibrate(found.log10_p).log10_p >= found.log10_p


LEFT_HASHES: dict[str, dict[str, Any]] = {
    "hf_kgw": {"vocab_size": 500},
    "vllm_sbw": {"scheme": "lefthash", "gamma": 0.25},
}
"""Schemes that multiply the key by the token before."""


def left_hash_plan(name: str, mode: str = "context-token") -> Plan:
    """Make a plan of a left-hash."""
    scheme = SCHEMES.load(name)
    return Plan(
        scheme=scheme,
        parameters=scheme.parameters(LEFT_HASHES[name]),
        deduplicate=Deduplicate(mode),
        false_positive_rate=1e-6,
    )


def text_marked_after_zero(plan: Plan, key: Key) -> NDArray[np.int64]:
    """Write token 0 and a green token of its list in turns, as a mark of any key might."""
    tokens = np.arange(1, 500)
    places = Positions(index=tokens, token=tokens, context=np.zeros((499, 1), dtype=np.int64))
    green = tokens[plan.scheme.values(places, key, plan.parameters) > 0.0]
    return np.column_stack([np.zeros_like(green), green]).ravel()


@pytest.mark.parametrize("mode", ["none", "context", "context-token", "prf-input"])
@pytest.mark.parametrize("name", list(LEFT_HASHES))
def test_what_another_key_marked_after_token_0_says_nothing(name: str, mode: str) -> None:
    """Zero times a key is zero, so all keys share one green list there: it is not scored.

    Null: none of 200 wrong keys marked the text. Their chances are no smaller than uniform ones.
    """
    plan = left_hash_plan(name, mode)
    like = Key(key_id="", value=Secret(bytes(8)))
    marking, *wrong = wrong_keys(plan, like, 201, 3)
    text = text_marked_after_zero(plan, marking)
    scores = score(plan, text, wrong)
    assert (scores.counts > 100).all()
    assert (scores.counts <= len(text) / 2).all()
    chances = 10.0 ** replay(plan, text, wrong).log10_p
    assert stats.kstest(chances, "uniform", alternative="greater").pvalue > 0.01
    assert np.sum(chances <= 0.05) <= stats.binom.isf(1e-6, len(wrong), 0.05)


@pytest.mark.parametrize("name", list(LEFT_HASHES))
def test_nobody_is_named_for_another_keys_mark_after_token_0(name: str) -> None:
    """Neither detection nor attribution takes what every key shows for one key's mark."""
    plan = left_hash_plan(name)
    marking, *wrong = wrong_keys(plan, Key(key_id="", value=Secret(bytes(8))), 6, 4)
    text = text_marked_after_zero(plan, marking)
    assert detect(plan, "text", text, wrong).verdict is not Verdict.DETECTED
    assert attribute(plan, text, wrong).attributed == ()


def test_a_self_hash_skips_what_padding_decides() -> None:
    """A context that reaches before the text puts a 0 into the minimum, for every key."""
    plan = plan_of("vllm_sbw", "prf-input")
    ((_, positions),) = shared_positions(plan, text_of(60), keys_of(plan, "vllm_sbw", 1))
    assert positions.index[0] == plan.parameters.context_width - 1
