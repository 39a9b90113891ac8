"""The STIX format: what is its own beyond the laws of the shelf."""

from __future__ import annotations

import io
import json

from tests.intel.indicators import bulletin

from cautery.intel.formats.stix import MEMBER


def test_it_writes_a_bundle() -> None:
    """A file is one bundle whose identifier follows from its objects."""
    stream = io.BytesIO()
    MEMBER.write(bulletin(), stream)
    bundle = json.loads(stream.getvalue())
    other = io.BytesIO()
    MEMBER.write(bulletin(tlp="green"), other)
    assert bundle["type"] == "bundle"
    assert bundle["id"] != json.loads(other.getvalue())["id"]
    assert MEMBER.ending == ".stix.json"


def test_campaigns_are_indicated() -> None:
    """What is read back says which campaign an indicator is of, and who said so."""
    stream = io.BytesIO()
    MEMBER.write(bulletin(), stream)
    found = MEMBER.read(stream.getvalue(), "x").indicators
    campaigns = {each.campaign_ref for each in bulletin().campaigns}
    assert {each.campaign_ref for each in found} <= campaigns
    assert {each.source for each in found} == {"Example AI"}
