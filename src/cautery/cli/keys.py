"""``cautery keys``: begin a store of API keys, issue, rotate, revoke and list."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import App, Parameter

keys: Final = App(
    name="keys",
    help="Issue, rotate, revoke and list API keys for the guard.",
    help_format="plaintext",
)
"""The verb; its own verbs are below."""

Pepper = Annotated[str, Parameter(name="--pepper")]
Several = Annotated[tuple[str, ...], Parameter(negative="")]
Verification = Literal["none", "email", "phone", "document", "contract"]


@keys.command
def init(store: Path, *, prefix: str, pepper: str = "", new_pepper: Path | None = None) -> int:
    """Begin a store of keys.

    It holds keyed digests, never a key. Their own key is the pepper, which lives elsewhere.

    Args:
        store: The store's file; it must not be there.
        prefix: Your own, which all keys begin with, as registered with scanners of leaks: 2 to 16
            lower-case letters and digits.
        pepper: Where the pepper is: file:PATH, env:NAME, or command:WORDS, which prints it. It is
            at least 32 random bytes as hexadecimal digits.
        new_pepper: Draw a pepper and write it to this new file, for its owner only.

    Returns:
        The exit code.
    """
    from cautery.cli.keys_run import begin

    return begin(store, prefix, pepper, new_pepper)


@keys.command
def issue(
    store: Path,
    *,
    account: str,
    org: str = "",
    verification: Verification = "none",
    scope: Several = (),
    environment: str = "live",
    expires: str = "",
    bound_to: str = "",
    pepper: Pepper = "",
) -> int:
    """Issue a key and print it, once: nobody can show it again.

    Args:
        store: The store's file.
        account: The paying account.
        org: Its organisation.
        verification: How the account has shown who it is.
        scope: What the key may be used for; may be given several times; for everything if not.
        environment: Part of the key itself, for example live or test.
        expires: From when on it is refused: a date or time, UTC, or a number of days such as 90d.
        bound_to: What its bearer must prove: jkt:THUMBPRINT of a DPoP key, or
            x5t#S256:THUMBPRINT of a client certificate.
        pepper: Where the pepper is, if not where the store says.

    Returns:
        The exit code.
    """
    from cautery.cli.keys_run import issue_key

    return issue_key(
        store,
        account=account,
        org=org,
        verification=verification,
        scope=scope,
        environment=environment,
        expires=expires,
        bound_to=bound_to,
        pepper=pepper,
    )


@keys.command
def rotate(
    store: Path,
    key_id: str,
    *,
    overlap_hours: float = 24.0,
    expires: str = "",
    pepper: Pepper = "",
) -> int:
    """Issue a key in the place of another, and print it, once. Both are valid for the overlap.

    Args:
        store: The store's file.
        key_id: Identifier of the key to be replaced, as the list shows it.
        overlap_hours: How long the old one goes on.
        expires: From when on the new one is refused, as for issue.
        pepper: Where the pepper is, if not where the store says.

    Returns:
        The exit code.
    """
    from cautery.cli.keys_run import rotate_key

    return rotate_key(store, key_id, overlap_hours, expires, pepper)


@keys.command
def revoke(
    store: Path,
    key_id: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    *,
    account: str = "",
    leaked: Annotated[Path | None, Parameter(allow_leading_hyphen=True)] = None,
    pepper: Pepper = "",
) -> int:
    """Revoke keys: every guard on this store refuses them within a second.

    Args:
        store: The store's file.
        key_id: Identifiers of the keys, as the list shows them.
        account: All keys of this account.
        leaked: A file with keys that were found in public, one a line, or - for standard input:
            keys do not belong on a command line. What is no key of this store is left out.
        pepper: Where the pepper is, if not where the store says; only --leaked wants it.

    Returns:
        The exit code.
    """
    from cautery.cli.keys_run import revoke_keys

    return revoke_keys(store, key_id, account, leaked, pepper)


@keys.command(name="list")
def list_(
    store: Path, *, account: str = "", output_format: Literal["human", "json"] = "human"
) -> int:
    """List keys by identifier, with the last four characters; nothing secret.

    Args:
        store: The store's file.
        account: Only keys of this account.
        output_format: json writes one line a key for programs.

    Returns:
        The exit code.
    """
    from cautery.cli.keys_run import key_lines

    sys.stdout.writelines(f"{line}\n" for line in key_lines(store, account, output_format))
    return 0
