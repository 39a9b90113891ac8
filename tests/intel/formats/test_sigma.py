"""The Sigma format: what is its own beyond the laws of the shelf."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import yaml
from tests.intel.indicators import bulletin

from cautery.errors import UsageError
from cautery.intel.formats.sigma import MEMBER


def test_it_writes_documents() -> None:
    """A file is a document a rule, each with an identifier of its own."""
    stream = io.BytesIO()
    MEMBER.write(bulletin(), stream)
    rules = list(yaml.safe_load_all(stream.getvalue()))
    assert len({rule["id"] for rule in rules}) == len(rules) > 10
    assert MEMBER.ending == ".sigma.yml"
    assert not MEMBER.recognises(stream.getvalue())


def test_no_campaign_no_rule() -> None:
    """An empty bulletin is a file without a rule."""
    stream = io.BytesIO()
    MEMBER.write(replace(bulletin(), campaigns=(), indicators=()), stream)
    assert [each for each in yaml.safe_load_all(stream.getvalue()) if each] == []


def test_it_is_not_read() -> None:
    """Whoever tries to import rules is told what to ask for."""
    with pytest.raises(UsageError, match="only written"):
        MEMBER.read(b"title: x", "x")
