"""The notebook of the documentation runs from beginning to end, and shows what it says it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from tests.report.page.pages import page_case

from cautery.report.results import write_results

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "docs" / "how-to" / "explore-a-case.ipynb"

RUN = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[2])
"""


def outputs(notebook: Any) -> list[Any]:
    """Collect what the cells of code showed."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [output for cell in cells for output in cell.outputs]


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Run the notebook beside a small case, in a process of its own."""
    folder = tmp_path_factory.mktemp("notebook")
    write_results(page_case(), folder / "cautery-demo" / "out")
    path = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    result = subprocess.run(
        [sys.executable, "-c", RUN, str(NOTEBOOK), "executed.ipynb"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path},
        check=False,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert result.returncode == 0, result.stderr
    return read(folder / "executed.ipynb")


def read(path: Path) -> Any:
    """Read a notebook."""
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def test_runs(executed: Any) -> None:
    """Each cell of code shows one thing, and three of them a picture."""
    shown = outputs(executed)
    assert [one.output_type for one in shown] == ["execute_result"] * 6
    assert ["text/html" in one.data for one in shown] == [True] * 3 + [False] * 3
    assert "30 accounts made" in shown[0].data["text/html"]
    assert "C-2026-0001" in shown[1].data["text/plain"]


def test_kept_outputs_are_those_of_the_demo() -> None:
    """What stands in the repository was run, whole, and names no place of the machine it ran on."""
    kept = read(NOTEBOOK)
    nbformat.validate(kept)
    assert [one.output_type for one in outputs(kept)] == ["execute_result"] * 6
    assert " exchanges that look like " in outputs(kept)[0].data["text/html"]
    assert re.search(r"/(tmp|home|root|work)\b", NOTEBOOK.read_text(encoding="utf-8")) is None
