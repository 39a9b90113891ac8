"""Marking inside vLLM's two model runners, against the engine's own base classes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="wants pip install torch==2.13.0")

import torch
from tests.inference.marking_cases import (
    SYNTHID,
    TWO_LAYER,
    ToyModel,
    chi_square_p,
    detected,
    log10_p,
)
from tests.inference.vllm_engine import (
    ACCOUNTS,
    SAMPLING,
    V1,
    V2,
    Job,
    Owned,
    V1Runner,
    V2Runner,
    environ,
    installed,
    params,
)

from cautery.errors import MissingExtraError
from cautery.inference.truncation import VLLM, Sampling, final_distribution
from cautery.records.key import Key

MODEL = ToyModel()
TOKENS = 160


def job_of(keys: Sequence[Key], prompt: list[int], **fields: Any) -> Job:
    """A request whose generator is the test's."""
    return Job(params(keys, seed=len(prompt), **fields), prompt)


def assert_own_keys_only(scheme: str, jobs: dict[str, Job], owned: Owned) -> None:
    """Each text shows its own account's keys, and no other account's."""
    for account, job in jobs.items():
        assert detected(scheme, job.output, owned[account])
        for other in set(owned) - {account}:
            assert log10_p(scheme, job.output, owned[other][-1]) > -5


@pytest.mark.parametrize("scheme", [TWO_LAYER, SYNTHID])
def test_v1_rows_that_come_go_and_move(
    adapter: Any, scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four requests share a batch, leave it and change rows; each text has its own keys."""
    owned = environ(monkeypatch, tmp_path, scheme)
    runner = V1Runner(adapter.Watermark(None, torch.device("cpu"), is_pin_memory=False), MODEL)
    jobs = {name: job_of(owned[name], [7, 8, 9, 10 + row]) for row, name in enumerate(ACCOUNTS)}
    greedy = Job(params(owned["a"], temperature=0.0), [3])
    runner.change(add=[jobs["a"], greedy, jobs["b"], jobs["c"]], remove=[], swap=None)
    runner.step(discard=jobs["c"])  # a prompt in two pieces
    for _ in range(30):
        runner.step()
    runner.change(add=[], remove=[greedy], swap=None)  # c moves into the hole
    runner.step()
    runner.change(add=[jobs["d"]], remove=[jobs["b"]], swap=(0, 1))  # b is preempted
    for _ in range(40):
        runner.step()
    runner.change(add=[jobs["b"]], remove=[], swap=(3, 1))  # b comes back with its output
    for _ in range(TOKENS):
        runner.step()
    assert_own_keys_only(scheme, jobs, owned)
    assert greedy.output == greedy_text(3, 31)


def greedy_text(last: int, count: int) -> list[int]:
    """The likeliest tokens one after another."""
    text = []
    for _ in range(count):
        last = int(MODEL.logits(last).argmax())
        text.append(last)
    return text


@pytest.mark.parametrize("drafts", [0, 3])
@pytest.mark.parametrize("scheme", [TWO_LAYER, SYNTHID])
def test_v2_slots_pieces_and_drafts(
    adapter: Any, scheme: str, drafts: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests take slots that others had, come back, and have drafts rejected: all marked."""
    owned = environ(monkeypatch, tmp_path, scheme)
    runner = V2Runner(adapter.Watermark, MODEL)
    jobs = {name: job_of(owned[name], [7, 8, 9, 10 + row]) for row, name in enumerate(ACCOUNTS)}
    greedy = Job(params(owned["a"], temperature=0.0), [3])
    assert runner.add(0, jobs["a"])
    assert not runner.add(1, greedy)
    assert runner.add(3, jobs["b"])
    runner.step(pieces={3: 2})
    for _ in range(20):
        runner.step(drafts)
    del runner.jobs[1]
    runner.add(1, jobs["c"])
    resumed = runner.jobs.pop(3)
    runner.add(3, jobs["d"])
    for _ in range(20):
        runner.step(drafts)
    runner.add(2, resumed)
    runner.step(pieces={2: len(resumed.prompt) + 3})
    while min(len(job.output) for job in jobs.values()) < TOKENS:
        runner.step(drafts)
    assert_own_keys_only(scheme, jobs, owned)
    assert greedy.output == greedy_text(3, len(greedy.output))
    if scheme == TWO_LAYER:
        for name, job in jobs.items():
            sampling = Sampling(**SAMPLING)
            sure = MODEL.replayed(owned[name], job.prompt, job.output, sampling, VLLM)
            assert sure > 0.95 * len(job.output)
    assert (runner.accepted > 20) == (drafts > 0)
    late = Job(params(owned["a"], temperature=0.0), [3])
    assert not runner.add(0, late)  # nothing of the slot's last request is left
    runner.step(drafts)
    runner.step(drafts)
    assert late.output == greedy_text(3, len(late.output))


@pytest.mark.parametrize("runner", [V1, V2])
@pytest.mark.parametrize("scheme", [TWO_LAYER, SYNTHID])
def test_the_distribution_is_kept(
    adapter: Any, scheme: str, runner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over 1,000 contexts tokens have the law of temperature, min-p, top-k and top-p (chi-square).

    Null: they were drawn from it; one test a case, at 1e-4.
    """
    owned = environ(monkeypatch, tmp_path, scheme)
    asked: dict[str, Any] = {"temperature": 0.9, "top_k": 12, "top_p": 0.9, "min_p": 0.02}
    rng = np.random.default_rng(6)
    chosen = []
    row = torch.tensor(MODEL.logits(11))
    v2 = V2Runner(adapter.Watermark, MODEL, slots=1)
    v1 = adapter.Watermark(None, torch.device("cpu"), is_pin_memory=False)
    interface = sys.modules[V1]
    for number in range(1_000):
        # SynthID begins all responses alike, so its contexts are in the middle of one.
        output = rng.integers(300, size=3).tolist() if scheme == SYNTHID else []
        prompt = rng.integers(300, size=4).tolist()
        job = Job(params(owned["a"], **asked, seed=number), prompt, output)
        if runner == V1:
            added = [(0, job.params, job.prompt, job.output)]
            v1.update_state(interface.BatchUpdate(1, [], added, []))
            logits = v1.apply((row / asked["temperature"])[None].clone())[0]
        else:
            v2.add(0, job)
            context = SimpleNamespace(
                idx_mapping_np=np.array([0]),
                expanded_idx_mapping=torch.tensor([0]),
                pos=torch.tensor([len(job.text) - 1]),
                input_ids=torch.tensor([job.text[-1]]),
            )
            logits = v2.processor.apply(row[None].clone(), context)[0]
        (left,) = torch.nonzero(logits > -torch.inf).flatten().tolist()
        chosen.append(left)
    if runner == V1:
        asked["min_p"] = 0.0  # the engine's own min-p has come before
    shares, places = final_distribution(MODEL.logits(11), Sampling(**asked), VLLM)
    assert chi_square_p(chosen, shares, places) > 1e-4


@pytest.mark.parametrize("interface", [V1, V2])
def test_each_runner_finds_its_own_base_class(interface: str) -> None:
    """With one interface or both the adapter is a subclass of what the engine has."""
    with installed(interface) as module:
        assert issubclass(module.Watermark, sys.modules[interface].LogitsProcessor)
    with installed(V1, V2) as module:
        assert issubclass(module.Watermark, sys.modules[interface].LogitsProcessor)


def test_without_vllm_the_error_says_what_is_missing() -> None:
    """Importing the adapter beside no engine names the engine."""
    with pytest.raises(MissingExtraError, match="Install vLLM"), installed():
        pass


def test_rows_without_any_possible_token_are_left(
    adapter: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row of -inf alone, and rows of unmarked requests, come back bit for bit."""
    owned = environ(monkeypatch, tmp_path, TWO_LAYER)
    processor = adapter.Watermark(None, torch.device("cpu"), is_pin_memory=False)
    added: list[Any] = [(1, params(owned["a"]), None, [])]
    processor.update_state(sys.modules[V1].BatchUpdate(2, [], added, []))
    logits = torch.stack([torch.tensor(MODEL.logits(1)), torch.full((300,), -torch.inf)])
    assert torch.equal(processor.apply(logits.clone()), logits)
    processor.update_state(sys.modules[V1].BatchUpdate(1, [1], [], []))
    logits[1] = 0.0
    assert torch.equal(processor.apply(logits.clone()), logits)
