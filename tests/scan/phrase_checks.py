"""What every signal that reads phrase families keeps to; each has a class of these tests."""

from __future__ import annotations

from typing import Any, ClassVar

from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.phrase_worlds import ASKERS, TURNS, PhraseFamily
from tests.scan.signals.conftest import LogWithout, NullWeights
from tests.scan.small_logs import HOSTILE, exchanges_of
from tests.scan.weighed import assert_not_in_this_log, least, mean_bits, most, weigh, weigh_one

from cautery.records.evidence import Weight
from cautery.scan.facts import Facts
from cautery.scan.weighing import Curve

ALL, NONE = "100 % of the harvest", "0 % of the harvest"


class PhraseChecks:
    """Tests of one signal; a subclass names its family and curve."""

    family: ClassVar[PhraseFamily]
    curve: ClassVar[Curve]

    def rows(self, facts: Facts, *kinds: str) -> list[Weight]:
        """Weigh the family's groups of some kinds."""
        groups = [named(facts, f"{self.family.signal}-{kind}") for kind in kinds]
        return weigh(facts, self.family.signal, *groups)

    def test_planted_group(self, phrase_facts: Facts) -> None:
        """A group that always asks for it weighs nearly as much as the curve allows."""
        signal = self.family.signal
        row = weigh_one(phrase_facts, signal, named(phrase_facts, f"{signal}-full"))
        assert row.bits >= 0.8 * most(self.curve)
        assert row.observed == ALL
        assert row.p_value is not None
        assert row.p_value < 1e-9
        assert row.sample_size == ASKERS * TURNS

    def test_more_asking_weighs_more(self, phrase_facts: Facts) -> None:
        """Asking in half of the exchanges weighs between never and always."""
        none, half, full = (row.bits for row in self.rows(phrase_facts, "none", "half", "full"))
        assert least(self.curve) <= none <= 0.0 < half <= full

    def test_everybody_asks(self, common_facts: Facts) -> None:
        """Where all strangers ask for it now and then, a group of them weighs nothing."""
        row = weigh_one(common_facts, self.family.signal, common_facts.account_ids[:ASKERS])
        assert row.observed == "40 % of the harvest"
        assert row.bits == 0.0

    def test_words(self, phrase_facts: Facts) -> None:
        """Each of the family's requests counts, and honest ones with the same words do not."""
        asks, passes = (
            self.rows(phrase_facts, *(f"{kind}-{place}" for place in places))
            for kind, places in (
                ("asks", range(len(self.family.asks))),
                (
                    "passes",
                    range(len(self.family.asks), len(self.family.asks + self.family.passes)),
                ),
            )
        )
        assert [row.observed for row in asks] == [ALL] * len(self.family.asks)
        assert [row.observed for row in passes] == [NONE] * len(self.family.passes)

    def test_system_prompt_counts(self, phrase_facts: Facts) -> None:
        """What the system prompt asks for counts as what the last turn asks for."""
        full, system = self.rows(phrase_facts, "full", "system")
        assert system.bits == full.bits

    def test_few_exchanges_prove_little(self, phrase_facts: Facts) -> None:
        """Two exchanges that ask weigh less than sixty, though all of them do."""
        full, few = self.rows(phrase_facts, "full", "few")
        assert few.observed == full.observed
        assert few.bits < full.bits

    def test_cover_is_left_out(self, phrase_facts: Facts) -> None:
        """Cover traffic of half the exchanges does not thin out what the harvest asks for."""
        (row,) = self.rows(phrase_facts, "cover")
        assert row.observed == ALL
        assert row.bits >= 0.7 * most(self.curve)

    def test_null(self, null_weights: NullWeights) -> None:
        """Random groups of strangers, who ask now and then as well, weigh nothing or less."""
        rows = null_weights[self.family.signal]
        assert least(self.curve) - 0.05 <= mean_bits(rows) <= 0.1
        assert max(row.bits for row in rows) <= 0.4

    def test_missing_column(self, log_without: LogWithout) -> None:
        """Without prompts nothing is known of what is asked for."""
        facts = log_without("input_text")
        assert_not_in_this_log(facts, self.family.signal, ["input_text"])

    def test_hostile_values(self, read_log: ReadLog) -> None:
        """Escapes are words, text kept or dropped, and the phrase is found between them."""
        asked = [f"{text} {self.family.asks[0]} {text}" for text in HOSTILE]
        plain_texts: list[str | None] = ["", None, *HOSTILE]
        shown: dict[str, list[Any]] = {"a": plain_texts, "b": asked, "c": plain_texts}
        log, signal = exchanges_of("input_text", shown), self.family.signal
        kept, dropped = read_log(log), read_log(log, drop_text=True)
        plain, asking = weigh(kept, signal, ["a"], ["b"])
        assert plain.observed == NONE
        assert (asking.observed, asking.sample_size) == (ALL, len(HOSTILE))
        assert weigh(dropped, signal, ["a"], ["b"]) == [plain, asking]
