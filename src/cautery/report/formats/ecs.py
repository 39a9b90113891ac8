"""``findings.ecs.jsonl``: findings as Elastic Common Schema 9.4 alerts, one a line.

See https://www.elastic.co/docs/reference/ecs. What ECS has no field for is under ``cautery``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cautery.report.findings import Finding, findings_of, line_of, moment, reasons_of, shortened

if TYPE_CHECKING:
    from typing import TextIO

    from cautery.records.campaign import Band
    from cautery.records.case import Case

ECS_VERSION: Final = "9.4.0"
_SEVERITIES: Final[dict[Band, int]] = {"very likely": 73, "likely": 47, "watch": 21, "": 1}
"""Elastic's own scale of detection rules: high, medium, low."""


class EcsReport:
    """Writes campaigns and their accused accounts as alerts for Elasticsearch and OpenSearch."""

    name = "ecs"
    file_name = "findings.ecs.jsonl"

    def write(self, case: Case, stream: TextIO) -> None:
        """Write the findings; the same case gives the same characters.

        Args:
            case: The result of a scan.
            stream: Where to, as UTF-8.
        """
        stream.writelines(line_of(_alert(case, finding)) for finding in findings_of(case))


def _alert(case: Case, finding: Finding) -> dict[str, Any]:
    subject, member = finding.subject, finding.member
    return {
        "@timestamp": moment(case.input.to_time) or "1970-01-01T00:00:00Z",
        "ecs": {"version": ECS_VERSION},
        "message": shortened(f"{finding.title}: {finding.text}"),
        "event": {
            "kind": "alert",
            "category": ["intrusion_detection"],
            "type": ["info"],
            "module": "cautery",
            "dataset": "cautery.findings",
            "provider": "cautery scan",
            "action": "distillation-campaign" if member is None else "distillation-account",
            "id": shortened(finding.uid),
            "start": moment(subject.first_seen),
            "end": moment(subject.last_seen),
            "reason": shortened(finding.text),
            "risk_score": float(finding.score),
            "severity": _SEVERITIES[subject.band],
        },
        "rule": {
            "name": "cautery scan",
            "category": "model distillation",
            "version": shortened(case.tool.weights_version),
        },
        "observer": {
            "product": "cautery",
            "vendor": "cautery",
            "type": "log analysis",
            "version": shortened(case.tool.version),
        },
        "user": None if member is None else {"id": shortened(member.account_id)},
        "organization": {"id": shortened(member.org_id)} if member and member.org_id else None,
        "cautery": _own_fields(case, finding),
    }


def _own_fields(case: Case, finding: Finding) -> dict[str, Any]:
    subject, campaign = finding.subject, finding.campaign
    return {
        "campaign_id": shortened(campaign.campaign_id),
        "operator_id": shortened(campaign.operator_id),
        "band": subject.band,
        "probability": subject.probability,
        "linked_probability": subject.linked_probability,
        "distillation_probability": campaign.distillation_probability,
        "accounts": campaign.accounts,
        "exchanges": subject.exchanges,
        "output_tokens": subject.output_tokens,
        "expected_false_per_1000": campaign.expected_false_per_1000,
        "calibration": shortened(case.tool.calibration),
        "reasons": [
            {
                "signal": shortened(row.signal),
                "label": shortened(row.label),
                "bits": row.bits,
                "observed": shortened(row.observed),
            }
            for row in reasons_of(finding)
        ],
    }


MEMBER: Final = EcsReport()
