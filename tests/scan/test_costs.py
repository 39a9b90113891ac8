"""Each missing kind of column has its price said, and a full log has none."""

from __future__ import annotations

from itertools import combinations

from cautery.scan.costs import ADDRESS, PAYMENT, PROMPTS, SIGNATURES, VERIFICATION, cost_notes

FULL = frozenset({ADDRESS, PAYMENT, PROMPTS, VERIFICATION, "accounts.created_at"})


def test_a_full_log_has_no_price() -> None:
    """Nothing is said where nothing is missing."""
    assert cost_notes(FULL) == ()


def test_without_any_infrastructure_nothing_passes_watch() -> None:
    """Both missing is one sentence of its own, not two that each promise the other."""
    notes = cost_notes(FULL - {ADDRESS, PAYMENT})
    assert len(notes) == 1
    assert "no finding passes `watch`" in notes[0]


def test_what_is_left_is_named_as_the_condition() -> None:
    """Without payments addresses must speak, and the other way round."""
    assert "share client addresses strongly" in cost_notes(FULL - {PAYMENT})[0]
    assert "share payment instruments" in cost_notes(FULL - {ADDRESS})[0]


def test_what_would_clear_a_group_is_a_condition() -> None:
    """Without payments and verified identities addresses lift nothing, and only replays could."""
    poor = FULL - {PAYMENT, VERIFICATION}
    assert cost_notes(poor)[0].endswith("no finding passes `watch`.")
    assert cost_notes(poor | {SIGNATURES})[0].endswith("send back each other's reasoning.")


def test_replays_are_a_condition_where_they_can_be_seen() -> None:
    """Where requests show what reasoning they send back, that too can lift a finding."""
    for gone in ({PAYMENT}, {ADDRESS}, {PAYMENT, ADDRESS}):
        (with_replays,) = cost_notes(FULL - gone | {SIGNATURES})
        assert "send back each other's reasoning." in with_replays
        assert "reasoning" not in cost_notes(FULL - gone)[0]


def test_prompts_and_addresses_together_cost_the_empty_result() -> None:
    """Then nothing found means little, and the note says so."""
    assert "an empty result says little" in " ".join(cost_notes(FULL - {ADDRESS, PROMPTS}))


def test_without_an_account_table_nobody_is_cleared() -> None:
    """No column of the account table: contracts cannot speak."""
    notes = cost_notes(frozenset({ADDRESS, PROMPTS}))
    assert "no account table" in notes[-1]
    assert "no account table" not in " ".join(cost_notes(FULL - {PAYMENT}))


def test_a_poorer_log_never_says_less() -> None:
    """Taking one more column away never leaves fewer warnings than the richest log has."""
    for size in range(1, len(FULL) + 1):
        for gone in combinations(sorted(FULL), size):
            infrastructure_gone = {ADDRESS, PAYMENT} & set(gone)
            assert bool(cost_notes(FULL - set(gone))) >= bool(infrastructure_gone)
