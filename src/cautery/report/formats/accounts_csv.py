"""``accounts.csv``: one row per account that the log names, accused or not."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final

from cautery.records.case import AccountSummary
from cautery.report.csv_rows import write_rows

if TYPE_CHECKING:
    from typing import TextIO

    from cautery.records.case import Case

COLUMNS: Final = tuple(field.name for field in fields(AccountSummary))
"""The columns of contracts.md, section 4, in its order."""


class AccountsCsvReport:
    """Writes all accounts in the order of the case."""

    name = "accounts-csv"
    file_name = "accounts.csv"

    def write(self, case: Case, stream: TextIO) -> None:
        """Write the accounts; campaign and band are empty for an account in no campaign.

        Args:
            case: The result of a scan.
            stream: Where to.
        """
        rows = ([getattr(account, name) for name in COLUMNS] for account in case.accounts)
        write_rows(stream, COLUMNS, rows)


MEMBER: Final = AccountsCsvReport()
