"""Marking inside Hugging Face transformers, beside the engine's own processors."""

from __future__ import annotations

import copy
import json
import secrets
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from tests.inference.tiny_models import SPECIAL_TOKENS, tiny_llama

from cautery.errors import ConfigurationError
from cautery.records.key import Key, Secret
from cautery.registry import SCHEMES
from cautery.watermark.key_derivation import derive_key

torch = pytest.importorskip("torch", reason="wants pip install torch==2.13.0")
engine = pytest.importorskip("transformers", reason="wants pip install transformers")

from cautery.inference.transformers import Watermark  # noqa: E402

VOCABULARY = 300
DEPTH = 12


def synthid_parameters() -> Any:
    """Parameters with a short history, so that contexts repeat within a test."""
    given = {"ngram_len": 3, "depth": DEPTH, "context_history_size": 8}
    return SCHEMES.load("hf-synthid").parameters(given)


def keys_of(scheme: str, parameters: Any) -> list[Key]:
    """The keys that marking with a scheme takes."""
    member = SCHEMES.load(scheme)
    secret = Secret(secrets.token_bytes(32))
    layers: Sequence[Any] = [("epoch", ""), ("account", "a")]
    owners = layers if scheme == "cautery-two-layer" else layers[:1]
    return [
        derive_key(
            secret, epoch="e", scheme=member, parameters=parameters, owner=owner, owner_id=name
        )
        for owner, name in owners
    ]


@pytest.fixture
def tiny_model() -> Any:
    """A model with random weights."""
    return tiny_llama(VOCABULARY, **SPECIAL_TOKENS)


@pytest.mark.parametrize("kept", [5, 50, VOCABULARY])
def test_synthid_is_hugging_faces_own(kept: int) -> None:
    """Over candidates left by top-k the distribution is that of the engine over all tokens."""
    parameters = synthid_parameters()
    (key,) = keys_of("hf-synthid", parameters)
    settings = SCHEMES.load("hf-synthid").engine_settings(key, parameters)
    theirs = engine.SynthIDTextWatermarkLogitsProcessor(**settings, device=torch.device("cpu"))
    ours = Watermark(SCHEMES.load("hf-synthid"), parameters, [key]).construct_processor(
        VOCABULARY, torch.device("cpu")
    )
    generator = torch.Generator().manual_seed(kept)
    truncate = engine.TopKLogitsWarper(kept)
    tokens = torch.randint(3, VOCABULARY, (2, 4), generator=generator)
    for _ in range(40):
        scores = torch.randn(2, VOCABULARY, generator=generator) * 2
        scores = truncate(tokens, scores)
        wanted = torch.softmax(theirs(tokens, scores), dim=1)
        found = torch.softmax(ours(tokens, scores), dim=1)
        assert torch.allclose(found, wanted, atol=2e-6)
        # Few different tokens, so that contexts come again and are left unmarked.
        chosen = torch.randint(3, 7, (2, 1), generator=generator)
        tokens = torch.cat([tokens, chosen], dim=1)


def test_generate_marks_and_the_detector_sees_it(tiny_model: Any) -> None:
    """Texts of ``generate`` with a watermark have it; with another key they do not."""
    parameters = SCHEMES.load("hf-synthid").parameters({"depth": DEPTH})
    (key,), (other,) = (keys_of("hf-synthid", parameters) for _ in range(2))
    scheme = SCHEMES.load("hf-synthid")
    torch.manual_seed(7)
    texts = tiny_model.generate(
        torch.full((2, 3), 9),
        watermarking_config=Watermark(scheme, parameters, [key]),
        do_sample=True,
        top_k=100,
        max_new_tokens=150,
        min_new_tokens=150,
    )
    for row in texts[:, 3:].numpy().astype(np.int64):
        logs = []
        for tried in (key, other):
            positions = scheme.positions(row, parameters, tried)
            values = scheme.values(positions, tried, parameters)
            null = scheme.null(parameters)
            logs.append(null.log10_upper_tail(null.statistic(values), len(values)))
        assert logs[0] < -12
        assert logs[1] > -4


def test_two_layers_are_seen_with_their_own_keys(tiny_model: Any) -> None:
    """A text of ``generate`` shows the shared key and the account's, and no other account's."""
    scheme = SCHEMES.load("cautery-two-layer")
    parameters = scheme.parameters({})
    keys, others = (keys_of("cautery-two-layer", parameters) for _ in range(2))
    torch.manual_seed(8)
    tokens = tiny_model.generate(
        torch.full((1, 6), 9),
        watermarking_config=Watermark(scheme, parameters, keys),
        do_sample=True,
        max_new_tokens=200,
        min_new_tokens=200,
    )[0, 6:]
    null = scheme.null(parameters)
    logs = []
    for key in (*keys, *others):
        positions = scheme.positions(tokens.numpy().astype(np.int64), parameters, key)
        values = scheme.values(positions, key, parameters)
        logs.append(null.log10_upper_tail(null.statistic(values), len(values)))
    assert max(logs[:2]) < -12
    assert min(logs[2:]) > -4


def test_a_saved_model_holds_no_key(tiny_model: Any) -> None:
    """The configuration names its keys; copies, JSON and repr show no value."""
    parameters = synthid_parameters()
    keys = keys_of("hf-synthid", parameters)
    mark = Watermark(SCHEMES.load("hf-synthid"), parameters, keys)
    shown = f"{mark!r} {mark.to_dict()} {dict(mark)} {copy.deepcopy(mark).to_json_string()}"
    assert keys[0].key_id in shown
    assert keys[0].value.reveal().hex()[:16] not in shown
    assert json.loads(mark.to_json_string())["scheme"] == "hf-synthid"


def test_beams_are_refused(tiny_model: Any) -> None:
    """Rows that change their places cannot carry a mark: an error that says what to do."""
    parameters = synthid_parameters()
    scheme = SCHEMES.load("hf-synthid")
    processor = Watermark(
        scheme, parameters, keys_of("hf-synthid", parameters)
    ).construct_processor(VOCABULARY, torch.device("cpu"))
    scores = torch.zeros(2, VOCABULARY)
    processor(torch.ones(2, 3, dtype=torch.long), scores)
    with pytest.raises(ConfigurationError, match="num_beams=1"):
        processor(torch.ones(4, 4, dtype=torch.long), torch.zeros(4, VOCABULARY))


def test_what_only_an_engine_can_mark_is_refused() -> None:
    """Schemes of vLLM are not embedded here, and keys that do not fit are refused at once."""
    scheme = SCHEMES.load("vllm-gumbel")
    with pytest.raises(ConfigurationError, match="its own engine"):
        Watermark(scheme, scheme.parameters({}), [])
    synthid = SCHEMES.load("hf-synthid")
    with pytest.raises(ConfigurationError):
        Watermark(synthid, synthid.parameters({}), [])
