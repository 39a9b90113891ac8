"""Steps tell whoever waits for a scan how much of it is left."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.scan.scanning import attacked, scanned
from tests.scan.small_logs import SmallLog, exchange

from cautery.registry import LINKS, SIGNALS
from cautery.scan.steps import (
    CANDIDATES,
    FACTS,
    FINDINGS,
    OTHERS,
    SETTLING,
    SHARES,
    Steps,
    share_of,
)


@dataclass
class Heard:
    """What somebody who waits was told: total and parts of each phase."""

    phases: dict[str, tuple[int | None, str, list[int]]] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)

    def start(self, phase: str, total: int | None, unit: str) -> None:
        """Begin a phase."""
        self.phases[phase] = (total, unit, [])

    def advance(self, amount: int) -> None:
        """Note a part of the phase that began last."""
        list(self.phases.values())[-1][2].append(amount)

    def finish(self, summary: str) -> None:
        """Note the end."""
        self.ended.append(summary)


@pytest.mark.parametrize(
    "log",
    [attacked(), SmallLog(exchanges=(exchange("one"), exchange("two")))],
    ids=["all columns", "hardly any"],
)
def test_the_steps_of_a_scan_add_up(tmp_path: Path, log: SmallLog) -> None:
    """Both phases are told to their end, whatever the log lacks, and no step twice."""
    heard = Heard()
    scanned(tmp_path / "scan", log, progress=heard)
    assert list(heard.phases) == ["linking", "scoring"]
    for total, unit, parts in heard.phases.values():
        assert (sum(parts), unit) == (total, "")
    assert len(heard.phases["linking"][2]) == len(LINKS.names()) + 2
    assert len(heard.phases["scoring"][2]) == len(SIGNALS.names()) + 2
    assert [words.split()[-1] for words in heard.ended] == ["links", "groups"]


def test_every_share_is_of_a_step() -> None:
    """A share that was measured belongs to a step, link or signal that is there."""
    named = {FACTS, CANDIDATES, SETTLING, FINDINGS, *LINKS.names(), *SIGNALS.names()}
    assert set(SHARES) <= named
    assert all(share > OTHERS for share in SHARES.values())


def test_a_signal_from_elsewhere_has_a_share() -> None:
    """A link or signal of another package counts as one that takes little."""
    heard = Heard()
    steps = Steps(heard, "scoring", (SETTLING, "somebody's own"))
    steps.done("somebody's own")
    assert heard.phases["scoring"] == (share_of(SETTLING) + OTHERS, "", [OTHERS])
