"""Reads signed tokens (JWS compact, RFC 7515) from strangers: bounded, strict, one spelling each.

A token has exactly one spelling here: base64url without padding and without spare bits, each member
of an object once, no value that JSON does not have. So no two readers of a token can disagree about
it, and a change of any character changes what was signed or the signature.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from joserfc.jwk import Key

LONGEST_TOKEN: Final = 8_192
"""Bytes of a token or proof; larger ones do not fit the header limits of most servers either."""
DEEPEST_JSON: Final = 6
"""Nested objects and lists in a header or in claims."""
ALGORITHMS: Final = frozenset(
    {"ES256", "ES384", "ES512", "Ed25519", "EdDSA", "PS256", "PS384", "PS512", "RS256"}
)
"""What may be pinned: signatures with a public key only. Never ``none``, never an HMAC, whose key
would be a public one in the hands of whoever confuses the two (RFC 8725, section 2.1)."""

# Two patterns, each linear: one for strings with escapes would try again at every quotation mark.
_ESCAPE: Final = re.compile(rb"\\.", re.DOTALL)
_STRING: Final = re.compile(rb'"[^"]*"')
_YEAR_10000: Final = 253_402_300_800
_SEGMENT: Final = re.compile(rb"[A-Za-z0-9_-]+")


class WrongTokenError(Exception):
    """A token or proof that is refused; says why in words that name no value of it.

    Args:
        why: For metrics and tests; never shown to the client.
    """

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactToken:
    """A token taken apart; nothing of it is believed yet."""

    header: Mapping[str, Any]
    """The protected header."""
    claims: Mapping[str, Any]
    """The payload."""
    signed: bytes
    """What the signature is about."""
    signature: bytes
    """The signature."""

    def __repr__(self) -> str:
        # Claims name people, and the parts together are the credential.
        return "CompactToken(hidden)"


def take_apart(token: bytes) -> CompactToken:
    """Take a signed token apart.

    Args:
        token: As it was presented.

    Returns:
        Its parts, unverified.

    Raises:
        WrongTokenError: It is too long, too deep, not JSON, ambiguous, or has critical extensions.
    """
    if len(token) > LONGEST_TOKEN:
        raise WrongTokenError("too long")
    segments = token.split(b".")
    if len(segments) != 3:
        raise WrongTokenError("not three parts")
    header, claims = (_json_object(_unbase64(segment)) for segment in segments[:2])
    if "crit" in header or "b64" in header:
        raise WrongTokenError("critical extensions")
    if not isinstance(header.get("alg"), str):
        raise WrongTokenError("no algorithm")
    return CompactToken(
        header=header,
        claims=claims,
        signed=b".".join(segments[:2]),
        signature=_unbase64(segments[2]),
    )


def check_signature(token: CompactToken, key: Key, algorithms: Collection[str]) -> None:
    """Verify a token's signature.

    Args:
        token: The token.
        key: The key that it must be signed with; its type, curve and purpose must fit.
        algorithms: Those that are pinned, all of ``ALGORITHMS``.

    Raises:
        WrongTokenError: Another algorithm, an unfit key, or a wrong signature.
    """
    from joserfc.errors import JoseError
    from joserfc.jws import JWSRegistry

    name = token.header["alg"]
    if name not in algorithms or name not in ALGORITHMS:
        raise WrongTokenError("algorithm not pinned")
    algorithm = JWSRegistry.algorithms[name]
    try:
        algorithm.check_key(key)
        right = algorithm.verify(token.signed, token.signature, key)
    except (JoseError, ValueError) as error:
        raise WrongTokenError("key does not fit the algorithm") from error
    if not right:
        raise WrongTokenError("wrong signature")


def parse_json(text: bytes, deepest: int = DEEPEST_JSON) -> Any:
    """Read JSON from a stranger.

    Args:
        text: At most some hundred kilobytes, as its caller has checked.
        deepest: How many lists and objects may be nested.

    Returns:
        The value.

    Raises:
        WrongTokenError: Not JSON, too deep, a member twice, or a number that JSON does not have.
    """
    depth = 0
    for byte in _STRING.sub(b"", _ESCAPE.sub(b"", text)):
        if byte in b"[{":
            depth += 1
            if depth > deepest:
                raise WrongTokenError("JSON too deep")
        elif byte in b"]}":
            depth -= 1
    try:
        return json.loads(
            text.decode("utf-8"), object_pairs_hook=_each_once, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        raise WrongTokenError("not JSON") from error


def seconds_at(claims: Mapping[str, Any], name: str) -> float:
    """Read a claim that is a time (RFC 7519, section 2: NumericDate).

    Args:
        claims: Claims of a token or proof.
        name: Which.

    Returns:
        Seconds since 1970.

    Raises:
        WrongTokenError: It is not there, or no time before the year 10000.
    """
    value = claims.get(name)
    # A bool is an int in Python.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongTokenError(f"{name} is no time")
    if not 0 <= value < _YEAR_10000:  # an int may be too large for a float
        raise WrongTokenError(f"{name} is no time")
    return float(value)


def unbase64(text: str) -> bytes:
    """Decode base64url in its one spelling.

    Args:
        text: Without padding.

    Returns:
        The bytes.

    Raises:
        WrongTokenError: It has another spelling.
    """
    if not text.isascii():
        raise WrongTokenError("not base64url")
    return _unbase64(text.encode("ascii"))


def base64url(value: bytes) -> str:
    """Encode bytes as base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def _unbase64(segment: bytes) -> bytes:
    if not _SEGMENT.fullmatch(segment):
        raise WrongTokenError("not base64url")
    try:
        value = base64.urlsafe_b64decode(segment + b"=" * (-len(segment) % 4))
    except binascii.Error as error:
        raise WrongTokenError("not base64url") from error
    if base64.urlsafe_b64encode(value).rstrip(b"=") != segment:
        raise WrongTokenError("another spelling of base64url")
    return value


def _json_object(text: bytes) -> dict[str, Any]:
    value = parse_json(text)
    if not isinstance(value, dict):
        raise WrongTokenError("not an object")
    return value


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise WrongTokenError("a member twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise WrongTokenError("a number that JSON does not have")
