"""The packs' rules once more, in plain Python, written from their pages and not from Cedar.

Nothing of ``cautery.policy`` is imported here: where the two disagree, one of them is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cautery.records.request import RequestFacts
from cautery.records.standing import AccountFacts, CampaignStanding

LADDER = ["none", "email", "phone", "document", "contract"]


@dataclass(frozen=True, kw_only=True)
class OracleClass:
    """What a class of models asks for."""

    least: str = "none"
    reasoning: str = "none"
    logprobs: str = "none"
    choices: str = "none"
    ownership: bool = True
    resale: bool = False


@dataclass(frozen=True, kw_only=True)
class OracleWorld:
    """What the provider says."""

    supported: frozenset[str]
    classes: dict[str, OracleClass]
    """By beginning of the model's name."""
    exempt_uses: frozenset[str]
    exempt_least: str
    denied_accounts: frozenset[str] = frozenset()
    denied_organisations: frozenset[str] = frozenset()
    denied_networks: frozenset[int] = frozenset()
    documents: tuple[tuple[str, str, datetime], ...] = field(default=())
    """Document, organisation, time."""


def fires(
    world: OracleWorld,
    request: RequestFacts,
    account: AccountFacts | None,
    campaign: CampaignStanding | None,
) -> set[str]:
    """Name the rules that must fire."""
    asked = class_of(world, request.request_model)
    held = account or AccountFacts(account_id="", status="")
    rank = LADDER.index(held.verification)
    return {
        *_status(held),
        *_regions(world, request, held),
        *_ownership(asked, held),
        *(["verification-tiers.below"] if rank < LADDER.index(asked.least) else []),
        *_documents(world, request, held, asked),
        *(["resale-attestation.missing"] if asked.resale and not held.resale_attested else []),
        *_denied(world, request, held),
        *_campaign(world, request, held, campaign),
        *_exposure(world, request, held, asked),
    }


def class_of(world: OracleWorld, model: str) -> OracleClass:
    """Find a model's class, or the strictest demand of all."""
    best = max((start for start in world.classes if model.startswith(start)), key=len, default=None)
    if best is not None and model:
        return world.classes[best]
    every = list(world.classes.values())

    def strictest(name: str) -> str:
        return max((str(getattr(item, name)) for item in every), key=LADDER.index)

    return OracleClass(
        least=strictest("least"),
        reasoning=strictest("reasoning"),
        logprobs=strictest("logprobs"),
        choices=strictest("choices"),
        ownership=any(item.ownership for item in every),
        resale=any(item.resale for item in every),
    )


def _status(held: AccountFacts) -> list[str]:
    if held.status in {"closed", "suspended"}:
        return ["account-status.closed"]
    return [] if held.status == "active" else ["account-status.unknown"]


def _regions(world: OracleWorld, request: RequestFacts, held: AccountFacts) -> list[str]:
    def code(text: str) -> str:
        good = len(text) == 2 and text.isascii() and text.isalpha()
        return text.upper() if good and (text.isupper() or text.islower()) else ""

    three = {
        "address": code(request.country),
        "billing": code(held.billing_country),
        "declared": code(held.declared_country),
    }
    found = [
        f"supported-regions.{name}"
        for name, country in three.items()
        if country and country not in world.supported
    ]
    if len({country for country in three.values() if country}) > 1:
        found.append("supported-regions.conflict")
    if not all(three.values()):
        found.append("supported-regions.unknown")
    return found


def _ownership(asked: OracleClass, held: AccountFacts) -> list[str]:
    if held.ownership == "known":
        over = held.restricted_ownership_basis_points > 5000
        return ["majority-ownership.over"] if over else []
    return ["majority-ownership.unknown"] if asked.ownership else []


def _documents(
    world: OracleWorld, request: RequestFacts, held: AccountFacts, asked: OracleClass
) -> list[str]:
    state = _document_state(world, held.org_id, request.arrived_at)
    asks = asked.least in {"document", "contract"} and held.verification != "contract"
    if not asks or state == "single":
        return []
    return ["identity-documents.reused" if state == "reused" else "identity-documents.unknown"]


def _document_state(world: OracleWorld, organisation: str, at: datetime) -> str:
    """Go through all uses in order, as a clerk would with a ledger."""
    good: list[tuple[str, str, datetime]] = []
    bad: list[tuple[str, datetime]] = []
    for document, user, moment in sorted(world.documents, key=lambda use: (use[2], use[1], use[0])):
        before = [use for use in good if use[0] == document]
        if before and before[-1][1] != user and moment - before[-1][2] < timedelta(days=90):
            bad.append((user, moment))
        else:
            good.append((document, user, moment))
    if any(user == organisation and moment <= at for _, user, moment in good):
        return "single"
    return "reused" if any(user == organisation and moment <= at for user, moment in bad) else ""


def _denied(world: OracleWorld, request: RequestFacts, held: AccountFacts) -> list[str]:
    found = []
    if (
        request.account_id in world.denied_accounts
        or held.org_id in world.denied_organisations
        or request.asn in world.denied_networks
    ):
        found.append("denied-parties.listed")
    if (
        (world.denied_accounts and not request.account_id)
        or (world.denied_organisations and not held.org_id)
        or (world.denied_networks and not request.asn)
    ):
        found.append("denied-parties.unchecked")
    return found


def _exempt(world: OracleWorld, request: RequestFacts, held: AccountFacts) -> bool:
    return (
        held.permitted_use in world.exempt_uses
        and held.permitted_until is not None
        and request.arrived_at < held.permitted_until
        and LADDER.index(held.verification) >= LADDER.index(world.exempt_least)
    )


def _campaign(
    world: OracleWorld,
    request: RequestFacts,
    held: AccountFacts,
    campaign: CampaignStanding | None,
) -> list[str]:
    if campaign is None or _exempt(world, request, held):
        return []
    level = max(
        ["", "watch", "likely", "very likely"].index(campaign.band),
        sum(campaign.probability >= floor for floor in (0.5, 0.9, 0.99)),
    )
    found = ["watch", "likely", "very-likely"][:level]
    if level == 3 and held.verification not in {"document", "contract"}:
        found.append("very-likely-unverified")
    return [f"campaign-bands.{name}" for name in found]


def _exposure(
    world: OracleWorld, request: RequestFacts, held: AccountFacts, asked: OracleClass
) -> list[str]:
    if _exempt(world, request, held):
        return []
    rank = LADDER.index(held.verification)
    wanted = {
        "reasoning": request.reasoning and rank < LADDER.index(asked.reasoning),
        "logprobs": request.logprobs and rank < LADDER.index(asked.logprobs),
        "choices": request.choices > 1 and rank < LADDER.index(asked.choices),
    }
    return [f"exposure.{name}" for name, fired in wanted.items() if fired]
