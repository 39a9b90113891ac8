"""From the master secret to every key: HKDF by epoch, layer and owner (RFC 5869)."""

from __future__ import annotations

from typing import Any, Final, Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cautery.errors import ConfigurationError
from cautery.ports import Scheme
from cautery.records.key import Key, Layer, Secret
from cautery.watermark.key_strength import weakness

SALT_BYTES: Final = 32
SHARED_BYTES: Final = 64
OWN_BYTES: Final = 4_096
_SECRET_BYTES: Final = 32
_ID_BYTES: Final = 10
_MOST_ATTEMPTS: Final = 16
"""A random value is refused less than once in a billion; sixteen in a row mean a broken scheme."""

Owner = Literal["epoch", "campaign", "account"]


def expand(secret: Secret, size: int, *labels: str, salt: Secret | None = None) -> Secret:
    """Derive bytes from a secret by HKDF with SHA-256.

    Labels are written with their lengths, so that no two lists of labels give one derivation.

    Args:
        secret: Input key material.
        size: Bytes wanted, at most 8,160.
        labels: What the bytes are for.
        salt: Salt of the extraction.

    Returns:
        The bytes.
    """
    encoded = [label.encode() for label in ("cautery/1", *labels)]
    information = b"".join(len(label).to_bytes(4, "big") + label for label in encoded)
    salt_bytes = salt.reveal() if salt is not None else None
    function = HKDF(algorithm=SHA256(), length=size, salt=salt_bytes, info=information)
    return Secret(function.derive(secret.reveal()))


def epoch_secret(master: Secret, salt: Secret, epoch: str) -> Secret:
    """Derive the secret of an epoch.

    Args:
        master: The master secret.
        salt: The epoch's own random bytes; once they are erased, so is the epoch.
        epoch: Identifier of the epoch.

    Returns:
        The epoch's secret.
    """
    return expand(master, _SECRET_BYTES, "epoch", epoch, salt=salt)


def derive_key(
    secret: Secret,
    *,
    epoch: str,
    scheme: Scheme,
    parameters: Any,
    owner: Owner = "epoch",
    owner_id: str = "",
) -> Key:
    """Derive one key of an epoch: the shared one, a campaign's or an account's.

    Args:
        secret: The epoch's secret.
        epoch: Identifier of the epoch.
        scheme: The scheme that the key is for.
        parameters: The scheme's parameters.
        owner: Whose key.
        owner_id: Identifier of the campaign or account; empty for the shared key.

    Returns:
        The key, under an opaque identifier: without the secret nobody can tell whose it is.

    Raises:
        ConfigurationError: The owner has no identifier, or the shared key is given one.
    """
    if (owner == "epoch") == bool(owner_id):
        raise ConfigurationError(f"a key of a {owner} needs that owner's identifier and no other")
    layer = Layer.ACCOUNT if owner == "account" else Layer.SHARED
    layer_secret = expand(secret, _SECRET_BYTES, "layer", str(layer))
    words = (scheme.name, owner, owner_id)
    shared = expand(secret, SHARED_BYTES, "shared", scheme.name).reveal()
    name = expand(layer_secret, _ID_BYTES, "id", *words).reveal().hex()
    for attempt in range(_MOST_ATTEMPTS):
        own = expand(layer_secret, OWN_BYTES, "key", *words, str(attempt)).reveal()
        value = scheme.make_key(shared, own, parameters)
        if not weakness(value):
            return Key(
                key_id=f"k-{name}",
                value=Secret(value),
                layer=layer,
                account_id=owner_id if owner == "account" else "",
                campaign_id=owner_id if owner == "campaign" else "",
                epoch=epoch,
            )
    raise ConfigurationError(f"the scheme {scheme.name} makes no usable key")
