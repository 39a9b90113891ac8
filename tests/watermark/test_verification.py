"""Texts of a file against the keys of a profile."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from tests.cli.watermark.detect_cases import (
    key,
    marked,
    unmarked,
    write_profile,
    write_tokenizer,
)

from cautery.errors import ConfigurationError, InputError
from cautery.records.detection import Verdict
from cautery.watermark.deduplicate import Deduplicate
from cautery.watermark.profile import Profile, load_profile
from cautery.watermark.verification import plan_of, text_lines_of, verify_texts


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    """A profile of vLLM's Gumbel scheme."""
    write_profile(str(tmp_path / "p.json"), deduplicate="context", false_positive_rate=1e-4)
    return load_profile(tmp_path / "p.json")


def stream(*texts: list[int]) -> io.BytesIO:
    """Texts as JSON Lines."""
    rows = [json.dumps({"id": place, "token_ids": text}) for place, text in enumerate(texts)]
    return io.BytesIO("\n".join(rows).encode())


def test_a_plan_says_what_the_profile_says(profile: Profile) -> None:
    """Scheme, parameters, removal and rate are the profile's."""
    plan = plan_of(profile)
    assert (plan.scheme, plan.parameters) == (profile.scheme, profile.parameters)
    assert plan.deduplicate is Deduplicate.CONTEXT
    assert plan.false_positive_rate == 1e-4


def test_each_text_has_a_finding_in_order(profile: Profile) -> None:
    """The marked one is detected with its key; the correction counts the keys."""
    texts = stream(unmarked(300), marked(key(2), 150), unmarked(10))
    found = list(verify_texts(profile, [key(1), key(2)], texts, "f"))
    assert [one.id for one in found] == [0, 1, 2]
    verdicts = [Verdict.NOT_DETECTED, Verdict.DETECTED, Verdict.TOO_SHORT]
    assert [one.verdict for one in found] == verdicts
    assert found[1].key_id == "k2"
    assert {one.keys_tested for one in found} == {2}


def test_texts_are_not_read_before_they_are_asked_for(profile: Profile) -> None:
    """A finding comes before the next line is read: a bad second line does not take the first."""
    lines = io.BytesIO(b'{"id": 0, "token_ids": [1, 2]}\nnot json\n')
    findings = verify_texts(profile, [key(1)], lines, "f")
    assert next(findings).id == 0
    with pytest.raises(InputError, match="f:2"):
        next(findings)


def test_repetitions_across_texts(profile: Profile) -> None:
    """By themselves equal texts score alike; across texts the second scores nothing."""
    text = unmarked(50)
    alone = list(verify_texts(profile, [key(1)], stream(text, text), "f"))
    assert alone[0].tokens_scored == alone[1].tokens_scored == 50
    across = list(verify_texts(profile, [key(1)], stream(text, text), "f", across_texts=True))
    assert [one.tokens_scored for one in across] == [50, 0]
    assert across[0].log10_p == alone[0].log10_p


def test_another_tokenizer_is_an_error_before_any_text(tmp_path: Path) -> None:
    """A profile whose tokenizer is another one verifies nothing."""
    write_tokenizer(str(tmp_path / "tokenizer.json"))
    given = {"file": "tokenizer.json", "sha256": "1" * 64}
    write_profile(str(tmp_path / "p.json"), tokenizer=given)
    with pytest.raises(ConfigurationError, match="sha256 1111"):
        text_lines_of(load_profile(tmp_path / "p.json"), "f")
