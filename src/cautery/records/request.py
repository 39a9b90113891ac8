"""One request to a served model, as the guard sees it before there is an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from cautery.records.key_spread import KeySpread

Dialect = Literal["openai", "anthropic", "other"]
"""Whose client library speaks; answers come in the same manner of speech."""

Verification = Literal["none", "email", "phone", "document", "contract"]
"""How an account has shown who it is, weakest first (contracts, section 2)."""

VERIFICATIONS: Final[tuple[Verification, ...]] = ("none", "email", "phone", "document", "contract")
"""The ladder of verification: later ones include what earlier ones grant."""

CredentialState = Literal["", "valid", "invalid", "expired", "revoked", "shared"]
"""What the check of a credential said; empty if something in front of the guard checks it.

*shared* is a valid one that is used from more networks than one customer has.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    """What is known of a request when it arrives; nothing here is a prompt or a credential."""

    arrived_at: datetime
    """When its head was read; UTC."""
    request_id: str
    """Given by the guard, unique."""
    account_id: str
    """The paying account that the credential belongs to; empty if it is unknown."""
    key_id: str = ""
    """Identifier of the credential, never the credential."""
    credential_state: CredentialState = ""
    """What the check of the credential said."""
    key_spread: KeySpread | None = None
    """Networks of a *shared* credential; none of any other."""
    org_id: str = ""
    """Organisation of the account, empty if unknown."""
    end_user_id: str = ""
    """Whom the account says it serves, empty if it does not say."""
    client_address: str = ""
    """IPv4 or IPv6 after trusted proxies; empty if unknown."""
    country: str = ""
    """ISO 3166-1 alpha-2 of the address, empty if unknown."""
    asn: int = 0
    """Number of the address's network, 0 if unknown."""
    user_agent: str = ""
    """As the client sent it: hostile text."""
    dialect: Dialect = "other"
    """Which client library's manner the path belongs to."""
    operation: str = ""
    """chat, text_completion, embeddings ... as in the exchange table."""
    request_model: str = ""
    """The served model asked for: hostile text until it was looked up."""
    stream: bool = False
    """Whether the answer is wanted as it is made."""
    logprobs: bool = False
    """Whether log-probabilities of tokens are asked for."""
    reasoning: bool = False
    """Whether the answer's reasoning is asked for."""
    choices: int = 1
    """Answers asked for at once (``n``)."""
    max_tokens: int = 0
    """Most tokens of the answer, 0 if the client set no limit."""
    input_tokens: int = 0
    """Estimate of the tokens of the input."""
    template: int = 0
    """64-bit keyed sketch of the prompt's template, 0 if there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageFacts:
    """What a request turned out to cost; known when its answer has ended."""

    request_id: str
    """Of the request."""
    account_id: str
    """Of the request."""
    input_tokens: int
    """Tokens of the input, cached ones included."""
    output_tokens: int
    """Tokens of the answer."""
    status_code: int
    """HTTP status of the answer, 0 if the client went before it."""
