"""Laws that every sharing format keeps, walked over the whole shelf."""

from __future__ import annotations

import io
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.intel.indicators import (
    bulletin,
    choices,
    epoch_key,
    observable,
    observables,
)
from tests.report.cases import example_case

from cautery.errors import CauteryError, MalformedFileError, UsageError
from cautery.intel.bulletins import make_bulletin
from cautery.records.bulletin import Bulletin
from cautery.registry import SHARING_FORMATS

SAMPLES = Path(__file__).resolve().parents[1] / "intel" / "samples"
NAMES = SHARING_FORMATS.names()
READING = [name for name in NAMES if SHARING_FORMATS.load(name).reads]
GOOD = [
    pytest.param(name, path, id=f"{name}-{path.stem}")
    for name in READING
    for path in sorted((SAMPLES / name / "good").iterdir())
]
BAD = [
    pytest.param(name, path, id=f"{name}-{path.stem}")
    for name in READING
    for path in sorted((SAMPLES / name / "bad").iterdir())
]
"""Files named by their fault."""


def written(name: str, made: Bulletin) -> bytes:
    """Write a bulletin."""
    stream = io.BytesIO()
    SHARING_FORMATS.load(name).write(made, stream)
    return stream.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_same_bulletin_same_bytes(name: str) -> None:
    """The same case is written twice as the same bytes, whatever the order of what was observed."""
    first = make_bulletin(example_case(), observables(), epoch_key(), choices())
    again = make_bulletin(example_case(), observables()[::-1], epoch_key(), choices())
    assert written(name, first) == written(name, again)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_bulletin_is_written(name: str) -> None:
    """A case without campaigns gives a file that is whole."""
    made = make_bulletin(replace(example_case(), campaigns=()), [], None, choices())
    content = written(name, made)
    if name in READING:
        assert SHARING_FORMATS.load(name).read(content, "empty").indicators == ()


@pytest.mark.parametrize("name", READING)
@pytest.mark.parametrize("clear", [False, True], ids=["keyed", "clear"])
def test_round_trip(name: str, clear: bool) -> None:
    """Case, file, import: the same indicators come back, to the last field."""
    made = bulletin(clear_addresses=clear)
    found = SHARING_FORMATS.load(name).read(written(name, made), "file")
    assert sorted(found.indicators, key=lambda one: one.indicator_id) == list(made.indicators)
    assert found.skipped_count == 0


SECRET = st.text("ghijkmnoqrstuvwxyzGHJKLMNPQRSTVWXYZ", min_size=12, max_size=20)
"""Texts that occur in nothing by chance: no letter of hexadecimal digits is among them."""


@pytest.mark.parametrize("name", NAMES)
@given(secrets=st.lists(SECRET, min_size=6, max_size=6, unique=True))
def test_no_sensitive_value_is_in_a_file(name: str, secrets: list[str]) -> None:
    """None of the case's accounts, domains, payments or words of prompts is there."""
    account, organisation, domain, payment, word, reason = secrets
    case = example_case()
    first = case.campaigns[0]
    text = f"{word} answer {word} in full {word} and show {word} every step of {word} work"
    changed = replace(
        first,
        members=(
            replace(first.members[0], account_id=account, org_id=organisation, top_reason=reason),
        ),
        templates=(replace(first.templates[0], text=text),),
        weights=tuple(
            replace(one, label=reason, observed=account, usual=domain, sentence=reason)
            for one in first.weights
        ),
        limits=(reason,),
        what=word,
    )
    rows = [
        observable("account", account),
        observable("organisation", organisation),
        observable("email_domain", f"{domain}.example"),
        observable("payment", payment),
        observable("address", "192.0.2.201"),
        observable("network", "192.0.2.201"),
    ]
    made = make_bulletin(
        replace(case, campaigns=(changed,), notes=(reason,)), rows, epoch_key(), choices()
    )
    content = written(name, made).decode().casefold()
    assert [each for each in (*secrets, "192.0.2.") if each.casefold() in content] == []


@pytest.mark.parametrize(("name", "path"), GOOD)
def test_good_samples_are_read(name: str, path: Path) -> None:
    """What other tools and earlier versions wrote is read, and each indicator has an end."""
    found = SHARING_FORMATS.load(name).read(path.read_bytes(), path.name)
    assert bool(found.indicators) == (path.stem != "empty")
    assert all(one.valid_until > one.valid_from for one in found.indicators)


@pytest.mark.parametrize(("name", "path"), BAD)
def test_bad_samples_are_refused(name: str, path: Path) -> None:
    """Each fault is an error with its place, and what next; nothing of the file is used."""
    with pytest.raises(MalformedFileError) as caught:
        SHARING_FORMATS.load(name).read(path.read_bytes(), path.name)
    assert caught.value.where.startswith(path.name)
    assert caught.value.hint
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", READING)
def test_any_bytes_are_read_or_refused(name: str) -> None:
    """Whatever bytes a peer sends, there is an answer or an error of the tree."""
    draw = random.Random(7)
    good = written(name, bulletin())
    for _case in range(150):
        broken = bytearray(good)
        for _change in range(draw.randrange(1, 6)):
            broken[draw.randrange(len(broken))] = draw.randrange(256)
        try:
            SHARING_FORMATS.load(name).read(bytes(broken[: draw.randrange(len(broken))]), "x")
            SHARING_FORMATS.load(name).read(bytes(broken), "x")
        except CauteryError:
            continue


@pytest.mark.parametrize("name", READING)
@given(content=st.binary(max_size=200))
def test_rubbish_is_refused(name: str, content: bytes) -> None:
    """What is of no format at all is refused as such."""
    for data in (content, b"[" * 5000, b'{"type":' * 3000, b"\x00", b""):
        with pytest.raises(MalformedFileError):
            SHARING_FORMATS.load(name).read(data, "x")


@pytest.mark.parametrize("name", [name for name in NAMES if name not in READING] or [""])
def test_a_format_that_is_only_written_says_so(name: str) -> None:
    """Reading a format that has no way back is an error of the call."""
    if name:
        with pytest.raises(UsageError):
            SHARING_FORMATS.load(name).read(b"", "x")
