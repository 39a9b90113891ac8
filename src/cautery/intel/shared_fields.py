"""Every field of a case, and whether peers see it: what the preview shows and a test holds to.

A new field of a case is in no bulletin until somebody puts it there, and in no preview until
somebody says here what becomes of it: the test over this table fails first.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

How = Literal["clear", "keyed", "counted", "own words", "no"]
"""As it is; as an HMAC; only how many; only if it is a word of ours; not at all."""


class SharedField(NamedTuple):
    """One field of a record of the case."""

    record: str
    """Name of the record's class."""
    field: str
    """Its field."""
    how: How
    """Whether it leaves."""
    why: str
    """What becomes of it, in a few words."""


FIELDS: Final[tuple[SharedField, ...]] = (
    SharedField("Case", "accounts", "no", "accounts of the log stay"),
    SharedField("Case", "campaigns", "own words", "listed campaigns, field by field as below"),
    SharedField("Case", "embedding", "no", "how you scan is yours"),
    SharedField("Case", "input", "no", "names, sizes and hashes of logs stay; its end is the date"),
    SharedField("Case", "near_misses", "no", "groups that were not listed stay"),
    SharedField("Case", "notes", "no", "they may quote the log"),
    SharedField("Case", "operators", "own words", "as numbers of their campaigns"),
    SharedField("Case", "permitted_groups", "no", "who has a contract stays"),
    SharedField("Case", "releases", "no", "when you released what is yours to tell"),
    SharedField("Case", "schema", "no", "of no use to peers"),
    SharedField("Case", "settings", "no", "which files and options you used is yours"),
    SharedField("Case", "signals", "no", "what your log lacks is yours"),
    SharedField("Case", "tool", "own words", "version, and what chances rest on"),
    SharedField("Campaign", "accounts", "clear", "a number"),
    SharedField("Campaign", "anytime", "no", "of no use to peers"),
    SharedField("Campaign", "band", "clear", "name of the chance's range"),
    SharedField("Campaign", "bits", "no", "follows from the chance"),
    SharedField("Campaign", "campaign_id", "own words", "a number of ours"),
    SharedField("Campaign", "capabilities", "own words", "shares by what is asked for"),
    SharedField("Campaign", "daily_exchanges", "clear", "numbers by day"),
    SharedField("Campaign", "distillation_probability", "clear", "a chance"),
    SharedField("Campaign", "exchanges", "clear", "a number"),
    SharedField("Campaign", "expected_false_per_1000", "clear", "a rate"),
    SharedField("Campaign", "first_seen", "clear", "a time"),
    SharedField("Campaign", "infrastructure", "counted", "how many share a kind of thing"),
    SharedField("Campaign", "innocent", "no", "for your own review"),
    SharedField("Campaign", "last_seen", "clear", "a time"),
    SharedField("Campaign", "limits", "no", "for your own review"),
    SharedField("Campaign", "linked_probability", "clear", "a chance"),
    SharedField("Campaign", "members", "no", "accounts stay; --kind account keys their ids"),
    SharedField("Campaign", "operator_id", "own words", "a number of ours"),
    SharedField("Campaign", "output_tokens", "clear", "a number"),
    SharedField("Campaign", "permitted", "no", "permitted groups are not shared"),
    SharedField("Campaign", "probability", "clear", "a chance"),
    SharedField("Campaign", "score", "no", "follows from the chance"),
    SharedField("Campaign", "stability", "no", "for your own review"),
    SharedField("Campaign", "templates", "counted", "how many; field by field as below"),
    SharedField("Campaign", "weights", "own words", "names of signals and bits"),
    SharedField("Campaign", "what", "own words", "what is asked for"),
    SharedField("Member", "account_id", "no", "stays; --kind account keys it"),
    SharedField("Member", "band", "no", "says who is accused"),
    SharedField("Member", "exchanges", "no", "an account's own"),
    SharedField("Member", "first_seen", "no", "an account's own"),
    SharedField("Member", "harvest_exchanges", "no", "an account's own"),
    SharedField("Member", "last_seen", "no", "an account's own"),
    SharedField("Member", "linked_probability", "no", "an account's own"),
    SharedField("Member", "links", "no", "they name accounts"),
    SharedField("Member", "most_probability", "no", "a ceiling within the scan"),
    SharedField("Member", "org_id", "no", "stays; --kind organisation keys it"),
    SharedField("Member", "output_tokens", "no", "an account's own"),
    SharedField("Member", "permitted_use", "no", "an account's own"),
    SharedField("Member", "probability", "no", "an account's own"),
    SharedField("Member", "shares", "no", "an account's own"),
    SharedField("Member", "stability", "no", "an account's own"),
    SharedField("Member", "top_reason", "no", "may quote the log"),
    SharedField("Member", "weights", "no", "an account's own"),
    SharedField("Template", "accounts", "clear", "a number, on its indicator"),
    SharedField("Template", "exchanges", "no", "of no use to peers"),
    SharedField("Template", "first_seen", "clear", "a time, on its indicator"),
    SharedField("Template", "share", "no", "of no use to peers"),
    SharedField("Template", "template_id", "no", "an unkeyed hash of words"),
    SharedField("Template", "text", "keyed", "whole, and as bands of its sketch"),
    SharedField("Weight", "aspect", "no", "follows from the signal"),
    SharedField("Weight", "available", "no", "what your log lacks is yours"),
    SharedField("Weight", "bits", "clear", "a number"),
    SharedField("Weight", "family", "no", "follows from the signal"),
    SharedField("Weight", "label", "no", "follows from the signal"),
    SharedField("Weight", "observed", "no", "may quote the log"),
    SharedField("Weight", "p_value", "no", "of no use to peers"),
    SharedField("Weight", "pointers", "no", "they name accounts and exchanges"),
    SharedField("Weight", "sample_size", "no", "of no use to peers"),
    SharedField("Weight", "sentence", "no", "may quote the log"),
    SharedField("Weight", "signal", "own words", "a name of ours"),
    SharedField("Weight", "usual", "no", "says what your other customers do"),
)
"""Fields by record; a test compares them with the records themselves."""
