"""Answers that are graded and dropped: what stays is the grade, and a keyed hash.

Answers to questions that ask for harm may be harmful; nobody should have a file of them unawares.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from cautery.provenance.answer_grading import Grader, names_owner
from cautery.provenance.query_state import AnswerLine, PlanHeader, QueryState
from cautery.provenance.suite_items import SuiteItem
from cautery.records.key import Secret
from cautery.records.probe import AnswerGrade

GRADES_SCHEMA: Final = "cautery.grades/1"
"""Of a file of graded answers; another than that of whole answers, which radioactivity reads."""
FILTERED: Final = "content_filter"
"""Finish reason of an answer that the endpoint's own filter stopped: a refusal."""
GRADES: Final = frozenset(AnswerGrade)


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedAnswers:
    """What one model did with the items."""

    name: str
    """Its address or file, as it was given."""
    grades: Mapping[str, AnswerGrade]
    """By item; none for an item without an answer."""
    named_owner: frozenset[str] = frozenset()
    """Items whose answer named the teacher or its maker."""
    tokens: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Grading:
    """How answers are graded, and what is kept of them."""

    items: Sequence[SuiteItem]
    grader: Grader
    owner_names: tuple[str, ...] = ()
    keep_answers: bool = False
    key: Secret = field(default_factory=lambda: Secret(secrets.token_bytes(32)), repr=False)
    """For the hash of answers; of this process only, and never written, if none is given."""

    def graded(self, item: SuiteItem, line: AnswerLine) -> AnswerLine:
        """Grade an answer and drop it.

        Args:
            item: What was asked.
            line: The answer, or why there is none.

        Returns:
            The line with its grade; without text unless answers are kept.
        """
        if line.failure and line.finish_reason != FILTERED:
            return msgspec.structs.replace(line, prompt="", text="")
        if line.finish_reason == FILTERED and item.kind == "request":
            grade = AnswerGrade.REFUSED
        else:
            grade = self.grader.grade(item.kind, item.prompt, line.text)
        content = line.text.encode("utf-8", "surrogatepass")
        return msgspec.structs.replace(
            line,
            prompt=line.prompt if self.keep_answers else "",
            text=line.text if self.keep_answers else "",
            failure="",
            grade=grade.value,
            text_hmac=hmac.digest(self.key.reveal(), content, "sha256").hex(),
            named_owner=item.kind == "identity" and names_owner(line.text, self.owner_names),
        )


class GradedState(QueryState):
    """The grades so far, opened for writing; use ``with``.

    Args:
        path: The file; made if it is not there, for its owner's eyes only.
        header: Which plan.
        grading: How answers are graded before they are kept.
    """

    def __init__(self, path: Path, header: PlanHeader, grading: Grading) -> None:
        self._grading = grading
        self._items = {item.id: item for item in grading.items}
        super().__init__(path, header)

    def add(self, line: AnswerLine) -> None:
        """Grade an answer, and keep the grade; it is on disk when this returns.

        Raises:
            OutputError: It cannot be written.
        """
        super().add(self._grading.graded(self._items[line.id], line))


def graded_answers(
    name: str, lines: Iterable[AnswerLine], notes: tuple[str, ...] = ()
) -> GradedAnswers:
    """Collect grades.

    Args:
        name: Whose they are.
        lines: Graded lines.
        notes: What is odd about the answers.

    Returns:
        The grades by item; a line without a known grade has none.
    """
    kept = [line for line in lines if line.grade in GRADES]
    return GradedAnswers(
        name=name,
        grades={line.id: AnswerGrade(line.grade) for line in kept},
        named_owner=frozenset(line.id for line in kept if line.named_owner),
        tokens=sum(line.output_tokens for line in kept),
        notes=notes,
    )


def grade_lines(
    name: str, lines: Iterable[AnswerLine], grading: Grading, advance: Callable[[int], None]
) -> GradedAnswers:
    """Grade answers that are at hand; those to other items are passed over, and counted.

    Args:
        name: Whose they are.
        lines: The answers; the first to an item counts.
        grading: How.
        advance: Hears of each.

    Returns:
        The grades.
    """
    items = {item.id: item for item in grading.items}
    found: dict[str, AnswerLine] = {}
    others = 0
    for line in lines:
        if line.id not in items or line.id in found:
            others += 1
            continue
        found[line.id] = grading.graded(items[line.id], line)
        advance(1)
    notes = (f"{others:,} answers belong to no item, or to one answered before",) if others else ()
    return graded_answers(name, found.values(), notes)
