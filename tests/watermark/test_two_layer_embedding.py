from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from tests.watermark.hf_cases import key_of

from cautery.errors import ConfigurationError
from cautery.records.key import Key, Layer
from cautery.watermark.schemes.cautery_two_layer import MEMBER
from cautery.watermark.two_layer_embedding import Embedding, choose, choose_rows, expected_value
from cautery.watermark.two_layer_split import uniforms

PARAMETERS = MEMBER.parameters({"account_share": 0.4})
SPLIT = bytes(range(16))
KEYS = [
    key_of(SPLIT + bytes(range(50, 66)), Layer.SHARED),
    key_of(SPLIT + bytes(range(100, 116)), Layer.ACCOUNT),
]
SHARES = np.array([0.45, 0.25, 0.15, 0.1, 0.05])


def log10_chance(tokens: np.ndarray, key: Key) -> float:
    """Chance of a text under a key, each context counted once."""
    positions = MEMBER.positions(tokens, PARAMETERS, key)
    _, kept = np.unique(positions.context, axis=0, return_index=True)
    null, values = MEMBER.null(PARAMETERS), MEMBER.values(positions, key, PARAMETERS)[kept]
    return null.log10_upper_tail(null.statistic(values), len(values))


def choose_equal_rows(contexts: np.ndarray) -> np.ndarray:
    rows = len(contexts)
    candidates = np.tile(np.arange(5), (rows, 1))
    return choose_rows(np.tile(SHARES, (rows, 1)), contexts, KEYS, PARAMETERS, candidates)


def test_rows_are_chosen_as_one_by_one() -> None:
    """A batch of responses, with impossible candidates among theirs."""
    generator = np.random.default_rng(8)
    contexts = generator.integers(-1, 900, (40, 4))
    candidates = np.array([generator.choice(900, 12, replace=False) for _ in contexts])
    shares = generator.dirichlet(np.ones(12), size=40) * (generator.random((40, 12)) < 0.5)
    shares[:, 3] += 0.01
    together = choose_rows(shares, contexts, KEYS, PARAMETERS, candidates)
    for row, token in enumerate(together):
        order = np.argsort(candidates[row])
        one = choose(shares[row], contexts[row].tolist(), KEYS, PARAMETERS, candidates[row])
        assert token == one
        context, sorted_tokens = contexts[row].tolist(), candidates[row][order]
        assert token == choose(shares[row][order], context, KEYS, PARAMETERS, sorted_tokens)


def test_over_contexts_the_distribution_is_kept() -> None:
    """6,000 contexts with one distribution: chi-square over tokens, and over pairs of them."""
    contexts = np.random.default_rng(0).integers(0, 50_000, (6000, 4))
    chosen = choose_equal_rows(contexts)
    counts = np.bincount(chosen, minlength=5)
    assert stats.chisquare(counts, SHARES * len(chosen)).pvalue > 0.001
    pairs = np.bincount(5 * chosen[::2] + chosen[1::2], minlength=25)
    assert stats.chisquare(pairs, np.outer(SHARES, SHARES).ravel() * 3000).pvalue > 0.001


def test_marked_values_have_the_mean_of_the_theory() -> None:
    """Each layer's mean over 6,000 contexts is the formula's, within four standard errors."""
    contexts = np.random.default_rng(1).integers(0, 50_000, (6000, 4))
    values: dict[Layer, list[float]] = {layer: [] for layer in Layer}
    text = np.column_stack([contexts, choose_equal_rows(contexts)]).ravel()
    for key in KEYS:
        positions = MEMBER.positions(text, PARAMETERS, key)
        chosen = positions.index % 5 == 4  # the others are contexts, which nobody marked
        values[key.layer] = MEMBER.values(positions, key, PARAMETERS)[chosen].tolist()
    assert sum(map(len, values.values())) == 6000
    for found in values.values():
        error = np.std(found) / len(found) ** 0.5
        assert np.mean(found) == pytest.approx(expected_value(SHARES), abs=4 * error)


def test_expected_value_has_its_limits() -> None:
    """A sure token shows nothing; equal ones give a harmonic number; zeros do not matter."""
    assert expected_value(np.array([1.0, 0.0])) == pytest.approx(1.0)
    harmonic = sum(1 / number for number in range(1, 101))
    assert expected_value(np.full(100, 0.01)) == pytest.approx(harmonic)
    assert expected_value(np.array([0.5, 0.5])) < expected_value(np.array([0.4, 0.4, 0.2]))


def write(keys: list[Key], count: int, *, vocabulary: int = 1000) -> np.ndarray:
    generator = np.random.default_rng(7)
    response = Embedding(keys, PARAMETERS, [5, 6, 7], generator)
    return np.array(
        [response.choose(generator.dirichlet(np.full(vocabulary, 0.01))) for _ in range(count)]
    )


def test_a_response_is_detected_in_both_layers_and_by_no_other_key() -> None:
    """200 tokens: both right keys far below chance, wrong ones of the same epoch not."""
    tokens = write(KEYS, 200)
    assert all(log10_chance(tokens, key) < -6 for key in KEYS)
    wrong = [
        log10_chance(tokens, key_of(SPLIT + bytes(range(place, place + 16)), layer))
        for place in range(120, 140)
        for layer in Layer
    ]
    assert min(wrong) > -3.5


def test_a_repeated_context_is_left_unmarked() -> None:
    """A model that goes round in circles still draws by its own distribution."""
    generator, shares = np.random.default_rng(3), np.array([0.8, 0.2])
    response = Embedding(KEYS, PARAMETERS, [0, 0, 0, 0], generator)
    tokens = np.array([response.choose(shares) for _ in range(800)])
    # Only 20 contexts can be marked; unmarked ones are independent draws.
    assert (tokens == 1).mean() == pytest.approx(0.2, abs=4 * 0.4 / 800**0.5 + 20 / 800)
    assert choose(shares, [0, 0, 0, 0], KEYS, PARAMETERS) == tokens[0]


def test_first_use_of_a_context_is_the_marked_one() -> None:
    """What deduplication by context keeps is what was marked."""
    generator = np.random.default_rng(4)
    response = Embedding(KEYS, PARAMETERS, [], generator)
    context: list[int] = []
    for _ in range(60):
        shares = generator.dirichlet(np.ones(500))
        expected = choose(shares, context, KEYS, PARAMETERS)
        context.append(response.choose(shares))
        assert context[-1] == expected


def test_candidates_name_the_tokens() -> None:
    """Few candidates give the same token as the whole vocabulary with zeros."""
    generator = np.random.default_rng(5)
    for _ in range(50):
        candidates = np.sort(generator.choice(5000, 20, replace=False))
        few, all_of_them = generator.dirichlet(np.ones(20)), np.zeros(5000)
        all_of_them[candidates] = few
        context = generator.integers(0, 5000, 4).tolist()
        token = choose(few, context, KEYS, PARAMETERS, candidates)
        assert token == choose(all_of_them, context, KEYS, PARAMETERS)
        assert token in candidates


def test_accepted_tokens_are_context() -> None:
    """A forced token moves the context on."""
    one, other = (Embedding(KEYS, PARAMETERS, [1], np.random.default_rng(0)) for _ in range(2))
    one.accept(9)
    shares = np.full(10_000, 1e-4)
    assert one.choose(shares) == choose(shares, [1, 9], KEYS, PARAMETERS)
    assert other.choose(shares) == choose(shares, [1], KEYS, PARAMETERS)


def test_tiny_probabilities_do_not_overflow() -> None:
    """The smallest numbers there are, alone and beside others."""
    assert choose(np.array([0.0, 5e-324]), [1], KEYS, PARAMETERS) == 1
    assert choose(np.array([1.0, 5e-324]), [1], KEYS, PARAMETERS) == 0


@pytest.mark.parametrize("shares", [[0.0, 0.0], [0.5, -0.1], [np.nan, 1.0], [np.inf, 1.0]])
def test_impossible_probabilities_are_refused(shares: list[float]) -> None:
    """None above zero, negative ones, or none at all."""
    with pytest.raises(ValueError, match="probabilities"):
        choose(np.array(shares), [1], KEYS, PARAMETERS)


@pytest.mark.parametrize(
    "keys",
    [
        [],
        KEYS[:1],
        [KEYS[0], KEYS[0]],
        [KEYS[0], key_of(bytes(range(1, 17)) + bytes(range(100, 116)), Layer.ACCOUNT)],
    ],
)
def test_keys_must_fit_together(keys: list[Key]) -> None:
    """One of each layer, and of one epoch."""
    with pytest.raises(ConfigurationError, match="one key of each layer"):
        choose(SHARES, [1], keys, PARAMETERS)


def test_numbers_never_reach_zero_or_one() -> None:
    """The ends of the range have finite values on both sides of the comparison."""
    ends = uniforms(np.array([0, 2**64 - 1], dtype=np.uint64))
    assert np.isfinite(np.log(ends)).all()
    assert np.isfinite(np.log(1.0 - ends)).all()
    assert (1.0 - ends).tolist() == ends[::-1].tolist()
