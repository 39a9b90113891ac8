"""Bulletins: what of a case leaves."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.intel.indicators import bulletin, choices, epoch_key, observable, observables
from tests.report.cases import example_case
from tests.report.hostile import HOSTILE, case_with_text

from cautery.errors import InputError, UsageError
from cautery.intel import bulletins
from cautery.intel.bulletins import make_bulletin, shared_campaigns
from cautery.records.indicator import CLEAR_KINDS


def test_bulletin_of_the_example() -> None:
    """Listed campaigns in the order of the case, and one indicator a value that may be shared."""
    made = bulletin()
    case = example_case()
    assert [one.name for one in made.campaigns] == [
        one.campaign_id for one in case.campaigns if one.probability >= 0.9
    ]
    assert {one.kind for one in made.indicators} >= {"account", "payment", "template", "address"}
    assert all(one.form == "keyed" for one in made.indicators if one.kind not in CLEAR_KINDS)
    assert made.made_at.endswith(".000Z")


def test_the_same_input_gives_the_same_bulletin() -> None:
    """Nothing in it depends on the clock, on chance or on the order of observables."""
    first = make_bulletin(example_case(), observables(), epoch_key(), choices())
    again = make_bulletin(example_case(), observables()[::-1], epoch_key(), choices())
    assert first == again


def test_without_a_key_nothing_is_keyed_and_nothing_else_is_clear() -> None:
    """Who has no epoch key shares numbers, and values that name machines."""
    made = make_bulletin(example_case(), observables(), None, choices(clear_addresses=True))
    assert {one.form for one in made.indicators} == {"clear"}
    assert {one.kind for one in made.indicators} <= CLEAR_KINDS


def test_bands_below_the_floor_and_permitted_groups_stay() -> None:
    """Only listed campaigns at the floor or above leave; a contract keeps a group here."""
    case = example_case()
    low = replace(case.campaigns[0], band="watch", probability=0.6)
    permitted = replace(case.campaigns[0], permitted=True)
    changed = replace(case, campaigns=(low, permitted))
    assert shared_campaigns(changed, choices()) == []
    assert shared_campaigns(changed, choices(least_band="watch")) == [low]


@pytest.mark.parametrize("provider", ["", "  ", "a\x1b[31m", "x" * 301, "\ud800"])
def test_provider_needs_a_plain_name(provider: str) -> None:
    """A name that would act on a peer's screen, or none at all, is refused."""
    with pytest.raises(UsageError, match="printable"):
        bulletin(provider=provider)


@pytest.mark.parametrize("place", range(len(HOSTILE)))
def test_hostile_case_is_an_error_or_leaves_no_text(place: int) -> None:
    """A case whose times are no times is refused; with plain times no text of it gets out."""
    text = HOSTILE[place]
    case = case_with_text(text)
    with pytest.raises(InputError, match="a time in the case"):
        make_bulletin(case, [], None, choices())
    timed = replace(
        case,
        input=replace(case.input, to_time="2026-10-28T23:11:09Z"),
        campaigns=tuple(
            replace(
                one,
                first_seen="2026-10-03T00:01:00Z",
                last_seen="2026-10-20T23:58:41Z",
                templates=tuple(
                    replace(each, first_seen="2026-10-03T00:01:00Z") for each in one.templates
                ),
            )
            for one in case.campaigns
        ),
    )
    written = msgspec.json.encode(make_bulletin(timed, [], epoch_key(), choices())).decode()
    assert text not in written
    assert msgspec.json.encode(text.encode(errors="replace").decode()).decode() not in written


SECRET = st.text("ghijkmnoqrstuvwxyzGHJKLMNPQRSTVWXYZ", min_size=12, max_size=20)
"""Texts that occur in nothing by chance: no letter of hexadecimal digits is among them."""


@given(secrets=st.lists(SECRET, min_size=6, max_size=6, unique=True))
def test_no_sensitive_value_is_in_a_bulletin(secrets: list[str]) -> None:
    """Accounts, organisations, domains, payments and words of prompts never leave in clear."""
    account, organisation, domain, payment, word, reason = secrets
    case = example_case()
    first = case.campaigns[0]
    text = f"{word} answer {word} in full {word} and show {word} every step of {word} work"
    member = replace(first.members[0], account_id=account, org_id=organisation, top_reason=reason)
    template = replace(first.templates[0], text=text)
    changed = replace(first, members=(member,), templates=(template,), limits=(reason,))
    rows = [
        observable("account", account),
        observable("organisation", organisation),
        observable("email_domain", f"{domain}.example"),
        observable("payment", payment),
    ]
    made = make_bulletin(replace(case, campaigns=(changed,)), rows, epoch_key(), choices())
    assert len(made.indicators) == 5
    written = msgspec.json.encode(made).decode().casefold()
    assert [secret for secret in secrets if secret.casefold() in written] == []


def test_a_forged_case_stays_within_bounds() -> None:
    """Numbers that no scan gives are held within what the schema allows."""
    case = example_case()
    odd = replace(case.campaigns[0], probability=7.0, linked_probability=-1.0, accounts=-5)
    made = make_bulletin(replace(case, campaigns=(odd,)), observables(), epoch_key(), choices())
    assert (made.campaigns[0].probability, made.campaigns[0].linked_probability) == (1.0, 0.0)
    assert made.campaigns[0].accounts == 0
    assert all(0 <= one.confidence <= 100 for one in made.indicators)


def test_a_bulletin_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many values those of most accounts are shared, so that peers can read the file."""
    monkeypatch.setattr(bulletins, "MOST_SHARED", 3)
    rows = [observable("payment", f"pm_{n}", accounts=2 + n) for n in range(9)]
    made = make_bulletin(example_case(), rows, epoch_key(), choices(kinds=frozenset({"payment"})))
    assert [one.accounts for one in made.indicators if one.kind == "payment"].count(10) == 1
    assert sorted(one.accounts for one in made.indicators) == [8, 9, 10]
