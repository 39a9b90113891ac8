"""Puts the identifier of a watermark key where the engine looks for it; never the key itself."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from cautery.guard.request_reading import RequestBody, decoded


@dataclass(frozen=True, slots=True, kw_only=True)
class TagCarrier:
    """How an engine is told which key marks an answer."""

    body_field: str = ""
    """Field of the body, with a dot before one inside another: ``vllm_xargs.cautery_key_ids``."""
    header: str = ""
    """Header, in lower case."""

    @property
    def carries(self) -> bool:
        """Whether the engine can be told at all."""
        return bool(self.body_field or self.header)

    def tag(self, body: RequestBody, key_id: str) -> bool:
        """Write a key's identifier into a body, in place.

        Args:
            body: As it was read; opt-outs are already gone from it.
            key_id: Opaque.

        Returns:
            Whether it is in the body now.

        Example:
            >>> from cautery.guard.request_reading import read_body
            >>> body = read_body(b'{"vllm_xargs": {"a": 1}}')
            >>> TagCarrier(body_field="vllm_xargs.cautery_key_ids").tag(body, "k1")
            True
            >>> body.encoded()
            b'{"vllm_xargs":{"a":1,"cautery_key_ids":["k1"]}}'
        """
        if not self.body_field or not body.fields:
            return False
        outer, _, inner = self.body_field.partition(".")
        if not inner:
            body.fields[outer] = msgspec.Raw(msgspec.json.encode(key_id))
            return True
        value = decoded(body.fields.get(outer, msgspec.UNSET))
        holder = value if isinstance(value, dict) else {}
        holder[inner] = [key_id]
        body.fields[outer] = msgspec.Raw(msgspec.json.encode(holder))
        return True
