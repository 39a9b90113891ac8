"""The account table and the release table: what billing and product know (contracts 2 and 3)."""

from __future__ import annotations

from typing import Final

from cautery.records.exchange import Column, make_column

ACCOUNT_COLUMNS: Final[tuple[Column, ...]] = (
    make_column("account_id", "string", "Joins the exchange table.", required=True),
    make_column("org_id", "string", "The organisation that the account declares."),
    make_column("created_at", "timestamp", "When the account signed up."),
    make_column("email_domain", "string", "Domain of the sign-up e-mail."),
    make_column("payment_fingerprint", "string", "Opaque token of the payment instrument."),
    make_column("referral", "string", "Programme or promotion code."),
    make_column("country", "string", "Declared country, ISO 3166-1 alpha-2."),
    make_column("verification", "string", "none, email, phone, document or contract."),
    make_column("program", "string", "none, education, research, startup, enterprise ..."),
    make_column(
        "permitted_use", "string", "Empty, or synthetic_data, resale, evaluation, red_team."
    ),
    make_column("status", "string", "active, suspended or closed."),
    make_column("closed_at", "timestamp", "When it was closed."),
)
"""Columns of ``--accounts FILE``, in order."""

GUARD_ACCOUNT_COLUMNS: Final[tuple[Column, ...]] = (
    *ACCOUNT_COLUMNS,
    make_column("billing_country", "string", "Country of the payment instrument."),
    make_column(
        "permitted_until",
        "timestamp",
        "When the permitted use ends; without an end it exempts from no rule.",
    ),
    make_column("resale_attested", "string", "true if it attested that it passes no access on."),
    make_column("ownership", "string", "known if somebody looked into who owns it."),
    make_column(
        "restricted_ownership_basis_points",
        "string",
        "Largest share that one restricted region's owners hold, of 10,000.",
    ),
)
"""Columns of ``cautery guard publish --accounts FILE``: those of a scan, and what policies ask."""

CAMPAIGN_KEY_COLUMNS: Final[tuple[Column, ...]] = (
    make_column("campaign_id", "string", "The campaign, as the case names it.", required=True),
    make_column("key_id", "string", "Opaque identifier of its watermark key.", required=True),
)
"""Columns of ``cautery guard publish --campaign-keys FILE``."""

RELEASE_COLUMNS: Final[tuple[Column, ...]] = (
    make_column("model", "string", "Name of the served model.", required=True),
    make_column("released_at", "timestamp", "When it became available.", required=True),
)
"""Columns of ``--releases FILE``, in order."""
