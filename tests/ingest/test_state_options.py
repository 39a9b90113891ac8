"""Tests of how a state was read: which options bind it, and which do not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.reading import GOLDEN, NOW, exchanges, lines_of

from cautery.errors import ConfigurationError
from cautery.ingest.incremental import read_new_logs
from cautery.ingest.options import IngestOptions
from cautery.ingest.state import StateFolder
from cautery.records.progress import SilentProgress


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state that holds one log."""
    log = tmp_path / "a.jsonl"
    log.write_bytes(lines_of(exchanges(200)))
    (tmp_path / "work").mkdir()
    options = IngestOptions(logs=(str(log),), now=NOW)
    read_new_logs(options, tmp_path / "state", tmp_path / "work", SilentProgress())
    return tmp_path / "state"


def rows_of(folder: Path, options: IngestOptions) -> int:
    """Open a state and count what it holds."""
    opened = StateFolder(folder, options)
    opened.close()
    return opened.rows


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("format", {"format": "litellm"}),
        ("time_zone", {"time_zone": "Europe/Berlin"}),
        ("time_unit", {"time_unit": "ms"}),
        ("account_field", {"account_field": "user.id"}),
        ("client_address_field", {"client_address_field": "ip"}),
        ("trusted_proxies", {"trusted_proxies": ("10.0.0.3",)}),
        ("columns", {"columns": frozenset({"account_id"})}),
        ("sample_text", {"sample_text": True}),
        ("drop_text", {"drop_text": True}),
        ("mapping", {"mapping": GOLDEN / "mapped" / "map.toml"}),
    ],
)
def test_other_options(state: Path, name: str, changes: dict[str, Any]) -> None:
    """Logs that were read in two ways do not go together; the option is named."""
    options = IngestOptions(logs=("a.jsonl",), now=NOW, **changes)
    with pytest.raises(ConfigurationError, match=rf"other options: {name}\.") as caught:
        rows_of(state, options)
    assert "the same options" in caught.value.hint


def test_options_that_read_nothing_differently(state: Path) -> None:
    """Which logs, how many bad lines and the clock do not matter; nor does the order of a set."""
    options = IngestOptions(logs=("b.jsonl", "c.jsonl"), max_bad_share=0.5)
    assert rows_of(state, options) == 200


def test_columns_are_known_by_their_names(state: Path, tmp_path: Path) -> None:
    """The same columns go on, whatever order a set has; one more is another way of reading."""
    names = ["account_id", "time_start", "client_address", "input_text"]
    options = IngestOptions(logs=(str(tmp_path / "a.jsonl"),), now=NOW, columns=frozenset(names))
    read_new_logs(options, tmp_path / "new", tmp_path / "work", SilentProgress())
    same = IngestOptions(logs=("b.jsonl",), columns=frozenset(reversed(names)))
    assert rows_of(tmp_path / "new", same) == 200
    more = IngestOptions(logs=("b.jsonl",), columns=frozenset([*names, "seed"]))
    with pytest.raises(ConfigurationError, match="other options: columns"):
        rows_of(tmp_path / "new", more)


def test_a_mapping_is_known_by_what_it_says(tmp_path: Path) -> None:
    """A mapping file may move, but what it says must stay while there are reads."""
    mapping = tmp_path / "map.toml"
    mapping.write_bytes((GOLDEN / "mapped" / "map.toml").read_bytes())
    log = tmp_path / "a.jsonl"
    log.write_bytes((GOLDEN / "mapped" / "in.jsonl").read_bytes())
    (tmp_path / "work").mkdir()

    def options() -> IngestOptions:
        return IngestOptions(logs=(str(log),), now=NOW, mapping=mapping, max_bad_share=1.0)

    state = tmp_path / "state"
    read_new_logs(options(), state, tmp_path / "work", SilentProgress())
    mapping = mapping.rename(tmp_path / "moved.toml")
    assert rows_of(state, options()) == 2
    mapping.write_bytes(mapping.read_bytes() + b"\n[tokens]\n")
    with pytest.raises(ConfigurationError, match="other options: mapping"):
        rows_of(state, options())


def test_options_bind_from_the_first_log_on(tmp_path: Path) -> None:
    """A state that holds nothing yet takes the options of whoever fills it."""
    rows_of(tmp_path / "state", IngestOptions(logs=("a.jsonl",), format="litellm"))
    assert rows_of(tmp_path / "state", IngestOptions(logs=("a.jsonl",))) == 0
    document = json.loads((tmp_path / "state" / "state.json").read_bytes())
    assert document["options"]["format"] == "auto"
