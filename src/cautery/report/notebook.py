"""Pictures for notebooks: a case, a campaign or a waterfall that shows itself, and Arrow tables.

Example::

    from cautery.report.notebook import open_case

    case = open_case("cautery-demo/out")
    case                                # one sentence and the table of campaigns
    case["C-2026-0001"]                 # why it is listed, and a picture of its accounts
    case["C-2026-0001"].waterfall       # the signed bits alone
    case.to_arrow()                     # its accounts, for polars, DuckDB, pandas ...
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cautery.errors import UsageError
from cautery.records.case import AccountSummary
from cautery.records.evidence import Weight
from cautery.report.figures import amount, chance, counted
from cautery.report.load import read_case
from cautery.report.page.document import joined
from cautery.report.page.environment import environment, page_text
from cautery.report.page.group_view import group_view
from cautery.report.page.summary import summary_of
from cautery.report.page.waterfall_view import waterfall_view
from cautery.report.sanitise import without_surrogates
from cautery.report.waterfall import waterfall

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cautery.records.campaign import Campaign, Member
    from cautery.records.case import Case

_MEMBER_FIELDS: Final = (
    "account_id org_id linked_probability probability band permitted_use exchanges "
    "harvest_exchanges output_tokens first_seen last_seen top_reason stability"
).split()
_WEIGHT_FIELDS: Final = tuple(field.name for field in fields(Weight) if field.name != "pointers")


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterfallPicture:
    """The signed bits of a chance, as a table with bars."""

    weights: tuple[Weight, ...]
    bits: float | None = None
    """The record's own sum; that of the weights if None."""

    def _repr_html_(self) -> str:
        return _shown("waterfall", fall=waterfall_view(self.weights, self.bits))

    def __repr__(self) -> str:
        """Say the sum and the chance in one line."""
        fall = waterfall(self.weights, self.bits)
        return f"<waterfall: {fall.sum_tenth_bits / 10:+.1f} bits, {chance(fall.probability)}>"

    def to_arrow(self) -> Any:
        """Give the rows as a table.

        Returns:
            A ``pyarrow.Table``, one row a weight, in the order of the record.
        """
        return _table(self.weights, _WEIGHT_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPicture:
    """One campaign: facts, waterfall, its accounts as a picture, and who else it could be."""

    record: Campaign
    """The campaign itself, for whoever wants its fields."""

    def _repr_html_(self) -> str:
        tokens = amount(self.record.output_tokens)
        return _shown("campaign", view=group_view(self.record, number=1, tokens=tokens))

    def __repr__(self) -> str:
        """Say in one line which campaign it is."""
        record = self.record
        words = f"{page_text(record.campaign_id)}: {page_text(record.what)}, "
        return f"<{words}{counted(record.accounts, 'account')}, {record.band or 'permitted'}>"

    @property
    def waterfall(self) -> WaterfallPicture:
        """Why it is listed."""
        return WaterfallPicture(weights=self.record.weights, bits=self.record.bits)

    def account(self, account_id: str) -> WaterfallPicture:
        """Tell why one account is in the group.

        Args:
            account_id: The account, as the log names it.

        Returns:
            The account's own waterfall.

        Raises:
            UsageError: The group has no such account.
        """
        for member in self.record.members:
            if member.account_id == account_id:
                return WaterfallPicture(weights=member.weights)
        raise UsageError(f"the group has no account '{page_text(account_id[:200])}'")

    def to_arrow(self) -> Any:
        """Give the accounts of the group as a table.

        Returns:
            A ``pyarrow.Table``, one row an account.
        """
        return _table(self.record.members, _MEMBER_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePicture:
    """A whole case: what was found, in a sentence and a table."""

    record: Case
    """The case itself, for whoever wants its fields."""

    def _repr_html_(self) -> str:
        case = self.record
        summary = summary_of(case)
        views = [
            group_view(group, number=number, tokens=tokens)
            for number, (group, tokens) in enumerate(
                zip(case.campaigns, summary.tokens.rows, strict=True), start=1
            )
        ]
        return _shown("case", case=case, summary=summary, views=views)

    def __repr__(self) -> str:
        """Say in one sentence what was found."""
        return f"<case: {summary_of(self.record).sentence}>"

    def __iter__(self) -> Iterator[CampaignPicture]:
        """Go through the campaigns, then the permitted groups."""
        for group in (*self.record.campaigns, *self.record.permitted_groups):
            yield CampaignPicture(record=group)

    def __getitem__(self, campaign_id: str) -> CampaignPicture:
        """Find a campaign or a permitted group by its id.

        Raises:
            UsageError: The case has no such group.
        """
        for group in self:
            if group.record.campaign_id == campaign_id:
                return group
        known = ", ".join(page_text(group.record.campaign_id) for group in self)
        raise UsageError(
            f"the case has no group '{page_text(campaign_id[:200])}'", hint=f"It has: {known}."
        )

    def to_arrow(self) -> Any:
        """Give every account of the log as a table, with the columns of ``accounts.csv``.

        Returns:
            A ``pyarrow.Table``, one row an account.
        """
        return _table(self.record.accounts, [field.name for field in fields(AccountSummary)])


def open_case(folder: str | Path = "cautery-out") -> CasePicture:
    """Open a case for a notebook.

    Args:
        folder: The folder that ``cautery scan`` wrote.

    Returns:
        The case, which shows itself.

    Raises:
        NoInputError: The folder or one of its files is not there.
        MalformedFileError: A file is damaged, too large, or of another version.
    """
    return CasePicture(record=read_case(Path(folder)))


def _table(records: Sequence[AccountSummary | Member | Weight], names: Sequence[str]) -> Any:
    import pyarrow as pa

    types = {
        "bits": pa.float64(),
        "p_value": pa.float64(),
        "stability": pa.float64(),
        "available": pa.bool_(),
        "sample_size": pa.int64(),
        "exchanges": pa.int64(),
        "harvest_exchanges": pa.int64(),
        "output_tokens": pa.int64(),
    }
    columns = {}
    for name in names:
        kind = pa.float64() if name.endswith("probability") else types.get(name, pa.string())
        columns[name] = pa.array([_value(getattr(record, name)) for record in records], type=kind)
    return pa.table(columns)


def _value(value: Any) -> Any:
    """Keep a value as it is, but for lone surrogates, which Arrow cannot hold."""
    return without_surrogates(value) if isinstance(value, str) else value


def _shown(kind: str, **parts: Any) -> str:
    from markupsafe import Markup

    template = environment().get_template("notebook.html.j2")
    return template.render(kind=kind, style=Markup(_style()), **parts)  # noqa: S704 - our own file


@cache
def _style() -> str:
    """Make the page's style one that reaches no further than the picture itself."""
    palette = joined(["palette.css"]).replace(":root", ".cautery").replace("light dark", "light")
    dark = '[data-jp-theme-light="false"] .cautery { color-scheme: dark; }'
    inside = joined(["notebook.css", "drawings.css", "campaign.css"])
    return f"{palette}\n{dark}\n.cautery {{\n{inside}\n}}"
