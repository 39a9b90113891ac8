"""Puts identifiers of watermark keys where the engine looks for them; never a key itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from cautery.guard.request_reading import RequestBody, decoded
from cautery.records.decision import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class TagCarrier:
    """How an engine is told which key marks an answer."""

    body_field: str = ""
    """Field of the body, with a dot before one inside another: ``vllm_xargs.cautery_key_ids``."""
    header: str = ""
    """Header, in lower case."""
    account_keys: Mapping[str, str] = field(default_factory=dict)
    """Identifier of each account's own key, for a scheme that has a layer for it."""

    @property
    def carries(self) -> bool:
        """Whether the engine can be told at all."""
        return bool(self.body_field or self.header)

    def key_ids(self, decision: Decision) -> tuple[str, ...]:
        """Say which keys mark the answer to a request.

        Args:
            decision: What was decided on it.

        Returns:
            The campaign's key if the answer is tagged, and the account's own if it has one.
        """
        if not decision.watermark_key_id and not self.account_keys:
            return ()  # most answers bear no mark, and this is asked of every one
        named = decision.watermark_key_id, self.account_keys.get(decision.account_id, "")
        return tuple(key_id for key_id in named if key_id)

    def header_value(self, decision: Decision) -> str:
        """Write the identifiers as a header has them: with commas, empty for none."""
        return ",".join(self.key_ids(decision))

    def tag(self, body: RequestBody, key_ids: Sequence[str]) -> bool:
        """Write identifiers of keys into a body, in place.

        Args:
            body: As it was read; opt-outs are already gone from it.
            key_ids: Opaque; at least one.

        Returns:
            Whether it is in the body now.

        Example:
            >>> from cautery.guard.request_reading import read_body
            >>> body = read_body(b'{"vllm_xargs": {"a": 1}}')
            >>> TagCarrier(body_field="vllm_xargs.cautery_key_ids").tag(body, ["k1"])
            True
            >>> body.encoded()
            b'{"vllm_xargs":{"a":1,"cautery_key_ids":["k1"]}}'
        """
        if not self.body_field or not body.fields:
            return False
        outer, _, inner = self.body_field.partition(".")
        if not inner:
            body.fields[outer] = msgspec.Raw(msgspec.json.encode(",".join(key_ids)))
            return True
        value = decoded(body.fields.get(outer, msgspec.UNSET))
        holder = value if isinstance(value, dict) else {}
        holder[inner] = list(key_ids)
        body.fields[outer] = msgspec.Raw(msgspec.json.encode(holder))
        return True
