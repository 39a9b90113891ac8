"""What one customer may be told about the decision on their account, and nothing about others.

The letter is made of words of ours and of numbers. Texts of the case (the nearest innocent
explanation, sentences of signals, limits) stand in it only if they name nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cautery.records.case import Tool
from cautery.report.figures import chance, signed, tenths
from cautery.report.letter_words import MEMBER_PRIOR, RULE_WORDS, reason_words
from cautery.report.others import OthersScreen
from cautery.report.waterfall import PRIOR

if TYPE_CHECKING:
    from cautery.records.campaign import Campaign, Innocent, Member
    from cautery.records.case import AccountSummary, Case
    from cautery.records.evidence import Weight
    from cautery.report.account_finder import FoundAccount
    from cautery.report.replay import Chances, Reason, Replay, Whose

APPEAL_SCHEMA: Final = "cautery.appeal/1"
"""Schema of the answer in JSON."""
SCHEMA_PATH: Final = Path(__file__).parent / "schemas" / "appeal-1.schema.json"
"""Its published JSON Schema."""
UNNAMED: Final = "A further signal, which this program does not come with"
"""What stands for a signal of another package whose words may not be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where an answer comes from, so that it can be checked."""

    case_sha256: str
    """SHA-256 of ``case.json``."""
    pack_sha256: str = ""
    """SHA-256 of the evidence pack; empty if it came from none."""
    signed_by: str = ""
    """Who signed the pack, if that was checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldReason:
    """One reason as a customer reads it."""

    whose: Whose
    """Whose evidence it is."""
    signal: str
    """Its name."""
    words: str
    """What it means."""
    sentence: str
    """What was seen, if that names nobody else; else empty."""
    bits: float
    """Its weight."""
    without: Chances
    """What would follow if it did not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRule:
    """A row that follows from a rule."""

    rule: str
    words: str
    bits: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """An answer to one customer."""

    account: AccountSummary
    """What the case says of the account."""
    tool: Tool
    """Who made the case, as far as that names nobody else."""
    period: tuple[str, str]
    """Times of the first and the last exchange of the log."""
    sources: Sources
    """Where it comes from."""
    contact: str
    """Whom to write to; empty if nobody said."""
    campaign: Campaign | None = None
    """Its group; None if it is in none."""
    member: Member | None = None
    """Its place in the group."""
    replay: Replay | None = None
    """The decision repeated; None for an account in no group."""
    reasons: tuple[ToldReason, ...] = ()
    """All evidence."""
    rules: tuple[ToldRule, ...] = ()
    """All rules."""
    ways_out: tuple[tuple[ToldReason, ...], ...] = ()
    """The fewest reasons that decide."""
    innocent: Innocent | None = None
    """The nearest innocent explanation, if it names nobody else."""
    limits: tuple[str, ...] = ()
    """What the finding cannot tell."""


def make_appeal(
    case: Case,
    found: FoundAccount,
    replayed: Replay | None,
    sources: Sources,
    *,
    contact: str = "",
    group_figures: bool = False,
) -> Appeal:
    """Collect what a customer may be told.

    Args:
        case: The case.
        found: The account in it.
        replayed: The decision repeated; None for an account in no group.
        sources: Where the case comes from.
        contact: Whom to write to.
        group_figures: Tell what was seen of the group, too: counts, without names.

    Returns:
        The answer.
    """
    screen = OthersScreen(case, found.summary.account_id)
    answer = Appeal(
        account=found.summary,
        tool=_tool(case, screen),
        period=(_shown(case.input.from_time, screen), _shown(case.input.to_time, screen)),
        sources=sources,
        contact=contact,
    )
    if replayed is None:
        return answer
    reasons = tuple(_told(reason, screen, figures=group_figures) for reason in replayed.reasons)
    by_row = {(reason.whose, reason.signal): reason for reason in reasons}
    campaign = found.campaign
    return replace(
        answer,
        campaign=campaign,
        member=found.member,
        replay=replayed,
        reasons=reasons,
        rules=tuple(_rule(whose, row, screen) for whose, row in replayed.rules),
        ways_out=tuple(
            tuple(by_row[reason.whose, reason.weight.signal] for reason in some)
            for some in replayed.ways_out
        ),
        innocent=None if campaign is None else _innocent(campaign, screen),
        limits=() if campaign is None else tuple(filter(screen.passes, campaign.limits)),
    )


def _tool(case: Case, screen: OthersScreen) -> Tool:
    return Tool(
        name=_shown(case.tool.name, screen),
        version=_shown(case.tool.version, screen),
        weights_version=_shown(case.tool.weights_version, screen),
        calibration=_shown(case.tool.calibration, screen),
    )


def _told(reason: Reason, screen: OthersScreen, *, figures: bool) -> ToldReason:
    weight, of_group = reason.weight, reason.whose == "group"
    words = reason_words(weight.signal, weight.bits, of_group=of_group)
    return ToldReason(
        whose=reason.whose,
        signal=weight.signal if screen.passes(weight.signal) else "",
        words=words or _shown(weight.label, screen) or UNNAMED,
        sentence=_shown(weight.sentence, screen) if figures or not of_group else "",
        bits=weight.bits,
        without=reason.without,
    )


def _rule(whose: Whose, row: Weight, screen: OthersScreen) -> ToldRule:
    own = MEMBER_PRIOR if whose == "own" and row.signal == PRIOR else ""
    words = own or RULE_WORDS.get(row.signal) or _shown(row.label, screen) or UNNAMED
    signal = row.signal if screen.passes(row.signal) else ""
    return ToldRule(rule=signal, words=words, bits=row.bits)


def _shown(text: str, screen: OthersScreen) -> str:
    return text.rstrip(".") if text and screen.passes(text) else ""


def _innocent(campaign: Campaign, screen: OthersScreen) -> Innocent | None:
    innocent = campaign.innocent
    if not innocent.explanation or not screen.passes(f"{innocent.explanation} {innocent.test}"):
        return None
    return innocent


def appeal_document(appeal: Appeal) -> dict[str, object]:
    """Write an answer as plain values, for programs and translators.

    Args:
        appeal: The answer.

    Returns:
        An object of schema ``cautery.appeal/1``.
    """
    account, replayed, campaign = appeal.account, appeal.replay, appeal.campaign
    return {
        "schema": APPEAL_SCHEMA,
        "account": {
            "account_id": account.account_id,
            "campaign_id": account.campaign_id,
            "probability": account.probability,
            "band": account.band,
            "permitted": campaign is not None and campaign.permitted,
            "permitted_use": account.permitted_use,
            "exchanges": account.exchanges,
            "harvest_exchanges": appeal.member.harvest_exchanges if appeal.member else 0,
            "output_tokens": account.output_tokens,
            "first_seen": account.first_seen,
            "last_seen": account.last_seen,
        },
        "source": {
            "case_sha256": appeal.sources.case_sha256,
            "pack_sha256": appeal.sources.pack_sha256,
            "signed_by": appeal.sources.signed_by,
            "version": appeal.tool.version,
            "weights_version": appeal.tool.weights_version,
            "calibration": appeal.tool.calibration,
            "from_time": appeal.period[0],
            "to_time": appeal.period[1],
        },
        "replay": None if replayed is None else _replay(appeal, replayed),
        "expected_false_per_1000": campaign.expected_false_per_1000 if campaign else None,
        "innocent": None
        if appeal.innocent is None
        else {"explanation": appeal.innocent.explanation, "test": appeal.innocent.test},
        "limits": list(appeal.limits),
        "contact": appeal.contact,
    }


def _replay(appeal: Appeal, replayed: Replay) -> dict[str, object]:
    return {
        "reproduces": replayed.reproduces,
        "differences": list(replayed.differences),
        "limits_set_anew": replayed.same_rules,
        "stated": _chances(replayed.stated),
        "found": _chances(replayed.found),
        "reasons": [
            {
                "whose": one.whose,
                "signal": one.signal,
                "words": one.words,
                "sentence": one.sentence,
                "bits": one.bits,
                "without": _chances(one.without),
            }
            for one in appeal.reasons
        ],
        "rules": [{"rule": r.rule, "words": r.words, "bits": r.bits} for r in appeal.rules],
        "ways_out": [
            [{"whose": one.whose, "signal": one.signal} for one in some] for some in appeal.ways_out
        ],
        "more_ways_out": replayed.more_ways_out,
        "group_bits_to_fall": replayed.group_bits_to_fall,
        "own_bits_to_fall": replayed.own_bits_to_fall,
    }


def _chances(chances: Chances) -> dict[str, object]:
    return {
        "membership": chances.membership,
        "group": chances.group,
        "account": chances.account,
        "band": chances.band,
    }


def bits_words(bits: float) -> str:
    """Write a weight as a letter shows it."""
    return signed(tenths(bits))


def chance_words(chances: Chances) -> str:
    """Write the chance of an account as a letter shows it."""
    return chance(chances.account)
