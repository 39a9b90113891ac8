"""What rules see of a request: the schema's fields, and nothing of who it is."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import cedarpy
import pytest
from tests.policy.worlds import NOW, load_world, random_facts

from cautery.policy.policy_set import PolicySet
from cautery.policy.projection import Projection, cedar_context, path_of, projector
from cautery.policy.schema import CALLER, REQUEST
from cautery.records.request import RequestFacts
from cautery.records.standing import AccountFacts, CampaignStanding


def named_projector(policy: PolicySet) -> Callable[..., Projection]:
    values_of = projector(policy)
    return lambda *facts: Projection._make(values_of(*facts))


def test_every_context_fits_the_schema(tmp_path: Path) -> None:
    """Whatever the facts are, Cedar takes the context as one of the schema."""
    policy = load_world(tmp_path)
    project = named_projector(policy)
    schema = cedarpy.Schema.from_str(policy.schema_text)
    entities = cedarpy.Entities.from_json_str(policy.entities_text, schema)
    chance = random.Random(1)
    for _ in range(100):
        projection = project(*random_facts(chance))
        answer = cedarpy.is_authorized(
            {
                "principal": CALLER,
                "action": REQUEST,
                "resource": {"type": "ModelClass", "id": projection.model_class},
                "context": json.dumps(cedar_context(projection)),
            },
            cedarpy.PolicySet.from_str("permit (principal, action, resource);"),
            entities,
            schema,
        )
        assert answer.allowed


def test_every_field_stands_in_the_schema(tmp_path: Path) -> None:
    """The context has each field once, under the path that rules use."""
    context = cedar_context(Projection(model_class="small"))
    paths = {
        f"context.{name}.{inner}" if isinstance(value, dict) else f"context.{name}"
        for name, value in context.items()
        for inner in (value if isinstance(value, dict) else [""])
    }
    assert paths == {path_of(field) for field in Projection._fields if field != "model_class"}


def test_two_accounts_alike_have_one_projection(tmp_path: Path) -> None:
    """Names of accounts, keys, addresses and tokens do not enter, so answers can be kept."""
    project = named_projector(load_world(tmp_path))
    account = AccountFacts(account_id="a", org_id="first")
    request = RequestFacts(arrived_at=NOW, request_id="1", account_id="a", asn=1)
    other = replace(
        request, request_id="2", account_id="b", key_id="k", client_address="192.0.2.1",
        user_agent="x", max_tokens=7, input_tokens=9, template=5, end_user_id="e", asn=2,
        arrived_at=NOW + timedelta(seconds=1),
    )  # fmt: skip
    assert project(request, account, None) == project(other, replace(account, account_id="b"), None)


@pytest.mark.parametrize(
    ("until", "use", "verification", "expected"),
    [
        (timedelta(seconds=1), "evaluation", "contract", (True, "evaluation")),
        (timedelta(seconds=1), "evaluation", "document", (True, "evaluation")),
        (timedelta(seconds=1), "evaluation", "phone", (False, "evaluation")),
        (timedelta(0), "evaluation", "contract", (False, "")),
        (None, "evaluation", "contract", (False, "")),
        (timedelta(seconds=1), "resale", "contract", (False, "resale")),
        (timedelta(seconds=1), "", "contract", (False, "")),
    ],
)
def test_who_is_exempt(
    until: timedelta | None,
    use: str,
    verification: str,
    expected: tuple[bool, str],
    tmp_path: Path,
) -> None:
    """A permission exempts while it runs, for listed uses, from the verification asked for on."""
    project = named_projector(load_world(tmp_path))
    account = AccountFacts(
        account_id="a",
        permitted_use=use,
        permitted_until=None if until is None else NOW + until,
        verification=verification,  # type: ignore[arg-type]
    )
    request = RequestFacts(arrived_at=NOW, request_id="1", account_id="a")
    projection = project(request, account, None)
    assert (projection.exempt, projection.permitted_use) == expected


@pytest.mark.parametrize(
    ("band", "probability", "rank"),
    [("", 0.0, 0), ("", 0.5, 1), ("watch", 0.0, 1), ("likely", 0.6, 2), ("watch", 0.99, 3),
     ("odd", 0.0, 3)],
)  # fmt: skip
def test_the_stricter_of_band_and_chance_counts(
    band: str, probability: float, rank: int, tmp_path: Path
) -> None:
    """Should a band or a chance be missing, the other counts; a band of another scan is strict."""
    campaign = CampaignStanding(campaign_id="C", probability=probability, band=band)  # type: ignore[arg-type]
    request = RequestFacts(arrived_at=NOW, request_id="1", account_id="a")
    projection = named_projector(load_world(tmp_path))(request, None, campaign)
    assert (projection.listed, projection.band) == (True, rank)
