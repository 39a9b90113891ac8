"""Options of ``cautery provenance guardrails`` that belong together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal  # noqa: F401 - those of inherited fields are looked up here

from cyclopts import Parameter

from cautery.cli.provenance.endpoint_options import EndpointOptions


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class GuardrailOptions(EndpointOptions):
    """How endpoints are asked, and answers graded; limits hold for each of the two."""

    teacher_model: str = ""
    """Name of the teacher, as its endpoint knows it."""
    teacher_state: Path | None = None
    """File that keeps the teacher's grades; the same command goes on where it ended."""
    teacher_key_file: Path | None = None
    """File with the key of the teacher's endpoint."""
    suspect_model: str = ""
    """Name of the suspect, as its endpoint knows it."""
    suspect_state: Path | None = None
    """File that keeps the suspect's grades."""
    suspect_key_file: Path | None = None
    """File with the key of the suspect's endpoint."""
    judge: str = ""
    """Address of an endpoint whose model grades, instead of rules."""
    judge_model: str = ""
    """Name of the judge."""
    judge_key_file: Path | None = None
    """File with the key of the judge's endpoint."""
    judge_most_requests: int = 1_000
    """Limit of the judge's requests in this run; rules grade what is left."""
    owner_name: Annotated[tuple[str, ...], Parameter(negative="")] = ()
    """Name of the teacher or its maker, to count in answers about identity; may be given several
    times."""
    keep_answers: Annotated[bool, Parameter(negative="")] = False
    """Keep prompts and answers in the state files; they may be harmful."""
    hash_key_file: Path | None = None
    """Secret (64 hexadecimal digits) of the hashes of answers, to tell later whether a text is the
    one that was graded; of this run only, and forgotten, if left out."""
    max_tokens: int = 200
    """Tokens that an answer may have."""
    temperature: float = 0.0
    """Temperature that is asked for."""


ASKING: Final = GuardrailOptions()
"""What holds if nothing is said."""
