"""Tests of mapping files."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.ingest.reading import GOLDEN

from cautery.errors import ConfigurationError
from cautery.ingest.mapping import load_mapping, parse_mapping


def test_golden_mapping() -> None:
    """The golden mapping holds paths, constants, time and token conventions."""
    mapping = load_mapping(GOLDEN / "mapped" / "map.toml")
    assert mapping.paths["account_id"] == ("key.org", "key.hash")
    assert mapping.constants == {"provider": "mygate"}
    assert (mapping.time_unit, mapping.time_zone, mapping.input_excludes_cached) == ("ms", "", True)


def test_all_faults_are_named_at_once() -> None:
    """Every fault of a mapping stands in one message, with the nearest column."""
    document = {
        "map": {"acount_id": "a", "input_text": 7, "output_text": [], "system_text": "a." * 501},
        "constant": {"provider": [1], "messages": "x", "nonsense": 1},
        "time": {"unit": "hours", "zone": 1},
        "tokens": {"input_excludes_cached": "yes"},
        "maps": {},
    }
    with pytest.raises(ConfigurationError) as caught:
        parse_mapping(document, "m.toml")
    text = str(caught.value)
    for fault in (
        "m.toml: unknown section [maps]",
        "unknown column 'acount_id' (did you mean account_id?)",
        "[map] input_text must be a path",
        "[map] output_text must be a path",
        "[map] system_text is longer than 1,000 characters",
        "[constant] provider must be",
        "[constant] messages cannot be a constant",
        "[constant] unknown column 'nonsense'",
        "[time] unit must be one of",
        "[time] zone must be",
        "input_excludes_cached must be true or false",
        "[map] needs time_start",
        "[map] needs account_id, or key_id or client_address",
    ):
        assert fault in text


def test_sections_must_be_tables() -> None:
    """A section that is no table is a fault and not a crash."""
    with pytest.raises(ConfigurationError, match=r"\[map\] must be a table"):
        parse_mapping({"map": 7}, "m.toml")


@pytest.mark.parametrize("data", [b"[map", b"\xff\xfe"])
def test_no_toml(tmp_path: Path, data: bytes) -> None:
    """A file that is no TOML is named."""
    path = tmp_path / "m.toml"
    path.write_bytes(data)
    with pytest.raises(ConfigurationError, match=r"m\.toml: not a TOML file"):
        load_mapping(path)


def test_no_file(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(ConfigurationError, match="cannot read the mapping file"):
        load_mapping(tmp_path / "none.toml")
