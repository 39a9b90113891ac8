"""Public keys in JSON (RFC 7517): which ones may verify, and by what they are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from cautery.errors import MissingExtraError
from cautery.guard.authentication.compact_token import WrongTokenError, unbase64

if TYPE_CHECKING:
    from joserfc.jwk import Key

PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""Members of a private or shared key (RFC 7518, section 6): nobody may send us one."""
CURVES: Final[Mapping[str, frozenset[str]]] = {
    "EC": frozenset({"P-256", "P-384", "P-521"}),
    "OKP": frozenset({"Ed25519"}),
}
SMALLEST_MODULUS_BITS: Final = 2_048
"""NIST SP 800-131A."""
LARGEST_MODULUS_BITS: Final = 4_096
"""A stranger's key of 16,384 bits would cost a millisecond for each signature."""
USUAL_EXPONENT: Final = 65_537
"""Any other exponent is either weak or slow."""

_MEMBERS: Final = {"EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x"), "RSA": ("e", "n")}


def public_key(found: object) -> Key:
    """Import a public key that somebody sent.

    Args:
        found: A decoded JWK.

    Returns:
        The key.

    Raises:
        WrongTokenError: Not a public key of a kind, curve and size that may verify.
        MissingExtraError: The library joserfc is not installed.
    """
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise WrongTokenError("not a JWK")
    if PRIVATE_MEMBERS & found.keys():
        raise WrongTokenError("a private key")
    kind = found.get("kty")
    if not isinstance(kind, str) or kind not in _MEMBERS:
        raise WrongTokenError("a kind of key that does not sign")
    if any(not isinstance(found.get(name), str) for name in _MEMBERS[kind]):
        raise WrongTokenError("a key without its members")
    if kind == "RSA":
        _check_modulus(found)
    elif found["crv"] not in CURVES[kind]:
        raise WrongTokenError("a curve that does not sign")
    return _import(found)


def _check_modulus(found: Mapping[str, Any]) -> None:
    modulus = int.from_bytes(unbase64(found["n"]), "big")
    if not SMALLEST_MODULUS_BITS <= modulus.bit_length() <= LARGEST_MODULUS_BITS:
        raise WrongTokenError("an RSA key of another size")
    if int.from_bytes(unbase64(found["e"]), "big") != USUAL_EXPONENT:
        raise WrongTokenError("an RSA key with another exponent")


def _import(found: dict[str, Any]) -> Key:
    try:
        from joserfc import jwk
        from joserfc.errors import JoseError
    except ImportError as error:
        raise MissingExtraError(
            "tokens need the library joserfc", hint="pip install 'cautery[guard]'"
        ) from error
    try:
        key = jwk.import_key(dict(found))
        _ = key.public_key  # a point that is not on its curve shows here
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise WrongTokenError("a damaged key") from error
    return key
