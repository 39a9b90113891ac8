"""Recognises credentials: API keys, access tokens, and what their bearers must prove.

Where time could tell an attacker something: thumbprints, digests of tokens and nonces are compared
in constant time. Keys are not compared at all, but looked up by a keyed digest (see ``pepper``). A
key with a wrong checksum is refused sooner than one that nobody has, which tells only what anybody
can compute. Of signatures, which are verified with public keys, there is nothing to learn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cautery.errors import CauteryError, ConfigurationError
from cautery.guard.authentication.access_token import AccessTokens, TokenRefusedError
from cautery.guard.authentication.api_key import is_well_formed
from cautery.guard.authentication.client_certificate import is_bound_to
from cautery.guard.authentication.key_lookup import KeyLookup
from cautery.guard.authentication.key_networks import KeyNetworks
from cautery.guard.authentication.proof_of_possession import ProofRefusedError, Proofs
from cautery.records.api_key import IssuedKey
from cautery.records.identity import Identity, IdentityFault, Presented, Unrecognised
from cautery.records.key_spread import KeySpread

LONGEST_CREDENTIAL: Final = 8_192
_JKT: Final = "jkt:"
_X5T: Final = "x5t#S256:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A credential that is somebody's, before its bearer has proved anything."""

    identity: Identity
    """Whose it is."""
    proof_thumbprint: str = ""
    """Thumbprint of the key that must sign a proof; empty for none."""
    certificate_thumbprint: str = ""
    """Thumbprint of the certificate that must be shown; empty for none."""


class Credentials:
    """The port ``Authenticator``, over a store of keys and some issuers of tokens.

    Args:
        keys: Finds API keys; None if there are none.
        tokens: Verifies access tokens; None if there are none.
        proofs: Verifies DPoP proofs; None if there are none, and then no credential that is bound
            to a proof is taken.
        networks: Remembers where keys are used from; None if nobody asks.
        required_scope: Which scope an API key must have if it has any; empty for none.
        realm: Named to clients in ``www-authenticate``.
        on_fault: Told the name of an unforeseen error, for a metric; never a credential.

    Raises:
        ConfigurationError: Neither keys nor tokens are there.
    """

    def __init__(
        self,
        *,
        keys: KeyLookup | None = None,
        tokens: AccessTokens | None = None,
        proofs: Proofs | None = None,
        networks: KeyNetworks | None = None,
        required_scope: str = "",
        realm: str = "api",
        on_fault: Callable[[str], None] = lambda _name: None,
    ) -> None:
        if keys is None and tokens is None:
            raise ConfigurationError(
                "nobody could be recognised: neither keys nor tokens", where="identity"
            )
        if not realm.isascii() or not realm.isprintable() or set(realm) & set('"\\'):
            raise ConfigurationError("a realm is plain words", where="identity.realm")
        self._keys, self._tokens, self._proofs, self._networks = keys, tokens, proofs, networks
        self._required_scope, self._realm, self._on_fault = required_scope, realm, on_fault

    def authenticate(self, presented: Presented) -> Identity | Unrecognised:
        """Recognise an account.

        Args:
            presented: What a client presented.

        Returns:
            Whose credential it is, or why nobody was recognised.
        """
        try:
            recognised = self._recognise(presented)
            self._check_bonds(presented, recognised)
        except TokenRefusedError as error:
            return self._refusal(error.fault, presented)
        except ProofRefusedError as error:
            return self._refusal(error.fault, presented, error.error)
        except CauteryError:
            # The store cannot be used, or a library is missing: nobody gets in by that.
            return Unrecognised(fault="unavailable")
        except Exception as error:  # noqa: BLE001 - whatever was sent, the guard goes on, closed
            self._on_fault(type(error).__name__)
            return Unrecognised(fault="unavailable")
        identity, networks = recognised.identity, self._networks
        if networks is None or not presented.client_address:
            return identity
        if not networks.note(identity.key_id, presented.client_address, presented.arrived_at):
            return identity
        spread = networks.spread(identity.key_id, presented.arrived_at)
        return replace(identity, credential_state="shared", spread=spread)

    def spread(self, key_id: str, now: datetime) -> KeySpread | None:
        """Say from how many networks a credential is used.

        Args:
            key_id: As an ``Identity`` has it.
            now: The time; UTC.

        Returns:
            The fact; None if networks are not remembered, or nothing is known.
        """
        return None if self._networks is None else self._networks.spread(key_id, now)

    def _recognise(self, presented: Presented) -> Recognised:
        if not presented.scheme or not len(presented.credential):
            raise TokenRefusedError("missing", "nothing presented")
        if len(presented.credential) > LONGEST_CREDENTIAL:
            raise TokenRefusedError("malformed", "too long")
        value = presented.credential.reveal()
        # A token has two dots and a key has none, so that neither is ever taken for the other.
        if b"." not in value:
            return self._recognise_key(value, presented.arrived_at)
        if self._tokens is None:
            raise TokenRefusedError("malformed", "no key")
        if presented.scheme == "api-key":
            raise TokenRefusedError("malformed", "a token in the place of a key")
        token = self._tokens.verify(value, presented.arrived_at)
        if token.proof_thumbprint and presented.scheme == "bearer":
            # RFC 9449, section 7.2. A bound key may come in any header: its proof is asked for.
            raise TokenRefusedError("proof_missing", "a bound token as a bearer token")
        return Recognised(
            identity=token.identity,
            proof_thumbprint=token.proof_thumbprint,
            certificate_thumbprint=token.certificate_thumbprint,
        )

    def _recognise_key(self, value: bytes, now: datetime) -> Recognised:
        if self._keys is None or not is_well_formed(value):
            raise TokenRefusedError("malformed", "no key")
        found = self._keys.find(value)
        if found is None:
            raise TokenRefusedError("unknown", "key")
        state = found.state(now)
        if state != "active":
            raise TokenRefusedError("revoked" if state == "revoked" else "expired", state)
        if self._required_scope and found.scopes and self._required_scope not in found.scopes:
            raise TokenRefusedError("unknown", "scope")
        return _recognised(found)

    def _check_bonds(self, presented: Presented, recognised: Recognised) -> None:
        """Hold a bearer to every bond of the credential; there is no way back to a bearer token."""
        wanted = recognised.certificate_thumbprint
        if wanted and not is_bound_to(presented.client_certificate, wanted):
            fault: IdentityFault = (
                "proof_wrong" if presented.client_certificate else "proof_missing"
            )
            raise TokenRefusedError(fault, "certificate")
        if not recognised.proof_thumbprint:
            if presented.scheme == "dpop":
                # RFC 9449, section 7.2: who believes to be protected by a proof must not be wrong.
                raise TokenRefusedError("proof_wrong", "not bound to a proof")
            return
        if self._proofs is None:
            raise TokenRefusedError("proof_missing", "proofs are not verified here")
        self._proofs.verify(presented, recognised.proof_thumbprint)

    def _refusal(self, fault: IdentityFault, presented: Presented, error: str = "") -> Unrecognised:
        """Say what the client needs to do better, and nothing more."""
        if fault == "unavailable":
            return Unrecognised(fault=fault)
        code = error
        if not code and fault != "missing":
            code = "invalid_token"
        suffix = f', error="{code}"' if code else ""
        headers: list[tuple[str, str]] = []
        if not error:
            headers.append(("www-authenticate", f'Bearer realm="{self._realm}"{suffix}'))
        if self._proofs is not None:
            algorithms = " ".join(sorted(self._proofs.settings.algorithms))
            challenge = f'DPoP realm="{self._realm}"{suffix}, algs="{algorithms}"'
            headers.append(("www-authenticate", challenge))
            if error or fault == "missing":
                nonce = self._proofs.nonces.current(presented.arrived_at)
                headers.append(("dpop-nonce", nonce))
        return Unrecognised(fault=fault, headers=tuple(headers))


def _recognised(key: IssuedKey) -> Recognised:
    return Recognised(
        identity=Identity(
            account_id=key.account_id,
            key_id=key.key_id,
            org_id=key.org_id,
            verification=key.verification,
            credential_state="valid",
        ),
        proof_thumbprint=key.bound_to.removeprefix(_JKT) if key.bound_to.startswith(_JKT) else "",
        certificate_thumbprint=(
            key.bound_to.removeprefix(_X5T) if key.bound_to.startswith(_X5T) else ""
        ),
    )
