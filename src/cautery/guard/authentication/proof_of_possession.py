"""Verifies DPoP proofs (RFC 9449): that a client holds the key that its token is bound to.

A proof is a signature over method, address, time, a number used once, and the digest of the token.
It stops a token that leaked, and keys that are shared by passing them on. It does not stop an
operator who runs the signer in a proxy of their own and lets others through.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cautery.errors import ConfigurationError
from cautery.guard.authentication.compact_token import (
    ALGORITHMS,
    CompactToken,
    WrongTokenError,
    base64url,
    check_signature,
    seconds_at,
    take_apart,
)
from cautery.guard.authentication.proof_nonce import ProofNonces
from cautery.guard.authentication.public_keys import public_key
from cautery.guard.authentication.replay_cache import ReplayCache
from cautery.guard.authentication.target_uri import normalise
from cautery.records.identity import IdentityFault, Presented

PROOF_TYPE: Final = "dpop+jwt"
LONGEST_PROOF_ID: Final = 256
LONGEST_AGE_SECONDS: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofSettings:
    """What a proof must be.

    Raises:
        ConfigurationError: A setting would make proofs worth nothing.
    """

    origins: tuple[str, ...]
    """Where clients reach this API, for example ``https://api.example.com``. The ``host`` header
    is not believed: whoever holds a proof for another server could send that server's name."""
    algorithms: frozenset[str] = frozenset({"ES256", "ES384", "Ed25519", "EdDSA", "PS256", "RS256"})
    """Signatures that clients may make."""
    longest_age_seconds: int = 60
    """How old a proof may be."""
    clock_skew_seconds: int = 5
    """How far a client's clock may be ahead, and what is added to the age."""
    nonce_required: bool = True
    """Whether a proof must repeat a nonce of this guard, so that none is signed ahead."""

    def __post_init__(self) -> None:
        if not self.origins:
            raise ConfigurationError("proofs need the origins of this API", where="origins")
        for origin in self.origins:
            try:
                plain, path = normalise(origin)
            except WrongTokenError as error:
                raise ConfigurationError(f"'{origin}' is no origin", where="origins") from error
            if plain != origin or path != "/":
                raise ConfigurationError(f"'{origin}' is no origin: try '{plain}'", where="origins")
        if not self.algorithms or not self.algorithms <= ALGORITHMS:
            raise ConfigurationError(
                "algorithms are some of " + ", ".join(sorted(ALGORITHMS)), where="algorithms"
            )
        if not 0 < self.longest_age_seconds <= LONGEST_AGE_SECONDS:
            raise ConfigurationError(
                f"longest_age_seconds is 1 to {LONGEST_AGE_SECONDS}", where="longest_age_seconds"
            )
        if not 0 <= self.clock_skew_seconds <= self.longest_age_seconds:
            raise ConfigurationError(
                "clock_skew_seconds is at most longest_age_seconds", where="clock_skew_seconds"
            )

    @property
    def usable_seconds(self) -> int:
        """How long a proof can be used from its first use on, dated as far ahead as may be."""
        return self.longest_age_seconds + 2 * self.clock_skew_seconds + 1


class ProofRefusedError(Exception):
    """A proof that proves nothing.

    Args:
        fault: What to count it as.
        why: For metrics and tests; names no value of the proof.
        error: Error code of RFC 9449 for the client.
    """

    def __init__(self, fault: IdentityFault, why: str, error: str = "invalid_dpop_proof") -> None:
        self.fault, self.why, self.error = fault, why, error
        super().__init__(why)


class Proofs:
    """Verifies proofs.

    Args:
        settings: What a proof must be.
        nonces: Makes and checks nonces.
        seen: Remembers proofs; its window must be at least ``settings.usable_seconds``.
    """

    def __init__(
        self, settings: ProofSettings, nonces: ProofNonces, seen: ReplayCache | None = None
    ) -> None:
        self.settings, self.nonces = settings, nonces
        # Not `or`: a memory that is empty yet is one that somebody wants to be filled.
        self._seen = ReplayCache(settings.usable_seconds) if seen is None else seen

    def verify(self, presented: Presented, thumbprint: str) -> None:
        """Verify the proof that came with a credential.

        Args:
            presented: The credential and what came with it.
            thumbprint: Of the key that the credential is bound to (``cnf.jkt``).

        Raises:
            ProofRefusedError: There is no proof, or it is wrong, old, for something else, or used.
        """
        if len(presented.proofs) != 1:
            fault: IdentityFault = "proof_wrong" if presented.proofs else "proof_missing"
            raise ProofRefusedError(fault, f"{len(presented.proofs)} proofs")
        try:
            proof = take_apart(presented.proofs[0].encode("latin-1", errors="replace"))
            signer = self._check_signature(proof)
            self._check_target(proof.claims, presented)
            self._check_time(proof.claims, presented.arrived_at)
        except WrongTokenError as error:
            raise ProofRefusedError("proof_wrong", error.why) from error
        if not hmac.compare_digest(signer, thumbprint.encode()):
            raise ProofRefusedError("proof_wrong", "another key")
        wanted = access_token_hash(presented.credential.reveal())
        if not _same(proof.claims.get("ath"), wanted):
            raise ProofRefusedError("proof_wrong", "another token")
        self._check_nonce(proof.claims, presented.arrived_at)
        proof_id = proof.claims.get("jti")
        if not isinstance(proof_id, str) or not 0 < len(proof_id) <= LONGEST_PROOF_ID:
            raise ProofRefusedError("proof_wrong", "no jti")
        # Last, so that only proofs that would be taken fill the memory.
        if not self._seen.first_use(thumbprint, proof_id, presented.arrived_at.timestamp()):
            raise ProofRefusedError("replayed", "jti")

    def _check_signature(self, proof: CompactToken) -> bytes:
        """Verify with the key in the proof itself; gives its thumbprint."""
        if proof.header.get("typ") != PROOF_TYPE:
            raise WrongTokenError("another typ")
        key = public_key(proof.header.get("jwk"))
        check_signature(proof, key, self.settings.algorithms)
        return key.thumbprint().encode()

    def _check_target(self, claims: Mapping[str, Any], presented: Presented) -> None:
        if claims.get("htm") != presented.method:
            raise WrongTokenError("another method")
        target = claims.get("htu")
        if not isinstance(target, str):
            raise WrongTokenError("no htu")
        origin, path = normalise(target)
        if origin not in self.settings.origins or path != normalise(presented.url)[1]:
            raise WrongTokenError("another address")

    def _check_time(self, claims: Mapping[str, Any], now: datetime) -> None:
        age, skew = now.timestamp() - seconds_at(claims, "iat"), self.settings.clock_skew_seconds
        if not -skew <= age <= self.settings.longest_age_seconds + skew:
            raise WrongTokenError("iat")

    def _check_nonce(self, claims: Mapping[str, Any], now: datetime) -> None:
        if not self.settings.nonce_required and "nonce" not in claims:
            return
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not self.nonces.takes(nonce, now):
            raise ProofRefusedError("proof_wrong", "nonce", "use_dpop_nonce")


def access_token_hash(token: bytes) -> str:
    """Compute ``ath``: the digest by which a proof names its token (RFC 9449, section 4.2).

    Example:
        >>> access_token_hash(b"Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU")
        'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo'
    """
    return base64url(hashlib.sha256(token).digest())


def _same(found: object, wanted: str) -> bool:
    return isinstance(found, str) and hmac.compare_digest(
        found.encode("utf-8", errors="replace"), wanted.encode()
    )
