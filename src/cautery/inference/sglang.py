"""SGLang's own watermark: a key for each request, put in by a gateway. Pure functions.

The engine takes ``watermark`` at the top of a body, and ``/generate`` in ``sampling_params`` as
well; a server with ``--enable-watermark`` marks what has a key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cautery.errors import ConfigurationError
from cautery.records.key import Key
from cautery.watermark.key_strength import refuse_to_mark_with
from cautery.watermark.profile import Profile

WATERMARK: Final = "watermark"
DROPPED: Final = frozenset(
    {
        WATERMARK,
        "custom_logit_processor",  # pickled by dill: the server would run a client's code
        "custom_params",  # what such code reads
    }
)
"""Fields that only the gateway sets, if anybody."""
_NESTED: Final = "sampling_params"


def marked_request(body: Mapping[str, Any], profile: Profile, key: Key) -> dict[str, Any]:
    """Rewrite a request so that the engine marks it with a key.

    The new body holds the key in clear: send it to the engine, and keep it out of every log.

    Args:
        body: As the client sent it.
        profile: Of one of SGLang's schemes.
        key: The key of this request.

    Returns:
        A new body.

    Raises:
        ConfigurationError: The scheme is not SGLang's, or the key is refused.
    """
    if not profile.scheme.name.startswith("sglang-"):
        raise ConfigurationError(
            f"SGLang does not mark by itself with {profile.scheme.name}",
            where="scheme",
            hint="Take a profile of sglang-gumbel.",
        )
    profile.scheme.check_key(key, profile.parameters)
    refuse_to_mark_with(key)
    settings = dict(profile.scheme.engine_settings(key, profile.parameters))
    return {**stripped_request(body), WATERMARK: settings}


def stripped_request(body: Mapping[str, Any]) -> dict[str, Any]:
    """Drop what a client may not set.

    Args:
        body: As the client sent it.

    Returns:
        A new body; a server whose configuration has a key and ``enforce_all`` marks it.

    Example:
        >>> stripped_request({"text": "a", "watermark": {"enabled": False}})
        {'text': 'a'}
    """
    kept = _without(body)
    nested = kept.get(_NESTED)
    if isinstance(nested, Mapping):
        kept[_NESTED] = _without(nested)
    elif isinstance(nested, list):
        kept[_NESTED] = [_without(one) if isinstance(one, Mapping) else one for one in nested]
    return kept


def _without(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in DROPPED}
