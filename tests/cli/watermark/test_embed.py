"""``cautery watermark embed`` with a model of random weights, from prompts to detection."""

from __future__ import annotations

import builtins
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.inference.tiny_models import SPECIAL_TOKENS, tiny_llama

from cautery.cli.main import run

VOCABULARY = 300
SPLIT = "5f0c9b1e6d2a4487b3e1d6c0a9827f35"
KEY_FILE = {
    "schema": "cautery.keys/1",
    "keys": [
        {"key_id": "shared", "value": SPLIT + "7b2ad4909c1f4e6688d3a1b7c4e0f259"},
        {"key_id": "own", "value": SPLIT + "c1d2903b5e7f48a6921c0d3e4f5a6b87", "account_id": "a"},
    ],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with profile, keys and prompts for the two-layer scheme."""
    monkeypatch.chdir(tmp_path)
    Path("profile.json").write_text(
        '{"schema": "cautery.profile/1", "scheme": "cautery-two-layer"}'
    )
    Path("keys.json").write_text(json.dumps(KEY_FILE))
    rows = [{"id": f"p{row}", "prompt": "w9 w8 w7" + " w6" * row} for row in range(3)]
    Path("prompts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


@pytest.fixture
def model(folder: Path) -> Path:
    """A folder with a model of random weights and a tokenizer of whole words."""
    pytest.importorskip("torch", reason="wants pip install torch")
    engine = pytest.importorskip("transformers", reason="wants pip install transformers")
    tokenizers = pytest.importorskip("tokenizers")
    special = ("<unk>", "<s>", "</s>")
    words = {name: place for place, name in enumerate(special)}
    words |= {f"w{number}": number for number in range(len(special), VOCABULARY)}
    plain = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="<unk>"))
    plain.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    engine.PreTrainedTokenizerFast(
        tokenizer_object=plain, unk_token="<unk>", pad_token="<unk>", eos_token="</s>"
    ).save_pretrained("model")
    tiny_llama(VOCABULARY, **SPECIAL_TOKENS).save_pretrained("model")
    return Path("model")


def embed(*words: str, profile: str = "profile.json", keys: str = "keys.json") -> int:
    """Run the verb."""
    base = ["--profile", profile, "--keys", keys, "--model", "model"]
    return run(["watermark", "embed", "prompts.jsonl", *base, *words])


def lines(text: str | bytes) -> list[dict[str, Any]]:
    """Parse JSON Lines."""
    return [json.loads(line) for line in text.splitlines()]


def test_what_is_embedded_is_detected(model: Path, capfdbinary: Any) -> None:
    """Marked token ids, and the text under the model's tokenizer, are detected; both in order."""
    words = [
        "--max-new-tokens",
        "120",
        "--top-k",
        "40",
        "--batch",
        "2",
        "--seed",
        "3",
        "-o",
        "marked.jsonl",
    ]
    base = ["cautery-two-layer", "-o", "own.json", "--tokenizer", "model/tokenizer.json"]
    assert run(["watermark", "profile", "new", *base]) == 0
    assert embed(*words, profile="own.json") == 0
    marked = lines(Path("marked.jsonl").read_text())
    assert [list(line) for line in marked] == [["id", "token_ids", "text", "key_ids"]] * 3
    assert [line["id"] for line in marked] == ["p0", "p1", "p2"]
    assert marked[0]["key_ids"] == ["shared", "own"]
    assert all(2 not in line["token_ids"] for line in marked)
    long = [line for line in marked if len(line["token_ids"]) > 60]
    assert long
    for name in ("token_ids", "text"):
        rows = [json.dumps({"id": line["id"], name: line[name]}) + "\n" for line in long]
        Path("suspects.jsonl").write_text("".join(rows))
        capfdbinary.readouterr()
        assert run(["watermark", "detect", "suspects.jsonl", "--profile", "own.json",
                    "--keys", "keys.json"]) == 0  # fmt: skip
        found = lines(capfdbinary.readouterr().out)
        assert {line["verdict"] for line in found} == {"detected"}


def test_a_seed_makes_texts_again(model: Path) -> None:
    """Same seed, same answers."""
    for name in ("one", "two"):
        assert embed("--max-new-tokens", "12", "--seed", "4", "-o", name) == 0
    assert Path("one").read_bytes() == Path("two").read_bytes()


def test_another_tokenizer_is_refused(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A model whose tokenizer is not the profile's is an error before anything is written."""
    base = ["cautery-two-layer", "-o", "own.json", "--tokenizer", "model/tokenizer.json"]
    assert run(["watermark", "profile", "new", *base]) == 0
    with Path("model/tokenizer.json").open("a") as stream:
        stream.write("\n")
    assert embed("-o", "out.jsonl", profile="own.json") == 3
    assert "model/tokenizer.json" in capsys.readouterr().err
    assert not Path("out.jsonl").exists()


def test_a_model_is_never_downloaded(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is no folder is an error, not a download."""
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    assert embed("-o", "out.jsonl") == 3
    assert "never downloaded" in capsys.readouterr().err


def test_schemes_of_engines_are_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What only an engine embeds leaves with 3 and says which schemes cautery embeds."""
    Path("vllm.json").write_text('{"schema": "cautery.profile/1", "scheme": "vllm-gumbel"}')
    key = {"key_id": "k", "value": "9d3a5cf01be27784"}
    Path("k.json").write_text(json.dumps({"schema": "cautery.keys/1", "keys": [key]}))
    assert embed(profile="vllm.json", keys="k.json") == 3
    assert "cautery-two-layer" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": 1}', "prompt"),
        ('{"id": 1, "prompt": ""}', "must not be empty"),
        ('{"id": 1, "prompt": "x", "key_ids": ["other"]}', "no key 'other'"),
        ('{"id": 1, "prompt": "x", "key_ids": ["own", "own"]}', "key_ids"),
        ("not json", "not a prompt"),
    ],
)
def test_bad_prompts(
    folder: Path, line: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong line is named before the model is loaded, and nothing is written."""
    with Path("prompts.jsonl").open("a") as stream:
        stream.write(line + "\n")
    assert embed("-o", "out.jsonl") == 3
    error = capsys.readouterr().err
    assert error.startswith("error: prompts.jsonl:4: ")
    assert said in error
    assert not Path("out.jsonl").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["--temperature", "0"],
        ["--top-p", "0"],
        ["--top-k", "-1"],
        ["--batch", "0"],
        ["--seed", "-1"],
    ],
)
def test_wrong_numbers(folder: Path, words: list[str]) -> None:
    """Sampling that is none leaves with 2."""
    assert embed(*words) == 2


def test_without_torch(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where torch is not installed the error says what to install."""
    there = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] in {"torch", "transformers"}:
            raise ImportError(name)
        return there(name, *rest, **more)

    monkeypatch.delitem(sys.modules, "cautery.inference.generation", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    assert embed() == 3
    assert "pip install torch transformers" in capsys.readouterr().err
