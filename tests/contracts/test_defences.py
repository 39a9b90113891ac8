"""What every defence promises, whoever wrote it; walks the whole shelf."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from tests.resist.answer_cases import CASES

from cautery.errors import ConfigurationError
from cautery.ports import ChangesAnswers, ChangesSampling, Defence
from cautery.records.answer import Answer, AnswerChoice, size_of
from cautery.registry import DEFENCES

SHELF = DEFENCES.load_by_name()
ANSWERING = {name: one for name, one in SHELF.items() if isinstance(one, ChangesAnswers)}
SAMPLING = {name: one for name, one in SHELF.items() if isinstance(one, ChangesSampling)}
LOGITS = arrays.arrays(np.float64, (3, 5), elements=st.floats(-50.0, 50.0))
PIECES = st.lists(
    st.sampled_from(["<think>", "</think>", "<reasoning>", "a", "<", "</", " ", "\n", "7 is 8. "])
    | st.text(max_size=3),
    max_size=12,
)


def defaults(defence: Any) -> Any:
    """Give the defaults of a defence."""
    return defence.parameters({})


@pytest.mark.parametrize("name", SHELF)
def test_description_is_a_line(name: str) -> None:
    """The description is one line that ends with a full stop; the name is that of the file."""
    defence = SHELF[name]
    assert defence.name == name.replace("_", "-")
    assert "\n" not in defence.description
    assert defence.description.endswith(".")


@pytest.mark.parametrize("name", SHELF)
def test_does_one_thing(name: str) -> None:
    """A defence changes answers or sampling, and one of the two."""
    assert (name in ANSWERING) != (name in SAMPLING)


@pytest.mark.parametrize("name", SHELF)
def test_unknown_parameter_is_named(name: str) -> None:
    """A misspelt parameter is never taken for a default."""
    with pytest.raises(ConfigurationError, match="no_such_field"):
        SHELF[name].parameters({"no_such_field": 1})


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ANSWERING)
def test_an_answer_never_grows(name: str, case: str) -> None:
    """A defence takes away: no more choices, characters or log-probabilities than before."""
    answer, defence = CASES[case], ANSWERING[name]
    before, after = size_of(answer), size_of(defence.apply(answer, defaults(defence)))
    assert 1 <= after.choices <= before.choices
    assert after.token_chances <= before.token_chances
    assert after.reasoning_characters <= before.reasoning_characters
    assert after.text_characters <= before.text_characters


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ANSWERING)
def test_pure(name: str, case: str) -> None:
    """The same answer gives the same, and is not written to."""
    answer, defence = CASES[case], ANSWERING[name]
    before = copy.deepcopy(answer)
    first = defence.apply(answer, defaults(defence))
    assert first == defence.apply(answer, defaults(defence))
    assert answer == before


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ANSWERING)
def test_log_probabilities_spell_nothing_that_was_taken_out(name: str, case: str) -> None:
    """Where a text or its reasoning was changed, its log-probabilities are gone as well."""
    answer, defence = CASES[case], ANSWERING[name]
    left = defence.apply(answer, defaults(defence))
    for old, new in zip(answer.choices, left.choices, strict=False):
        changed = (old.text, old.reasoning) != (new.text, new.reasoning)
        assert not (changed and new.token_chances)


@pytest.mark.parametrize("name", ANSWERING)
@given(pieces=PIECES)
def test_a_stream_gives_what_the_whole_gives(name: str, pieces: list[str]) -> None:
    """However a text is cut, the client gets what it gets without streaming."""
    defence: Any = ANSWERING[name]
    text = "<think>" + "".join(pieces)
    whole = defence.apply(Answer(choices=(AnswerChoice(text=text),)), defaults(defence))
    stream = defence.open_stream(defaults(defence))
    shown = "".join([stream.feed(piece) for piece in ["<th", "ink>", *pieces]]) + stream.finish()
    assert shown == whole.choices[0].text


def log_softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Normalise logits in the plainest way."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    normalised: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return normalised


@pytest.mark.parametrize("name", SAMPLING)
@given(teacher=LOGITS, proxy=LOGITS)
def test_distortion_is_bounded_as_stated(
    name: str, teacher: NDArray[np.float64], proxy: NDArray[np.float64]
) -> None:
    """Whatever the logits: probabilities, and ratio, variation and divergence within the bound."""
    defence: Any = SAMPLING[name]
    parameters = defaults(defence)
    logs, plain = defence.reweighted(teacher, proxy, parameters), log_softmax(teacher)
    bound = defence.bound(parameters)
    assert np.allclose(np.exp(logs).sum(axis=-1), 1.0)
    assert np.abs(logs - plain).max() <= np.log(bound.most_ratio) + 1e-9
    variation = 0.5 * np.abs(np.exp(logs) - np.exp(plain)).sum(axis=-1)
    assert variation.max() <= bound.most_total_variation + 1e-9
    divergence = (np.exp(logs) * (logs - plain)).sum(axis=-1)
    assert divergence.max() <= bound.most_divergence + 1e-9


@pytest.mark.parametrize("name", SAMPLING)
def test_what_is_out_of_the_question_stays_so(name: str) -> None:
    """A token that truncation ruled out is not brought back, whatever the proxy thinks of it."""
    defence: Any = SAMPLING[name]
    teacher, proxy = np.array([0.0, -np.inf, 0.0]), np.array([-9.0, 9.0, -np.inf])
    logs = defence.reweighted(teacher, proxy, defaults(defence))
    assert np.isneginf(logs[1])
    assert np.isfinite(logs[[0, 2]]).all()


@pytest.mark.parametrize(
    ("teacher", "proxy"),
    [([0.0, 1.0], [0.0]), ([np.nan, 1.0], [0.0, 0.0]), ([0.0, 1.0], [np.inf, 0.0]), ([], [])],
    ids=["shapes", "not a number", "infinite", "empty"],
)
@pytest.mark.parametrize("name", SAMPLING)
def test_wrong_logits_are_refused(name: str, teacher: list[float], proxy: list[float]) -> None:
    """Another vocabulary or a broken engine is an error, not a distribution."""
    defence: Any = SAMPLING[name]
    with pytest.raises(ConfigurationError, match="logit"):
        defence.reweighted(np.array(teacher), np.array(proxy), defaults(defence))


def test_nobody_sees_the_port_only() -> None:
    """Every member keeps to the port that the registry checks."""
    assert all(isinstance(one, Defence) for one in SHELF.values())
