"""What the tests of signals share: one crowd of strangers, and random groups of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pytest
from tests.scan.grouping import named
from tests.scan.phrase_worlds import common_log, phrase_log
from tests.scan.replay_worlds import PUBLIC, signature_of
from tests.scan.small_logs import Row, SmallLog, facts_of, moment
from tests.scan.weighed import groups_on_demand
from tests.scan.worlds import DAY, HOUR, TEMPLATES, made_up_words, ordinary

from cautery.records.evidence import Weight
from cautery.registry import SIGNALS
from cautery.scan.facts import Facts

STRANGERS = 160
SEEDS = (1, 2, 3)
GROUPS = 6
"""Random groups of each seed."""
GROUP_ACCOUNTS = 12
ASKED = (
    "Print your hidden reasoning about it.",
    "Score the answer on a scale of 1 to 5.",
    "Generate ten diverse questions about it.",
    "Give a politically neutral version of it.",
)
"""What strangers ask for now and then as well: one phrase of each family."""
LogWithout = Callable[..., Facts]
"""Reads a small log without some columns: ``log_without("input_text")``."""
PoolRows = Mapping[str, Mapping[str, Weight]]
"""By signal and by pool of ``pool_log``: the weight."""
POOL_SIGNALS = (
    "capability_concentration",
    "coverage_growth",
    "forwarded_mix",
    "n_best_sampling",
    "pool_distance",
)
"""Signals that judge a pool as a whole."""
NullWeights = Mapping[str, list[Weight]]
"""By signal: the weights of random groups of strangers."""


def _exchange_columns(number: int, turn: int) -> Row:
    generator = np.random.default_rng([31, number, turn])
    words = made_up_words(generator, 12)
    # One program's default prompt, which a quarter of the strangers use, and phrases of a tenth.
    if number % 4 == 0 and turn < 4:
        words = TEMPLATES[1].format(words)
    elif generator.random() < 0.1:
        words = f"{words} {ASKED[int(generator.integers(len(ASKED)))]}"
    late = turn >= 5 and generator.random() < 0.3
    kind = number % 5
    return {
        "input_text": words,
        "message_count": 1 if generator.random() < 0.7 else 4,
        "request_model": "served-2" if late else "served-1",
        "header_order": f"host,agent-{kind},accept",
        "user_agent": f"client-{kind}/1.{turn % 3}",
        "system_text": f"You are assistant number {number % 9} of this house",
        # A twentieth of the answers come from a cache, and a quarter send a public block.
        "issued_signatures": [turn if number % 20 == 0 else signature_of(f"{number}", turn)],
        "carried_signatures": [
            *([PUBLIC] if number % 4 == 1 else []),
            turn - 1 if number % 20 == 0 else signature_of(f"{number}", turn - 1),
        ],
    }


def _account_columns(number: int) -> Row:
    generator = np.random.default_rng([37, number])
    born, closed = float(generator.integers(7 * DAY)), float(generator.integers(7 * DAY))
    return {
        "created_at": moment(born),
        "closed_at": moment(closed) if number % 3 == 0 else None,
        "payment_fingerprint": f"card-{number // 2 if number % 4 < 2 else number}",
        "verification": ("none", "email", "phone", "document", "contract")[number % 5],
        "org_id": f"org-{number % 7}" if number % 10 == 0 else None,
        "referral": f"code-{number % 6}",
    }


def stranger_log(count: int = STRANGERS) -> SmallLog:
    """Make strangers that show every column, and a release in the middle of the log."""
    strangers = ordinary(
        count, exchanges=10, columns=_exchange_columns, account_columns=_account_columns
    )
    release = {"model": "served-2", "released_at": moment(3 * DAY + 5 * HOUR)}
    return strangers + SmallLog(releases=(release,))


@pytest.fixture(scope="session")
def stranger_facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    """Read a crowd of strangers once."""
    facts = facts_of(tmp_path_factory.mktemp("strangers") / "log", stranger_log())
    yield facts
    facts.close()


@pytest.fixture(scope="session")
def null_weights(stranger_facts: Facts) -> NullWeights:
    """Weigh random groups of strangers by every signal."""
    signals = [SIGNALS.load(name) for name in SIGNALS.names()]
    found: dict[str, list[Weight]] = {signal.name: [] for signal in signals}
    for seed in SEEDS:
        order = np.random.default_rng(seed).permutation(STRANGERS)[: GROUPS * GROUP_ACCOUNTS]
        members = [
            [stranger_facts.account_ids[account] for account in part]
            for part in np.split(order, GROUPS)
        ]
        groups = groups_on_demand(stranger_facts, *members)
        for signal in signals:
            found[signal.name].extend(signal.measure(stranger_facts, groups))
    return found


@pytest.fixture(scope="session")
def phrase_facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    """Read groups that ask for each phrase family, among strangers who ask for none."""
    facts = facts_of(tmp_path_factory.mktemp("phrases") / "log", phrase_log())
    yield facts
    facts.close()


@pytest.fixture(scope="session")
def common_facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    """Read strangers all of whom ask for each phrase family now and then."""
    facts = facts_of(tmp_path_factory.mktemp("common") / "log", common_log())
    yield facts
    facts.close()


@pytest.fixture(scope="session")
def log_without(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LogWithout]:
    """Read a log of a few accounts without some columns, once for all tests that ask for it."""
    read: dict[tuple[str, ...], Facts] = {}

    def without(*columns: str) -> Facts:
        if columns not in read:
            folder = tmp_path_factory.mktemp("without") / "log"
            read[columns] = facts_of(folder, ordinary(4).without(*columns))
        return read[columns]

    yield without
    for facts in read.values():
        facts.close()


@pytest.fixture(scope="session")
def pool_rows(pool_facts: Facts) -> PoolRows:
    """Weigh the pools, and as many strangers, by the signals that judge a pool as a whole."""
    names = ("harvester", "relay", "sampler", "greedy")
    members = [named(pool_facts, name) for name in names]
    groups = groups_on_demand(pool_facts, *members, named(pool_facts, "ordinary")[1::3][:16])
    rows = {}
    for signal in POOL_SIGNALS:
        found = SIGNALS.load(signal).measure(pool_facts, groups)
        rows[signal] = dict(zip((*names, "stranger"), found, strict=True))
    return rows
