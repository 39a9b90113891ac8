"""A case whose figures follow from its rows by the rules of a scan, as those of real ones do."""

from __future__ import annotations

from dataclasses import replace

from tests.report.campaigns import campaign, member
from tests.report.cases import account, example_case

from cautery.records.campaign import AccountLink, Campaign, Innocent, Member, Template, band_of
from cautery.records.case import AccountSummary, Case
from cautery.records.evidence import Aspect, EvidencePointer, Family, Weight
from cautery.scan.innocence import DEFAULT
from cautery.scan.reweighing import Reweighing

GROUP_ROWS: tuple[tuple[str, float, Aspect, Family], ...] = (
    ("shared_payment", 4.6, "linkage", "infrastructure"),
    ("repeated_templates", 4.5, "linkage", "behaviour"),
    ("reasoning_elicitation", 3.2, "distillation", "content"),
    ("item_disjointness", 2.4, "distillation", "behaviour"),
    ("single_turn", 1.5, "distillation", "content"),
    ("shared_address", -1.6, "linkage", "infrastructure"),
    ("verified_identity", -0.4, "distillation", "context"),
)
MEMBER_ROWS: tuple[tuple[str, float, Family], ...] = (
    ("prior", -2.0, "behaviour"),
    ("payment", 6.0, "infrastructure"),
    ("template", 3.0, "behaviour"),
    ("address", 4.0, "infrastructure"),
    ("parameters", -0.8, "behaviour"),
)
RULES = Reweighing()


def row(signal: str, bits: float, aspect: Aspect, family: Family) -> Weight:
    """Make one row, with a sentence and an exchange that shows it."""
    pointer = EvidencePointer(
        account_id="acct_0002", time_start="2026-10-03T00:01:00Z", request_id=f"req_{signal}"
    )
    return Weight(
        signal=signal,
        label=signal.replace("_", " "),
        aspect=aspect,
        family=family,
        bits=bits,
        sentence=f"{signal.replace('_', ' ').capitalize()} was seen in 3 of 4 accounts.",
        pointers=(pointer,) if bits > 0 else (),
    )


def judged_member(
    account_id: str,
    group_probability: float,
    *,
    dropped: tuple[str, ...] = (),
    stability: float | None = 1.0,
    most: float | None = None,
    permitted: bool = False,
) -> Member:
    """Make a member whose chance follows from its rows."""
    rows = [
        replace(row(name, bits, "linkage", family), sentence="")
        for name, bits, family in MEMBER_ROWS
        if name not in dropped
    ]
    limit = row("sharing_limit", -3.0, "linkage", "infrastructure")
    weights, held = RULES.member([*rows, limit], stability, 0.9)
    chance = 0.0 if permitted else round(held * group_probability, 6)
    chance = chance if most is None else min(chance, most)
    others = tuple(
        AccountLink(other_account_id=name, link="payment", reason="the same card", bits=6.0)
        for name in ("acct_0001", "acct_0002")
        if name != account_id
    )
    return replace(
        member(account_id),
        org_id=f"org of {account_id}",
        linked_probability=held,
        probability=chance,
        band="" if permitted else band_of(chance),
        weights=weights,
        links=others,
        stability=stability,
        shares=(),
        most_probability=most,
    )


def judged_campaign(number: int = 1, *, permitted: bool = False, first: int = 1) -> Campaign:
    """Make a campaign of four members whose figures follow from its rows."""
    found = RULES.group([row(*values) for values in GROUP_ROWS])
    names = [f"acct_{index:04d}" for index in range(first, first + 4)]
    chance = found.probability
    members = (
        judged_member(names[0], chance, permitted=permitted),
        judged_member(names[1], chance, dropped=("address", "parameters"), permitted=permitted),
        judged_member(names[2], chance, dropped=("payment",), most=0.89, permitted=permitted),
        judged_member(names[3], chance, dropped=("payment", "address"), permitted=permitted),
    )
    return replace(
        campaign(number, members=members, accounts=4),
        campaign_id=f"{'P' if permitted else 'C'}-2026-{number:04d}",
        operator_id="" if permitted else "O-0001",
        band="" if permitted else band_of(chance),
        score=round(100 * chance),
        probability=chance,
        linked_probability=found.linked_probability,
        distillation_probability=found.distillation_probability,
        permitted=permitted,
        weights=found.weights,
        bits=found.bits,
        stability=0.9,
        innocent=Innocent(explanation=DEFAULT[1], test=DEFAULT[2]),
        templates=(
            Template(
                template_id="T1",
                text="Grade the essay below by the secret rubric of our seminar. {...} Be strict.",
                accounts=4,
                exchanges=100,
                share=0.5,
                first_seen="2026-10-03T00:01:00Z",
            ),
        ),
    )


def summary(one: Member, group: Campaign) -> AccountSummary:
    """Make the row of ``accounts.csv`` of a member."""
    return replace(
        account(one.account_id),
        campaign_id=group.campaign_id,
        operator_id=group.operator_id,
        linked_probability=one.linked_probability,
        distillation_probability=group.distillation_probability,
        probability=one.probability,
        band=one.band,
    )


def judged_case() -> Case:
    """Make a case of two campaigns and a permitted group, and an account in none of them."""
    groups = (judged_campaign(1), judged_campaign(2, first=101))
    allowed = judged_campaign(1, permitted=True, first=201)
    example = example_case()
    rows = [summary(one, group) for group in (*groups, allowed) for one in group.members]
    return replace(
        example,
        tool=replace(example.tool, weights_version=RULES.version),
        campaigns=groups,
        permitted_groups=(allowed,),
        accounts=(*rows, account("acct_1000")),
    )
