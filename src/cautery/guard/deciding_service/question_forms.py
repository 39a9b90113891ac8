"""The JSON that programs send to ``/v1/decide`` and ``/v1/settle``, with the bounds of each field.

The OpenAPI document is generated from here, docstrings included, so that it cannot say otherwise.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cautery.guard.request_reading import MOST_NAME_CHARACTERS
from cautery.records.request import CredentialState, Dialect

MOST_AGENT_CHARACTERS: Final = 512
MOST_NUMBER: Final = 2**31 - 1

MOST_ID_CHARACTERS: Final = 128

Name = Annotated[str, Meta(max_length=MOST_NAME_CHARACTERS)]
Count = Annotated[int, Meta(ge=0, le=MOST_NUMBER)]
Status = Annotated[int, Meta(ge=0, le=599)]


_ADDRESS: Final = {"anyOf": [{"const": ""}, {"format": "ipv4"}, {"format": "ipv6"}]}


class DecideQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One request to a served model, as the program in front of it knows it."""

    account_id: Name
    """The paying account, as in logs and account table; empty if it is unknown."""
    request_id: Annotated[str, Meta(max_length=MOST_ID_CHARACTERS)] = ""
    """The program's own, unique; the service gives one if it is empty."""
    key_id: Name = ""
    """Identifier of the credential, never the credential."""
    credential_state: CredentialState = ""
    """What the program's check of the credential said; empty if it was not checked."""
    org_id: Name = ""
    """Organisation of the account."""
    end_user_id: Name = ""
    """Whom the account says it serves."""
    client_address: Annotated[str, Meta(max_length=64, extra_json_schema=_ADDRESS)] = ""
    """IPv4 or IPv6 address of the client."""
    country: Annotated[str, Meta(max_length=2, pattern="^([A-Z]{2})?$")] = ""
    """ISO 3166-1 alpha-2 of the address."""
    asn: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 0
    """Number of the address's network, 0 if unknown."""
    user_agent: Annotated[str, Meta(max_length=MOST_AGENT_CHARACTERS)] = ""
    """As the client sent it."""
    dialect: Dialect = "other"
    """Whose API the client speaks."""
    operation: Annotated[str, Meta(max_length=64)] = ""
    """chat, text_completion, embeddings ... as in the exchange table."""
    request_model: Name = ""
    """The served model asked for."""
    stream: bool = False
    """Whether the answer is wanted as it is made."""
    logprobs: bool = False
    """Whether log-probabilities of tokens are asked for."""
    reasoning: bool = False
    """Whether the answer's reasoning is asked for."""
    choices: Annotated[int, Meta(ge=1, le=MOST_NUMBER)] = 1
    """Answers asked for at once (`n`)."""
    max_tokens: Count = 0
    """Most tokens of the answer, 0 without a limit."""
    input_tokens: Count = 0
    """Tokens of the input, or an estimate."""
    input_text: str = ""
    """The last user turn; only a keyed sketch of how it opens is made of it, and it is not kept."""


class SettleQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a request turned out to cost, once its answer has ended."""

    request_id: Annotated[str, Meta(min_length=1, max_length=MOST_ID_CHARACTERS)]
    """As in the decision record, or in `x-cautery-request-id`."""
    account_id: Name
    """Of the request."""
    input_tokens: Count
    """Tokens of the input, cached ones included."""
    output_tokens: Count
    """Tokens of the answer."""
    status_code: Status = 200
    """HTTP status of the answer, 0 if the client left before it."""
