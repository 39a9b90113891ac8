"""Schemes, keys and tests of the benchmark of radioactivity."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Final

from benchmarks.ngram_models import VOCABULARY, Mark, Whole

from cautery.provenance.radioactive_evidence import LearnedPairs, evidence_of_keys
from cautery.provenance.radioactive_tests import log10_chance_of, tallies_of
from cautery.provenance.suspect_material import Exposure, Sample
from cautery.records.key import Key, Layer, Secret
from cautery.registry import SCHEMES
from cautery.watermark.deduplicate import Deduplicate
from cautery.watermark.scoring import Plan

SCHEME_CASES: Final[dict[str, tuple[str, dict[str, Any], int]]] = {
    "KGW, bias 2": ("hf-kgw", {"vocab_size": VOCABULARY, "bias": 2.0}, 1),
    "KGW, bias 3": ("hf-kgw", {"vocab_size": VOCABULARY, "bias": 3.0}, 1),
    "SBW self-hash, width 2": ("vllm-sbw", {"context_width": 2, "gamma": 0.25}, 2),
    "Gumbel, width 1": ("vllm-gumbel", {"context_width": 1}, 1),
    "Gumbel, width 2": ("vllm-gumbel", {"context_width": 2}, 2),
}
SEEDS: Final = (1, 2, 3, 4, 5)
ROWS: Final = 2_000
"""Training texts of 60 tokens each: 120,000 tokens."""
ASKED: Final = 2_000
LOG10_LEVEL: Final = -5.0


def number_key(number: int, **more: Any) -> Key:
    """A key of 8 bytes that its number decides."""
    value = b"\x01" + random.Random(number).randbytes(6) + b"\x01"
    return Key(key_id=f"k{number}", value=Secret(value), **more)


def layer_key(number: int, layer: Layer, **more: Any) -> Key:
    """A key of the two-layer scheme; all have one split key."""
    split = random.Random(-1).randbytes(16)
    value = Secret(split + random.Random(number).randbytes(16))
    return Key(key_id=f"k{number}", value=value, layer=layer, **more)


def mark_of(case: str, *keys: Key) -> Mark:
    """A watermark of one of the cases."""
    scheme, given, width = SCHEME_CASES[case]
    return Mark(scheme, tuple(given.items()), keys, width)


def plan_of(scheme: str, parameters: Any) -> Plan:
    """Say how a student is tested."""
    return Plan(
        scheme=SCHEMES.load(scheme),
        parameters=parameters,
        deduplicate=Deduplicate.CONTEXT_TOKEN,
        false_positive_rate=10.0**LOG10_LEVEL,
    )


def evidence(
    mark: Mark, key: Key, samples: Sequence[Sample], marked: Whole
) -> tuple[Plan, LearnedPairs, float]:
    """Test one key; the exposure filters if there is one."""
    plan = plan_of(mark.scheme, mark.parameters)
    exposures = [Exposure(tokens=row) for row in marked]
    (one,) = evidence_of_keys(plan, samples, exposures, [key])
    (tally,) = tallies_of([one], {})
    return plan, one, log10_chance_of(plan, tally)[1]
