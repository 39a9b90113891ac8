"""The mean discrepancy's rows: per account, over a union of infrastructure, over our groups."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from benchmarks.baseline_methods.mean_discrepancy import (
    WINDOWS,
    Detector,
    fit_embedding,
    members,
    rows_by_unit,
    word_vectors,
)
from benchmarks.baseline_methods.measured import Measured, measured, measured_groups
from benchmarks.baseline_methods.plain_log import PlainLog

from cautery.simulate.score_tables import TrueAccount

_FIT_PROMPTS = 20_000


def discrepancy_rows(
    true: Mapping[str, TrueAccount],
    log: PlainLog,
    pools: Mapping[str, Mapping[str, str]],
    seed: int = 0,
) -> dict[str, Measured]:
    """Run the method per account and over pools, with each window.

    Args:
        true: The true accounts; the method is told which are honest.
        log: The log.
        pools: Pool of each pooled account, by the name of what pooled them.
        seed: Seed of samples and splits.

    Returns:
        The measures by the row's name; empty for a log without prompts.
    """
    if not any(log.texts):
        return {}
    vectors = word_vectors(log.texts)
    honest = {name for name, account in true.items() if not account.attacker}
    benign = np.fromiter((name in honest for name in log.accounts), np.bool_, len(log.accounts))
    fit = fit_embedding(vectors[benign][:_FIT_PROMPTS], seed)
    detector = Detector(fit.features(vectors), benign, seed)
    found: dict[str, Measured] = {}
    alone = rows_by_unit(log.accounts)
    for window in WINDOWS:
        named = detector.alarmed(alone, window)
        found[f"MMD per account, window {window:,}"] = measured(true, named)
    for name, pool_of in pools.items():
        units = rows_by_unit(log.accounts, pool_of)
        for window in WINDOWS:
            inside = members(detector.alarmed(units, window), pool_of)
            groups = {account: pool_of[account] for account in inside}
            found[f"MMD over {name}, window {window:,}"] = measured_groups(true, groups)
    return found
