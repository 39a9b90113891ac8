"""Pairs of context and token that a suspect chose: which of them may be counted, and once each.

What is counted must not depend on a key, or the null would not be exact (Sander and others, 2024):

- a pair that the suspect was shown before it chose (in the prompt, or earlier in a text that it
  was forced along) is left out: whoever copies a marked text shows its mark without training;
- a pair counts once over all texts of the suspect;
- a context that the scheme reads alike under every key is left out, as in every test of a text;
- contexts are looked at only if they occur in the marked exposure. The filter reads contexts
  alone. One that read pairs would keep what the key had favoured, in any model.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cautery.watermark.deduplicate import (
    Deduplicate,
    first_occurrences,
    position_fingerprints,
)
from cautery.watermark.positions import Positions
from cautery.watermark.scoring import keyed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cautery.provenance.suspect_material import Exposure, Sample
    from cautery.records.key import Key
    from cautery.watermark.scoring import Plan


def chosen_occurrences(plan: Plan, samples: Iterable[Sample], key: Key) -> Positions:
    """List what the suspect chose without having been shown it, as often as it did.

    Args:
        plan: Scheme and parameters.
        samples: Its texts.
        key: Decides which positions are its own, in a scheme with layers; its value for a pair
            plays no part.

    Returns:
        The pairs, in the order of the texts.
    """
    return keyed(plan, joined(_unshown(plan, sample, key) for sample in samples))


def unrepeated_pairs(pairs: Positions) -> Positions:
    """Keep the first of each pair of context and token."""
    return at(pairs, first_occurrences(position_fingerprints(pairs, Deduplicate.CONTEXT_TOKEN)))


def _unshown(plan: Plan, sample: Sample, key: Key) -> Positions:
    whole = plan.scheme.positions(sample.tokens, plan.parameters, key)
    prints = position_fingerprints(whole, Deduplicate.CONTEXT_TOKEN)
    # np.unique gives the first place of each: where the suspect could first have read it.
    shown, first = np.unique(prints, return_index=True)
    first_index = whole.index[first]
    if sample.predictions is None:
        chosen = at(whole, whole.index >= sample.start)
        horizon = np.full(len(chosen), sample.start, dtype=np.int64)
    else:
        chosen = _predicted(whole, sample.predictions)
        horizon = chosen.index
    if not len(shown) or not len(chosen):
        return chosen
    wanted = position_fingerprints(chosen, Deduplicate.CONTEXT_TOKEN)
    place = np.minimum(np.searchsorted(shown, wanted), len(shown) - 1)
    copied = (shown[place] == wanted) & (first_index[place] < horizon)
    return at(chosen, ~copied)


def _predicted(whole: Positions, predictions: NDArray[np.int64]) -> Positions:
    """Put what the suspect predicted in the place of what stands in the text."""
    most = predictions.shape[1]
    rows = Positions(
        index=np.repeat(whole.index, most),
        token=predictions[whole.index].ravel(),
        context=np.repeat(whole.context, most, axis=0),
    )
    return at(rows, rows.token >= 0)


def exposed_pairs(plan: Plan, exposure: Exposure, key: Key) -> Positions:
    """List the pairs of one of our answers, repetitions included.

    Args:
        plan: Scheme and parameters.
        exposure: The answer, with its prompt where it is known.
        key: Decides which positions are its own.

    Returns:
        The pairs, in the order of the text.
    """
    whole = plan.scheme.positions(exposure.tokens, plan.parameters, key)
    return keyed(plan, at(whole, whole.index >= exposure.start))


def contexts_of(pairs: Positions) -> NDArray[np.uint64]:
    """Fingerprint the context of each pair, shape (pairs,)."""
    return position_fingerprints(pairs, Deduplicate.CONTEXT)


def once_for_key(plan: Plan, pairs: Positions, key: Key) -> Positions:
    """Leave out pairs for which the keyed function reads the same as for an earlier one.

    Asked of every scheme, whatever its profile says of repetitions: a self-hash reads a minimum,
    a left-hash a sum of tokens, and pairs that share what is read share their luck.
    """
    if not len(pairs):
        return pairs
    return at(pairs, first_occurrences(plan.scheme.prf_inputs(pairs, key, plan.parameters)))


def at(pairs: Positions, kept: NDArray[np.bool_]) -> Positions:
    """Keep the marked ones."""
    return Positions(index=pairs.index[kept], token=pairs.token[kept], context=pairs.context[kept])


def joined(parts: Iterable[Positions]) -> Positions:
    """Put pairs of several texts one after another."""
    some: Sequence[Positions] = [part for part in parts if len(part)]
    if not some:
        nothing = np.empty(0, dtype=np.int64)
        return Positions(index=nothing, token=nothing, context=np.empty((0, 1), dtype=np.int64))
    return Positions(
        index=np.concatenate([part.index for part in some]),
        token=np.concatenate([part.token for part in some]),
        context=np.concatenate([part.context for part in some]),
    )
