"""A closed or suspended account gets nothing."""

from __future__ import annotations

from typing import Final

from cautery.policy.pack_source import PackSource, beside

MEMBER: Final[PackSource] = beside(
    __file__,
    "account-status",
    "Accounts that are closed or suspended get nothing.",
)
