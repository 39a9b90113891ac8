"""Teaches small transformers under each defence and prints a table of defence by student.

    python benchmarks/resist_neural.py teach src/cautery/inference/neural_laboratory/teacher.npz
    python benchmarks/resist_neural.py teacher         # how good the packaged teacher is
    python benchmarks/resist_neural.py table           # the table; most of an hour on one thread
    python benchmarks/resist_neural.py table --defence none hide-reasoning --requests 1200

The teacher adds numbers with written working; its weights, which ``teach`` makes in some minutes,
come with the package. Students are small transformers, trained anew for every seed and adaptation:
see ``cautery resist evaluate --help`` and ``docs/explanation/resist.md``. Wants the extra ``lab``.
Two machines, or two numbers of threads, round differently, and their tables differ within the
intervals; two runs on one thread of one machine give the same.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

import msgspec
import numpy as np
from benchmarks.markdown import table
from benchmarks.resist import lines_of

from cautery.inference.neural_laboratory.antidistillation import ANTIDISTILLATION
from cautery.inference.neural_laboratory.teacher import NeuralTeacher, packaged_network
from cautery.inference.neural_laboratory.trial import run_neural_trial, train_teacher
from cautery.records.progress import Progress
from cautery.resist.laboratory.adding_teacher import entropy_of
from cautery.resist.laboratory.addition import draw_questions, words_of
from cautery.resist.laboratory.findings import SeedResult
from cautery.resist.laboratory.harvest import harvest
from cautery.resist.laboratory.trial import NO_PLAN, TrialSize
from cautery.resist.plans import Plan, make_plan

TEACHER_SEED: Final = 20_261_129
TRIED: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "drop-logprobs, single-choice": {"drop-logprobs": {}, "single-choice": {}},
    "product-of-experts": {"product-of-experts": {}},
    "product-of-experts, tilt 3": {"product-of-experts": {"strength": 2.0, "most_tilt": 3.0}},
    "antidistillation-sampling": {"antidistillation-sampling": {}},
    "summarise-reasoning, half": {
        "summarise-reasoning": {"most_share": 0.5, "most_sentences": 3, "keeps_figures": True}
    },
    "hide-reasoning": {"hide-reasoning": {}},
}
"""Plans by the name of their row."""


class Lines(Progress):
    """Writes a line for each plan and seed that is done, with the time."""

    def start(self, stage: str, total: int | None, unit: str) -> None:
        """Begin."""
        self._done, self._total, self._start = 0, total, time.monotonic()

    def advance(self, count: int) -> None:
        """Write how far it is."""
        self._done += count
        passed = time.monotonic() - self._start
        print(f"{self._done} of {self._total}, {passed:.0f} s", file=sys.stderr, flush=True)

    def finish(self, summary: str) -> None:
        """Write what was done."""
        print(summary, file=sys.stderr, flush=True)


class Kept:
    """Results of plans and seeds in a file of JSON Lines, so that a trial goes on where it was.

    Args:
        path: The file, or None to keep nothing.
        size: Results of another harvest are left alone.
    """

    def __init__(self, path: Path | None, size: TrialSize) -> None:
        self._path = path
        self._size = [size.requests, size.choices, size.test_questions]
        self.results: dict[tuple[str, int], SeedResult] = {}
        lines = path.read_text(encoding="utf-8").splitlines() if path and path.exists() else []
        for line in lines:
            size_of_line, name, seed, result = json.loads(line)
            if size_of_line == self._size:
                self.results[name, seed] = msgspec.convert(result, SeedResult)

    def add(self, name: str, seed: int, result: SeedResult) -> None:
        """Write a result down."""
        if self._path:
            row = [self._size, name, seed, msgspec.to_builtins(result)]
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")


def teach(options: argparse.Namespace) -> None:
    """Train the teacher and write its weights."""
    start = time.process_time()
    packed = train_teacher(TEACHER_SEED).pack()
    options.out.write_bytes(packed)
    print(f"{len(packed):,} bytes, {time.process_time() - start:.0f} s of one processor")


def show_teacher(options: argparse.Namespace) -> None:
    """Print how good the packaged teacher is, and how much it leaves to choose."""
    teacher = NeuralTeacher(packaged_network())
    questions = draw_questions(options.test_questions, [options.seeds[0], 1])
    found = harvest(teacher, Plan(), questions, [options.seeds[0], 2], 1)
    choices = [few[0].choice for few in found]
    right = [
        choice.text.rpartition(">")[2].strip() == f"{one.answer:0{one.digits + 1}d}"
        for one, choice in zip(questions, choices, strict=True)
    ]
    entropies = [entropy_of(choice) for choice in choices]
    words = [len(words_of(choice.text)) for choice in choices]
    rows = [
        ["right answers", f"{100 * np.mean(right):.1f} %"],
        ["words", f"{np.mean(words):.1f}"],
        ["entropy of a text, nats", f"{np.mean(entropies):.2f}"],
        ["entropy of a word, nats", f"{np.sum(entropies) / np.sum(words):.3f}"],
    ]
    print("\n".join(table(["teacher", "mean"], rows)))


def plans_of(names: Sequence[str] | None) -> Mapping[str, Plan]:
    """Put the plans of some rows together; of all if none is named."""
    return {
        name: make_plan(given, instead=[ANTIDISTILLATION])
        for name, given in TRIED.items()
        if name in (names or TRIED)
    }


def show_table(options: argparse.Namespace) -> None:
    """Run the trial and print its table."""
    size = TrialSize(
        seeds=tuple(options.seeds),
        requests=options.requests,
        choices=options.choices,
        test_questions=options.test_questions,
    )
    start, kept = time.process_time(), Kept(options.keep, size)
    findings = run_neural_trial(
        plans_of(options.defence), size, known=kept.results, keep=kept.add, progress=Lines()
    )
    print("\n".join(lines_of(findings)), flush=True)
    print(f"\n{time.process_time() - start:.0f} s of one processor", file=sys.stderr)


def main(words: Sequence[str] | None = None) -> None:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    verbs = parser.add_subparsers(required=True)
    teaching = verbs.add_parser("teach", help="train the teacher")
    teaching.add_argument("out", type=Path)
    teaching.set_defaults(run=teach)
    for name, run in (("teacher", show_teacher), ("table", show_table)):
        verb = verbs.add_parser(name)
        verb.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
        verb.add_argument("--requests", type=int, default=300)
        verb.add_argument("--choices", type=int, default=2)
        verb.add_argument("--test-questions", type=int, default=300)
        verb.add_argument("--defence", nargs="+", choices=[NO_PLAN, *TRIED], help="these alone")
        verb.add_argument("--keep", type=Path, help="file of results; goes on where it stopped")
        verb.set_defaults(run=run)
    options = parser.parse_args(words)
    import torch

    torch.set_num_threads(options.threads)
    options.run(options)


if __name__ == "__main__":
    main()
