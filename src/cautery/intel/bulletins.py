"""Bulletins: what of a case may leave, and under which key.

This is the one place where a case becomes something for peers. Texts of the case are let through
only if they are words of our own; everything that names a customer is keyed or stays.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cautery.errors import UsageError
from cautery.intel import wording
from cautery.intel.epoch_keys import EpochKey
from cautery.intel.identifiers import identifier
from cautery.intel.keyed_values import clear_value, keyed_digest, keyed_value
from cautery.intel.limits import MOST_SHARED, MOST_TEXT
from cautery.intel.sharing_choices import SharingChoices, form_of, withheld_because
from cautery.intel.stix_values import days_after, stix_time
from cautery.intel.template_sketches import template_bands, template_value
from cautery.records.bulletin import Bulletin, SharedCampaign, SharedTrace
from cautery.records.campaign import BAND_FLOORS, Campaign
from cautery.records.case import Case
from cautery.records.indicator import Form, Indicator, Observable

_NO_TIME: Final = "1970-01-01T00:00:00Z"


def make_bulletin(
    case: Case,
    observables: Iterable[Observable],
    key: EpochKey | None,
    choices: SharingChoices,
    traces: Mapping[str, tuple[SharedTrace, ...]] | None = None,
) -> Bulletin:
    """Make a bulletin of a case.

    Args:
        case: The result of a scan.
        observables: Values that accounts of its campaigns show; templates come from the case.
        key: The sharing group's epoch key; None to share nothing that must be keyed.
        choices: What whoever shares has chosen.
        traces: What probes found of campaigns in suspect models, by campaign.

    Returns:
        The bulletin; the same input gives the same one.

    Raises:
        UsageError: The provider has no name.
    """
    _check_name(choices.provider)
    provider_ref = identifier("identity", choices.provider)
    listed = shared_campaigns(case, choices)
    told = traces or {}
    shared = [
        replace(
            _campaign(case, listed, each, place, provider_ref),
            traces=told.get(each.campaign_id, ()),
        )
        for place, each in enumerate(listed)
    ]
    made_at = stix_time(case.input.to_time or _NO_TIME)
    found = {each.campaign_id: made for each, made in zip(listed, shared, strict=True)}
    maker = _Maker(key=key, choices=choices, provider_ref=provider_ref, made_at=made_at)
    rows = shareable([*observables, *template_observables(listed)], found, key, choices)
    indicators = [maker.indicator(row, found[row.campaign_id]) for row in rows]
    return Bulletin(
        provider=choices.provider,
        provider_ref=provider_ref,
        made_at=made_at,
        tlp=choices.tlp,
        tool=f"cautery {re.sub(r'[^0-9a-z.+]', '', case.tool.version)[:40]}",
        campaigns=tuple(shared),
        indicators=tuple(sorted(indicators, key=lambda one: one.indicator_id)),
    )


def _check_name(provider: str) -> None:
    if not (provider.strip() and provider.isprintable() and len(provider) <= MOST_TEXT):
        raise UsageError(
            "whoever shares needs a name of printable characters, at most 300",
            hint="Give --provider.",
        )


def shared_campaigns(case: Case, choices: SharingChoices) -> list[Campaign]:
    """Choose the campaigns that are shared; permitted groups and near misses never are.

    Args:
        case: The result of a scan.
        choices: What whoever shares has chosen.

    Returns:
        The campaigns, in the order of the case.
    """
    floor = dict(BAND_FLOORS)[choices.least_band]
    return [
        each
        for each in case.campaigns
        if each.band and not each.permitted and each.probability >= floor
    ]


def template_observables(campaigns: Iterable[Campaign]) -> list[Observable]:
    """Collect the templates of campaigns that kept a text.

    Args:
        campaigns: Campaigns of the case.

    Returns:
        One observable a template.
    """
    return [
        Observable(
            kind="template",
            value=template.text,
            campaign_id=campaign.campaign_id,
            accounts=template.accounts,
            first_seen=template.first_seen,
            last_seen=campaign.last_seen,
        )
        for campaign in campaigns
        for template in campaign.templates
        if template.text
    ]


def shareable(
    rows: Iterable[Observable],
    shared: Container[str],
    key: EpochKey | None,
    choices: SharingChoices,
) -> list[Observable]:
    """Choose the observables that are shared, at most ``MOST_SHARED``.

    Args:
        rows: All observables.
        shared: Campaigns that are shared, as the case names them.
        key: The sharing group's epoch key; None if there is none.
        choices: What whoever shares has chosen.

    Returns:
        Those with the most accounts first.
    """
    kept = [row for row in rows if not withheld_because(row, shared, key, choices)]
    kept.sort(key=lambda row: (-row.accounts, row.kind, row.campaign_id, row.value))
    return kept[:MOST_SHARED]


def _campaign(
    case: Case, listed: Sequence[Campaign], campaign: Campaign, place: int, provider_ref: str
) -> SharedCampaign:
    name = wording.campaign_name(campaign.campaign_id, place)
    operator = wording.operator_name(campaign.operator_id, name)
    start = stix_time(campaign.first_seen)
    # Numbers of operators begin anew in every case; the first day of what they run does not.
    began = min(
        (
            each.first_seen
            for each in listed
            if campaign.operator_id and each.operator_id == campaign.operator_id
        ),
        default=campaign.first_seen,
    )
    return SharedCampaign(
        campaign_ref=identifier("campaign", provider_ref, name, start),
        name=name,
        operator_ref=identifier("intrusion-set", provider_ref, operator, stix_time(began)),
        operator_name=operator,
        what=wording.capability_name(campaign.what),
        band=campaign.band,
        probability=_chance(campaign.probability),
        linked_probability=_chance(campaign.linked_probability),
        distillation_probability=_chance(campaign.distillation_probability),
        expected_false_per_1000=max(campaign.expected_false_per_1000, 0.0),
        score_method=wording.score_method(case.tool.calibration, case.tool.weights_version),
        accounts=max(campaign.accounts, 0),
        exchanges=max(campaign.exchanges, 0),
        output_tokens=max(campaign.output_tokens, 0),
        first_seen=start,
        last_seen=stix_time(campaign.last_seen),
        capabilities=wording.capabilities_of(campaign),
        daily_exchanges=wording.days_of(campaign),
        templates=len(campaign.templates),
        infrastructure=wording.infrastructure_of(campaign),
        weights=wording.weights_of(campaign),
    )


def _chance(value: float) -> float:
    """Hold a number of a case, which somebody else may have written, within what a chance is."""
    return min(max(value, 0.0), 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Maker:
    """Makes the indicators of one bulletin."""

    key: EpochKey | None
    choices: SharingChoices
    provider_ref: str
    made_at: str

    def indicator(self, row: Observable, campaign: SharedCampaign) -> Indicator:
        """Make the indicator of an observable that is shared."""
        form = form_of(row.kind, self.choices)
        value, bands = self._value(row, form)
        key_id = "" if self.key is None or form == "clear" else self.key.key_id
        own = row.accounts / max(row.accounts + row.other_accounts, 1)
        start = stix_time(min(row.first_seen, row.last_seen))
        return Indicator(
            indicator_id=identifier(
                "indicator", campaign.campaign_ref, row.kind, form, key_id, value
            ),
            kind=row.kind,
            form=form,
            value=value,
            bands=bands,
            key_id=key_id,
            confidence=round(100 * campaign.probability * own),
            created=min(start, self.made_at),
            modified=self.made_at,
            valid_from=start,
            valid_until=days_after(max(row.last_seen, start), self.choices.valid_days),
            tlp=self.choices.tlp,
            source=self.choices.provider,
            source_id=self.provider_ref,
            campaign_ref=campaign.campaign_ref,
            accounts=row.accounts,
            last_seen=stix_time(row.last_seen),
        )

    def _value(self, row: Observable, form: Form) -> tuple[str, tuple[str, ...]]:
        if form == "clear":
            return clear_value(row.kind, row.value), ()
        if self.key is None:
            raise UsageError(f"values of the kind {row.kind} are shared under an epoch key only")
        if row.kind == "template":
            whole = keyed_digest("template", template_value(row.value).encode(), self.key)
            return whole, template_bands(row.value, self.key)
        return keyed_value(row.kind, row.value, self.key), ()
