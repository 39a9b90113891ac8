"""Words of our own: the same that scans give, and nothing else gets through."""

from __future__ import annotations

from dataclasses import replace

from tests.report.campaigns import campaign

from cautery.intel import wording
from cautery.scan.portrait import CAPABILITIES, OTHER, SHARED_KINDS, UNKNOWN


def test_words_are_those_of_the_scan() -> None:
    """A new capability or kind of infrastructure in the scan is added to what may leave."""
    assert {name for name, _intent in CAPABILITIES} | {OTHER, UNKNOWN} == wording.CAPABILITIES
    assert {name for _link, name in SHARED_KINDS} == wording.INFRASTRUCTURE


def test_other_words_are_replaced() -> None:
    """What is no word of ours becomes one."""
    assert wording.capability_name("acct_17's homework") == "other"
    assert wording.operator_name("Evil Corp", "C-2026-0001") == "operator of C-2026-0001"
    assert wording.score_method("<b>", "1.0") == "calibration not stated; weights 1.0"
    odd = replace(campaign(), daily_exchanges=(("acct", 1), ("2026-10-03", 2)))
    assert wording.days_of(odd) == (("2026-10-03", 2),)
    strange = replace(campaign(), capabilities=(("a", 0.7), ("b", 0.7), ("code", 0.1)))
    assert wording.capabilities_of(strange) == (("other", 1.0), ("code", 0.1))


def test_rows_of_the_waterfall_lose_their_words() -> None:
    """Only names of signals and bits are left, of rows that say something."""
    rows = campaign().weights
    odd = replace(campaign(), weights=(*rows, replace(rows[0], signal="x'); DROP")))
    made = wording.weights_of(odd)
    assert [row.signal for row in made] == [row.signal for row in rows if row.available]
