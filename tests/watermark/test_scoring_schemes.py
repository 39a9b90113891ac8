"""Scores, replay and verdicts with every scheme of the shelf."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cautery.records.detection import Verdict
from cautery.records.key import Key, Layer, Secret
from cautery.registry import SCHEMES
from cautery.watermark.deduplicate import Deduplicate
from cautery.watermark.detection import detect
from cautery.watermark.scoring import Documents, Plan, score
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
