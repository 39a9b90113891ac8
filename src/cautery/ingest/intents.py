"""Phrase families: a bit set of what a request asks for, found by regular expressions.

The families follow the published cases (``detection.md`` sections 1 and 5): reasoning
extraction, rubric grading, making of training data, evasion, and the capabilities that were
harvested. A single phrase proves nothing, honest people write all of them; the scan compares
*shares* in a pool with the shares in its cohort. RE2 runs them, so hostile text costs linear time.
"""

from __future__ import annotations

from enum import IntFlag
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


class Intent(IntFlag):
    """One bit a phrase family; the same families of the system prompt stand 15 bits higher."""

    REASONING_TRACE = 1
    """Asks for the hidden reasoning itself."""
    STEP_BY_STEP = 2
    """Asks for worked steps, which honest people do as well."""
    GRADING = 4
    """Asks for scores or preferences over answers."""
    DATA_MAKING = 8
    """Asks for instructions, questions or rewrites, the raw material of training sets."""
    EVASION = 16
    """Speaks to a detector: *do not flag this*."""
    CODING = 32
    AGENTIC = 64
    """Tool use, shell, browser or repository work."""
    SENSITIVE_REWRITE = 128
    """Asks for censorship-safe versions of political answers."""
    TRANSLATION = 256
    EXTRACTION = 512
    """Summaries, labels and fields out of a given text."""
    MATHEMATICS = 1024


SYSTEM_SHIFT: Final = 15
"""Distance between a family's bit for the user turn and for the system prompt."""

PHRASES: Final[dict[Intent, str]] = {
    Intent.REASONING_TRACE: (
        r"</?think(ing)?>|</?reasoning>|</?scratchpad>|chain[- ]of[- ]thought"
        r"|(reasoning|thought|thinking) (trace|process|content|chain)|inner monologue"
        r"|internal (reasoning|monologue|thoughts?|deliberation)|(hidden|raw|full|complete|entire"
        r"|private|unabridged) "
        r"(reasoning|thinking|thoughts?|chain|deliberation)|think(ing)? (out loud|aloud)"
        r"|every (intermediate|reasoning|thinking) step"
        r"|verbatim (reasoning|thoughts?)|(reveal|expose|print|dump|transcribe|narrate) (your|the"
        r"|all) "
        r"(\w+ )?(reasoning|thinking|thoughts?|deliberation)|before (the )?final answer"
    ),
    Intent.STEP_BY_STEP: (
        r"step[- ]by[- ]step|show (all )?(your|the) (work|working|steps|reasoning)|explain (your"
        r"|the) "
        r"(reasoning|thinking)|reason(ing)? (carefully|through)|think carefully|let's think"
        r"|walk (me )?through"
    ),
    Intent.GRADING: (
        r"\brubric|on a scale (of|from)|scale of \d|(score|rate|rating|grade|mark)s? (of|from"
        r"|between|on|it|each|the|this|them|out|how)\b"
        r"|out of (ten|10|five|5|100)\b|which (of the )?(two |2 )?(response|answer|assistant"
        r"|output|candidate|completion)s?\b"
        r"|(better|best|preferred|worse) (response|answer|output|candidate|completion)|\[\[[ab]\]\]"
        r"|evaluat(e|ing|ion) (the |each |of |this |both |text |these )?(quality|response|answer"
        r"|output|candidate|text|completion)"
        r"|\b(grade|judge|critique|compare) (the|this|each|these|both|two)\b|reward model"
        r"|preference (pair|label|data)|(helpfulness|honesty|truthfulness|"
        r"instruction[- ]following|informativeness) (assessment|score|rating)|# ?rating"
    ),
    Intent.DATA_MAKING: (
        r"prompt rewriter|rewrite (the |a )?(given |following )?(prompt|instruction|question)"
        r"|(generate|create|write|develop|"
        r"produce|come up with|design|invent) (a set of |a list of |a series of |up to )?(\d+"
        r"|several|many|diverse|new|more|a dozen|ten|five|twenty) "
        r"(\w+ ){0,3}(questions?|instructions?|prompts?|queries|tasks?|problems?|examples?|pairs?"
        r"|dialogues?|conversations?)"
        r"|training (data|set|example|corpus)|fine[- ]?tun(e|ing)|synthetic data"
        r"|question[- ]answer pairs?|"
        r"more complex version|instruction[- ]tuning|user queries"
    ),
    Intent.EVASION: (
        r"do not flag|not (a |an )?(reasoning extraction|distillation)|for (debug(ging)?"
        r"|authori[sz]ed) (purposes|session)"
        r"|(bypass|avoid|evade) (the )?(filter|detection|moderation|safety)"
        r"|ignore (all )?(previous|prior) instructions"
    ),
    Intent.CODING: (
        r"```|\b(def|class|import|function|const|return|public static) |\b(python|javascript"
        r"|typescript|java|rust|golang|"
        r"c\+\+|sql|regex|html|css|bash)\b|\b(code|bug|refactor|compile|unit tests?|stack trace"
        r"|traceback|api endpoint|algorithm)\b"
    ),
    Intent.AGENTIC: (
        r"\b(tool call|function call|shell command|terminal|repository|git diff|pull request"
        r"|apply the patch|browser|"
        r"click|screenshot|agent|tool_use|computer use|issue tracker)\b"
    ),
    Intent.SENSITIVE_REWRITE: (
        r"politically (sensitive|acceptable|neutral)|censor|sensitive (topic|question|political)"
        r"|(safe|compliant|acceptable|"
        r"approved) (version|alternative|rewrite|answer|phrasing)|dissident|party leader"
        r"|without (criti|mention)"
    ),
    Intent.TRANSLATION: (
        r"\btranslat(e|ion|ing)|\blocali[sz](e|ation)"
        r"|into (english|french|german|spanish|chinese|japanese|farsi|russian)"
    ),
    Intent.EXTRACTION: (
        r"\b(summari[sz]e|summary|classify|categori[sz]e|label|extract|tag|parse)\b|json (object"
        r"|only|schema|fields?)|return only"
    ),
    Intent.MATHEMATICS: (
        r"\b(solve|prove|proof|equation|integral|theorem|probability that|how many|compute"
        r"|calculate|derivative|geometry)\b"
    ),
}
"""Regular expression (RE2, on lower-cased text) of each family."""


def phrase_flags(texts: pa.LargeStringArray) -> NDArray[np.int64]:
    """Find the phrase families of every text.

    Args:
        texts: Lower-cased texts without nulls, of bounded length.

    Returns:
        One bit set a text.

    Example:
        >>> asked = pa.array(["score the answer on a scale of 1 to 5"], type=pa.large_string())
        >>> Intent(int(phrase_flags(asked)[0])) == Intent.GRADING
        True
    """
    total = np.zeros(len(texts), dtype=np.int64)
    for intent, pattern in PHRASES.items():
        found = pc.match_substring_regex(texts, pattern=pattern)
        total |= found.to_numpy(zero_copy_only=False).astype(np.int64) * int(intent)
    return total
