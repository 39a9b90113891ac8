"""From the sections on credentials to the part that recognises them."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cautery.errors import ConfigurationError, MissingExtraError
from cautery.guard.authentication.key_lookup import KeyLookup
from cautery.guard.authentication.key_networks import KeyNetworks, SpreadSettings
from cautery.guard.authentication.key_table import open_store, read_about
from cautery.guard.authentication.pepper import Pepper, read_pepper
from cautery.guard.authentication.token_issuer import TokenIssuer
from cautery.guard.identities import UpstreamIdentities
from cautery.guard.running_parts import RunningParts
from cautery.guard.structured_logs import log
from cautery.ports import Authenticator
from cautery.records.key import Secret

if TYPE_CHECKING:
    from cautery.guard.authentication.access_token import AccessTokens
    from cautery.guard.authentication.key_set_cache import KeySetCache
    from cautery.guard.authentication.proof_of_possession import Proofs
    from cautery.guard.configuration import CoreConfiguration
    from cautery.guard.configuration_credentials import IssuerSection, KeysSection

_ACCOUNTS: Final = b"cautery accounts"
_NONCES: Final = b"cautery nonces"
_EXTRA: Final = "Install it: pip install 'cautery[guard]'."


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """Who recognises credentials, and whether that works."""

    authenticator: Authenticator
    """The port."""
    faults: Callable[[], list[str]]
    """Why nobody can be recognised now; empty if somebody can."""


def derived(pepper: Secret, purpose: bytes) -> Secret:
    """Derive a key of its own for each purpose, so that hashes of two kinds cannot be joined."""
    return Secret(blake2b(pepper.reveal()[:64], digest_size=32, person=purpose[:16]).digest())


def fingerprint(secret: Secret | None) -> str:
    """Give by what a secret is known again in this process, so that a changed one is noticed."""
    return "" if secret is None else blake2b(secret.reveal(), digest_size=16).hexdigest()


def make_recognition(
    configuration: CoreConfiguration, pepper: Secret, parts: RunningParts
) -> Recognition:
    """Make what recognises credentials.

    Args:
        configuration: The configuration.
        pepper: Key of the guard's hashes.
        parts: Gets the stores and caches.

    Returns:
        Keys and tokens by our own stores; or accounts by their credentials, where the model server
        checks those itself.

    Raises:
        ConfigurationError: A store, a pepper or an issuer cannot be used.
        MissingExtraError: Tokens are to be taken, and their library is not installed.
    """
    if configuration.keys is None and not configuration.issuer:
        return Recognition(
            authenticator=UpstreamIdentities(derived(pepper, _ACCOUNTS)), faults=list
        )
    # Here, because it wants the libraries of the extra.
    try:
        from cautery.guard.credentials import Credentials
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"credentials need {error.name}", hint=_EXTRA) from error
    keys, own = None, None
    if configuration.keys is not None:
        own = _pepper_of(configuration.keys)
        keys = _lookup(configuration.keys.store, own, parts)
    caches = {one.issuer: _cache(one, parts) for one in configuration.issuer}
    nonces = own.derive("dpop nonce") if own is not None else derived(pepper, _NONCES)
    section = configuration.keys
    credentials = Credentials(
        keys=keys,
        tokens=_tokens(configuration, caches) if caches else None,
        proofs=_proofs(configuration, nonces, parts),
        networks=_networks(configuration, parts),
        required_scope=section.required_scope if section is not None else "",
        realm=section.realm if section is not None else "api",
        on_fault=lambda name: log("a credential raised an error", error=name),
    )

    def faults() -> list[str]:
        if keys is not None:
            fault = keys.fault()
            return [fault] if fault else []
        serves = any(cache.serves for cache in caches.values())
        return [] if serves else ["no issuer's keys could be fetched yet"]

    return Recognition(authenticator=credentials, faults=faults)


def _pepper_of(section: KeysSection) -> Pepper:
    reference = section.pepper
    if not reference:
        with closing(open_store(section.store)) as database:
            reference = read_about(database, section.store).pepper
        if reference.startswith("command:"):
            raise ConfigurationError(
                "the store says that a command prints its pepper, and a guard runs none by that",
                where=str(section.store),
                hint='Write it as pepper = "command:..." under [keys]: who can write to the store '
                "must not choose what runs here.",
            )
    return read_pepper(reference)


def _lookup(path: Path, pepper: Pepper, parts: RunningParts) -> KeyLookup:
    return parts.keep(
        "keys",
        (path, pepper.check),
        lambda: KeyLookup(path, pepper),
        close=lambda lookup: lookup.close(),
    )


def _cache(section: IssuerSection, parts: RunningParts) -> KeySetCache:
    from functools import partial

    from cautery.guard.authentication.key_set_cache import KeySetCache, KeySetTimes
    from cautery.guard.authentication.key_set_fetching import fetch_key_set

    trust = None
    if section.authorities is not None:
        try:
            trust = ssl.create_default_context(cafile=section.authorities)
        except (ssl.SSLError, OSError) as error:
            raise ConfigurationError(
                "the authorities cannot be used", where=str(section.authorities)
            ) from error
    made_of = (section.keys_url, section.authorities, section.refresh, section.grace)
    return parts.keep(
        "issuer-keys",
        made_of,
        lambda: KeySetCache(
            section.keys_url,
            partial(fetch_key_set, section.keys_url, trust=trust),
            KeySetTimes(refresh_seconds=section.refresh, grace_seconds=section.grace),
        ),
        run=lambda cache, stop: cache.follow(stop),
    )


def _tokens(configuration: CoreConfiguration, caches: dict[str, KeySetCache]) -> AccessTokens:
    try:
        from cautery.guard.authentication.access_token import AccessTokens
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"access tokens need {error.name}", hint=_EXTRA) from error
    return AccessTokens((_issuer(one), caches[one.issuer]) for one in configuration.issuer)


def _issuer(section: IssuerSection) -> TokenIssuer:
    return TokenIssuer(
        issuer=section.issuer,
        audience=section.audience,
        keys_url=section.keys_url,
        algorithms=frozenset(section.algorithms),
        types=frozenset(section.types),
        account_claim=section.account_claim,
        org_claim=section.org_claim,
        client_claim=section.client_claim,
        verification_claim=section.verification_claim,
        verifications=dict(section.verifications),
        required_scope=section.required_scope,
        clock_skew_seconds=int(section.clock_skew),
        longest_lifetime_seconds=int(section.longest_lifetime),
        sender_constrained=section.sender_constrained,
    )


def _proofs(
    configuration: CoreConfiguration, nonce_secret: Secret, parts: RunningParts
) -> Proofs | None:
    section = configuration.proofs
    if section is None:
        return None
    from cautery.guard.authentication.proof_nonce import ProofNonces
    from cautery.guard.authentication.proof_of_possession import Proofs, ProofSettings
    from cautery.guard.authentication.replay_cache import ReplayCache

    settings = ProofSettings(
        origins=section.origins,
        algorithms=frozenset(section.algorithms),
        longest_age_seconds=int(section.longest_age),
        clock_skew_seconds=int(section.clock_skew),
        nonce_required=section.nonce_required,
    )
    usable = settings.usable_seconds
    # Kept over a reload: a proof that was used must not become new by it.
    seen = parts.keep("proofs", usable, lambda: ReplayCache(usable))
    return Proofs(settings, ProofNonces(nonce_secret, int(section.nonce_period)), seen)


def _networks(configuration: CoreConfiguration, parts: RunningParts) -> KeyNetworks:
    section = configuration.key_sharing
    settings = SpreadSettings(
        networks_at_once=section.networks_at_once,
        systems_at_once=section.systems_at_once,
        networks=section.networks,
        systems=section.systems,
        window_hours=section.window_hours,
        most_networks=section.most_networks,
        most_keys=section.most_keys,
    )
    return parts.keep("networks", section, lambda: KeyNetworks(settings))
