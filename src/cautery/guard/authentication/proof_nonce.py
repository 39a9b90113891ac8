"""Nonces that a proof must repeat (RFC 9449, section 8), without remembering any.

A nonce is a number of a period and a keyed digest of it. Every guard with the same pepper makes and
takes the same ones, and none can be made ahead: so a client cannot sign proofs today for next week
(or sell a thousand of them).
"""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Final

from cautery.errors import ConfigurationError
from cautery.guard.authentication.compact_token import WrongTokenError, base64url, unbase64
from cautery.records.key import Secret

_PERIOD_BYTES: Final = 5
_DIGEST_BYTES: Final = 16


class ProofNonces:
    """Makes and checks nonces.

    Args:
        secret: Derived from the pepper.
        period_seconds: How long one is given out; it is taken for as long again.

    Raises:
        ConfigurationError: The period is not positive.

    Example:
        >>> from datetime import UTC
        >>> nonces = ProofNonces(Secret(bytes(range(32))), period_seconds=120)
        >>> now = datetime(2026, 12, 1, tzinfo=UTC)
        >>> nonce = nonces.current(now)
        >>> len(nonce), nonces.takes(nonce, now), nonces.takes(nonce[:-1] + "A", now)
        (28, True, False)
    """

    def __init__(self, secret: Secret, period_seconds: int = 120) -> None:
        if period_seconds <= 0:
            raise ConfigurationError("the period of nonces is positive", where="nonce")
        self._secret, self._period_seconds = secret, period_seconds

    def current(self, now: datetime) -> str:
        """Give the nonce of this period.

        Args:
            now: The time; UTC.

        Returns:
            28 characters for the header ``dpop-nonce``.
        """
        return self._nonce(self._period(now))

    def takes(self, nonce: str, now: datetime) -> bool:
        """Say whether a nonce is of this period or the one before.

        Args:
            nonce: What a proof repeats.
            now: The time; UTC.

        Returns:
            Whether it is taken.
        """
        try:
            period = int.from_bytes(unbase64(nonce)[:_PERIOD_BYTES], "big")
        except WrongTokenError:
            return False
        if not 0 <= self._period(now) - period <= 1:
            return False
        return hmac.compare_digest(self._nonce(period), nonce)

    def _period(self, now: datetime) -> int:
        return int(now.timestamp()) // self._period_seconds

    def _nonce(self, period: int) -> str:
        number = period.to_bytes(_PERIOD_BYTES, "big")
        digest = hmac.digest(self._secret.reveal(), number, "sha256")[:_DIGEST_BYTES]
        return base64url(number + digest)
