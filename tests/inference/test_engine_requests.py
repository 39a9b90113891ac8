"""Native watermarks: telling vLLM, holding it against a profile, and rewriting requests."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from cautery.errors import ConfigurationError
from cautery.inference import sglang, vllm_native, vllm_request
from cautery.records.key import Key, Secret
from cautery.watermark.profile import PROFILE_SCHEMA, Profile, load_profile

NUMBER = 0x0F3A60D1C24E97B5
KEY = Key(key_id="k1", value=Secret(NUMBER.to_bytes(8, "big")))
OTHER = Key(key_id="k2", value=Secret(bytes.fromhex("2b91c7706ef4d358")))


def profile(folder: Path, scheme: str, **parameters: Any) -> Profile:
    """A profile of a scheme."""
    path = folder / "profile.json"
    path.write_text(
        json.dumps({"schema": PROFILE_SCHEMA, "scheme": scheme, "parameters": parameters})
    )
    return load_profile(path)


@pytest.mark.parametrize("scheme", ["vllm-gumbel", "vllm-dual-gumbel", "vllm-sbw"])
def test_what_the_engine_is_told_verifies(tmp_path: Path, scheme: str) -> None:
    """The option that a profile makes is what it is verified with, in every spelling."""
    plan = profile(tmp_path, scheme)
    told = vllm_native.watermark_config(plan, KEY)
    text = json.dumps(told)
    dotted = [part for name in told for part in (f"--watermark-config.{name}", str(told[name]))]
    for arguments in (
        ["serve", "m", "--watermark-config", text, "--port", "1"],
        ["serve", f"--watermark_config={text}"],
        ["serve", *dotted],
    ):
        running = vllm_native.configuration_of(arguments)
        assert vllm_native.differences(plan, KEY, running) == ()


def test_what_differs_is_said_without_the_key(tmp_path: Path) -> None:
    """Each field that would spoil verification has a sentence; keys are named by identifier."""
    plan = profile(tmp_path, "vllm-gumbel", context_width=3)
    running = {
        "algorithm": "dual_key_gumbel",
        "key": NUMBER,
        "allow_target_only_watermarking": True,
        "strength": 2,
        "deduplicate_contexts_max_history": 4096,
    }
    found = vllm_native.differences(plan, OTHER, running, {"VLLM_USE_V2_MODEL_RUNNER": "0"})
    assert [sentence.split(":")[0].split(" ")[0] for sentence in found] == [
        "algorithm",
        "key",
        "context_width",
        "allow_target_only_watermarking",
        "strength",
        "VLLM_USE_V2_MODEL_RUNNER",
    ]
    assert "the profile says 3, the engine 4" in found[2]
    assert "k2" in found[1]
    assert str(NUMBER) not in " ".join(found)
    (off,) = vllm_native.differences(plan, KEY, vllm_native.configuration_of(["serve", "m"]))
    assert off == "The engine runs without a watermark."


@pytest.mark.parametrize("arguments", [["--watermark-config"], ["--watermark-config", "{7"]])
def test_a_broken_option_is_an_error(arguments: list[str]) -> None:
    """It says which, and shows no value."""
    with pytest.raises(ConfigurationError, match="--watermark-config") as error:
        vllm_native.configuration_of(arguments)
    assert "{7" not in str(error.value)


def test_other_schemes_are_refused(tmp_path: Path) -> None:
    """VLLM and SGLang mark by themselves only with their own."""
    with pytest.raises(ConfigurationError, match="vLLM does not mark"):
        vllm_native.watermark_config(profile(tmp_path, "cautery-two-layer"), KEY)
    with pytest.raises(ConfigurationError, match="SGLang does not mark"):
        sglang.marked_request({}, profile(tmp_path, "vllm-gumbel"), KEY)
    weak = Key(key_id="w", value=Secret(bytes(8)))
    with pytest.raises(ConfigurationError, match="weak"):
        sglang.marked_request({}, profile(tmp_path, "sglang-gumbel"), weak)


HOSTILE = {
    "model": "m",
    "watermarking": False,
    "use_beam_search": True,
    "logits_processors": ["os:system"],
    "custom_logit_processor": "80049500",
    "vllm_xargs": {"Cautery_key_ids": "x", "cautery_key_ids": ["y"], "kept": 1},
}


def test_vllm_requests_lose_what_gets_round_the_mark() -> None:
    """Client-set fields go, the gateway's come in, and the body that was given stays as it was."""
    before = copy.deepcopy(HOSTILE)
    assert vllm_request.native_request(HOSTILE) == {
        "model": "m",
        "vllm_xargs": {"kept": 1},
        "watermarking": True,
    }
    assert vllm_request.marked_request(HOSTILE, ["k1"]) == {
        "model": "m",
        "vllm_xargs": {"kept": 1, "cautery_key_ids": ["k1"]},
    }
    only = {"vllm_xargs": {"cautery_key_ids": "x"}}
    assert vllm_request.marked_request(only, []) == {}
    assert vllm_request.marked_request({"vllm_xargs": 7}, ["k1"]) == {
        "vllm_xargs": {"cautery_key_ids": ["k1"]}
    }
    assert before == HOSTILE


def test_sglang_requests_carry_their_key(tmp_path: Path) -> None:
    """The key is the profile's form of it, at the top; pickled code and client marks are gone."""
    plan = profile(tmp_path, "sglang-gumbel", context_window=5)
    body = {
        "text": ["a", "b"],
        "watermark": {"enabled": False},
        "custom_logit_processor": ["80049500"],
        "custom_params": {"a": 1},
        "sampling_params": [{"watermark": {"key": "ff"}, "top_p": 0.9}, None],
    }
    before = copy.deepcopy(body)
    assert sglang.marked_request(body, plan, KEY) == {
        "text": ["a", "b"],
        "sampling_params": [{"top_p": 0.9}, None],
        "watermark": {"key": f"{NUMBER:016x}", "context_window": 5},
    }
    nested = {"sampling_params": {"watermark": {"key": "ff"}, "custom_logit_processor": "8"}}
    assert sglang.stripped_request(nested) == {"sampling_params": {}}
    assert body == before
