"""All that rules see of a request: few values, each of few kinds, so that answers can be kept.

Cedar's request is built out of a projection and of nothing else, so two requests with the same
projection have the same answer, and an answer kept by projection cannot be wrong. Times enter as
*runs still* or *has ended*, names of models as their class, parties as the lists they stand on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cautery.policy.model_classes import rank_of
from cautery.records.campaign import BAND_FLOORS, Band, band_of
from cautery.records.request import VERIFICATIONS

if TYPE_CHECKING:
    from datetime import datetime

    from cautery.policy.policy_set import PolicySet
    from cautery.records.request import RequestFacts
    from cautery.records.standing import AccountFacts, CampaignStanding

OPERATIONS: Final = frozenset(
    ("chat", "text_completion", "embeddings", "generate_content", "create_agent", "execute_tool")
)
"""Operations that rules see by name; any other is ``other``, for clients write paths."""
MOST_CHOICES: Final = 16
"""More answers at once are seen as so many."""
BAND_RANKS: Final[dict[Band, int]] = {
    "": 0,
    **{band: rank for rank, (band, _) in enumerate(reversed(BAND_FLOORS), start=1)},
}
"""Bands as rules see them: 1 *watch*, 2 *likely*, 3 *very likely*."""

_COUNTRIES: Final = {
    "".join(letters): "".join(letters).upper()
    for alphabet in (ascii_uppercase, ascii_lowercase)
    for letters in product(alphabet, repeat=2)
}


class Projection(NamedTuple):
    """What rules see; the fields are those of the schema."""

    model_class: str
    country: str = ""
    operation: str = ""
    reasoning: bool = False
    logprobs: bool = False
    choices: int = 1
    known: bool = False
    status: str = ""
    verification: int = 0
    declared_country: str = ""
    billing_country: str = ""
    program: str = ""
    permitted_use: str = ""
    exempt: bool = False
    resale_attested: bool = False
    ownership_known: bool = False
    restricted_basis_points: int = 0
    identity_document: str = ""
    listed: bool = False
    band: int = 0
    denied: tuple[str, ...] = ()
    unchecked: bool = False


PATHS: Final[dict[str, str]] = {
    "model_class": "resource",
    **dict.fromkeys(("country", "operation", "reasoning", "logprobs", "choices"), "context"),
    **dict.fromkeys(Projection._fields[6:18], "context.account"),
    "listed": "context.campaign",
    "band": "context.campaign",
    "denied": "context.denied",
    "unchecked": "context.denied",
}
"""Where in the schema each field stands."""


def path_of(field: str) -> str:
    """Name a field as rules do.

    Args:
        field: Of the projection.

    Returns:
        Its path.

    Example:
        >>> path_of("billing_country"), path_of("denied")
        ('context.account.billing_country', 'context.denied.lists')
    """
    if field == "model_class":
        return "resource"
    return f"{PATHS[field]}.{'lists' if field == 'denied' else field}"


def fields_read(reads: Iterable[str]) -> tuple[str, ...]:
    """Name the fields that some paths stand for.

    Args:
        reads: Paths of attributes, or of records that hold them.

    Returns:
        Fields of the projection, in its order.

    Example:
        >>> fields_read(["context.country", "context.campaign"])
        ('country', 'listed', 'band')
    """
    wanted = tuple(reads)
    return tuple(
        field
        for field in Projection._fields
        if any(path_of(field) == path or path_of(field).startswith(f"{path}.") for path in wanted)
        or (field == "model_class" and any(_asks_class(path) for path in wanted))
    )


def _asks_class(path: str) -> bool:
    """Whether a path leads to what differs between classes of models."""
    return path.startswith("resource") and not path.startswith("resource.settings")


def projector(
    policy: PolicySet,
) -> Callable[[RequestFacts, AccountFacts | None, CampaignStanding | None], tuple[Any, ...]]:
    """Make the function that projects requests for one policy set.

    Args:
        policy: The set.

    Returns:
        The function, which never changes anything; what it gives are the values of a projection
        in order, as the making of the named one is not for every request.
    """
    class_of, known_country = policy.classes.class_of, _COUNTRIES.get
    account_of, standing_of = _account_projector(policy), _standing_projector(policy)

    def project(
        request: RequestFacts, account: AccountFacts | None, campaign: CampaignStanding | None
    ) -> tuple[Any, ...]:
        operation, choices = request.operation, request.choices
        org_id = "" if account is None else account.org_id
        return (
            class_of(request.request_model),
            known_country(request.country, ""),
            operation if not operation or operation in OPERATIONS else "other",
            request.reasoning,
            request.logprobs,
            choices if choices < MOST_CHOICES else MOST_CHOICES,  # noqa: FURB136 - the hot path
            *(_UNKNOWN_ACCOUNT if account is None else account_of(account, request.arrived_at)),
            *standing_of(request, org_id, campaign),
        )

    return project


def _account_projector(policy: PolicySet) -> Callable[[AccountFacts, datetime], tuple[Any, ...]]:
    """Make the function that gives what rules see of an account that is known."""
    documents, exemptions = policy.documents, policy.exemptions
    exempt_uses = frozenset(exemptions.permitted_uses) - {""} if exemptions else frozenset()
    exempt_rank = rank_of(exemptions.least_verification) if exemptions else 0
    known_country = _COUNTRIES.get

    def account_of(account: AccountFacts, arrived_at: datetime) -> tuple[Any, ...]:
        until = account.permitted_until
        use = account.permitted_use if until is not None and arrived_at < until else ""
        rank = rank_of(account.verification)
        known = account.ownership == "known"
        return (
            True,
            account.status,
            rank,
            known_country(account.declared_country, ""),
            known_country(account.billing_country, ""),
            account.program,
            use,
            bool(use) and use in exempt_uses and rank >= exempt_rank,
            account.resale_attested,
            known,
            account.restricted_ownership_basis_points if known else 0,
            "" if documents is None else documents.state(account.org_id, arrived_at),
        )

    return account_of


def _standing_projector(
    policy: PolicySet,
) -> Callable[[RequestFacts, str, CampaignStanding | None], tuple[Any, ...]]:
    """Make the function that gives the campaign that holds a sender, and the lists that name it."""
    denied, has_lists = policy.denied, bool(policy.denied.lists)

    def standing_of(
        request: RequestFacts, org_id: str, campaign: CampaignStanding | None
    ) -> tuple[Any, ...]:
        if campaign is None and not has_lists:
            return _NOT_LISTED
        return (
            campaign is not None,
            0 if campaign is None else _band_rank(campaign),
            denied.names(request.account_id, org_id, request.asn) if has_lists else (),
            has_lists and denied.unchecked(request.account_id, org_id, request.asn),
        )

    return standing_of


def cedar_context(projection: Projection) -> dict[str, Any]:
    """Write a projection as the context of Cedar's request.

    Args:
        projection: What rules see.

    Returns:
        The context, as the schema has it.
    """
    context: dict[str, Any] = {"account": {}, "campaign": {}, "denied": {}}
    for field, value in zip(Projection._fields, projection, strict=True):
        parts = path_of(field).split(".")
        if parts[0] != "context":
            continue
        holder = context if len(parts) == 2 else context[parts[1]]
        holder[parts[-1]] = list(value) if isinstance(value, tuple) else value
    return context


def in_words(path: str, value: Any) -> str:
    """Write a value that a rule saw as people do.

    Args:
        path: Of the attribute.
        value: As rules see it.

    Returns:
        Words; *unknown* for what is empty.

    Example:
        >>> in_words("context.account.verification", 3), in_words("context.country", "")
        ('document', 'unknown')
    """
    if path.endswith(".verification"):
        return str(VERIFICATIONS[value])
    if path.endswith(".band"):
        return next(band for band, rank in BAND_RANKS.items() if rank == value) or "none"
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value != "" else "unknown"


def _band_rank(campaign: CampaignStanding) -> int:
    """Take the stricter of the band and the chance, should one of them be missing."""
    return max(BAND_RANKS.get(campaign.band, 3), BAND_RANKS[band_of(campaign.probability)])


_NOT_LISTED: Final = tuple(Projection(model_class=""))[18:]
_UNKNOWN_ACCOUNT: Final = tuple(Projection(model_class=""))[6:18]
