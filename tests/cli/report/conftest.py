"""What the tests of the verbs share: a disk that does not make them wait."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for the disk: what a crash leaves is tested with processes that are killed."""
    for name in ("fsync", "fdatasync"):
        monkeypatch.setattr(os, name, _done, raising=False)


def _done(descriptor: int) -> None:
    """Say that a file is on disk."""
