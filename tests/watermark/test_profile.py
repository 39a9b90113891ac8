"""Profiles: what is read, and errors that name file, line and field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cautery.errors import ConfigurationError
from cautery.registry import SCHEMES
from cautery.watermark.profile import DEFAULT_FALSE_POSITIVE_RATE, load_profile

GOOD: dict[str, Any] = {
    "schema": "cautery.profile/1",
    "scheme": "vllm-gumbel",
    "parameters": {"context_width": 2},
    "tokenizer": {"file": "tokenizer.json", "sha256": "A" * 64},
    "deduplicate": "context",
    "false_positive_rate": 1e-4,
}


def written(folder: Path, **changes: Any) -> Path:
    """Write a profile, one member a line; None takes a member out."""
    document = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    path = folder / "profile.json"
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    return path


def test_a_profile_is_read(tmp_path: Path) -> None:
    """Everything that the contract names is read; the tokenizer is relative to the profile."""
    profile = load_profile(written(tmp_path))
    assert profile.name == "profile"
    assert profile.scheme.name == "vllm-gumbel"
    assert profile.parameters.context_width == 2
    assert profile.deduplicate == "context"
    assert profile.false_positive_rate == 1e-4
    assert profile.tokenizer is not None
    assert profile.tokenizer.path == tmp_path / "tokenizer.json"
    assert profile.tokenizer.sha256 == "a" * 64


@pytest.mark.parametrize("name", SCHEMES.names())
def test_defaults(tmp_path: Path, name: str) -> None:
    """A profile that names only what it must has the engine's parameters and the safe rest."""
    path = tmp_path / "p.json"
    needed = {"vocab_size": 500} if name == "hf_kgw" else {}
    document = {"schema": "cautery.profile/1", "scheme": name, "parameters": needed}
    path.write_text(json.dumps(document), encoding="utf-8")
    profile = load_profile(path)
    assert profile.scheme.name == name.replace("_", "-")
    assert profile.false_positive_rate == DEFAULT_FALSE_POSITIVE_RATE
    assert profile.deduplicate == profile.scheme.deduplicate(profile.parameters)
    assert profile.tokenizer is None


@pytest.mark.parametrize(
    ("changes", "line", "field"),
    [
        ({"schema": "cautery.profile/2"}, 2, "schema"),
        ({"schema": None}, 1, "schema"),
        ({"scheme": "vllm-gumble"}, 3, "vllm_gumbel"),
        ({"scheme": 5}, 3, "scheme"),
        ({"parameters": {"context_width": 0}}, 5, "parameters.context_width"),
        ({"parameters": {"contextwidth": 4}}, 5, "parameters.contextwidth"),
        ({"parameters": []}, 4, "parameters"),
        ({"tokenizer": {"file": "t"}}, 7, "sha256"),
        ({"tokenizer": {"file": "t", "sha256": "ab"}}, 9, "tokenizer.sha256"),
        ({"deduplicate": "some"}, 11, "deduplicate"),
        ({"false_positive_rate": 0}, 12, "false_positive_rate"),
        ({"false_positive_rate": 0.9}, 12, "false_positive_rate"),
        ({"false_positive_rate": "no"}, 12, "false_positive_rate"),
    ],
)
def test_a_wrong_field_is_named(
    tmp_path: Path, changes: dict[str, Any], line: int, field: str
) -> None:
    """Each wrong field is an error with the file, the line and the field's name."""
    path = written(tmp_path, **changes)
    with pytest.raises(ConfigurationError) as refused:
        load_profile(path)
    assert str(refused.value).startswith(f"{path}:{line}: ")
    assert field in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"schema":' + b"[" * 9_999])
def test_what_is_no_profile_is_refused(tmp_path: Path, content: bytes) -> None:
    """Broken files are an error that names the file, whatever is in them."""
    path = tmp_path / "profile.json"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError) as refused:
        load_profile(path)
    assert str(path) in str(refused.value)
    with pytest.raises(ConfigurationError):
        load_profile(tmp_path / "nowhere.json")


def test_the_digest_is_what_a_key_is_made_for(tmp_path: Path) -> None:
    """The digest changes with scheme, parameters and tokenizer, and with nothing else."""
    one = load_profile(written(tmp_path)).digest
    assert load_profile(written(tmp_path, false_positive_rate=1e-3)).digest == one
    changed: tuple[dict[str, Any], ...] = (
        {"scheme": "vllm-dual-gumbel"},
        {"parameters": {}},
        {"tokenizer": None},
    )
    for changes in changed:
        assert load_profile(written(tmp_path, **changes)).digest != one
