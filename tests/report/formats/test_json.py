"""``case.json`` keeps to its schema, its order and its layout."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, fields, replace

import pytest
from tests.report.cases import crowded_case, empty_case, example_case
from tests.report.golden import golden
from tests.report.hostile import HOSTILE, case_with_text

from cautery.records.case import Case, EmbeddingUse, GivenFile, GivenOption, Release, Settings
from cautery.report.formats.json import MEMBER


def written(case: Case) -> str:
    """Write a case to a string."""
    stream = io.StringIO()
    MEMBER.write(case, stream)
    return stream.getvalue()


@pytest.mark.parametrize(("name", "case"), [("example", example_case()), ("empty", empty_case())])
def test_golden(name: str, case: Case) -> None:
    """The document of a known case is what it was."""
    text = written(case)
    assert text == golden(f"case-{name}.json", text)


USE = EmbeddingUse(sha256="c" * 64, tokens=30_522, dimensions=128, exchanges=79_862)
RELEASES = (Release(model="aurora-5", released_at="2026-10-09T07:12:00Z"),)
SETTINGS = Settings(
    files=(GivenFile(option="--accounts", name="billing.csv", sha256="d" * 64),),
    options=(GivenOption(option="--seed", value="7"),),
)


@pytest.mark.parametrize("case", [example_case(), empty_case(), crowded_case()])
def test_keys_are_in_the_order_of_the_record(case: Case) -> None:
    """Readers and comparisons can rely on the order; what says nothing is left out."""
    names = [field.name for field in fields(Case) if field.name != "accounts"]
    told = replace(case, embedding=USE, releases=RELEASES, settings=SETTINGS)
    full = json.loads(written(told))
    assert list(full) == names
    plain = json.loads(written(case))
    left_out = {"embedding", "releases", "settings"}
    assert list(plain) == [name for name in names if name not in left_out]
    of_settings = json.loads(json.dumps(asdict(SETTINGS)))
    added = {"embedding": asdict(USE), "releases": [asdict(RELEASES[0])], "settings": of_settings}
    assert full == plain | added


def test_one_line_per_member() -> None:
    """A member can be found with grep, and two cases compared line by line."""
    lines = [line for line in written(example_case()).splitlines() if "acct_0500" in line]
    assert len(lines) == 1
    assert json.loads(lines[0].strip().rstrip(","))["account_id"] == "acct_0500"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_inert(text: str) -> None:
    """The document has nothing that a terminal or a page would act on, and says the same."""
    document = written(case_with_text(text))
    assert document.replace("\n", "").isprintable()
    assert not set("<>&\x1b\u202e") & set(document)
    what = json.loads(document)["campaigns"][0]["what"]
    assert what == text.replace("\ud800", "\\ud800")
