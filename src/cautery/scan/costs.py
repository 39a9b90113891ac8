"""What a log's missing columns cost the verdicts, in sentences: no verdict is silently weaker.

The sentences follow from the limits (``limits.py``); how much it costs on labelled logs is measured
in ``docs/reference/missing-columns.md``.
"""

from __future__ import annotations

from typing import Final

PAYMENT: Final = "accounts.payment_fingerprint"
"""The payment instrument, from the account table."""
VERIFICATION: Final = "accounts.verification"
"""Whether an identity was verified, from the account table."""
ADDRESS: Final = "client_address"
"""The client's address; the network follows from it."""
SIGNATURES: Final = "carried_signatures"
"""Signatures of reasoning that is sent back: accounts that replay each other's are joined."""
PROMPTS: Final = "input_text"
"""Prompts, or their sketches."""


def cost_notes(present: frozenset[str]) -> tuple[str, ...]:
    """Say which verdicts a log cannot reach.

    Args:
        present: Columns that hold something and are believed; those of the account table with
            ``accounts.`` before their name.

    Returns:
        Notes; none for a log that has prompts, addresses, payments and an account table.

    Example:
        >>> cost_notes(frozenset({"input_text", "client_address", "accounts.payment_fingerprint"}))
        ()
    """
    notes = []
    payment, address = PAYMENT in present, ADDRESS in present
    or_replay = " or send back each other's reasoning" if SIGNATURES in present else ""
    if not payment and not address and or_replay:
        notes.append(
            "note: neither payments nor client addresses are known. A finding passes `watch` only "
            "where its accounts send back each other's reasoning."
        )
    elif not payment and not address:
        notes.append(
            "note: neither payments nor client addresses are known. Nothing but behaviour joins "
            "accounts, so no finding passes `watch`, however strong."
        )
    elif not payment and VERIFICATION not in present:
        only = f" unless its accounts{or_replay.removeprefix(' or')}" if or_replay else ""
        notes.append(
            "note: neither payments nor verified identities are known. What would clear an honest "
            f"group is not there, so no finding passes `watch`{only}."
        )
    elif not payment:
        notes.append(
            "note: payments are not known. A finding passes `watch` only where its accounts share "
            f"client addresses strongly{or_replay}."
        )
    elif not address:
        notes.append(
            "note: client addresses are not known. A finding passes `watch` only where its "
            f"accounts share payment instruments{or_replay}."
        )
    if PROMPTS not in present and not address:
        notes.append(
            "note: neither prompts nor client addresses are known. What accounts ask and where "
            "they are is not seen: an empty result says little."
        )
    if not any(name.startswith("accounts.") for name in present):
        notes.append(
            "note: there is no account table. No contract and no verified identity can speak for "
            "an honest group; ask before you act."
        )
    return tuple(notes)
