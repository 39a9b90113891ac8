"""Private matching: the overlap and nothing else, whatever the files hold."""

from __future__ import annotations

import base64
import json
import random
import sys
from typing import Any

import pytest

from cautery.errors import (
    CauteryError,
    ConfigurationError,
    MalformedFileError,
    MissingExtraError,
)
from cautery.intel.private_matching import answer, ask, overlap
from cautery.intel.values_file import Value
from cautery.records.key import Secret

pytest.importorskip("private_set_intersection.python")

MINE: list[Value] = [("account", f"acct_{n}") for n in range(40)]
THEIRS: list[Value] = [("account", f"acct_{n}") for n in range(30, 90)]
BOTH = sorted(set(MINE) & set(THEIRS))


def changed(content: bytes, **members: Any) -> bytes:
    """Change members of a file."""
    return json.dumps({**json.loads(content), **members}).encode()


def test_the_overlap() -> None:
    """Who asks learns exactly what both have."""
    asked = ask(MINE)
    answered = answer(asked.request, "request", THEIRS)
    assert answered.asked == len(MINE)
    assert overlap(answered.response, "response", asked.kept, "kept") == BOTH


def test_the_overlap_of_many() -> None:
    """2,400 suspects of one against 1,000 of the other: the right 300 (the benchmark has more)."""
    ours: list[Value] = [("address", f"198.51.{n // 250}.{n % 250}") for n in range(2_400)]
    theirs = [*ours[500:800], *(("payment", f"pm_{n}") for n in range(700))]
    asked = ask(theirs)
    answered = answer(asked.request, "request", ours)
    found = overlap(answered.response, "response", asked.kept, "kept")
    assert found == sorted(ours[500:800])


def test_kinds_are_kept_apart() -> None:
    """The same text of another kind is another value."""
    asked = ask([("payment", "x"), ("account", "y")])
    answered = answer(asked.request, "request", [("account", "x"), ("payment", "y")])
    assert overlap(answered.response, "response", asked.kept, "kept") == []


def test_files_show_no_value_and_no_order() -> None:
    """No value stands in a file, and two requests about the same values have nothing in common."""
    first, second = ask(MINE), ask(MINE)
    response = answer(first.request, "request", THEIRS).response
    for content in (first.request, second.request, response):
        raw = content + base64.b64decode(json.loads(content)["message"])
        assert b"acct_" not in raw
    assert json.loads(first.request)["message"] != json.loads(second.request)["message"]
    assert "acct_" not in repr(first) + repr(first.kept)


def test_too_many_questions_are_not_answered() -> None:
    """A bound on the values of a request keeps a peer from asking about all there are."""
    with pytest.raises(MalformedFileError, match="more than the 39"):
        answer(ask(MINE).request, "request", THEIRS, most=39)


def test_a_request_for_a_number_only_is_refused() -> None:
    """A request of the library's other kind is not answered as one of this kind."""
    import private_set_intersection.python as psi

    client = psi.client.CreateWithNewKey(False)
    message = client.CreateRequest(["a"]).SerializeToString()
    content = {
        "schema": "cautery.psi/1",
        "step": "request",
        "session": "0",
        "values": 1,
        "message": base64.b64encode(message).decode(),
    }
    with pytest.raises(MalformedFileError, match="number only"):
        answer(json.dumps(content).encode(), "request", THEIRS)


def test_answers_to_other_requests_are_refused() -> None:
    """An answer is read with the request that it belongs to, and with no other."""
    one, other = ask(MINE), ask(MINE)
    response = answer(other.request, "request", THEIRS).response
    with pytest.raises(MalformedFileError, match="another request"):
        overlap(response, "response", one.kept, "kept")


def test_damaged_requests() -> None:
    """A request that is none, lies about its values, or holds no points is refused."""
    request = ask(MINE).request
    damaged = [
        b"",
        b"[1]",
        b"\xff",
        changed(request, schema="cautery.psi/9"),
        changed(request, step="response"),
        changed(request, values=7),
        changed(request, message="AA=="),
        changed(request, message="not base64"),
        changed(request, message="", values=0),
    ]
    points = bytearray(base64.b64decode(json.loads(request)["message"]))
    points[-32:] = b"\xff" * 32
    damaged.append(changed(request, message=base64.b64encode(bytes(points)).decode()))
    for content in damaged:
        with pytest.raises(MalformedFileError):
            answer(content, "request", THEIRS)


def test_damaged_answers() -> None:
    """The same for answers; what is kept is checked too, and no error shows the key."""
    asked = ask(MINE)
    response = answer(asked.request, "request", THEIRS).response
    key = json.loads(asked.kept.reveal())["key"]
    for content in (
        b"",
        changed(response, session="0"),
        changed(response, request_sha256="0"),
        changed(response, message=""),
        changed(response, setup="AA=="),
    ):
        with pytest.raises(MalformedFileError):
            overlap(content, "response", asked.kept, "kept")
    for members in ({"key": "00"}, {"key": "zz"}):
        kept = Secret(changed(asked.kept.reveal(), **members))
        with pytest.raises(ConfigurationError) as caught:
            overlap(response, "response", kept, "kept")
        assert key not in str(caught.value)
    with pytest.raises(MalformedFileError, match="kept"):
        overlap(response, "response", Secret(b"{}"), "kept")


def test_any_bytes() -> None:
    """Whatever is changed in an answer, there is a result or an error of the tree."""
    asked = ask(MINE[:5])
    response = answer(asked.request, "request", THEIRS).response
    draw = random.Random(3)
    for _case in range(200):
        broken = bytearray(response)
        for _change in range(draw.randrange(1, 4)):
            broken[draw.randrange(len(broken))] = draw.randrange(32, 127)
        try:
            found = overlap(bytes(broken), "response", asked.kept, "kept")
        except CauteryError:
            continue
        assert set(found) <= set(MINE)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the library the error names the extra."""
    monkeypatch.setitem(sys.modules, "private_set_intersection.python", None)
    with pytest.raises(MissingExtraError, match=r"cautery\[intel\]"):
        ask(MINE)
