"""Recognising: which of one's own values peers have named, in clear, keyed, or alike."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from cautery.intel.epoch_keys import EpochKey, GroupKeys
from cautery.intel.keyed_values import keyed_value, normal_value
from cautery.intel.template_sketches import LEAST_BANDS, template_bands
from cautery.records.indicator import Indicator, IndicatorKind


class IndicatorBook:
    """Indicators by what they name; keyed ones only as far as one has their keys.

    Args:
        indicators: Those that hold now.
        keys: Key files of sharing groups that one is in.
        now: The time; UTC. What ran out by then is left out.
    """

    def __init__(
        self, indicators: Iterable[Indicator], keys: Sequence[GroupKeys], now: datetime
    ) -> None:
        held = {key.key_id: key for group in keys for key in group.keys}
        self._keys: dict[str, EpochKey] = {}
        """Keys that any indicator was keyed with."""
        self._clear: dict[IndicatorKind, dict[str, list[Indicator]]] = defaultdict(dict)
        self._keyed: dict[tuple[IndicatorKind, str], dict[str, list[Indicator]]] = defaultdict(dict)
        self._bands: dict[tuple[str, int, str], list[Indicator]] = defaultdict(list)
        self.without_key = 0
        """Keyed indicators whose key one does not have: they can name nothing here."""
        self.count = 0
        """Indicators that can be recognised."""
        for one in indicators:
            until = datetime.fromisoformat(one.valid_until)
            if one.revoked or not datetime.fromisoformat(one.valid_from) <= now < until:
                continue
            if one.form == "keyed" and one.key_id not in held:
                self.without_key += 1
                continue
            self.count += 1
            self._enter(one, held)

    def _enter(self, one: Indicator, held: Mapping[str, EpochKey]) -> None:
        if one.form == "clear":
            self._clear[one.kind].setdefault(one.value, []).append(one)
            return
        self._keys[one.key_id] = held[one.key_id]
        if one.kind == "template":
            for place, band in enumerate(one.bands):
                self._bands[one.key_id, place, band].append(one)
        else:
            self._keyed[one.kind, one.key_id].setdefault(one.value, []).append(one)

    @property
    def kinds(self) -> frozenset[IndicatorKind]:
        """Kinds of which there is any indicator that can be recognised."""
        found = {*self._clear, *(kind for kind, _key in self._keyed)}
        return frozenset((*found, *(("template",) if self._bands else ())))

    def in_clear(self, kind: IndicatorKind) -> Mapping[str, Sequence[Indicator]]:
        """Give the values of a kind that peers named in clear.

        Args:
            kind: What they are.

        Returns:
            Their indicators by value.
        """
        return self._clear.get(kind, {})

    def recognise(
        self, kind: IndicatorKind, values: Sequence[str]
    ) -> Sequence[Sequence[Indicator]]:
        """Look values up.

        Args:
            kind: What they are; templates are recognised by likeness.
            values: As the log or the account table has them.

        Returns:
            For each value the indicators that name it, mostly none.
        """
        if kind == "template":
            return [self._alike(value) for value in values]
        clear = self._clear.get(kind, {})
        keyed = [
            (self._keys[key_id], named)
            for (of, key_id), named in sorted(self._keyed.items())
            if of == kind
        ]
        # Many addresses are of one network: each spelling is keyed once.
        known: dict[str, Sequence[Indicator]] = {"": ()}
        found: list[Sequence[Indicator]] = []
        for value in values:
            text = normal_value(kind, value)
            if text not in known:
                named = [*clear.get(text, ())]
                for key, digests in keyed:
                    named += digests.get(keyed_value(kind, text, key), ())
                known[text] = named
            found.append(known[text])
        return found

    def _alike(self, template: str) -> Sequence[Indicator]:
        """Indicators of templates that agree with one in enough bands."""
        common: Counter[str] = Counter()
        by_id: dict[str, Indicator] = {}
        for key_id, key in sorted(self._keys.items()):
            for place, band in enumerate(template_bands(template, key)):
                for one in self._bands.get((key_id, place, band), ()):
                    name = f"{one.given_by}\0{one.indicator_id}"
                    common[name] += 1
                    by_id[name] = one
        return [by_id[name] for name, count in common.items() if count >= LEAST_BANDS]
