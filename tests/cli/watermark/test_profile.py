"""``cautery watermark profile``: check and new."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.watermark.detect_cases import write_profile, write_tokenizer

from cautery.cli.main import run
from cautery.watermark.profile import load_profile


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def profile(*words: str) -> int:
    """Run a verb of ``cautery watermark profile``."""
    return run(["watermark", "profile", *words])


def test_check_fills_in_the_engines_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON shows what was given, what it amounts to, and what follows."""
    write_profile("p.json", parameters={"context_width": 2}, false_positive_rate=1e-3)
    assert profile("check", "p.json", "--output-format", "json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["given"] == {"context_width": 2}
    assert found["parameters"] == {"context_width": 2, "deduplicate_contexts": "single_turn"}
    assert found["deduplicate"] == "context-token"
    assert found["digest"] == load_profile(Path("p.json")).digest
    assert 20 < found["tokens_needed"] < 121
    assert (found["tokenizer"], found["caveat"]) == (None, "")


def test_check_says_it_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """A default is marked as such, and a caveat of the scheme is shown."""
    write_profile("p.json", "vllm-sbw", parameters={"scheme": "lefthash"})
    assert profile("check", "p.json") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "scheme               vllm-sbw"
    assert "  scheme                     lefthash" in lines
    assert "  gamma                      0.5  (default)" in lines
    assert any(line.startswith("caveat ") and "lefthash" in line for line in lines)


def test_check_looks_at_the_tokenizers_file(capsys: pytest.CaptureFixture[str]) -> None:
    """The right file is described; another or none leaves with 3."""
    digest = write_tokenizer("tokenizer.json")
    write_profile("p.json", tokenizer={"file": "tokenizer.json", "sha256": digest})
    assert profile("check", "p.json") == 0
    assert f"400 tokens, as the profile says (sha256 {digest[:16]}" in capsys.readouterr().out
    with Path("tokenizer.json").open("a") as stream:
        stream.write(" ")
    assert profile("check", "p.json") == 3
    Path("tokenizer.json").unlink()
    assert profile("check", "p.json") == 3
    assert "cannot be read" in capsys.readouterr().err


def test_new_writes_what_can_be_read() -> None:
    """Numbers and words are told apart; the tokenizer's place is relative to the profile."""
    Path("models").mkdir()
    digest = write_tokenizer("models/tokenizer.json")
    Path("profiles").mkdir()
    words = ["--parameter", "scheme=selfhash", "--parameter", "gamma=0.25"]
    more = ["--tokenizer", "models/tokenizer.json", "--false-positive-rate", "1e-4"]
    assert profile("new", "vllm-sbw", *words, *more, "-o", "profiles/p.json") == 0
    document = json.loads(Path("profiles/p.json").read_text())
    assert document["parameters"] == {"scheme": "selfhash", "gamma": 0.25}
    assert document["tokenizer"] == {"file": "../models/tokenizer.json", "sha256": digest}
    assert document["false_positive_rate"] == 1e-4
    loaded = load_profile(Path("profiles/p.json"))
    assert (loaded.scheme.name, loaded.deduplicate) == ("vllm-sbw", "prf-input")
    assert profile("check", "profiles/p.json") == 0


def test_new_never_replaces_a_profile(capsys: pytest.CaptureFixture[str]) -> None:
    """Keys belong to what a profile says: an earlier one stays."""
    assert profile("new", "vllm-gumbel", "-o", "p.json", "--deduplicate", "context") == 0
    earlier = Path("p.json").read_bytes()
    assert profile("new", "sglang-gumbel", "-o", "p.json") == 2
    assert "there already" in capsys.readouterr().err
    assert Path("p.json").read_bytes() == earlier
    assert [path.name for path in Path().iterdir()] == ["p.json"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["vllm-gumble"], 2, "vllm"),
        (["vllm-gumbel", "--parameter", "context_width"], 2, "NAME=VALUE"),
        (["vllm-gumbel", "--parameter", "context_width=0"], 3, "parameters.context_width"),
        (["vllm-gumbel", "--parameter", "width=4"], 3, "no such parameter"),
        (["hf-kgw"], 3, "vocab_size"),
        (["vllm-gumbel", "--false-positive-rate", "0.9"], 2, "at most 0.5"),
        (["vllm-gumbel", "--tokenizer", "no.json"], 3, "no.json"),
        (["vllm-gumbel", "-o", "no/p.json"], 3, "cannot be written"),
    ],
)
def test_what_is_wrong_is_not_written(
    words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each mistake is named, and no file appears."""
    output = [] if "-o" in words else ["-o", "p.json"]
    assert profile("new", *words, *output) == code
    assert said in capsys.readouterr().err
    assert list(Path().iterdir()) == []
