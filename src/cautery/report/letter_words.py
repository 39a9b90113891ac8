"""What each reason is called in a letter to a customer: what it means, without how it is found.

Two sentences a signal: what it says if it speaks for a campaign, and if it speaks against one. They
are ours and hold no text of a log. The amounts stand beside them.
"""

from __future__ import annotations

from typing import Final

Words = tuple[str, str]
"""For a campaign; against one."""

MEMBER_WORDS: Final[dict[str, Words]] = {
    "address": (
        "It sends from a network address that other accounts of the group use too",
        "It shares no network address with the group",
    ),
    "customer": (
        "It belongs to a customer with several accounts",
        "It belongs to a customer who openly holds several accounts",
    ),
    "device": (
        "It connects with the same kind of client software as other accounts of the group",
        "It connects with other client software than the group",
    ),
    "email_domain": (
        "It was opened with an e-mail address at the same provider as other accounts of the group",
        "It was opened with an e-mail address at another provider than the group's",
    ),
    "hand_over": (
        "It took over a means of payment or an address from another account of the group",
        "It took nothing over from other accounts of the group",
    ),
    "network": (
        "It sends from a network that other accounts of the group use too",
        "It shares no network with the group",
    ),
    "parameters": (
        "It uses the client software and the settings that the group uses",
        "It uses other client software or other settings than the group",
    ),
    "payment": (
        "It is paid for by a means of payment that pays for other accounts of the group too",
        "It shares no means of payment with the group",
    ),
    "referral": (
        "It was opened with the same referral code as other accounts of the group",
        "It was opened with another referral code than the group's accounts",
    ),
    "sign_up_cohort": (
        "It was opened in the same hour as other accounts of the group",
        "It was opened at another time than the group's accounts",
    ),
    "signature": (
        "It sent back reasoning that the model had given to another account of the group only",
        "It sent back no reasoning of other accounts",
    ),
    "template": (
        "Its requests are built the way the group's requests are built",
        "Its requests are not built the way the group's requests are built",
    ),
}
"""By row of an account's own waterfall; *it* is the account."""

GROUP_WORDS: Final[dict[str, Words]] = {
    "capability_concentration": (
        "The group asks for a narrower range of work than customers like it",
        "The group asks for as wide a range of work as customers like it",
    ),
    "co_activity": (
        "The group's accounts are active at the same minutes",
        "The group's accounts are active independently of each other",
    ),
    "coverage_growth": (
        "The group's accounts cover new ground together and hardly overlap",
        "The group's accounts ask about the same things",
    ),
    "data_making": (
        "The group asks for questions, instructions or rewrites such as one trains models with",
        "The group asks little for material to train models with",
    ),
    "declared_organisation": (
        "The group's accounts declare no organisation that they have in common",
        "The group's accounts declare the organisation that they belong to",
    ),
    "evasion": (
        "The group asks for versions that pass a filter",
        "The group does not try to pass a filter",
    ),
    "even_load": (
        "The group's work is spread evenly over its accounts",
        "The group's accounts are used unevenly, as people use them",
    ),
    "forwarded_mix": (
        "Each account of the group does many kinds of work, as one that passes on for others",
        "Each account of the group does one kind of work",
    ),
    "group_size": (
        "The group has many accounts",
        "The group has few accounts",
    ),
    "identity_incoherence": (
        "Accounts of the group claim to be other client software than they are",
        "The group's client software is what it says it is",
    ),
    "item_disjointness": (
        "Hardly any request of the group is sent twice, as when a list of work is divided",
        "The group's accounts send the same requests, as classes and test suites do",
    ),
    "n_best_sampling": (
        "The group asks the same request several times, for different answers",
        "The group asks requests once",
    ),
    "output_value": (
        "The group's answers are long",
        "The group's answers are short, of little use for training",
    ),
    "parameter_fingerprint": (
        "The group uses client software and settings that few others use",
        "The group uses client software and settings that many others use",
    ),
    "payer_spread": (
        "Many means of payment pay for the group",
        "One or few means of payment pay for the group, as for one customer",
    ),
    "pool_distance": (
        "What the group sends differs from what customers like it send",
        "The group sends what customers like it send",
    ),
    "popular_prompts": (
        "Few others use the group's prompts",
        "More strangers than members of the group use the same prompts",
    ),
    "reasoning_elicitation": (
        "The group asks for the reasoning behind answers to be written out",
        "The group asks little for reasoning to be written out",
    ),
    "release_pivot": (
        "The group moved to a new model as soon as it was released",
        "The group did not hurry to a new model",
    ),
    "repeated_templates": (
        "The group's requests are built alike, in ways that are rare elsewhere",
        "The group's requests are built in ways that are common",
    ),
    "replacement": (
        "Accounts of the group that were closed were soon replaced",
        "Accounts of the group that were closed were not replaced",
    ),
    "rubric_grading": (
        "The group asks for answers to be graded",
        "The group asks little for answers to be graded",
    ),
    "separate_customers": (
        "The group mixes payers and networks",
        "Each payer of the group has networks of its own, as separate customers have",
    ),
    "shared_address": (
        "Accounts of the group share network addresses",
        "Accounts of the group have network addresses of their own",
    ),
    "shared_device": (
        "Accounts of the group connect with the same client software",
        "Accounts of the group connect with different client software",
    ),
    "shared_network": (
        "Accounts of the group share networks",
        "Accounts of the group have networks of their own",
    ),
    "shared_payment": (
        "Accounts of the group share means of payment",
        "Accounts of the group have means of payment of their own",
    ),
    "sign_up_cohort": (
        "Accounts of the group were opened together",
        "Accounts of the group were opened at different times",
    ),
    "signature_replay": (
        "Accounts of the group sent back reasoning that the model had given to others of them",
        "No account of the group sent back reasoning of others",
    ),
    "single_turn": (
        "The group asks and does not converse",
        "The group converses, as people do",
    ),
    "site_spread": (
        "The group works from many sites",
        "The group works from one or few sites",
    ),
    "verified_identity": (
        "Few accounts of the group have shown who they are",
        "Many accounts of the group have shown who they are",
    ),
}
"""By signal of the group's waterfall."""

RULE_WORDS: Final[dict[str, str]] = {
    "alike_limit": "Limit: accounts that only ask alike may be strangers with one program",
    "content_limit": "Limit: what is asked for proves little by itself",
    "hidden_links": "Limit: to hide one link clears no other",
    "linkage_limit": "Limit: to belong together is no offence",
    "local_calibration": "Correction by cases that people decided here",
    "one_family_limit": "Limit: one kind of evidence alone accuses nobody",
    "asked_limit": "Limit: accounts of one owner are not accused for that alone",
    "member_calibration": "Correction: with so many bits fewer accounts were wrong than they say",
    "plain_limit": "Limit: nothing in what the group asks is peculiar to harvesting",
    "prior": "Starting point: how rare such groups are, before anything is seen",
    "sharing_limit": "Limit: shared things come together, and count once",
    "uncleared_limit": "Limit: what could clear an honest group is not in this log",
    "stability": "Limit: the place in the group is not settled",
}
"""By rule."""
MEMBER_PRIOR: Final = "Starting point: an account that was put into a group at all"
"""The same for the account's own rows."""

PROOF: Final[dict[str, str]] = {
    "a customer whose staff and services have accounts of their own": (
        "a word of your organisation that these accounts are its own"
    ),
    "a class, a hackathon or a public test suite that many people run": (
        "the course, the event or the test suite that the requests come from"
    ),
    "an office or household behind one network": (
        "which office, school or household it is, and how many people use its network"
    ),
    "a pipeline that classifies or extracts, run under several accounts": (
        "what the answers are used for, with an example of the output"
    ),
    "customers whose contracts name a person or company": (
        "your contract, or the person in it whom we may call"
    ),
    "one customer who pays for several services": (
        "who pays, and what each of the accounts is for"
    ),
    "strangers with one bank, office or exit, who send what customers like them send": (
        "your bank, office or network provider, which many others use too"
    ),
    "an application whose default prompt thousands of unrelated people use": (
        "the name of the program that sends the requests, and where it can be had"
    ),
    "colleagues who use the same tool as much as each of them needs": (
        "the tool's name, and who in your organisation runs it"
    ),
    "an agency or a vendor that works for several customers with the same pipeline": (
        "your contract with the agency or vendor, or the agency's word"
    ),
}
"""By innocent explanation: what a customer may send that would decide it."""


def reason_words(signal: str, bits: float, *, of_group: bool) -> str:
    """Say what a reason means.

    Args:
        signal: Name of the row.
        bits: Its weight.
        of_group: Whether it is a row of the group.

    Returns:
        A sentence without a full stop; empty for a signal that is not built in.

    Example:
        >>> reason_words("single_turn", 1.5, of_group=True)
        'The group asks and does not converse'
    """
    words = (GROUP_WORDS if of_group else MEMBER_WORDS).get(signal)
    return "" if words is None else words[0 if bits > 0 else 1]
