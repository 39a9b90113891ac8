"""The account table: identities that look alike whether honest or not."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cautery.simulate.columns import Columns

ACCOUNT_DEFAULTS: Final[dict[str, Any]] = {
    "class": "", "tier": "", "attacker": False, "campaign_id": "", "operator_id": "",
    "org_id": "", "team_id": "", "created_day": -100.0, "email_domain": "",
    "payment_fingerprint": "",
    "referral": "", "country": "US", "verification": "email", "program": "none",
    "permitted_use": "", "status": "active", "closed_day": float("nan"),
}  # fmt: skip
"""Columns of the account table while it is built; days count from the start of the log."""

COUNTRIES: Final = {
    "US": (0.27, -6), "GB": (0.07, 0), "DE": (0.08, 1), "FR": (0.05, 1), "ES": (0.03, 1),
    "IT": (0.03, 1), "NL": (0.03, 1), "SE": (0.02, 1), "PL": (0.02, 1), "BR": (0.05, -3),
    "MX": (0.02, -6), "IN": (0.09, 5.5), "JP": (0.05, 9), "KR": (0.03, 9), "SG": (0.03, 8),
    "HK": (0.02, 8), "TW": (0.02, 8), "VN": (0.02, 7), "ID": (0.02, 7), "AU": (0.02, 10),
    "CA": (0.03, -5), "TR": (0.02, 3), "UA": (0.01, 2), "ZA": (0.01, 2),
}  # fmt: skip
"""Share of accounts and offset from UTC in hours, by country (assumed)."""
LANGUAGE_OF: Final = {
    "ES": 0, "MX": 0, "DE": 1, "FR": 2, "BR": 3, "HK": 4, "TW": 4, "SG": 4, "JP": 5, "UA": 6,
}  # fmt: skip
"""Number of the language that part of a country's accounts write in."""
FREE_MAIL: Final = {
    "gmail.com": 0.62, "outlook.com": 0.12, "hotmail.com": 0.06, "yahoo.com": 0.05,
    "icloud.com": 0.06, "proton.me": 0.04, "qq.com": 0.02, "gmx.de": 0.02, "mail.ru": 0.01,
}  # fmt: skip
PROMOTIONS: Final = ("WELCOME5", "DEVDAY26", "SPRING26", "PARTNER-X")
SYLLABLES: Final = "ba|lo|mi|tra|ken|vo|su|dar|ni|pel|qua|rix|to|zen|fa|glo|hem|jul|or|wy".split(
    "|"
)
ENDINGS: Final = (".com", ".io", ".dev", ".ai", ".co", ".org", ".de", ".net")


def company_domain(random: np.random.Generator) -> str:
    """Invent the domain of a small organisation."""
    parts = random.integers(0, len(SYLLABLES), int(random.integers(3, 5)))
    return "".join(SYLLABLES[part] for part in parts) + str(random.choice(ENDINGS))


def draw(random: np.random.Generator, weights: dict[str, float], size: int) -> npt.NDArray[Any]:
    """Draw names by weight."""
    share = np.array(list(weights.values()))
    names = np.array(list(weights), object)
    return names[random.choice(len(names), size, p=share / share.sum())]


def draw_countries(random: np.random.Generator, size: int) -> npt.NDArray[Any]:
    """Draw countries of accounts."""
    return draw(random, {name: share for name, (share, _) in COUNTRIES.items()}, size)


def zone_hours(countries: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return the offset of each country's clocks from UTC, in hours."""
    return np.array([COUNTRIES[country][1] for country in countries], np.float64)


def token(random: np.random.Generator, prefix: str, size: int) -> list[str]:
    """Make opaque identifiers."""
    return [f"{prefix}{number:016x}" for number in random.integers(0, 2**63, size)]


def payments(random: np.random.Generator, size: int) -> npt.NDArray[Any]:
    """Draw payment instruments of unrelated people: own card, a shared one, or none.

    A fifth share an instrument with a few others (families, small firms, resold virtual
    cards), because real payers do; a seventh pays by credits and has no instrument.
    """
    own = np.array(token(random, "pm_", size), object)
    place = 0
    mixed = random.permutation(size)
    while place < 0.2 * size:
        group = int(random.choice([2, 2, 2, 3, 4, 5, 6, 9, 12, 16, 22]))
        own[mixed[place : place + group]] = own[mixed[place]]
        place += group
    own[random.random(size) < 0.14] = ""
    return own


def ordinary_accounts(
    random: np.random.Generator, size: int, name: str, days: int, **values: Any
) -> Columns:
    """Build accounts of unrelated people and firms; ``values`` override columns.

    Args:
        random: Stream to draw from.
        size: How many.
        name: Class written to the truth.
        days: Length of the log.
        **values: Columns that the class sets itself.

    Returns:
        The accounts, most of them active, some closed for ordinary reasons.
    """
    mail = draw(random, FREE_MAIL, size)
    firm = random.random(size) < 0.45
    mail[firm] = [company_domain(random) for _ in range(int(firm.sum()))]
    org = np.array(token(random, "org_", size), object)
    org[random.random(size) < 0.55] = ""
    created = -random.gamma(0.9, 260.0, size)
    fresh = random.random(size) < 0.4
    created[fresh] = random.uniform(-40, days * 0.75, int(fresh.sum()))
    closed = np.where(random.random(size) < 0.1, random.uniform(0.3, 1.0, size) * days, np.nan)
    closed[closed <= created + 1] = np.nan
    status = np.where(np.isnan(closed), "active", "closed").astype(object)
    status[~np.isnan(closed) & (random.random(size) < 0.4)] = "suspended"
    referral = np.where(
        random.random(size) < 0.12, random.choice(np.array(PROMOTIONS, object), size), ""
    )
    base: dict[str, Any] = {
        "class": name, "org_id": org, "created_day": created, "email_domain": mail,
        "payment_fingerprint": payments(random, size), "referral": referral,
        "country": draw_countries(random, size), "status": status, "closed_day": closed,
        "verification": draw(
            random, {"none": 0.08, "email": 0.5, "phone": 0.3, "document": 0.12}, size
        ),
        "program": draw(
            random, {"none": 0.86, "education": 0.03, "research": 0.03, "startup": 0.08}, size
        ),
    }  # fmt: skip
    return Columns.filled(ACCOUNT_DEFAULTS, size, **{**base, **values})
