"""Makes the vectors of vLLM's schemes with vLLM's own functions, on torch without a GPU.

    python -m tests.vectors.make_vllm --engine UNPACKED_WHEEL --sbw SBW_FILE [--check CASES]

``--engine`` is the folder of an unpacked wheel of vLLM (``unzip vllm-0.33.0-*.whl``); ``--sbw`` is
``vllm/v1/watermarking/sbw.py`` of a later commit (README.md says which). The environment needs
torch, pydantic and NumPy. With ``--check`` nothing is written: that many cases are compared with
cautery, which must then be importable.
"""

from __future__ import annotations

import argparse
import logging
import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests.vectors.engine_texts import random_keys, random_text, save

TEXTS, LENGTH = 40, 120
MARKED_VOCABULARY = 300
SBW_VOCABULARY = 2048


def load_vllm(folder: Path, sbw: Path) -> Any:
    """Import vLLM's watermark package, and SBW beside it, without the rest of the engine."""
    packages = ("vllm", "vllm.config", "vllm.v1", "vllm.v1.worker", "vllm.v1.worker.gpu")
    for name in (*packages, "vllm.v1.worker.gpu.sample"):
        module = ModuleType(name)
        module.__path__ = [str(folder.joinpath(*name.split(".")))]
        sys.modules[name] = module
    stand_ins: dict[str, dict[str, Any]] = {
        "vllm.logger": {"init_logger": logging.getLogger},
        "vllm.config.utils": {"config": lambda record: record},
        "vllm.v1.worker.gpu.sample.gumbel": {"gumbel_sample": None},
    }
    for name, content in stand_ins.items():
        sys.modules[name] = ModuleType(name)
        sys.modules[name].__dict__.update(content)
    torch: Any = import_module("torch")
    torch.compile = lambda function=None, **_: function or (lambda inner: inner)
    engine = import_module("vllm.v1.watermarking")
    settings = import_module("vllm.config.watermarking").__dict__
    settings.setdefault("_SBW_DEFAULT_CONTEXT_WIDTH", {"selfhash": 4, "lefthash": 1})
    settings.setdefault("SBWScheme", str)
    spec = spec_from_file_location("vllm.v1.watermarking.sbw", sbw)
    assert spec is not None
    assert spec.loader is not None
    engine.__dict__["sbw"] = module_from_spec(spec)
    spec.loader.exec_module(engine.__dict__["sbw"])
    return engine


def contexts_of(detector: Any, tokens: NDArray[np.int64]) -> Any:
    """Contexts and tokens as vLLM's detector makes them, all positions."""
    detector.deduplicate_contexts = False
    return detector._prepare_inputs(tokens.tolist())


def marked_text(watermarker: Any, generator: np.random.Generator, length: int) -> Any:
    """Let vLLM's watermarker choose each token, with random logits."""
    torch = import_module("torch")
    width = watermarker.context_width
    tokens: list[int] = []

    def draw(logits: Any) -> Any:
        return torch.multinomial(torch.softmax(logits, dim=-1), 1)[:, 0]

    for _ in range(length):
        context = ([-1] * width + tokens)[-width:]
        logits = torch.tensor(generator.normal(0, 2, (1, MARKED_VOCABULARY)), dtype=torch.float32)
        sample = watermarker.sample(logits, torch.tensor([context]), draw)
        tokens.append(int(sample.token_ids[0]))
    return np.array(tokens)


def detections(make: Any, texts: Any) -> dict[str, NDArray[Any]]:
    """What vLLM's detector says of each text, repeated contexts scored once."""
    found = [
        make(number, deduplicate=True).detect(row.tolist()) for number, row in enumerate(texts)
    ]
    return {
        "statistic": np.array([one.score for one in found]),
        "tokens_scored": np.array([one.num_scored_tokens for one in found]),
        "p_value": np.array([one.p_value for one in found]),
    }


def gumbel_vectors(engine: Any, *, dual: bool) -> dict[str, NDArray[Any]]:
    """Half of the texts are random, half are chosen by the watermarker."""
    generator = np.random.default_rng(1 if dual else 0)
    keys = random_keys(generator, TEXTS)
    widths = generator.choice([1, 2, 3, 4, 4, 4, 5, 8, 9], TEXTS)
    alphas = generator.choice([0.1, 0.3, 0.5, 0.9], TEXTS)

    def make(number: int, *, deduplicate: bool) -> Any:
        kind = engine.DualKeyGumbelWatermarkDetector if dual else engine.GumbelWatermarkDetector
        more = {"alpha": float(alphas[number])} if dual else {}
        return kind(
            int(keys[number]), int(widths[number]), deduplicate_contexts=deduplicate, **more
        )

    texts, values, uniform = [], [], []
    for number in range(TEXTS):
        if number % 2:
            kind = engine.DualKeyGumbelWatermarker if dual else engine.GumbelWatermarker
            more = {"alpha": float(alphas[number])} if dual else {}
            marker = kind(int(keys[number]), int(widths[number]), **more)
            texts.append(marked_text(marker, generator, LENGTH))
        else:
            texts.append(random_text(generator, LENGTH))
        detector = make(number, deduplicate=False)
        contexts, targets = contexts_of(detector, texts[-1])
        values.append(detector._score_tokens(contexts, targets).numpy())
        uniform.append(detector.prf.uniform(contexts, targets.unsqueeze(-1))[:, 0].numpy())
    rows = np.array(texts)
    arrays = {"keys": keys, "width": widths, "tokens": rows.astype(np.int32)}
    arrays |= {"value": np.array(values), "uniform": np.array(uniform)}
    return arrays | detections(make, rows) | ({"alpha": alphas} if dual else {})


def sbw_green(engine: Any, key: int, tokens: NDArray[np.int64], plan: Any) -> Any:
    """Green flags of the generator's bias and of vLLM's detector, at every position."""
    torch = import_module("torch")
    scheme, width, gamma = plan
    detector = engine.sbw.SBWWatermarkDetector(key, width, scheme, gamma)
    contexts, targets = contexts_of(detector, tokens)
    biased = engine.sbw.__dict__[f"_sbw_{scheme}_inner"](
        contexts,
        torch.zeros((len(tokens), SBW_VOCABULARY)),
        torch.tensor(int(gamma * 0x7FFFFFFF)),
        torch.ones(len(tokens)),
        torch.tensor(key),
    )
    chosen = biased[torch.arange(len(tokens)), targets].numpy()
    return chosen, detector._score_tokens(contexts, targets).numpy()


def sbw_vectors(engine: Any, texts: int = 100, length: int = 60) -> dict[str, NDArray[Any]]:
    """Both ways to make a seed; the generator's flags and the detector's."""
    generator = np.random.default_rng(2)
    keys = random_keys(generator, texts, bits=63)
    widths = generator.choice([1, 2, 4, 4, 6], texts)
    gammas = generator.choice([0.1, 0.25, 0.5], texts)
    self_hash = np.arange(texts) % 2 == 0
    rows = generator.integers(0, SBW_VOCABULARY, size=(texts, length))
    made = [
        sbw_green(
            engine,
            int(keys[number]),
            rows[number],
            (
                "selfhash" if self_hash[number] else "lefthash",
                int(widths[number]),
                float(gammas[number]),
            ),
        )
        for number in range(texts)
    ]
    return {
        "keys": keys,
        "width": widths,
        "gamma": gammas,
        "self_hash": self_hash,
        "tokens": rows.astype(np.int32),
        "value": np.array([one[0] for one in made]).astype(np.uint8),
        "detector_value": np.array([one[1] for one in made]).astype(np.uint8),
    }


def check_gumbel(engine: Any, cases: int) -> None:
    """Compare the bits of u, and the largest difference of the evidence, with cautery."""
    prf = import_module("cautery.watermark.vllm_prf")
    records = import_module("cautery.watermark.positions")
    exponentials = import_module("cautery.watermark.exponentials").exponentials
    generator, wrong, done, farthest = np.random.default_rng(3), 0, 0, 0.0
    while done < cases:
        key, text = random_keys(generator, 1), random_text(generator, 500)
        detector = engine.GumbelWatermarkDetector(int(key[0]), int(generator.integers(1, 13)))
        contexts, targets = contexts_of(detector, text)
        theirs = detector.prf.uniform(contexts, targets.unsqueeze(-1))[:, 0].numpy()
        ours = records.padded_positions(text, detector.context_width)
        uniform = prf.uniforms(prf.mantissas(ours.context, ours.token, key))[0]
        wrong += int(np.sum(theirs.astype(np.float64) != uniform))
        score = detector._score_tokens(contexts, targets).numpy()
        farthest = max(farthest, float(np.max(np.abs(exponentials(uniform) / score - 1))))
        done += len(text)
    print(f"vllm-gumbel: {done:,} cases, {wrong} differ in u; -ln(1-u) within {farthest:.1e}")  # noqa: T201


def check_member(engine: Any, cases: int, *, dual: bool) -> None:
    """Compare whole schemes of the shelf with the engine's, on texts like the vectors'."""
    registry = import_module("cautery.registry")
    records = import_module("cautery.records.key")
    scheme = registry.SCHEMES.load("vllm-dual-gumbel" if dual else "vllm-sbw")
    generator, wrong, done, farthest = np.random.default_rng(4), 0, 0, 0.0
    while done < cases:
        number = int(random_keys(generator, 1, bits=63)[0])
        key = records.Key(key_id="k", value=records.Secret(number.to_bytes(8, "big")))
        width = int(generator.integers(1, 7))
        if dual:
            text, alpha = random_text(generator, 500), float(generator.uniform())
            detector = engine.DualKeyGumbelWatermarkDetector(number, width, alpha=alpha)
            theirs = detector._score_tokens(*contexts_of(detector, text)).numpy()
            chosen = scheme.parameters({"context_width": width, "alpha": alpha})
        else:
            text = generator.integers(0, SBW_VOCABULARY, 500)
            kind, gamma = (
                str(generator.choice(["selfhash", "lefthash"])),
                float(generator.uniform()),
            )
            theirs, _ = sbw_green(engine, number, text, (kind, width, gamma))
            chosen = scheme.parameters({"context_width": width, "scheme": kind, "gamma": gamma})
        ours = scheme.values(scheme.positions(text, chosen, key), key, chosen)
        apart = np.abs(ours - theirs) / np.maximum(theirs, 1e-300) if dual else ours != theirs
        wrong, done = wrong + int(np.sum(apart > 1e-14)), done + len(text)
        farthest = max(farthest, float(np.max(apart)))
    print(f"{scheme.name}: {done:,} cases, {wrong} differ; largest relative {farthest:.1e}")  # noqa: T201


def main() -> None:
    """Write the vectors, or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", type=Path, required=True)
    parser.add_argument("--sbw", type=Path, required=True)
    parser.add_argument("--check", type=int, default=0)
    options = parser.parse_args()
    engine = load_vllm(options.engine, options.sbw)
    import_module("torch").manual_seed(0)
    if options.check:
        check_gumbel(engine, options.check)
        check_member(engine, options.check, dual=True)
        check_member(engine, options.check, dual=False)
        return
    save("vllm_gumbel", gumbel_vectors(engine, dual=False))
    save("vllm_dual_gumbel", gumbel_vectors(engine, dual=True))
    save("vllm_sbw", sbw_vectors(engine))


if __name__ == "__main__":
    main()
