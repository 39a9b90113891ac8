"""What peers named: a row of the waterfall, small, with its source and its end.

Indicators come from outside and may be poisoned, so that they are held three times: one that names
large customers or many strangers is dropped and said so; what is left weighs two bits at most, and
one alone if a single peer speaks; and the row stands under the same limits as all others. With the
prior and nothing else, a group that peers name in full has a chance of two in a hundred.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cautery.ingest.keys import text_keys
from cautery.ports import Recogniser
from cautery.records.evidence import Weight
from cautery.records.indicator import Indicator, IndicatorKind
from cautery.scan.facts import Facts
from cautery.scan.groups import NO_GROUP, Groups
from cautery.scan.incidences import make_incidences
from cautery.scan.template_portraits import template_portraits
from cautery.scan.weighing import rounded

Integers = NDArray[np.int64]

SIGNAL: Final = "peer_indicators"
"""Name of the row."""
LABEL: Final = "named by peers"
MOST_BITS: Final = 2.0
"""Weight if two peers or more name what half of a group's accounts show, and are sure of it."""
ONE_PEER_BITS: Final = 1.0
"""The same if a single peer does: one poisoned feed must not weigh as much as two."""
FULL_SHARE: Final = 0.5
"""Part of the accounts, weighed by confidence, from which the row counts in full."""
LARGEST_CUSTOMERS: Final = 10
"""Customers that no indicator may name, by exchanges; in a small log one in a hundred."""
CUSTOMERS_A_LARGEST: Final = 100
MOST_OUTSIDE: Final = 0.5
"""Part of the accounts that an indicator names which may be in no group at all."""
MOST_GROUPS: Final = 3
"""Groups that one template of a peer may be found in: what more ask is a public prompt."""
KIND_STRENGTH: Final[dict[IndicatorKind, float]] = {"network": 0.5, "template": 0.5}
"""What naming a thing is worth where it is not one account's own: networks have other tenants, and
prompts are copied."""
_NAME_CHARACTERS: Final = 40
_NAMES: Final = 3


@dataclass(frozen=True, slots=True)
class PeerEvidence:
    """What peers' indicators say of every group."""

    rows: tuple[Weight, ...]
    """One row a group, in order."""
    notes: tuple[str, ...]
    """What was dropped and why, for people."""


@dataclass(slots=True)
class _Named:
    """What one indicator names."""

    indicator: Indicator
    accounts: set[int] = field(default_factory=set)
    templates: dict[int, float] = field(default_factory=dict)
    """Part of a group's accounts that use a template like it, by group."""


def peer_evidence(facts: Facts, groups: Groups, peers: Recogniser) -> PeerEvidence:
    """Weigh what peers named.

    Args:
        facts: What the log says.
        groups: Settled groups.
        peers: Knows the indicators that hold now.

    Returns:
        One row a group, and notes.
    """
    found: dict[tuple[str, str], _Named] = {}
    for indicator, accounts in _named_accounts(facts, groups, peers):
        _entry(found, indicator).accounts.update(accounts)
    for indicator, group, share in _named_templates(facts, groups, peers):
        shares = _entry(found, indicator).templates
        shares[group] = max(shares.get(group, 0.0), share)
    large = _largest_customers(facts)
    kept: list[_Named] = []
    dropped: Counter[tuple[str, str]] = Counter()
    for named in found.values():
        reason = _poisoned(named, groups, large)
        if reason:
            dropped[named.indicator.given_by, reason] += 1
        else:
            kept.append(named)
    speaking = _by_group(groups, kept)
    rows = tuple(_row(int(groups.sizes[group]), speaking[group]) for group in range(groups.count))
    notes = tuple(
        f"note: {count:,} indicators of {_short(peer)} were not weighed: {reason}."
        for (peer, reason), count in sorted(dropped.items())
    )
    return PeerEvidence(rows=rows, notes=notes)


def _entry(found: dict[tuple[str, str], _Named], indicator: Indicator) -> _Named:
    key = (indicator.given_by, indicator.indicator_id)
    return found.setdefault(key, _Named(indicator))


def _named_accounts(
    facts: Facts, groups: Groups, peers: Recogniser
) -> Iterator[tuple[Indicator, list[int]]]:
    """Every indicator with accounts that show what it names."""
    for kind, values in _texts_by_account(facts):
        if kind in peers.kinds:
            held = np.flatnonzero(values != "")
            pairs = make_incidences(held, values[held], np.ones(held.size, dtype=np.int64))
            yield from _of_tokens(pairs, peers.recognise(kind, list(map(str, pairs.names))))
    if "client_address" in facts.present and {"address", "network"} & peers.kinds:
        pairs = facts.tokens("rows", "client_address")
        addresses = list(map(str, pairs.names))
        for machine in ("address", "network"):
            if machine in peers.kinds:
                yield from _of_tokens(pairs, peers.recognise(machine, addresses))
    clients = peers.in_clear("tls_fingerprint")
    if clients and "device" in groups.incidences:
        pairs = groups.incidences["device"]
        keys = text_keys(pa.array(clients)).to_pylist()
        by_key = dict(zip(keys, clients.values(), strict=True))
        yield from _of_tokens(pairs, [by_key.get(int(name), ()) for name in pairs.names])


def _texts_by_account(facts: Facts) -> Iterator[tuple[IndicatorKind, NDArray[np.object_]]]:
    yield "account", np.array(facts.account_ids, dtype=object)
    yield "organisation", facts.organisations
    yield "email_domain", facts.account_texts("email_domain")
    yield "payment", facts.account_texts("payment_fingerprint")


def _of_tokens(
    pairs: Any, named: Sequence[Sequence[Indicator]]
) -> Iterator[tuple[Indicator, list[int]]]:
    bounds = np.searchsorted(pairs.token, np.arange(pairs.token_count + 1))
    for token, indicators in enumerate(named):
        for indicator in indicators:
            yield indicator, pairs.account[bounds[token] : bounds[token + 1]].tolist()


def _named_templates(
    facts: Facts, groups: Groups, peers: Recogniser
) -> Iterator[tuple[Indicator, int, float]]:
    """Every indicator of a template with the groups that use one like it, and how many do."""
    if "template" not in peers.kinds or not groups.count or "input_text" not in facts.present:
        return
    for group, templates in template_portraits(facts, groups, range(groups.count)).items():
        shown = [template for template in templates if template.text]
        named = peers.recognise("template", [template.text for template in shown])
        for template, indicators in zip(shown, named, strict=True):
            for indicator in indicators:
                yield indicator, group, template.accounts / max(int(groups.sizes[group]), 1)


def _largest_customers(facts: Facts) -> frozenset[int]:
    """Accounts of the customers that exchange most."""
    exchanges = np.bincount(facts.customers, weights=facts.totals["exchanges"])
    most = min(LARGEST_CUSTOMERS, ceil(exchanges.size / CUSTOMERS_A_LARGEST))
    largest = np.lexsort((np.arange(exchanges.size), -exchanges))[:most]
    return frozenset(np.flatnonzero(np.isin(facts.customers, largest)).tolist())


def _poisoned(named: _Named, groups: Groups, large: frozenset[int]) -> str:
    """Why an indicator cannot mean a campaign, if so."""
    if named.accounts & large:
        return f"they name one of the {LARGEST_CUSTOMERS} largest customers"
    outside = sum(int(groups.group_of[account]) == NO_GROUP for account in named.accounts)
    if outside > MOST_OUTSIDE * len(named.accounts):
        return "most accounts that they name are linked to nobody"
    if len(named.templates) > MOST_GROUPS:
        return f"more than {MOST_GROUPS} groups use the template that they name"
    return ""


@dataclass(frozen=True, slots=True)
class _Speaking:
    """One indicator that says something of a group."""

    indicator: Indicator
    accounts: tuple[int, ...]
    """Accounts of the group that it names."""
    share: float
    """Part of the group's accounts that use the template that it names."""


def _by_group(groups: Groups, kept: Sequence[_Named]) -> list[list[_Speaking]]:
    """Sort what indicators name by group; the cost goes by what is named, not by groups."""
    found: list[list[_Speaking]] = [[] for _group in range(groups.count)]
    for named in kept:
        inside: dict[int, list[int]] = {group: [] for group in named.templates}
        for account in named.accounts:
            group = int(groups.group_of[account])
            if group != NO_GROUP:
                inside.setdefault(group, []).append(account)
        for group, accounts in inside.items():
            share = named.templates.get(group, 0.0)
            found[group].append(_Speaking(named.indicator, tuple(accounts), share))
    return found


def _row(size: int, speaking: Sequence[_Speaking]) -> Weight:
    sure: dict[int, float] = {}
    by_template = 0.0
    for one in speaking:
        strength = KIND_STRENGTH.get(one.indicator.kind, 1.0)
        confidence = strength * one.indicator.confidence / 100
        for account in one.accounts:
            sure[account] = max(sure.get(account, 0.0), confidence)
        by_template = max(by_template, confidence * one.share)
    share = max(sum(sure.values()) / max(size, 1), by_template)
    return _weight(share, len(sure), size, [one.indicator for one in speaking])


def _weight(share: float, named: int, accounts: int, speaking: Sequence[Indicator]) -> Weight:
    peers = sorted({one.given_by for one in speaking})
    most = MOST_BITS if len(peers) > 1 else ONE_PEER_BITS
    words = "no account is named"
    sentence = "No peer named anything that these accounts show."
    if speaking:
        names = ", ".join(_short(peer) for peer in peers[:_NAMES])
        kinds = ", ".join(sorted({one.kind.replace("_", " ") for one in speaking}))
        ends = min(one.valid_until for one in speaking)[:10]
        words = f"{named:,} of {accounts:,} accounts, and {len(speaking):,} indicators, by {names}"
        sentence = f"Peers ({names}) named what these accounts show ({kinds}); valid until {ends}."
    return Weight(
        signal=SIGNAL,
        label=LABEL,
        aspect="distillation",
        family="context",
        bits=rounded(most * min(share / FULL_SHARE, 1.0)) if speaking else 0.0,
        observed=words,
        usual=f"at most {most:+.1f} bits",
        sentence=sentence,
    )


def _short(name: str) -> str:
    return name if len(name) <= _NAME_CHARACTERS else f"{name[: _NAME_CHARACTERS - 3]}..."
