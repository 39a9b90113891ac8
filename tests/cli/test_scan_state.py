"""Names of campaigns in a state folder: kept, found again, and refused when damaged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.report.cases import example_case

from cautery.cli.scan_request import ScanRequest
from cautery.cli.scan_run import _interrupted
from cautery.cli.scan_state import NAMES_FILE, continued_case, keep_names
from cautery.errors import ConfigurationError, OutputError
from cautery.ingest.options import IngestOptions

CASE = replace(example_case(), permitted_groups=(), accounts=())


def test_round_trip(tmp_path: Path) -> None:
    """A second scan of the same campaigns, in another order, finds their names."""
    found, names = continued_case(CASE, tmp_path)
    assert found == CASE
    keep_names(tmp_path, names)
    first, second, *rest = CASE.campaigns
    swapped = replace(
        CASE,
        campaigns=(
            replace(second, campaign_id=first.campaign_id),
            replace(first, campaign_id=second.campaign_id),
            *rest,
        ),
        operators=(),
        accounts=(),
    )
    again, _after = continued_case(swapped, tmp_path)
    held = {member.account_id: c.campaign_id for c in again.campaigns for member in c.members}
    wanted = {member.account_id: c.campaign_id for c in CASE.campaigns for member in c.members}
    assert held == wanted


@pytest.mark.parametrize(
    "content", ["{", "[]", "{}", '{"schema": "cautery.names/2"}', '{"schema": "cautery.names/1"}']
)
def test_damaged_names(tmp_path: Path, content: str) -> None:
    """Damaged names are refused with the way out: campaigns must not change names in silence."""
    (tmp_path / NAMES_FILE).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="damaged") as raised:
        continued_case(CASE, tmp_path)
    assert "numbered anew" in raised.value.hint


def test_names_that_cannot_be_written(tmp_path: Path) -> None:
    """A state that is gone is an error of output."""
    _case, names = continued_case(CASE, tmp_path)
    with pytest.raises(OutputError):
        keep_names(tmp_path / "gone", names)


def test_an_interruption_says_what_is_kept(tmp_path: Path) -> None:
    """With a state, the last words say that the same command goes on."""
    request = ScanRequest(options=IngestOptions(logs=("a",)), output_folder=tmp_path)
    assert "kept" not in _interrupted(request)
    assert "the same command goes on" in _interrupted(replace(request, state_folder=tmp_path))
