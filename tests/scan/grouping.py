"""What the tests of the scan ask of facts: pairs of a link, candidates, and groups by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from tests.scan.small_logs import Row, SmallLog
from tests.scan.worlds import TEMPLATES, ByAccount, ByExchange, made_up_words, ordinary

from cautery.ingest.keys import text_keys
from cautery.registry import LINKS
from cautery.scan.association import concentrate
from cautery.scan.campaigns import find_candidates
from cautery.scan.candidates import Candidates
from cautery.scan.degree_null import shared_things
from cautery.scan.facts import Facts
from cautery.scan.groups import NO_GROUP, Basis, Groups
from cautery.scan.harvest import make_groups
from cautery.scan.incidences import Incidences, make_incidences
from cautery.scan.linking import incidences_of

KEYED_COLUMNS = {"address": "client_address", "network": "client_network", "device": "tls_ja4"}
"""Columns of the links whose tokens are keys of texts."""
Pair = tuple[str, str | int, int]
"""Account, token and number of exchanges."""
STRANGERS = 80
"""Accounts of a crowd with a hub."""
HUB_ACCOUNTS = 64
"""Those of them that share the hub: most, so that sharing it says nothing."""
APP_ACCOUNTS = 8
"""Those that use one open-source app's prompt in less than half of their exchanges."""


def things(holders: Mapping[str, Iterable[int]]) -> Incidences:
    """Make the pairs of one link from the accounts of each thing, one exchange each."""
    pairs = [(account, name) for name, accounts in holders.items() for account in accounts]
    return make_incidences(
        np.array([account for account, _name in pairs], dtype=np.int64),
        np.array([name for _account, name in pairs], dtype=object),
        np.ones(len(pairs), dtype=np.int64),
    )


def with_own(holders: Mapping[str, Iterable[int]], count: int) -> dict[str, list[int]]:
    """Give every account that holds none of some things a thing of its own, as most cards are."""
    held = {name: list(accounts) for name, accounts in holders.items()}
    known = {account for accounts in held.values() for account in accounts}
    return held | {f"own-{number}": [number] for number in range(count) if number not in known}


def fed_links(facts: Facts) -> dict[str, Incidences]:
    """Collect the pairs of every link that the log can feed, as the scan does."""
    return incidences_of(facts)[0]


def names_of(facts: Facts, link: str, tokens: Incidences) -> list[str | int]:
    """Name the tokens of a link; keys by the texts in the log that they stand for."""
    names = [name if isinstance(name, str) else int(name) for name in tokens.names]
    if link not in KEYED_COLUMNS:
        return names
    found = facts.rows.select(text=facts.rows[KEYED_COLUMNS[link]]).distinct().to_pyarrow()
    texts = found["text"].combine_chunks()
    keys = dict(zip(text_keys(texts).to_pylist(), texts.to_pylist(), strict=True))
    return [keys[int(name)] for name in names]


def pairs_of(facts: Facts, link: str) -> list[Pair]:
    """List the pairs of one link with the accounts' ids, sorted by token and account."""
    pairs: Incidences = LINKS.load(link).incidences(facts)
    names = names_of(facts, link, pairs)
    found = zip(pairs.account.tolist(), pairs.token.tolist(), pairs.exchanges.tolist(), strict=True)
    named = [(facts.account_ids[account], names[token], count) for account, token, count in found]
    return (
        sorted(named, key=lambda pair: (str(pair[1]), pair[0])) if link in KEYED_COLUMNS else named
    )


def sharers(facts: Facts, link: str) -> dict[str | int, list[str]]:
    """Name the accounts of every token that two or more of them show."""
    holders: dict[str | int, list[str]] = {}
    for account, token, _exchanges in pairs_of(facts, link):
        holders.setdefault(token, []).append(account)
    return {token: accounts for token, accounts in holders.items() if len(accounts) > 1}


def candidates_of(facts: Facts, *links: str, seed: int = 0) -> list[tuple[Basis, list[str]]]:
    """Find candidates by some links only: basis and members of each group."""
    families: dict[str, dict[str, Incidences]] = {"behaviour": {}, "infrastructure": {}}
    for name in links:
        member = LINKS.load(name)
        families[member.family][name] = member.incidences(facts)
    found = find_candidates(facts, families["behaviour"], families["infrastructure"], seed)
    return [
        (basis, [facts.account_ids[account] for account in np.flatnonzero(found.group_of == group)])
        for group, basis in enumerate(found.basis)
    ]


def joined(facts: Facts, *links: str, seed: int = 0) -> list[list[str]]:
    """Find the accounts that infrastructure joins; those that are only alike are left out."""
    found = candidates_of(facts, *links, seed=seed)
    return [members for basis, members in found if basis != "behaviour"]


def joining_tokens(facts: Facts, behaviour: str, infrastructure: str) -> int:
    """Count the behaviour tokens whose accounts are concentrated in one link's sharing."""
    shared = [LINKS.load(infrastructure).incidences(facts)]
    shares = shared_things(shared, facts.customers)
    found = concentrate(LINKS.load(behaviour).incidences(facts), shares, facts.customers)
    return int(found.joins.sum())


def groups_of(
    facts: Facts, *members: Sequence[str], basis: Basis = "both", speaking: Sequence[int] = ()
) -> Groups:
    """Make groups of named accounts, as if the passes had found them: what signals judge."""
    group_of = np.full(facts.account_count, NO_GROUP, dtype=np.int64)
    for group, names in enumerate(members):
        group_of[[facts.account_ids.index(name) for name in names]] = group
    candidates = Candidates(
        group_of=group_of,
        basis=(basis,) * len(members),
        speaking=np.array(speaking, dtype=np.int64),
    )
    return make_groups(facts, candidates, fed_links(facts))


def named(facts: Facts, begin: str) -> list[str]:
    """List the accounts whose name begins so."""
    return [name for name in facts.account_ids if name.startswith(begin)]


_SHUFFLED: list[int] = np.random.default_rng(3).permutation(STRANGERS).tolist()


def cards_of_two(number: int) -> Row:
    """Have a crowd pay by twos at random: sharing that has nothing to do with behaviour."""
    return {"payment_fingerprint": f"card-{_SHUFFLED[number] // 2}"}


def crowd(
    *, columns: ByExchange | None = None, account_columns: ByAccount | None = None
) -> SmallLog:
    """Make strangers, some of whom use one app's prompt now and then.

    Args:
        columns: What they share of the exchange columns, by account and turn.
        account_columns: What they share of the account table, by account.

    Returns:
        The log; the first ``APP_ACCOUNTS`` accounts send the app's prompt in a third of their
        exchanges, with items of their own.
    """

    def with_app(number: int, turn: int) -> Row:
        shared = columns(number, turn) if columns else {}
        if number >= APP_ACCOUNTS or turn >= 3:
            return shared
        item = made_up_words(np.random.default_rng([7, number, turn]), 9)
        return shared | {"input_text": TEMPLATES[0].format(item)}

    return ordinary(
        STRANGERS,
        exchanges=9,
        columns=with_app,
        account_columns=account_columns or (lambda _number: {}),
    )
