"""Facts: what the log says, as one narrow exchange table and arrays by account; no judgement.

Feature expressions are written in Ibis, so that an engine past one machine can run the same ones.
Accounts are numbered in the order of their ids and every number that leaves the engine is an
integer, so that neither row order nor threads can change a result.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _
from numpy.typing import NDArray
from pyarrow import parquet

from cautery.scan.customers import number_customers
from cautery.scan.incidences import Incidences, make_incidences
from cautery.scan.questions import Question
from cautery.scan.replays import Replays, find_replays

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cautery.ports import OpenEngine
    from cautery.scan.kept_sums import KeptSums
    from cautery.scan.static_embedding import StaticEmbedding

Integers = NDArray[np.int64]

BATCH_ROWS: Final = 65_536
"""Rows of a part that are read at once."""
NO_TIME: Final = np.iinfo(np.int64).min
"""Stands for a time that the account table does not carry."""
MICROSECONDS_A_DAY: Final = 86_400_000_000


class Scratch:
    """A temporary folder that goes when this goes.

    Args:
        parent: Where it stands; None for the system's choice.
    """

    def __init__(self, parent: Path | None) -> None:
        if parent is not None:
            parent.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="cautery-scan-", dir=parent))
        self._files = 0
        self._end = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def new_path(self, name: str, suffix: str) -> Path:
        """Path of a file or folder that is not there yet."""
        self._files += 1
        return self.folder / f"{name}-{self._files}{suffix}"

    def close(self) -> None:
        """Remove the folder now."""
        self._end()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNumbers:
    """Finds the numbers of accounts by the keys of their ids."""

    keys: Integers
    """Keys of all accounts, ascending."""
    number: Integers
    """Number of the account of each key."""

    def of(self, keys: Integers) -> Integers:
        """Number of each key; every key must be known."""
        return self.number[np.searchsorted(self.keys, keys)]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that links and signals may read."""

    engine: OpenEngine
    """Runs kernels over batches of exchanges; its ``connection`` holds the tables below."""
    exchanges: Any
    """Ibis table, one row an exchange: account, second, style, hashes, flags, counts."""
    rows: Any
    """Ibis table of the parts as ingested, with ``account`` joined on."""
    parts: tuple[Path, ...]
    """The same parts as files, for what this machine reads in one pass; none on another engine."""
    numbers: AccountNumbers
    """Gives the account numbers of a batch of a part."""
    account_ids: tuple[str, ...]
    """Ids of all accounts in the log, sorted; the position is the account's number."""
    totals: dict[str, Integers]
    """By account: exchanges, output_tokens, active_days, first_us, last_us (since 1970)."""
    account_columns: dict[str, pa.Array]
    """Account table, aligned to ``account_ids``; only columns that hold something."""
    releases: tuple[tuple[str, int], ...]
    """Served model and release time in microseconds since 1970."""
    scratch: Scratch
    """Folder for what is written down on the way."""
    present: frozenset[str]
    """Columns of exchanges (plain) and accounts (``accounts.`` in front) that may be used."""
    kept: KeptSums | None = None
    """Sums over the same parts that a state keeps; None to ask the tables themselves."""
    embedding: StaticEmbedding | None = None
    """Tells what prompts mean; None unless the caller gave one."""
    number_files: dict[Path, Path] = field(default_factory=dict, compare=False, repr=False)
    """By part that was read: the account numbers of its rows, 32 bits each."""

    def close(self) -> None:
        """Let go of the engine and of temporary files."""
        self.engine.close()
        self.scratch.close()

    @property
    def account_count(self) -> int:
        """Number of accounts in the log."""
        return len(self.account_ids)

    def missing(self, needs: Sequence[str]) -> tuple[str, ...]:
        """Columns of ``needs`` that the log lacks."""
        return tuple(column for column in needs if column not in self.present)

    @cached_property
    def organisations(self) -> NDArray[np.object_]:
        """Declared organisation of each account, empty if none."""
        declared = np.full(self.account_count, "", dtype=object)
        if "org_id" in self.present:
            found = self.answer(
                Question(
                    of="rows",
                    where=_.org_id.notnull() & (_.org_id != ""),
                    least={"org": _.org_id.min()},
                )
            )
            declared[found["account"].to_numpy()] = found["org"].to_pylist()
        named = self.account_texts("org_id")
        return np.where(named != "", named, declared)

    @cached_property
    def customers(self) -> Integers:
        """Number of the customer of each account: who openly belongs together is one."""
        return number_customers(
            self.organisations,
            self.account_texts("email_domain"),
            self.account_texts("payment_fingerprint"),
        )

    @cached_property
    def replays(self) -> Replays:
        """Reasoning signatures that went from one customer's account to another's."""
        rows = self.rows.mutate(second=whole_seconds(_.time_start))
        return find_replays(rows, self.customers)

    @cached_property
    def addresses(self) -> Incidences:
        """Accounts and the keys of the addresses that they call from, which two links go by."""
        return self.tokens("rows", "address_key")

    def account_texts(self, column: str) -> NDArray[np.object_]:
        """A text column of the account table by account, empty where there is none."""
        if column not in self.account_columns:
            return np.full(self.account_count, "", dtype=object)
        values = self.account_columns[column].to_pylist()
        return np.array([value or "" for value in values], dtype=object)

    def account_times(self, column: str) -> Integers:
        """A time column of the account table in microseconds, ``NO_TIME`` where there is none."""
        if column not in self.account_columns:
            return np.full(self.account_count, NO_TIME, dtype=np.int64)
        times = self.account_columns[column].cast(pa.int64()).fill_null(NO_TIME)
        return np.asarray(times.to_numpy(zero_copy_only=False), dtype=np.int64)

    def answer(self, question: Question) -> pa.Table:
        """Answer a question whose answers add up: with a state, only new parts are asked.

        Args:
            question: What to count by account.

        Returns:
            Arrow table with the number of the account as ``account``, in no promised order.
        """
        table = self.rows if question.of == "rows" else self.exchanges
        return by_number(question, table, self.numbers, self.kept)

    def batches(
        self, columns: Sequence[str], parts: Sequence[Path] | None = None
    ) -> Iterator[tuple[Integers, Any]]:
        """Read some columns of the parts in one pass, in bounded memory.

        Args:
            columns: Names of columns; those that the parts lack are left out.
            parts: Some of the parts; None for all.

        Yields:
            Account numbers and the batch with the columns.
        """
        for part in self.parts if parts is None else parts:
            file = parquet.ParquetFile(part, pre_buffer=False)
            held = [name for name in columns if name in file.schema_arrow.names]
            with self._numbered(part).open("rb") as numbers:
                for batch in file.iter_batches(BATCH_ROWS, columns=held or ["account_key"]):
                    stored = numbers.read(4 * batch.num_rows)  # np.fromfile hides a signal's error
                    yield np.frombuffer(stored, np.int32).astype(np.int64), batch

    def _numbered(self, part: Path) -> Path:
        """Write the account numbers of a part down, once: finding them costs more than reading."""
        if part not in self.number_files:
            path = self.scratch.new_path("account-numbers", "")
            file = parquet.ParquetFile(part, pre_buffer=False)
            with path.open("wb") as numbers:
                for batch in file.iter_batches(BATCH_ROWS, columns=["account_key"]):
                    keys = batch.column("account_key").to_numpy()
                    self.numbers.of(keys).astype(np.int32).tofile(numbers)
            self.number_files[part] = path
        return self.number_files[part]

    def exchanges_of(self, accounts: Integers) -> Any:
        """Ibis table of the exchanges of some accounts."""
        return self.exchanges.semi_join(_as_table(accounts), "account")

    def rows_of(self, accounts: Integers) -> Any:
        """Ibis table of the rows of some accounts, as they were ingested."""
        return self.rows.semi_join(_as_table(accounts), "account")

    def tokens(self, of: Literal["rows", "exchanges"], column: str, fewest: int = 1) -> Incidences:
        """Collect every account with every value that a column of the log shows.

        Args:
            of: Table that has the column.
            column: Its name.
            fewest: Exchanges of an account that must show a value.

        Returns:
            Account-token pairs with their number of exchanges.
        """
        found = self.answer(
            Question(of=of, by=(column,), where=_[column].notnull(), sums={"exchanges": _.count()})
        )
        kept = found.filter(pc.greater_equal(found["exchanges"], fewest))
        return make_incidences(
            kept["account"].to_numpy().astype(np.int64),
            kept[column],
            kept["exchanges"].to_numpy().astype(np.int64),
        )

    def share_by_account(self, condition: Any) -> tuple[Integers, Integers]:
        """Count, by account, exchanges where a deferred condition is known and where it holds."""
        counted = self.answer(
            Question(
                of="exchanges",
                sums={
                    "known": condition.notnull().sum().cast("int64"),
                    "held": ibis.coalesce(condition, False).sum().cast("int64"),
                },
            )
        )
        known, held = np.zeros((2, self.account_count), dtype=np.int64)
        known[counted["account"].to_numpy()] = counted["known"].to_numpy()
        held[counted["account"].to_numpy()] = counted["held"].to_numpy()
        return known, held


def _as_table(accounts: Integers) -> Any:
    return ibis.memtable(pa.table({"account": pa.array(accounts.astype(np.int32))}))


def by_number(
    question: Question, table: Any, numbers: AccountNumbers, kept: KeptSums | None
) -> pa.Table:
    """Answer a question, with numbers for accounts.

    Args:
        question: What to count.
        table: Ibis table to ask if nothing is kept.
        numbers: Finds them by the keys that kept sums go by.
        kept: Kept sums, if there are any.

    Returns:
        Arrow table with the number of the account as ``account``.
    """
    if kept is None:
        found: pa.Table = question.over(table).to_pyarrow()
        return found
    found = kept.answer(question)
    account = numbers.of(found["account"].to_numpy()).astype(np.int32)
    return found.set_column(0, "account", pa.array(account))


def whole_seconds(time: Any) -> Any:
    """Ibis expression: seconds since 1970, rounded down (engines return fractions)."""
    return time.epoch_seconds().floor().cast("int64")
