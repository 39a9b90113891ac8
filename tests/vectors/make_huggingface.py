"""Makes the vectors of Hugging Face's schemes with transformers' own functions, on a CPU.

    python -m tests.vectors.make_huggingface [--check CASES]

The environment needs torch, transformers and NumPy (README.md says which versions were used).
With ``--check`` nothing is written: that many positions are compared with cautery, which must then
be importable.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests.vectors.engine_texts import random_keys, random_text, save

TEXTS, LENGTH = 24, 120
TABLE_SIZES = (2, 1000, 65_536, 65_521)
VOCABULARIES = (40, 1000, 5003, 50_257)
MARKED_VOCABULARY = 300


def synthid_case(generator: np.random.Generator) -> dict[str, Any]:
    """Draw parameters and layer keys with different residues."""
    size = int(generator.choice(TABLE_SIZES))
    depth = 1 if size == 2 else int(generator.choice([2, 9, 30]))
    keys = random_keys(generator, depth, bits=63)
    keys = keys - keys % np.uint64(64) + np.arange(depth, dtype=np.uint64)
    return {
        "ngram_len": int(generator.integers(2, 8)),
        "sampling_table_size": size,
        "sampling_table_seed": int(generator.integers(0, 2**40)),
        "context_history_size": int(generator.choice([0, 3, 50, 1024])),
        "keys": keys,
    }


def synthid_processor(given: dict[str, Any]) -> Any:
    """Transformers' own processor."""
    engine = import_module("transformers.generation.logits_process")
    return engine.SynthIDTextWatermarkLogitsProcessor(
        **{**given, "keys": given["keys"].astype(np.int64).tolist()}, device="cpu"
    )


def synthid_answer(
    processor: Any, text: NDArray[np.int64]
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The engine's g-values, shape (positions, layers), and its repetition mask."""
    tokens = import_module("torch").tensor(text)[None]
    bits = processor.compute_g_values(tokens)[0].numpy().astype(np.uint8)
    return bits, processor.compute_context_repetition_mask(tokens)[0].numpy()


def written(processor: Any, generator: np.random.Generator, length: int) -> NDArray[np.int64]:
    """Let a processor mark a text over a small vocabulary, sampled."""
    torch = import_module("torch")
    tokens = torch.tensor(generator.integers(0, MARKED_VOCABULARY, 8))[None]
    for _ in range(length - 8):
        scores = torch.tensor(generator.normal(0, 2, MARKED_VOCABULARY))[None]
        chosen = torch.softmax(processor(tokens, scores), dim=1)[0].numpy()
        token = generator.choice(MARKED_VOCABULARY, p=chosen / chosen.sum())
        tokens = torch.cat([tokens, torch.tensor([[token]])], dim=1)
    return tokens[0].numpy()  # type: ignore[no-any-return]


def synthid_vectors() -> dict[str, NDArray[Any]]:
    """Texts at random, and every third written by the engine's generator."""
    generator = np.random.default_rng(1)
    arrays: dict[str, NDArray[Any]] = {}
    for number in range(TEXTS):
        given = synthid_case(generator)
        text = random_text(generator, LENGTH)
        if number % 3 == 0:
            text = written(synthid_processor(given), generator, LENGTH)
        bits, fresh = synthid_answer(synthid_processor(given), text)
        for name, value in given.items():
            arrays[f"{name}_{number}"] = np.array(value)
        arrays[f"tokens_{number}"] = text.astype(np.int32)
        arrays[f"bits_{number}"] = np.packbits(bits)
        arrays[f"fresh_{number}"] = np.packbits(fresh)
    return arrays


def kgw_case(generator: np.random.Generator, vocabulary: int) -> dict[str, Any]:
    """Draw parameters and a key; left-hash takes all 64 bits of it."""
    scheme = str(generator.choice(["lefthash", "selfhash"]))
    # With left-hash a wider context only moves the engine's first position.
    return {
        "vocab_size": vocabulary,
        "seeding_scheme": scheme,
        "context_width": 1 if scheme == "lefthash" else int(generator.integers(1, 7)),
        "greenlist_ratio": float(generator.choice([0.1, 0.25, 0.5, 0.9])),
        "hashing_key": int(random_keys(generator, 1, bits=63 if scheme == "selfhash" else 64)[0]),
    }


def kgw_detector(given: dict[str, Any]) -> Any:
    """Transformers' own detector."""
    transformers = import_module("transformers")
    settings = transformers.PretrainedConfig(bos_token_id=-1)
    settings.vocab_size = given["vocab_size"]
    rest = {name: value for name, value in given.items() if name != "vocab_size"}
    config = transformers.WatermarkingConfig(**rest)
    return transformers.WatermarkDetector(settings, "cpu", config)


def kgw_answer(detector: Any, text: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Which scored positions the engine's detector calls green, and that its counts agree."""
    torch, processor = import_module("torch"), detector.processor
    before = processor.context_width - (processor.seeding_scheme == "selfhash")
    tokens = torch.tensor(text)
    green = [
        bool(
            detector._get_ngram_score(
                tokens[place - before : place + (processor.seeding_scheme == "selfhash")],
                int(tokens[place]),
            )
        )
        for place in range(before, len(text))
    ]
    return np.array(green, dtype=np.uint8)


def kgw_vectors() -> dict[str, NDArray[Any]]:
    """Texts at random, and every third written by the engine's generator."""
    generator = np.random.default_rng(2)
    arrays: dict[str, NDArray[Any]] = {}
    for number in range(TEXTS):
        marked = number % 3 == 0
        vocabulary = MARKED_VOCABULARY if marked else int(generator.choice(VOCABULARIES))
        given = kgw_case(generator, vocabulary)
        detector = kgw_detector(given)
        text = np.minimum(generator.zipf(1.3, LENGTH), vocabulary) - 1
        if marked:  # the engine's self-hash raises where none of 40 candidates is green: at 0.1
            given["greenlist_ratio"] = max(given["greenlist_ratio"], 0.25)
            detector = kgw_detector(given)
            text = written(detector.processor, generator, LENGTH)
        green = kgw_answer(detector, text)
        told = detector(import_module("torch").tensor(text)[None], return_dict=True)
        assert told.num_green_tokens[0] == green.sum()
        assert told.num_tokens_scored[0] == len(green)
        for name, value in given.items():
            kind = np.uint64 if name == "hashing_key" else None
            arrays[f"{name}_{number}"] = np.array(value, dtype=kind)
        arrays[f"tokens_{number}"] = text.astype(np.int32)
        arrays[f"green_{number}"] = np.packbits(green)
    return arrays


def check_synthid(cases: int) -> None:
    """Compare the bits of every layer and the repetition mask with cautery."""
    ours = import_module("cautery.watermark.synthid_hash")
    random_bits = import_module("cautery.watermark.torch_random").random_bits
    generator, wrong, done, bits_done = np.random.default_rng(3), 0, 0, 0
    while done < cases:
        given, text = synthid_case(generator), random_text(generator, 1500)
        bits, fresh = synthid_answer(synthid_processor(given), text)
        rows = np.lib.stride_tricks.sliding_window_view(text, given["ngram_len"])
        table = random_bits(given["sampling_table_seed"], given["sampling_table_size"])
        found = ours.layer_bits(ours.hashes(rows), given["keys"], table)
        seen = ours.fresh_contexts(ours.hashes(rows[:, :-1]), given["context_history_size"])
        wrong += int(np.sum(bits != found.T)) + int(np.sum(seen != fresh))
        done, bits_done = done + len(rows), bits_done + bits.size
    print(f"hf-synthid: {done:,} cases ({bits_done:,} bits), {wrong} differ")  # noqa: T201


def check_kgw(cases: int) -> None:
    """Compare the green positions with cautery's, in NumPy and in compiled code."""
    scheme = import_module("cautery.registry").SCHEMES.load("hf-kgw")
    records = import_module("cautery.records.key")
    generator, wrong, done = np.random.default_rng(4), 0, 0
    while done < cases:
        vocabulary = int(generator.choice(VOCABULARIES))
        given = kgw_case(generator, vocabulary)
        text = np.minimum(generator.zipf(1.1, 500), vocabulary) - 1
        number = given["hashing_key"]
        theirs = kgw_answer(kgw_detector(given), text)
        key = records.Key(key_id="k", value=records.Secret(number.to_bytes(8, "big")))
        chosen = scheme.parameters({k: v for k, v in given.items() if k != "hashing_key"})
        found = scheme.values(scheme.positions(text, chosen, key), key, chosen)
        wrong, done = wrong + int(np.sum(found != theirs)), done + len(theirs)
    print(f"hf-kgw: {done:,} cases, {wrong} differ")  # noqa: T201


def main() -> None:
    """Write the vectors, or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", type=int, default=0)
    options = parser.parse_args()
    import_module("torch").set_num_threads(1)
    if options.check:
        check_synthid(options.check)
        check_kgw(options.check)
        return
    save("hf_synthid", synthid_vectors())
    save("hf_kgw", kgw_vectors())


if __name__ == "__main__":
    main()
