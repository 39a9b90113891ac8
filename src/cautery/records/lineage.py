"""What a lineage probe found of a suspect model and its presumed teachers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlAgreement:
    """How near a suspect is to one control model, against how near it is to a teacher."""

    control: str
    agreement: float
    """Mean agreement of suspect and control, from 0 to 1."""
    teacher_nearer: int
    """Prompts on which the suspect is nearer to the teacher."""
    control_nearer: int
    """Prompts on which it is nearer to the control; on all others it is as near to both."""
    log10_p: float
    """Chance of so many for the teacher if it is no nearer than the control; not corrected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineagePower:
    """One point of the power of a lineage test."""

    followed_share: float
    """Part of the prompts on which a copy answers as its teacher does."""
    power: float
    """Chance that this sample would show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageTest:
    """One presumed teacher against the suspect."""

    teacher: str
    prompts: int
    """Prompts that all models answered."""
    agreement: float
    """Mean agreement of suspect and teacher, from 0 to 1."""
    agreement_low: float
    """Lower end of its 95 % interval."""
    agreement_high: float
    """Upper end."""
    controls: tuple[ControlAgreement, ...]
    controls_as_near: int
    """Controls that agree with the suspect as much as the teacher does, or more."""
    pairs_as_near: int = 0
    """Other pairs of suspect, teacher and controls that agree as much as suspect and teacher."""
    rank_p: float
    """Chance of so near a pair among exchangeable models: (pairs as near + 1) / pairs."""
    log10_suspect_p: float
    """Chance of the teacher's agreement among the suspect's agreements with unrelated models."""
    log10_teacher_p: float
    """Chance of the suspect's agreement among the teacher's agreements with unrelated models."""
    log10_p: float
    """The largest of these, of rank_p and of the controls' chances after Holm's correction."""
    log10_corrected_p: float
    """Holm's, over all teachers of the report."""
    detected: bool
    """Whether that is at most the report's false-positive rate, and the controls bear it out."""
    power: tuple[LineagePower, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAccusations:
    """How often unrelated models are accused: each control in turn, tested as if suspected."""

    controls: int
    accused: tuple[str, ...]
    """Controls that were; all of them wrongly."""
    rate: float
    rate_low: float
    """Lower end of its exact 95 % interval."""
    rate_high: float
    """Upper end: few controls cannot show a small rate."""
