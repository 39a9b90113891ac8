"""Identities of whole batches: every distinct value is looked at once."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from cautery.ingest.combinations import as_texts, combinations
from cautery.ingest.findings import RecordRejected
from cautery.ingest.identities import Identity
from cautery.ingest.networks import is_usual_ipv4, map_others

if TYPE_CHECKING:
    from cautery.ingest.identities import IdentityReader
    from cautery.ingest.json_lines import RowContext

MOST_DECIDED: Final = 500_000
"""Identities that are remembered from batch to batch."""
_SOURCES: Final = ("account", "key", "address")
_PLAIN: Final = "^[A-Za-z0-9]"
_PERHAPS_NOT_PLAIN: Final = (
    r"^(?i:(bearer|basic|token)[ \t]|(sk|pk|rk|gsk|xai|hf|r8|nvapi|pplx|tgp|csk)[-_]"
    r"|aiza|akia|eyj|(none|null|default_user_id|anonymous)$)"
)
"""RE2 expressions of ASCII identifiers that ``IdentityReader`` leaves as they are: no credential,
no word for nothing. Wider than its own, so that whatever is doubtful goes to it."""


def client_addresses(addresses: Any, identities: IdentityReader) -> Any:
    """Find the client in every address, as ``IdentityReader.client_address`` does in one.

    Args:
        addresses: String array.
        identities: Knows one's own proxies.

    Returns:
        String array, null where there is no address.
    """
    encoded = addresses.cast(pa.string()).dictionary_encode()
    texts = encoded.dictionary
    usual = is_usual_ipv4(texts)
    if identities.has_proxies:
        usual = pa.array([False] * len(texts), pa.bool_())
    clients = pc.if_else(usual, texts, pa.scalar(None, pa.string()))
    clients = map_others(texts, usual, clients, identities.client_address)
    return clients.take(encoded.indices)


def is_plain(texts: Any) -> Any:
    """Find identifiers that stand for themselves, looking at every distinct one once.

    Args:
        texts: String array.

    Returns:
        Boolean array; false where there is no text, or one that has to be looked at closely.

    Example:
        >>> is_plain(pa.array(["a-1", None, "anonymous", "sk-1", "é"])).to_pylist()
        [True, False, False, False, False]
    """
    encoded = texts.dictionary_encode()
    named = encoded.dictionary
    plain = pc.and_(
        pc.and_(pc.string_is_ascii(named), pc.match_substring_regex(named, pattern=_PLAIN)),
        pc.invert(pc.match_substring_regex(named, pattern=_PERHAPS_NOT_PLAIN)),
    )
    return pc.fill_null(plain.take(encoded.indices), False)


class BatchIdentities:
    """Fills the identity columns of the batches of one file.

    Args:
        context: How to read the file.
    """

    def __init__(self, context: RowContext) -> None:
        self._options = context.options
        self._reader = context.identities
        self._decided: dict[tuple[Any, ...], tuple[str | None, ...]] = {}

    def fill(self, columns: dict[str, Any], size: int) -> None:
        """Decide the identity of every distinct combination once.

        Args:
            columns: Arrow arrays by name; the identity columns and the end user are replaced.
            size: Rows of the batch.
        """
        options = self._options
        account = columns.get(options.account_field or "account_id", columns.get("account_id"))
        key, source = columns.get("key_id"), columns.get("account_id_source")
        address = columns.get(
            options.client_address_field or "client_address", columns.get("client_address")
        )
        named = [as_texts(column, size).cast(pa.string()) for column in (account, key, source)]
        self._fill_names(columns, named)
        texts = as_texts(address, size)
        columns["client_address"] = clients = client_addresses(texts, self._reader)
        nameless = pc.is_null(columns["account_id"])
        if pc.any(nameless).as_py():
            columns["account_id"] = pc.coalesce(columns["account_id"], clients)
            by_address = pc.and_(nameless, pc.is_valid(clients))
            columns["account_id_source"] = pc.if_else(
                by_address, pa.scalar("address"), columns["account_id_source"]
            )
        users = columns.get("end_user_id")
        if users is not None and users.null_count < size:
            columns["end_user_id"] = self._protected(as_texts(users, size).cast(pa.string()))

    def _protected(self, users: Any) -> Any:
        doubtful = pc.invert(pc.or_(is_plain(users), pc.is_null(users)))
        if not pc.any(doubtful).as_py():
            return users
        some = users.filter(doubtful)
        combined = combinations((some,), len(some))
        protect = self._reader.protect
        values = pa.array([protect(user) for (user,) in combined.values], pa.string())
        return pc.replace_with_mask(users, doubtful, values.take(combined.rows))

    def _fill_names(self, columns: dict[str, Any], named: list[Any]) -> None:
        """Fill account, source and key; most rows name both plainly, or have no key."""
        account, key, source = named
        plain = pc.and_(is_plain(account), pc.or_(is_plain(key), pc.is_null(key)))
        known = pc.is_in(source, pa.array(_SOURCES))
        columns["account_id"], columns["key_id"] = account, key
        columns["account_id_source"] = pc.if_else(known, source, pa.scalar("account"))
        if pc.all(plain).as_py():
            return
        doubtful = pc.invert(plain)
        some = [column.filter(doubtful) for column in named]
        combined = combinations(some, len(some[0]))
        decided = [self._identity(values) for values in combined.values]
        for place, name in enumerate(Identity._fields[:3]):
            values = pa.array([identity[place] for identity in decided], pa.string())
            columns[name] = pc.replace_with_mask(
                columns[name], doubtful, values.take(combined.rows)
            )

    def _identity(self, values: tuple[Any, ...]) -> tuple[str | None, ...]:
        """Decide by account and key alone; the address is one more way to name a row."""
        if values in self._decided:
            return self._decided[values]
        if len(self._decided) >= MOST_DECIDED:
            self._decided.clear()
        account, key, source = values
        found: tuple[str | None, ...] = (None,) * len(Identity._fields)
        with suppress(RecordRejected):
            identity = self._reader.decide(account=account, key=key, address=None)
            if identity.account_id_source == "account" and source in _SOURCES:
                identity = identity._replace(account_id_source=source)
            found = identity
        self._decided[values] = found
        return found
