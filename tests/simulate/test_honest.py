"""Each class of honest accounts has the property that a careless detector falls for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from cautery.simulate import honest
from cautery.simulate.run import honest_classes

if TYPE_CHECKING:
    from tests.simulate.conftest import Log

Maker = Callable[..., "Log"]


@pytest.fixture
def log(simulated: Maker) -> Log:
    """Return an honest log."""
    return simulated("none")


def accounts_behind(rows: list[dict[str, Any]], column: str) -> dict[Any, set[str]]:
    """Return which accounts share each value of a column."""
    found: dict[Any, set[str]] = defaultdict(set)
    for row in rows:
        found[row[column]].add(row["account_id"])
    found.pop(None, None)
    return found


def most(groups: dict[Any, set[str]]) -> int:
    """Return the size of the largest group."""
    return max(map(len, groups.values()))


def openings(rows: list[dict[str, Any]], characters: int) -> Counter[str]:
    """Count the accounts of each beginning of a prompt."""
    pairs = {(row["account_id"], row["input_text"][:characters]) for row in rows}
    return Counter(opening for _, opening in pairs)


def test_members_are_sorted_and_named_like_their_files() -> None:
    """The shelf names every class once, in order."""
    assert list(honest.MEMBERS) == sorted(set(honest.MEMBERS))
    assert list(honest_classes()) == list(honest.MEMBERS)
    assert all(entry.property for entry in honest_classes().values())


@pytest.mark.parametrize("name", honest.MEMBERS)
def test_class_has_at_least_twenty_accounts(name: str, log: Log) -> None:
    """Every class is there in numbers, and its accounts send something."""
    assert len(log.accounts_of(name)) >= 20
    assert len({row["account_id"] for row in log.of_class(name)}) >= 12


def test_enterprise_shares_address_and_payer(log: Log) -> None:
    """A company's accounts leave through one address and pay with one instrument."""
    rows = log.of_class("enterprise_nat")
    assert most(accounts_behind(rows, "client_address")) >= 15
    payers = Counter(row["payment_fingerprint"] for row in log.accounts_of("enterprise_nat"))
    assert len(payers) <= 4
    assert "" not in payers


def test_some_enterprises_declare_no_organisation(simulated: Maker) -> None:
    """Over several logs there are companies with and without an organisation."""
    declared = {
        bool(row["org_id"])
        for seed in (1, 2, 3)
        for row in simulated("none", days=1, seed=seed).accounts_of("enterprise_nat")
    }
    assert declared == {True, False}


def test_class_shares_prompts_and_network(log: Log) -> None:
    """Students of a course send the same words from one /24."""
    rows = log.of_class("university_class")
    assert most(accounts_behind(rows, "input_text")) >= 8
    networks = Counter(row["client_address"].rsplit(".", 1)[0] for row in rows)
    assert networks.most_common(1)[0][1] > len(rows) / 5


def test_harness_sends_public_items_on_the_new_model(log: Log) -> None:
    """Benchmark runs share items word for word, at temperature 0, after the release."""
    rows = [
        row
        for row in log.of_class("evaluation_harness")
        if row["seed"] == 1234 and row["temperature"] == 0.0
    ]
    assert most(accounts_behind(rows, "input_text")) >= 8
    new = sum(row["request_model"] == "aurora-5" for row in rows)
    assert new / len(rows) > 0.85


def test_permitted_uses_are_in_the_account_table(log: Log) -> None:
    """Contracts are visible where a provider would see them."""
    uses = {
        name: {row["permitted_use"] for row in log.accounts_of(name)}
        for name in ("permitted_synthesis", "contract_reseller", "red_team", "evaluation_harness")
    }
    assert uses == {
        "permitted_synthesis": {"synthetic_data"},
        "contract_reseller": {"resale"},
        "red_team": {"red_team", ""},
        "evaluation_harness": {"evaluation", ""},
    }
    assert {row["permitted_use"] for row in log.accounts_of("ordinary")} == {""}


@pytest.mark.parametrize("name", ["batch_etl", "translation_vendor", "judge_pipeline"])
def test_pipelines_share_a_template_and_no_item(name: str, log: Log) -> None:
    """A firm's accounts send one template with items that do not repeat."""
    rows = log.of_class(name)
    assert openings(rows, 40).most_common(1)[0][1] >= 2
    texts = Counter(row["input_text"] for row in rows)
    assert len(texts) / len(rows) > 0.9


def test_batch_jobs_are_short_and_by_the_clock(log: Log) -> None:
    """Extraction answers are short; an account works in few hours of the day."""
    rows = log.of_class("batch_etl")
    assert sorted(row["output_tokens"] for row in rows)[len(rows) // 2] < 120
    hours: dict[str, Counter[int]] = defaultdict(Counter)
    for row in rows:
        hours[row["account_id"]][row["time_start"].hour] += 1
    busy = [counter.most_common(1)[0][1] / counter.total() for counter in hours.values()]
    assert sum(busy) / len(busy) > 0.5


def test_agent_users_share_prompt_and_tools(log: Log) -> None:
    """All users of the popular agent send its system prompt, from unrelated places."""
    rows = log.of_class("popular_agent")
    assert len({row["system_text"] for row in rows}) == 1
    assert len({row["tool_count"] for row in rows}) == 1
    assert most(accounts_behind(rows, "client_address")) <= 3


def test_resellers_carry_variety(log: Log) -> None:
    """A reseller's account has many end users and many system prompts."""
    users: dict[str, set[str]] = defaultdict(set)
    for row in log.of_class("contract_reseller"):
        users[row["account_id"]].add(row["end_user_id"])
    assert sum(map(len, users.values())) / len(users) > 50
    agents = {row["user_agent"] for row in log.of_class("contract_reseller")}
    assert all(agent.startswith("Go-http-client") for agent in agents)


def test_runners_share_addresses_across_firms(log: Log) -> None:
    """Continuous-integration jobs of unrelated firms come from the same addresses."""
    rows = log.of_class("ci_fleet")
    assert most(accounts_behind(rows, "client_address")) >= 8
    assert openings(rows, 40).most_common(1)[0][1] >= 8


def test_hackathon_signs_up_together(log: Log) -> None:
    """An event's accounts have one code and are created within a day."""
    events: dict[str, list[str]] = defaultdict(list)
    for row in log.accounts_of("hackathon"):
        events[row["referral"]].append(row["created_at"])
    for times in events.values():
        assert len({time[:10] for time in times}) <= 3
    cards = Counter(row["payment_fingerprint"] for row in log.accounts_of("hackathon"))
    assert cards.most_common(1)[0][1] >= 8


def test_relays_hide_unrelated_accounts(log: Log) -> None:
    """Behind one exit are many accounts with payers of their own."""
    rows = log.of_class("vpn_exit")
    assert most(accounts_behind(rows, "client_address")) >= 10


def test_virtual_cards_begin_alike(log: Log) -> None:
    """The issuer's prefix is everywhere, one card only in families."""
    cards = Counter(row["payment_fingerprint"] for row in log.accounts_of("virtual_card_issuer"))
    assert len({card[:8] for card in cards}) == 1
    assert 2 <= max(cards.values()) <= 4


def test_developer_fleet_shares_card_and_address(log: Log) -> None:
    """One developer's accounts look like one operator, and are."""
    rows = log.of_class("developer_fleet")
    assert 3 <= most(accounts_behind(rows, "client_address")) <= 12


def test_red_team_shares_published_prompts(log: Log) -> None:
    """Researchers send the same items and templates as each other."""
    assert most(accounts_behind(log.of_class("red_team"), "input_text")) >= 2


def test_open_source_users_share_only_the_template(log: Log) -> None:
    """The default prompt is shared, the items are not, and nothing else links the accounts."""
    rows = log.of_class("open_source_app")
    starts = openings(rows, 40)
    assert starts.most_common(1)[0][1] >= 8
    default = starts.most_common(1)[0][0]
    mine = [row["input_text"] for row in rows if row["input_text"].startswith(default)]
    assert len(set(mine)) / len(mine) > 0.98
    assert most(accounts_behind(rows, "client_address")) <= 3


def test_open_source_users_are_many_at_full_size() -> None:
    """A log of 6,000 accounts holds at least 200 users of the open-source programs."""
    assert honest_classes()["open_source_app"].size(5400) >= 200


def test_grantees_pay_nothing(log: Log) -> None:
    """Programme accounts have no instrument and one referral."""
    rows = log.accounts_of("education_programme")
    assert {row["payment_fingerprint"] for row in rows} == {""}
    assert {row["referral"] for row in rows} == {"GRANT-26"}


def test_ordinary_accounts_stay_with_their_topics(log: Log) -> None:
    """An account's prompts share more words with each other than with a stranger's."""
    words: dict[str, list[set[str]]] = defaultdict(list)
    for row in log.of_class("ordinary"):
        words[row["account_id"]].append(set(row["input_text"].lower().split()))
    sets = [found for found in words.values() if len(found) >= 6]

    def overlap(first: set[str], second: set[str]) -> float:
        return len(first & second) / max(1, len(first | second))

    own = [overlap(found[0], found[5]) for found in sets]
    other = [
        overlap(found[0], sets[(place + 7) % len(sets)][5]) for place, found in enumerate(sets)
    ]
    assert sum(own) / len(own) > 1.3 * sum(other) / len(other)


def test_no_column_of_the_account_table_is_empty_or_full_of_attackers(simulated: Maker) -> None:
    """Organisations are there for some and missing for many, closed accounts are not all bad."""
    log = simulated("hydra")
    honest_rows = [log.accounts[key] for key, row in log.truth.items() if row["attacker"] == "0"]
    assert 0.2 < sum(bool(row["org_id"]) for row in honest_rows) / len(honest_rows) < 0.8
    closed = [row for row in honest_rows if row["status"] != "active"]
    assert 0.03 < len(closed) / len(honest_rows) < 0.2
