"""The schema: parameters of packs join it, and its page shows it as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.policy.packs.shelf import pack_of

from cautery.errors import ConfigurationError
from cautery.policy.pack import Parameter
from cautery.policy.schema import base_schema, composed_schema, parameters_of

ROOT = Path(__file__).resolve().parents[2]


def test_parameters_become_settings() -> None:
    """Each parameter of a pack is an attribute of the settings, with its type and description."""
    text = composed_schema(base_schema(), parameters_of([pack_of("majority-ownership")]))
    assert '"most_restricted_basis_points": Long,' in text
    assert "// Largest share that owners from restricted regions may hold" in text


def test_one_name_means_one_kind_of_thing() -> None:
    """Two packs may share a parameter, but not mean different kinds of thing by it."""
    pack = pack_of("supported-regions")
    assert list(parameters_of([pack, pack])) == ["supported_regions"]
    flag = Parameter(kind="flag", description="x", example=True)
    other = replace(pack, name="other", parameters={"supported_regions": flag})
    with pytest.raises(ConfigurationError, match="supported_regions"):
        parameters_of([pack, other])


def test_its_page_shows_it() -> None:
    """The reference page has the schema word for word."""
    page = (ROOT / "docs" / "reference" / "policy-schema.md").read_text(encoding="utf-8")
    assert base_schema().strip() in page
