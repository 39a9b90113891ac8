"""The benchmark of reworded campaigns: its measures say what they claim, on logs made for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from benchmarks.reworded_channels import in_common, overlap, repeats, succession, word_counts
from benchmarks.reworded_limits import against_all, best_of_all, by_repeats, divergence, of_operator
from benchmarks.reworded_logs import DAY, Log, make_reworded
from benchmarks.reworded_oracle import judged
from benchmarks.reworded_tables import (
    accounts_needed,
    best_lines,
    cards_table,
    information_table,
    pools_table,
    repeats_table,
)
from scipy import sparse

from cautery.records.evidence import Aspect, Weight
from cautery.scan.evidence import verdict_of

CAMPAIGN_ACCOUNTS = 30
ACCOUNTS = 120


def log_of(texts: list[list[str]], campaign: list[str]) -> Log:
    """Make a log of one exchange a text and minute, accounts one day after another."""
    account = np.repeat(np.arange(len(texts)), [len(one) for one in texts])
    flat = [text for one in texts for text in one]
    time = account * DAY + np.arange(len(flat)) * 60_000_000
    return Log(
        exchanges=pa.table({"input_text": flat, "time_start": pa.array(time, pa.int64())}),
        account=account, ids=tuple(f"a{n:03}" for n in range(len(texts))),
        campaign=np.array(campaign, dtype=object),
        kind=np.array([name or "ordinary" for name in campaign], dtype=object),
        created=np.zeros(len(texts)), closed=np.full(len(texts), np.nan), released=0.0, model="new",
    )  # fmt: skip


@pytest.fixture(scope="module")
def planted() -> Log:
    """Two campaigns among strangers; what they do is given by scores of the tests' own."""
    names = ["x"] * CAMPAIGN_ACCOUNTS + ["y"] * CAMPAIGN_ACCOUNTS
    names += [""] * (ACCOUNTS - len(names))
    return log_of([[f"own {n}"] for n in range(ACCOUNTS)], names)


def noise(seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Symmetric scores that tell nothing."""
    half = np.triu(np.random.default_rng(seed).normal(0, 1, (ACCOUNTS, ACCOUNTS)))
    return np.asarray(half + half.T, dtype=np.float32)


def test_divergence_of_a_shift() -> None:
    """A normal shift by one standard deviation tells 0.72 bits; quantiles keep most of it."""
    random = np.random.default_rng(1)
    bits = divergence(random.normal(1, 1, 20_000), random.normal(0, 1, 200_000))[0]
    assert 0.65 < bits < 0.74


def test_alike_is_told_from_linked(planted: Log) -> None:
    """What all attackers have in common tells them from others, and nothing of the operator."""
    attack = planted.campaign != ""
    same = planted.campaign[:, None] == planted.campaign[None, :]
    alike = noise(2) + np.outer(attack, attack).astype(np.float32) * 2
    linked = noise(2) + same.astype(np.float32) * 2
    assert against_all(planted, alike)[0].bits > 0.5
    assert of_operator(planted, alike).p_value > 0.05
    assert of_operator(planted, linked).p_value == pytest.approx(0.01)
    assert of_operator(planted, linked).bits > 0.5


def test_best_of_all_finds_what_is_planted(planted: Log) -> None:
    """Ratios that tell attackers apart find them; noise finds hardly anybody honest."""
    attack = planted.campaign != ""
    found = best_of_all(planted, [noise(3), 5.0 * np.outer(attack, attack).astype(np.float32)])
    assert found[0] == 1.0
    assert found[1] < 0.5


def test_repeats_join_only_what_two_accounts_sent() -> None:
    """A prompt of three accounts is somebody's common property."""
    chain = [[f"item {n}", f"item {n + 1}", "popular"] for n in range(6)]
    log = log_of([*chain, ["popular"], ["alone"]], ["x"] * 6 + ["", ""])
    score = repeats(log)
    assert score[0, 1] == 1.0
    assert score[0, 2] == 0.0
    joined, strangers, each = by_repeats(log)
    assert (joined, strangers) == (1.0, 0)
    assert each == pytest.approx(10 / 6)


def test_scores_of_pairs() -> None:
    """Equal shares overlap wholly, a successor is nearer than the others, rare things count."""
    counts = sparse.csr_matrix(np.array([[1.0, 1.0], [3.0, 3.0], [0.0, 2.0]]))
    assert overlap(counts)[0, 1] == pytest.approx(1.0)
    assert overlap(counts)[0, 2] < 1.0
    assert in_common(counts, 2)[0, 1] == 1.0
    log = log_of([["One two three"], ["two three four"], ["five"]], ["", "", ""])
    assert succession(log)[0, 1] > succession(log)[0, 2]
    every = np.ones(3, dtype=np.bool_)
    assert word_counts(log, every, run=2).shape == (3, 3)
    assert word_counts(log, every, without=frozenset({"five"})).shape == (3, 4)


def test_accounts_needed() -> None:
    """Less information needs larger campaigns, and none is never enough."""
    assert accounts_needed(1.0, 3_000) < accounts_needed(0.1, 3_000)  # type: ignore[operator]
    assert accounts_needed(0.0, 3_000) is None


def row(aspect: Aspect, bits: float) -> Weight:
    """Make a weight."""
    return Weight(signal=aspect, label=aspect, aspect=aspect, family="content", bits=bits)


def test_a_proof_of_one_owner_is_what_such_a_pool_lacks() -> None:
    """What is asked is not enough alone; behaviour lifts it to *watch* and no further."""
    pool = judged("k", "n", 40, verdict_of([row("linkage", -4.0), row("distillation", 5.5)], []))
    assert pool.bits[0] < 0
    assert pool.bits[1] == 2.0
    assert pool.bits[2] > 3.2


def test_tables() -> None:
    """Every part of the results has its table; a missing one is empty and no error."""
    information = {
        "part": "information", "name": "clock", "bits": 0.04, "tail": 0.0, "densest": "batch_etl",
        "densest_bits": 0.12, "operator_bits": 0.0, "operator_p": 0.5,
    }  # fmt: skip
    best = {
        "part": "best", "name": "all of it", "attackers": 0.8, "honest": 0.04, "accounts": 2_000,
        "campaigns": [40, 90],
    }  # fmt: skip
    pool = {
        "part": "pool", "kind": "whole", "name": "x", "accounts": 40, "linkage": -4.0, "asked": 5.0,
        "bits": [-11.0, 2.0, 6.0],
    }  # fmt: skip
    again = {"part": "repeats", "name": "3%", "each": 0.4, "attackers": 0.13, "honest": 37}
    cards = {"part": "cards", "name": "90%", "seed": 1, "likely": [0.3, 4], "watch": [0.4, 5]}
    rows = [information, best, pool, again, cards]
    last = information_table(rows)[-1]
    assert last == "| clock | 0.04 | batch etl, 0.12 | 0.000 | 0.50 | none told |"
    assert "80% of the attackers with 4.0% of the honest" in best_lines(rows)[0]
    assert "| 0 likely, 1 watch, of 1 | 1 likely, 0 watch, of 1 |" in pools_table(rows)[-1]
    assert repeats_table(rows)[-1] == "| 3% | 0.40 | 13% | 37 |"
    assert cards_table(rows)[-1] == "| 90% | 1 | 0.30 (4) | 0.40 (5) |"
    assert best_lines([]) == []
    assert len(information_table([])) == len(pools_table([])) == len(repeats_table([])) == 2


def test_logs_are_varied_in_one_thing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without items asked again no prompt joins a campaign's accounts; the campaigns stay."""
    monkeypatch.setattr("benchmarks.reworded_logs.ACCOUNTS", 600)
    log = make_reworded(7, tmp_path, repeat=0.0, same_work=True)
    assert by_repeats(log)[2] == 0.0
    assert set(log.campaign) == {"", "paraphrased-1", "paraphrased-2", "paraphrased-3"}
    assert (log.kind[log.campaign != ""] == "paraphrased").all()
