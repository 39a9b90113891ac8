"""Students of n-gram teachers, with the keys and profiles that they are tested for."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from benchmarks.ngram_models import VOCABULARY, Mark, Student, Whole, samples_of, training_data

from cautery.provenance.probes.radioactivity import MEMBER, RadioactivityQuestion
from cautery.provenance.suspect_material import Exposure, Sample, SuspectMaterial
from cautery.provenance.text import KeysOfProfile
from cautery.records.key import Key, Layer, Secret
from cautery.records.probe import Access, ProbeReport
from cautery.registry import SCHEMES
from cautery.watermark.profile import Profile

KGW = ("hf-kgw", (("vocab_size", VOCABULARY), ("bias", 3.0)), 1)
"""Green lists with the bias of Sander and others."""
GUMBEL = ("vllm-gumbel", (("context_width", 2),), 2)
SELF_HASH = ("vllm-sbw", (("context_width", 2), ("gamma", 0.25)), 2)
TWO_LAYERS = ("cautery-two-layer", (), 4)
LABORATORY = {"hf-kgw": KGW, "vllm-gumbel": GUMBEL, "vllm-sbw": SELF_HASH}
RATE = 1e-5


def number_key(number: int, **more: Any) -> Key:
    """A key of 8 bytes that its number decides, as every scheme takes it."""
    value = b"\x01" + random.Random(number).randbytes(6) + b"\x01"
    return Key(key_id=f"k{number}", value=Secret(value), **more)


def layer_key(number: int, layer: Layer, **more: Any) -> Key:
    """A key of the two-layer scheme; all have one split key."""
    split = random.Random(-1).randbytes(16)
    value = Secret(split + random.Random(number).randbytes(16))
    return Key(key_id=f"k{number}", value=value, layer=layer, **more)


def profile_of(scheme: str, given: Sequence[tuple[str, Any]], rate: float = RATE) -> Profile:
    """A profile without a file."""
    loaded = SCHEMES.load(scheme)
    parameters = loaded.parameters(dict(given))
    return Profile(
        name=scheme,
        scheme=loaded,
        parameters=parameters,
        given=dict(given),
        tokenizer=None,
        deduplicate=loaded.deduplicate(parameters),
        false_positive_rate=rate,
    )


@dataclass(frozen=True)
class Attack:
    """A student, what it wrote, and what it had learned from."""

    student: Student
    written: Whole
    marked: Whole


@lru_cache(maxsize=8)
def attack(name: str, share: float, seed: int, rows: int = 2000, asked: int = 2000) -> Attack:
    """Train a student on a mixture, and ask it."""
    scheme, given, width = LABORATORY[name]
    mark = Mark(scheme, given, (number_key(seed),), width)
    texts, marked = training_data(share, rows, mark, seed)
    student = Student(texts, width)
    return Attack(student, student.write(asked, seed + 1), marked)


def exposures_of(rows: Whole, **more: Any) -> tuple[Exposure, ...]:
    """Our own marked texts."""
    return tuple(Exposure(tokens=row, **more) for row in rows)


def examined(
    profile: Profile,
    keys: Sequence[Key],
    samples: Sequence[Sample] | Whole,
    exposures: Sequence[Exposure] = (),
    **more: Any,
) -> ProbeReport:
    """Run the probe."""
    read = samples if isinstance(samples, tuple) else samples_of(samples)  # type: ignore[arg-type]
    access = Access.OPEN if read and read[0].predictions is not None else Access.CLOSED
    question = RadioactivityQuestion(
        tested=(KeysOfProfile(profile=profile, keys=tuple(keys)),),
        exposures=(tuple(exposures),),
        **{"control_keys": 0, **more},
    )
    suspect = SuspectMaterial(name="suspect", access=access, supervised=False, samples=(read,))
    return MEMBER.examine(suspect, question)
