"""Limits: rows of the waterfall that keep one kind of evidence from deciding alone.

Each limit is a row of its own, so that prior and rows still add up to the chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cautery.records.evidence import Weight
from cautery.scan.limit_sums import hard_bits, known, limit_row, total_bits
from cautery.scan.weighing import rounded

MOST_LINKAGE_BITS: Final = 6.0
"""Linkage weights count in full up to here: below ``watch`` with the prior and nothing else."""
BEYOND_LINKAGE: Final = 0.25
"""Part of what linkage weighs beyond that which still counts, up to what speaks for a harvest
apart from linkage: sure ties make that surer, and nothing by themselves."""
MOST_CONTENT_BITS: Final = 6.0
"""Ceiling of what is asked for: phrases are cheap to write and cheap to avoid."""
HIDDEN_LINKS_KEPT: Final = 0.25
"""Part that still counts of what missing links speak against one owner, where another link is
strong: who rents home addresses hides the address and not the card. Payers that stay apart count
in full: that is what customers behind one exit look like."""
LEAST_INFRASTRUCTURE_BITS: Final = 1.0
"""Shared infrastructure without which a group is joined by its behaviour alone."""
LEAST_ALONE_BITS: Final = 3.0
"""The same where no payment is known: a programme's or office's members share addresses too, and
what would clear them stands in the account table."""
HARD_SIGNALS: Final = ("shared_payment", "shared_address", "signature_replay")
"""Signals of things that strangers rarely share. A network counts where no address is known; an
hour of sign-up or a client, never."""
ONE_FAMILY_BITS: Final = 2.0
"""Most bits of such a group: a chance of 80 %, for a person to look at. Acting on accounts wants
two kinds of evidence (method, stage E)."""
ALIKE_BITS: Final = 3.0
"""Bits by which what a group asks for may outweigh its linkage: alike is not linked."""
ALIKE_TO_LOOK_AT_BITS: Final = 6.0
"""The same where payments are not known and the group stays under ``likely``, because little else
is shared: payers that stay apart would clear it, and are not there to do so. With 3.0
none of the pools in simulated hydra logs without payments came to ``watch`` (decision 0030)."""
LEAST_ASKED_BITS: Final = 3.6
"""Bits of what is asked for with which a group may be *likely*: a chance of 0.6 that its traffic is
distillation, however surely it has one owner. The weakest of 105 campaigns of simulated logs had
4.7, of 16 pools of recorded programs 4.1; batch jobs with one stock prompt, cards and addresses in
common 3.1."""
UNASKED_BITS: Final = 3.0
"""Most bits of a group with less: a chance of 0.889, for a person to look at."""
LEAST_CONTENT_BITS: Final = 1.0
"""Bits of the content signals under which nothing that is asked is known of harvests: templates
with changing items are a batch job's, an event's or a program's users' too. Honest groups near
``watch`` in 34 simulated logs had -1.4 to 0.7 (CI fleets, hackathons, open-source programs); of 96
campaigns only those of one recorded program had less than 1.5, and shared cards *and* addresses."""
LEAST_HARD_BITS: Final = 3.0
"""Bits of shared infrastructure (``HARD_SIGNALS``) from which such a group is left as it is: those
honest groups had up to 2.7, the recorded pools 7.8."""
PLAIN_BITS: Final = -1.0
"""Most bits of such a group: a chance of a third, under ``watch``."""

LIMITS: Final = (
    "hidden_links",
    "linkage_limit",
    "content_limit",
    "alike_limit",
    "one_family_limit",
    "uncleared_limit",
    "asked_limit",
    "plain_limit",
)
"""Names of the rows that ``limits_of`` sets."""


def counts_as_linked(row: Weight) -> bool:
    """Whether a row counts for the first verdict, same operator; ceilings do not."""
    return row.aspect == "linkage" and row.signal != "linkage_limit"


def counts_as_asked(row: Weight) -> bool:
    """Whether a row counts for the second verdict, distillation-like; the limit does not."""
    return row.aspect == "distillation" and row.signal not in {
        "alike_limit",
        "one_family_limit",
        "uncleared_limit",
        "asked_limit",
        "plain_limit",
        "prior",
    }


def limits_of(rows: Sequence[Weight], prior_bits: float) -> list[Weight]:
    """Set the limits of one group.

    Args:
        rows: The group's weights by all signals.
        prior_bits: The prior that they are added to.

    Returns:
        The limits that apply, with the bits that they take or give back.
    """
    linkage = [row for row in rows if row.aspect == "linkage"]
    content = [row for row in rows if row.aspect == "distillation" and row.family == "content"]
    hidden = _hidden_links(linkage)
    words = _ceiling(
        content,
        MOST_CONTENT_BITS,
        ("content_limit", "limit: words alone prove little"),
        "What is asked for counts only up to a ceiling.",
    )
    wanted = [row for row in (*rows, *words) if row.aspect == "distillation"]
    beyond = max(total_bits(linkage) + total_bits(hidden) - MOST_LINKAGE_BITS, 0.0)
    ties = _ceiling(
        [*linkage, *hidden],
        rounded(MOST_LINKAGE_BITS + min(BEYOND_LINKAGE * beyond, max(total_bits(wanted), 0.0))),
        ("linkage_limit", "limit: linked is not guilty"),
        "One owner alone is no distillation campaign.",
    )
    held = total_bits([*linkage, *hidden, *ties])
    lacking = _lacking_infrastructure(linkage)
    # Nothing is known that would clear such a group, and nothing lifts it over ``watch``.
    unpaid = lacking is not None and not known(linkage, "shared_payment")
    beyond_linkage = ALIKE_TO_LOOK_AT_BITS if unpaid else ALIKE_BITS
    alike = _alike(wanted, max(held + beyond_linkage, 0.0))
    limits = [*hidden, *ties, *words, *alike]
    if lacking is not None:
        limits += _one_family(lacking, rounded(prior_bits + total_bits([*rows, *limits])))
    limits += _uncleared(rows, rounded(prior_bits + total_bits([*rows, *limits])))
    limits += _asked(total_bits(wanted), rounded(prior_bits + total_bits([*rows, *limits])))
    return [*limits, *_plain(rows, rounded(prior_bits + total_bits([*rows, *limits])))]


def _lacking_infrastructure(linkage: Sequence[Weight]) -> tuple[float, float] | None:
    """Bits of shared infrastructure and what would be enough; None if they are enough."""
    addressed = known(linkage, "shared_address")
    hard = (*HARD_SIGNALS, *(() if addressed else ("shared_network",)))
    infrastructure = hard_bits(linkage, hard)
    paid = known(linkage, "shared_payment")
    least = LEAST_INFRASTRUCTURE_BITS if paid else LEAST_ALONE_BITS
    return None if infrastructure >= least else (infrastructure, least)


def _uncleared(rows: Sequence[Weight], bits: float) -> list[Weight]:
    """Hold a group under ``likely`` that no payment and no verified identity could clear."""
    replayed = hard_bits(rows, ("signature_replay",))
    known_of = known(rows, "shared_payment") or known(rows, "verified_identity")
    if known_of or replayed >= LEAST_ALONE_BITS or bits <= ONE_FAMILY_BITS:
        return []
    return [
        limit_row(
            ("uncleared_limit", "limit: nothing known could clear them"),
            ("distillation", "context"),
            rounded(ONE_FAMILY_BITS - bits),
            (
                "neither payments nor verified identities known",
                "one of them, or replayed reasoning",
                "A school or an office shares addresses too; what would tell is not in this log.",
            ),
        )
    ]


def _one_family(lacking: tuple[float, float], bits: float) -> list[Weight]:
    """Hold a group under ``likely`` that nothing but its behaviour joins."""
    infrastructure, least = lacking
    if bits <= ONE_FAMILY_BITS:
        return []
    return [
        limit_row(
            ("one_family_limit", "limit: one kind of evidence only"),
            ("distillation", "context"),
            rounded(ONE_FAMILY_BITS - bits),
            (
                f"{infrastructure:+.1f} bits of shared infrastructure",
                f"{least:+.1f} bits or more",
                "Little but what they ask joins the accounts; strangers may use one program.",
            ),
        )
    ]


def _asked(asked: float, bits: float) -> list[Weight]:
    """Hold a group under ``likely`` of whose traffic little looks like a harvest."""
    if asked >= LEAST_ASKED_BITS or bits <= UNASKED_BITS:
        return []
    return [
        limit_row(
            ("asked_limit", "limit: one owner is no harvest"),
            ("distillation", "context"),
            rounded(UNASKED_BITS - bits),
            (
                f"{asked:+.1f} bits for what is asked",
                f"{LEAST_ASKED_BITS:+.1f} bits or more",
                "The accounts are surely one owner's; that they harvest is not as sure.",
            ),
        )
    ]


def _plain(rows: Sequence[Weight], bits: float) -> list[Weight]:
    """Hold a group under ``watch`` that asks nothing peculiar and hardly shares anything."""
    content = [
        row
        for row in rows
        if row.available and row.aspect == "distillation" and row.family == "content"
    ]
    asked, hard = total_bits(content), hard_bits(rows, HARD_SIGNALS)
    # How many turns there are is known without any text; what is asked is not. Where payments are
    # not known, that little is shared says nothing either.
    read = any(row.signal != "single_turn" for row in content) and known(rows, "shared_payment")
    if not read or asked >= LEAST_CONTENT_BITS or hard >= LEAST_HARD_BITS or bits <= PLAIN_BITS:
        return []
    return [
        limit_row(
            ("plain_limit", "limit: nothing that harvests are known by"),
            ("distillation", "context"),
            rounded(PLAIN_BITS - bits),
            (
                f"{asked:+.1f} bits for content, {hard:+.1f} for shared infrastructure",
                f"{LEAST_CONTENT_BITS:+.1f} or {LEAST_HARD_BITS:+.1f} bits",
                "Users of one program, event or batch job repeat templates as well.",
            ),
        )
    ]


def _hidden_links(linkage: Sequence[Weight]) -> list[Weight]:
    """Give back what missing infrastructure links say, where one of them is strong."""
    infrastructure = [row for row in linkage if row.family == "infrastructure"]
    strongest = max((row.bits for row in infrastructure), default=0.0)
    against = sum(
        row.bits for row in infrastructure if row.bits < 0 and row.signal != "shared_payment"
    )
    back = rounded((1.0 - HIDDEN_LINKS_KEPT) * min(-against, max(strongest - 1.0, 0.0)))
    if back <= 0:
        return []
    return [
        limit_row(
            ("hidden_links", "limit: one hidden link clears no other"),
            ("linkage", "infrastructure"),
            back,
            (
                f"{against:+.1f} bits for links that are missing",
                f"{strongest:+.1f} bits for the strongest",
                "An owner may hide one link and not another.",
            ),
        )
    ]


def _ceiling(
    rows: Sequence[Weight], ceiling: float, name: tuple[str, str], why: str
) -> list[Weight]:
    """Take back what exceeds a ceiling, if anything does."""
    total = total_bits(rows)
    if total <= ceiling:
        return []
    return [
        limit_row(
            name,
            (rows[0].aspect, "context"),
            rounded(ceiling - total),
            (f"{total:+.1f} bits in all", f"{ceiling:+.1f} in full", why),
        )
    ]


def _alike(asked: Sequence[Weight], most: float) -> list[Weight]:
    """Take back what is asked for beyond what the linkage bears."""
    total = total_bits(asked)
    excess = rounded(total - most)
    if excess <= 0:
        return []
    return [
        limit_row(
            ("alike_limit", "limit: alike is not linked"),
            ("distillation", "context"),
            -excess,
            (
                f"{total:+.1f} bits for what is asked",
                f"at most {most:+.1f} with this linkage",
                "Accounts that only ask alike may be strangers with one program.",
            ),
        )
    ]
