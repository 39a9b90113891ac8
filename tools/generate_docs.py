"""Writes the pages that follow from the code, so that they cannot fall behind it.

Run by ``make docs``; with ``--check`` (in ``make test``) it only says what is out of date.
Generated: the command line from the real ``--help``, the tables' columns from the records, the
guard's configuration and metrics, each
shelf's index from its members, and the shelves' part of the navigation from the folders.
"""

from __future__ import annotations

import ast
import difflib
import io
import json
import re
import sys
from dataclasses import MISSING, fields
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from cyclopts import App
from rich.console import Console

from cautery.cli.main import VERBS, make_app
from cautery.guard.configuration_sections import REPEATED, SECTIONS
from cautery.guard.deciding_service.openapi import openapi_document
from cautery.guard.metric_list import METRICS, PREFIX
from cautery.intel.taxii import configuration_sections as taxii_sections
from cautery.ports import Enforcer
from cautery.records.account import ACCOUNT_COLUMNS, RELEASE_COLUMNS
from cautery.records.decision import ACTIONS, Action
from cautery.records.exchange import (
    EXCHANGE_COLUMNS,
    SKETCH_COLUMNS,
    SOURCE_COLUMNS,
    TEXT_COLUMNS,
    Column,
)
from cautery.registry import ADAPTERS, SHELVES, Shelf

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
HELP_COLUMNS = 92
NOTE = "<!-- Written by tools/generate_docs.py (make docs): do not edit. -->"

SHELF_WORDS = {
    "formats": (
        "Log formats",
        "What `cautery scan` and `cautery ingest` can read. `--format auto` (the default) looks at "
        "the first lines of each file; `--format NAME` decides. "
        "Yours is not here? [Write a mapping](../../how-to/map-a-log.md) or "
        "[add a log format](../../how-to/add-a-log-format.md).",
    ),
    "signals": (
        "Signals",
        "A signal judges a property of a group of linked accounts, in bits for or against. One "
        "that the log cannot feed is *not in this log*: absent is never clean. "
        "[Add a signal](../../how-to/add-a-signal.md).",
    ),
    "links": (
        "Links",
        "A link is a reason to think that two accounts have one owner. "
        "[How linking works](../../explanation/how-linking-works.md) tells how they are weighed; "
        "[add a link](../../how-to/add-a-link.md).",
    ),
    "engines": (
        "Engines",
        "What holds the exchanges of a scan: `cautery scan --engine NAME`. The result is the same, "
        "to the last row.",
    ),
    "reports": ("Report formats", "How a case is written for people and for programs."),
    "attacks": (
        "Attack tiers",
        "Labelled traffic that `cautery simulate` writes, from loud to hard to see.",
    ),
    "schemes": (
        "Watermark schemes",
        "What an engine does to its choice of words, and how its mark is verified: "
        "`scheme` in a profile.",
    ),
    "packs": (
        "Policy packs",
        "Rules that come with cautery, named in `packs` of a "
        "[`policy.toml`](../policy-files.md). **None of them is legal advice.** Each has allow and "
        "deny cases beside it. [Write a policy](../../how-to/write-a-policy.md).",
    ),
    "probes": (
        "Probes",
        "Tests that are run on a suspect model. A probe says what it does not show. "
        "[Test a suspect model](../../how-to/test-a-suspect-model.md).",
    ),
    "adapters": (
        "Enforcement adapters",
        "Where the guard's decisions are carried out. "
        "[Put a guard in front](../../how-to/put-a-guard-in-front.md), or "
        "[run a decision service](../../how-to/run-a-decision-service.md); or put it inside "
        "[LiteLLM](../../how-to/guard-inside-litellm.md), "
        "[FastAPI](../../how-to/guard-inside-fastapi.md) or "
        "[vLLM](../../how-to/guard-inside-vllm.md).",
    ),
    "defences": (
        "Defences",
        "What makes an answer a worse lesson, by risk tier. **None is called effective unless an "
        "adaptive student shows it**: [what a defence can do](../../explanation/resist.md). "
        "[Choose a defence](../../how-to/choose-a-defence.md).",
    ),
    "sharing": (
        "Sharing formats",
        "How peers are told of campaigns, and how their indicators are read: `cautery intel export "
        "--format NAME` and `cautery intel import`. "
        "[Share a campaign](../../how-to/share-a-campaign.md).",
    ),
}


def main() -> int:
    """Write the pages, or check them.

    Returns:
        1 if ``--check`` finds a page out of date.
    """
    check = "--check" in sys.argv[1:]
    stale = 0
    for path, text in pages():
        old = path.read_text(encoding="utf-8") if path.is_file() else ""
        if old == text:
            continue
        stale += 1
        if check:
            sys.stdout.writelines(
                difflib.unified_diff(
                    old.splitlines(keepends=True),
                    text.splitlines(keepends=True),
                    str(path.relative_to(ROOT)),
                    "from the code",
                )
            )
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    if check and stale:
        print(f"{stale} pages are out of date: run `make docs` and commit what it writes.")
    return int(check and stale > 0)


def pages() -> Iterator[tuple[Path, str]]:
    """Yield each generated file with its text."""
    yield REFERENCE / "cli.md", cli_page()
    yield REFERENCE / "exchange-table.md", exchange_page()
    yield REFERENCE / "account-table.md", account_page()
    yield REFERENCE / "guard-configuration.md", guard_configuration_page()
    yield REFERENCE / "guard-metrics.md", guard_metrics_page()
    yield REFERENCE / "taxii-server-configuration.md", sharing_server_page()
    yield REFERENCE / "decision-service-api.md", decision_service_page()
    for shelf in SHELVES:
        yield REFERENCE / shelf.kind / "index.md", shelf_page(shelf)
    yield ROOT / "mkdocs.yml", navigation((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))


def cli_page() -> str:
    """Show the help of every verb as it prints."""
    parts = [
        "# Command line",
        NOTE,
        "What each verb says about itself. [Exit codes](exit-codes.md) are the same for all.",
        help_block([]),
    ]
    for verb in VERBS:
        for words in verbs_below([verb]):
            marks = "#" * min(len(words) + 1, 4)
            parts += [f"{marks} cautery {' '.join(words)}", help_block(words)]
    return "\n\n".join(parts) + "\n"


def verbs_below(words: list[str]) -> Iterator[list[str]]:
    """Yield a verb and those below it at any depth, such as ``watermark keys init``."""
    yield words
    below: App = make_app()
    for word in words:
        below = below[word]
    for name in sorted(below):
        if not name.startswith("-") and isinstance(below[name], App):
            yield from verbs_below([*words, name])


def help_block(words: Sequence[str]) -> str:
    """Print a verb's help at a fixed width."""
    stream = io.StringIO()
    console = Console(file=stream, width=HELP_COLUMNS, color_system=None, force_terminal=False)
    make_app().help_print(list(words), console=console)
    text = "\n".join(line.rstrip() for line in stream.getvalue().strip().splitlines())
    command = " ".join(["cautery", *words, "--help"])
    return f"```text\n$ {command}\n{text}\n```"


def exchange_page() -> str:
    """List the exchange table's columns."""
    text = ", ".join(f"`{name}`" for name in TEXT_COLUMNS)
    parts = [
        "# Exchange table",
        NOTE,
        "One row is one exchange: a request to a served model and its response. Every log format "
        "is read into this table; on disk it is Parquet, or JSON Lines with the same keys (also "
        "`.gz`, `.zst`). A column that a log does not carry is null throughout, and every output "
        "says which signals that switched off: absent is never clean.",
        column_table(EXCHANGE_COLUMNS),
        "## Where a row came from",
        "Every reader adds these, so that evidence points to the original line.",
        column_table(SOURCE_COLUMNS),
        "## Computed at ingest",
        f"Computed once, when the log is read, so that the text ({text}) may then be dropped: "
        "`--drop-text`.",
        column_table(SKETCH_COLUMNS),
    ]
    return "\n\n".join(parts) + "\n"


def account_page() -> str:
    """List the columns of the account table and the release table."""
    parts = [
        "# Account table and release table",
        NOTE,
        "Both are optional: a scan runs without them, and says what it could not look at.",
        "## Account table",
        "`--accounts FILE` (CSV, JSON Lines or Parquet), one row an account: what billing and "
        "identity know. `permitted_use` is how a contract clears an account: it may then sit in a "
        "group without being accused.",
        column_table(ACCOUNT_COLUMNS),
        "## Release table",
        "`--releases FILE` (CSV). It lets the scan measure how fast traffic moved to a new model.",
        column_table(RELEASE_COLUMNS),
    ]
    return "\n\n".join(parts) + "\n"


def guard_configuration_page() -> str:
    """List the sections and keys of the guard's configuration."""
    parts = [
        "# Guard configuration",
        NOTE,
        "One TOML file, read by `cautery guard serve` and checked by `cautery guard check`. Paths "
        'are relative to the file; sizes take units (`"32 MiB"`), times too (`"5m"`).',
    ]
    for name, section in SECTIONS.items():
        title = f"[[{name}]]" if name in REPEATED else f"[{name}]"
        rows = [["key", "kind", "default", "what it is"], ["---"] * 4]
        for one in fields(section):
            setting = one.metadata["setting"]
            kind = setting.kind
            if setting.options:
                kind = f"{kind}: {', '.join(setting.options)}"
            default = "**required**" if one.default is MISSING else f"`{one.default}`"
            rows.append([f"`{one.name}`", kind, default, setting.description])
        words = (section.__doc__ or "").strip()
        parts += [
            f"## {title}",
            words,
            "\n".join("| " + " | ".join(row) + " |" for row in rows),
        ]
    return "\n\n".join(parts) + "\n"


def sharing_server_page() -> str:
    """List the sections and keys of the sharing server's configuration."""
    parts = [
        "# Sharing server configuration",
        NOTE,
        "One TOML file, read by `cautery intel serve`, checked by `cautery intel serve --check`. "
        'It begins with `schema = "cautery.taxii/1"`; paths are relative to it. '
        "[Run a sharing server](../how-to/run-a-sharing-server.md) shows one.",
    ]
    words = field_words(ROOT / "src/cautery/intel/taxii/configuration_sections.py")
    for name, section in taxii_sections.SECTIONS.items():
        rows = [["key", "default", "what it is"], ["---"] * 3]
        for one in msgspec.structs.fields(section):
            given = "none" if one.default in {"", None, ()} else f"`{one.default}`"
            default = "**required**" if one.required else given
            rows.append([f"`{one.name}`", default, words[section.__name__, one.name]])
        parts += [
            f"## [[{name}]]" if name in taxii_sections.REPEATED else f"## [{name}]",
            (section.__doc__ or "").strip(),
            "\n".join("| " + " | ".join(row) + " |" for row in rows),
        ]
    return "\n\n".join(parts) + "\n"


def field_words(path: Path) -> dict[tuple[str, str], str]:
    """Read what stands below each field of each class of a file."""
    found = {}
    for owner in ast.parse(path.read_text(encoding="utf-8")).body:
        below = owner.body if isinstance(owner, ast.ClassDef) else []
        for field, words in pairwise(below):
            if isinstance(field, ast.AnnAssign) and isinstance(words, ast.Expr):
                text = " ".join(str(ast.literal_eval(words.value)).split()).replace("``", "`")
                found[owner.name, ast.unparse(field.target)] = text  # type: ignore[attr-defined]
    return found


def guard_metrics_page() -> str:
    """List the guard's metrics."""
    rows = [["metric", "kind", "labels", "what it counts"], ["---"] * 4]
    for metric in METRICS:
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        rows.append([f"`{PREFIX}{metric.name}`", metric.kind, labels, metric.description])
    parts = [
        "# Guard metrics",
        NOTE,
        "`/metrics` of the admin listener, in Prometheus's text format. No label holds an account, "
        "a key, a served model or anything else that a client writes.",
        "\n".join("| " + " | ".join(row) + " |" for row in rows),
    ]
    return "\n\n".join(parts) + "\n"


def decision_service_page() -> str:
    """List paths and fields of the decision service, from its OpenAPI document."""
    document = openapi_document()
    paths = [["method", "path", "what", "answers"], ["---"] * 4]
    for path, methods in document["paths"].items():
        for method, asked in methods.items():
            row = [method.upper(), f"`{path}`", asked["summary"], ", ".join(asked["responses"])]
            paths.append(row)
    parts = [
        "# Decision service API",
        NOTE,
        "What `cautery guard serve` answers with a section `[decision_service]`. It shows this as "
        "OpenAPI 3.1 at `/openapi.json`; the same file is published with the package "
        "(`cautery/guard/schemas/decision-service-1.openapi.json`). "
        "[Run a decision service](../how-to/run-a-decision-service.md).",
        _rows(paths),
        "Callers show the secret in `x-cautery-caller`, or as a bearer token where no client's "
        "credential is in its place. Every refusal has the body of "
        "[guard errors](guard-errors.md). `/v1/decide` answers with the "
        "[decision record](decision-record.md).",
    ]
    for name in ("DecideQuestion", "SettleQuestion", "GuardrailQuestion", "GuardrailAnswer"):
        schema = document["components"]["schemas"][name]
        rows = [["field", "default", "what it is"], ["---"] * 3]
        for field, told in schema["properties"].items():
            default = f"`{json.dumps(told['default'])}`" if "default" in told else "**required**"
            rows.append([f"`{field}`", default, told["description"]])
        parts += [f"## {name}", schema["description"], _rows(rows)]
    return "\n\n".join(parts) + "\n"


def _rows(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def column_table(columns: Sequence[Column]) -> str:
    """Write columns as a Markdown table."""
    named = any(column.otel_name for column in columns)
    head = ["column", "type", "what it is", *(["OpenTelemetry"] if named else [])]
    rows = [head, ["---"] * len(head)]
    for column in columns:
        words = column.description + (" **Required.**" if column.required else "")
        otel = f"`{column.otel_name}`" if column.otel_name else ""
        rows.append([f"`{column.name}`", column.kind, words, *([otel] if named else [])])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def shelf_page(shelf: Shelf[object]) -> str:
    """List what stands on a shelf, with a link to each page."""
    title, words = SHELF_WORDS[shelf.kind]
    if shelf.kind == "adapters":
        words += "\n\n" + adapters_table()
    rows = ["| name | what it is |", "| --- | --- |"]
    for name, member in shelf.load_by_name().items():
        line = next(
            (
                getattr(member, field)
                for field in ("description", "label")
                if hasattr(member, field)
            ),
            "",
        )
        rows.append(f"| [`{name}`]({name.replace('_', '-')}.md) | {line} |")
    return "\n\n".join([f"# {title}", NOTE, words, "\n".join(rows)]) + "\n"


def adapters_table() -> str:
    """Say of every enforcement adapter what it can carry out and what it sees."""
    rows = [
        "| adapter | " + " | ".join(ACTIONS) + " | sees bodies | sees answers |",
        "| --- " * (len(ACTIONS) + 3) + "|",
    ]
    for name, member in ADAPTERS.load_by_name().items():
        cells = ["yes" if one in member.carries_out else _instead(one, member) for one in ACTIONS]
        cells += ["yes" if seen else "no" for seen in (member.sees_body, member.sees_answer)]
        rows.append(f"| `{name}` | " + " | ".join(cells) + " |")
    note = (
        "What an adapter cannot express becomes the next stricter action that it can. Where bodies "
        "are not seen rules on prompts and parameters do not apply; where answers are not seen "
        "usage is not settled and nothing is recorded."
    )
    return "\n".join(rows) + "\n\n" + note


def _instead(action: Action, member: Enforcer) -> str:
    """Name what stands in for an action that cannot be carried out."""
    stricter = ACTIONS[ACTIONS.index(action) :]
    return f"as {next(one for one in stricter if one in member.carries_out)}"


def navigation(config: str) -> str:
    """Fill the marked places of mkdocs.yml from the folders that they name.

    A page that has its own place elsewhere in the navigation is not listed twice.
    """
    place = r"(?P<indent> *)# pages of (?P<folder>\S+)\n(?:.*\n)*?(?P=indent)# end\n"
    elsewhere = re.sub(place, "", config)

    def fill(match: re.Match[str]) -> str:
        indent, folder = match["indent"], match["folder"]
        names = sorted(path.name for path in (DOCS / folder).glob("*.md"))
        names.sort(key=lambda name: name != "index.md")
        pages = [f"- {folder}/{name}\n" for name in names]
        lines = "".join(indent + page for page in pages if page not in elsewhere)
        return f"{indent}# pages of {folder}\n{lines}{indent}# end\n"

    return re.sub(place, fill, config)


if __name__ == "__main__":
    sys.exit(main())
