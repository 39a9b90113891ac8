"""What LiteLLM's generic guardrail sends and reads (LiteLLM 1.106, ``generic_guardrail_api``).

The request is LiteLLM's and grows with it, so that fields that are not known are passed over, and
what is not used here is not read.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from cautery.guard.request_reading import MOST_NAME_CHARACTERS

GUARDRAIL_PATH: Final = "/beta/litellm_basic_guardrail_api"
"""What LiteLLM puts behind ``api_base``."""
PRESENT: Final = "[present]"
"""What LiteLLM writes for a header whose value it does not pass on."""
_MOST_ID: Final = 512

Name = Annotated[str, Meta(max_length=MOST_NAME_CHARACTERS)] | None


class GuardrailKey(msgspec.Struct, frozen=True, kw_only=True):
    """Whose virtual key was used."""

    user_api_key_hash: Name = None
    """SHA-256 of the key."""
    user_api_key_user_id: Name = None
    """Its user: the account, as in LiteLLM's logs."""
    user_api_key_team_id: Name = None
    """Its team."""
    user_api_key_org_id: Name = None
    """Its organisation."""
    user_api_key_end_user_id: Name = None
    """Whom the account says it serves."""


class GuardrailQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """What LiteLLM asks before a call, and tells after it."""

    input_type: Literal["request", "response"] = "request"
    """Whether it is asked before the call, or after it."""
    request_data: GuardrailKey = GuardrailKey()
    """Whose key was used."""
    litellm_call_id: Annotated[str, Meta(max_length=_MOST_ID)] | None = None
    """LiteLLM's identifier of the call."""
    texts: list[str] | None = None
    """Every text of the request."""
    structured_messages: list[dict[str, Any]] | None = None
    """Its messages, where it has any."""
    model: Annotated[str, Meta(max_length=_MOST_ID)] | None = None
    """The served model asked for."""
    request_headers: dict[str, str] | None = None
    """Headers of the client; of most of them only that they are there."""


class GuardrailAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What LiteLLM does."""

    action: Literal["NONE", "BLOCKED", "GUARDRAIL_INTERVENED"]
    """`NONE` lets the call pass, `BLOCKED` refuses it; texts are never changed here."""
    blocked_reason: str = ""
    """What the client reads: never which rule it was."""
