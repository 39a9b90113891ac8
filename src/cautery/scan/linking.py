"""Linking: account-token pairs of every link that the log can feed, and the groups they make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cautery.registry import LINKS
from cautery.scan.campaigns import find_candidates
from cautery.scan.missing_columns import missing_signal
from cautery.scan.steps import CANDIDATES

if TYPE_CHECKING:
    from cautery.ports import Link
    from cautery.records.case import MissingSignal
    from cautery.scan.candidates import Candidates
    from cautery.scan.facts import Facts
    from cautery.scan.incidences import Incidences
    from cautery.scan.steps import Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """What linking found."""

    incidences: dict[str, Incidences]
    """Account-token pairs by the name of the link."""
    missing: tuple[MissingSignal, ...]
    """Links that the log cannot feed, if a finding would be weaker for it."""
    candidates: Candidates

    @property
    def count(self) -> int:
        """Number of account-token pairs."""
        return sum(pairs.account.size for pairs in self.incidences.values())


def link_accounts(facts: Facts, seed: int, steps: Steps) -> Linked:
    """Join accounts by every link that the log can feed.

    Args:
        facts: What the log says.
        seed: Seed of the communities.
        steps: Told of each link, and of the candidates.

    Returns:
        The pairs, what is missing, and the candidate groups.
    """
    found, missing = incidences_of(facts, steps)
    candidates = candidates_of(facts, found, seed)
    steps.done(CANDIDATES)
    return Linked(incidences=found, missing=missing, candidates=candidates)


def incidences_of(
    facts: Facts, steps: Steps | None = None
) -> tuple[dict[str, Incidences], tuple[MissingSignal, ...]]:
    """Ask the log for the account-token pairs of every link.

    Args:
        facts: What the log says.
        steps: Told of each link.

    Returns:
        The pairs by the name of the link, and the links that the log cannot feed, if a finding
        would be weaker for it.
    """
    found: dict[str, Incidences] = {}
    missing: list[MissingSignal | None] = []
    for name in LINKS.names():
        link: Link = LINKS.load(name)
        lacking = facts.missing(link.needs)
        if lacking:
            missing.append(missing_signal(f"{name} link", lacking, facts))
        else:
            found[name] = link.incidences(facts)
        if steps is not None:
            steps.done(name)
    return found, tuple(row for row in missing if row)


def candidates_of(facts: Facts, incidences: dict[str, Incidences], seed: int) -> Candidates:
    """Group accounts by pairs of all links, each told by its family.

    Args:
        facts: What the log says.
        incidences: Account-token pairs by the name of the link.
        seed: Seed of the communities.

    Returns:
        The candidate groups.
    """
    families: dict[str, dict[str, Incidences]] = {"behaviour": {}, "infrastructure": {}}
    for name, pairs in incidences.items():
        families[LINKS.load(name).family][name] = pairs
    return find_candidates(facts, families["behaviour"], families["infrastructure"], seed)
