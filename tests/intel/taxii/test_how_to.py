"""The configuration that the documentation shows is right."""

from __future__ import annotations

import re
from pathlib import Path

from cautery.intel.taxii.configuration import check_configuration

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "run-a-sharing-server.md"


def test_the_shown_configuration_can_be_served_by(tmp_path: Path) -> None:
    """Whoever copies it has to add the files that it names, and nothing else."""
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "taxii.toml"
    path.write_text(text, encoding="utf-8")
    for name in ("server.pem", "server.key", "peers-ca.pem"):
        (tmp_path / name).write_text("", encoding="utf-8")
    configuration, faults = check_configuration(path)
    assert faults == ()
    assert configuration is not None
    assert configuration.address == ("0.0.0.0", 8443)  # noqa: S104 - as the page has it
    path.write_text(text.replace("ceiling", "cieling"), encoding="utf-8")
    where = str(path)
    shown = [str(fault).replace(where, "taxii.toml") for fault in check_configuration(path)[1]]
    page = PAGE.read_text(encoding="utf-8")
    assert shown == re.findall(r"^taxii\.toml:\d+: .*$", page, re.MULTILINE)
