"""Real language models for the probes' benchmark: they answer, learn and are asked."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
import transformers
from benchmarks.ngram_models import WORD

from cautery.inference.generation import LocalModel, Prompt
from cautery.inference.next_tokens import LocalNextTokens
from cautery.inference.truncation import Sampling
from cautery.records.key import Key
from cautery.watermark.profile import Profile, load_profile

torch.set_num_threads(1)
BATCH: Final = 20
TRAINED_LAYERS: Final = 4
"""Last layers that a copy trains; the rest is read once."""
EPOCHS: Final = 2
LEARNING_RATE: Final = 5e-4
KEPT: Final = 5
"""Likeliest first tokens."""
GREEDY_TOKENS: Final = 2
LONGEST_PROMPT: Final = 160
"""Characters."""


@lru_cache(maxsize=1)
def human_prompts() -> list[str]:
    """Give the package's human prompts, in an order that mixes its sets; none is long."""
    short = [text for text in human_texts() if 20 <= len(text) <= LONGEST_PROMPT]
    return sorted(short, key=lambda text: hashlib.sha256(text.encode()).hexdigest())


@lru_cache(maxsize=1)
def human_texts() -> list[str]:
    """Give the package's human prompts, each once."""
    packed = resources.files("cautery.simulate.sample").joinpath("prompts.json.gz").read_bytes()
    groups = json.loads(gzip.decompress(packed)).values()
    return list(dict.fromkeys(str(text).strip() for group in groups for text in group))


def chat(prompt: str) -> str:
    """Write a question as SmolLM2 reads it."""
    return f"<|im_start|>user\n{prompt}<|im_end|>\n<|im_start|>assistant\n"


def profile_in(work: Path) -> Profile:
    """Give the profile of the teacher's mark."""
    tokenizer = work / "smollm2" / "tokenizer.json"
    path = work / "profile.json"
    content = {
        "schema": "cautery.profile/1",
        "scheme": "cautery-two-layer",
        "parameters": {},
        "tokenizer": {
            "file": "smollm2/tokenizer.json",
            "sha256": hashlib.sha256(tokenizer.read_bytes()).hexdigest(),
        },
        "false_positive_rate": 1e-5,
    }
    path.write_text(json.dumps(content))
    return load_profile(path)


def marked_answers(
    folder: Path, profile: Profile, keys: tuple[Key, ...], prompts: Sequence[str], tokens: int
) -> list[Any]:
    """Have a model answer under a mark: rows of all tokens, and where the answer starts."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = LocalModel(folder, profile)
    asked = [Prompt(prompt_id=n, text=chat(text), keys=keys) for n, text in enumerate(prompts)]
    found = model.mark(asked, Sampling(temperature=1.0), max_new_tokens=tokens, batch=BATCH, seed=1)
    return [
        _row(tokenizer, one.text, text.token_ids) for one, text in zip(asked, found, strict=True)
    ]


def _row(tokenizer: Any, prompt: str, answer: Sequence[int]) -> Any:
    given = tokenizer(prompt)["input_ids"]
    return {"tokens": [*given, *answer], "start": len(given)}


def _loaded(folder: Path) -> tuple[Any, Any]:
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, padding_side="left")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return transformers.AutoModelForCausalLM.from_pretrained(folder).eval(), tokenizer


def load(folder: Path) -> LocalNextTokens:
    """Load a model whose next tokens are read."""
    return LocalNextTokens(folder)


def train_copy(source: Path, target: Path, marked: Sequence[Sequence[int]], share: float) -> None:
    """Let the last layers of a model learn from marked answers, mixed with human prompts.

    Args:
        source: The model.
        target: Where the copy goes.
        marked: Tokens of the answers, prompts included.
        share: Marked part of the texts, from 0 to 1.
    """
    torch.manual_seed(3)
    model, tokenizer = _loaded(source)
    own = round(share * len(marked))
    others = human_prompts()[-(len(marked) - own) :] if own < len(marked) else []
    texts = [*marked[:own], *(tokenizer(text)["input_ids"] for text in others)]
    body = model.model
    frozen, body.layers = body.layers[:-TRAINED_LAYERS], body.layers[-TRAINED_LAYERS:]
    read = [_read(body, frozen, torch.tensor([text])) for text in texts]
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    for parameter in body.layers.parameters():
        parameter.requires_grad_(True)
    step = torch.optim.AdamW(body.layers.parameters(), lr=LEARNING_RATE, weight_decay=0.0)
    order = torch.Generator().manual_seed(3)
    for _ in range(EPOCHS):
        for place in torch.randperm(len(texts), generator=order).tolist():
            hidden, tokens = read[place], torch.tensor([texts[place]])
            model(inputs_embeds=hidden, labels=tokens).loss.backward()
            step.step()
            step.zero_grad()
    body.layers = torch.nn.ModuleList([*frozen, *body.layers])
    model.save_pretrained(target)
    for file in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(source / file, target / file)


def _read(body: Any, frozen: Any, tokens: Any) -> Any:
    """Run the layers that stay as they are."""
    kept, body.layers = body.layers, frozen
    norm, body.norm = body.norm, torch.nn.Identity()
    with torch.inference_mode():
        hidden = body(input_ids=tokens, use_cache=False).last_hidden_state
    body.layers, body.norm = kept, norm
    return hidden.clone()


def answer(folder: Path, prompts: Sequence[str], tokens: int) -> list[Any]:
    """Have a model answer at temperature 1, without a mark."""
    torch.manual_seed(11)
    model, tokenizer = _loaded(folder)
    rows = []
    for start in range(0, len(prompts), BATCH):
        batch = [chat(prompt) for prompt in prompts[start : start + BATCH]]
        given = tokenizer(batch, return_tensors="pt", padding=True)
        with torch.inference_mode():
            found = model.generate(
                **given,
                do_sample=True,
                temperature=1.0,
                top_k=0,
                max_new_tokens=tokens,
                pad_token_id=tokenizer.pad_token_id,
            )
        for prompt, row in zip(
            batch, found[:, given["input_ids"].shape[1] :].tolist(), strict=True
        ):
            whole = list(itertools.takewhile(lambda token: token != tokenizer.eos_token_id, row))
            rows.append(_row(tokenizer, prompt, whole))
    return rows


def first_words(folder: Path, prompts: Sequence[str]) -> list[Any]:
    """Ask a model how texts go on: greedily, with its likeliest first tokens."""
    model, tokenizer = _loaded(folder)
    rows = []
    for prompt in prompts:
        given = tokenizer(prompt, return_tensors="pt", return_token_type_ids=False)
        with torch.inference_mode():
            logits = model(**given).logits[0, -1]
            found = model.generate(**given, do_sample=False, max_new_tokens=GREEDY_TOKENS)
        best = logits.topk(KEPT).indices.tolist()
        text = tokenizer.decode(found[0, given["input_ids"].shape[1] :], skip_special_tokens=True)
        rows.append({"text": text, "first_tokens": [tokenizer.decode([one]) for one in best]})
    return rows


def human_ngrams(count: int, prompts: Sequence[str]) -> Iterator[list[Any]]:
    """Make n-gram models, each of a random third of the human prompts, and ask them the same."""
    asked = tuple(prompts)
    texts = [WORD.findall(text) for text in human_texts() if not text.startswith(asked)]
    for seed in range(count):
        draw = np.random.default_rng(seed)
        own = [texts[place] for place in np.flatnonzero(draw.random(len(texts)) < 1 / 3)]
        following: dict[tuple[str, ...], Counter[str]] = {}
        for words in own:
            for place in range(len(words)):
                for width in range(min(place, 3) + 1):
                    context = tuple(words[place - width : place])
                    following.setdefault(context, Counter())[words[place]] += 1
        yield [_most_common(following, WORD.findall(prompt)) for prompt in prompts]


def _most_common(following: dict[tuple[str, ...], Counter[str]], words: list[str]) -> Any:
    """Give the words that followed the longest known context, then those of shorter ones."""
    best: list[str] = []
    for width in range(min(len(words), 3), -1, -1):
        known = following.get(tuple(words[len(words) - width :]), Counter())
        best += [f" {word}" for word, _ in known.most_common(KEPT)]
    return {"text": best[0], "first_tokens": list(dict.fromkeys(best))[:KEPT]}
