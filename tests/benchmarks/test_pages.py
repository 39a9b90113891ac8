"""Pages agree with the committed results, and the diagram says in words what it draws."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from benchmarks.markdown import table
from benchmarks.page_tables import NOT_MEASURED, TABLES
from benchmarks.reliability_diagram import Point, diagram, points_of
from benchmarks.results_file import ROOT, ResultsFile, read_rows

from benchmarks import early_alert, early_oracle, page_tables, pages


def test_pages_agree_with_the_committed_results() -> None:
    """Nobody edits a figure by hand: ``python benchmarks/pages.py`` writes them."""
    assert pages.main(["--check"]) == 0


def test_every_table_stands_on_a_page() -> None:
    """Each table is shown somewhere, and no page asks for one that is not there."""
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").rglob("*.md"))
    assert set(re.findall(r"<!-- table: ([^>]+?) -->", text)) == set(TABLES)


def test_an_edited_figure_is_noticed() -> None:
    """Whatever stands between the markers is replaced, and the rest is not touched."""
    page = "# A\n\n<!-- table: coordination -->\nmade up\n<!-- end of table -->\n\nAfter.\n"
    written = pages.with_tables(page)
    assert "made up" not in written
    assert "CooRTweet" in written
    assert written.startswith("# A\n\n<!-- table: coordination -->\n")
    assert written.endswith("<!-- end of table -->\n\nAfter.\n")
    assert pages.with_tables(written) == written


def test_a_marker_without_a_table_is_an_error() -> None:
    """A misspelt name does not leave the page as it is."""
    with pytest.raises(KeyError):
        pages.with_tables("<!-- table: no such -->\n<!-- end of table -->")


def test_what_was_not_measured_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without results every table stands, and none holds a figure."""
    monkeypatch.setattr(page_tables, "RESULTS_FOLDER", tmp_path)
    assert NOT_MEASURED in "".join(TABLES["missing-columns simulate"]())
    assert NOT_MEASURED in "".join(TABLES["subsets"]())
    assert TABLES["provenance tiers"]() == [f"*`tiers.jsonl`: {NOT_MEASURED}.*"]
    assert len(TABLES["tiers"]()) == 2


def test_bars_in_a_cell_are_escaped() -> None:
    """A class or message with a bar does not open a column."""
    assert table(["a"], [["x|y"]])[-1] == r"| x\|y |"


def bins(count: int, claimed: float, true: float) -> dict[str, Any]:
    names = ("low", "high", "count", "mean_probability", "observed_share")
    return {"bins": [dict(zip(names, (0.9, 1.0, count, claimed, true), strict=True))]}


def test_points_pool_several_logs() -> None:
    """Two logs of one bin are one point between them, with its interval around the share."""
    (point,) = points_of([bins(30, 0.92, 1.0), bins(10, 0.96, 0.6)])
    assert point.count == 40
    assert point.claimed == pytest.approx(0.93)
    assert point.true == pytest.approx(0.9)
    assert point.low < 0.9 < point.high


def test_the_diagram_is_a_document_with_words() -> None:
    """It parses, names title and description, and draws the point above the diagonal above it."""
    point = Point(claimed=0.5, true=0.75, low=0.7, high=0.8, count=100)
    root = ET.fromstring(diagram([point], "one log"))  # noqa: S314, our own text
    space = "{http://www.w3.org/2000/svg}"
    assert root.attrib["role"] == "img"
    description = root.findtext(f"{space}desc") or ""
    assert "claimed 0.500, true 0.750 (100 accounts)" in description
    circle = root.find(f"{space}circle")
    assert circle is not None
    assert float(circle.attrib["cx"]) == pytest.approx(224.0)
    assert float(circle.attrib["cy"]) == pytest.approx(104.0)
    assert "prefers-color-scheme: dark" in (root.findtext(f"{space}style") or "")


def campaign(served: float, days: float | None, exchanges: int) -> dict[str, Any]:
    return {
        "campaign": "c",
        "exchanges": exchanges,
        "harvest_exchanges": exchanges // 2,
        "days_to_alert": days,
        "served": served,
        "served_harvest": served,
        "served_by_account": 1.0,
    }


def test_early_alerts_are_weighted_by_exchanges() -> None:
    """A large campaign counts more; one that was never alerted was served whole."""
    found = [campaign(0.1, 1.0, 900), campaign(1.0, None, 100)]
    rows = [{"tier": "hydra", "seed": 31, "exit": 0, "campaigns": found, "false_alerts": 2}]
    line = early_alert.table_lines(rows)[-1]
    assert line == "| hydra | 31 | 1 of 2 | 1.0 to 1.0 | 19.0% | 100.0% | 19.0% | 100.0% | 2 |"


def test_a_log_without_campaigns_has_no_delay() -> None:
    """The tier without an attack shows its false alerts alone."""
    rows = [{"tier": "none", "seed": 31, "exit": 0, "campaigns": [], "false_alerts": 0}]
    assert early_alert.table_lines(rows)[-1].startswith("| none | 31 | 0 of 0 | - | - | - |")


def test_what_the_truth_would_link_stands_beside_what_was_linked() -> None:
    """One line a campaign, and one for all that counts large campaigns more."""
    shares = [(0.1, 0.5, 0.2, 900), (0.0, 1.0, 0.0, 100)]
    found = [
        {
            "campaign": f"c{place}",
            "exchanges": exchanges,
            "first_day": first,
            "scanned": scanned,
            "linked_by_truth": true,
        }
        for place, (first, scanned, true, exchanges) in enumerate(shares)
    ]
    lines = early_oracle.table_lines([{"tier": "hydra", "seed": 1, "campaigns": found}])
    assert lines[2:] == [
        "| hydra | 1 | c0 | 10% | 50% | 20% |",
        "| hydra | 1 | c1 | 0% | 100% | 0% |",
        "| all |  |  | 9.0% | 55.0% | 18.0% |",
    ]


def test_rows_of_other_code_are_measured_again(tmp_path: Path) -> None:
    """The same code is known, other code is not unless asked, and a row without code is known."""
    path = tmp_path / "rows.jsonl"
    ResultsFile(path, ["key"]).add({"key": 1, "value": "now"})
    with path.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({"key": 2, "code": "before"}) + "\n")
        stream.write(json.dumps({"key": 3}) + "\n")
    results = ResultsFile(path, ["key"])
    assert (results.known([1]) or {})["value"] == "now"
    assert results.known([2]) is None
    assert results.known([3]) is not None
    assert ResultsFile(path, ["key"], any_code=True).known([2]) is not None


def test_a_newer_row_takes_the_place_of_an_older(tmp_path: Path) -> None:
    """The file keeps every line while a run lasts, and one line a measurement afterwards."""
    path = tmp_path / "rows.jsonl"
    results = ResultsFile(path, ["key"])
    for value in ("first", "second"):
        results.add({"key": 1, "value": value})
    assert len(read_rows(path)) == 2
    results.tidy()
    assert [row["value"] for row in read_rows(path)] == ["second"]
