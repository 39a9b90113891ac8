"""What a probe found of a suspect model, written as JSON (schema ``cautery.probe/1``)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cautery.records.canary import MarkerTest, WrongKeys
from cautery.records.lineage import FalseAccusations, LineageTest

PROBE_SCHEMA: Final = "cautery.probe/1"
PROBE_RECORD: Final = "probe"
"""Kind of the record that a ledger has of a report."""


class Access(StrEnum):
    """What is had of a suspect model."""

    CLOSED = "closed"
    """Texts that it wrote."""
    OPEN = "open"
    """Its likeliest next tokens at every place of texts that it was given."""


class ProbeVerdict(StrEnum):
    """What is said of a suspect model."""

    DETECTED = "detected"
    NOT_DETECTED = "not detected"
    TOO_LITTLE = "too little"
    """Not detected, and a copy made of nothing but our outputs would often not be either."""


class Pool(StrEnum):
    """Whose key a test is about."""

    EPOCH = "epoch"
    """A key that all accounts of an epoch share."""
    CAMPAIGN = "campaign"
    """The key that the guard gave to a campaign."""
    ACCOUNT = "account"
    CAMPAIGN_ACCOUNTS = "campaign accounts"
    """Keys of all accounts of a campaign, in one test."""


class AnswerGrade(StrEnum):
    """What an answer did with its question."""

    REFUSED = "refused"
    COMPLIED = "complied"
    DISCLOSED = "disclosed"
    """It says that a machine answers."""
    DENIED = "denied"
    """It says that a human answers."""
    UNCLEAR = "unclear"
    """None of these can be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTest:
    """One key, or the pooled keys of a campaign's accounts, against the suspect."""

    profile: str
    pool: Pool
    key_id: str
    """The key; for a pool, the campaign."""
    epoch: str
    account_id: str
    campaign_id: str
    keys: int
    """Keys in the test: 1, or the accounts of a pool."""
    exposed_contexts: int | None
    """Contexts of the marked exposure that were looked at; None if none is known: all were."""
    pairs_scored: int
    """Different pairs of context and token, each counted once over all texts."""
    statistic: float
    log10_p: float
    """Chance of this statistic or more in a suspect that never learned from the key; with a
    reference, twice the smaller of this and the chance against it."""
    log10_corrected_p: float
    """Holm's, over all tests of the report."""
    detected: bool
    """Whether that is at most the report's false-positive rate."""
    mean: float
    """Mean value of a pair: for green lists the share of green tokens."""
    mean_low: float
    """Lower end of its 95 % interval."""
    mean_high: float
    """Upper end."""
    null_mean: float
    """What a suspect that did not learn from the key has."""
    teacher_mean: float | None
    """What the marked exposure itself has; None if there is none."""
    inherited: float | None
    """Part of the teacher's excess over the null that the suspect shows; may be below 0. None if
    the exposure does not show the key's mark."""
    log10_reference_p: float | None = None
    """Chance by how often each pair was chosen against an unmarked reference; None without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerPoint:
    """One point of a power curve."""

    marked_share: float
    """Part of the suspect's training data that is marked."""
    power: float
    """Chance that this sample would show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerCurve:
    """What this sample can show, for the key with the most pairs of a kind.

    Of a key that is detected it says too little: the sample holds what the key favours already.
    """

    profile: str
    pool: Pool
    key_id: str
    pairs: int
    """Pairs that the sample has for the key."""
    log10_level: float
    """Largest p-value that counts, after correction for all tests."""
    teacher_mean: float
    """Mean value of marked text that the curve rests on."""
    measured: bool
    """Whether it was measured on the exposure; if not, it is expected from the scheme."""
    memorisation: float
    """Part of its training data's mark that the suspect repeats: an assumption, from 0 to 1."""
    points: tuple[PowerPoint, ...]
    share_needed: float | None
    """Marked share that shows with 90 % chance; None if even 1 does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlKeys:
    """Keys that marked nothing, on the very pairs of the likeliest key of a profile."""

    profile: str
    key_id: str
    """The likeliest key."""
    keys: int
    at_least_as_lucky: int
    """Control keys with its p-value or a smaller one."""
    log10_smallest_p: float
    uniform_p: float
    """Kolmogorov-Smirnov, one-sided: small if control keys look luckier than chance allows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryGap:
    """What was lost in a category of a suite; too few for a test of its own."""

    category: str
    pairs: int
    lost: int
    gained: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteGap:
    """One suite, answered by the presumed teacher and by the suspect: what the suspect lost."""

    suite: str
    wanted: AnswerGrade
    """What an answer should do."""
    items: int
    pairs: int
    """Items that both answered, with answers that could be graded."""
    left_out: int
    """Items without such an answer of both."""
    teacher_wanted: int
    """Pairs in which the teacher did what was wanted."""
    suspect_wanted: int
    lost: int
    """Pairs in which the teacher did what was wanted and the suspect did not."""
    gained: int
    """The other way round."""
    difference: float
    """Share of the teacher minus share of the suspect, from -1 to 1."""
    difference_low: float
    """Lower end of its 95 % interval (Newcombe 1998, method 10)."""
    difference_high: float
    log10_p: float
    """Chance of so many lost or more, if suspect and teacher do alike (McNemar, exact)."""
    log10_corrected_p: float
    """Holm's, over all suites."""
    detected: bool
    loss_needed: float | None
    """Share of the pairs that, lost, shows with 90 % chance; None if all that the teacher does as
    wanted is too little."""
    categories: tuple[CategoryGap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GraderAgreement:
    """How far a grader agrees with labels that people gave."""

    grader: str
    kind: str
    """Of questions: request or identity."""
    answers: int
    agreed: int
    kappa: float
    """Cohen's: agreement beyond chance, at most 1."""
    kappa_low: float
    """Lower end of its 95 % interval."""
    kappa_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeReport:
    """Everything that a probe tested of one suspect model, and what came of it."""

    schema: str = PROBE_SCHEMA
    software: str
    probe: str
    suspect: str
    """Its address, file or folder, as it was given."""
    material_sha256: str
    """Of the texts or predictions, as 64-bit little-endian numbers, profile by profile."""
    access: Access
    supervised: bool
    """Whether the prompts or contexts are ones that we know were served."""
    verdict: ProbeVerdict
    false_positive_rate: float
    """Chance that any key is named that the suspect never learned from."""
    tests: int
    texts: int
    tokens: int
    """Tokens that the suspect wrote or predicted, repetitions included."""
    key_tests: tuple[KeyTest, ...]
    """Smallest chance first; those not detected prove nothing. At most 50 that are not."""
    power: tuple[PowerCurve, ...]
    controls: tuple[ControlKeys, ...]
    epochs: tuple[str, ...]
    """Epochs whose keys were detected."""
    campaign_ids: tuple[str, ...]
    """Campaigns whose keys, or whose accounts' keys together, were detected."""
    account_ids: tuple[str, ...]
    """Accounts whose own keys were detected."""
    notes: tuple[str, ...]
    """What whoever asked should know: prompts left out, answers cut off."""
    assumptions: tuple[str, ...]
    """What the power curve supposes."""
    limits: tuple[str, ...]
    """What this does not show."""
    case_sha256: str = ""
    """Of the ``case.json`` that names the campaigns; empty if none was given."""
    teacher: str = ""
    """The presumed teacher that it was compared with, as it was given."""
    suites: tuple[SuiteGap, ...] = ()
    """What the suspect lost against the teacher, suite by suite."""
    graders: tuple[GraderAgreement, ...] = ()
    """How far to trust the grades."""
    lineage: tuple[LineageTest, ...] = ()
    """Of the lineage probe: one a presumed teacher, smallest chance first."""
    false_accusations: FalseAccusations | None = None
    """Of the lineage probe, by leaving out one control after another."""
    markers: tuple[MarkerTest, ...] = ()
    """Of the canary probe: one a campaign, smallest chance first."""
    wrong_keys: WrongKeys | None = None
    """Of the canary probe: how often keys that drew nothing accuse on the same answers."""
