"""``policy.toml``: which packs, their parameters, the classes of served models, and modes."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import msgspec

from cautery.records.decision import Mode
from cautery.records.request import Verification

POLICY_SCHEMA: Final = "cautery.policy/1"


class ParameterValue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a parameter is set to."""

    value: Any = None
    """A text, a whole number, a flag, or a list of texts."""
    file: str = ""
    """A file of schema ``cautery.policy-list/1`` in place of ``value``."""
    dated: date | None = None
    """When a list was made; every list needs it."""
    source: str = ""
    """Where a list comes from; every list needs it."""


class ListFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A list in a file of its own (schema ``cautery.policy-list/1``)."""

    dated: date
    """When it was made."""
    source: str
    """Where it comes from."""
    values: tuple[str, ...]
    """What stands on it."""


class ModelClass(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Served models that ask the same of an account."""

    models: tuple[str, ...]
    """Their names; one that ends in ``*`` stands for all that begin so."""
    least_verification: Verification = "none"
    """How an account must have shown who it is to use them at all."""
    reasoning_verification: Verification = "none"
    """The same, to see their reasoning."""
    logprobs_verification: Verification = "none"
    """The same, to see log-probabilities."""
    choices_verification: Verification = "none"
    """The same, to get several answers at once."""
    known_ownership: bool = True
    """Whether somebody must have looked into who owns the organisation; where it is false, an
    organisation that nobody looked into may pass."""
    resale_attestation: bool = False
    """Whether the account must have attested that it passes no access on."""


class Exemptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is exempt from rules that say ``unless { context.account.exempt }``."""

    permitted_uses: tuple[str, ...]
    """Permissions that exempt, as long as they run; one without an end does not."""
    least_verification: Verification = "contract"
    """How an exempt account must have shown who it is."""


class DeniedReference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A list of parties that get nothing."""

    file: str
    """A file of schema ``cautery.denied-list/1``."""
    sha256: str = ""
    """Digest that the file must have, if it is pinned."""


class DocumentReference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The register of identity documents."""

    file: str
    """CSV: ``document_id,org_id,verified_at``."""
    days: int = 90
    """For how long one document verifies one organisation."""


class WatermarkKeys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which key marks the answers of a campaign, under ``@watermark_key("campaign")``."""

    campaigns: dict[str, str] = {}
    """Opaque identifier of the key by campaign."""
    other: str = ""
    """The key of campaigns that have none of their own; empty for the epoch's."""


class Override(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody's word that rules may be enforced without a backtest."""

    reason: str
    """Why; never empty."""
    owner: str
    """Who answers for it; never empty."""


class Enforcement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What allows the rules of mode *enforce* to be enforced."""

    backtest: str = ""
    """A ``backtest.json`` of these rules, signed off."""
    override: Override | None = None
    """In its place; written to the audit trail."""


class PolicyFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``policy.toml`` as a whole."""

    packs: tuple[str, ...]
    """Names of packs of the shelf, and paths of ``.cedar`` files of one's own."""
    default_mode: Mode = "shadow"
    """Mode of rules that ``modes`` does not name."""
    modes: dict[str, Mode] = {}
    """Mode by rule, or by pack for all of its rules."""
    parameters: dict[str, ParameterValue] = {}
    """Values of the packs' parameters."""
    classes: dict[str, ModelClass] = {}
    """Classes of served models. A model in none is held to the strictest demand of all."""
    exemptions: Exemptions | None = None
    """Who is exempt; nobody if it is left out."""
    denied: tuple[DeniedReference, ...] = ()
    """Denied lists."""
    documents: DocumentReference | None = None
    """Register of identity documents."""
    watermark_keys: WatermarkKeys = WatermarkKeys()
    """Keys of campaigns."""
    enforcement: Enforcement = Enforcement()
    """What allows enforcement."""
