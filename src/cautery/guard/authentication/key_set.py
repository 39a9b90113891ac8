"""The public keys of an issuer (JWK Set, RFC 7517, section 5), by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from cautery.errors import ConfigurationError
from cautery.guard.authentication.compact_token import WrongTokenError, parse_json
from cautery.guard.authentication.public_keys import public_key

if TYPE_CHECKING:
    from joserfc.jwk import Key

LARGEST_KEY_SET: Final = 262_144
"""Bytes; that of a large provider has some thousands."""
MOST_KEYS: Final = 64


def read_key_set(content: bytes, where: str) -> Mapping[str, Key]:
    """Read a set of public keys.

    Keys that may not verify here (for encryption, of another kind, too small, without a name) are
    left out. A shared or private key makes the whole set worthless: its publisher has shown it to
    everybody.

    Args:
        content: What the issuer answered.
        where: Its address, for messages.

    Returns:
        Keys by their ``kid``.

    Raises:
        ConfigurationError: Not a key set, too large, with a secret in it, two keys of one name, or
            none that may verify.
    """
    if len(content) > LARGEST_KEY_SET:
        raise ConfigurationError(f"a key set of more than {LARGEST_KEY_SET:,} bytes", where=where)
    try:
        document = parse_json(content)
    except WrongTokenError as error:
        raise ConfigurationError(f"no key set: {error.why}", where=where) from error
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise ConfigurationError(f"no key set, or more than {MOST_KEYS} keys", where=where)
    keys: dict[str, Key] = {}
    for found in listed:
        name, key = _usable(found, where)
        if key is None:
            continue
        if name in keys:
            raise ConfigurationError("two keys of one name", where=where)
        keys[name] = key
    if not keys:
        raise ConfigurationError("no key that may verify", where=where)
    return keys


def _usable(found: object, where: str) -> tuple[str, Key | None]:
    if not isinstance(found, dict):
        raise ConfigurationError("a key that is no object", where=where)
    if found.get("kty") == "oct" or "d" in found:
        raise ConfigurationError("the issuer shows a secret key", where=where)
    name = found.get("kid")
    if not isinstance(name, str) or found.get("use", "sig") != "sig":
        return "", None
    operations = found.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        return "", None
    try:
        return name, public_key(found)
    except WrongTokenError:
        return "", None
