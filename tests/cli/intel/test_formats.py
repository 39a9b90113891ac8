"""``cautery intel export`` and ``import`` in the other sharing formats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from pymisp import MISPEvent, MISPObject

from cautery.cli.main import run

ALL = ("--accounts", "accounts.jsonl", "--log", "log.jsonl", "--keys", "keys.json")


def intel(*words: str) -> int:
    """Run a verb of ``cautery intel``."""
    return run(["intel", *words])


def export(name: str, format_name: str) -> int:
    """Write the case for peers."""
    return intel("export", "out", "--provider", "Lab A", *ALL, "--format", format_name, "-o", name)


def kept(store: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """Show a store as records."""
    capsys.readouterr()
    assert intel("show", "--store", store, "--output-format", "json") == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_one_case_by_three_ways(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """STIX, MISP and CSV are recognised, and the store has the same indicators by each."""
    stores = []
    for name in ("stix", "misp", "csv"):
        assert export(f"file.{name}", name) == 0
        assert intel("import", f"file.{name}", "--peer", "Lab A", "--store", f"{name}.sqlite") == 0
        stores.append(kept(f"{name}.sqlite", capsys))
    assert len(stores[0]) > 10
    assert stores[0] == stores[1] == stores[2]


def test_no_customer_is_in_any_file(folder: Path) -> None:
    """No account, domain, payment, address or prompt of the log is in a file of any format."""
    rows = [json.loads(line) for line in Path("accounts.jsonl").read_text().splitlines()]
    columns = ("account_id", "org_id", "email_domain", "payment_fingerprint")
    secrets = {row.get(column) for row in rows for column in columns} - {None, ""}
    lines = [json.loads(line) for line in Path("log.jsonl").read_text().splitlines()]
    secrets |= {row.get("client_address") for row in lines} - {None}
    secrets |= {row["input_text"] for row in lines if row.get("input_text")}
    assert len(secrets) > 500
    for name in ("misp", "csv", "sigma"):
        assert export(f"file.{name}", name) == 0
        text = Path(f"file.{name}").read_text()
        assert [secret for secret in secrets if secret in text] == []


def test_templates_for_a_server(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The templates that the verb writes are those by which PyMISP reads the event."""
    assert intel("misp") == 0
    assert "definition.json" in capsys.readouterr().err
    assert export("file.json", "misp") == 0
    event = MISPEvent(strict_validation=True)
    event.load_file("file.json")
    for each in event.objects:
        known = MISPObject(each.name, strict=True, misp_objects_path_custom="misp-objects")
        assert known.template_uuid == each.template_uuid
    Path("taken").write_text("")
    assert intel("misp", "-o", "taken") == 3


def test_rules_are_written_and_not_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sigma rules go out; an import of them says which formats are read."""
    assert export("rules.yml", "sigma") == 0
    assert len(list(yaml.safe_load_all(Path("rules.yml").read_text()))) > 5
    assert intel("import", "rules.yml", "--peer", "Lab A", "--format", "sigma") == 2
    capsys.readouterr()
    assert intel("import", "rules.yml", "--peer", "Lab A") == 3
    assert "csv, misp, stix" in capsys.readouterr().err
    assert not Path("cautery-indicators.sqlite").exists()


@pytest.mark.parametrize("name", ["misp", "csv"])
def test_a_bad_file_leaves_nothing(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault in the last indicator of a file leaves no store behind."""
    assert export("file", name) == 0
    content = Path("file").read_text()
    head, _, tail = content.rpartition("2026-1")
    Path("file").write_text(f"{head}2026-9{tail}")
    capsys.readouterr()
    assert intel("import", "file", "--peer", "Lab A") == 3
    assert capsys.readouterr().err.startswith("error: ")
    assert not Path("cautery-indicators.sqlite").exists()
