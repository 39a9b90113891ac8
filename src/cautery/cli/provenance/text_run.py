"""What ``cautery provenance text`` does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from cautery.cli.exits import printable
from cautery.cli.given_files import read_whole
from cautery.cli.watermark.keys_run import read_accounts
from cautery.errors import ConfigurationError, InputError, UsageError
from cautery.provenance.text import KeysOfProfile, Suspect, certify, digest_of
from cautery.records.detection import chance_text
from cautery.records.key import Key
from cautery.records.provenance import Certificate, KeyEvidence
from cautery.watermark.key_derivation import Owner
from cautery.watermark.key_file import load_keys
from cautery.watermark.key_keeping import KeyKeeper
from cautery.watermark.key_ring import check_use
from cautery.watermark.key_ring_file import read_ring, write_for_owner
from cautery.watermark.profile import Profile, load_profile
from cautery.watermark.text_lines import TextLines, vocabulary_size_of
from cautery.watermark.tokenizer import Tokenizer

if TYPE_CHECKING:
    from cautery.cli.provenance.key_options import KeyOptions

MAX_TEXT_BYTES: Final = 256 * 1024 * 1024
JSON_SUFFIXES: Final = (".json", ".jsonl")


def keys_of(options: KeyOptions) -> list[KeysOfProfile]:
    """Read or derive the keys to test for.

    Args:
        options: Profiles, and where their keys come from.

    Returns:
        Keys by profile, in the order in which the profiles were given.

    Raises:
        UsageError: The options do not fit together.
        ConfigurationError: A profile, key file or ring is none, or holds no such key.
    """
    profiles, keys, ring = options.profile, options.keys, options.ring
    loaded = [load_profile(path) for path in profiles]
    if len({profile.name for profile in loaded}) < len(loaded):
        raise UsageError("two profiles have the same name", hint="Rename one of the files.")
    if (ring is None) == (not keys):
        raise UsageError("give --keys for each --profile, or --ring")
    if ring is None:
        if len(keys) != len(loaded):
            raise UsageError(f"{len(loaded)} profiles and {len(keys)} key files")
        return [
            KeysOfProfile(profile=profile, keys=load_keys(path, profile))
            for profile, path in zip(loaded, keys, strict=True)
        ]
    owners: list[tuple[Owner, str]] = [("epoch", "")]
    owners += [("campaign", each) for each in options.campaign]
    owners += [
        ("account", each) for each in (read_accounts(options.accounts) if options.accounts else [])
    ]
    return [_derived(profile, ring, options.epoch, owners) for profile in loaded]


def _derived(
    profile: Profile, ring: Path, epochs: Sequence[str], owners: Sequence[tuple[Owner, str]]
) -> KeysOfProfile:
    """Derive the keys of all epochs of a profile that can verify."""
    now = datetime.now(UTC)
    keeper = KeyKeeper(path=ring, clock=lambda: datetime.now(UTC), reason="provenance text")
    found: list[Key] = []
    known = read_ring(ring)
    for epoch in [known.find(name) for name in epochs] or known.epochs:
        if epoch.profile != profile.digest:
            continue
        try:
            check_use(epoch, "verify", now)
        except ConfigurationError:
            if epochs:
                raise
            continue
        found += keeper.derive(epoch.epoch, profile, owners)
    if not found:
        raise ConfigurationError(
            f"the ring has no epoch of profile {profile.name} that can verify", where=str(ring)
        )
    return KeysOfProfile(profile=profile, keys=tuple(found))


def certify_file(
    file: str, tested: Sequence[KeysOfProfile], output: Path | None, output_format: str
) -> list[str]:
    """Certify each text of a file; see the verb ``text``."""
    certificates = [certify(suspect, tested) for suspect in _suspects(file, tested)]
    if not certificates:
        raise InputError("there is no text in it", where=file)
    lines = [msgspec.json.encode(certificate) for certificate in certificates]
    if output is not None:
        content = b"\n".join(lines) if len(lines) > 1 else msgspec.json.format(lines[0], indent=1)
        write_for_owner(output, content + b"\n")
    if output_format == "json":
        return [line.decode() for line in lines]
    return [line for certificate in certificates for line in summary(certificate)]


def _suspects(file: str, tested: Sequence[KeysOfProfile]) -> Iterator[Suspect]:
    """Read a file as each profile's tokenizer does."""
    content = read_whole(file, MAX_TEXT_BYTES)
    tokenizers = [
        Tokenizer(each.profile.tokenizer) if each.profile.tokenizer else None for each in tested
    ]
    if not file.endswith(JSON_SUFFIXES):
        text = content.decode("utf-8", errors="replace")
        tokens = tuple(each.encode(text) if each is not None else None for each in tokenizers)
        yield Suspect(text_id=Path(file).name, sha256=digest_of(text), tokens=tokens)
        return
    rows = content.splitlines() if file.endswith(".jsonl") else [content]
    readers = [
        TextLines(file, tokenizer, vocabulary_size_of(each.profile.parameters))
        for each, tokenizer in zip(tested, tokenizers, strict=True)
    ]
    for number, row in enumerate(rows, start=1):
        if not row.strip():
            continue
        read = [reader.parse(row, f"{file}:{number}") for reader in readers]
        given = read[0].given
        yield Suspect(
            text_id=read[0].text_id,
            sha256=digest_of(given),
            tokens=tuple(each.tokens for each in read),
        )


def summary(certificate: Certificate) -> list[str]:
    """Say in a few lines what a certificate holds.

    Args:
        certificate: The certificate.

    Returns:
        Lines for a terminal, inert whatever the names are.
    """
    detected = [one for one in certificate.candidates if one.detected]
    lines = [f"{printable(str(certificate.text_id))}  sha256 {certificate.text_sha256[:16]}"]
    for profile in certificate.profiles:
        words = f"{profile.verdict}: {profile.keys:,} keys, {profile.tokens:,} tokens"
        reason = f"  {profile.reason}" if profile.reason else ""
        lines.append(f"  {printable(profile.profile)}  {words}{reason}")
    for one in detected:
        lines.append(f"  marked by {_owner(one)}, chance without it {_chance(one)}")
        lines += [f"    tokens {stretch.start:,} to {stretch.stop:,}" for stretch in one.stretches]
    if not detected and certificate.candidates:
        first = certificate.candidates[0]
        lines.append(
            f"  likeliest of {certificate.keys_tested:,} keys: {_owner(first)}, chance "
            f"without it {_chance(first)}: no evidence"
        )
    if certificate.margin is not None and certificate.account_ids:
        lines.append(f"  the next account is {certificate.margin:.1f} decades behind")
    return [*lines, *(f"  {limit}" for limit in certificate.limits)]


def _owner(one: KeyEvidence) -> str:
    owner = f"account {one.account_id}" if one.account_id else "the shared key"
    owner = f"campaign {one.campaign_id}" if one.campaign_id else owner
    epoch = f", epoch {one.epoch}" if one.epoch else ""
    return printable(f"{owner} ({one.key_id}{epoch})")


def _chance(one: KeyEvidence) -> str:
    return f"{chance_text(one.log10_corrected_p)} (corrected)"
