"""Logs of reworded campaigns: as ``cautery simulate`` makes them, and varied in one thing."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import parquet
from scipy import sparse

from cautery.simulate.attacks import paraphrased
from cautery.simulate.campaign import CampaignPlan
from cautery.simulate.plan import SimulationPlan
from cautery.simulate.run import simulate

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

HOUR: Final = 3_600_000_000
DAY: Final = 24 * HOUR
ACCOUNTS: Final = 3_000
PARAMETERS: Final = ("temperature", "top_p", "max_tokens", "n", "seed", "stream", "logprobs")
COLUMNS: Final = (
    "account_id", "time_start", "request_model", "user_agent", "tls_ja4", *PARAMETERS,
    "message_count", "input_tokens", "output_tokens", "system_text", "input_text",
)  # fmt: skip
"""What is read of a log; the answers' texts are half of it, and not needed."""


def make_reworded(seed: int, folder: Path, *, same_work: bool = False, **changed: float) -> Log:
    """Write a log of the tier ``paraphrased``, changed in one thing, and read it.

    Args:
        seed: Seed of the log.
        folder: Receives it.
        same_work: Whether all campaigns ask what the first one asks, so that nothing but the
            operator tells them apart.
        **changed: Fields of its campaigns' plans, as ``repeat`` for the share of items asked again
            and ``card_share`` for the share of accounts on shared cards.

    Returns:
        The log.
    """
    work = paraphrased.MIXES[0][2]
    mixes = [(name, share, work if same_work else own) for name, share, own in paraphrased.MIXES]

    def planned(**fields: Any) -> CampaignPlan:
        return CampaignPlan(**{**fields, **changed})

    with (
        patch.object(paraphrased, "MIXES", mixes),
        patch.object(paraphrased, "CampaignPlan", planned),
    ):
        simulate(SimulationPlan(tier="paraphrased", accounts=ACCOUNTS, seed=seed), folder)
    return read_log(folder)


@dataclass(frozen=True, kw_only=True)
class Log:
    """A labelled log: exchanges, accounts in the order of their ids, and the truth of them."""

    exchanges: pa.Table
    account: Integers
    """Account of each exchange."""
    ids: tuple[str, ...]
    campaign: NDArray[np.object_]
    """True campaign of each account, empty for honest ones."""
    kind: NDArray[np.object_]
    """True class of each account."""
    created: Floats
    """Sign-up of each account in microseconds since 1970."""
    closed: Floats
    """Closing likewise, NaN for open accounts."""
    released: float
    """Release of the new model."""
    model: str

    @property
    def count(self) -> int:
        """Number of accounts."""
        return len(self.ids)

    @cached_property
    def time(self) -> Integers:
        """Microseconds since 1970 of each exchange."""
        return np.asarray(self.exchanges["time_start"].cast(pa.int64()).to_numpy(), dtype=np.int64)

    @cached_property
    def plain(self) -> NDArray[np.bool_]:
        """Exchanges of one turn without a system prompt, as a careful harvest has them."""
        one = pc.equal(self.exchanges["message_count"], 1)
        return np.asarray(pc.and_(one, pc.is_null(self.exchanges["system_text"])).to_numpy())

    def counted(
        self, values: Integers, chosen: NDArray[np.bool_] | None = None
    ) -> sparse.csr_matrix:
        """Count each value of some exchanges by account: accounts x values."""
        use = np.ones(values.size, dtype=np.bool_) if chosen is None else chosen
        _names, column = np.unique(values[use], return_inverse=True)
        held = (np.ones(column.size), (self.account[use], column))
        return sparse.coo_matrix(held, shape=(self.count, column.max(initial=0) + 1)).tocsr()

    def coded(self, *names: str) -> Integers:
        """Number the combinations of some columns."""
        texts = [pc.fill_null(self.exchanges[name].cast(pa.string()), "") for name in names]
        joined = pc.binary_join_element_wise(*texts, "|").combine_chunks()
        return np.asarray(joined.dictionary_encode().indices.to_numpy(), dtype=np.int64)


def read_log(folder: Path) -> Log:
    """Read what ``cautery simulate`` wrote, accounts without exchanges left out."""
    exchanges = parquet.read_table(folder / "exchanges.parquet", columns=list(COLUMNS))
    encoded = exchanges["account_id"].combine_chunks().dictionary_encode()
    ids, rank = np.unique(encoded.dictionary.to_numpy(zero_copy_only=False), return_inverse=True)
    truth, known = (
        _by_account(folder / "truth" / "accounts.csv"),
        _by_account(folder / "accounts.csv"),
    )
    with (folder / "releases.csv").open(newline="", encoding="utf-8") as file:
        release = max(csv.DictReader(file), key=lambda row: row["released_at"])
    return Log(
        exchanges=exchanges, account=rank[encoded.indices.to_numpy()].astype(np.int64),
        ids=tuple(ids.tolist()),
        campaign=np.array([truth[name]["campaign_id"] for name in ids], dtype=object),
        kind=np.array([truth[name]["class"] for name in ids], dtype=object),
        created=np.array([_microseconds(known[name]["created_at"]) for name in ids]),
        closed=np.array([_microseconds(known[name]["closed_at"]) for name in ids]),
        released=_microseconds(release["released_at"]), model=release["model"],
    )  # fmt: skip


def _by_account(path: Path) -> dict[str, dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return {row["account_id"]: row for row in csv.DictReader(file)}


def _microseconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp() * 1e6 if text else float("nan")
