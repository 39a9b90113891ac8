"""Files of a suspect's texts: every wrong line is named, and nothing is read without bound."""

from __future__ import annotations

import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.errors import InputError
from cautery.provenance import suspect_files
from cautery.provenance.suspect_files import GivenLine, given_lines, read_exposures, read_samples
from cautery.records.probe import Access


def samples_in(*lines: str) -> tuple[Access, list[list[int]], list[int]]:
    """Read lines without a tokenizer: access, tokens and starts."""
    stream = io.BytesIO("\n".join(lines).encode())
    access, (samples,) = read_samples(given_lines(stream, "f"), [None])
    tokens = [sample.tokens.tolist() for sample in samples]
    return access, tokens, [sample.start for sample in samples]


def test_texts_and_prompts() -> None:
    """A prompt comes first, and the suspect's part begins after it; failures are passed over."""
    found = samples_in(
        '{"id": 1, "token_ids": [4, 5]}',
        "",
        '{"id": 2, "token_ids": [6], "prompt_token_ids": [1, 2], "other": "field"}',
        '{"id": 3, "failure": "none"}',
    )
    assert found == (Access.CLOSED, [[4, 5], [1, 2, 6]], [0, 2])


def test_predictions_make_an_open_suspect() -> None:
    """Rows of different lengths are filled up."""
    line = b'{"token_ids": [4, 5, 6], "predictions": [[], [7], [8, 9]]}'
    access, (samples,) = read_samples(given_lines(io.BytesIO(line), "f"), [None])
    assert access is Access.OPEN
    predictions = samples[0].predictions
    assert predictions is not None
    assert predictions.tolist() == [[-1, -1], [7, -1], [8, 9]]
    assert samples[0].written == 3


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not a text"),
        ("[1]", "not a text"),
        ('{"id": 1}', "needs token_ids or text"),
        ('{"token_ids": [1], "text": "x"}', "not both"),
        ('{"text": "x"}', "no tokenizer"),
        ('{"token_ids": [1, -2]}', r"token_ids\[1\] is -2"),
        ('{"token_ids": [99999999999]}', "no token"),
        ('{"token_ids": [1], "prompt_token_ids": [-1]}', "prompt_token_ids"),
        ('{"token_ids": [1], "predictions": []}', "0 predictions for 1"),
        ('{"token_ids": [1], "predictions": [[-4]]}', r"predictions\[0\]\[0\] is -4"),
        ('{"text": "x", "predictions": [[1]]}', "belong to token_ids"),
        ("[" * 100_000, "not a text"),
    ],
    ids=lambda value: value[:24] if len(value) < 90 else "deep",
)
def test_wrong_lines_are_named(line: str, words: str) -> None:
    """File, line, and what is wrong."""
    with pytest.raises(InputError, match=words) as caught:
        samples_in('{"token_ids": [1]}', line)
    assert caught.value.where == "f:2"


def test_open_and_closed_do_not_mix() -> None:
    """A file is of one kind; an empty one is of none."""
    with pytest.raises(InputError, match="some lines have predictions"):
        samples_in('{"token_ids": [1]}', '{"token_ids": [1], "predictions": [[2]]}')
    with pytest.raises(InputError, match="no text of the suspect"):
        samples_in("")


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long lines, many tokens and wide predictions are refused."""
    monkeypatch.setattr(suspect_files, "MOST_TOKENS", 5)
    with pytest.raises(InputError, match="more than 5 tokens"):
        samples_in('{"token_ids": [1, 2, 3]}', '{"token_ids": [1, 2, 3]}')
    wide = ", ".join("1" for _ in range(65))
    with pytest.raises(InputError, match="more than 64 predictions"):
        samples_in(f'{{"token_ids": [1], "predictions": [[{wide}]]}}')
    monkeypatch.setattr(suspect_files, "MAX_LINE_BYTES", 10)
    with pytest.raises(InputError, match="more than 10 bytes"):
        samples_in('{"token_ids": [1, 2, 3]}')


def test_a_case_labels_what_has_an_account_only() -> None:
    """Its members' answers are their campaign's, others' of none; a line's own label stays."""
    lines = [
        ("f:1", GivenLine(token_ids=[1], account_id="a")),
        ("f:2", GivenLine(token_ids=[1], account_id="b")),
        ("f:3", GivenLine(token_ids=[1], account_id="a", campaign_id="C-9")),
        ("f:4", GivenLine(token_ids=[1])),
    ]
    (exposures,) = read_exposures(lines, [None], {"a": "C-1"})
    labels = [(one.campaign_id, one.campaign_known) for one in exposures]
    assert labels == [("C-1", True), ("", True), ("C-9", False), ("", False)]
    (plain,) = read_exposures(lines, [None])
    assert [one.campaign_known for one in plain] == [False] * 4


def test_exposures_have_labels() -> None:
    """Whose answer it was is read too."""
    line = b'{"token_ids": [2], "prompt_token_ids": [1], "account_id": "a", "epoch": "e"}'
    ((one,),) = read_exposures(given_lines(io.BytesIO(line), "f"), [None])
    assert (one.tokens.tolist(), one.start, one.account_id, one.epoch) == ([1, 2], 1, "a", "e")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """Nothing but an error of ours, with a place."""
    with suppress(InputError):
        access, (samples,) = read_samples(given_lines(io.BytesIO(content), "f"), [None])
        assert samples
        assert access in Access
