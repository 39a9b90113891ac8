"""Sigma rules: parsed and judged by pySigma, converted by two backends."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from tests.intel.indicators import VALUES, bulletin, epoch_key

from cautery.intel.sigma_rules import CLEAR_FIELDS, MOST_VALUES, write_rules
from cautery.intel.template_sketches import LEAST_BANDS
from cautery.records.bulletin import Bulletin

pytest.importorskip("sigma.collection")
from sigma.backends.elasticsearch.elasticsearch_esql import ESQLBackend
from sigma.backends.splunk.splunk import SplunkBackend
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.processing.pipeline import ProcessingPipeline
from sigma.validation import SigmaValidator
from sigma.validators.core import validators

DOCS = Path(__file__).resolve().parents[2] / "docs"
FROM_THE_NET = ("attacktag", "d3_fendtag")
"""Validators that fetch lists of others when they run; the tags that they judge are not used."""
ONE_LABEL_OF = "tlpv1_tag"
"""A validator for labels of TLP 1; ours are of TLP 2, which has another validator."""


def text(made: Bulletin | None = None) -> str:
    """Write rules."""
    return write_rules(made or bulletin(clear_addresses=True)).decode("ascii")


def rules(made: Bulletin | None = None) -> list[dict[str, Any]]:
    """Read rules as plain YAML."""
    return [each for each in yaml.safe_load_all(text(made)) if each]


def named(end: str, made: Bulletin | None = None) -> dict[str, Any]:
    """The first campaign's rule of a name."""
    first = (made or bulletin()).campaigns[0].campaign_ref.rpartition("--")[2][:8]
    return next(rule for rule in rules(made) if rule["name"].endswith(f"_{first}_{end}"))


def test_pysigma_finds_no_fault() -> None:
    """Every validator that works without the network is content, TLP 2.0 included."""
    for tlp in ("clear", "amber+strict"):
        chosen = [
            kind for name, kind in validators.items() if name not in {*FROM_THE_NET, ONE_LABEL_OF}
        ]
        assert len(chosen) > 20
        collection = SigmaCollection.from_yaml(text(bulletin(tlp=tlp)))
        assert collection.errors == []
        # pySigma's annotation wants plain rules only; its validators take counting ones too.
        every: Any = iter(collection.rules)
        assert list(SigmaValidator(chosen).validate_rules(every)) == []


@pytest.mark.parametrize("backend", [SplunkBackend, ESQLBackend], ids=["splunk", "elasticsearch"])
def test_backends_convert_every_counting_rule(backend: type[Any]) -> None:
    """Each correlation rule becomes a query, with fields, values, windows and thresholds."""
    collection = SigmaCollection.from_yaml(text())
    counting = [rule for rule in collection.rules if isinstance(rule, SigmaCorrelationRule)]
    queries = backend().convert(collection)
    assert len(queries) == len(counting)
    whole = "\n".join(queries)
    assert {rule.type.name for rule in counting} == {"VALUE_COUNT", "EVENT_COUNT", "TEMPORAL"}
    for one in bulletin(clear_addresses=True).indicators:
        assert (one.value in whole) == (one.kind != "autonomous_system")
        assert all(band in whole for band in one.bands)
    assert "account_id" in whole
    assert "value_count >= 6" in whole


def test_accounts_on_one_payment() -> None:
    """Half of the source's accounts on one keyed payment within a week."""
    rule = named("payment_keyed_accounts")["correlation"]
    assert rule["type"] == "value_count"
    assert rule["group-by"] == ["keyed_payment"]
    assert rule["condition"] == {"field": "account_id", "gte": 6}
    base = named("payment_keyed_1")
    assert rule["rules"] == [base["name"]]
    payment = next(one for one in bulletin().indicators if one.kind == "payment")
    assert base["detection"]["selection"]["keyed_payment"] == [
        f"hmac-sha256:{payment.key_id}:{payment.value}"
    ]


def test_bands_of_templates() -> None:
    """A template is matched whole or by any of its bands, each with key and place."""
    detection = named("template_keyed_1")["detection"]
    bands = detection["selection_bands"]["template_bands"]
    assert detection["condition"] == "1 of selection_*"
    first = bulletin().campaigns[0].campaign_ref
    known = {
        band for one in bulletin().indicators if one.campaign_ref == first for band in one.bands
    }
    assert {band.rpartition(":")[2] for band in bands} == known
    assert len(bands) == len(set(bands)) > 16
    assert bands[0].startswith("labs/2026-10-26/")
    assert ":00:" in bands[0]
    assert "group-by" not in named("template_keyed_accounts")["correlation"]


def test_volume_of_one_account() -> None:
    """Half of the campaign's mean exchanges of an account in a day, and at least ten."""
    assert named("volume")["correlation"]["condition"] == {"gte": 10}
    made = bulletin()
    busy = replace(made.campaigns[0], exchanges=412 * 17 * 100)
    louder = replace(made, campaigns=(busy, *made.campaigns[1:]))
    assert named("volume", louder)["correlation"]["condition"] == {"gte": 50}
    assert named("volume")["correlation"]["group-by"] == ["account_id"]


def test_a_template_with_something_shared() -> None:
    """One account shows a template and a payment in a day; without both there is no such rule."""
    rule = named("together")["correlation"]
    assert rule["type"] == "temporal"
    assert [name.split("_")[-3] for name in rule["rules"]] == ["template", "payment"]
    made = bulletin()
    few = tuple(one for one in made.indicators if one.kind == "payment")
    assert not any(
        rule["name"].endswith("together") for rule in rules(replace(made, indicators=few))
    )


def test_what_is_left_out() -> None:
    """Autonomous systems and what was taken back have no rule."""
    made = bulletin(clear_addresses=True)
    assert "64500" not in text(made)
    assert "autonomous_system" not in CLEAR_FIELDS
    taken_back = tuple(replace(one, revoked=True) for one in made.indicators)
    assert rules(replace(made, indicators=taken_back)) == []


def test_many_values_are_several_rules() -> None:
    """No rule lists more values than a query language takes, and counting refers to all."""
    made = bulletin()
    row = next(one for one in made.indicators if one.kind == "payment")
    many = tuple(
        replace(row, indicator_id=f"indicator--{UUID(int=number)}", value=f"{number:064x}")
        for number in range(MOST_VALUES * 2 + 1)
    )
    found = rules(replace(made, indicators=many))
    sizes = [
        len(rule["detection"]["selection"]["keyed_payment"])
        for rule in found
        if "detection" in rule
    ]
    assert sizes == [MOST_VALUES, MOST_VALUES, 1]
    (counting,) = [rule for rule in found if rule["name"].endswith("_accounts")]
    assert len(counting["correlation"]["rules"]) == 3


def test_hostile_names_are_texts() -> None:
    """A provider's name is no syntax, whatever it holds."""
    name = 'a: "b"\n- &x *x !!python/object \U0001f600'
    found = rules(replace(bulletin(), provider=name))
    assert {rule["author"] for rule in found} == {name}


def test_every_rule_says_its_end() -> None:
    """Sigma has no end of a rule: it stands in words and under our own key."""
    for rule in rules():
        until = rule["cautery"]["valid_until"]
        assert f"Not to be used after {until[:10]}" in rule["description"]
        assert rule["level"] in {"low", "medium"}


def block_of_page(language: str) -> str:
    """The first block of a language in the format's page."""
    page = (DOCS / "reference/sharing/sigma.md").read_text(encoding="utf-8")
    return page.split(f"```{language}\n")[1].split("```")[0]


def test_the_pages_pipeline_maps_fields_to_the_guards_events() -> None:
    """The pipeline of the page turns fields into those of the guard's events, counted ones too."""
    pipeline = ProcessingPipeline.from_yaml(block_of_page("yaml"))
    queries = SplunkBackend(processing_pipeline=pipeline).convert(SigmaCollection.from_yaml(text()))
    whole = "\n".join(queries)
    assert "actor.user.uid" in whole
    assert "src_endpoint.ip" in whole
    assert "account_id" not in whole
    assert "client_address" not in whole


def test_the_pages_function_adds_what_rules_look_for() -> None:
    """What the page's function adds to an exchange is what the rules of a bulletin list."""
    space: dict[str, Any] = {}
    exec(block_of_page("python"), space)  # noqa: S102 - the page's own example
    exchange = {"client_address": VALUES["address"], "input_text": VALUES["template"]}
    account = {"email_domain": VALUES["email_domain"], "payment_fingerprint": VALUES["payment"]}
    space["add_keyed_fields"](exchange, account, epoch_key())
    whole = text(bulletin())
    for kind in ("address", "network", "email_domain", "payment"):
        assert f'- "{exchange[f"keyed_{kind}"]}"' in whole
    found = [band for band in exchange["template_bands"] if f'- "{band}"' in whole]
    assert len(found) >= LEAST_BANDS
