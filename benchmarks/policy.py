"""How fast a policy set answers, and whether it answers as a plain oracle does.

    python benchmarks/policy.py speed
    python benchmarks/policy.py differential --requests 1000000

``speed`` asks about requests of 20,000 accounts, drawn so that most are alike, as in a real log:
one country after Zipf's law, mostly the same throughout. It times each call by itself, the first
pass with an empty memory and the second with a full one, and calls of Cedar without the memory.
``differential`` compares the rules that fire on random facts with ``tests/policy/oracle.py``.
Both print Markdown.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.policy.oracle import fires  # noqa: E402 - the repository's own tests, found above
from tests.policy.worlds import PACKS, WORLD, load_world, random_facts  # noqa: E402

from cautery.policy.evaluator import CedarEvaluator  # noqa: E402
from cautery.policy.policy_set import PolicySet, load_policy_set  # noqa: E402
from cautery.records.request import VERIFICATIONS, RequestFacts  # noqa: E402
from cautery.records.standing import AccountFacts, CampaignStanding  # noqa: E402

ACCOUNTS: Final = 20_000
REQUESTS: Final = 100_000
UNKEPT: Final = 5_000
COUNTRIES: Final = 60
NOW: Final = datetime(2026, 11, 29, tzinfo=UTC)

Facts = tuple[RequestFacts, AccountFacts, CampaignStanding | None]


def traffic(seed: int = 1) -> list[Facts]:
    """Draw requests of 20,000 accounts."""
    chance = random.Random(seed)
    codes = [f"{a}{b}" for a in "ABCDEFGHIJ" for b in "QRSTUV"][:COUNTRIES]
    weights = [1 / rank for rank in range(1, COUNTRIES + 1)]
    held: list[tuple[AccountFacts, CampaignStanding | None]] = []
    for number in range(ACCOUNTS):
        (country,) = chance.choices(codes, weights)
        account = AccountFacts(
            account_id=f"account-{number}",
            org_id=f"org-{number // 3}",
            verification=chance.choices(VERIFICATIONS, (1, 6, 3, 2, 1))[0],
            declared_country=country,
            billing_country=country if chance.random() < 0.97 else chance.choice(codes),
            resale_attested=chance.random() < 0.9,
            ownership="known" if chance.random() < 0.8 else "unknown",
        )
        campaign = CampaignStanding(campaign_id="C-1", probability=0.95, band="likely")
        held.append((account, campaign if chance.random() < 0.02 else None))
    return [_request(chance, codes, *chance.choice(held)) for _ in range(REQUESTS)]


def _request(
    chance: random.Random,
    codes: Sequence[str],
    account: AccountFacts,
    campaign: CampaignStanding | None,
) -> Facts:
    at_home = chance.random() < 0.95
    request = RequestFacts(
        arrived_at=NOW,
        request_id="r",
        account_id=account.account_id,
        country=account.declared_country if at_home else chance.choice(codes),
        asn=64500,
        operation="chat",
        request_model=chance.choice(("big-1", "big-mini", "small")),
        reasoning=chance.random() < 0.3,
        logprobs=chance.random() < 0.05,
        choices=1 if chance.random() < 0.95 else 4,
    )
    return request, account, campaign


def timed(ask: Callable[..., object], requests: Sequence[Facts]) -> list[int]:
    """Time each call by itself; nanoseconds."""
    clock = time.perf_counter_ns
    spent = []
    gc.collect()
    gc.disable()
    for facts in requests:
        begun = clock()
        ask(*facts)
        spent.append(clock() - begun)
    gc.enable()
    return sorted(spent)


def region_policy(folder: Path) -> PolicySet:
    """Load a set of the region pack alone."""
    path = folder / "regions.toml"
    values = ", ".join(f'"{a}{b}"' for a in "ABCDEFGHI" for b in "QRSTUV")
    path.write_text(
        'schema = "cautery.policy/1"\npacks = ["supported-regions"]\n'
        f'[parameters.supported_regions]\nvalue = [{values}]\ndated = 2026-11-01\nsource = "x"\n'
    )
    return load_policy_set(path)


def row(name: str, spent: Sequence[int], note: str = "") -> None:
    """Print one line of the table, in microseconds."""
    middle, late = spent[len(spent) // 2] / 1000, spent[len(spent) * 99 // 100] / 1000
    print(f"| {name} | {middle:.2f} | {late:.2f} | {len(spent):,} | {note} |")


def speed() -> None:
    """Print how long answers take."""
    requests = traffic()
    print("| what | p50, us | p99, us | calls | |")
    print("| --- | ---: | ---: | ---: | --- |")
    with tempfile.TemporaryDirectory() as folder:
        sets = {
            "region pack": region_policy(Path(folder)),
            f"all {len(PACKS)} packs": load_world(Path(folder)),
        }
    for name, policy in sets.items():
        evaluator = CedarEvaluator(policy)
        first = timed(evaluator.evaluate, requests)
        kept = evaluator.kept()
        row(f"{name}, memory empty at first", first, f"{kept:,} different answers")
        row(f"{name}, memory full", timed(evaluator.evaluate, requests))
        row(f"{name}, no memory", timed(CedarEvaluator(policy, kept_answers=0).evaluate,
            requests[:UNKEPT]))  # fmt: skip
    row("the oracle, plain Python", timed(lambda *facts: fires(WORLD, *facts), requests[:UNKEPT]))


def differential(requests: int) -> None:
    """Compare with the oracle."""
    with tempfile.TemporaryDirectory() as folder:
        evaluator = CedarEvaluator(load_world(Path(folder)))
    chance = random.Random(20261129)
    wrong = fired = 0
    begun = time.perf_counter()
    for _ in range(requests):
        facts = random_facts(chance)
        outcome = evaluator.evaluate(*facts)
        found = {finding.rule for finding in outcome.findings}
        fired += len(found)
        wrong += bool(outcome.errors) or found != fires(WORLD, *facts)
    spent = time.perf_counter() - begun
    print(f"{requests:,} random requests, {fired:,} findings, {wrong:,} differ; {spent:,.0f} s")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("speed", "differential"))
    parser.add_argument("--requests", type=int, default=100_000)
    chosen = parser.parse_args(arguments)
    if chosen.what == "speed":
        speed()
    else:
        differential(chosen.requests)


if __name__ == "__main__":
    main()
