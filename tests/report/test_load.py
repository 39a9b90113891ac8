"""A case is read back as it was written, and a damaged one says so."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.report.cases import crowded_case, empty_case, example_case
from tests.report.hostile import HOSTILE, case_with_text

from cautery.errors import CauteryError, MalformedFileError, NoInputError
from cautery.records.case import EmbeddingUse
from cautery.report import load
from cautery.report.load import read_case
from cautery.report.results import write_results

if TYPE_CHECKING:
    from pathlib import Path

    from cautery.records.case import Case


@pytest.mark.parametrize("case", [example_case(), empty_case(), crowded_case()])
def test_round_trip(tmp_path: Path, case: Case) -> None:
    """What was written is what is read, accounts included."""
    write_results(case, tmp_path)
    assert read_case(tmp_path) == case


def test_embedding_comes_back(tmp_path: Path) -> None:
    """Which embedding was used is part of the case."""
    use = EmbeddingUse(sha256="c" * 64, tokens=3, dimensions=16, exchanges=7)
    case = replace(example_case(), embedding=use)
    write_results(case, tmp_path)
    assert read_case(tmp_path) == case


@pytest.mark.parametrize("text", [text for text in HOSTILE if "\ud800" not in text])
def test_hostile_texts_come_back(tmp_path: Path, text: str) -> None:
    """Escapes are undone: programs see what the attacker wrote."""
    case = case_with_text(text)
    write_results(case, tmp_path)
    assert read_case(tmp_path) == case


@pytest.mark.parametrize("bits", ["1e308", "-1e7", "1e400"])
def test_weights_beyond_all_evidence(tmp_path: Path, bits: str) -> None:
    """A weight that nothing can add up is a damaged file, and no crash."""
    write_results(example_case(), tmp_path)
    path = tmp_path / "case.json"
    path.write_text(path.read_text().replace('"bits":6.9', f'"bits":{bits}', 1))
    with pytest.raises(MalformedFileError, match=r"case\.json: (a weight|this is not)"):
        read_case(tmp_path)


def test_missing_folder(tmp_path: Path) -> None:
    """A folder without results is named, with what to do."""
    with pytest.raises(NoInputError, match=r"no results of a scan here.*Name the folder"):
        read_case(tmp_path)


def test_missing_accounts(tmp_path: Path) -> None:
    """The account list belongs to the case."""
    write_results(example_case(), tmp_path)
    (tmp_path / "accounts.csv").unlink()
    with pytest.raises(NoInputError, match=r"accounts\.csv"):
        read_case(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a case"),
        (b"\xff\xfe", "not a case"),
        (b"[]", "not a case"),
        (b'{"schema": "cautery.case/2"}', "schema is cautery.case/2, this version reads"),
        (b'{"schema": "other\\u001b[2J"}', "schema is not cautery.case/1"),
        (b'{"schema": "cautery.case/1"}', "not a whole case"),
        (b'{"schema": "cautery.case/1", "tool": ' + b"[" * 100_000, "not a case"),
    ],
)
def test_damaged_cases(tmp_path: Path, content: bytes, message: str) -> None:
    """Whatever the bytes, the error names the file and what is wrong with it."""
    write_results(example_case(), tmp_path)
    (tmp_path / "case.json").write_bytes(content)
    with pytest.raises(MalformedFileError, match=message) as caught:
        read_case(tmp_path)
    assert caught.value.where.endswith("case.json")


@pytest.mark.parametrize(
    "rows",
    [
        "",
        "account_id\nx\n",
        "HEADER\nx,y\n",
        "HEADER\na,C,O,zero,0,,0,,1,1,,,\n",
        "HEADER\na,C,O,0,0,,0,certain,1,1,,,\n",
        'HEADER\n"a,C,O\n',
    ],
)
def test_damaged_account_lists(tmp_path: Path, rows: str) -> None:
    """A list with other columns, missing cells or impossible values is refused."""
    write_results(example_case(), tmp_path)
    path = tmp_path / "accounts.csv"
    header = path.read_text().splitlines()[0]
    path.write_text(rows.replace("HEADER", header))
    with pytest.raises(MalformedFileError):
        read_case(tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
def test_any_damage_is_an_error_of_the_tree(tmp_path: Path, data: st.DataObject) -> None:
    """Cut or changed bytes give a case or a clear error, and no traceback."""
    for path in tmp_path.iterdir():
        path.unlink()
    write_results(example_case(), tmp_path)
    path = tmp_path / data.draw(st.sampled_from(["case.json", "accounts.csv"]))
    content = bytearray(path.read_bytes())
    position = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        del content[position:]
    else:
        content[position] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(content))
    with contextlib.suppress(CauteryError):
        assert read_case(tmp_path).schema == example_case().schema


def test_size_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that would fill the memory is refused unread."""
    write_results(example_case(), tmp_path)
    monkeypatch.setattr(load, "MAX_FILE_BYTES", 1000)
    with pytest.raises(MalformedFileError, match="more than the 1,000"):
        read_case(tmp_path)


def test_document_is_plain_json_without_accounts(tmp_path: Path) -> None:
    """Any JSON parser reads it; accounts stand in their own file, members inside campaigns."""
    write_results(example_case(), tmp_path)
    document = json.loads((tmp_path / "case.json").read_text(encoding="utf-8"))
    assert "accounts" not in document
    assert document["campaigns"][0]["members"][0]["account_id"] == "acct_0001"
