"""From a case and an account table to the rows of a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cautery.guard.snapshot_writer import SnapshotRow
from cautery.records.campaign import Member
from cautery.records.case import Case
from cautery.records.standing import AccountFacts, CampaignStanding


def snapshot_rows(
    case: Case | None, case_id: str, accounts: Iterable[AccountFacts]
) -> Iterator[SnapshotRow]:
    """Join what a scan says of accounts with what is known of them.

    An account that several groups hold is published with the one that makes its chance largest.

    Args:
        case: The case, none to publish account facts only.
        case_id: SHA-256 of ``case.json``, in hexadecimal digits.
        accounts: Rows of the account table, each account once.

    Yields:
        Each account of the table or of a group, once.
    """
    standings = _standings(case, case_id) if case is not None else {}
    for account in accounts:
        yield SnapshotRow(
            account_id=account.account_id,
            account=account,
            campaign=standings.pop(account.account_id, None),
        )
    for account_id, standing in standings.items():
        yield SnapshotRow(account_id=account_id, account=None, campaign=standing)


def _standings(case: Case, case_id: str) -> dict[str, CampaignStanding]:
    found: dict[str, CampaignStanding] = {}
    for campaign in (*case.campaigns, *case.permitted_groups):
        for member in campaign.members:
            standing = _standing(member, campaign.campaign_id, case_id)
            before = found.get(member.account_id)
            if member.account_id and (before is None or _rank(before) < _rank(standing)):
                found[member.account_id] = standing
    return found


def _standing(member: Member, campaign_id: str, case_id: str) -> CampaignStanding:
    return CampaignStanding(
        campaign_id=campaign_id,
        probability=member.probability,
        band=member.band,
        permitted_use=member.permitted_use,
        case_id=case_id,
    )


def _rank(standing: CampaignStanding) -> tuple[bool, float]:
    return bool(standing.band), standing.probability
