"""What a client may not set."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cautery.guard.opt_outs import strip_opt_outs
from cautery.guard.request_reading import read_body


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({"watermark": {"enabled": False}}, {}),
        ({"watermarking": False, "n": 1}, {"n": 1}),
        ({"CUSTOM_LOGIT_PROCESSOR": "x", "custom_params": {}}, {}),
        ({" watermark ": 1}, {}),
        ({"cautery_key_ids": "mine"}, {}),
        ({"vllm_xargs": {"Cautery_key_ids": "mine", "a": 1}}, {"vllm_xargs": {"a": 1}}),
        (
            {"sampling_params": [{"custom_params": 1}, {"n": 1}]},
            {"sampling_params": [{}, {"n": 1}]},
        ),
        ({"extra_body": {"extra_body": {"watermark": 1}}}, {"extra_body": {"extra_body": {}}}),
        ({"logit_bias": {"5": -100}, "vllm_xargs": {"logit_bias": 1}}, {"vllm_xargs": {}}),
    ],
    ids=str,
)
def test_drops(fields: dict[str, Any], left: dict[str, Any]) -> None:
    """At the top and inside what servers merge into the top, whatever the letters."""
    body = read_body(json.dumps(fields).encode())
    assert strip_opt_outs(body, {"logit_bias"})
    assert json.loads(body.encoded()) == left


def test_leaves_the_rest_alone() -> None:
    """An ordinary body is not touched, to the byte."""
    content = b'{"model":"m","vllm_xargs":{ "a" : 1 },"logit_bias":{"5":1}}'
    body = read_body(content)
    assert strip_opt_outs(body) == []
    assert body.encoded() == content
