"""``campaigns.csv``: one row per campaign, then one per permitted group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cautery.report.csv_rows import Cell, write_rows
from cautery.report.waterfall import is_adjustment

if TYPE_CHECKING:
    from typing import TextIO

    from cautery.records.campaign import Campaign
    from cautery.records.case import Case

_FIELDS: Final = (
    "campaign_id",
    "operator_id",
    "band",
    "score",
    "probability",
    "linked_probability",
    "distillation_probability",
    "permitted",
    "what",
    "accounts",
    "exchanges",
    "output_tokens",
    "first_seen",
    "last_seen",
    "bits",
    "expected_false_per_1000",
)
COLUMNS: Final = (*_FIELDS, "top_reason", "nearest_innocent_explanation")
"""Names of the columns, in their order."""


class CampaignsCsvReport:
    """Writes the campaigns in the order of the case; permitted groups have no band."""

    name = "campaigns-csv"
    file_name = "campaigns.csv"

    def write(self, case: Case, stream: TextIO) -> None:
        """Write the campaigns and the permitted groups.

        Args:
            case: The result of a scan.
            stream: Where to.
        """
        write_rows(stream, COLUMNS, map(_row, (*case.campaigns, *case.permitted_groups)))


def _row(campaign: Campaign) -> list[Cell]:
    speaking = [w for w in campaign.weights if w.available and w.bits > 0 and not is_adjustment(w)]
    top = max(speaking, key=lambda weight: weight.bits, default=None)
    cells: list[Cell] = [getattr(campaign, name) for name in _FIELDS]
    return [*cells, top.sentence or top.label if top else "", campaign.innocent.explanation]


MEMBER: Final = CampaignsCsvReport()
