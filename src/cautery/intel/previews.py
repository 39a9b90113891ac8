"""Previews: what an export would share and what it would not, before anything leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cautery.intel.bulletins import shareable, shared_campaigns, template_observables
from cautery.intel.epoch_keys import EpochKey
from cautery.intel.limits import MOST_SHARED
from cautery.intel.sharing_choices import SharingChoices, form_of, withheld_because
from cautery.records.case import Case
from cautery.records.indicator import INDICATOR_KINDS, Form, IndicatorKind, Observable


@dataclass(frozen=True, slots=True, kw_only=True)
class KindPreview:
    """What becomes of the values of one kind."""

    kind: IndicatorKind
    """The kind."""
    form: Form
    """In clear, or keyed."""
    shared: int
    """Values that are shared."""
    withheld: tuple[tuple[str, int], ...]
    """Reason and number of those that are not, the commonest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an export would share."""

    campaigns: tuple[str, ...]
    """Campaigns that are shared, as the case names them."""
    withheld_campaigns: tuple[str, ...]
    """Listed campaigns that are not: their band is too low, or they are permitted."""
    permitted_groups: int
    """Groups with a contract; none is shared."""
    near_misses: int
    """Groups that were not listed; none is shared."""
    kinds: tuple[KindPreview, ...]
    """All kinds of values."""


def preview_of(
    case: Case, observables: Sequence[Observable], key: EpochKey | None, choices: SharingChoices
) -> Preview:
    """Say what a bulletin made of the same would hold.

    Args:
        case: The result of a scan.
        observables: Values that accounts of its campaigns show.
        key: The sharing group's epoch key; None if there is none.
        choices: What whoever shares has chosen.

    Returns:
        The preview.
    """
    listed = shared_campaigns(case, choices)
    shared = {each.campaign_id for each in listed}
    rows = [*observables, *template_observables(case.campaigns)]
    kept = Counter(row.kind for row in shareable(rows, shared, key, choices))
    reasons: dict[IndicatorKind, Counter[str]] = {kind: Counter() for kind in INDICATOR_KINDS}
    for row in rows:
        if reason := withheld_because(row, shared, key, choices):
            reasons[row.kind][reason] += 1
    total = Counter(row.kind for row in rows)
    for kind in INDICATOR_KINDS:
        over = total[kind] - kept[kind] - reasons[kind].total()
        if over:
            reasons[kind][f"beyond the {MOST_SHARED:,} that one bulletin holds"] = over
    return Preview(
        campaigns=tuple(each.campaign_id for each in listed),
        withheld_campaigns=tuple(
            each.campaign_id for each in case.campaigns if each.campaign_id not in shared
        ),
        permitted_groups=len(case.permitted_groups),
        near_misses=len(case.near_misses),
        kinds=tuple(
            KindPreview(
                kind=kind,
                form=form_of(kind, choices),
                shared=kept[kind],
                withheld=tuple(reasons[kind].most_common()),
            )
            for kind in INDICATOR_KINDS
        ),
    )
