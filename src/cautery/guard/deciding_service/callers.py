"""Who may ask a decision service: its answers tell accounts apart, and usage is settled by it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from cautery.errors import ConfigurationError
from cautery.guard.proxying.request_head import values_of
from cautery.records.key import Secret

if TYPE_CHECKING:
    from cautery.guard.proxying.request_head import RequestHead

CallerProof = Literal["secret", "certificate", "loopback"]
"""What a caller shows: a shared secret, a certificate of TLS, or nothing, on this machine only."""
CALLER_PROOFS: Final[tuple[CallerProof, ...]] = ("secret", "certificate", "loopback")

CALLER_HEADER: Final = b"x-cautery-caller"
"""Where a gateway writes the shared secret; ``authorization`` is its client's there."""
LEAST_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    """Who may ask.

    Example:
        >>> Callers(proof="secret", secrets=(Secret(b"short"),))
        Traceback (most recent call last):
        ...
        cautery.errors.ConfigurationError: caller_secret_file: a caller's secret must have at \
least 32 characters. Make one: openssl rand -hex 32.
    """

    proof: CallerProof
    """What they show."""
    secrets: tuple[Secret, ...] = ()
    """Any of them will do, so that they can be changed one after the other."""

    def __post_init__(self) -> None:
        if self.proof == "secret" and not self.secrets:
            raise ConfigurationError("callers are to show a secret, and none is given")
        if any(len(secret) < LEAST_SECRET_BYTES for secret in self.secrets):
            raise ConfigurationError(
                f"a caller's secret must have at least {LEAST_SECRET_BYTES} characters",
                where="caller_secret_file",
                hint="Make one: openssl rand -hex 32.",
            )

    def admit(self, head: RequestHead, certificate: bytes, *, own_credential: bool) -> bool:
        """Say whether somebody may ask.

        Args:
            head: Of the request.
            certificate: The caller's, verified by TLS; empty if it has none.
            own_credential: Whether ``authorization`` and ``x-api-key`` are the caller's, and not
                those of a client on whose behalf it asks.

        Returns:
            Whether its proof is good; all secrets are compared, each in constant time.
        """
        if self.proof == "loopback":
            return True
        if self.proof == "certificate":
            return bool(certificate)
        shown = values_of(head, CALLER_HEADER)
        if own_credential and not shown:
            word, _, rest = head.named.get(b"authorization", b"").partition(b" ")
            shown = [rest.strip()] if word.lower() == b"bearer" else []
            shown += values_of(head, b"x-api-key")
        if len(shown) != 1:
            return False
        good = False
        for secret in self.secrets:
            good |= hmac.compare_digest(shown[0], secret.reveal())
        return good
