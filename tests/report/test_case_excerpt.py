"""One campaign cut out of a case keeps its figures and loses everybody else."""

from __future__ import annotations

from dataclasses import replace

from tests.report.judged import judged_case

from cautery.records.campaign import AccountLink, CampaignShare
from cautery.report.case_excerpt import excerpt
from cautery.report.pack_figures import figure_faults


def test_links_and_shares_of_others_are_left_out() -> None:
    """What a member has to do with accounts and campaigns beside its own is not told."""
    case = judged_case()
    first, *rest = case.campaigns
    one, *others = first.members
    busy = replace(
        one,
        links=(
            *one.links,
            AccountLink(other_account_id="acct_0101", link="payment", reason="a card", bits=3.0),
        ),
        shares=(
            CampaignShare(campaign_id="C-2026-0001", exchanges=3, share=0.5, bits=2.0),
            CampaignShare(campaign_id="C-2026-0002", exchanges=2, share=0.3, bits=2.0),
            CampaignShare(campaign_id="", exchanges=1, share=0.2),
        ),
    )
    case = replace(case, campaigns=(replace(first, members=(busy, *others)), *rest))
    (kept,) = excerpt(case, "C-2026-0001").campaigns
    assert [link.other_account_id for link in kept.members[0].links] == ["acct_0002"]
    assert [share.campaign_id for share in kept.members[0].shares] == ["C-2026-0001", ""]


def test_figures_stay() -> None:
    """Rows, bits and chances are those of the case; so is what went in."""
    case = judged_case()
    cut = excerpt(case, "C-2026-0002")
    assert figure_faults(cut) == []
    assert cut.campaigns[0].weights == case.campaigns[1].weights
    assert cut.campaigns[0].bits == case.campaigns[1].bits
    assert cut.input == case.input
    assert {account.campaign_id for account in cut.accounts} == {"C-2026-0002"}
    assert [operator.campaign_ids for operator in cut.operators] == [("C-2026-0002",)]


def test_a_permitted_group() -> None:
    """A permitted group stays one; an operator of other campaigns is not named."""
    cut = excerpt(judged_case(), "P-2026-0001")
    assert cut.campaigns == ()
    assert [group.campaign_id for group in cut.permitted_groups] == ["P-2026-0001"]
    assert cut.operators == ()
