"""``findings.ocsf.jsonl``: findings as OCSF 1.6 *Detection Finding* (class 2004), one a line.

See https://schema.ocsf.io/1.6.0/classes/detection_finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cautery.report.findings import (
    Finding,
    findings_of,
    line_of,
    milliseconds,
    reasons_of,
    shortened,
)

if TYPE_CHECKING:
    from typing import TextIO

    from cautery.records.campaign import Band
    from cautery.records.case import Case
    from cautery.records.evidence import Weight

OCSF_VERSION: Final = "1.6.0"
DETECTION_FINDING: Final = 2004
_CREATE: Final = 1
_NEW: Final = 1
_BEHAVIORAL: Final = 2
_SEVERITIES: Final[dict[Band, int]] = {
    "very likely": 4,  # High
    "likely": 3,  # Medium
    "watch": 2,  # Low
    "": 1,  # Informational
}
_CONFIDENCES: Final[dict[Band, int]] = {
    "very likely": 3,  # High
    "likely": 2,  # Medium
    "watch": 1,  # Low
    "": 0,  # Unknown
}


class OcsfReport:
    """Writes campaigns and their accused accounts as events that a SIEM takes without a parser."""

    name = "ocsf"
    file_name = "findings.ocsf.jsonl"

    def write(self, case: Case, stream: TextIO) -> None:
        """Write the findings; the same case gives the same characters.

        Args:
            case: The result of a scan.
            stream: Where to, as UTF-8.
        """
        stream.writelines(line_of(_event(case, finding)) for finding in findings_of(case))


def _event(case: Case, finding: Finding) -> dict[str, Any]:
    subject = finding.subject
    return {
        "category_uid": DETECTION_FINDING // 1000,
        "class_uid": DETECTION_FINDING,
        "activity_id": _CREATE,
        "type_uid": DETECTION_FINDING * 100 + _CREATE,
        "severity_id": _SEVERITIES[subject.band],
        "status_id": _NEW,
        "is_alert": True,
        # The clock of a case is its log: a finding is as old as the last exchange that was read.
        "time": milliseconds(case.input.to_time) or 0,
        "start_time": milliseconds(subject.first_seen),
        "end_time": milliseconds(subject.last_seen),
        "count": subject.exchanges,
        "confidence_id": _CONFIDENCES[subject.band],
        "confidence_score": finding.score,
        "message": shortened(f"{finding.title}: {finding.text}"),
        "finding_info": _info(case, finding),
        "evidences": [{"data": _evidence(row)} for row in reasons_of(finding)],
        "resources": _resources(finding),
        "metadata": {
            "version": OCSF_VERSION,
            "uid": shortened(finding.uid),
            "log_name": "cautery scan",
            "product": {
                "name": "cautery",
                "vendor_name": "cautery",
                "version": shortened(case.tool.version),
            },
        },
        "unmapped": _unmapped(case, finding),
    }


def _evidence(row: Weight) -> dict[str, Any]:
    return {
        "signal": shortened(row.signal),
        "label": shortened(row.label),
        "bits": row.bits,
        "observed": shortened(row.observed),
        "usual": shortened(row.usual),
    }


def _unmapped(case: Case, finding: Finding) -> dict[str, Any]:
    subject, campaign = finding.subject, finding.campaign
    return {
        "band": subject.band,
        "campaign_id": shortened(campaign.campaign_id),
        "operator_id": shortened(campaign.operator_id),
        "linked_probability": subject.linked_probability,
        "distillation_probability": campaign.distillation_probability,
        "probability": subject.probability,
        "output_tokens": subject.output_tokens,
        "accounts": campaign.accounts,
        "expected_false_per_1000": campaign.expected_false_per_1000,
        "calibration": shortened(case.tool.calibration),
    }


def _info(case: Case, finding: Finding) -> dict[str, Any]:
    subject = finding.subject
    info: dict[str, Any] = {
        "uid": shortened(finding.uid),
        "title": finding.title,
        "desc": shortened(finding.text),
        "types": ["model distillation"],
        "analytic": {
            "type_id": _BEHAVIORAL,
            "name": "cautery scan",
            "version": shortened(case.tool.weights_version),
        },
        "first_seen_time": milliseconds(subject.first_seen),
        "last_seen_time": milliseconds(subject.last_seen),
    }
    if finding.member is not None:
        campaign = f"{finding.campaign.campaign_id}@{case.input.to_time}"
        type_uid = DETECTION_FINDING * 100 + _CREATE
        info["related_events"] = [{"uid": shortened(campaign), "type_uid": type_uid}]
    return info


def _resources(finding: Finding) -> list[dict[str, Any]] | None:
    """The account; a campaign's accounts are findings of their own, thousands of them perhaps."""
    member = finding.member
    if member is None:
        return None
    account: dict[str, Any] = {"type": "account", "uid": shortened(member.account_id)}
    if member.org_id:
        account["namespace"] = shortened(member.org_id)
    return [account]


MEMBER: Final = OcsfReport()
