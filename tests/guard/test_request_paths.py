"""Request targets: one spelling each."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.guard.request_paths import read_target


@pytest.mark.parametrize(
    ("target", "dialect", "name"),
    [
        ("/v1/chat/completions", "openai", "chat"),
        ("/openai/v1/chat/completions/?api-version=1", "openai", "chat"),
        ("/v1/responses", "openai", "chat"),
        ("/V1/Completions", "openai", "text_completion"),
        ("/v1/embeddings", "openai", "embeddings"),
        ("/v1/messages", "anthropic", "chat"),
        ("/v1/messages/count_tokens", "anthropic", ""),
        ("/v1/models", "openai", ""),
        ("/", "other", ""),
    ],
)
def test_reads_operations(target: str, dialect: str, name: str) -> None:
    """Each API's paths are known, whatever stands before them."""
    operation = read_target(target)
    assert operation is not None
    assert (operation.dialect, operation.name) == (dialect, name)


@pytest.mark.parametrize(
    "target",
    [
        "/v1/%63hat/completions",
        "/v1//chat/completions",
        "/v1/./chat/completions",
        "/v1/models/../chat/completions",
        "/v1/chat\\completions",
        "/v1/chat;a=1/completions",
        "/v1/chat/completions#x",
        "http://other/v1/chat/completions",
        "*",
        "",
        "/v1/chat/completions\x00",
        "//",
        "/v1/models//",
        "/v1/ch\u0430t/completions",
        "/" + "a" * 3000,
    ],
)
def test_refuses_other_spellings(target: str) -> None:
    """What a server might read in another way than the guard is refused."""
    assert read_target(target) is None


@given(st.text(alphabet="/.%25EeFfch;:\\?#a", max_size=24))
def test_what_is_accepted_is_plain(target: str) -> None:
    """Undoing percent-encoding, dots and double slashes changes nothing in an accepted path."""
    operation = read_target(target)
    if operation is not None:
        path = target.partition("?")[0]
        assert unquote(path) == path
        assert "//" not in path
        assert not {".", ".."} & set(path.split("/"))
