"""A bulletin as Sigma rules, as far as Sigma can say it.

Sigma compares fields of single events and counts what matched (Sigma specification 2.1, with the
correlation rules of its part *Sigma Correlation Rules*). It has no chances, no graph and no end of
a rule; docs/reference/sharing/sigma.md says what is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from cautery.intel.identifiers import identifier
from cautery.intel.keyed_values import written, written_band
from cautery.intel.stix_campaigns import techniques_of
from cautery.intel.stix_objects import WORDS
from cautery.intel.yaml_text import Value, document
from cautery.records.bulletin import Bulletin, SharedCampaign
from cautery.records.indicator import Form, Indicator, IndicatorKind

MOST_VALUES: Final = 500
"""Values of one rule: what the query languages of a SIEM still take in one list."""
LEAST_ACCOUNTS: Final = 2
"""Accounts on one value below which nothing is counted."""
LEAST_EXCHANGES: Final = 10
"""Matching exchanges of one account in a day below which nothing is said of its volume."""
CLEAR_FIELDS: Final[dict[IndicatorKind, str]] = {
    "address": "client_address",
    "network": "client_address|cidr",
    "tls_fingerprint": "tls_ja4",
}
"""Fields of the exchange table for values in clear. An autonomous system is none of them: it has
thousands of other customers, and a scan does not weigh it either."""
ACCOUNT: Final = "account_id"
BANDS: Final = "template_bands"
_LOG: Final[Mapping[str, Value]] = {"product": "cautery", "category": "exchange"}
_PARTNERS: Final[tuple[IndicatorKind, ...]] = (
    "payment",
    "address",
    "network",
    "tls_fingerprint",
    "email_domain",
)
"""Kinds that make a template say more, from what is worth most."""

Rule = dict[str, Value]


def write_rules(bulletin: Bulletin) -> bytes:
    """Write a bulletin as a file of rules.

    Args:
        bulletin: All that may leave.

    Returns:
        YAML documents, ASCII: of each campaign what to look for, then what to count of it.
    """
    head = "# Sigma rules by cautery. What they find is to be looked at; it proves nothing.\n"
    texts = [document(rule) for rule in rules_of(bulletin)]
    return (head + "---\n".join(texts)).encode("ascii")


def rules_of(bulletin: Bulletin) -> list[Rule]:
    """Make the rules of a bulletin.

    Args:
        bulletin: All that may leave.

    Returns:
        The rules, those that others refer to first.
    """
    return [rule for campaign in bulletin.campaigns for rule in _Maker(bulletin, campaign).rules()]


def field_of(kind: IndicatorKind, form: Form) -> str:
    """Name the field in which a SIEM finds a value.

    Args:
        kind: What it is.
        form: In clear or keyed.

    Returns:
        The field; empty if there is no rule for such a value.

    Example:
        >>> field_of("payment", "keyed"), field_of("address", "clear")
        ('keyed_payment', 'client_address')
    """
    return f"keyed_{kind}" if form == "keyed" else CLEAR_FIELDS.get(kind, "")


class _Maker:
    """Makes the rules of one campaign."""

    def __init__(self, bulletin: Bulletin, campaign: SharedCampaign) -> None:
        self._bulletin = bulletin
        self._campaign = campaign
        plain = re.sub(r"[^a-z0-9]+", "_", campaign.name.lower())
        self._stem = f"{plain}_{campaign.campaign_ref.rpartition('--')[2][:8]}"

    def rules(self) -> list[Rule]:
        """Make all of them."""
        groups: dict[tuple[IndicatorKind, Form], list[Indicator]] = {}
        for one in self._bulletin.indicators:
            wanted = one.campaign_ref == self._campaign.campaign_ref and not one.revoked
            if wanted and field_of(one.kind, one.form):
                groups.setdefault((one.kind, one.form), []).append(one)
        matching: dict[IndicatorKind, list[str]] = {}
        found: list[Rule] = []
        counting: list[Rule] = []
        for (kind, form), rows in sorted(groups.items()):
            names = []
            for rule in self._matching(kind, form, rows):
                names.append(str(rule["name"]))
                found.append(rule)
            matching.setdefault(kind, []).extend(names)
            if kind != "account":
                counting.append(self._accounts_rule(kind, form, rows, names))
        every = [name for names in matching.values() for name in names]
        counting += [self._volume_rule(every)] if every else []
        return [*found, *counting, *self._together_rules(matching)]

    def _matching(
        self, kind: IndicatorKind, form: Form, rows: Sequence[Indicator]
    ) -> Iterator[Rule]:
        width = max(1 + len(one.bands) for one in rows)
        size = max(MOST_VALUES // width, 1)
        for place, start in enumerate(range(0, len(rows), size)):
            part = rows[start : start + size]
            yield {
                **self._head(f"{kind}_{form}_{place + 1}", f"{WORDS[kind]}, {form}", "low", part),
                "logsource": _LOG,
                "detection": _detection(kind, form, part),
                "falsepositives": ["Whoever else shares it: other tenants, copied prompts."],
            }

    def _accounts_rule(
        self, kind: IndicatorKind, form: Form, rows: Sequence[Indicator], names: Sequence[str]
    ) -> Rule:
        """Many accounts on one value: half of what the source saw of its least value."""
        least = max(min(one.accounts for one in rows) // 2, LEAST_ACCOUNTS)
        field = field_of(kind, form)
        # A template matches by its bands, and a network by its addresses: there is no one value.
        by_value = kind != "template" and "|" not in field
        return {
            **self._head(f"{kind}_{form}_accounts", f"accounts on a {WORDS[kind]}", "medium", rows),
            "correlation": {
                "type": "value_count",
                "rules": list(names),
                **({"group-by": [field]} if by_value else {}),
                "timespan": "7d",
                "condition": {"field": ACCOUNT, "gte": least},
            },
            "falsepositives": ["A firm whose staff share one card, address or prompt library."],
        }

    def _volume_rule(self, names: Sequence[str]) -> Rule:
        """Many matching exchanges of one account: half of the campaign's mean in a day."""
        campaign = self._campaign
        days = max(sum(count > 0 for _day, count in campaign.daily_exchanges), 1)
        mean = campaign.exchanges // max(campaign.accounts * days, 1)
        return {
            **self._head("volume", "volume of one account", "medium", ()),
            "correlation": {
                "type": "event_count",
                "rules": list(names),
                "group-by": [ACCOUNT],
                "timespan": "1d",
                "condition": {"gte": max(mean // 2, LEAST_EXCHANGES)},
            },
            "falsepositives": ["A busy customer behind a shared address."],
        }

    def _together_rules(self, matching: Mapping[IndicatorKind, Sequence[str]]) -> Iterator[Rule]:
        """A template and something shared, in one day on one account; each must be one rule."""
        templates = matching.get("template", ())
        partner = next((kind for kind in _PARTNERS if len(matching.get(kind, ())) == 1), None)
        if len(templates) != 1 or partner is None:
            return
        words = f"a prompt template and a {WORDS[partner]}"
        yield {
            **self._head("together", words, "medium", ()),
            "correlation": {
                "type": "temporal",
                "rules": [*templates, *matching[partner]],
                "group-by": [ACCOUNT],
                "timespan": "1d",
            },
            "falsepositives": ["A member of the same firm with the same prompt library."],
        }

    def _head(self, name: str, words: str, level: str, rows: Sequence[Indicator]) -> Rule:
        bulletin, campaign = self._bulletin, self._campaign
        until = max(
            (one.valid_until for one in rows or bulletin.indicators), default=bulletin.made_at
        )
        keys = sorted({one.key_id for one in rows if one.key_id})
        urls = [
            f"https://atlas.mitre.org/techniques/{one.technique}" for one in techniques_of(campaign)
        ]
        uuid = identifier("sigma-rule", campaign.campaign_ref, name).rpartition("--")[2]
        return {
            "title": f"Distillation campaign {campaign.name}: {words}",
            "id": uuid,
            "name": f"{self._stem}_{name}",
            "status": "experimental",
            "description": f"As {bulletin.provider} saw it until {campaign.last_seen[:10]}. "
            f"Not to be used after {until[:10]}. To be looked at; it proves nothing by itself.",
            "references": urls,
            "author": bulletin.provider,
            "date": campaign.first_seen[:10],
            "modified": max(bulletin.made_at, campaign.first_seen)[:10],
            "tags": [f"tlp.{bulletin.tlp.replace('+', '-')}"],
            "level": level,
            "cautery": {
                "campaign": campaign.campaign_ref,
                "valid_until": until,
                **({"key_ids": list(keys)} if keys else {}),
            },
        }


def _detection(kind: IndicatorKind, form: Form, rows: Sequence[Indicator]) -> Rule:
    field = field_of(kind, form)
    if form == "clear":
        values: list[Value] = [_literal(one.value) for one in rows]
        return {"selection": {field: values}, "condition": "selection"}
    values = [_literal(written(one.key_id, one.value)) for one in rows]
    bands: dict[str, None] = {
        _literal(written_band(one.key_id, place, band)): None
        for one in rows
        for place, band in enumerate(one.bands)
    }
    if not bands:
        return {"selection": {field: values}, "condition": "selection"}
    return {
        "selection_whole": {field: values},
        "selection_bands": {BANDS: list(bands)},
        "condition": "1 of selection_*",
    }


def _literal(text: str) -> str:
    """Write a value so that Sigma finds no wildcard in it."""
    return re.sub(r"([\\*?])", r"\\\1", text)
