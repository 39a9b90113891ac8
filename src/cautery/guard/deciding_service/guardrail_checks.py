"""LiteLLM asks as of a guardrail: allow or block, before the call.

LiteLLM cannot throttle, challenge or degrade by a guardrail: what asks for that is blocked, and the
reason says when to come again. It carries no watermark key either; such calls pass with the epoch's
key and are counted, as behind a proxy whose engine cannot be told. What it tells after a call holds
no usage, so that there is nothing to settle; a callback may ask ``/v1/settle``.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Final

import msgspec

from cautery.guard.answers import Answer, answer_decision
from cautery.guard.conversation_reading import sketch_template, text_of
from cautery.guard.deciding_service.asking import Asking
from cautery.guard.deciding_service.guardrail_forms import (
    PRESENT,
    GuardrailAnswer,
    GuardrailQuestion,
)
from cautery.guard.deciding_service.program_questions import read_form
from cautery.guard.deciding_service.service_answers import json_answer
from cautery.guard.proxying.client_addresses import TrustedProxies
from cautery.guard.request_reading import BYTES_PER_TOKEN, MOST_NAME_CHARACTERS
from cautery.records.decision import Decision
from cautery.records.request import RequestFacts

_QUESTION: Final = msgspec.json.Decoder(GuardrailQuestion)
_NONE: Final = msgspec.json.encode(GuardrailAnswer(action="NONE"))
_CALL_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_NO_ACCOUNT: Final = frozenset({"", "-", "none", "null", "default_user_id", "anonymous"})
"""What LiteLLM writes when there is no account, as the reader of its logs takes it."""
_USERS: Final = frozenset({"user", "human"})
_MOST_USER_AGENT: Final = 512


def answer_guardrail(asking: Asking) -> None:
    """Answer LiteLLM.

    Args:
        asking: The question.
    """
    form = read_form(asking, _QUESTION)
    if form is None:
        return
    if form.input_type == "response":
        asking.answer(json_answer(_NONE, asking.request_id))
        return
    facts = _facts_of(form, asking)

    def carry_out(decision: Decision) -> None:
        if decision.watermark_key_id:
            asking.service.metrics.count("faults_total", "tag_not_carried")
        if decision.enforced_action == "degrade":
            decision = replace(decision, enforced_action="block")
        asking.note(decision, facts)
        refused = answer_decision(decision, facts.dialect, asking.settings.answers)
        asking.answer(json_answer(_words(refused), asking.request_id))

    asking.decide(facts, carry_out, lambda: asking.refuse("overloaded"))


def _words(refused: Answer | None) -> bytes:
    """Say yes or no in LiteLLM's words, with what the client may know and nothing else."""
    if refused is None:
        return _NONE
    error = json.loads(refused.body)["error"]
    waits = [f"Try again in {value} s." for name, value in refused.headers if name == "retry-after"]
    more = [error["help_url"]] if "help_url" in error else []
    decision = [f"decision {error['decision_id']}"] if "decision_id" in error else []
    known = f"({', '.join([error['code'], *decision])})"
    reason = " ".join([error["message"], *waits, *more, known])
    return msgspec.json.encode(GuardrailAnswer(action="BLOCKED", blocked_reason=reason))


def _facts_of(form: GuardrailQuestion, asking: Asking) -> RequestFacts:
    key = form.request_data
    account = key.user_api_key_user_id or ""
    if account.lower() in _NO_ACCOUNT:
        # As the reader of LiteLLM's logs: the key stands for its account.
        account = key.user_api_key_hash or ""
    texts = form.texts or []
    call_id = form.litellm_call_id or ""
    headers = {name.lower(): value for name, value in (form.request_headers or {}).items()}
    agent = headers.get("user-agent", "")
    settings = asking.settings
    return RequestFacts(
        arrived_at=asking.arrived_at,
        request_id=call_id if _CALL_ID.fullmatch(call_id) else asking.request_id,
        account_id=account,
        key_id=key.user_api_key_hash or "",
        org_id=key.user_api_key_org_id or "",
        end_user_id=key.user_api_key_end_user_id or "",
        client_address=_address_of(headers, settings.address_header, settings.proxies),
        user_agent="" if agent == PRESENT else agent[:_MOST_USER_AGENT],
        operation="chat" if form.structured_messages else "",
        request_model=(form.model or "")[:MOST_NAME_CHARACTERS],
        input_tokens=sum(map(len, texts)) // BYTES_PER_TOKEN,
        template=sketch_template(_last_turn(form, texts), settings.sketch_key.reveal()),
    )


def _last_turn(form: GuardrailQuestion, texts: list[str]) -> str:
    for turn in reversed(form.structured_messages or []):
        if str(turn.get("role", "")).lower() in _USERS and (text := text_of(turn.get("content"))):
            return text
    return texts[-1] if texts else ""


def _address_of(headers: dict[str, str], name: str, proxies: TrustedProxies) -> str:
    """Find the client in the one header that the operator's own proxy writes, if he names one."""
    value = headers.get(name, "") if name else ""
    if not value or value == PRESENT:
        return ""
    return proxies.resolve_behind("", [value.encode("latin-1", "replace")])
