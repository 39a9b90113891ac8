"""Meanings of sampled pools: exact means, bounded samples, and nothing without an embedding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from tests.scan.grouping import named
from tests.scan.pool_worlds import ASKED, EXCHANGES, POOL_ACCOUNTS, TRACE, harvest_log, pool_log
from tests.scan.scanning import rendered, scanned
from tests.scan.small_logs import facts_of
from tests.scan.static_models import static_model
from tests.scan.weighed import assert_readable, groups_on_demand

from cautery.records.case import Case, EmbeddingUse
from cautery.records.evidence import Weight
from cautery.registry import SIGNALS
from cautery.scan import pool_meanings as room
from cautery.scan import pool_samples
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.pool_meanings import PoolMeanings, embedding_use, pool_meanings
from cautery.scan.run import ScanOptions
from cautery.scan.static_embedding import UNIT, StaticEmbedding

SIGNAL_NAMES = ("coverage_growth", "pool_distance")


@pytest.fixture(scope="module")
def embedding(tmp_path_factory: pytest.TempPathFactory) -> StaticEmbedding:
    """Make a model that knows what is asked for, a subject a sentence, and no made-up word."""
    subjects = {str(place): text.rstrip(".").split() for place, text in enumerate(ASKED)}
    folder = static_model(
        tmp_path_factory.mktemp("model") / "static", {**subjects, "trace": TRACE.split()[:-1]}
    )
    return StaticEmbedding(folder)


@pytest.fixture(scope="module")
def facts(pool_facts: Facts, embedding: StaticEmbedding) -> Facts:
    """Give the facts of the pools an embedding."""
    return replace(pool_facts, embedding=embedding)


def pools(facts: Facts) -> Groups:
    """Group the harvest and the relay."""
    return groups_on_demand(facts, named(facts, "harvester"), named(facts, "relay"))


def meanings_of(facts: Facts) -> PoolMeanings:
    """Embed the pools, which must be possible."""
    found = pool_meanings(facts, pools(facts))
    assert found is not None
    return found


def test_means(facts: Facts, embedding: StaticEmbedding) -> None:
    """The mean of an account is that of its prompts' vectors, each as often as it was sent."""
    prompts: dict[str, list[str]] = defaultdict(list)
    for row in pool_log().exchanges:
        prompts[row["account_id"]].append(row["input_text"])
    found = meanings_of(facts)
    assert found.accounts.size > 2 * POOL_ACCOUNTS
    for place in range(0, found.accounts.size, 8):
        account = int(found.accounts[place])
        vectors = embedding.embed(prompts[facts.account_ids[account]]).astype(np.float64) / UNIT
        assert np.allclose(found.means[place], vectors.mean(axis=0), atol=1e-12)
    assert set(found.exchanges.tolist()) == {EXCHANGES}
    assert (found.cells[found.accounts].sum(axis=1) == EXCHANGES).all()


def test_bounded(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is embedded is what ``pool_samples`` samples, and no more."""
    monkeypatch.setattr(pool_samples, "ROWS", 1_500)
    groups = pools(facts)
    found = pool_meanings(facts, groups)
    assert found is not None
    assert (found.exchanges == pool_samples.pool_samples(facts, groups).rows[found.accounts]).all()
    assert 0 < found.exchanges.sum() < 2 * 1_500


def test_long_log(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a long log only the eighth of prompts counts that every scan of it keeps."""
    everything = int(meanings_of(facts).exchanges.sum())
    monkeypatch.setattr(room, "FULL_TEXT_ROWS", 100)
    assert 0.09 < int(meanings_of(facts).exchanges.sum()) / everything < 0.16


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory, embedding: StaticEmbedding) -> Iterator[Facts]:
    """Read the same log with all rows turned round."""
    read = facts_of(tmp_path_factory.mktemp("turned") / "log", pool_log().reversed())
    yield replace(read, embedding=embedding)
    read.close()


def test_order_of_rows(facts: Facts, turned: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows in another order and in other batches give the same digits."""
    found = meanings_of(facts)
    monkeypatch.setattr(room, "BATCH_ROWS", 97)
    other = meanings_of(turned)
    assert other.means.tobytes() == found.means.tobytes()
    assert (other.cells != found.cells).nnz == 0


def rows_of(facts: Facts, signal: str) -> list[Weight]:
    """Weigh the harvest and the relay by a signal."""
    return list(SIGNALS.load(signal).measure(facts, pools(facts)))


@pytest.mark.parametrize("signal", SIGNAL_NAMES)
def test_shown_and_not_weighed(facts: Facts, pool_facts: Facts, signal: str) -> None:
    """With an embedding a row says more; its bits, p-value and sample are what they are without."""
    for plain, row in zip(rows_of(pool_facts, signal), rows_of(facts, signal), strict=True):
        assert_readable(row)
        assert "by meaning" in row.observed
        assert row.sentence.startswith(plain.sentence)
        same = replace(row, observed=plain.observed, sentence=plain.sentence)
        assert same == plain


def test_figures(facts: Facts) -> None:
    """A harvest of one subject is far from its cohort by meaning, and meets few meanings."""
    harvest = rows_of(facts, "pool_distance")[0]
    assert "(p 0.005)" in harvest.sentence
    assert float(harvest.observed.split(", ")[1].split()[0]) > 0.1
    coverage = rows_of(facts, "coverage_growth")[0]
    phrases, meanings = (
        float(part.split()[place])
        for part, place in zip(coverage.observed.split(", "), (1, 0), strict=True)
    )
    assert meanings < 0.1
    assert phrases > 0.8


def test_none(pool_facts: Facts, facts: Facts) -> None:
    """Without an embedding nothing is read and nothing recorded."""
    groups = pools(pool_facts)
    assert pool_meanings(pool_facts, groups) is None
    assert "pool_meanings" not in groups.measured
    assert embedding_use(pool_facts, groups) is None
    unused = embedding_use(facts, groups)
    assert unused is not None
    assert unused.exchanges == 0


def judged(case: Case) -> str:
    """Write what a case says but for the embedding and what the two rows say of it."""

    def plain(rows: tuple[Weight, ...]) -> tuple[Weight, ...]:
        return tuple(
            replace(row, observed="", sentence="") if row.signal in SIGNAL_NAMES else row
            for row in rows
        )

    campaigns = tuple(replace(one, weights=plain(one.weights)) for one in case.campaigns)
    return rendered(replace(case, campaigns=campaigns, embedding=None, notes=()))


@pytest.fixture(scope="module")
def cases(
    tmp_path_factory: pytest.TempPathFactory, embedding: StaticEmbedding
) -> tuple[Case, Case, Case]:
    """Scan the pools plainly, with an embedding, and with one but without texts."""
    folder, options = tmp_path_factory.mktemp("cases"), ScanOptions(embedding=embedding)
    return (
        scanned(folder / "plain", harvest_log()),
        scanned(folder / "embedding", harvest_log().reversed(), options=options),
        scanned(folder / "texts", harvest_log(), options=options, drop_text=True),
    )


def test_whole_scan(cases: tuple[Case, Case, Case], embedding: StaticEmbedding) -> None:
    """An embedding changes no verdict, and the case tells which one was used and for how much."""
    plain, used, _without = cases
    assert plain.campaigns
    assert plain.embedding is None
    assert judged(used) == judged(plain)
    assert rendered(used) != rendered(plain)
    assert used.embedding is not None
    assert used.embedding == EmbeddingUse(
        sha256=embedding.sha256,
        tokens=embedding.tokens,
        dimensions=embedding.dimensions,
        exchanges=used.embedding.exchanges,
    )
    assert used.embedding.exchanges >= POOL_ACCOUNTS * EXCHANGES
    assert any(embedding.sha256[:12] in note for note in used.notes)


def test_texts_dropped(cases: tuple[Case, Case, Case]) -> None:
    """Where only sketches are left the case says that the embedding was not used."""
    plain, _used, without = cases
    assert without.embedding is not None
    assert without.embedding.exchanges == 0
    assert any("embedding was not used" in note for note in without.notes)
    assert [row.bits for row in without.campaigns] == [row.bits for row in plain.campaigns]
