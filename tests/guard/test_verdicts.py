from __future__ import annotations

from typing import Any

from cautery.guard.verdicts import snapshot_rows
from cautery.records.standing import AccountFacts


class Named:
    """Stands in for a record of which a few fields matter."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)


def member(account_id: str, probability: float, band: str, permitted_use: str = "") -> Any:
    """Make a member of a group."""
    return Named(
        account_id=account_id, probability=probability, band=band, permitted_use=permitted_use
    )


CASE: Any = Named(
    campaigns=(
        Named(campaign_id="C-1", members=(member("a", 0.7, "watch"), member("b", 0.95, "likely"))),
        Named(campaign_id="C-2", members=(member("a", 0.99, "very likely"), member("", 1.0, ""))),
    ),
    permitted_groups=(
        Named(campaign_id="P-1", members=(member("b", 0.999, "", "resale"), member("p", 0.9, ""))),
    ),
)


def test_each_account_comes_once_with_its_strongest_verdict() -> None:
    """Two campaigns: the larger chance; a permitted group gives way to a campaign."""
    accounts = [AccountFacts(account_id="a"), AccountFacts(account_id="c", program="research")]
    rows = {row.account_id: row for row in snapshot_rows(CASE, "ab" * 32, accounts)}
    assert list(rows) == ["a", "c", "b", "p"]
    verdicts = {
        name: (row.campaign.campaign_id, row.campaign.band)
        for name, row in rows.items()
        if row.campaign is not None
    }
    assert verdicts == {
        "a": ("C-2", "very likely"),
        "b": ("C-1", "likely"),
        "p": ("P-1", ""),
    }
    assert rows["c"].account == accounts[1]
    assert rows["b"].account is None
    assert rows["a"].campaign is not None
    assert rows["a"].campaign.case_id == "ab" * 32


def test_account_facts_may_be_published_without_a_case() -> None:
    """A provider without a scan yet still has regions and verification."""
    (row,) = snapshot_rows(None, "", [AccountFacts(account_id="a")])
    assert row.campaign is None
