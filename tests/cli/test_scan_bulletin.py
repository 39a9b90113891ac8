"""The bundle of a scan: for one's own tools, without a value, never over somebody else's file."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from stix2validator import ValidationOptions, validate_string
from tests.report.cases import example_case

from cautery.cli.scan_bulletin import FILE_NAME, check_bundle_place, write_bundle_file
from cautery.errors import OutputError
from cautery.intel.tlp import MARKINGS


def test_it_has_numbers_and_no_values(tmp_path: Path) -> None:
    """Every listed campaign is there, for one's own organisation, and no indicator."""
    assert write_bundle_file(example_case(), tmp_path) == FILE_NAME
    text = (tmp_path / FILE_NAME).read_text()
    assert validate_string(text, ValidationOptions(version="2.1")).is_valid
    objects = json.loads(text)["objects"]
    campaigns = [each for each in objects if each["type"] == "campaign"]
    assert len(campaigns) == len(example_case().campaigns)
    assert {tuple(each["object_marking_refs"]) for each in campaigns} == {
        (MARKINGS["amber+strict"],)
    }
    assert [each for each in objects if each["type"] == "indicator"] == []
    members = {one.account_id for each in example_case().campaigns for one in each.members}
    assert members
    assert [name for name in sorted(members) if name in text] == []


def test_another_file_stays(tmp_path: Path) -> None:
    """A file of that name that is no bundle is not overwritten; an earlier bundle may be."""
    check_bundle_place(tmp_path / "nowhere")
    write_bundle_file(example_case(), tmp_path)
    check_bundle_place(tmp_path)
    (tmp_path / FILE_NAME).write_text("my notes")
    with pytest.raises(OutputError, match="would be overwritten"):
        check_bundle_place(tmp_path)


def test_what_is_no_file_is_told_before_the_scan(tmp_path: Path) -> None:
    """A pipe of that name blocks nobody, and is no place for a result."""
    os.mkfifo(tmp_path / FILE_NAME)
    with pytest.raises(OutputError, match="cannot look at it: it is a pipe, not a file"):
        check_bundle_place(tmp_path)
