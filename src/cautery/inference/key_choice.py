"""Which keys mark a request, by opaque identifiers out of a local key file.

Whoever runs the engine names profile and key file in its environment; whoever stands before it
(a gateway) puts key identifiers into each request. Key material is never in a request.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cautery.errors import ConfigurationError
from cautery.ports import Embeds, Marking
from cautery.records.key import Key
from cautery.watermark.key_file import load_keys
from cautery.watermark.key_strength import refuse_to_mark_with
from cautery.watermark.profile import Profile, load_profile

PROFILE_VARIABLE: Final = "CAUTERY_WATERMARK_PROFILE"
"""Path of the profile."""
KEYS_VARIABLE: Final = "CAUTERY_WATERMARK_KEYS"
"""Path of the key file; read once, as the engine starts."""
DEFAULT_VARIABLE: Final = "CAUTERY_WATERMARK_DEFAULT_KEY_IDS"
"""Key identifiers, with commas, of a request that names none, or none of a layer."""
MODE_VARIABLE: Final = "CAUTERY_WATERMARK_MODE"
"""``required`` (also if not set): a request without keys is refused, or takes the default ones.
``optional``: it is left unmarked."""
FIELD: Final = "cautery_key_ids"
"""Name among a request's extra arguments: a list of identifiers, or a text with commas."""
OWN_FIELDS: Final = "cautery_"
"""Names that begin so are the gateway's; an unknown one is refused."""
REQUIRED: Final = "required"
OPTIONAL: Final = "optional"
_SHOWN: Final = 60


class KeyChoice:
    """Finds the keys of a request.

    Args:
        profile: Of a scheme that cautery can embed.
        keys: The keys that may be named.
        default_key_ids: What a request takes that names none.
        mode: ``required`` or ``optional``.

    Raises:
        ConfigurationError: The scheme is marked by its engine only, a default key is not there,
            or both cannot be.
    """

    def __init__(
        self,
        profile: Profile,
        keys: Sequence[Key],
        default_key_ids: Sequence[str] = (),
        mode: str = REQUIRED,
    ) -> None:
        if not isinstance(profile.scheme, Embeds):
            raise ConfigurationError(
                f"{profile.scheme.name} is embedded by its own engine",
                where="scheme",
                hint="cautery verifies it; to embed, take hf-synthid or cautery-two-layer.",
            )
        if mode not in {REQUIRED, OPTIONAL}:
            raise ConfigurationError(
                f"must be {REQUIRED} or {OPTIONAL}, not {mode[:_SHOWN]!r}", where=MODE_VARIABLE
            )
        self._scheme: Any = profile.scheme
        self._parameters = profile.parameters
        self._keys = {key.key_id: key for key in keys}
        self._mode = mode
        self._default: tuple[Key, ...] | None = None
        self._default = self._named(default_key_ids) if default_key_ids else None

    def keys_of(self, extra_args: Mapping[str, Any] | None) -> tuple[Key, ...] | None:
        """Find the keys that a request is marked with.

        A key that a request names takes the place of the default keys of its layer: whoever tags
        a request with a campaign's key need not know the keys of the scheme's other layers.

        Args:
            extra_args: The request's extra arguments.

        Returns:
            The keys, or nothing if the request may stay unmarked.

        Raises:
            ConfigurationError: It names none and must, an unknown one, or ones that do not go
                together; or it has an argument that only looks like cautery's.
        """
        given = extra_args or {}
        for name in given:
            if name.startswith(OWN_FIELDS) and name != FIELD:
                raise ConfigurationError("no such argument", where=name[:_SHOWN])
        named = given.get(FIELD)
        if named is not None:
            return self._named(_identifiers(named))
        if self._default is None and self._mode == REQUIRED:
            raise ConfigurationError(
                "every request must name its watermark keys", where=FIELD, hint="Ask the gateway."
            )
        return self._default

    def begin(self, keys: Sequence[Key], prompt: Sequence[int]) -> Marking:
        """Begin a response.

        Args:
            keys: What ``keys_of`` gave.
            prompt: Token ids before the response.

        Returns:
            The marking of the response.
        """
        marking: Marking = self._scheme.begin(keys, self._parameters, prompt)
        return marking

    def _named(self, key_ids: Sequence[str]) -> tuple[Key, ...]:
        for key_id in key_ids:
            if key_id not in self._keys:
                raise ConfigurationError(f"there is no key {key_id[:_SHOWN]!r}", where=FIELD)
        named = [self._keys[key_id] for key_id in key_ids]
        keys = (*named, *self._of_other_layers(named))
        self.begin(keys, [])  # refuses keys that do not go together
        return keys

    def _of_other_layers(self, named: Sequence[Key]) -> list[Key]:
        default = self._default or ()
        if len({key.layer for key in default}) < 2:
            return []  # the scheme has one layer, or the default is no whole set
        layers = {key.layer for key in named}
        return [key for key in default if key.layer not in layers]


def _identifiers(named: Any) -> list[str]:
    parts = named.split(",") if isinstance(named, str) else named
    if not isinstance(parts, (list, tuple)) or not parts:
        raise ConfigurationError("must be a list of key identifiers", where=FIELD)
    if not all(isinstance(part, str) and part for part in parts):
        raise ConfigurationError("must be a list of key identifiers", where=FIELD)
    return list(parts)


def from_environment() -> KeyChoice:
    """Read profile and keys that the environment names, once a process.

    Returns:
        The choice that all requests of this process share.

    Raises:
        ConfigurationError: A variable is not set, a file cannot be read or is wrong.
    """
    names = (PROFILE_VARIABLE, KEYS_VARIABLE, DEFAULT_VARIABLE, MODE_VARIABLE)
    return _read(*(os.environ.get(name, "") for name in names))


@lru_cache(maxsize=1)
def _read(profile: str, keys: str, default: str, mode: str) -> KeyChoice:
    for name, value in ((PROFILE_VARIABLE, profile), (KEYS_VARIABLE, keys)):
        if not value:
            raise ConfigurationError(
                "the environment must name a file", where=name, hint="There is no default key."
            )
    loaded = load_profile(Path(profile))
    found = load_keys(Path(keys), loaded)
    for key in found:
        refuse_to_mark_with(key)
    return KeyChoice(
        loaded,
        found,
        [part.strip() for part in default.split(",") if part.strip()],
        mode or REQUIRED,
    )
