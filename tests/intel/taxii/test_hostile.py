"""Whatever is sent to the server: an answer of TAXII, no fault of ours, and nobody past a right."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.intel.taxii.sharing import (
    BULLETINS,
    COLLECTION,
    DROP_BOX,
    OBJECTS,
    Caller,
    envelope,
    indicator,
    make_site,
    object_id,
)

from cautery.intel.taxii.media_types import TAXII

SECRET = "held by acme alone"
INJECTIONS = (
    "' OR '1'='1",
    "'; DROP TABLE objects; --",
    '" UNION SELECT content FROM objects --',
    f"{object_id(1)}' OR level > 0 --",
    "%' ESCAPE '\\",
    "../../closed",
    "\x00",
    "2026-01-01T00:00:00Z' --",
    "last OR 1=1",
)
NAMES = ("added_after", "limit", "next", "match[id]", "match[type]", "match[version]", "x")
VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(INJECTIONS),
    st.sampled_from(["last", "first,last", "all", "2.1", "indicator", object_id(1)]),
    st.integers().map(str),
    st.datetimes().map(lambda time: f"{time.isoformat()}Z"),
)
PIECES = st.one_of(
    st.sampled_from(
        ["shared", "closed", "taxii2", "collections", "objects", "manifest", "versions", "status"]
    ),
    st.sampled_from([COLLECTION, BULLETINS, DROP_BOX, "indicators", object_id(1), "", ".", ".."]),
    st.sampled_from(INJECTIONS),
    st.text(max_size=20),
)
METHODS = st.sampled_from(["GET", "POST", "DELETE", "PUT", "HEAD", "TRACE", "get"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "type", "modified", "object_marking_refs", "objects"])
            | st.text(max_size=8),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """A server on which one peer holds what no other peer may see."""
    folder: Path = tmp_path_factory.mktemp("hostile")
    caller = Caller(make_site(folder))
    clear = ["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"]
    closed = f"/closed/collections/{BULLETINS}/objects/"
    caller.push(indicator(1, name=SECRET, object_marking_refs=clear), path=closed)
    caller.push(indicator(1), indicator(2))
    yield caller
    assert len(caller.poll(path=closed)) == 1
    caller.close()


@given(st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=4))
def test_no_filter_breaks_or_widens_an_answer(held: Caller, pairs: list[tuple[str, str]]) -> None:
    """A filter gives a part of what there is, or is refused."""
    query = "&".join(
        f"{quote(name)}={quote(value.encode('utf-8', 'replace'))}" for name, value in pairs
    )
    answer = held.ask("GET", OBJECTS, query=query, peer="reader")
    assert answer.status in {200, 400}
    assert SECRET.encode() not in answer.body
    if answer.status == 200:
        assert len(answer.resource.get("objects", [])) <= 2


@given(METHODS, st.lists(PIECES, max_size=7), st.sampled_from(["reader", "writer", "nobody"]))
def test_no_path_leads_past_a_right(
    held: Caller, method: str, pieces: list[str], peer: str
) -> None:
    """However a path is written, nobody sees what is held for another peer."""
    answer = held.ask(method, "/" + "/".join(pieces), peer=peer, body=envelope(indicator(7)))
    assert answer.status in {200, 202, 401, 403, 404, 405, 406, 415, 422}
    assert answer.headers["content-type"] == TAXII
    assert SECRET.encode() not in answer.body
    if peer == "nobody":
        assert answer.status == 401


@given(
    st.dictionaries(
        st.sampled_from(["authorization", "accept", "content-type", "host"]),
        st.text(st.characters(max_codepoint=255), max_size=60),
        max_size=4,
    )
)
def test_no_header_makes_somebody_a_peer(held: Caller, headers: dict[str, str]) -> None:
    """Headers that nobody foresaw are refused, and never a fault."""
    given_headers = {"authorization": "Bearer x", **headers}
    answer = held.ask("GET", "/taxii2/", peer="nobody", headers=given_headers)
    assert answer.status == 401


@settings(max_examples=200)
@given(JSON | st.builds(lambda one: {"objects": [one]}, JSON))
def test_no_body_is_a_fault(held: Caller, document: object) -> None:
    """Any JSON is taken or refused, and what was taken is an object with an identifier."""
    body = json.dumps(document).encode()
    answer = held.ask("POST", f"/shared/collections/{DROP_BOX}/objects/", body=body, peer="writer")
    assert answer.status in {202, 413, 422}


@given(st.binary(max_size=200))
def test_no_bytes_are_a_fault(held: Caller, body: bytes) -> None:
    """Neither are bytes that are no JSON."""
    answer = held.ask("POST", OBJECTS, body=body, peer="writer")
    assert answer.status == 422


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "created": st.text(max_size=30) | st.integers(),
            "modified": st.sampled_from(
                ["2026-01-01T00:00:00Z", "2026-13-01T00:00:00Z", "9999-12-31T23:59:59.9Z", "x"]
            ),
            "spec_version": st.sampled_from(["2.0", "2.1", "", "9"]) | st.none(),
            "object_marking_refs": JSON,
            "granular_markings": JSON,
        },
    )
)
def test_objects_with_odd_fields_are_taken_or_named(
    held: Caller, fields: dict[str, object]
) -> None:
    """An object with an identifier is in the status, whatever else it says."""
    pushed = {"id": object_id(77), "type": "indicator", **fields}
    path = f"/shared/collections/{DROP_BOX}/objects/"
    answer = held.ask("POST", path, body=envelope(pushed), peer="writer")
    if answer.status == 202:
        status = answer.resource
        assert status["success_count"] + status["failure_count"] == 1
    else:
        assert answer.status == 422
