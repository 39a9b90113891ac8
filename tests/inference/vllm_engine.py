"""A stand-in for vLLM: its own base classes, and loops that call a processor as its runners do."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from tests.inference.marking_cases import ToyModel, write_files

from cautery.records.key import Key

CONTRACTS = Path(__file__).parent / "contracts" / "vllm_0_33"
V1 = "vllm.v1.sample.logits_processor"
V2 = "vllm.v1.worker.gpu.sample.logits_processor"
RECORDED = {
    V1: "v1_sample_logits_processor_interface.py.txt",
    V2: "v1_worker_gpu_sample_logits_processor_interface.py.txt",
}
MOST_TOKENS = 400
ACCOUNTS = ("a", "b", "c", "d")
SAMPLING: dict[str, Any] = {"temperature": 1.1, "top_k": 120, "top_p": 0.97, "min_p": 0.005}
Owned = dict[str, tuple[Key, ...]]


@dataclass
class SamplingParams:
    """The fields of vLLM's own that a processor reads, with its defaults."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    seed: int | None = None
    extra_args: dict[str, Any] | None = None


@contextmanager
def installed(*interfaces: str) -> Iterator[Any]:
    """Put the recorded interfaces in place and give the adapter, imported beside them."""
    before = dict(sys.modules)
    adapter = "cautery.inference.vllm"
    try:
        for name in [*(one for one in sys.modules if one.split(".")[0] == "vllm"), adapter]:
            sys.modules.pop(name, None)
        engine: Any = ModuleType("vllm")
        engine.SamplingParams = SamplingParams
        sys.modules["vllm"] = engine
        for interface in interfaces:
            parts = interface.split(".")
            for end in range(2, len(parts)):
                package = ".".join(parts[:end])
                sys.modules.setdefault(package, ModuleType(package))
            module = ModuleType(interface)
            sys.modules[interface] = module
            source = CONTRACTS / RECORDED[interface]
            exec(compile(source.read_text(), source.name, "exec"), module.__dict__)  # noqa: S102
        yield import_module(adapter)
    finally:
        for name in [name for name in sys.modules if name not in before]:
            if name.split(".")[0] == "vllm" or name == adapter:
                del sys.modules[name]
        sys.modules.update(before)


@dataclass
class Job:
    """A request as the engine keeps it."""

    params: SamplingParams
    prompt: list[int]
    output: list[int] = field(default_factory=list)

    @property
    def text(self) -> list[int]:
        return self.prompt + self.output


def truncated(row: torch.Tensor, params: SamplingParams, *, min_p: bool = True) -> torch.Tensor:
    """What the engine does behind processors, written anew: min-p, top-k, top-p."""
    row = row.clone()
    if min_p and params.min_p > 0:
        shares = row.softmax(0)
        row[shares < shares.max() * params.min_p] = -torch.inf
    if params.top_k > 0:
        row[row < row.topk(params.top_k).values[-1]] = -torch.inf
    if params.top_p < 1:
        rising, order = row.sort()
        gone = rising.softmax(0).cumsum(0) <= 1 - params.top_p
        gone[-1] = False
        row[order[gone]] = -torch.inf
    return row


class V1Runner:
    """The V1 runner: a dense batch, rows that move, processors behind temperature and min-p."""

    def __init__(self, processor: Any, model: ToyModel) -> None:
        self.processor, self.model = processor, model
        self.batch: list[Job] = []
        self.interface: Any = sys.modules[V1]
        self.generator = torch.Generator().manual_seed(3)

    def change(self, *, add: list[Job], remove: list[Job], swap: tuple[int, int] | None) -> None:
        """Tell the processor of requests that come, go, and change places."""
        direction = self.interface.MoveDirectionality
        removed = [self.batch.index(job) for job in remove]
        rows: list[Job | None] = [None if job in remove else job for job in self.batch]
        added, moved = [], []
        for job in add:
            place = rows.index(None) if None in rows else len(rows)
            rows[place:] = [job, *rows[place + 1 :]]
            added.append((place, job.params, job.prompt, job.output))
        # A row that was taken again was never empty to the processor.
        removed = [row for row in removed if row not in {one[0] for one in added}]
        while None in rows:
            if rows[-1] is not None:
                hole = rows.index(None)
                moved.append((len(rows) - 1, hole, direction.UNIDIRECTIONAL))
                rows[hole] = rows[-1]
            rows.pop()
        if swap:
            first, second = swap
            rows[first], rows[second] = rows[second], rows[first]
            moved.append((first, second, direction.SWAP))
        self.batch = [job for job in rows if job is not None]
        update = self.interface.BatchUpdate(len(self.batch), removed, added, moved)
        self.processor.update_state(update)

    def step(self, discard: Job | None = None) -> None:
        """Sample a token of each request; throw one's away, as in a piece of a prompt."""
        self.processor.update_state(None)
        raw = torch.tensor(np.array([self.model.logits(job.text[-1]) for job in self.batch]))
        greedy = raw.argmax(1)
        temperatures = torch.tensor([job.params.temperature or 1.0 for job in self.batch])
        logits = raw / temperatures[:, None]
        for row, job in enumerate(self.batch):
            logits[row] = truncated(
                logits[row], SamplingParams(min_p=job.params.min_p, temperature=1.0)
            )
        assert self.processor.is_argmax_invariant()
        logits = self.processor.apply(logits)
        for row, job in enumerate(self.batch):
            shares = truncated(logits[row], job.params, min_p=False).softmax(0)
            token = int(torch.multinomial(shares, 1, generator=self.generator))
            if job is not discard:
                job.output.append(token if job.params.temperature else int(greedy[row]))


class V2Runner:
    """Model Runner V2: slots, rows in any order, pieces of prompts, drafts that are verified."""

    def __init__(self, processor_class: Any, model: ToyModel, slots: int = 4) -> None:
        self.model = model
        self.state = sys.modules[V2].__dict__["LogitsProcRequestState"](
            device=torch.device("cpu"),
            max_num_reqs=slots,
            vocab_size=model.vocabulary,
            all_token_ids=SimpleNamespace(gpu=torch.zeros(slots, MOST_TOKENS, dtype=torch.int32)),
            prompt_len=SimpleNamespace(np=np.zeros(slots, dtype=np.int32)),
            prefill_len=SimpleNamespace(np=np.zeros(slots, dtype=np.int32)),
            total_len=None,
        )
        self.processor = processor_class(SimpleNamespace(), self.state)
        self.jobs: dict[int, Job] = {}
        self.generator = torch.Generator().manual_seed(4)
        self.random = np.random.default_rng(5)
        self.accepted = 0

    def add(self, slot: int, job: Job) -> bool:
        """Put a request into a slot; one that comes back has output already."""
        self.state.prompt_len.np[slot] = len(job.prompt)
        self.state.prefill_len.np[slot] = len(job.text)
        self.jobs[slot] = job
        marked = bool(self.processor.add_request(slot, job.params))
        # The engine stages its writes: the tokens arrive later than the processor hears of them.
        self.state.all_token_ids.gpu[slot, : len(job.text)] = torch.tensor(job.text)
        self.processor.apply_staged_writes()
        return marked

    def step(self, drafts: int = 0, *, pieces: dict[int, int] | None = None) -> None:
        """Sample for each request; ``pieces`` says how much of a prompt this step reaches."""
        slots = [int(slot) for slot in self.random.permutation(list(self.jobs))]
        rows = []
        for slot in slots:
            visible = (pieces or {}).get(slot, len(self.jobs[slot].text))
            text = self.jobs[slot].text[:visible]
            own = drafts if visible == len(self.jobs[slot].text) else 0
            for local in range(own + 1):
                rows.append((slot, local, len(text) - 1, text[-1]))
                # A drafter that often agrees: the likeliest of what the adapter may choose.
                text = [*text, int(self.random.choice(self._likely(text[-1])))]
        logits = torch.tensor(np.array([self.model.logits(row[3]) for row in rows]))
        slot_of, local_of, position, token = (
            torch.tensor(part) for part in zip(*rows, strict=True)
        )
        context = sys.modules[V2].__dict__["LogitsContext"](
            expanded_idx_mapping=slot_of,
            idx_mapping=torch.tensor(slots),
            idx_mapping_np=np.array(slots),
            expanded_local_pos=local_of,
            input_ids=token,
            pos=position,
            seq_lens_upper_bound_np=np.array([0]),
        )
        logits = self.processor.apply(logits, context)
        for slot in slots:
            own_rows = [place for place, row in enumerate(rows) if row[0] == slot]
            if (pieces or {}).get(slot, MOST_TOKENS) >= len(self.jobs[slot].text):
                self._verify(slot, logits[own_rows], [rows[place][3] for place in own_rows[1:]])

    def _likely(self, last: int) -> Any:
        return np.argsort(-self.model.logits(last))[:3]

    def _verify(self, slot: int, logits: torch.Tensor, drafted: list[int]) -> None:
        """Accept drafts as standard rejection sampling does (Leviathan et al., 2023)."""
        job = self.jobs[slot]
        for place, row in enumerate(logits):
            scaled = row / job.params.temperature if job.params.temperature else row
            shares = truncated(scaled, job.params).softmax(0)
            if job.params.temperature == 0:
                shares = (row == row.max()).float()
            draft = drafted[place] if place < len(drafted) else None
            if draft is not None:
                # The drafter draws from three: accepted with min(1, p / (1/3)).
                if float(torch.rand(1, generator=self.generator)) < 3 * float(shares[draft]):
                    self._keep(slot, draft)
                    self.accepted += 1
                    continue
                proposal = torch.zeros_like(shares)
                proposal[self._likely(job.text[-1]).copy()] = 1 / 3
                shares = (shares - proposal).clamp(min=0)
            self._keep(slot, int(torch.multinomial(shares, 1, generator=self.generator)))
            return

    def _keep(self, slot: int, token: int) -> None:
        job = self.jobs[slot]
        self.state.all_token_ids.gpu[slot, len(job.text)] = token
        job.output.append(token)


def environ(monkeypatch: pytest.MonkeyPatch, folder: Path, scheme: str, **options: str) -> Owned:
    """Name a profile and keys of four accounts in the environment."""
    profile, keys, owned = write_files(folder, scheme, ACCOUNTS)
    monkeypatch.setenv("CAUTERY_WATERMARK_PROFILE", str(profile))
    monkeypatch.setenv("CAUTERY_WATERMARK_KEYS", str(keys))
    for name in ("default_key_ids", "mode"):
        monkeypatch.setenv(f"CAUTERY_WATERMARK_{name.upper()}", options.get(name, ""))
    return owned


def params(keys: Sequence[Key] | None, **fields: Any) -> SamplingParams:
    """What the gateway sends: identifiers of keys."""
    named = None if keys is None else {"cautery_key_ids": [key.key_id for key in keys]}
    return SamplingParams(**{**SAMPLING, **fields}, extra_args=named)
