"""Which requests vLLM takes with the adapter, and whether it starts at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="wants pip install torch==2.13.0")

import torch
from tests.inference.marking_cases import TWO_LAYER, ToyModel, detected
from tests.inference.vllm_engine import (
    Job,
    SamplingParams,
    V2Runner,
    environ,
    params,
)

from cautery.errors import ConfigurationError

MODEL = ToyModel()
TOKENS = 160


def test_admission_is_by_opaque_identifier(
    adapter: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unknown, missing, mismatched and look-alike arguments are refused, showing no key."""
    owned = environ(monkeypatch, tmp_path, TWO_LAYER)
    admit = adapter.Watermark.validate_params
    admit(params(owned["a"]))
    named = ",".join(key.key_id for key in owned["b"])
    admit(SamplingParams(extra_args={"cautery_key_ids": named, "other": 1}))
    with pytest.raises(ValueError, match="every request must name") as missing:
        admit(SamplingParams())
    assert not isinstance(missing.value, ConfigurationError)
    refused: list[tuple[dict[str, Any], str]] = [
        ({"cautery_key_ids": ["mine"]}, "no key 'mine'"),
        ({"cautery_key_ids": []}, "a list of key identifiers"),
        ({"cautery_key_ids": 7}, "a list of key identifiers"),
        ({"cautery_key_ids": [7]}, "a list of key identifiers"),
        ({"cautery_key_ids": [owned["a"][0].key_id]}, "one key of each layer"),
        ({"cautery_key": owned["a"][0].value.reveal().hex()}, "cautery_key: no such argument"),
    ]
    for wrong, words in refused:
        with pytest.raises(ValueError, match=words) as error:
            admit(SamplingParams(extra_args=wrong))
        assert owned["a"][0].value.reveal().hex()[:12] not in str(error.value)


def test_default_keys_and_optional_mode(
    adapter: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request without keys takes the default ones; in optional mode it is left as it is."""
    owned = environ(monkeypatch, tmp_path, TWO_LAYER, mode="optional")
    adapter.Watermark.validate_params(SamplingParams())
    runner = V2Runner(adapter.Watermark, MODEL)
    assert not runner.add(0, Job(SamplingParams(), [1]))
    named = ",".join(key.key_id for key in owned["a"])
    environ(monkeypatch, tmp_path, TWO_LAYER, default_key_ids=named)
    runner = V2Runner(adapter.Watermark, MODEL)
    job = Job(SamplingParams(seed=1), [1, 2, 3, 4])
    assert runner.add(0, job)
    for _ in range(TOKENS):
        runner.step()
    assert detected(TWO_LAYER, job.output, owned["a"])


@pytest.mark.parametrize(
    "case",
    [
        ("PROFILE", "", "PROFILE: the environment must name a file"),
        ("KEYS", "", "KEYS: the environment must name a file"),
        ("MODE", "off", "MODE: must be required or optional"),
        ("DEFAULT_KEY_IDS", "nobody", "there is no key 'nobody'"),
    ],
)
def test_an_engine_that_cannot_mark_does_not_start(
    adapter: Any, case: tuple[str, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable that is missing or wrong stops the engine as it starts."""
    variable, value, words = case
    environ(monkeypatch, tmp_path, TWO_LAYER)
    monkeypatch.setenv(f"CAUTERY_WATERMARK_{variable}", value)
    with pytest.raises(ConfigurationError, match=words):
        adapter.Watermark(None, torch.device("cpu"), is_pin_memory=False)


def test_what_only_an_engine_can_mark_is_refused(
    adapter: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A profile of vLLM's own scheme belongs into the engine's own option."""
    environ(monkeypatch, tmp_path, TWO_LAYER)
    (tmp_path / "profile.json").write_text(
        '{"schema": "cautery.profile/1", "scheme": "vllm-gumbel"}'
    )
    (tmp_path / "keys.json").write_text(
        '{"schema": "cautery.keys/1", "keys": [{"key_id": "k", "value": "8f3a60d1c24e97b5"}]}'
    )
    with pytest.raises(ConfigurationError, match="its own engine"):
        adapter.Watermark(None, None)
