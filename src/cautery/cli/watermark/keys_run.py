"""What the verbs of ``cautery watermark keys`` do."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from cautery.cli.exits import printable
from cautery.errors import InputError, NoInputError, UsageError
from cautery.plain_files import open_plain_text
from cautery.records.key import Key, KeyState
from cautery.watermark.key_audit import audit_path, read_uses
from cautery.watermark.key_derivation import Owner
from cautery.watermark.key_file import key_document
from cautery.watermark.key_keeping import KeyKeeper
from cautery.watermark.key_ring_file import read_ring, write_for_owner
from cautery.watermark.master_secret import write_new_master
from cautery.watermark.profile import load_profile

ACCOUNT_COLUMN: Final = "account_id"
MAX_ACCOUNTS: Final = 1_000_000
"""Most keys in one file: it is held in memory."""


def begin_ring(ring: Path, master: str, new_master: Path | None) -> int:
    """Begin a ring; see the verb ``init``."""
    if bool(master) == (new_master is not None):
        raise UsageError("give either --master or --new-master")
    if new_master is not None:
        if ring.exists():
            raise UsageError(f"{ring} is there already", hint="Name a new file.")
        write_new_master(new_master)
        master = f"file:{new_master.resolve()}"
        print(f"wrote {new_master}: keep it where backups of the ring are not", file=sys.stderr)
    _keeper(ring).begin(master)
    print(f"wrote {ring}", file=sys.stderr)
    return 0


def add_epoch(ring: Path, name: str, *, profile: Path, since: str, until: str, reason: str) -> int:
    """Add an epoch; see the verb ``epoch``."""
    times = [_time(text, option) for text, option in ((since, "--since"), (until, "--until"))]
    _keeper(ring, reason).add_epoch(name, times[0], times[1], load_profile(profile))
    return 0


def set_state(ring: Path, name: str, state: str, key: str, reason: str) -> int:
    """Move an epoch; see the verb ``state``."""
    _keeper(ring, reason).set_state(name, KeyState(state), key)
    return 0


def owners_of(
    account: tuple[str, ...],
    accounts: Path | None,
    campaign: tuple[str, ...],
    case: Path | None,
    *,
    shared: bool,
) -> list[tuple[Owner, str]]:
    """Say whose keys are wanted, each once; see the verb ``derive``.

    Raises:
        UsageError: Nobody's.
        CauteryError: A table or a case cannot be read.
    """
    from cautery.report.load import read_case_document

    owners: list[tuple[Owner, str]] = [("epoch", "")] if shared else []
    campaigns = () if case is None else read_case_document(case)[0].campaigns
    named = [*campaign, *(each.campaign_id for each in campaigns)]
    owners += [("campaign", each) for each in dict.fromkeys(named)]
    listed = read_accounts(accounts) if accounts is not None else []
    owners += [("account", each) for each in dict.fromkeys([*account, *listed])]
    if not owners:
        raise UsageError("name whose keys: --shared, --campaign, --case, --account or --accounts")
    return owners


def derive_keys(
    ring: Path,
    name: str,
    *,
    profile: Path,
    output: Path,
    owners: Sequence[tuple[Owner, str]],
    tables: Mapping[str, Path | None],
    reason: str,
) -> int:
    """Derive keys into a key file; see the verb ``derive``."""
    derived = _keeper(ring, reason).derive(name, load_profile(profile), owners)
    content = msgspec.json.format(msgspec.json.encode(key_document(derived)), indent=1)
    write_for_owner(output, content + b"\n")
    print(f"wrote {len(derived):,} keys to {output}", file=sys.stderr)
    for owner, path in tables.items():
        if path is not None:
            named = [key for key in derived if getattr(key, owner)]
            write_for_owner(path, _owner_table(owner, named))
            print(f"wrote {len(named):,} identifiers to {path}", file=sys.stderr)
    return 0


def _owner_table(owner: str, keys: Sequence[Key]) -> bytes:
    """Lay out which campaign or account has which key: names of both, and no key."""
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow((owner, "key_id"))
    rows.writerows((getattr(key, owner), key.key_id) for key in keys)
    return table.getvalue().encode()


def export_key(
    ring: Path,
    name: str,
    *,
    profile: Path,
    output: Path,
    account: str,
    campaign: str,
    reason: str,
) -> int:
    """Write an engine's settings; see the verb ``export``."""
    if account and campaign:
        raise UsageError("give --account or --campaign, not both")
    owner: Owner = "account" if account else "campaign" if campaign else "epoch"
    loaded = load_profile(profile)
    keeper = _keeper(ring, reason)
    (key,) = keeper.derive(name, loaded, [(owner, account or campaign)], "hand out")
    settings = dict(loaded.scheme.engine_settings(key, loaded.parameters))
    content = msgspec.json.format(msgspec.json.encode(settings), indent=1)
    write_for_owner(output, content + b"\n")
    print(f"wrote key {key.key_id} for {loaded.scheme.name} to {output}", file=sys.stderr)
    return 0


def ring_lines(path: Path, output_format: str) -> list[str]:
    """List epochs; see the verb ``list``."""
    now = datetime.now(UTC)
    rows: list[dict[str, object]] = [
        {
            "epoch": each.epoch,
            "state": str(each.state(now)),
            "not_before": each.not_before.isoformat(),
            "not_after": each.not_after.isoformat(),
            "profile": each.profile,
            "compromised_keys": len(each.compromised),
        }
        for each in read_ring(path).epochs
    ]
    if output_format == "json":
        return [msgspec.json.encode({"epochs": rows}).decode()]
    head: dict[str, object] = {
        "epoch": "epoch",
        "state": "state",
        "not_before": "from",
        "not_after": "until",
    }
    table = [head, *rows]
    widths = {name: max(len(printable(str(row[name]))) for row in table) for name in head}
    return [
        "  ".join(f"{printable(str(row[name])):<{widths[name]}}" for name in head).rstrip()
        for row in table
    ]


def audit_lines(ring: Path) -> list[str]:
    """Check and print the uses; see the verb ``audit``."""
    uses, seal = read_uses(audit_path(ring))
    lines = []
    for use in uses:
        count = f"{use.keys:,} keys" if use.keys else use.key_id
        words = [use.time.isoformat(timespec="seconds"), use.action, use.epoch, count, use.reason]
        lines.append(printable("  ".join(word for word in words if word)))
    return [*lines, f"{len(uses):,} uses, each as it was written; last seal {seal}"]


def _keeper(ring: Path, reason: str = "") -> KeyKeeper:
    return KeyKeeper(path=ring, clock=lambda: datetime.now(UTC), reason=reason)


def _time(text: str, option: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{option} {text!r} is no date or time, as 2026-12-01") from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def read_accounts(path: Path) -> list[str]:
    """Read the accounts of a table: its column ``account_id``."""
    try:
        with open_plain_text(path, encoding="utf-8-sig") as stream:
            rows = csv.DictReader(stream)
            if ACCOUNT_COLUMN not in (rows.fieldnames or ()):
                raise InputError(f"there is no column {ACCOUNT_COLUMN}", where=f"{path}:1")
            names = [name for row in rows if (name := row[ACCOUNT_COLUMN])]
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"not a CSV table: {error}", where=str(path)) from error
    if len(names) > MAX_ACCOUNTS:
        raise InputError(f"more than {MAX_ACCOUNTS:,} accounts", where=str(path))
    return names
