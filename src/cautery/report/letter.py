"""Writes the answer to an appeal as a letter that a customer can read without us."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cautery.records.campaign import BAND_FLOORS
from cautery.report.appeal import bits_words, chance_words
from cautery.report.figures import chance, counted, day, rate, thousands
from cautery.report.letter_text import Block, Figures, Heading, Paragraph, Points
from cautery.report.letter_words import PROOF

if TYPE_CHECKING:
    from cautery.records.campaign import Campaign, Member
    from cautery.report.appeal import Appeal, ToldReason
    from cautery.report.replay import Replay

_WHOSE: Final = (
    ("own", "What your account does"),
    ("shared", "What your account has in common with other accounts"),
    ("group", "What the group does as a whole"),
)
_BITS: Final = (
    "Each reason has a weight in bits. One bit doubles the odds, two make them four times as high; "
    "a weight below zero speaks for you. The last column is the chance that would be left if the "
    "reason did not count."
)
_PERSON: Final = (
    "This is a computed chance and no proof. You can ask for a person to look at it again; how is "
    "said at the end."
)


def letter(appeal: Appeal) -> list[Block]:
    """Write the letter.

    Args:
        appeal: The answer.

    Returns:
        Its blocks.
    """
    opening: list[Block] = [
        Heading(text=f"About your account {appeal.account.account_id[:200]}", level=1),
        Paragraph(text=_reference(appeal)),
    ]
    campaign, member, replayed = appeal.campaign, appeal.member, appeal.replay
    if campaign is None or member is None or replayed is None:
        return [*opening, *_in_no_group(appeal), *_how_to_appeal(appeal)]
    if campaign.permitted:
        return [
            *opening,
            *_finding(appeal, campaign, member, replayed),
            *_repeated(appeal, replayed),
            *_how_to_appeal(appeal),
        ]
    return [
        *opening,
        *_finding(appeal, campaign, member, replayed),
        *_reasons(appeal),
        *_otherwise(appeal, replayed),
        *_for_you(appeal),
        *_wrong(appeal, campaign),
        *_repeated(appeal, replayed),
        *_how_to_appeal(appeal),
    ]


def _reference(appeal: Appeal) -> str:
    first, last = appeal.period
    group = f", group {appeal.account.campaign_id}" if appeal.campaign is not None else ""
    return (
        f"Reference: case {appeal.sources.case_sha256[:16]}{group}. It rests on requests from "
        f"{day(first)} to {day(last)}."
    )


def _in_no_group(appeal: Appeal) -> list[Block]:
    account = appeal.account
    text = (
        "Your account is in no group that is thought to collect answers for training another "
        f"model. The chance that it takes part in one is {chance(account.probability)}, and "
        "nothing is held against it."
    )
    if account.permitted_use:
        text += " Your contract allows such use."
    return [Heading(text="What was found"), Paragraph(text=text)]


def _finding(appeal: Appeal, campaign: Campaign, member: Member, replayed: Replay) -> list[Block]:
    account, found = appeal.account, replayed.found
    first, last = day(account.first_seen), day(account.last_seen)
    when = f"on {first}" if first == last else f"between {first} and {last}"
    used = f"Your account made {counted(account.exchanges, 'request')} {when}"
    if member.harvest_exchanges:
        used += f"; {thousands(member.harvest_exchanges)} of them are of the kind in question"
    belongs = (
        f"{chance(found.membership)} is the chance that your account belongs with a group of "
        f"{counted(campaign.accounts, 'account')} that act together."
    )
    collects = (
        f"{chance(found.group)} is the chance that this group collects our answers for training "
        "another model, and that no contract permits it."
    )
    if campaign.permitted:
        said = (
            "Your account belongs to a group whose use a contract permits. Nothing is held "
            "against it, and it is in no band."
        )
        return [Heading(text="What was found"), Paragraph(text=said), Paragraph(text=f"{used}.")]
    band = f"“{found.band}”" if found.band else "none: it is not listed"
    product = f"The two together give {chance_words(found)}."
    if member.most_probability is not None and found.account == member.most_probability:
        product = (
            f"The two together give more than {chance_words(found)}; no more than that is held, "
            "because your account has little in common with a group that is still young."
        )
    return [
        Heading(text="What was found"),
        Paragraph(
            text=f"The chance that your account takes part in collecting our answers for training "
            f"another model, without a contract that permits it, is {chance_words(found)} (band: "
            f"{band}). {_PERSON}"
        ),
        Points(texts=(belongs, collects)),
        Paragraph(text=f"{product} {used}."),
    ]


def _reasons(appeal: Appeal) -> list[Block]:
    blocks: list[Block] = [Heading(text="What it rests on"), Paragraph(text=_BITS)]
    for whose, title in _WHOSE:
        rows = [one for one in appeal.reasons if one.whose == whose]
        blocks.append(Heading(text=title, level=3))
        if rows:
            titles = ("reason", "bits", "without")
            blocks.append(Figures(titles=titles, rows=tuple(_row(one) for one in rows)))
        else:
            blocks.append(Paragraph(text="Nothing counts here, for or against."))
    rules = tuple((one.words, bits_words(one.bits)) for one in appeal.rules)
    if rules:
        blocks += [
            Heading(text="Rules, which are no evidence", level=3),
            Figures(titles=("rule", "bits"), rows=rules),
        ]
    return blocks


def _row(reason: ToldReason) -> tuple[str, ...]:
    words = f"{reason.words}. {reason.sentence}" if reason.sentence else reason.words
    return words, bits_words(reason.bits), chance_words(reason.without)


def _otherwise(appeal: Appeal, replayed: Replay) -> list[Block]:
    blocks: list[Block] = [Heading(text="What would have to be different")]
    floor = dict(BAND_FLOORS).get(replayed.found.band)
    if floor is None:
        said = "Nothing: its chance is too low for any band, and the account is not listed."
        return [*blocks, Paragraph(text=said)]
    lead = f"The band “{replayed.found.band}” begins at {chance(floor)}."
    if not appeal.ways_out:
        said = f"{lead} No three reasons together would have to be wrong for that; more would."
        blocks.append(Paragraph(text=said))
    else:
        many = len(appeal.ways_out[0])
        how = {1: "any one of these reasons", 2: "both reasons of any of these lines"}.get(
            many, "all reasons of any of these lines"
        )
        said = f"{lead} The account would fall below it if {how} were wrong:"
        lines = [_together(some) for some in appeal.ways_out]
        if replayed.more_ways_out:
            lines.append(f"{replayed.more_ways_out:,} more, of more weight")
        blocks += [Paragraph(text=said), Points(texts=tuple(lines))]
    blocks.append(
        Paragraph(
            text=f"It would fall below it, too, if the evidence about the group weighed "
            f"{_less(replayed.group_bits_to_fall)} less, or that about your account's place in "
            f"it {_less(replayed.own_bits_to_fall)} less, or if a contract permitted the use."
        )
    )
    return blocks


def _together(reasons: tuple[ToldReason, ...]) -> str:
    first, *rest = [f"{reason.words} ({bits_words(reason.bits)})" for reason in reasons]
    return "; and ".join([first, *(words[:1].lower() + words[1:] for words in rest)])


def _less(bits: float | None) -> str:
    return f"{bits or 0.0:.1f} bits"


def _for_you(appeal: Appeal) -> list[Block]:
    against = [reason for reason in appeal.reasons if reason.bits < 0]
    against.sort(key=lambda reason: (reason.bits, reason.signal))
    blocks: list[Block] = [Heading(text="What speaks for you")]
    if against:
        texts = tuple(f"{one.words} ({bits_words(one.bits)} bits)." for one in against)
        blocks.append(Points(texts=texts))
    else:
        blocks.append(Paragraph(text="None of the signals does. You may know of something else."))
    if appeal.innocent is not None:
        story = appeal.innocent.explanation
        said = f"What was seen could also be: {story.rstrip('.')}. "
        proof = PROOF.get(story)
        if proof:
            said += f"If that is so, you can show it by this: {proof}. "
        said += f"How we would decide it ourselves: {appeal.innocent.test.rstrip('.')}."
        blocks.append(Paragraph(text=said))
    blocks.append(
        Paragraph(
            text="Proof that decides: a contract that permits the use; who owns the account and "
            "who pays for it; which program sends the requests and what its answers are used for; "
            "why the account has in common what is named above."
        )
    )
    return blocks


def _wrong(appeal: Appeal, campaign: Campaign) -> list[Block]:
    basis = f"Basis of the chances: {appeal.tool.calibration or 'not told'}."
    said = (
        f"In the group's band, {rate(campaign.expected_false_per_1000)} false groups are expected "
        f"per 1,000 honest accounts. {basis}"
        if campaign.band
        else basis
    )
    blocks: list[Block] = [
        Heading(text="How often such a finding is wrong"),
        Paragraph(text=said),
    ]
    return [*blocks, Points(texts=appeal.limits)] if appeal.limits else blocks


def _repeated(appeal: Appeal, replayed: Replay) -> list[Block]:
    tool = appeal.tool
    how = (
        "every limit set anew by the same rules"
        if replayed.same_rules
        else f"added up only, because its rules are of version {tool.weights_version} and this "
        f"program has version {replayed.rules_version}"
    )
    blocks: list[Block] = [
        Heading(text="The decision repeated"),
        Paragraph(
            text=f"The decision was computed again from the case ({how}). "
            + (
                "It gives what the case states, to the last digit."
                if replayed.reproduces
                else "It does NOT give what the case states:"
            )
        ),
    ]
    if not replayed.reproduces:
        blocks.append(Points(texts=replayed.differences))
    facts = [
        f"made by {tool.name} {tool.version}, weights {tool.weights_version}",
        f"SHA-256 of the case: {appeal.sources.case_sha256}",
    ]
    if appeal.sources.pack_sha256:
        facts.append(f"SHA-256 of the evidence pack: {appeal.sources.pack_sha256}")
    if appeal.sources.signed_by:
        facts.append(f"the pack is signed by {appeal.sources.signed_by}")
    return [*blocks, Points(texts=tuple(facts))]


def _how_to_appeal(appeal: Appeal) -> list[Block]:
    where = (
        f"Write to {appeal.contact}."
        if appeal.contact
        else "Answer the message that this letter came with."
    )
    if appeal.replay is None:
        return [Heading(text="If you have a question"), Paragraph(text=where)]
    return [
        Heading(text="How to appeal"),
        Paragraph(
            text=f"{where} Name the reference above, say which reason is wrong, and send what "
            "shows it. Ask for a person who did not take part in the decision to look at it. You "
            "need not prove what others did."
        ),
    ]
