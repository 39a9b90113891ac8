"""A reading: what is known of logs that were read, besides their rows.

Readings add up, and can be kept as JSON: a scan that goes on from an earlier one needs what the
earlier one found without reading its logs again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from cautery.ingest.coverage import CoverageCounter
from cautery.ingest.findings import Findings
from cautery.ingest.rejects import RejectCounts
from cautery.records.case import InputFile

_COUNTERS: Final = ("rejected", "skipped", "unreadable", "without_zone")
_COUNTS: Final = ("accepted", "repaired", "hidden_keys")


@dataclass(slots=True, kw_only=True)
class Reading:
    """What the readers found in one or more logs."""

    files: list[InputFile] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    """The readers' counts, added up."""
    counter: CoverageCounter = field(default_factory=CoverageCounter)
    """What the rows carry."""
    rejects: RejectCounts = field(default_factory=RejectCounts)
    outside: int = 0
    """Exchanges outside the period."""
    hints: dict[str, str] = field(default_factory=dict)
    """Per format that was read, why it may hold no prompts."""
    time_zone: str = "UTC"
    """The zone that times without one were read in."""

    @property
    def judged(self) -> int:
        """Records that were exchanges, read or not."""
        return self.findings.accepted + self.findings.rejected.total()

    def add(self, other: Reading) -> None:
        """Add what was found in other logs.

        Args:
            other: Their reading.
        """
        self.files.extend(other.files)
        self.findings.add(other.findings)
        self.counter.merge(other.counter)
        self.rejects.merge(other.rejects)
        self.outside += other.outside
        self.hints.update(other.hints)
        self.time_zone = other.time_zone

    def document(self) -> dict[str, Any]:
        """Give the reading as objects that JSON can hold."""
        findings = self.findings
        return {
            "files": [
                {name: getattr(file, name) for name in file.__dataclass_fields__}
                for file in self.files
            ],
            "findings": {
                **{name: dict(getattr(findings, name)) for name in _COUNTERS},
                **{name: getattr(findings, name) for name in _COUNTS},
                "notes": list(findings.notes),
            },
            "coverage": self.counter.document(),
            "rejects": self.rejects.document(),
            "outside": self.outside,
            "hints": self.hints,
            "time_zone": self.time_zone,
        }

    @classmethod
    def of(cls, document: Any) -> Reading:
        """Read what ``document`` gave.

        Args:
            document: Decoded JSON.

        Returns:
            The reading.

        Raises:
            KeyError: Something is missing.
            TypeError: Something is of another kind.
            ValueError: The same.
        """
        found = document["findings"]
        findings = Findings(notes=list(found["notes"]))
        for name in _COUNTERS:
            setattr(findings, name, Counter(found[name]))
        for name in _COUNTS:
            setattr(findings, name, int(found[name]))
        return cls(
            files=[InputFile(**file) for file in document["files"]],
            findings=findings,
            counter=CoverageCounter.of(document["coverage"]),
            rejects=RejectCounts.of(document["rejects"]),
            outside=int(document["outside"]),
            hints=dict(document["hints"]),
            time_zone=str(document["time_zone"]),
        )
