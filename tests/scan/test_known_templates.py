"""Stock prompts of public pipelines are known, and nobody else's prompts are."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
import pyarrow as pa
import pytest
from tests.scan.worlds import TEMPLATES, made_up_words

from cautery.ingest.sketches import SKETCH_VERSION, sketch_columns
from cautery.scan import known_templates
from cautery.scan.known_templates import known_shingles


def shingles_of(texts: list[str]) -> set[int]:
    """Sketch texts as the ingest does."""
    nothing = pa.nulls(len(texts), pa.large_string())
    found = sketch_columns(pa.array(texts, pa.large_string()), nothing, nothing.cast(pa.string()))
    return {value for shingles in found["input_shingles"].to_pylist() for value in shingles}


def test_they_are_of_this_version() -> None:
    """The stored shingles were made with the sketches of this version, so that they are used."""
    path = files("cautery.scan") / "data" / "known_templates.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["sketch_version"] == SKETCH_VERSION
    stored = {value for shingles in content["pipelines"].values() for value in shingles}
    assert set(known_shingles().tolist()) == stored


def test_they_are_sorted_and_distinct() -> None:
    """They can be searched: ascending, none twice, each a signed number of 32 bits."""
    found = known_shingles()
    assert (np.diff(found) > 0).all()
    limits = np.iinfo(np.int32)
    assert limits.min <= found.min() <= found.max() <= limits.max


def test_stock_prompt_is_known() -> None:
    """The begin of distilabel's evol-instruct prompt is recognised, whatever is rewritten."""
    text = (
        "I want you to act as a Prompt Rewriter.\nYour objective is to rewrite a given prompt "
        "into a more complex version to make those famous AI systems (e.g., chatgpt and GPT4) a "
        "bit harder to handle.\n" + made_up_words(np.random.default_rng(19), 12)
    )
    assert len(shingles_of([text]) & set(known_shingles().tolist())) >= 3


def test_own_prompts_are_not_known() -> None:
    """Prompts that no public pipeline sends are not taken for stock."""
    generator = np.random.default_rng(20)
    texts = [frame.format(made_up_words(generator, 9)) for frame in TEMPLATES]
    ordinary = [made_up_words(generator, 30) for _text in range(200)]
    assert shingles_of([*texts, *ordinary]).isdisjoint(known_shingles().tolist())


def test_another_version_knows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shingles of other sketches would match at random, so none are used then."""
    monkeypatch.setattr(known_templates, "SKETCH_VERSION", "of another time")
    assert known_shingles.__wrapped__().size == 0
