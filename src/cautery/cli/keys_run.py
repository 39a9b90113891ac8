"""What the verbs of ``cautery keys`` do."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from cautery.cli.exits import printable
from cautery.errors import NoInputError, UsageError
from cautery.guard.authentication.api_key import LONGEST_KEY, is_well_formed
from cautery.guard.authentication.key_order import KeyOrder, NewKey
from cautery.guard.authentication.key_store import KeyStore, begin_store
from cautery.guard.authentication.pepper import Pepper, read_pepper, write_new_pepper
from cautery.plain_files import open_plain
from cautery.records.api_key import IssuedKey
from cautery.records.request import Verification

_DAYS: Final = re.compile(r"(\d{1,4})d")
_COLUMNS: Final = ("key_id", "last", "state", "account", "verification", "created", "expires")
_MOST_LEAKED_BYTES: Final = 100_000 * (LONGEST_KEY + 1)
_LONGEST_OVERLAP_HOURS: Final = 24.0 * 366


def begin(store: Path, prefix: str, pepper: str, new_pepper: Path | None) -> int:
    """Begin a store; see the verb ``init``."""
    if bool(pepper) == (new_pepper is not None):
        raise UsageError("give either --pepper or --new-pepper")
    if store.exists():
        raise UsageError(f"{store} is there already", hint="Name a new file.")
    if new_pepper is not None:
        made = write_new_pepper(new_pepper)
        pepper = f"file:{new_pepper.resolve()}"
        print(f"wrote {new_pepper}: keep it where backups of the store are not", file=sys.stderr)
    else:
        made = read_pepper(pepper)
    begin_store(store, prefix, pepper, made)
    print(f"wrote {store}", file=sys.stderr)
    return 0


def issue_key(
    store: Path,
    *,
    account: str,
    org: str,
    verification: Verification,
    scope: tuple[str, ...],
    environment: str,
    expires: str,
    bound_to: str,
    pepper: str,
) -> int:
    """Issue a key; see the verb ``issue``."""
    now = datetime.now(UTC)
    order = KeyOrder(
        account_id=account,
        org_id=org,
        verification=verification,
        scopes=frozenset(scope),
        environment=environment,
        expires_at=_end(expires, now),
        bound_to=bound_to,
    )
    with closing(KeyStore(store)) as keys:
        _show(keys.issue(order, _pepper(keys, pepper), now))
    return 0


def rotate_key(store: Path, key_id: str, overlap_hours: float, expires: str, pepper: str) -> int:
    """Replace a key; see the verb ``rotate``."""
    if not 0 <= overlap_hours <= _LONGEST_OVERLAP_HOURS:
        raise UsageError("--overlap-hours is at most a year")
    now = datetime.now(UTC)
    end = _end(expires, now)
    with closing(KeyStore(store)) as keys:
        overlap = timedelta(hours=overlap_hours)
        _show(keys.rotate(key_id, overlap, _pepper(keys, pepper), now, expires_at=end))
    return 0


def revoke_keys(
    store: Path, key_ids: tuple[str, ...], account: str, leaked: Path | None, pepper: str
) -> int:
    """Revoke keys; see the verb ``revoke``."""
    if not (key_ids or account or leaked):
        raise UsageError("name what to revoke: identifiers, --account or --leaked")
    now = datetime.now(UTC)
    with closing(KeyStore(store)) as keys:
        for key_id in key_ids:
            print(f"revoked {keys.revoke(key_id, now).key_id}", file=sys.stderr)
        if account:
            count = keys.revoke_account(account, now)
            print(f"revoked {count:,} keys of account {printable(account)}", file=sys.stderr)
        if leaked is not None:
            found = list(keys.revoke_leaked(_read_leaked(leaked), _pepper(keys, pepper), now))
            for key in found:
                owner = printable(key.account_id)
                print(f"revoked {key.key_id} of account {owner}", file=sys.stderr)
            print(f"{len(found):,} of the keys are of this store", file=sys.stderr)
    return 0


def key_lines(store: Path, account: str, output_format: str) -> Iterator[str]:
    """List keys; see the verb ``list``."""
    now = datetime.now(UTC)
    with closing(KeyStore(store)) as keys:
        found = keys.issued(account)
        if output_format == "json":
            for key in found:
                yield msgspec.json.encode(_document(key, now)).decode()
            return
        rows = [_COLUMNS, *(_row(key, now) for key in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _show(made: NewKey) -> None:
    """Print a new key: itself to standard output, what is kept of it for people."""
    issued = made.issued
    print(
        f"key {issued.key_id} of account {printable(issued.account_id)}; it is shown this once:",
        file=sys.stderr,
    )
    print(made.key.reveal().decode("ascii"))


def _pepper(keys: KeyStore, given: str) -> Pepper:
    return read_pepper(given or keys.pepper_reference)


def _read_leaked(path: Path) -> list[bytes]:
    """Read keys, one a line; what cannot be a key is left out without being shown."""
    try:
        stream = sys.stdin.buffer if str(path) == "-" else open_plain(path)
        with stream:
            content = stream.read(_MOST_LEAKED_BYTES + 1)
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    if len(content) > _MOST_LEAKED_BYTES:
        raise NoInputError(
            "it is longer than a file of leaked keys may be, and no key was revoked",
            where=str(path),
            hint=f"Cut it into files of at most {_MOST_LEAKED_BYTES:,} bytes.",
        )
    return [word for line in content.splitlines() if is_well_formed(word := line.strip())]


def _end(text: str, now: datetime) -> datetime | None:
    if not text:
        return None
    if days := _DAYS.fullmatch(text):
        return now + timedelta(days=int(days[1]))
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError("--expires is a date, a time, or days as 90d") from error
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    if time <= now:
        raise UsageError("--expires is in the past")
    return time


def _row(key: IssuedKey, now: datetime) -> tuple[str, ...]:
    return (
        key.key_id,
        key.last_characters,
        key.state(now),
        printable(key.account_id),
        key.verification,
        f"{key.created_at:%Y-%m-%d}",
        f"{key.expires_at:%Y-%m-%d}" if key.expires_at else "",
    )


def _document(key: IssuedKey, now: datetime) -> dict[str, object]:
    times = {"created_at": key.created_at, "expires_at": key.expires_at}
    return {
        "key_id": key.key_id,
        "last_characters": key.last_characters,
        "state": key.state(now),
        "account_id": key.account_id,
        "org_id": key.org_id,
        "verification": key.verification,
        "scopes": sorted(key.scopes),
        "environment": key.environment,
        **{name: time.isoformat() if time else None for name, time in times.items()},
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
        "rotated_from": key.rotated_from,
        "bound_to": key.bound_to,
    }
