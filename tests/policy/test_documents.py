"""One identity document verifies one organisation in ninety days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.errors import ConfigurationError
from cautery.policy.documents import DocumentRegister, DocumentUse, read_documents

START = datetime(2026, 1, 1, tzinfo=UTC)
LATER = START + timedelta(days=1000)


def use(org_id: str, day: float, document_id: str = "d") -> DocumentUse:
    """A document verified an organisation on some day."""
    at = START + timedelta(days=day)
    return DocumentUse(document_id=document_id, org_id=org_id, verified_at=at)


def test_ninety_days_to_the_second() -> None:
    """A second less than ninety days is too early; ninety days are enough."""
    early = DocumentRegister([use("a", 0), use("b", 90 - 1 / 86400)], days=90)
    enough = DocumentRegister([use("a", 0), use("b", 90)], days=90)
    assert early.state("b", LATER) == "reused"
    assert enough.state("b", LATER) == "single"


def test_a_void_use_starts_no_new_ninety_days() -> None:
    """Only a use that counts holds the document for ninety days."""
    register = DocumentRegister([use("a", 0), use("b", 80), use("c", 95)], days=90)
    assert register.state("c", LATER) == "single"


def test_the_same_organisation_may_show_it_again() -> None:
    """Showing it again keeps it for another ninety days."""
    register = DocumentRegister([use("a", 0), use("a", 60), use("b", 100)], days=90)
    assert register.state("a", LATER) == "single"
    assert register.state("b", LATER) == "reused"


def test_a_document_of_its_own_clears_an_organisation() -> None:
    """Whoever was void once is verified from the day of a document that counts."""
    register = DocumentRegister([use("a", 0), use("b", 1), use("b", 50, "own")], days=90)
    assert register.state("b", START + timedelta(days=49)) == "reused"
    assert register.state("b", START + timedelta(days=50)) == "single"


def test_what_is_not_known_yet() -> None:
    """Before the first use, and for others, the register knows nothing."""
    register = DocumentRegister([use("a", 10)], days=90)
    assert register.state("a", START) == ""
    assert register.state("x", LATER) == ""
    assert register.state("", LATER) == ""


@given(
    days=st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 300)), max_size=8),
    order=st.randoms(use_true_random=False),
)
def test_order_of_rows_does_not_matter(days: list[tuple[str, int]], order: object) -> None:
    """The register is the same for any order of its rows."""
    uses = [use(name, day) for name, day in days]
    shuffled = list(uses)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = DocumentRegister(uses, days=90), DocumentRegister(shuffled, days=90)
    for name in "ab":
        assert first.state(name, LATER) == second.state(name, LATER)


def test_reading() -> None:
    """Rows become uses; a time without a zone is UTC."""
    text = "document_id,org_id,verified_at\nd,a,2026-01-01\nd,b,2026-01-01T02:00:00+02:00\n"
    assert [item.verified_at for item in read_documents(text, "f")] == [START, START]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("document_id,org_id\n", "f:1"),
        ("document_id,org_id,verified_at\nd,a,2026-01-01\n,a,2026-01-01\n", "f:3"),
        ("document_id,org_id,verified_at\nd,a,soon\n", "f:2"),
        ("document_id,org_id,verified_at\nd,a,0001-01-01T00:00:00+23:59\n", "f:2"),
        ("document_id,org_id,verified_at\nd,a\n", "f:2"),
        ("", "f:1"),
        ("document_id,org_id,verified_at\n" + "x" * 200_000, "f:"),
    ],
)
def test_wrong_rows_are_refused_by_line(text: str, where: str) -> None:
    """A register with a hole in it would make somebody clean."""
    with pytest.raises(ConfigurationError) as caught:
        read_documents(text, "f")
    assert caught.value.where.startswith(where)
