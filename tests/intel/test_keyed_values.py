"""Keyed values: one spelling, one purpose, and no plain hash."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.intel.indicators import VALUES, epoch_key

from cautery.errors import UsageError
from cautery.intel.keyed_values import clear_value, keyed_value, normal_value
from cautery.records.indicator import CLEAR_KINDS, INDICATOR_KINDS, IndicatorKind

SPELLINGS: list[tuple[IndicatorKind, str, str]] = [
    ("address", " 198.51.100.7 ", "198.51.100.7"),
    ("address", "::ffff:198.51.100.7", "198.51.100.7"),
    ("address", "2001:DB8:0::1", "2001:db8::1"),
    ("address", "198.51.100.007", ""),
    ("network", "198.51.100.7", "198.51.100.0/24"),
    ("network", "2001:db8:1:2::3", "2001:db8:1::/48"),
    ("network", "10.0.0.0/8", "10.0.0.0/24"),
    ("autonomous_system", "AS64500", "64500"),
    ("autonomous_system", "0", ""),
    ("autonomous_system", "4294967296", ""),
    ("email_domain", "A.Person@Mail.Example.", "mail.example"),
    ("tls_fingerprint", "t13d1516h2'; DROP", ""),
    ("payment", "", ""),
    ("payment", "x" * 600, ""),
]


@pytest.mark.parametrize(("kind", "text", "expected"), SPELLINGS)
def test_one_spelling(kind: IndicatorKind, text: str, expected: str) -> None:
    """Members compare one spelling; what is no value of its kind has none."""
    assert normal_value(kind, text) == expected


@pytest.mark.parametrize("kind", INDICATOR_KINDS)
def test_spelling_is_stable(kind: IndicatorKind) -> None:
    """The one spelling of a value is its own spelling."""
    spelled = normal_value(kind, VALUES[kind])
    assert spelled == VALUES[kind]
    assert normal_value(kind, spelled) == spelled


def test_keyed_value_is_an_hmac_under_the_epoch_key() -> None:
    """Against the definition, computed apart: RFC 2104 over purpose, kind and value."""
    key = epoch_key()
    message = b"cautery.indicator/1\0email_domain\0mail.example"
    expected = hmac.new(key.secret.reveal(), message, hashlib.sha256).hexdigest()
    assert keyed_value("email_domain", "MAIL.example", key) == expected


@given(st.sampled_from([kind for kind in INDICATOR_KINDS if kind != "template"]))
def test_keyed_value_is_no_plain_hash(kind: IndicatorKind) -> None:
    """No digest of the value alone, which a dictionary would open, equals what is shared."""
    value = VALUES[kind]
    plain = {hashlib.new(name, value.encode()).hexdigest() for name in ("sha256", "sha3_256")}
    assert keyed_value(kind, value, epoch_key()) not in plain


def test_kinds_and_epochs_are_kept_apart() -> None:
    """The same text keyed as another kind, or in another epoch, gives another value."""
    made = [
        keyed_value("account", "mail.example", epoch_key()),
        keyed_value("email_domain", "mail.example", epoch_key()),
        keyed_value("email_domain", "mail.example", epoch_key(1)),
        keyed_value("email_domain", "mail.example", epoch_key(0, "others")),
    ]
    assert len(set(made)) == 4


@pytest.mark.parametrize("kind", sorted(set(INDICATOR_KINDS) - CLEAR_KINDS))
def test_customers_values_never_stand_in_clear(kind: IndicatorKind) -> None:
    """What names a customer is refused in clear, whoever asks."""
    with pytest.raises(UsageError, match="never shared in clear"):
        clear_value(kind, VALUES[kind])


def test_what_is_no_value_is_refused() -> None:
    """Neither form takes a text that is no value of its kind."""
    with pytest.raises(UsageError, match="no value"):
        clear_value("address", "nowhere")
    with pytest.raises(UsageError, match="no value"):
        keyed_value("address", "nowhere", epoch_key())
