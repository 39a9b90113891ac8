"""What *degrade* changes in a request on its way in.

The server is asked for one text and no log-probabilities, so that it does not compute in vain what
its client will not get: a harvester who asks for 128 texts would cost 128. The answer is changed
all the same, because a server may give more than was asked.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import msgspec

from cautery.guard.request_reading import RequestBody, decoded
from cautery.records.decision import Degradation

_ONE: Final = msgspec.Raw(b"1")
_LOGPROB_FIELDS: Final = ("logprobs", "top_logprobs", "prompt_logprobs", "return_logprob")
_CHOICE_FIELDS: Final = ("n", "best_of", "num_choices")
_KEEPS_CHANCES: Final = frozenset({"single_choice"})


def degrade_request(body: RequestBody, degradations: Collection[Degradation]) -> None:
    """Ask the server for less, in place.

    Args:
        body: As it was read.
        degradations: What is done to the answer.
    """
    fields = body.fields
    if not _KEEPS_CHANCES.issuperset(degradations):
        for name in _LOGPROB_FIELDS:
            fields.pop(name, None)
        included = decoded(fields.get("include", msgspec.UNSET))
        if isinstance(included, list):
            kept = [name for name in included if "logprobs" not in str(name)]
            fields["include"] = msgspec.Raw(msgspec.json.encode(kept))
    if "single_choice" in degradations:
        for name in _CHOICE_FIELDS:
            if name in fields:
                fields[name] = _ONE
