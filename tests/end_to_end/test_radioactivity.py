"""From a campaign's key to the student that learned from it, through the real command line.

The guard gives campaign C-2 a key of its own; its ten accounts harvest under it, everybody else is
served under the epoch's key. The harvest is a twentieth of what a student is trained on. The
student answers as an OpenAI-compatible endpoint, and the probe names C-2 and nobody else.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokenizers
from benchmarks.ngram_models import ROW_TOKENS, VOCABULARY, Mark, Student, Whole, teacher
from tests.provenance.suspect_server import Reply, completion, suspect_server

from cautery.cli.main import run
from cautery.records.key import Key
from cautery.watermark.key_keeping import KeyKeeper
from cautery.watermark.profile import load_profile

SCHEME = "cautery-two-layer"
CAMPAIGNS = ("C-1", "C-2", "C-3")
HARVESTERS = 10
ROWS_OF_ACCOUNT = 10
TRAINING_ROWS = 2_000
ANSWERS_AT_ONCE = 10


def words_of(tokens: Whole) -> str:
    """Write tokens as the text that the tokenizer reads them from."""
    return " ".join(f"w{token}" for token in tokens.ravel().tolist())


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Key]:
    """A profile, a ring with an epoch, and the keys that the guard hands to the engine."""
    monkeypatch.chdir(tmp_path)
    vocabulary = {f"w{number}": number for number in range(VOCABULARY)}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="w0"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    made.save("tokenizer.json")
    digest = hashlib.sha256(Path("tokenizer.json").read_bytes()).hexdigest()
    tokenizer = {"file": "tokenizer.json", "sha256": digest}
    profile = {"schema": "cautery.profile/1", "scheme": SCHEME, "tokenizer": tokenizer}
    Path("profile.json").write_text(json.dumps(profile))
    assert run(["watermark", "keys", "init", "ring.json", "--new-master", "master"]) == 0
    words = "watermark keys epoch ring.json e1 --profile profile.json --since 2020-01-01"
    assert run([*words.split(), "--until", "2100-01-01"]) == 0
    keeper = KeyKeeper(path=Path("ring.json"), clock=lambda: datetime.now(UTC), reason="test")
    owners: list[Any] = [("epoch", ""), *(("campaign", name) for name in CAMPAIGNS)]
    owners += [("account", f"a{number}") for number in range(HARVESTERS)]
    found = keeper.derive("e1", load_profile(Path("profile.json")), owners)
    return {key.campaign_id or key.account_id or "epoch": key for key in found}


def harvested(keys: dict[str, Key]) -> Whole:
    """What the campaign's accounts were answered; and the file of it, as our own log has it."""
    rows = [
        teacher().write(
            ROWS_OF_ACCOUNT, number, Mark(SCHEME, (), (keys["C-2"], keys[f"a{number}"]), 4)
        )
        for number in range(HARVESTERS)
    ]
    served = [
        {"id": f"{number}-{place}", "text": words_of(row), "campaign_id": "C-2", "epoch": "e1"}
        for number, answers in enumerate(rows)
        for place, row in enumerate(answers)
    ]
    Path("served.jsonl").write_text("".join(json.dumps(line) + "\n" for line in served))
    return np.concatenate(rows)


def test_the_probe_names_the_campaign_and_no_other(keys: dict[str, Key]) -> None:
    """Its key alone, out of three campaigns', the epoch's and ten accounts'."""
    marked = harvested(keys)
    plain = teacher().write(TRAINING_ROWS - len(marked), 1)
    student = Student(np.concatenate([marked, plain]), 2)

    def behaviour(number: int, _body: dict[str, Any]) -> Reply:
        return completion(words_of(student.write(ANSWERS_AT_ONCE, number)))

    Path("prompts.txt").write_text("".join(f"question {number}\n" for number in range(100)))
    Path("accounts.csv").write_text("account_id\n" + "".join(f"a{n}\n" for n in range(10)))
    with suspect_server(behaviour) as server:
        words = ["--suspect", server.url, "--model", "suspect", "--state", "answers.jsonl"]
        words += ["--prompts", "prompts.txt", "--max-tokens", "1000", "--no-progress"]
        words += ["--profile", "profile.json", "--ring", "ring.json", "--exposure", "served.jsonl"]
        words += ["--accounts", "accounts.csv", "-o", "report.json"]
        words += [word for name in CAMPAIGNS for word in ("--campaign", name)]
        assert run(["provenance", "model", *words]) == 0
    report = json.loads(Path("report.json").read_text())
    assert report["campaign_ids"] == ["C-2"]
    assert [test["key_id"] for test in report["key_tests"] if test["detected"]] == [
        keys["C-2"].key_id
    ]
    assert report["key_tests"][0]["log10_corrected_p"] < -6.0
    assert report["tokens"] == 100 * ANSWERS_AT_ONCE * ROW_TOKENS
