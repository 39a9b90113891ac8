"""The simulator as a whole: the same bytes, a truth that joins, the shapes that tiers promise."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING

import pytest

from cautery.errors import OutputError, UsageError
from cautery.simulate.plan import LEAST_ATTACKERS, SimulationPlan
from cautery.simulate.run import simulate

if TYPE_CHECKING:
    from tests.simulate.conftest import Log

TIERS = ("february", "forwarded", "hydra", "loud", "paraphrased")
Maker = Callable[..., "Log"]


def digests(folder: Path) -> dict[str, str]:
    """Hash every file of a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def test_same_plan_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two runs of one plan differ in no byte of no file."""
    plan = SimulationPlan(tier="hydra", accounts=600, days=2)
    simulate(plan, tmp_path / "a")
    simulate(plan, tmp_path / "b")
    assert digests(tmp_path / "a") == digests(tmp_path / "b")


def test_another_seed_gives_another_log(tmp_path: Path) -> None:
    """A seed changes the log, the accounts and the truth."""
    for seed in (1, 2):
        plan = SimulationPlan(tier="hydra", accounts=600, days=2, seed=seed)
        simulate(plan, tmp_path / str(seed))
    first, second = digests(tmp_path / "1"), digests(tmp_path / "2")
    same = [name for name in first if first[name] == second[name]]
    assert same == ["releases.csv"]


@pytest.mark.parametrize("tier", TIERS)
def test_truth_joins_the_log(tier: str, simulated: Maker) -> None:
    """Every exchange has a true label and a known account, in order of time and inside the log."""
    log = simulated(tier)
    assert {row["request_id"] for row in log.exchanges} == set(log.harvest)
    assert len(log.harvest) == len(log.exchanges) == log.result.exchanges
    assert {row["account_id"] for row in log.exchanges} <= set(log.truth)
    assert set(log.truth) == set(log.accounts)
    times = [row["time_start"] for row in log.exchanges]
    assert times == sorted(times)
    assert times[0] >= datetime(2026, 8, 3, tzinfo=UTC)
    assert times[-1] < datetime(2026, 8, 11, tzinfo=UTC)


@pytest.mark.parametrize("tier", TIERS)
def test_counts_are_those_of_the_plan(tier: str, simulated: Maker) -> None:
    """All accounts count, a tenth of them attack, and only attackers harvest."""
    log = simulated(tier)
    attackers = {key for key, row in log.truth.items() if row["attacker"] == "1"}
    assert len(log.truth) == 1000
    assert len(attackers) == log.result.attackers == 100
    harvesters = {row["account_id"] for row in log.exchanges if log.harvest[row["request_id"]]}
    assert harvesters <= attackers
    assert len(harvesters) > 60
    named = [log.truth[key] for key in attackers]
    assert all(row["campaign_id"] and row["operator_id"] and row["tier"] == tier for row in named)


def test_no_attack_has_no_attackers(simulated: Maker) -> None:
    """The log without an attack is honest throughout."""
    log = simulated("none")
    assert {row["attacker"] for row in log.truth.values()} == {"0"}
    assert not any(log.harvest.values())


def test_no_exchange_is_outside_the_life_of_its_account(simulated: Maker) -> None:
    """Nobody calls before signing up or after being closed."""
    log = simulated("hydra")
    for row in log.exchanges:
        account = log.accounts[row["account_id"]]
        assert row["time_start"] >= datetime.fromisoformat(account["created_at"]).replace(
            microsecond=0
        ) or account["created_at"].endswith(row["time_start"].strftime("%S") + "Z")
        if account["closed_at"]:
            closed = datetime.fromisoformat(account["closed_at"])
            assert (row["time_start"] - closed).total_seconds() < 1


def daily_rates(log: Log, tier: str) -> list[float]:
    """Return each attacker's exchanges on its active days."""
    days: dict[str, Counter[object]] = defaultdict(Counter)
    for row in log.of_class(tier):
        days[row["account_id"]][row["time_start"].date()] += 1
    return [mean(counter.values()) for counter in days.values()]


@pytest.mark.parametrize(
    ("tier", "low", "high"),
    [
        ("loud", 100, 400),
        ("february", 10, 32),
        ("hydra", 7, 22),
        ("paraphrased", 7, 22),
        ("forwarded", 8, 26),
    ],
)
def test_daily_rate_is_that_of_the_tier(
    tier: str, low: float, high: float, simulated: Maker
) -> None:
    """The median account of a tier works at the documented pace."""
    assert low <= median(daily_rates(simulated(tier), tier)) <= high


@pytest.mark.parametrize("tier", ["hydra", "paraphrased"])
def test_cover_is_a_third_to_two_thirds(tier: str, simulated: Maker) -> None:
    """About half of what hydra accounts send is cover."""
    log = simulated(tier)
    rows = log.of_class(tier)
    harvested = sum(log.harvest[row["request_id"]] for row in rows)
    assert 0.3 <= 1 - harvested / len(rows) <= 0.7


def test_harvest_items_are_disjoint(simulated: Maker) -> None:
    """A queue gives hardly any item to two accounts."""
    log = simulated("hydra")
    texts = [
        row["input_text"]
        for row in log.exchanges
        if log.harvest[row["request_id"]] and row["status_code"] == 200
    ]
    assert len(set(texts)) / len(texts) > 0.95


def test_ended_accounts_are_replaced(simulated: Maker) -> None:
    """New accounts of a campaign keep starting while others end."""
    log = simulated("hydra")
    first: dict[str, datetime] = {}
    for row in log.of_class("hydra"):
        first.setdefault(row["account_id"], row["time_start"])
    late = [time for time in first.values() if time >= datetime(2026, 8, 5, tzinfo=UTC)]
    assert len(late) > len(first) / 5
    assert any(row["closed_at"] for row in log.accounts_of("hydra"))


def test_february_moves_to_the_new_model_at_once(simulated: Maker) -> None:
    """About half of the harvest is on the new model two days after its release; others lag."""
    log = simulated("february")
    after = datetime(2026, 8, 8, 12, tzinfo=UTC)
    share = {True: [0, 0], False: [0, 0]}
    for row in log.exchanges:
        if row["time_start"] >= after:
            counts = share[log.harvest[row["request_id"]]]
            counts[0] += row["request_model"] == "aurora-5"
            counts[1] += 1
    harvest, honest = (share[key][0] / share[key][1] for key in (True, False))
    assert 0.35 <= harvest <= 0.7
    assert honest < harvest - 0.1


def test_paraphrased_harvest_has_no_common_four_words(simulated: Maker) -> None:
    """No four consecutive words stand in more than a few in a hundred of the harvest prompts."""
    log = simulated("paraphrased")
    prompts = [row["input_text"] for row in log.exchanges if log.harvest[row["request_id"]]]
    seen: Counter[tuple[str, ...]] = Counter()
    for prompt in prompts:
        words = prompt.split()
        seen.update({tuple(words[place : place + 4]) for place in range(len(words) - 3)})
    assert len(prompts) > 500
    assert seen.most_common(1)[0][1] / len(prompts) < 0.05


def test_hydra_cards_are_shared_by_ten_to_twenty(simulated: Maker) -> None:
    """About half of the accounts pay with a card that at least ten of them share."""
    cards = Counter(row["payment_fingerprint"] for row in simulated("hydra").accounts_of("hydra"))
    del cards[""]
    assert max(cards.values()) <= 20
    assert 0.25 < sum(count for count in cards.values() if count >= 5) / 100 < 0.75


def test_tokens_add_up(simulated: Maker) -> None:
    """Cached input is part of the input, reasoning part of the output, ceilings hold."""
    for row in simulated("hydra").exchanges:
        assert 0 <= row["cache_read_tokens"] <= row["input_tokens"]
        assert 0 <= row["reasoning_tokens"] <= row["output_tokens"]
        assert row["output_tokens"] <= (row["max_tokens"] or row["output_tokens"])
        assert (row["status_code"] == 200) == (row["error_type"] is None)
        assert row["time_end"] > row["time_start"]


def test_conversations_grow_turn_by_turn(simulated: Maker) -> None:
    """Inside a conversation the number of messages rises."""
    talks: dict[str, list[int]] = defaultdict(list)
    for row in simulated("none").exchanges:
        if row["conversation_id"]:
            talks[row["conversation_id"]].append(row["message_count"])
    long = [counts for counts in talks.values() if len(counts) > 2]
    assert len(long) > 50
    assert all(a < b for counts in long for a, b in pairwise(counts))


def test_share_of_attackers_can_be_chosen() -> None:
    """The plan takes one in a hundred to one in five, and never fewer than forty."""
    assert SimulationPlan(accounts=6000, attacker_share=0.2).attackers == 1200
    assert SimulationPlan(accounts=6000, attacker_share=0.001).attackers == LEAST_ATTACKERS


@pytest.mark.parametrize(
    "wrong",
    [
        {"accounts": 10},
        {"days": 0},
        {"attacker_share": 0.9},
        {"volume": 0},
        {"compression": "rar"},
        {"otlp_generation": 4},
    ],
)
def test_impossible_plans_are_refused(wrong: dict[str, object]) -> None:
    """A plan that cannot be built says so at once."""
    with pytest.raises(UsageError):
        SimulationPlan(**wrong)  # type: ignore[arg-type]


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    """An unknown tier or format is a usage error that writes nothing."""
    for plan in (SimulationPlan(tier="hydro"), SimulationPlan(log_format="xml")):
        with pytest.raises(UsageError):
            simulate(plan, tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_unwritable_folder_is_an_output_error(tmp_path: Path) -> None:
    """A folder that is a file is named in the error."""
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"):
        simulate(SimulationPlan(accounts=600, days=1), tmp_path / "file")
