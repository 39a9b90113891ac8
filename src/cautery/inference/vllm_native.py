"""vLLM's own watermark: told from a profile and a key, and a running engine held against them.

The engine marks by itself from 0.32 on, with one key for all requests. Nothing here imports it.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cautery.errors import ConfigurationError
from cautery.records.key import Key
from cautery.watermark.key_strength import refuse_to_mark_with
from cautery.watermark.profile import Profile

OPTION: Final = "--watermark-config"
RUNNER_VARIABLE: Final = "VLLM_USE_V2_MODEL_RUNNER"
_FAMILY: Final = "vllm-"
_DEFAULTS: Final[Mapping[str, Any]] = {
    "algorithm": "gumbel",
    "context_width": 4,
    "alpha": 0.1,
    "deduplicate_contexts": "single_turn",
}
"""What vLLM 0.33 takes where its configuration says nothing."""
_HARMLESS: Final = {"prf", "deduplicate_contexts_max_history"}
"""Further fields that verification does not depend on, or of which there is one value."""
_PARTIAL: Final = "allow_target_only_watermarking"


def watermark_config(profile: Profile, key: Key) -> dict[str, Any]:
    """Say what the engine must be told; it holds the key in clear.

    Args:
        profile: Of one of vLLM's schemes.
        key: The engine's key.

    Returns:
        The value of ``--watermark-config``.

    Raises:
        ConfigurationError: The scheme is not vLLM's, or the key is refused.
    """
    if not profile.scheme.name.startswith(_FAMILY):
        raise ConfigurationError(
            f"vLLM does not mark by itself with {profile.scheme.name}",
            where="scheme",
            hint="Take cautery's logits processor, cautery.inference.vllm:Watermark.",
        )
    profile.scheme.check_key(key, profile.parameters)
    refuse_to_mark_with(key)
    return dict(profile.scheme.engine_settings(key, profile.parameters))


def configuration_of(arguments: Sequence[str]) -> dict[str, Any]:
    """Read the watermark configuration out of a command line.

    Args:
        arguments: Of ``vllm serve``: the option with JSON, with ``=`` or a space, and the dotted
            form (``--watermark-config.key 42``); later ones win.

    Returns:
        The configuration; empty if there is none.

    Raises:
        ConfigurationError: A value is missing or not a JSON object; the value is not shown.
    """
    found: dict[str, Any] = {}
    for place, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        field = name[len(OPTION) :]
        # The engine takes underscores for hyphens.
        if name[: len(OPTION)].replace("_", "-") != OPTION or (field and field[0] != "."):
            continue
        if not equals:
            if place + 1 == len(arguments):
                raise ConfigurationError("a value is missing", where=OPTION)
            value = arguments[place + 1]
        if field:
            found[field[1:]] = _scalar(value)
        else:
            found.update(_object(value))
    return found


def _scalar(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def _object(value: str) -> dict[str, Any]:
    whole = _scalar(value)
    if not isinstance(whole, dict):
        # The cause would show the value, and so the key.
        raise ConfigurationError("must be a JSON object", where=OPTION) from None
    return whole


def differences(
    profile: Profile,
    key: Key,
    running: Mapping[str, Any],
    environment: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Say why texts of a running engine would not be verified with a profile and a key.

    Args:
        profile: Of one of vLLM's schemes.
        key: The key that texts are to be tested for.
        running: What the engine runs with, such as ``configuration_of`` its command line.
        environment: Of the engine's process, if it is known.

    Returns:
        A sentence for each difference, without any key; none if all is well.

    Raises:
        ConfigurationError: The scheme is not vLLM's, or the key is refused.
    """
    wanted = watermark_config(profile, key)
    found = []
    if not running:
        found.append("The engine runs without a watermark.")
    else:
        found.extend(_field_differences(wanted, running, key.key_id))
    if (environment or {}).get(RUNNER_VARIABLE, "").strip().lower() in {"0", "false"}:
        found.append(f"{RUNNER_VARIABLE} switches the runner off that embeds watermarks.")
    return tuple(found)


def _field_differences(
    wanted: Mapping[str, Any], running: Mapping[str, Any], key_id: str
) -> list[str]:
    found = []
    for name, value in wanted.items():
        given = running.get(name, _DEFAULTS.get(name))
        if name == "key":
            if not hmac.compare_digest(str(given), str(value)):
                found.append(f"key: not the key {key_id}.")
        elif given is None:
            found.append(f"{name}: the profile says {value!r}, the engine nothing.")
        elif given != value:
            found.append(f"{name}: the profile says {value!r}, the engine {given!r}.")
    if running.get(_PARTIAL):
        found.append(f"{_PARTIAL}: accepted draft tokens carry no mark.")
    known = {*wanted, *_DEFAULTS, *_HARMLESS, _PARTIAL}
    unknown = sorted(str(name) for name in running if name not in known)
    found.extend(f"{name}: not a field that cautery knows." for name in unknown)
    return found
